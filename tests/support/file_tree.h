/* SPDX-License-Identifier: MIT */
/* Whole folders, for tests that go back to what was. */
#pragma once

/* A copy of the file or folder, with the times of files; "to" is not there. */
void file_tree_copy(const char *from, const char *to);

/* The same in the place of what is there. */
void file_tree_replace(const char *from, const char *to);
