/* SPDX-License-Identifier: MIT */
/* What the user sees. Results go to "out" (stdout); notices, warnings, errors, progress and traces to "err" (stderr).
 * With -JSON, "out" gets exactly one JSON object at the end (ASCII only: other characters escaped, because pipes of
 * PowerShell re-encode) and notices, warnings and errors are part of it. With -S notices and progress are left out.
 * Every line that is not a result also goes to the log, when one is open, and so do notices, progress and -VERBOSE
 * lines that are not shown. On the screen and in the log the only line feeds are those of a format (or the end of a
 * line); what its arguments hold of them, and of other characters that a terminal obeys, is shown escaped
 * (base/visible.h), because names of VMs and files are free. JSON has them whole. Nothing else prints.
 *
 * The object: {"format": "hyperpoint/1", members that commands put in, "notices": [], "warnings": [], "error":
 * {"code", "message", "hint", "source", "native"} (if there was one), "exitCode": 0} */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/report.h"
#include "platform/clock.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct Output Output;

/* Who takes what one of several outputs has, each from a thread of its own, instead of the streams (cli/board.h). */
typedef struct OutputSink OutputSink;
struct OutputSink {
    /* Text for "out" (is_result) or "err". Lines may come in pieces. With json_lines whole lines. */
    void (*print)(OutputSink *sink, bool is_result, const char *text);
    /* As output_progress(). */
    void (*progress)(OutputSink *sink, const char *text_or_null, int percent);
    /* With -JSON the object, borrowed, at the end. */
    void (*result)(OutputSink *sink, json_t *object);
};

typedef struct OutputConfig {
    FILE *out;
    FILE *err;
    Clock *clock;
    bool silent;
    bool json;

    /* Events, each an object on a line of "out" at the moment that it is told: {"event": "notice", "text"}, "warning",
     * "error" (with its members), "progress" ("text", "percent", null: not known), and at the end "result" with the
     * members of the object, or for an output without "subject" "end" with its exit code. Implies "json". */
    bool json_lines;
    json_t *subject; /* members of each line: whom it is about. Borrowed; NULL: the run as a whole */

    OutputSink *sink; /* NULL: the streams are written */
    bool verbose;
    const char *program; /* the name before errors; NULL: "hyperpoint" */

    /* Advice in words; NULL: it is left out. "call" is how the program is called for the same host:
     * "hyperpoint -HOST HV1". */
    const char *(*words)(const Advice *advice, const char *call, Arena *arena);
    const char *call;
} OutputConfig;

Output *output_create(const OutputConfig *config);

/* Where the lower layers tell what they do: notices, warnings and progress of this output. Lives as long as it. */
Report *output_report(Output *output);

/* Starts the run's log file, "logs/<verb>_<yyyymmdd-HHMMSS>.log" (UTF-8 with BOM; a number is added to the name if it
 * is taken): in the program's folder, or, where the user may not write there, in the other one, which is his. If none
 * can be made that is a warning, not a failure. */
void output_open_log(Output *output, const char *program_folder, const char *state_folder, const char *verb);

/* Calls the function each time something begins that may change something (Report.begins), with its subject. For those
 * who keep a log of it. */
typedef void OutputBegins(void *context, const char *subject);
void output_when_begun(Output *output, OutputBegins *function, void *context);

/* A line for the log alone: what was asked, what was done. A line feed at the end is not needed. */
void output_log(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);

/* A part of the result, in text mode: printf to "out". Nothing in JSON mode. */
void output_result(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);

/* Text that another output has made for its sink, as it is. Flushed. */
void output_pass(Output *output, bool is_result, const char *shown);

/* A question, on "err", whatever else is left out; the answer is typed behind it. */
void output_ask(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);

/* What a changing verb did: a part of the result (but with -S), and of the log. */
void output_done(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);

/* The JSON object that will be printed, to put result members into. Borrowed. There in text mode too (unused). */
json_t *output_json(Output *output);

void output_notice(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);
void output_warning(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);

/* What the user can do about it: the hint, and then the advice in words. "": nothing is known. */
const char *output_hint(Output *output, const Error *err, Arena *arena);

/* "hyperpoint: error: message" and on a line of its own "hint: ...". In JSON the first one is the member "error", and
 * the messages of others are warnings. */
void output_error(Output *output, const Error *err);

/* With -JSONLINES a line of that name: "begin". */
void output_event(Output *output, const char *name);

/* With -JSONLINES the event "result", of a run that is about no host and no VM. */
void output_whole_result(Output *output, int exit_code);

/* -VERBOSE lines: "verbose: ...". */
void output_verbose(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);

/* What is going on, with percent 0..100 or -1 if not known. On a terminal one line that is redrawn;
 * otherwise only the log gets it, when the words change. NULL text ends it. */
void output_progress(Output *output, const char *text, int percent);

/* Prints the JSON object, flushes, ends the log. ERR_IO if "out" could not be written, now or before: then the exit
 * code must not be 0. Frees the output in either case. */
MUST_CHECK bool output_finish(Output *output, int exit_code, Error *err);
