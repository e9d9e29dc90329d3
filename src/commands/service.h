/* SPDX-License-Identifier: MIT */
#pragma once

#include "commands/app.h"

ExitCode service_verb_run(App *app, const Verb *verb);
