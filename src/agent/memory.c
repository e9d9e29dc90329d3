/* SPDX-License-Identifier: MIT */
#include "agent/memory.h"

#include "base/limits.h"
#include "journal/journal_file.h"

#include <string.h>

static bool is_id_or_none(const char *text)
{
    return *text == '\0' || exchange_id_is_valid(text);
}

static bool check_memory(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const AgentMemory *memory = record;
    bool ok = is_id_or_none(memory->pending) && is_id_or_none(memory->answered) &&
              memory->ids.count <= LIMIT_ANSWERED_REQUESTS;
    for (size_t i = 0; ok && i < memory->ids.count; i++)
        ok = exchange_id_is_valid(memory->ids.items[i]);
    return ok || error_set(err, ERR_PROTOCOL, "it names what is no request");
}

static const Field memory_fields[] = {
    FIELD_CHARS(AgentMemory, pending, "pending"),
    FIELD_UINT32(AgentMemory, attempts, "attempts"),
    FIELD_CHARS(AgentMemory, answered, "answered"),
    FIELD_NAME(AgentMemory, phase, exchange_phases, "phase"),
    FIELD_NAME(AgentMemory, reason, exchange_reasons, "reason"),
    FIELD_UINT32(AgentMemory, result, "result"),
    FIELD_BOOLEAN(AgentMemory, is_gone, "gone"),
    FIELD_CHARS(AgentMemory, manifest, "manifest"),
    FIELD_TEXTS(AgentMemory, ids, "ids"),
};
static const Shape memory_shape = SHAPE(AgentMemory, memory_fields, .check = check_memory);
static const RecordKind memory_kind = { "requests", 1, &memory_shape, .former = NULL };
static const RecordKind *const memory_kinds[] = { &memory_kind, NULL };

static JournalFile file_of(const Tree *tree, const char *path)
{
    return (JournalFile){ .tree = tree, .path = path, .limit = LIMIT_AGENT_MEMORY_BYTES };
}

bool agent_memory_read(const Tree *tree, const char *path, Arena *arena, AgentMemory *ret_memory, Error *err)
{
    JournalFile file = file_of(tree, path);
    JournalRecord record;
    if (!journal_file_read(&file, memory_kinds, arena, &record, err))
        return false;
    *ret_memory = record.data != NULL ? *(AgentMemory *) record.data : (AgentMemory){ .attempts = 0 };
    return true;
}

bool agent_memory_write(const Tree *tree, const char *path, const AgentMemory *memory, Error *err)
{
    JournalFile file = file_of(tree, path);
    JournalLabel label = { .program = NULL };
    return journal_file_write(&file, &memory_kind, memory, &label, err);
}

bool agent_memory_has(const AgentMemory *memory, const char *id)
{
    for (size_t i = 0; i < memory->ids.count; i++) {
        if (strcmp(memory->ids.items[i], id) == 0)
            return true;
    }
    return false;
}

void agent_memory_answer(AgentMemory *memory, const ExchangeStatus *status, Arena *arena)
{
    size_t first = memory->ids.count < LIMIT_ANSWERED_REQUESTS ? 0 : 1;
    StringList ids = { 0 };
    for (size_t i = first; i < memory->ids.count; i++) {
        if (strcmp(memory->ids.items[i], status->id) != 0)
            ARRAY_PUSH(arena, &ids, memory->ids.items[i]);
    }
    ARRAY_PUSH(arena, &ids, arena_strdup(arena, status->id));
    memory->ids = ids;
    memory->pending[0] = '\0';
    memory->attempts = 0;
    memcpy(memory->answered, status->id, sizeof(memory->answered));
    memory->phase = status->phase;
    memory->reason = status->reason;
    memory->result = (uint32_t) status->result;
    memory->is_gone = false;
}
