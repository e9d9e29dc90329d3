/* SPDX-License-Identifier: MIT */
/* Kinds: Windows SDK, VirtualSystemType of Msvm_VirtualSystemSettingData. */
#include "hyperv/checkpoint/checkpoint_tree.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "base/str.h"
#include "cim/path.h"
#include "platform/text.h"

#include <string.h>

#define ID_PREFIX "id:"
#define SETTINGS_PREFIX "Microsoft:"

const char *const checkpoint_kind_names[CHECKPOINT_KIND_COUNT] = {
    [CHECKPOINT_STANDARD] = "standard",   [CHECKPOINT_PRODUCTION] = "production", [CHECKPOINT_AUTOMATIC] = "automatic",
    [CHECKPOINT_RECOVERY] = "recovery",   [CHECKPOINT_REPLICA] = "replica",       [CHECKPOINT_PLANNED] = "planned",
    [CHECKPOINT_MISSING] = "missing",     [CHECKPOINT_OTHER] = "other",
};

/* ---- marks ---- */

static const char *const mark_words[CHECKPOINT_MAKER_COUNT] = {
    [CHECKPOINT_OURS] = "HyperPoint checkpoint",
    [CHECKPOINT_SAFETY] = "HyperPoint checkpoint before a restore",
};

const char *checkpoint_mark(CheckpointMaker maker, const char *id, Arena *arena)
{
    return mark_words[maker] != NULL ? arena_printf(arena, "[%s %s]", mark_words[maker], id) : NULL;
}

static CheckpointMaker read_maker(const char *notes, const char *id, Arena *arena)
{
    for (size_t i = CHECKPOINT_OURS; notes != NULL && i < CHECKPOINT_MAKER_COUNT; i++) {
        if (strstr(notes, checkpoint_mark((CheckpointMaker) i, id, arena)) != NULL)
            return (CheckpointMaker) i;
    }
    return CHECKPOINT_OF_OTHERS;
}

const char *checkpoint_marked_notes(const char *notes, CheckpointMaker maker, const char *id, Arena *arena)
{
    const char *mark = checkpoint_mark(maker, id, arena);
    if (mark == NULL || (notes != NULL && strstr(notes, mark) != NULL))
        return NULL;
    return notes != NULL && *notes != '\0' ? arena_printf(arena, "%s\n%s", notes, mark) : mark;
}

/* ---- rows ---- */

CheckpointKind checkpoint_kind_of(const CimInstance *row)
{
    static const struct {
        const char *suffix;
        CheckpointKind kind;
    } kinds[] = {
        { "Recovery", CHECKPOINT_RECOVERY },
        { "Replica:", CHECKPOINT_REPLICA },
        { "Planned", CHECKPOINT_PLANNED },
        { "Missing", CHECKPOINT_MISSING },
    };
    const char *type = cim_instance_text(row, "VirtualSystemType");
    const char *suffix = type != NULL ? type + strlen("Microsoft:Hyper-V:Snapshot:") : "";
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (ascii_starts_with(suffix, kinds[i].suffix))
            return kinds[i].kind;
    }
    if (!ascii_equals(suffix, "Realized"))
        return CHECKPOINT_OTHER;
    if (cim_instance_boolean(row, "IsAutomaticSnapshot", false))
        return CHECKPOINT_AUTOMATIC;
    /* A production checkpoint that fell back to a standard one holds memory. */
    bool is_standard = cim_instance_boolean(row, "IsSaved", false) ||
                       cim_instance_uint(row, "UserSnapshotType", CHECKPOINTS_UNKNOWN) == CHECKPOINTS_STANDARD;
    return is_standard ? CHECKPOINT_STANDARD : CHECKPOINT_PRODUCTION;
}

const char *checkpoint_notes_of(const CimInstance *row, Arena *arena)
{
    StringList notes;
    cim_instance_texts(row, "Notes", arena, &notes);
    return notes.count > 0 && *notes.items[0] != '\0' ? arena_strdup(arena, notes.items[0]) : NULL;
}

const char *checkpoint_id_of(const CimInstance *row, Arena *arena)
{
    const char *text = cim_instance_text(row, "InstanceID");
    if (text == NULL)
        return NULL;
    char *id = arena_strdup(arena, ascii_starts_with(text, SETTINGS_PREFIX) ? text + strlen(SETTINGS_PREFIX) : text);
    for (char *c = id; *c != '\0'; c++)
        *c = ascii_upper(*c);
    return id;
}

const char *checkpoint_instance_id(const char *id, Arena *arena)
{
    return arena_printf(arena, SETTINGS_PREFIX "%s", id);
}

const char *checkpoint_path(const char *id, Arena *arena)
{
    return cim_path_make(arena, "Msvm_VirtualSystemSettingData", "InstanceID", checkpoint_instance_id(id, arena));
}

