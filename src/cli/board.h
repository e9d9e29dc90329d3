/* SPDX-License-Identifier: MIT */
/* The screen of several runs that go on side by side, one row each (a VM, or a host). What a run prints is kept until
 * it is done, and then shown as one block below its name, so that nothing of one is mixed with that of another. On a
 * terminal there is a line below for each row that is at work, drawn again and again. At the end a table tells how each
 * ended. With -JSON the objects are kept, in the order of the rows; events of -JSONLINES are shown at once. What else
 * there is for "err" then (-VERBOSE) is shown in blocks as ever.
 *
 * All may be called from any thread. The output that it shows through is the board's alone until board_finish(). */
#pragma once

#include "base/cancel.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "platform/clock.h"

typedef struct Board Board;

/* The form of the output that it shows through, and of those whose sinks are rows. */
typedef struct BoardConfig {
    Output *output;
    FILE *out, *err; /* of that output: are they terminals, the same one? */
    Clock *clock;
    const Cancel *cancel; /* once it has requests, that is told. NULL: there are none */
    bool silent, json, json_lines;
    bool only_plans;    /* nothing is changed */
    bool tells_hosts;   /* there are several */
} BoardConfig;

Board *board_create(const BoardConfig *config, size_t row_count);

/* What a row is called; the texts live as long as the board. vm NULL: it is of the host as a whole. */
void board_name(Board *board, size_t row, const char *vm_or_null, const char *host);

/* Where the output of the row's run goes, which begins now. */
OutputSink *board_begin(Board *board, size_t row);

/* The run has ended, and its output is finished: its block is shown. */
void board_end(Board *board, size_t row, ExitCode code);

/* The same for a row whose run is not going to begin: of what it has to tell only objects of -JSON are shown. */
OutputSink *board_skip(Board *board, size_t row);

/* Shows the table, or puts "results" into the output's object. Frees the board. */
void board_finish(Board *board);
