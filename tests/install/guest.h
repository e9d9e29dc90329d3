/* SPDX-License-Identifier: MIT */
/* A guest that runs, for tests of installdrivers in their own process: programs that hold files, a registry, a start of
 * Windows (support/guest_windows.h), GPUs (a simulated guest), and packages in its folder: INTEL_1, INTEL_2, which
 * takes its place, and INTEL_3, which wants a value that no driver needs. Each run is a second after the one before. */
#pragma once

#include "base/arena.h"
#include "base/cancel.h"
#include "platform/devices.h"
#include "platform/holders.h"
#include "support/fault_files.h"
#include "support/guest_windows.h"
#include "support/test_clock.h"
#include "support/test_package.h"

enum { DONE = 0, REFUSED = 1, PARTLY = 3, PUT_BACK = 4, UNFINISHED = 5, REBOOT = 7, DIFFERS = 8 };

typedef struct PlayedHolders {
    Holders holders;  /* first: callers hand it back */
    const char *held; /* the end of a path; NULL: nothing is held */
    bool stays;       /* it does not end when it is asked to */
    size_t stops, restarts;
    Cancel *interrupts;  /* Ctrl-C when what was stopped starts again; NULL: none */
    const char *removes; /* a file that vanishes meanwhile; NULL: none */
    const char *file;    /* is read when what was stopped starts again */
    char *seen;
    Arena arena;
} PlayedHolders;

/* Restarted, a device works, unless it fails or stays as it is. */
typedef struct PlayedDevices {
    Devices devices; /* first: callers hand it back */
    bool fails, stays;
    size_t restarts;
    const char *file; /* of the guest's WMI */
} PlayedDevices;

typedef struct Guest {
    Arena arena;
    const char *folder, *root;
    PlayedHolders holders;
    PlayedDevices devices;
    Registry *registry;
    TestClock clock;
    Cancel cancel; /* Ctrl-C */
    FileScript files;
    const char *gpus; /* the guest's WMI */
    char *out;        /* of the last run */
    char *err;
} Guest;

/* For cmocka. */
int guest_set_up(void **state);
int guest_tear_down(void **state);

#define GUEST_TEST(name) cmocka_unit_test_setup_teardown(name, guest_set_up, guest_tear_down)

/* The words end with NULL; -ROOT comes before them. */
int guest_run(Guest *guest, const char *const *words);
#define RUN(guest, ...) guest_run((guest), (const char *const[]){ __VA_ARGS__, NULL })

/* One package of the folder; "word": one more, or NULL. */
int guest_install(Guest *guest, const char *name, const char *word);

/* Its GPUs have stopped with code 43, until they are restarted. */
void guest_stop_gpus(Guest *guest);

/* INTEL_1 with -FORCE, while a file that has to go cannot be moved. */
void guest_make_wait(Guest *guest);

/* The list of moves that wait. */
StringList guest_pending(Guest *guest);

/* text NULL: there is none. */
void assert_file(Guest *guest, const char *path, const char *text);
void assert_value(Guest *guest, const char *name, const char *text);
void assert_says(const char *text, const char *part);

/* The guest is as it was before the first package came. */
void assert_untouched(Guest *guest);
