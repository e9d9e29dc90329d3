#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds HyperPoint in every way that has to work and runs all tests; installs what is missing for it on Debian.
#   scripts/test.sh          everything
#   scripts/test.sh --quick  one build without sanitizers, and its tests
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

case "${1:-}" in
    "" | --quick) ;;
    *) echo "usage: scripts/test.sh [--quick]" >&2; exit 2 ;;
esac

need_for_build
need_for_tests
[ "${1:-}" = --quick ] || need_for_windows
install_missing

# run_tests TREE [CTEST OPTION...]
run_tests() {
    tree=$1
    shift
    echo "Testing build/$tree"
    ctest --test-dir "build/$tree" --parallel "$(nproc)" --output-on-failure --no-tests=error "$@"
}

build debug debug
run_tests debug
[ "${1:-}" != --quick ] || exit 0

# The other compiler sees other mistakes; what it built need not run.
build debug clang -DCMAKE_C_COMPILER=clang
# Everything again with AddressSanitizer and UndefinedBehaviorSanitizer.
build asan asan
run_tests asan
# What uses threads, or is told of Ctrl-C, with ThreadSanitizer.
build tsan tsan
run_tests tsan --label-regex threads

# The programs for Windows, under Wine.
scripts/build-windows-deps.sh
build windows windows
# What users download is made twice, in different folders, and is the same.
for again in package package-again; do
    rm -rf build/$again
    scripts/package-windows.sh build/$again
done
cmp build/package/*.zip build/package-again/*.zip
run_tests windows
