/* SPDX-License-Identifier: MIT */
#include "cli/board.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/visible.h"
#include "cli/columns.h"
#include "json/document.h"
#include "platform/console.h"
#include "platform/thread.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REDRAW_US = 100 * 1000 }; /* numbers that count on need no more */

/* A part of a block, all for the same stream. */
typedef struct Piece {
    bool is_result;
    Str text;
} Piece;

typedef enum RowState { ROW_WAITS, ROW_AT_WORK, ROW_ENDED, ROW_SKIPPED } RowState;

typedef struct Row {
    OutputSink sink; /* first: outputs hand it back */
    Board *board;
    const char *vm, *host;
    RowState state;
    struct {
        Piece *items;
        size_t count, capacity;
    } pieces;
    Arena arena; /* of the pieces */
    char *progress; /* on the heap; NULL: nothing is told */
    int percent;
    json_t *object; /* NULL: none */
    int64_t began_us, took_us;
    ExitCode code;
} Row;

struct Board {
    BoardConfig config;
    Monitor *monitor; /* of all below, and of the output */
    Row *rows;
    size_t count;
    bool is_live;    /* lines are drawn */
    int drawn_lines; /* below everything else, at the moment */
    int64_t drawn_us;
    bool told_interruption;
    bool is_one_place;  /* results and the rest come to the same place */
    bool has_block[2];  /* there, and elsewhere: one has been shown. Index: is_result */
};

/* ---- the lines of those at work ---- */

static void draw_over(Board *board, const char *text)
{
    if (*text != '\0')
        output_pass(board->config.output, false, text);
}

static void erase_lines(Board *board)
{
    Arena arena = ARENA_INIT;
    if (board->drawn_lines > 0)
        draw_over(board, arena_printf(&arena, "\033[%dA\r\033[J", board->drawn_lines));
    board->drawn_lines = 0;
    arena_release(&arena);
}

/* "my vm on host1", as far as it has to be told. */
static const char *row_name(const Board *board, const Row *row, Arena *arena)
{
    Str name;
    str_init(&name, SIZE_MAX / 2);
    if (row->vm != NULL)
        visible_append(&name, row->vm, strlen(row->vm));
    if (row->vm != NULL && board->config.tells_hosts)
        str_append(&name, " on ");
    if (row->vm == NULL || board->config.tells_hosts)
        visible_append(&name, row->host, strlen(row->host));
    return str_take(&name, arena);
}

static void append_line(const Board *board, const Row *row, int columns, Str *lines)
{
    Arena arena = ARENA_INIT;
    Str line;
    str_init(&line, SIZE_MAX / 2);
    str_appendf(&line, "%s: ", row_name(board, row, &arena));
    const char *words = row->progress != NULL ? row->progress : "at work";
    visible_append(&line, words, strlen(words));
    const char *percent = row->percent >= 0 ? arena_printf(&arena, " %d%%", row->percent) : "";
    size_t size = columns_fit(str_text(&line), columns - (int) strlen(percent));
    str_append_bytes(lines, str_text(&line), size);
    str_appendf(lines, "%s\n", percent);
    str_release(&line);
    arena_release(&arena);
}

static void draw_lines(Board *board)
{
    FILE *stream = board->config.err;
    int columns = console_width(stream) - 1; /* the last column would wrap on some terminals */
    int most = console_height(stream) - 2;   /* one for the rest, one for the cursor */
    int rest = 0;
    Str lines;
    str_init(&lines, SIZE_MAX / 2);
    if (board->drawn_lines > 0)
        str_appendf(&lines, "\033[%dA\r\033[J", board->drawn_lines);
    board->drawn_lines = 0;
    for (size_t i = 0; i < board->count; i++) {
        if (board->rows[i].state != ROW_AT_WORK)
            continue;
        if (board->drawn_lines >= most) {
            rest++;
            continue;
        }
        append_line(board, &board->rows[i], columns, &lines);
        board->drawn_lines++;
    }
    if (rest > 0) {
        str_appendf(&lines, "and %d more\n", rest);
        board->drawn_lines++;
    }
    draw_over(board, str_text(&lines));
    str_release(&lines);
    board->drawn_us = board->config.clock->ticks_us(board->config.clock);
}

static void redraw(Board *board, bool is_urgent)
{
    Clock *clock = board->config.clock;
    if (board->is_live && (is_urgent || clock->ticks_us(clock) - board->drawn_us >= REDRAW_US))
        draw_lines(board);
}