static CheckpointNode read_node(const CimInstance *row, Arena *arena)
{
    const char *name = cim_instance_text(row, "ElementName"), *created = cim_instance_text(row, "CreationTime");
    const char *id = checkpoint_id_of(row, arena);
    CheckpointNode node = {
        .id = id != NULL ? id : "",
        .name = name != NULL ? arena_strdup(arena, name) : "",
        .path = row->path != NULL ? arena_strdup(arena, row->path) : "",
        .notes = checkpoint_notes_of(row, arena),
        .kind = checkpoint_kind_of(row),
        .holds_memory = cim_instance_boolean(row, "IsSaved", false),
        .parent = NO_CHECKPOINT,
    };
    node.maker = read_maker(node.notes, node.id, arena);
    node.has_time = created != NULL && cim_datetime_parse(created, &node.created_ms);
    return node;
}

/* ---- the tree ---- */

static size_t find_path(const CheckpointNode *nodes, size_t count, const char *path)
{
    for (size_t i = 0; path != NULL && *path != '\0' && i < count; i++) {
        if (cim_path_equals(nodes[i].path, path))
            return i;
    }
    return NO_CHECKPOINT;
}

/* The next child of "parent" that has not been taken yet: the oldest, among those of an age the host's first. */
static size_t oldest_child(const CheckpointNode *nodes, size_t count, const bool *taken, size_t parent)
{
    size_t oldest = NO_CHECKPOINT;
    for (size_t i = 0; i < count; i++) {
        if (!taken[i] && nodes[i].parent == parent &&
            (oldest == NO_CHECKPOINT || nodes[i].created_ms < nodes[oldest].created_ms))
            oldest = i;
    }
    return oldest;
}

/* Puts parents before their children. What no root leads to, in a circle that a host tells of, is made a root. */
static void sort_nodes(CheckpointNode *nodes, size_t count, Arena *arena, CheckpointTree *tree)
{
    bool *taken = ARENA_NEW_ARRAY(arena, bool, count);
    size_t *place = ARENA_NEW_ARRAY(arena, size_t, count); /* in the tree, of the nodes taken */
    size_t at = NO_CHECKPOINT;                             /* the node whose children are looked for */
    while (tree->count < count) {
        size_t next = oldest_child(nodes, count, taken, at);
        if (next == NO_CHECKPOINT && at != NO_CHECKPOINT) {
            at = nodes[at].parent;
            continue;
        }
        for (size_t i = 0; next == NO_CHECKPOINT && i < count; i++) {
            if (!taken[i]) {
                nodes[i].parent = NO_CHECKPOINT;
                next = i;
            }
        }
        CheckpointNode node = nodes[next];
        taken[next] = true;
        place[next] = tree->count;
        if (node.parent != NO_CHECKPOINT) {
            node.parent = place[node.parent];
            node.depth = tree->items[node.parent].depth + 1;
        }
        ARRAY_PUSH(arena, tree, node);
        at = next;
    }
}

bool checkpoint_tree_read(HyperVHost *host, const Vm *vm, Arena *arena, CheckpointTree *ret_tree, Error *err)
{
    VmCheckpoints found;
    if (!vm_read_checkpoints(host, vm, arena, &found, err))
        return false;
    size_t count = found.checkpoints.count;
    CheckpointNode *nodes = ARENA_NEW_ARRAY(arena, CheckpointNode, count);
    for (size_t i = 0; i < count; i++)
        nodes[i] = read_node(found.checkpoints.items[i], arena);
    for (size_t i = 0; i < count; i++)
        nodes[i].parent = find_path(nodes, count, cim_instance_text(found.checkpoints.items[i], "Parent"));
    CheckpointTree tree = { .vm = found.current };
    sort_nodes(nodes, count, arena, &tree);
    tree.current = find_path(tree.items, tree.count, tree.vm.parent);
    *ret_tree = tree;
    return true;
}

size_t checkpoint_index_of(const CheckpointTree *tree, const char *id)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (ascii_equals(tree->items[i].id, id))
            return i;
    }
    return NO_CHECKPOINT;
}

bool checkpoint_is_below(const CheckpointTree *tree, size_t index, size_t top)
{
    while (index != NO_CHECKPOINT && index != top)
        index = tree->items[index].parent;
    return index == top;
}

bool checkpoint_is_users(const CheckpointNode *node)
{
    return node->kind == CHECKPOINT_STANDARD || node->kind == CHECKPOINT_PRODUCTION ||
           node->kind == CHECKPOINT_AUTOMATIC;
}

/* ---- words ---- */

