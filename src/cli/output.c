/* SPDX-License-Identifier: MIT */
/* Where everything that the user reads goes through: the screen, the JSON object and the log. output.h tells what goes
 * where. The log is appended line by line, so that it is complete up to the moment of a crash. */
#include "cli/output.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/visible.h"
#include "cli/columns.h"
#include "json/document.h"
#include "platform/console.h"
#include "platform/files.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct Output {
    Report report; /* first: the lower layers hand it back */
    OutputConfig config;
    Arena arena;
    json_t *root;
    json_t *notices;
    json_t *warnings;
    json_t *error;        /* NULL: none so far */
    const char *log_path; /* NULL: no log */
    char *progress_text;  /* on the heap; NULL: no progress at the moment */
    int progress_percent;
    bool progress_drawn;
    OutputBegins *begins; /* NULL: nobody wants to know */
    void *begins_context;
    int write_errno; /* of the first failure to write the result */
};

/* Seconds with their thousandths need no more digits. */
#define JSON_FLAGS (JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9))

/* ---- events ---- */

/* One line of -JSONLINES; takes the event. */
static void write_event(Output *output, const char *name, json_t *event)
{
    const OutputConfig *config = &output->config;
    json_t *line = json_pack("{s:s}", "event", name);
    if (config->subject != NULL)
        (void) json_object_update(line, config->subject); /* fails only without memory, as all here */
    (void) json_object_update(line, event);
    json_decref(event);
    char *text = json_dumps(line, JSON_FLAGS | JSON_COMPACT);
    json_decref(line);
    Arena arena = ARENA_INIT;
    const char *whole = arena_printf(&arena, "%s\n", text);
    free(text);
    if (config->sink != NULL)
        config->sink->print(config->sink, true, whole);
    else if ((fputs(whole, config->out) == EOF || fflush(config->out) != 0) && output->write_errno == 0)
        output->write_errno = errno;
    arena_release(&arena);
}

static void tell_event(Output *output, const char *name, const char *text)
{
    if (output->config.json_lines)
        write_event(output, name, json_pack("{s:o}", "text", json_text(text)));
}

void output_event(Output *output, const char *name)
{
    if (output->config.json_lines)
        write_event(output, name, json_object());
}

/* ---- what the lower layers tell ---- */

static void report_notice_line(Report *report, const char *text)
{
    output_notice((Output *) report, "%s", text);
}

static void report_warning_line(Report *report, const char *text)
{
    output_warning((Output *) report, "%s", text);
}

static void report_detail_line(Report *report, const char *text)
{
    output_verbose((Output *) report, "%s", text);
}

static void report_progress(Report *report, const char *text, int percent)
{
    output_progress((Output *) report, text, percent);
}

static void report_something_begins(Report *report, const char *subject)
{
    Output *output = (Output *) report;
    if (output->begins != NULL)
        output->begins(output->begins_context, subject);
}

static const char *report_advice_words(Report *report, const Advice *advice, Arena *arena)
{
    const OutputConfig *config = &((Output *) report)->config;
    return config->words != NULL ? config->words(advice, config->call, arena) : "";
}

void output_when_begun(Output *output, OutputBegins *function, void *context)
{
    output->begins = function;
    output->begins_context = context;
}

Report *output_report(Output *output)
{
    return &output->report;
}

Output *output_create(const OutputConfig *config)
{
    Output *output = alloc_zeroed(sizeof(*output));
    output->report = (Report){ .notice = report_notice_line,
                               .warning = report_warning_line,
                               .detail = report_detail_line,
                               .progress = report_progress,
                               .begins = report_something_begins,
                               .words = report_advice_words };
    output->config = *config;
    output->config.json |= config->json_lines;
    if (output->config.program == NULL)
        output->config.program = "hyperpoint";
    output->root = json_object();
    output->notices = json_array();
    output->warnings = json_array();
    (void) json_object_set_new(output->root, "format", json_string("hyperpoint/1")); /* fails only without memory */
    return output;
}

/* ---- texts ---- */

/* One text for JSON, where it is whole, and for people. */
typedef struct Text {
    char *raw, *shown; /* on the heap */
} Text;

static char *format_raw(const char *format, va_list arguments) PRINTF_LIKE(1, 0);

static char *format_raw(const char *format, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    int length = vsnprintf(NULL, 0, format, copy);
    va_end(copy);
    size_t size = length < 0 ? 1 : (size_t) length + 1;
    char *text = alloc_zeroed(size);
    (void) vsnprintf(text, size, format, arguments);
    return text;
}