/* Nobody has to look for it: whoever tells something comes by here. */
static void tell_interruption(Board *board)
{
    const Cancel *cancel = board->config.cancel;
    if (board->count == 1 || board->told_interruption || cancel == NULL || !cancel_is_requested(cancel))
        return;
    board->told_interruption = true;
    erase_lines(board);
    output_notice(board->config.output, "interrupted: nothing more is begun, and what is under way goes on to its end; "
                                        "a second Ctrl-C puts it back");
}

/* ---- rows as sinks ---- */

static void row_print(OutputSink *sink, bool is_result, const char *text)
{
    Row *row = (Row *) sink;
    Board *board = row->board;
    monitor_enter(board->monitor);
    if (board->config.json_lines && is_result) { /* an event */
        output_pass(board->config.output, is_result, text);
    } else if (row->state != ROW_SKIPPED) {
        if (row->pieces.count == 0 || row->pieces.items[row->pieces.count - 1].is_result != is_result) {
            Piece piece = { .is_result = is_result };
            str_init(&piece.text, SIZE_MAX / 2);
            ARRAY_PUSH(&row->arena, &row->pieces, piece);
        }
        str_append(&row->pieces.items[row->pieces.count - 1].text, text);
    }
    tell_interruption(board);
    monitor_leave(board->monitor);
}

static void row_progress(OutputSink *sink, const char *text_or_null, int percent)
{
    Row *row = (Row *) sink;
    Board *board = row->board;
    monitor_enter(board->monitor);
    bool is_new = text_or_null != NULL && (row->progress == NULL || strcmp(row->progress, text_or_null) != 0);
    if (is_new) {
        free(row->progress);
        row->progress = alloc_strdup(text_or_null);
    }
    row->percent = text_or_null != NULL ? percent : -1;
    tell_interruption(board);
    redraw(board, is_new);
    monitor_leave(board->monitor);
}

static void row_result(OutputSink *sink, json_t *object)
{
    Row *row = (Row *) sink;
    monitor_enter(row->board->monitor);
    row->object = json_incref(object);
    monitor_leave(row->board->monitor);
}

/* ---- their life ---- */

Board *board_create(const BoardConfig *config, size_t row_count)
{
    Board *board = alloc_zeroed(sizeof(*board));
    board->config = *config;
    board->monitor = monitor_create();
    board->rows = alloc_zeroed(row_count * sizeof(*board->rows));
    board->count = row_count;
    board->is_one_place = console_is_same(config->out, config->err);
    board->is_live = !config->silent && !config->json && !config->json_lines && console_is_terminal(config->err);
    for (size_t i = 0; i < row_count; i++)
        board->rows[i] = (Row){ .sink = { .print = row_print, .progress = row_progress, .result = row_result },
                                .board = board,
                                .percent = -1 };
    return board;
}

void board_name(Board *board, size_t row, const char *vm_or_null, const char *host)
{
    board->rows[row].vm = vm_or_null;
    board->rows[row].host = host;
}

static OutputSink *set_out(Board *board, size_t index, RowState state)
{
    Row *row = &board->rows[index];
    monitor_enter(board->monitor);
    row->state = state;
    row->began_us = board->config.clock->ticks_us(board->config.clock);
    redraw(board, true);
    monitor_leave(board->monitor);
    return &row->sink;
}

OutputSink *board_begin(Board *board, size_t row)
{
    return set_out(board, row, ROW_AT_WORK);
}

OutputSink *board_skip(Board *board, size_t row)
{
    return set_out(board, row, ROW_SKIPPED);
}

static void show_heading(Board *board, const Row *row, bool is_result)
{
    Arena arena = ARENA_INIT;
    const char *gap = board->has_block[is_result] ? "\n" : "";
    board->has_block[is_result] = true;
    if (board->is_one_place)
        board->has_block[!is_result] = true;
    output_pass(board->config.output, is_result, arena_printf(&arena, "%s== %s\n", gap, row_name(board, row, &arena)));
    arena_release(&arena);
}

/* The name stands above what goes to each of the streams, so that it is there in a file, too; once, if both go to the
 * same place. */
static void show_block(Board *board, const Row *row)
{
    bool is_named[2] = { false, board->config.json };
    for (size_t i = 0; i < row->pieces.count; i++) {
        const Piece *piece = &row->pieces.items[i];
        if (!is_named[piece->is_result])
            show_heading(board, row, piece->is_result);
        is_named[piece->is_result] = true;
        is_named[!piece->is_result] |= board->is_one_place;
        output_pass(board->config.output, piece->is_result, str_text(&piece->text));
    }
}

