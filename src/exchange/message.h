/* SPDX-License-Identifier: MIT */
/* The form of all values that host and guest exchange: "version=1;id=...;phase=...", ASCII, at most
 * LIMIT_EXCHANGE_VALUE characters. The fields of a message stand in the order of its table, none is left out, none
 * comes twice, nothing stands between them, and a number has one way to be written. What is not exactly so is refused:
 * whoever sent it is not what it says it is, or speaks another version. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "exchange/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum MessageFieldKind {
    MESSAGE_FIXED,  /* always the text words[0]; in no member */
    MESSAGE_HEX,    /* char [limit + 1]: that many digits in lower case */
    MESSAGE_GUID,   /* char [GUID_TEXT_LENGTH + 1], in lower case */
    MESSAGE_NUMBER, /* uint64_t from 0 to limit */
    MESSAGE_DOTTED, /* char [EXCHANGE_VERSION_LENGTH + 1]: at most limit groups of digits with dots between */
    MESSAGE_WORD,   /* unsigned: which one of words */
    MESSAGE_CODE,   /* int64_t: a number from 0 to limit, or which one of words: -1 for the first, -2 for the second */
} MessageFieldKind;

enum { EXCHANGE_RECORD_SIZE = 256 };

typedef struct MessageField {
    const char *name;
    MessageFieldKind kind;
    size_t offset;
    uint64_t limit;
    const char *const *words;
    size_t word_count;
} MessageField;

typedef struct Message {
    const char *name; /* of its item, for errors */
    const MessageField *fields;
    size_t count;
    size_t record_size; /* of the struct that holds one, at most EXCHANGE_RECORD_SIZE */
} Message;

/* ERR_PROTOCOL: it is not such a message. Nothing of its text is in the error. */
MUST_CHECK bool message_read(const Message *message, const char *text, void *ret_record, Error *err);

/* A record that reads back; what does not is a broken promise of the caller's. */
const char *message_write(const Message *message, const void *record, Arena *arena);

/* Groups of digits with dots between, in the length and number that a MESSAGE_DOTTED has. */
bool dotted_is_valid(const char *text, size_t max_groups);

/* So many digits in lower case, as a MESSAGE_HEX has them. */
bool hex_is_valid(const char *text, size_t length);
