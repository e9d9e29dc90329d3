/* SPDX-License-Identifier: MIT */
/* Rows of a real host become objects of a simulated one. A host may say anything: what the simulated host's classes do
 * not have, or cannot hold, is left out and told. */
#pragma once

#include "capture/capture.h"
#include "sim/store/host_model.h"

typedef struct Captured {
    SimHost *host;
    CaptureResult *result;
    Arena *arena; /* of the result */
} Captured;

/* Adds to what was left out: properties of a class (name NULL: rows of it), each name once. */
void capture_leave_out(const Captured *captured, const char *what, const char *name, const char *why);

/* What is the matter with one class or key is no matter of the others, unless nothing can be read any more. */
bool capture_is_over(const Error *err);

/* True: it is on the simulated host now. */
bool capture_row(const Captured *captured, const char *ns, const CimInstance *row);

/* The class has been read, whatever it has. */
void capture_tell_class(const Captured *captured, const char *class_name);

/* VMs without their configuration, which no simulated host can have. */
void capture_drop_torn_vms(const Captured *captured);

/* Which differencing disk is the child of which, as far as the checkpoints tell: a configuration's disk stands on that
 * of the checkpoint that it goes on from. */
void capture_link_disks(const Captured *captured);