/* The format with a mark in place of its line feeds. */
static const char *mark_lines(const char *format, char mark, char **ret_heap) __attribute__((format_arg(1)));

static const char *mark_lines(const char *format, char mark, char **ret_heap)
{
    char *marked = alloc_strdup(format);
    for (char *c = marked; *c != '\0'; c++)
        *c = *c == '\n' ? mark : *c;
    *ret_heap = marked;
    return marked;
}

/* The program's own line feeds are those that follow the mark in the format; all others came from outside. */
static Text format_text(const char *format, va_list arguments) PRINTF_LIKE(1, 0);

static Text format_text(const char *format, va_list arguments)
{
    char *heap, *heap2;
    va_list again;
    va_copy(again, arguments);
    Text text = { .raw = format_raw(mark_lines(format, '\1', &heap), arguments) };
    char *other = format_raw(mark_lines(format, '\2', &heap2), again);
    va_end(again);
    Str shown;
    str_init(&shown, SIZE_MAX / 2);
    for (size_t i = 0, begin = 0;; i++) {
        bool own_line = text.raw[i] != other[i];
        if (text.raw[i] != '\0' && !own_line)
            continue;
        visible_append(&shown, text.raw + begin, i - begin);
        if (!own_line)
            break;
        str_append_char(&shown, '\n');
        text.raw[i] = '\n';
        begin = i + 1;
    }
    text.shown = alloc_strdup(str_text(&shown));
    str_release(&shown);
    free(other);
    free(heap);
    free(heap2);
    return text;
}

static void text_release(Text *text)
{
    free(text->raw);
    free(text->shown);
}

/* ---- the screen and the log ---- */

static void clear_progress(Output *output)
{
    if (!output->progress_drawn)
        return;
    (void) fputs("\r\033[K", output->config.err); /* a progress line that cannot be shown is no failure */
    (void) fflush(output->config.err);
    output->progress_drawn = false;
}

/* What is shown comes from format_text(). */
static void print_text(Output *output, FILE *stream, const char *shown)
{
    OutputSink *sink = output->config.sink;
    if (sink != NULL) {
        sink->print(sink, stream == output->config.out, shown);
        return;
    }
    clear_progress(output);
    if (!console_write(stream, shown, strlen(shown)) && stream == output->config.out && output->write_errno == 0)
        output->write_errno = errno;
}

static void write_log(Output *output, const char *kind, const char *text)
{
    if (output->log_path == NULL)
        return;
    Error err;
    Arena arena = ARENA_INIT;
    int64_t now = output->config.clock->now_ms(output->config.clock);
    const char *line = arena_printf(&arena, "%s %s%s\n", clock_format_local(&arena, now), kind, text);
    if (!fs_append_file(output->log_path, line, &err)) {
        output->log_path = NULL; /* before the warning, which would come here again */
        output_warning(output, "the log ends here: %s", err.message);
    }
    arena_release(&arena);
}

/* Prints one line to "err" and to the log. */
static void print_line(Output *output, bool shown, const char *kind, const char *text)
{
    if (shown) {
        print_text(output, output->config.err, kind);
        print_text(output, output->config.err, text);
        print_text(output, output->config.err, "\n");
    }
    write_log(output, kind, text);
}

/* Others may be beginning logs at the same moment: a name is taken by making the file. */
static bool create_log(Arena *arena, const char *folder, const char *verb, int64_t now, const char **ret_path,
                       Error *err)
{
    static const char bom[] = "\xEF\xBB\xBF";
    const char *stem = arena_printf(arena, "%s_%s", verb, clock_format_file_name(arena, now));
    const char *path = fs_join(arena, folder, arena_printf(arena, "%s.log", stem));
    FileStream *stream = NULL;
    for (int number = 2; !file_create(path, &stream, err); number++) {
        if (err->code != ERR_STATE)
            return false;
        path = fs_join(arena, folder, arena_printf(arena, "%s_%d.log", stem, number));
    }
    if (!file_write(stream, bom, strlen(bom), err)) {
        file_close(stream);
        return false;
    }
    *ret_path = path;
    return file_finish_unflushed(stream, 0, err);
}

static bool start_log(Output *output, const char *parent, FsPrivacy privacy, const char *verb, Error *err)
{
    int64_t now = output->config.clock->now_ms(output->config.clock);
    const char *folder = fs_join(&output->arena, parent, "logs");
    if (!fs_make_folders(folder, privacy, err))
        return false;
    return create_log(&output->arena, folder, verb, now, &output->log_path, err);
}

