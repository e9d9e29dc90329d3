/* SPDX-License-Identifier: MIT */
#include "platform/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

enum { THREADS = 4, TURNS = 1000 };

typedef struct Table {
    Monitor *monitor;
    size_t turn; /* whose: the number of the thread */
    size_t taken;
} Table;

typedef struct Player {
    Table *table;
    size_t number;
} Player;

/* Each waits for its turn, so all have to wake each other all the time. */
static void play(void *context)
{
    Player *player = context;
    Table *table = player->table;
    monitor_enter(table->monitor);
    for (size_t i = 0; i < TURNS; i++) {
        while (table->turn != player->number)
            monitor_wait(table->monitor);
        table->taken++;
        table->turn = (table->turn + 1) % THREADS;
        monitor_wake_all(table->monitor);
    }
    monitor_leave(table->monitor);
}

static void test_turns(void **state)
{
    (void) state;
    Table table = { .monitor = monitor_create() };
    Player players[THREADS];
    Thread *threads[THREADS];
    Error err;
    for (size_t i = 0; i < THREADS; i++) {
        players[i] = (Player){ &table, i };
        assert_true(thread_start(play, &players[i], &threads[i], &err));
    }
    for (size_t i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    assert_int_equal(table.taken, THREADS * TURNS);
    monitor_destroy(table.monitor);
}

static void test_processors(void **state)
{
    (void) state;
    assert_in_range(thread_processor_count(), 1, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_turns), cmocka_unit_test(test_processors) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
