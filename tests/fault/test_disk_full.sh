#!/bin/sh
# SPDX-License-Identifier: MIT
# A disk that is really full: without room for the journal nothing is changed, and with room it goes on.
#
#     test_disk_full.sh PROGRAM
# Mounts a small tmpfs as state folder, which takes root; skipped (77) where that is not possible.
set -eu

. "$(dirname "$0")/mounted.sh"

fill() {
    dd if=/dev/zero of="$folder/state/filler" bs=4096 2>"$folder/dd" && fail "the disk cannot be filled"
    return 0
}

refused() {
    cp "$folder/host.json" "$folder/before.json"
    fill
    run 1 . -VM "my vm"
    grep -qi "no space left" "$folder/err" || fail "the message does not name the full disk"
    grep -q "$1" "$folder/err" || fail "the message does not speak of the $1"
    cmp -s "$folder/before.json" "$folder/host.json" || fail "the host has changed"
    rm "$folder/state/filler"
    [ -z "$(find "$folder/state" -name '*.json' -o -name '*.tmp')" ] || fail "something of the journal is left"
}

mkdir "$folder/state"
mount_on state -t tmpfs -o size=64k hyperpoint-test

run 0 . -DO list-vms
refused "lock file"
run 0 . -VM "my vm" -DO recover # leaves its lock file, so that the journal is the first that needs room
refused "journal"
run 0 . -VM "my vm"
grep -q "created" "$folder/out" || fail "no checkpoint with room on the disk"
echo "1 passed, 0 failed"
