/* SPDX-License-Identifier: MIT */
/* What a guest's service remembers of requests, in a file that nobody but administrators can change: which one it is
 * at, what it answered last, and which ones it has answered, so that none is carried out twice. The data exchange
 * cannot tell: its items come back with a checkpoint, and are the host's to write.
 * The file has the form of journals (journal/journal_file.h). */
#pragma once

#include "exchange/status.h"
#include "platform/hash.h"
#include "platform/tree.h"

typedef struct AgentMemory {
    char pending[EXCHANGE_ID_LENGTH + 1];  /* the request that is worked on; "" : none */
    uint32_t attempts;                     /* how often its installation was begun */
    char answered[EXCHANGE_ID_LENGTH + 1]; /* the last one that was answered, and how; "": none */
    unsigned phase, reason;
    uint32_t result;
    bool is_gone;                        /* it was seen that the host has taken it back since */
    char manifest[HASH_TEXT_LENGTH + 1]; /* of the package whose installation was begun and may wait for the next
                                            * start of Windows; "": none does */
    StringList ids;                      /* of all that were answered, the last one at the end */
} AgentMemory;

/* No file: nothing has been asked so far. ERR_PROTOCOL where it cannot be understood. */
MUST_CHECK bool agent_memory_read(const Tree *tree, const char *path, Arena *arena, AgentMemory *ret_memory,
                                  Error *err);

/* On the disk when this returns true. */
MUST_CHECK bool agent_memory_write(const Tree *tree, const char *path, const AgentMemory *memory, Error *err);

/* The request has been answered at some time. */
bool agent_memory_has(const AgentMemory *memory, const char *id);

/* What was pending is answered so. Of more than LIMIT_ANSWERED_REQUESTS the oldest is forgotten. */
void agent_memory_answer(AgentMemory *memory, const ExchangeStatus *status, Arena *arena);
