/* SPDX-License-Identifier: MIT */
/* Small driver packages, as folders with a manifest, for an Intel GPU: the vendor whose drivers have registry
 * values. */
#pragma once

#include "drivers/package/manifest.h"

#define TEST_STORE "Windows/System32/HostDriverStore/FileRepository/"
#define TEST_CLASS_KEY "SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\0003"

typedef struct TestFile {
    const char *path, *text;
} TestFile;

typedef struct TestPackage {
    const char *name;           /* "INTEL_1" */
    const char *package_folder; /* in FileRepository */
    const char *date;           /* of the driver; NULL: unknown */
    const char *version;        /* of the driver; NULL: "1" */
    const TestFile *files;      /* up to one without a path */
    ManifestValues values;
} TestPackage;

/* Makes it below "folder". */
void test_package_make(const char *folder, const TestPackage *package);

/* The same as one zip, at that path. */
void test_package_zip(const TestPackage *package, const char *zip);

/* A REG_SZ of TEST_CLASS_KEY. */
ManifestValue test_package_value(const char *name, const char *text, Arena *arena);

/* Writes a file below "root", and the folders it needs. */
void test_file_put(const char *root, const char *path, const char *text);

/* The same for a library that says it is this company's. It begins with "MZ" and the text, and a NUL. */
void test_library_put(const char *root, const char *path, const char *text, const char *company);
