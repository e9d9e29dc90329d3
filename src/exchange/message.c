/* SPDX-License-Identifier: MIT */
#include "exchange/message.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "base/limits.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

bool hex_is_valid(const char *text, size_t length)
{
    return strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

static bool is_lower_guid(const char *text)
{
    return guid_is_valid(text) && strpbrk(text, "ABCDEF") == NULL;
}

bool dotted_is_valid(const char *text, size_t max_groups)
{
    size_t groups = 0;
    if (strlen(text) > EXCHANGE_VERSION_LENGTH)
        return false;
    for (;; text++) {
        if (!ascii_is_digit(*text) || ++groups > max_groups)
            return false;
        while (ascii_is_digit(*text))
            text++;
        if (*text != '.')
            return *text == '\0';
    }
}

static bool read_number(const char *text, uint64_t limit, uint64_t *ret_number)
{
    unsigned long long number;
    if ((text[0] == '0' && text[1] != '\0') || !ascii_parse_uint64(text, &number) || number > limit)
        return false;
    *ret_number = number;
    return true;
}

static bool read_word(const MessageField *field, const char *text, size_t *ret_index)
{
    for (size_t i = 0; i < field->word_count; i++) {
        if (strcmp(text, field->words[i]) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

static bool read_code(const MessageField *field, const char *text, int64_t *ret_code)
{
    uint64_t number;
    size_t index;
    if (read_word(field, text, &index))
        *ret_code = -1 - (int64_t) index;
    else if (read_number(text, field->limit, &number))
        *ret_code = (int64_t) number;
    else
        return false;
    return true;
}

static bool read_value(const MessageField *field, const char *text, void *member)
{
    size_t index;
    bool ok = false;
    switch (field->kind) {
    case MESSAGE_FIXED:
        return strcmp(text, field->words[0]) == 0;
    case MESSAGE_HEX:
        ok = hex_is_valid(text, (size_t) field->limit);
        break;
    case MESSAGE_GUID:
        ok = is_lower_guid(text);
        break;
    case MESSAGE_DOTTED:
        ok = dotted_is_valid(text, (size_t) field->limit);
        break;
    case MESSAGE_NUMBER:
        return read_number(text, field->limit, member);
    case MESSAGE_WORD:
        ok = read_word(field, text, &index);
        if (ok)
            *(unsigned *) member = (unsigned) index;
        return ok;
    case MESSAGE_CODE:
        return read_code(field, text, member);
    }
    if (ok)
        memcpy(member, text, strlen(text) + 1);
    return ok;
}

/* One field from where the rest begins, up to its end: where the next one begins. */
static bool read_field(const MessageField *field, bool is_last, char **rest, void *record)
{
    size_t name_length = strlen(field->name);
    if (strncmp(*rest, field->name, name_length) != 0 || (*rest)[name_length] != '=')
        return false;
    char *value = *rest + name_length + 1;
    char *end = strchr(value, ';');
    if ((end == NULL) != is_last)
        return false;
    if (end != NULL) {
        *end = '\0';
        *rest = end + 1;
    }
    return read_value(field, value, (char *) record + field->offset);
}

bool message_read(const Message *message, const char *text, void *ret_record, Error *err)
{
    char copy[LIMIT_EXCHANGE_VALUE + 1];
    _Alignas(max_align_t) unsigned char record[EXCHANGE_RECORD_SIZE] = { 0 };
    char *rest = copy;
    size_t length = strlen(text);
    CHECK(message->record_size <= sizeof(record));
    if (length > LIMIT_EXCHANGE_VALUE)
        return error_set(err, ERR_PROTOCOL, "'%s' is longer than %d characters", message->name, LIMIT_EXCHANGE_VALUE);
    memcpy(copy, text, length + 1);
    for (size_t i = 0; i < message->count; i++) {
        const MessageField *field = &message->fields[i];
        if (!read_field(field, i + 1 == message->count, &rest, record))
            return error_set(err, ERR_PROTOCOL, "'%s' is not understood: no valid '%s'", message->name, field->name);
    }
    memcpy(ret_record, record, message->record_size);
    return true;
}

static void write_value(Str *str, const MessageField *field, const void *member)
{
    switch (field->kind) {
    case MESSAGE_FIXED:
        str_append(str, field->words[0]);
        return;
    case MESSAGE_HEX:
    case MESSAGE_GUID:
    case MESSAGE_DOTTED:
        str_append(str, member);
        return;
    case MESSAGE_NUMBER:
        str_appendf(str, "%" PRIu64, *(const uint64_t *) member);
        return;
    case MESSAGE_WORD: {
        unsigned index = *(const unsigned *) member;
        CHECK(index < field->word_count);
        str_append(str, field->words[index]);
        return;
    }
    case MESSAGE_CODE: {
        int64_t code = *(const int64_t *) member;
        CHECK(-code <= (int64_t) field->word_count);
        if (code < 0)
            str_append(str, field->words[-1 - code]);
        else
            str_appendf(str, "%" PRId64, code);
        return;
    }
    }
}

const char *message_write(const Message *message, const void *record, Arena *arena)
{
    Str str;
    const char *text;
    unsigned char same[EXCHANGE_RECORD_SIZE];
    Error err = { .code = ERR_NONE };
    str_init(&str, LIMIT_EXCHANGE_VALUE);
    for (size_t i = 0; i < message->count; i++) {
        str_appendf(&str, "%s%s=", i > 0 ? ";" : "", message->fields[i].name);
        write_value(&str, &message->fields[i], (const char *) record + message->fields[i].offset);
    }
    CHECK(str_finish(&str, arena, &text, &err));
    CHECK(message_read(message, text, same, &err));
    return text;
}
