#!/bin/sh
# SPDX-License-Identifier: MIT
# How many lines of src the tests run, by gcov: for each folder and in all. What is for Windows alone is not built here.
#   scripts/coverage.sh [CTEST OPTION...]     for example -E matrix; without options, all tests
#   scripts/coverage.sh --files               for each file as well, of the tests that have been run already
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

tree=build/coverage
if [ "${1:-}" != --files ]; then
    need_for_build
    need_for_tests
    install_missing
    umask 0 # programs that run without an administrator's rights leave their counts, too
    build coverage coverage
    find $tree -name '*.gcda' -delete
    ctest --test-dir $tree --parallel "$(nproc)" --output-on-failure --no-tests=error "$@"
fi

# gcov says "File '.../src/base/arena.c'", and in the next line "Lines executed:97.56% of 41".
find $tree/src -name '*.gcda' -exec gcov --no-output {} + | awk -v files="${1:-}" '
    function row(name, run, all) { return sprintf("%-40s %6d of %6d lines  %5.1f %%", name, run, all, 100 * run / all) }
    /^File / { split($0, part, "\047"); file = part[2]; sub(/^.*\/src\//, "src/", file); next }
    file ~ /^src\/.*\.c$/ && /^Lines executed:/ {
        split($0, part, /[:% ]+/)
        all = part[5]
        run = int(part[3] * all / 100 + 0.5)
        folder = file
        sub(/\/[^\/]*$/, "", folder)
        folders_run[folder] += run; folders_all[folder] += all
        total_run += run; total_all += all
        if (files == "--files")
            print row(file, run, all)
    }
    { file = "" }
    END {
        for (folder in folders_all)
            print row(folder, folders_run[folder], folders_all[folder]) | "sort"
        close("sort")
        print row("src", total_run, total_all)
    }'
