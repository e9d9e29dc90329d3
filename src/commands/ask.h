/* SPDX-License-Identifier: MIT */
/* Asking the user before something that he has to want. */
#pragma once

#include "commands/app.h"

/* -YES was given, or there is somebody who can answer: no more so once the input has ended. */
bool app_can_ask(const App *app);

/* "question Type yes to go on: ", unless -YES was given. ERR_CANCELLED: he does not want it, or went away (end of
 * input, Ctrl-C); ERR_USAGE: there is nobody to ask. */
MUST_CHECK bool app_ask(App *app, const char *question, Error *err);
