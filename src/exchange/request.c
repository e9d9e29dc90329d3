/* SPDX-License-Identifier: MIT */
#include "exchange/request.h"

#include "base/limits.h"
#include "exchange/message.h"
#include "exchange/names.h"
#include "exchange/words.h"
#include "platform/random.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const install[] = { "install" };

static const MessageField fields[] = {
    { "version", MESSAGE_FIXED, .words = exchange_version },
    { "id", MESSAGE_HEX, offsetof(ExchangeRequest, id), .limit = EXCHANGE_ID_LENGTH },
    { "vm", MESSAGE_GUID, offsetof(ExchangeRequest, vm), .limit = GUID_TEXT_LENGTH },
    { "do", MESSAGE_FIXED, .words = install },
    { "sha256", MESSAGE_HEX, offsetof(ExchangeRequest, sha256), .limit = HASH_TEXT_LENGTH },
    { "size", MESSAGE_NUMBER, offsetof(ExchangeRequest, size), .limit = LIMIT_PACKAGE_BYTES },
};

static const Message message = { EXCHANGE_REQUEST, fields, COUNT_OF(fields), sizeof(ExchangeRequest) };

void exchange_id_create(char ret_id[EXCHANGE_ID_LENGTH + 1])
{
    unsigned char bytes[EXCHANGE_ID_LENGTH / 2];
    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        (void) snprintf(ret_id + 2 * i, 3, "%02x", bytes[i]);
}

bool exchange_id_is_valid(const char *text)
{
    return hex_is_valid(text, EXCHANGE_ID_LENGTH);
}

bool exchange_file_id(const char *file_name, char ret_id[EXCHANGE_ID_LENGTH + 1])
{
    char id[EXCHANGE_ID_LENGTH + 1];
    if (strlen(file_name) != EXCHANGE_ID_LENGTH + strlen(".zip") ||
        strcmp(file_name + EXCHANGE_ID_LENGTH, ".zip") != 0)
        return false;
    memcpy(id, file_name, EXCHANGE_ID_LENGTH);
    id[EXCHANGE_ID_LENGTH] = '\0';
    if (!exchange_id_is_valid(id))
        return false;
    memcpy(ret_id, id, sizeof(id));
    return true;
}

bool exchange_request_read(const char *text, ExchangeRequest *ret_request, Error *err)
{
    return message_read(&message, text, ret_request, err);
}

const char *exchange_request_write(const ExchangeRequest *request, Arena *arena)
{
    return message_write(&message, request, arena);
}
