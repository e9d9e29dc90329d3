#!/bin/sh
# SPDX-License-Identifier: MIT
# A simulated host whose folder is mounted a second time: what is left unfinished through one path is seen, refused and
# recovered through the other.
#
#     test_two_names.sh PROGRAM
# Takes root; skipped (77) where mounting is not possible.
set -eu

. "$(dirname "$0")/mounted.sh"

journals() {
    find "$folder/state" -name '*.json' | wc -l
}

# A change that is killed as soon as its journal is there, while the host works on its first job.
leave_unfinished() {
    XDG_STATE_HOME=$folder/state "$program" -HOST "sim:$folder/$1/host.json" -VM "my vm" >"$folder/out" \
        2>"$folder/err" &
    child=$!
    until [ "$(journals)" -gt 0 ]; do
        kill -0 "$child" 2>"$folder/grep" || fail "the change ends before it is killed"
    done
    kill -9 "$child"
    code=0
    wait "$child" || code=$?
    [ "$code" -eq 137 ] || fail "the change ended by itself, with exit code $code"
}

mkdir "$folder/a" "$folder/b" "$folder/state"
mount_on b --bind "$folder/a"

run 0 a -DO list-vms
sed -i 's/"knobs": {}/"knobs": {"jobMilliseconds": 600000}/' "$folder/a/host.json"
leave_unfinished a
sed -i 's/"jobMilliseconds": 600000/"jobMilliseconds": 0/' "$folder/a/host.json"
run 5 b -VM "my vm"
grep -q "unfinished" "$folder/err" || fail "the second name does not tell of the unfinished change"
run 0 b -DO list-vms
grep -q "my vm" "$folder/err" || fail "the listing by the second name does not warn"
# The job that the host may be working on is due at once.
python3 - "$folder/a/host.json" <<'END'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    state = json.load(file)
for job in state.get("jobs", []):
    job["due"] = job["start"]
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(state, file)
END
run 0 b -DO recover
grep -q "has been" "$folder/out" || fail "the second name recovers nothing"
[ "$(journals)" -eq 0 ] || fail "the journal is still there"
run 0 a -DO recover
grep -q "Nothing to recover" "$folder/out" || fail "the first name finds something to recover"
echo "1 passed, 0 failed"
