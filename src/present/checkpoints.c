/* SPDX-License-Identifier: MIT */
#include "present/checkpoints.h"

#include "base/compiler.h"
#include "base/str.h"
#include "json/document.h"
#include "present/drivers.h"
#include "present/result.h"

#include <string.h>

/* ---- JSON ---- */

static const Field checkpoint_gpu_fields[] = {
    FIELD_TEXT(AssignedGpu, name, "name"),
    FIELD_TEXT(AssignedGpu, device_id, "deviceId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(AssignedGpu, partition.adapter_id, "adapterId"),
};
const Shape checkpoint_gpu_shape = SHAPE(AssignedGpu, checkpoint_gpu_fields);

static json_t *write_time(const void *record)
{
    const CheckpointNode *node = &((const CheckpointInfo *) record)->node;
    if (!node->has_time)
        return json_null();
    Arena arena = ARENA_INIT;
    json_t *json = json_text(clock_format_utc(&arena, node->created_ms));
    arena_release(&arena);
    return json;
}

static json_t *write_size(const void *record)
{
    const CheckpointNode *node = &((const CheckpointInfo *) record)->node;
    return node->has_size ? json_uint64(node->size) : json_null();
}

static json_t *write_own(const void *record)
{
    return json_boolean(((const CheckpointInfo *) record)->node.maker != CHECKPOINT_OF_OTHERS);
}

static json_t *write_safety(const void *record)
{
    return json_boolean(((const CheckpointInfo *) record)->node.maker == CHECKPOINT_SAFETY);
}

static const Field checkpoint_info_fields[] = {
    FIELD_TEXT(CheckpointInfo, node.name, "name"),
    FIELD_TEXT(CheckpointInfo, node.id, "id"),
    FIELD_TEXT(CheckpointInfo, parent_id, "parent", .flags = FIELD_NULLABLE),
    FIELD_BOOLEAN(CheckpointInfo, is_current, "current"),
    FIELD_OF_RECORD(write_time, NULL, "created"),
    FIELD_NAME(CheckpointInfo, node.kind, checkpoint_kind_names, "type"),
    FIELD_OF_RECORD(write_own, NULL, "own"),
    FIELD_OF_RECORD(write_safety, NULL, "beforeRestore"),
    FIELD_BOOLEAN(CheckpointInfo, node.holds_memory, "holdsMemory"),
    FIELD_OF_RECORD(write_size, NULL, "diskBytes"),
    FIELD_TEXT(CheckpointInfo, node.notes, "notes", .flags = FIELD_NULLABLE),
    FIELD_LIST(CheckpointInfo, brings, &checkpoint_gpu_shape, "gpus"),
};
const Shape checkpoint_info_shape = SHAPE(CheckpointInfo, checkpoint_info_fields);

/* ---- text ---- */

/* "production, of HyperPoint, 6144 MB" */
static const char *describe(const CheckpointInfo *info, Arena *arena)
{
    static const char *const makers[CHECKPOINT_MAKER_COUNT] = {
        [CHECKPOINT_OF_OTHERS] = "",
        [CHECKPOINT_OURS] = ", made by HyperPoint",
        [CHECKPOINT_SAFETY] = ", made by HyperPoint before a restore",
    };
    const CheckpointNode *node = &info->node;
    return arena_printf(arena, "%s%s%s%s%s", checkpoint_kind_names[node->kind],
                        node->holds_memory ? ", holds memory" : "", makers[node->maker],
                        node->has_size ? ", " : "", node->has_size ? size_text(node->size, arena) : "");
}

static void show_gpus(Output *output, int indent, const char *label, const AssignedGpuList *gpus)
{
    Str names;
    str_init(&names, 2000);
    for (size_t i = 0; i < gpus->count; i++)
        str_appendf(&names, "%s%s", i > 0 ? ", " : "", gpus->items[i].name);
    output_result(output, "%*s%s: %s\n", indent, "", label, gpus->count > 0 ? str_text(&names) : "none");
    str_release(&names);
}

static void show_notes(Output *output, int indent, const CheckpointNode *node, Arena *arena)
{
    const char *mark = checkpoint_mark(node->maker, node->id, arena);
    for (const char *line = node->notes; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\r\n");
        const char *text = arena_strndup(arena, line, length);
        if (length > 0 && (mark == NULL || strcmp(text, mark) != 0))
            output_result(output, "%*snote: %s\n", indent, "", text);
        line += length + strspn(line + length, "\r\n");
    }
}

static void show_now(Output *output, int indent)
{
    output_result(output, "%*s* Now\n", indent, "");
}

static void show_checkpoint(Output *output, const CheckpointInfo *info, Arena *arena)
{
    int indent = 2 * (int) info->node.depth;
    output_result(output, "%*s* %s\n", indent, "", info->node.name);
    output_result(output, "%*s%s  %s\n", indent + 2, "", info->node.id, checkpoint_time(&info->node, arena));
    output_result(output, "%*s%s\n", indent + 2, "", describe(info, arena));
    show_notes(output, indent + 2, &info->node, arena);
    if (info->brings.count > 0)
        show_gpus(output, indent + 2, "holds GPUs of its own, which a restore takes off", &info->brings);
    if (info->is_current)
        show_now(output, indent + 2);
}

static bool has_current(const CheckpointInfoList *list)
{
    bool any = false;
    for (size_t i = 0; i < list->count; i++)
        any = any || list->items[i].is_current;
    return any;
}

void present_checkpoint_listing(Output *output, const char *vm_name, const CheckpointListing *listing)
{
    Arena arena = ARENA_INIT;
    output_result(output, "\n");
    present_heading(output, arena_printf(&arena, "Checkpoints of VM '%s'", vm_name), listing->checkpoints.count);
    for (size_t i = 0; i < listing->checkpoints.count; i++)
        show_checkpoint(output, &listing->checkpoints.items[i], &arena);
    if (!has_current(&listing->checkpoints))
        show_now(output, 0);
    output_result(output, "\n");
    show_gpus(output, 0, "A restore puts back the GPUs of now", &listing->puts_back);
    present_members(output, "checkpoints", &checkpoint_info_shape, &listing->checkpoints);
    present_members(output, "restorePutsBack", &checkpoint_gpu_shape, &listing->puts_back);
    arena_release(&arena);
}

/* ---- plans ---- */

static const Field checkpoint_brief_fields[] = {
    FIELD_TEXT(CheckpointInfo, node.name, "name"),
    FIELD_TEXT(CheckpointInfo, node.id, "id"),
    FIELD_OF_RECORD(write_time, NULL, "created"),
    FIELD_NAME(CheckpointInfo, node.kind, checkpoint_kind_names, "type"),
    FIELD_OF_RECORD(write_own, NULL, "own"),
    FIELD_OF_RECORD(write_size, NULL, "diskBytes"),
};
const Shape checkpoint_brief_shape = SHAPE(CheckpointInfo, checkpoint_brief_fields);

static const Field removal_plan_fields[] = {
    FIELD_LIST(CheckpointPlan, remove, &checkpoint_brief_shape, "remove"),
    FIELD_LIST(CheckpointPlan, keep, &checkpoint_brief_shape, "keep"),
};
const Shape removal_plan_shape = SHAPE(CheckpointPlan, removal_plan_fields);

static const char *brief_text(const CheckpointInfo *info, Arena *arena)
{
    return arena_printf(arena, "'%s'  %s  %s  %s", info->node.name, info->node.id,
                        checkpoint_time(&info->node, arena), describe(info, arena));
}

void present_removal_plan(Output *output, const char *vm_name, const CheckpointPlan *plan, bool only_look)
{
    Arena arena = ARENA_INIT;
    const struct {
        const char *what;
        const CheckpointInfoList *list;
    } parts[] = { { "remove", &plan->remove }, { "keep  ", &plan->keep } };
    void (*show)(Output *, const char *, ...) = only_look ? output_result : output_done;
    show(output, "Plan for VM '%s'%s:\n", vm_name, only_look ? " (nothing is changed)" : "");
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        for (size_t k = 0; k < parts[i].list->count; k++)
            show(output, "  %s %s\n", parts[i].what, brief_text(&parts[i].list->items[k], &arena));
    }
    if (plan->remove.count == 0)
        show(output, "  nothing to remove\n");
    if (only_look)
        present_member(output, "plan", &removal_plan_shape, plan);
    arena_release(&arena);
}

/* ---- what was done ---- */

void present_removals(Output *output, const RemovalReport *report)
{
    for (size_t i = 0; i < report->removed.count; i++) {
        const CheckpointNode *node = &report->removed.items[i].node;
        output_done(output, "Removed '%s'  %s\n", node->name, node->id);
    }
    present_members(output, "removedCheckpoints", &checkpoint_brief_shape, &report->removed);
}

void present_renaming(Output *output, const char *vm_name, const RenameReport *report, const char *new_name)
{
    const CheckpointNode *node = &report->before.node;
    json_t *json = shape_write(&checkpoint_brief_shape, &report->before), *place = output_json(output);
    json_put(json, "newName", json_text(new_name));
    if (report->ending == ENDING_PLANNED) {
        json_put(place, "plan", json_object());
        place = json_object_get(place, "plan");
    }
    json_put(place, report->ending == ENDING_PLANNED ? "rename" : "renamed", json);
    if (report->ending == ENDING_PLANNED)
        output_result(output, "Plan for VM '%s' (nothing is changed):\n  rename '%s' to '%s'  %s\n", vm_name,
                      node->name, new_name, node->id);
    else
        output_done(output, "Renamed '%s' to '%s'  %s\n", node->name, new_name, node->id);
}
