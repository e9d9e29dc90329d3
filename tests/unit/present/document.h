/* SPDX-License-Identifier: MIT */
/* A document that a test holds against the program: the file that CMake names DOCUMENT. */
#pragma once

#include "base/arena.h"

extern Arena arena; /* of the test, gone at its end */
extern const char *document;

/* For cmocka, before and after the tests. */
int document_read(void **state);
int document_release(void **state);
