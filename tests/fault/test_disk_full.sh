#!/bin/sh
# SPDX-License-Identifier: MIT
# A disk that is really full: without room for the journal nothing is changed, and with room it goes on.
#
#     test_disk_full.sh PROGRAM
# Mounts a small tmpfs as state folder, which takes root; skipped (77) where that is not possible.
set -eu

program=$1
folder=$(mktemp -d)
mounted=no

clean_up() {
    [ "$mounted" = no ] || umount "$folder/state"
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

fail() {
    echo "FAILED: $1"
    cat "$folder/out" "$folder/err"
    exit 1
}

# run CODE WORDS...: the program must end with that exit code
run() {
    expected=$1
    shift
    code=0
    XDG_STATE_HOME=$folder/state "$program" -HOST "sim:$folder/host.json" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" -eq "$expected" ] || fail "hyperpoint $*: exit code $code, not $expected"
}

fill() {
    dd if=/dev/zero of="$folder/state/filler" bs=4096 2>"$folder/dd" && fail "the disk cannot be filled"
    return 0
}

refused() {
    cp "$folder/host.json" "$folder/before.json"
    fill
    run 1 -VM "my vm"
    grep -qi "no space left" "$folder/err" || fail "the message does not name the full disk"
    grep -q "$1" "$folder/err" || fail "the message does not speak of the $1"
    cmp -s "$folder/before.json" "$folder/host.json" || fail "the host has changed"
    rm "$folder/state/filler"
    [ -z "$(find "$folder/state" -name '*.json' -o -name '*.tmp')" ] || fail "something of the journal is left"
}

if [ "$(id -u)" -ne 0 ]; then
    echo "skipped: mounting a tmpfs takes root"
    exit 77
fi
mkdir "$folder/state"
if ! mount -t tmpfs -o size=64k hyperpoint-test "$folder/state" 2>"$folder/err"; then
    echo "skipped: cannot mount a tmpfs here: $(cat "$folder/err")"
    exit 77
fi
mounted=yes

run 0 -DO list-vms
refused "lock file"
run 0 -VM "my vm" -DO recover # leaves its lock file, so that the journal is the first that needs room
refused "journal"
run 0 -VM "my vm"
grep -q "created" "$folder/out" || fail "no checkpoint with room on the disk"
echo "1 passed, 0 failed"