void output_open_log(Output *output, const char *program_folder, const char *state_folder, const char *verb)
{
    Error err;
    if (start_log(output, program_folder, FS_SHARED, verb, &err))
        return;
    if (err.code != ERR_DENIED || !start_log(output, state_folder, FS_PRIVATE, verb, &err))
        output_warning(output, "no log: %s", err.message);
    else
        output_verbose(output, "the log is '%s', since the program's folder is not writable", output->log_path);
}

/* A line feed at the end is not needed. */
static void log_lines(Output *output, const char *shown)
{
    size_t length = strlen(shown);
    Arena arena = ARENA_INIT;
    write_log(output, "", length > 0 && shown[length - 1] == '\n' ? arena_strndup(&arena, shown, length - 1) : shown);
    arena_release(&arena);
}

void output_log(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    log_lines(output, text.shown);
    text_release(&text);
}

void output_result(Output *output, const char *format, ...)
{
    if (output->config.json)
        return;
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    print_text(output, output->config.out, text.shown);
    text_release(&text);
}

void output_pass(Output *output, bool is_result, const char *shown)
{
    FILE *stream = is_result ? output->config.out : output->config.err;
    print_text(output, stream, shown);
    if (fflush(stream) != 0 && is_result && output->write_errno == 0)
        output->write_errno = errno;
}

void output_ask(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    print_text(output, output->config.err, text.shown);
    (void) fflush(output->config.err); /* as with all that goes there */
    text_release(&text);
}

void output_done(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    log_lines(output, text.shown);
    if (!output->config.json && !output->config.silent)
        print_text(output, output->config.out, text.shown);
    text_release(&text);
}

json_t *output_json(Output *output)
{
    return output->root;
}

static void add_text(json_t *array, const char *text)
{
    (void) json_array_append_new(array, json_text(text)); /* fails only without memory */
}

void output_notice(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    add_text(output->notices, text.raw);
    tell_event(output, "notice", text.raw);
    print_line(output, !output->config.json && !output->config.silent, "notice: ", text.shown);
    text_release(&text);
}

void output_warning(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    add_text(output->warnings, text.raw);
    tell_event(output, "warning", text.raw);
    print_line(output, !output->config.json, "warning: ", text.shown);
    text_release(&text);
}

void output_verbose(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    print_line(output, output->config.verbose, "verbose: ", text.shown);
    text_release(&text);
}

const char *output_hint(Output *output, const Error *err, Arena *arena)
{
    const char *words = "";
    if (err->advice.code != ADVICE_NONE)
        words = report_advice_words(&output->report, &err->advice, arena);
    return arena_printf(arena, "%s%s%s", err->hint, *err->hint != '\0' && *words != '\0' ? "; " : "", words);
}

static json_t *error_to_json(const Error *err, const char *hint)
{
    return json_pack("{s:s, s:o, s:o, s:s, s:I}", "code", error_code_name(err->code), "message",
                     json_text(err->message), "hint",
                     *hint != '\0' ? json_text(hint) : json_null(), "source",
                     error_source_name(err->source), "native", (json_int_t) err->native);
}

static void print_whole(Output *output, const char *kind, const char *format, ...) PRINTF_LIKE(3, 4);

static void print_whole(Output *output, const char *kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Text text = format_text(format, arguments);
    va_end(arguments);
    print_line(output, !output->config.json, kind, text.shown);
    text_release(&text);
}

void output_error(Output *output, const Error *err)
{
    Arena arena = ARENA_INIT;
    const char *hint = output_hint(output, err, &arena);
    if (output->config.json_lines)
        write_event(output, "error", error_to_json(err, hint));
    if (output->error == NULL)
        output->error = error_to_json(err, hint);
    else
        add_text(output->warnings, err->message);
    char prefix[64];
    (void) snprintf(prefix, sizeof(prefix), "%s: error: ", output->config.program);
    print_whole(output, prefix, "%s", err->message);
    if (*hint != '\0')
        print_whole(output, "hint: ", "%s", hint);
    arena_release(&arena);
}

static void draw_progress(Output *output)
{
    FILE *stream = output->config.err;
    Arena arena = ARENA_INIT;
    const char *percent = output->progress_percent >= 0 ? arena_printf(&arena, " %d%%", output->progress_percent) : "";
    int columns = console_width(stream) - 1 - (int) strlen(percent); /* the last column would wrap on some terminals */
    size_t size = columns_fit(output->progress_text, columns);
    print_text(output, stream, arena_printf(&arena, "%.*s%s", (int) size, output->progress_text, percent));
    (void) fflush(stream);
    output->progress_drawn = true;
    arena_release(&arena);
}

