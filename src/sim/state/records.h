/* SPDX-License-Identifier: MIT */
/* What a state file holds in records: read by state_read.c and written by state_write.c. */
#pragma once

#include "json/shape.h"

typedef struct AffectedRecord {
    const char *path;
    uint32_t effect;
} AffectedRecord;

typedef struct AffectedRecordList {
    AffectedRecord *items;
    size_t count;
    size_t capacity;
} AffectedRecordList;

typedef struct FailureRecord {
    uint32_t code;
    StringList layers;
} FailureRecord;

typedef struct JobRecord {
    const char *id, *type;
    int64_t start_ms, due_ms, end_ms; /* end_ms 0: still going */
    const char *vm, *subject, *name;  /* NULL: none */
    uint32_t from_state;
    StringList texts, guids;
    AffectedRecordList affected;
    const FailureRecord *failure; /* NULL: none */
} JobRecord;

extern const Shape job_record_shape;  /* JobRecord */
extern const Shape host_record_shape; /* SimHost: those of its members that are plain values */
