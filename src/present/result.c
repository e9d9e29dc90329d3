/* SPDX-License-Identifier: MIT */
#include "present/result.h"

#include "json/document.h"

#include <inttypes.h>

#define RULE "------------------------------------------"

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
    case FIELD_KIND_TEXTS:
    case FIELD_KIND_RECORD:
    case FIELD_KIND_LIST:
    case FIELD_KIND_OTHER:
    case FIELD_KIND_SHOWN:
        break;
    }
    return NULL;
}

void present_text(Output *output, const Shape *shape, const void *record)
{
    Arena arena = ARENA_INIT;
    if (shape->heading != NULL)
        output_result(output, "%s\n", shape->heading(record, &arena));
    for (size_t i = 0; i < shape->count; i++) {
        const Field *field = &shape->fields[i];
        if (field->label == NULL)
            continue;
        const char *text = field->show != NULL
                               ? field->show(record, &arena)
                               : member_text(field, (const char *) record + field->offset, &arena);
        if (text != NULL)
            output_result(output, "%-12s: %s\n", field->label, text);
    }
    output_result(output, "\n");
    arena_release(&arena);
}

void present_list(Output *output, const char *title, const char *member, const Shape *shape, const void *list)
{
    ShapeItems items = shape_items(list);
    json_t *array = json_array();
    output_result(output, "%s (Total:%zu)\n" RULE "\n\n", title, items.count);
    for (size_t i = 0; i < items.count; i++) {
        const void *record = (const char *) items.items + i * shape->size;
        present_text(output, shape, record);
        json_push(array, shape_write(shape, record));
    }
    json_put(output_json(output), member, array);
}

void present_member(Output *output, const char *member, const Shape *shape, const void *record)
{
    json_put(output_json(output), member, shape_write(shape, record));
}
