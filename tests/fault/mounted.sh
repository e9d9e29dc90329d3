# SPDX-License-Identifier: MIT
# Sourced by tests that run a program on a folder of their own, a part of which is mounted: not a program.
program=$1
folder=$(mktemp -d)
mounted=

clean_up() {
    [ -z "$mounted" ] || umount "$mounted"
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

fail() {
    echo "FAILED: $1"
    cat "$folder/out" "$folder/err"
    exit 1
}

# run CODE PLACE WORDS...: the program must end with that exit code, on the simulated host in that part of the folder
run() {
    expected=$1 host=$folder/$2/host.json
    shift 2
    code=0
    XDG_STATE_HOME=$folder/state "$program" -HOST "sim:$host" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" -eq "$expected" ] || fail "hyperpoint -HOST sim:$host $*: exit code $code, not $expected"
}

# mount_on PLACE WORDS...: mounts on that part of the folder, or ends the test as skipped (77)
mount_on() {
    place=$folder/$1
    shift
    if [ "$(id -u)" -ne 0 ]; then
        echo "skipped: mounting takes root"
        exit 77
    fi
    if ! mount "$@" "$place" 2>"$folder/err"; then
        echo "skipped: cannot mount here: $(cat "$folder/err")"
        exit 77
    fi
    mounted=$place
}
