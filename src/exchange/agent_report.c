/* SPDX-License-Identifier: MIT */
#include "exchange/agent_report.h"

#include "base/limits.h"
#include "exchange/message.h"
#include "exchange/words.h"

#include <stddef.h>

enum { VERSION_GROUPS = 8, BUILD_GROUPS = 2 };

static const char *const no_code[] = { "none", "unknown" }; /* EXCHANGE_GPU_... */

static const MessageField agent_fields[] = {
    { "version", MESSAGE_FIXED, .words = exchange_version },
    { "program", MESSAGE_DOTTED, offsetof(AgentReport, program), .limit = VERSION_GROUPS },
    { "update", MESSAGE_WORD, offsetof(AgentReport, update), .words = exchange_yes_no, .word_count = 2 },
    { "restart", MESSAGE_WORD, offsetof(AgentReport, restart), .words = exchange_yes_no, .word_count = 2 },
    { "windows", MESSAGE_DOTTED, offsetof(AgentReport, windows), .limit = BUILD_GROUPS },
    { "problem", MESSAGE_CODE, offsetof(AgentReport, problem), .limit = UINT32_MAX, .words = no_code, .word_count = 2 },
    { "packages", MESSAGE_NUMBER, offsetof(AgentReport, packages), .limit = LIMIT_EXCHANGE_PACKAGES },
};

static const MessageField package_fields[] = {
    { "version", MESSAGE_FIXED, .words = exchange_version },
    { "driver", MESSAGE_DOTTED, offsetof(ExchangePackage, driver), .limit = VERSION_GROUPS },
    { "sha256", MESSAGE_HEX, offsetof(ExchangePackage, sha256), .limit = HASH_TEXT_LENGTH },
    { "files", MESSAGE_NUMBER, offsetof(ExchangePackage, files), .limit = LIMIT_JOURNAL_STEPS },
};

static const Message agent = { EXCHANGE_AGENT, agent_fields, COUNT_OF(agent_fields), sizeof(AgentReport) };
static const Message package = { "HyperPoint.Package", package_fields, COUNT_OF(package_fields),
                                 sizeof(ExchangePackage) };

bool exchange_version_is_valid(const char *text)
{
    return dotted_is_valid(text, VERSION_GROUPS);
}

bool agent_report_read(const char *text, AgentReport *ret_report, Error *err)
{
    return message_read(&agent, text, ret_report, err);
}

bool exchange_package_read(const char *text, ExchangePackage *ret_report, Error *err)
{
    return message_read(&package, text, ret_report, err);
}

const char *agent_report_write(const AgentReport *report, Arena *arena)
{
    return message_write(&agent, report, arena);
}

const char *exchange_package_write(const ExchangePackage *report, Arena *arena)
{
    return message_write(&package, report, arena);
}
