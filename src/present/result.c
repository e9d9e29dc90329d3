/* SPDX-License-Identifier: MIT */
#include "present/result.h"

#include "json/document.h"

#include <inttypes.h>

#define RULE "------------------------------------------"

/* Where lines go. */
typedef struct Sink {
    Output *output;
    bool is_done; /* they tell what was done: see output_done() */
} Sink;

static const TextLayout usual_layout = { .label_width = 12, .has_gap = true };

static const TextLayout *layout_of(const Shape *shape)
{
    return shape->layout != NULL ? shape->layout : &usual_layout;
}

static void put_line(const Sink *sink, int indent, const char *label, const char *text)
{
    if (sink->is_done)
        output_done(sink->output, "%*s%s%s\n", indent, "", label, text);
    else
        output_result(sink->output, "%*s%s%s\n", indent, "", label, text);
}

/* A member as people read it. Kinds that have no text of their own have Field.show. */
static const char *member_text(const Field *field, const void *member, Arena *arena)
{
    switch (field->kind) {
    case FIELD_KIND_TEXT: {
        const char *text = *(const char *const *) member;
        return text != NULL ? text : "";
    }
    case FIELD_KIND_CHARS:
        return member;
    case FIELD_KIND_BOOLEAN:
        return *(const bool *) member ? "yes" : "no";
    case FIELD_KIND_SIZE:
        return arena_printf(arena, "%zu", *(const size_t *) member);
    case FIELD_KIND_UINT32:
        return arena_printf(arena, "%" PRIu32, *(const uint32_t *) member);
    case FIELD_KIND_UINT64:
        return arena_printf(arena, "%" PRIu64, *(const uint64_t *) member);
    case FIELD_KIND_INT64:
        return arena_printf(arena, "%" PRId64, *(const int64_t *) member);
    case FIELD_KIND_NAME:
        return field->names[*(const unsigned *) member];
    case FIELD_KIND_RECORD:
        return field->shape->heading(member, arena);
    case FIELD_KIND_POINTER:
        return shape_pointed(member) != NULL ? field->shape->heading(shape_pointed(member), arena) : NULL;
    case FIELD_KIND_TEXTS:
    case FIELD_KIND_LIST:
    case FIELD_KIND_OTHER:
    case FIELD_KIND_SHOWN:
        break;
    }
    return NULL;
}

static const char *item_text(const Field *field, const ShapeItems *items, size_t index, Arena *arena)
{
    if (field->kind == FIELD_KIND_TEXTS)
        return ((const char *const *) items->items)[index];
    return field->shape->heading((const char *) items->items + index * field->shape->size, arena);
}

static void show_each(const Sink *sink, const TextLayout *layout, const Field *field, const void *list, Arena *arena)
{
    ShapeItems items = shape_items(list);
    size_t shown = layout->most != 0 && items.count > layout->most ? layout->most : items.count;
    const char *label = *field->label != '\0' ? arena_printf(arena, "%s ", field->label) : "";
    for (size_t i = 0; i < shown; i++)
        put_line(sink, layout->indent, label, item_text(field, &items, i, arena));
    if (shown < items.count)
        put_line(sink, layout->indent, "", arena_printf(arena, "and %zu more", items.count - shown));
}

static void show_fields(const Sink *sink, const Shape *shape, const void *record, Arena *arena);

static void show_field(const Sink *sink, const TextLayout *layout, const Field *field, const void *record,
                       Arena *arena)
{
    const void *member = (const char *) record + field->offset;
    if ((field->flags & FIELD_EACH) != 0) {
        show_each(sink, layout, field, member, arena);
        return;
    }
    const char *text = field->show != NULL ? field->show(record, arena) : member_text(field, member, arena);
    if (text == NULL)
        return;
    const char *label =
        *field->label != '\0' ? arena_printf(arena, "%-*s: ", layout->label_width, field->label) : "";
    put_line(sink, layout->indent, label, text);
    if (field->kind == FIELD_KIND_RECORD)
        show_fields(sink, field->shape, member, arena);
    else if (field->kind == FIELD_KIND_POINTER)
        show_fields(sink, field->shape, shape_pointed(member), arena);
}

static void show_fields(const Sink *sink, const Shape *shape, const void *record, Arena *arena)
{
    const TextLayout *layout = layout_of(shape);
    for (size_t i = 0; i < shape->count; i++) {
        if (shape->fields[i].label != NULL)
            show_field(sink, layout, &shape->fields[i], record, arena);
    }
    if (layout->has_gap)
        put_line(sink, 0, "", "");
}

static void show_record(const Sink *sink, const Shape *shape, const void *record)
{
    Arena arena = ARENA_INIT;
    if (shape->heading != NULL)
        put_line(sink, 0, "", shape->heading(record, &arena));
    show_fields(sink, shape, record, &arena);
    arena_release(&arena);
}

void present_text(Output *output, const Shape *shape, const void *record)
{
    const Sink sink = { .output = output };
    show_record(&sink, shape, record);
}

void present_heading(Output *output, const char *title, size_t count)
{
    output_result(output, "%s (Total:%zu)\n" RULE "\n\n", title, count);
}

void present_list(Output *output, const char *title, const char *member, const Shape *shape, const void *list)
{
    ShapeItems items = shape_items(list);
    present_heading(output, title, items.count);
    present_empty(output, member);
    for (size_t i = 0; i < items.count; i++)
        present_item(output, member, shape, (const char *) items.items + i * shape->size);
}

void present_empty(Output *output, const char *member)
{
    json_put(output_json(output), member, json_array());
}

void present_item(Output *output, const char *member, const Shape *shape, const void *record)
{
    present_text(output, shape, record);
    json_push(json_object_get(output_json(output), member), shape_write(shape, record));
}

void present_done_item(Output *output, const char *member, const Shape *shape, const void *record)
{
    const Sink sink = { .output = output, .is_done = true };
    show_record(&sink, shape, record);
    json_push(json_object_get(output_json(output), member), shape_write(shape, record));
}

void present_whole(Output *output, const Shape *shape, const void *record)
{
    const Sink sink = { .output = output, .is_done = true };
    show_record(&sink, shape, record);
    shape_write_into(shape, record, output_json(output));
}

void present_member(Output *output, const char *member, const Shape *shape, const void *record)
{
    json_put(output_json(output), member, shape_write(shape, record));
}

void present_members(Output *output, const char *member, const Shape *shape, const void *list)
{
    json_put(output_json(output), member, shape_write_list(shape, list));
}
