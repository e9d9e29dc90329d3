/* SPDX-License-Identifier: MIT */
/* Results on an output, by their shapes: the same table of fields makes the text and the JSON of a record. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"

/* The records of a list: in text a title with their number and a rule below it, then each record; in JSON an array.
 * "list" is a struct of items, count and capacity. */
void present_list(Output *output, const char *title, const char *member, const Shape *shape, const void *list);

/* In text a record's heading, a line for each of its fields that has a label, and an empty line. */
void present_text(Output *output, const Shape *shape, const void *record);

/* In JSON the record as a member of the result. */
void present_member(Output *output, const char *member, const Shape *shape, const void *record);