void board_end(Board *board, size_t index, ExitCode code)
{
    Row *row = &board->rows[index];
    monitor_enter(board->monitor);
    row->took_us = board->config.clock->ticks_us(board->config.clock) - row->began_us;
    row->code = code;
    if (row->state == ROW_AT_WORK)
        row->state = ROW_ENDED;
    tell_interruption(board);
    erase_lines(board);
    show_block(board, row);
    for (size_t i = 0; i < row->pieces.count; i++)
        str_release(&row->pieces.items[i].text);
    row->pieces.count = 0;
    arena_release(&row->arena);
    redraw(board, true);
    monitor_leave(board->monitor);
}

/* ---- the table ---- */

typedef struct Ending {
    const char *words, *in_sum;
} Ending;

static Ending ending_of(const Board *board, const Row *row)
{
    static const Ending endings[] = {
        [EXIT_DONE] = { "done", "done" },
        [EXIT_REFUSED] = { "refused", "refused" },
        [EXIT_USAGE] = { "refused", "refused" },
        [EXIT_PARTLY] = { "partly done", "partly done" },
        [EXIT_PUT_BACK] = { "failed, put back", "failed and put back" },
        [EXIT_UNFINISHED] = { "unfinished", "unfinished" },
        [EXIT_NO_HOST] = { "host not reached", "host not reached" },
        [EXIT_REBOOT] = { "done after a restart", "done after a restart" },
        [EXIT_DIFFERS] = { "not as it should be", "not as it should be" },
    };
    static const Ending planned = { "planned", "planned" }, not_begun = { "not begun", "not begun" };
    if (row->state != ROW_ENDED)
        return not_begun;
    return row->code == EXIT_DONE && board->config.only_plans ? planned : endings[row->code];
}

static void append_cell(Str *line, const char *text, int width)
{
    visible_append(line, text, strlen(text));
    for (int columns = columns_of(text); columns < width + 2; columns++)
        str_append_char(line, ' ');
}

static int widest(int width, const char *text)
{
    int columns = columns_of(text);
    return columns > width ? columns : width;
}

/* A column of no width is left out. */
static void show_line(Board *board, const int *widths, const char *vm, const char *host, const char *result,
                      const char *took)
{
    Str line;
    str_init(&line, SIZE_MAX / 2);
    if (widths[0] > 0)
        append_cell(&line, vm, widths[0]);
    if (widths[1] > 0)
        append_cell(&line, host, widths[1]);
    append_cell(&line, result, widths[2]);
    output_done(board->config.output, "%s%8s\n", str_text(&line), took);
    str_release(&line);
}

/* "17 done, 2 failed and put back, 1 not begun" */
static void show_sum(Board *board)
{
    Str sum;
    str_init(&sum, SIZE_MAX / 2);
    for (size_t i = 0; i < board->count; i++) {
        const char *words = ending_of(board, &board->rows[i]).in_sum;
        size_t before = 0, same = 0;
        for (size_t j = 0; j < board->count; j++) {
            bool is_same = strcmp(ending_of(board, &board->rows[j]).in_sum, words) == 0;
            same += is_same;
            before += is_same && j < i;
        }
        if (before == 0)
            str_appendf(&sum, "%s%zu %s", sum.length > 0 ? ", " : "", same, words);
    }
    output_done(board->config.output, "%s\n", str_text(&sum));
    str_release(&sum);
}

static void show_table(Board *board)
{
    int widths[3] = { 0, columns_of("Host"), columns_of("Result") };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < board->count; i++) {
        const Row *row = &board->rows[i];
        if (row->vm != NULL)
            widths[0] = widest(widest(widths[0], "VM"), row->vm);
        widths[1] = widest(widths[1], row->host);
        widths[2] = widest(widths[2], ending_of(board, row).words);
    }
    if (widths[0] > 0 && !board->config.tells_hosts)
        widths[1] = 0;
    if (board->has_block[true])
        output_done(board->config.output, "\n");
    show_line(board, widths, "VM", "Host", "Result", "Time");
    for (size_t i = 0; i < board->count; i++) {
        const Row *row = &board->rows[i];
        const char *took = row->state == ROW_ENDED ? arena_printf(&arena, "%" PRId64 ".%" PRId64 " s",
                                                                  row->took_us / 1000000, row->took_us / 100000 % 10)
                                                   : "-";
        show_line(board, widths, row->vm != NULL ? row->vm : "", row->host, ending_of(board, row).words, took);
    }
    show_sum(board);
    arena_release(&arena);
}

void board_finish(Board *board)
{
    erase_lines(board);
    if (!board->config.json)
        show_table(board);
    json_t *results = json_array();
    for (size_t i = 0; i < board->count; i++) {
        Row *row = &board->rows[i];
        if (row->object != NULL)
            (void) json_array_append_new(results, row->object); /* fails only without memory */
        free(row->progress);
    }
    json_put(output_json(board->config.output), "results", results);
    monitor_destroy(board->monitor);
    free(board->rows);
    free(board);
}
