/* SPDX-License-Identifier: MIT */
#include "present/capture.h"

#include "base/compiler.h"
#include "capture/capture.h"
#include "present/drivers.h"

#include <inttypes.h>

static const char *class_heading(const void *record, Arena *arena)
{
    const CapturedClass *class = record;
    return arena_printf(arena, "%s: %zu", class->class_name, class->rows);
}

static const Field captured_class_fields[] = {
    FIELD_TEXT(CapturedClass, class_name, "class"),
    FIELD_SIZE(CapturedClass, rows, "rows"),
};
const Shape captured_class_shape = SHAPE(CapturedClass, captured_class_fields, .heading = class_heading);

/* A host may have a great many that nobody knows. */
static const char *names_text(const StringList *names, Arena *arena)
{
    enum { SHOWN = 6 };
    const char *text = names->items[0];
    for (size_t i = 1; i < names->count && i < SHOWN; i++)
        text = arena_printf(arena, "%s, %s", text, names->items[i]);
    return names->count > SHOWN ? arena_printf(arena, "%s and %zu more", text, names->count - SHOWN) : text;
}

static const char *left_out_heading(const void *record, Arena *arena)
{
    const LeftOut *left = record;
    if (left->names.count == 0)
        return arena_printf(arena, "%s: %s", left->what, left->why);
    return arena_printf(arena, "%s (%s): %s", left->what, names_text(&left->names, arena), left->why);
}

static const Field left_out_fields[] = {
    FIELD_TEXT(LeftOut, what, "what"),
    FIELD_TEXTS(LeftOut, names, "names"),
    FIELD_SIZE(LeftOut, count, "count"),
    FIELD_TEXT(LeftOut, why, "why"),
};
const Shape left_out_shape = SHAPE(LeftOut, left_out_fields, .heading = left_out_heading);

static const char *capture_heading(const void *record, Arena *arena)
{
    const CaptureResult *result = record;
    const char *rows = arena_printf(arena, "%zu rows of %zu classes, %zu values of the registry", result->rows,
                                    result->classes.count, result->registry_values);
    if (result->files > 0)
        rows = arena_printf(arena, "%s, %zu files of drivers", rows, result->files);
    const char *what = arena_printf(arena, "host '%s' (build %" PRIu32 "): %s", result->name, result->build, rows);
    if (!result->is_written)
        return arena_printf(arena, "Would capture %s; nothing is written to '%s'", what, result->file);
    return arena_printf(arena, "Captured %s; %s in '%s'", what, size_text(result->size, arena), result->file);
}

static const Field capture_fields[] = {
    FIELD_TEXT(CaptureResult, file, "file"),
    FIELD_BOOLEAN(CaptureResult, is_written, "written"),
    FIELD_BOOLEAN(CaptureResult, is_anonymous, "anonymous"),
    FIELD_TEXT(CaptureResult, name, "name"),
    FIELD_UINT32(CaptureResult, build, "build"),
    FIELD_UINT64(CaptureResult, size, "size"),
    FIELD_SIZE(CaptureResult, rows, "rows"),
    FIELD_SIZE(CaptureResult, registry_values, "registryValues"),
    FIELD_SIZE(CaptureResult, files, "driverFiles"),
    FIELD_LIST(CaptureResult, classes, &captured_class_shape, "classes", .flags = FIELD_EACH, .label = "read"),
    FIELD_LIST(CaptureResult, left_out, &left_out_shape, "leftOut", .flags = FIELD_EACH, .label = "left out"),
};
static const TextLayout capture_layout = { .indent = 2, .label_width = 8 };
const Shape capture_shape = SHAPE(CaptureResult, capture_fields, .heading = capture_heading, .layout = &capture_layout);
