/* SPDX-License-Identifier: MIT */
/* What was captured of a host. */
#pragma once

#include "json/shape.h"

extern const Shape capture_shape;        /* CaptureResult */
extern const Shape captured_class_shape; /* CapturedClass, in it */
extern const Shape left_out_shape;       /* LeftOut, in it */
