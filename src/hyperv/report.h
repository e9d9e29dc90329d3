/* SPDX-License-Identifier: MIT */
/* The Report of base/report.h, under the name by which this layer knows it. */
#pragma once

#include "base/report.h"
