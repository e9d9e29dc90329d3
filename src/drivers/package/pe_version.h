/* SPDX-License-Identifier: MIT */
/* What a program or library says about itself in its version resource. Microsoft, "PE Format" and "VS_VERSIONINFO
 * structure". The data comes from outside: anything may be in it, and it may end anywhere. Read in small pieces, so
 * that the size of the file does not matter. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PE_COMPANY_LENGTH = 63 };

typedef struct PeVersion {
    bool has_number;
    uint64_t number;                     /* the file version, four 16-bit numbers in one */
    char company[PE_COMPANY_LENGTH + 1]; /* the first that is told; "" if none; '?' for what is not ASCII */
    bool is_microsoft;                   /* the company is Microsoft, in one of its languages at least */
} PeVersion;

typedef struct PeKind {
    unsigned bits;   /* 32 or 64; 0: it is no program or library */
    bool is_library; /* a DLL */
} PeKind;

/* Fills the buffer from there; fewer bytes at the end, or if they cannot be read. */
typedef size_t PeRead(void *context, uint64_t offset, void *buffer, size_t size);

/* Of an image of that size; all zero if it has no such resource. */
PeVersion pe_read_version(PeRead *read, void *context, uint64_t size);

PeKind pe_read_kind(PeRead *read, void *context, uint64_t size);

/* Of an image in memory. */
PeVersion pe_version_of(const void *data, size_t size);
