/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include "base/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#ifndef EDQUOT /* the C library of Windows has none */
#define EDQUOT ENOSPC
#endif

static const char *const code_names[ERR_CODE_COUNT] = {
    [ERR_NONE] = "none",
    [ERR_NOT_FOUND] = "not-found",
    [ERR_AMBIGUOUS] = "ambiguous",
    [ERR_STATE] = "state",
    [ERR_BUSY] = "busy",
    [ERR_DENIED] = "denied",
    [ERR_UNREACHABLE] = "unreachable",
    [ERR_TIMEOUT] = "timeout",
    [ERR_UNSUPPORTED] = "unsupported",
    [ERR_PROTOCOL] = "protocol",
    [ERR_REMOTE] = "remote",
    [ERR_IO] = "io",
    [ERR_NO_SPACE] = "no-space",
    [ERR_USAGE] = "usage",
    [ERR_INVALID] = "invalid",
    [ERR_CANCELLED] = "cancelled",
    [ERR_UNKNOWN_OUTCOME] = "unknown-outcome",
};

static const char *const source_names[ERROR_SOURCE_COUNT] = {
    [ERROR_SOURCE_NONE] = "none",
    [ERROR_SOURCE_ERRNO] = "errno",
    [ERROR_SOURCE_WIN32] = "win32",
    [ERROR_SOURCE_HRESULT] = "hresult",
    [ERROR_SOURCE_CIM_RETURN] = "return-value",
    [ERROR_SOURCE_JOB] = "job",
    [ERROR_SOURCE_SOAP] = "soap",
};

/* vsnprintf cuts at a byte: take back a cut UTF-8 sequence. What else is in the text stays as it is: whoever shows it
 * escapes what a terminal would obey, and names keep what is theirs. */
static void tidy(char *text, size_t size, int wanted)
{
    if (wanted >= 0 && (size_t) wanted >= size) {
        size_t end = size - 1;
        while (end > 0 && ((unsigned char) text[end - 1] & 0xC0) == 0x80)
            end--;
        if (end > 0 && (unsigned char) text[end - 1] >= 0xC0)
            end--;
        text[end] = '\0';
    }
}

static void set_message(Error *err, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

static void set_message(Error *err, const char *format, va_list arguments)
{
    int wanted = vsnprintf(err->message, sizeof(err->message), format, arguments);
    tidy(err->message, sizeof(err->message), wanted);
}

static void append(Error *err, const char *separator, const char *text)
{
    size_t length = strlen(err->message);
    int wanted = snprintf(err->message + length, sizeof(err->message) - length, "%s%s", separator, text);
    tidy(err->message + length, sizeof(err->message) - length, wanted);
}

bool error_set(Error *err, ErrorCode code, const char *format, ...)
{
    CHECK(code != ERR_NONE);
    *err = (Error){ .code = code };
    va_list arguments;
    va_start(arguments, format);
    set_message(err, format, arguments);
    va_end(arguments);
    return false;
}

bool error_set_native(Error *err, ErrorCode code, ErrorSource source, int64_t native, const char *format, ...)
{
    CHECK(code != ERR_NONE);
    *err = (Error){ .code = code, .source = source, .native = native };
    va_list arguments;
    va_start(arguments, format);
    set_message(err, format, arguments);
    va_end(arguments);
    return false;
}

bool error_set_errno(Error *err, int errno_value, const char *format, ...)
{
    ErrorCode code = ERR_IO;
    if (errno_value == ENOSPC || errno_value == EDQUOT)
        code = ERR_NO_SPACE;
    else if (errno_value == ENOENT)
        code = ERR_NOT_FOUND;
    else if (errno_value == EACCES || errno_value == EPERM || errno_value == EROFS)
        code = ERR_DENIED;
    else if (errno_value == EBUSY)
        code = ERR_BUSY;
    *err = (Error){ .code = code, .source = ERROR_SOURCE_ERRNO, .native = errno_value };
    va_list arguments;
    va_start(arguments, format);
    set_message(err, format, arguments);
    va_end(arguments);
    append(err, ": ", strerror(errno_value));
    return false;
}

bool error_hint(Error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(err->hint, sizeof(err->hint), format, arguments);
    va_end(arguments);
    tidy(err->hint, sizeof(err->hint), wanted);
    return false;
}

bool error_advise(Error *err, AdviceCode code, const char *data_or_null)
{
    int wanted = snprintf(err->advice.data, sizeof(err->advice.data), "%s", data_or_null != NULL ? data_or_null : "");
    tidy(err->advice.data, sizeof(err->advice.data), wanted);
    err->advice.code = code;
    return false;
}

bool error_tells_what_to_do(const Error *err)
{
    return err->hint[0] != '\0' || err->advice.code != ADVICE_NONE;
}

bool error_prefix(Error *err, const char *format, ...)
{
    char message[sizeof(err->message)];
    memcpy(message, err->message, sizeof(message));
    va_list arguments;
    va_start(arguments, format);
    set_message(err, format, arguments);
    va_end(arguments);
    append(err, ": ", message);
    return false;
}

bool error_append(Error *err, const char *format, ...)
{
    char text[sizeof(err->message)];
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    tidy(text, sizeof(text), wanted);
    append(err, "; ", text);
    return false;
}

const char *error_code_name(ErrorCode code)
{
    CHECK((unsigned) code < ERR_CODE_COUNT);
    return code_names[code];
}

const char *error_source_name(ErrorSource source)
{
    CHECK((unsigned) source < ERROR_SOURCE_COUNT);
    return source_names[source];
}
