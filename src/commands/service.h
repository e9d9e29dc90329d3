/* SPDX-License-Identifier: MIT */
#pragma once

#include "commands/app.h"

ExitCode service_verb_run(App *app, const Verb *verb);

/* -SERVICE offer: asks whether to set it up, once packages are installed. Not to want it is no failure. */
ExitCode service_offer(App *app);
