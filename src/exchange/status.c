/* SPDX-License-Identifier: MIT */
#include "exchange/status.h"

#include "exchange/message.h"
#include "exchange/names.h"

#include <stddef.h>

static const MessageField fields[] = {
    { "version", MESSAGE_FIXED, .words = exchange_version },
    { "id", MESSAGE_HEX, offsetof(ExchangeStatus, id), .limit = EXCHANGE_ID_LENGTH },
    { "phase", MESSAGE_WORD, offsetof(ExchangeStatus, phase), .words = exchange_phases,
      .word_count = EXCHANGE_PHASE_COUNT },
    { "percent", MESSAGE_NUMBER, offsetof(ExchangeStatus, percent), .limit = 100 },
    { "reason", MESSAGE_WORD, offsetof(ExchangeStatus, reason), .words = exchange_reasons,
      .word_count = EXCHANGE_REASON_COUNT },
    { "result", MESSAGE_NUMBER, offsetof(ExchangeStatus, result), .limit = UINT32_MAX },
};

static const Message message = { EXCHANGE_STATUS, fields, COUNT_OF(fields), sizeof(ExchangeStatus) };

bool exchange_status_read(const char *text, ExchangeStatus *ret_status, Error *err)
{
    return message_read(&message, text, ret_status, err);
}

const char *exchange_status_write(const ExchangeStatus *status, Arena *arena)
{
    return message_write(&message, status, arena);
}
