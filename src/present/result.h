/* SPDX-License-Identifier: MIT */
/* Results on an output, by their shapes: the same table of fields makes the text and the JSON of a record.
 *
 * In text a record is its heading and a line for each field that has a label. Of a record inside of it, that line has
 * the heading, and its own fields follow. A list inside of it is shown where it has FIELD_EACH: a line for each item,
 * with its heading. Shape.layout tells how far the lines are indented. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"

/* "TITLE (Total:COUNT)", and a rule below it. */
void present_heading(Output *output, const char *title, size_t count);

/* The records of a list: in text a title with their number and a rule below it, then each record; in JSON an array.
 * "list" is a struct of items, count and capacity. */
void present_list(Output *output, const char *title, const char *member, const Shape *shape, const void *list);

/* Results that come one by one: an empty array in JSON, and then each record, shown and put into the array. */
void present_empty(Output *output, const char *member);
void present_item(Output *output, const char *member, const Shape *shape, const void *record);

/* The same for what a changing verb has done: see output_done(). */
void present_done_item(Output *output, const char *member, const Shape *shape, const void *record);

/* The record is all there is to tell of what a changing verb has done: its members are those of the result itself. */
void present_whole(Output *output, const Shape *shape, const void *record);

/* The text of a record alone. */
void present_text(Output *output, const Shape *shape, const void *record);

/* In JSON the record, or the records of a list, as a member of the result. */
void present_member(Output *output, const char *member, const Shape *shape, const void *record);
void present_members(Output *output, const char *member, const Shape *shape, const void *list);