/* The numbers apart, which count on all the time. */
static bool has_same_words(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "0123456789");
        b += strspn(b, "0123456789");
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
    }
}

static void show_progress(Output *output, const char *text, int percent)
{
    bool same_text = output->progress_text != NULL && strcmp(output->progress_text, text) == 0;
    if (output->config.json_lines && !(same_text && output->progress_percent == percent))
        write_event(output, "progress",
                    json_pack("{s:o, s:o}", "text", json_text(text), "percent",
                              percent >= 0 ? json_integer(percent) : json_null()));
    if (output->config.sink != NULL)
        output->config.sink->progress(output->config.sink, text, percent);
    if (same_text && output->progress_percent == percent && output->progress_drawn)
        return;
    if (output->progress_text == NULL || !has_same_words(output->progress_text, text))
        write_log(output, "progress: ", text);
    if (!same_text) {
        free(output->progress_text);
        output->progress_text = alloc_strdup(text);
    }
    output->progress_percent = percent;
    const OutputConfig *config = &output->config;
    if (!config->silent && !config->json && config->sink == NULL && console_is_terminal(config->err))
        draw_progress(output);
}

void output_progress(Output *output, const char *raw_or_null, int percent)
{
    if (raw_or_null == NULL) {
        clear_progress(output);
        if (output->config.sink != NULL)
            output->config.sink->progress(output->config.sink, NULL, -1);
        free(output->progress_text);
        output->progress_text = NULL;
        return;
    }
    Str shown;
    str_init(&shown, SIZE_MAX / 2);
    visible_append(&shown, raw_or_null, strlen(raw_or_null));
    show_progress(output, str_text(&shown), percent);
    str_release(&shown);
}

/* Nothing here fails but for lack of memory. */
static void complete_json(Output *output, int exit_code)
{
    (void) json_object_set(output->root, "notices", output->notices);
    (void) json_object_set(output->root, "warnings", output->warnings);
    if (output->error != NULL)
        (void) json_object_set(output->root, "error", output->error);
    (void) json_object_set_new(output->root, "exitCode", json_integer(exit_code));
}

static void print_json(Output *output, int exit_code)
{
    const OutputConfig *config = &output->config;
    FILE *out = config->out;
    if (config->json_lines && config->subject == NULL) {
        write_event(output, "end", json_pack("{s:i}", "exitCode", exit_code));
        return;
    }
    complete_json(output, exit_code);
    if (config->sink != NULL && !config->json_lines) {
        config->sink->result(config->sink, output->root);
        return;
    }
    if (config->json_lines) {
        write_event(output, "result", json_incref(output->root));
        return;
    }
    bool ok = json_dumpf(output->root, out, JSON_FLAGS | JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    if (!ok && output->write_errno == 0)
        output->write_errno = errno;
}

void output_whole_result(Output *output, int exit_code)
{
    if (!output->config.json_lines)
        return;
    complete_json(output, exit_code);
    write_event(output, "result", json_incref(output->root));
}

/* On the other stream, in JSON mode as well: the object is what could not be written. */
static void tell_unwritten(Output *output, int write_errno, Error *err)
{
    (void) error_set_native(err, ERR_IO, ERROR_SOURCE_ERRNO, write_errno, "cannot write the result: %s",
                            strerror(write_errno));
    output->config.json = false;
    output_error(output, err);
}

bool output_finish(Output *output, int exit_code, Error *err)
{
    output_progress(output, NULL, -1);
    Arena arena = ARENA_INIT;
    write_log(output, "exit code ", arena_printf(&arena, "%d", exit_code));
    arena_release(&arena);
    if (output->config.json)
        print_json(output, exit_code);
    bool writes = output->config.sink == NULL;
    if (writes && (fflush(output->config.out) != 0 || ferror(output->config.out)) && output->write_errno == 0)
        output->write_errno = errno != 0 ? errno : EIO;
    int write_errno = output->write_errno;
    if (write_errno != 0)
        tell_unwritten(output, write_errno, err);
    json_decref(output->root);
    json_decref(output->notices);
    json_decref(output->warnings);
    json_decref(output->error);
    arena_release(&output->arena);
    free(output);
    return write_errno == 0;
}
