/* SPDX-License-Identifier: MIT */
/* A copy of what HyperPoint reads of a host, as the state file of a simulated one (docs/simulator.md): to rehearse on,
 * and to send along with a bug report. Reads only; what is taken: capture/taken.h. */
#pragma once

#include "cim/host_files.h"
#include "hyperv/host/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CaptureRequest {
    HyperVHost *host;
    const char *file; /* the state file to write */
    bool only_look;   /* read all, write nothing */
    bool anonymous;   /* without what tells whose host it is */
    HostFiles *files; /* of the host, for those of its drivers; NULL: without */
    const char *secret_folder; /* where the user's secret for that is kept */
} CaptureRequest;

typedef struct CapturedClass {
    const char *class_name;
    size_t rows;
} CapturedClass;

/* What is not in the capture, and why. */
typedef struct LeftOut {
    const char *what;  /* a class, a key of the registry, or what else there is */
    StringList names;  /* of it: properties, values; none: all of it */
    size_t count;      /* how often */
    const char *why;
} LeftOut;

typedef struct CaptureResult {
    const char *file;
    bool is_written, is_anonymous;
    const char *name; /* of the host, as it stands in the file */
    uint32_t build;
    uint64_t size; /* of the file, bytes */
    size_t rows, registry_values, files;
    struct {
        CapturedClass *items;
        size_t count, capacity;
    } classes;
    struct {
        LeftOut *items;
        size_t count, capacity;
    } left_out;
} CaptureResult;

/* ERR_STATE if the file exists: nothing is ever overwritten. ERR_DENIED for a user to whom Hyper-V shows nothing. */
MUST_CHECK bool capture_host(const CaptureRequest *request, Arena *arena, CaptureResult *ret_result, Error *err);