const char *checkpoint_time(const CheckpointNode *node, Arena *arena)
{
    if (!node->has_time)
        return "at an unknown time";
    const char *t = cim_datetime_format(arena, node->created_ms);
    return arena_printf(arena, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s UTC", t, t + 4, t + 6, t + 8, t + 10, t + 12);
}

const char *checkpoint_label(const CheckpointNode *node, Arena *arena)
{
    return arena_printf(arena, "'%s' (%s, %s)", node->name, node->id, checkpoint_time(node, arena));
}

/* ---- choosing ---- */

bool checkpoint_check_name(const char *text, Error *err)
{
    if (*text == '\0')
        return error_set(err, ERR_USAGE, "the name of a checkpoint is empty");
    if (!ascii_starts_with(text, ID_PREFIX) || guid_is_valid(text + strlen(ID_PREFIX)))
        return true;
    (void) error_set(err, ERR_USAGE, "'%s' is not the ID of a checkpoint", text);
    return error_advise(err, ADVICE_WRITE_CHECKPOINT_ID, NULL);
}

static size_t find_latest(const CheckpointTree *tree)
{
    size_t latest = NO_CHECKPOINT;
    for (size_t i = 0; i < tree->count; i++) {
        const CheckpointNode *node = &tree->items[i];
        bool counts = checkpoint_is_users(node) && node->kind != CHECKPOINT_AUTOMATIC &&
                      node->maker != CHECKPOINT_SAFETY && node->has_time;
        if (counts && (latest == NO_CHECKPOINT || node->created_ms >= tree->items[latest].created_ms))
            latest = i;
    }
    return latest;
}

static bool ambiguous(const CheckpointTree *tree, const char *text, Error *err)
{
    Arena arena = ARENA_INIT;
    Str labels, ids;
    str_init(&labels, 600);
    str_init(&ids, 400);
    size_t count = 0;
    for (size_t i = 0; i < tree->count; i++) {
        if (!text_equals(tree->items[i].name, text))
            continue;
        str_appendf(&labels, "%s%s (%s)", count > 0 ? ", " : "", tree->items[i].id,
                    checkpoint_time(&tree->items[i], &arena));
        str_appendf(&ids, "%s%s", count++ > 0 ? " " : "", tree->items[i].id);
    }
    (void) error_set(err, ERR_AMBIGUOUS, "%zu checkpoints of VM '%s' are named '%s': %s", count, tree->vm.name, text,
                     str_text(&labels));
    str_release(&labels);
    arena_release(&arena);
    (void) error_advise(err, ADVICE_NAME_CHECKPOINT_BY_ID, str_text(&ids));
    str_release(&ids);
    return false;
}

static bool not_found(const CheckpointTree *tree, const char *text, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    if (ascii_equals(text, "latest"))
        return error_set(err, ERR_NOT_FOUND,
                         "VM '%s' has no checkpoint that counts as the latest: those of Hyper-V itself, of backups and "
                         "of earlier restores do not",
                         tree->vm.name);
    (void) error_set(err, ERR_NOT_FOUND, "VM '%s' has no checkpoint '%s'", tree->vm.name, text);
    for (size_t i = 0; i < tree->count; i++)
        ARRAY_PUSH(&arena, &names, tree->items[i].name);
    const char *similar = text_list_like(&names, text, &arena);
    if (*similar != '\0')
        (void) error_hint(err, "did you mean %s?", similar);
    else if (tree->count > 0)
        (void) error_advise(err, ADVICE_LIST_CHECKPOINTS, NULL);
    arena_release(&arena);
    return false;
}

bool checkpoint_find(const CheckpointTree *tree, const char *text, size_t *ret_index, Error *err)
{
    if (!checkpoint_check_name(text, err))
        return false;
    const char *id = ascii_starts_with(text, ID_PREFIX) ? text + strlen(ID_PREFIX) : text;
    size_t found = guid_is_valid(id) ? checkpoint_index_of(tree, id) : NO_CHECKPOINT, count = 0;
    for (size_t i = 0; found == NO_CHECKPOINT && i < tree->count; i++)
        count += text_equals(tree->items[i].name, text);
    for (size_t i = 0; count > 0 && found == NO_CHECKPOINT; i++)
        found = text_equals(tree->items[i].name, text) ? i : NO_CHECKPOINT;
    if (count > 1)
        return ambiguous(tree, text, err);
    if (ascii_equals(text, "latest")) {
        if (count > 0) {
            (void) error_set(err, ERR_AMBIGUOUS,
                             "a checkpoint of VM '%s' is named 'latest': its ID names it, and the ID of the latest one "
                             "that",
                             tree->vm.name);
            return error_advise(err, ADVICE_NAME_CHECKPOINT_BY_ID, tree->items[found].id);
        }
        found = find_latest(tree);
    }
    if (found == NO_CHECKPOINT)
        return not_found(tree, text, err);
    *ret_index = found;
    return true;
}
