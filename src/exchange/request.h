/* SPDX-License-Identifier: MIT */
/* What a host asks of a guest: to install the package whose file it brings.
 *     version=1;id=<32>;vm=<GUID>;do=install;sha256=<64>;size=<bytes> */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/guid.h"
#include "platform/hash.h"

#include <stdint.h>

enum { EXCHANGE_ID_LENGTH = 32 };

typedef struct ExchangeRequest {
    char id[EXCHANGE_ID_LENGTH + 1];   /* digits of a random number: no two requests have the same */
    char vm[GUID_TEXT_LENGTH + 1];     /* whom it is for; lower case */
    char sha256[HASH_TEXT_LENGTH + 1]; /* of the file */
    uint64_t size;                     /* of the file, at most LIMIT_PACKAGE_BYTES */
} ExchangeRequest;

void exchange_id_create(char ret_id[EXCHANGE_ID_LENGTH + 1]);

/* An id, and nothing else. */
bool exchange_id_is_valid(const char *text);

/* The id that a file in the inbox is named after. False: it is not named so. */
bool exchange_file_id(const char *file_name, char ret_id[EXCHANGE_ID_LENGTH + 1]);

/* ERR_PROTOCOL: it is none. */
MUST_CHECK bool exchange_request_read(const char *text, ExchangeRequest *ret_request, Error *err);

const char *exchange_request_write(const ExchangeRequest *request, Arena *arena);
