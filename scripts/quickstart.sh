#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds hyperpoint (installing what is missing for it on Debian) and shows what it is for, on a simulated Hyper-V host.
# Each run begins with a fresh host in build/quickstart.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_for_build
install_missing
build release release -DBUILD_TESTING=OFF

demo=build/quickstart
rm -rf "$demo"
mkdir -p "$demo"
host=sim:$demo/host.json
export XDG_STATE_HOME="$PWD/$demo/state" # journals of the demonstration

say() {
    printf '\n==> %s\n' "$1"
}

# Shows a command line as one would type it, and runs it.
exec 3>&1
run_program() {
    program=$1
    shift
    printf '$ %s' "$program" >&3
    for word in "$@"; do
        case $word in
            *" "*) printf ' "%s"' "$word" >&3 ;;
            *) printf ' %s' "$word" >&3 ;;
        esac
    done
    printf '\n' >&3
    "build/release/$program" "$@"
}

run() {
    run_program hyperpoint "$@"
}

say "The GPUs of the host, and the two that the virtual machine 'my vm' holds"
run -HOST $host -VM "my vm" -DO list-gpus >"$demo/before.txt"
cat "$demo/before.txt"

say "A checkpoint, which Hyper-V refuses while GPUs are there"
run -HOST $host -VM "my vm" -NAME "quick start"

say "The GPUs afterwards, compared with before"
run -HOST $host -VM "my vm" -DO list-gpus >"$demo/after.txt"
diff -U 1 "$demo/before.txt" "$demo/after.txt" | tail -n +3
for list in before after; do
    grep -v '^Adapter ID' "$demo/$list.txt" >"$demo/$list.same"
done
if ! cmp "$demo/before.same" "$demo/after.same" || ! grep -q '^Assigned .*(Total:2)' "$demo/after.same"; then
    echo "The GPUs are not as they were." >&2
    exit 1
fi
echo "Only the adapter IDs differ, which Hyper-V gives anew: the same GPUs are back, with the same limits."

say "The checkpoint"
run -HOST $host -DO list-vms >"$demo/vms.txt"
sed -n '/^my vm$/,/^$/p' "$demo/vms.txt" >"$demo/vm.txt"
cat "$demo/vm.txt"
grep -q '^Checkpoints *: 1$' "$demo/vm.txt"

say "The drivers of its GPUs, gathered on the host and installed in the guest (here a folder that stands for its drive)"
guest=$demo/guest
mkdir -p "$guest/Windows/System32" "$guest/Windows/SysWOW64"
run -HOST $host -VM "my vm" -DO get-drivers -ZIP -DEST "$demo/hostdrivers"
run_program installdrivers -SRC "$demo/hostdrivers" -ROOT "$guest"
run -HOST $host -VM "my vm" -DO check-drivers -ROOT "$guest"

cat <<END

Try more, on the same host:
  build/release/hyperpoint -HOST $host -DO list-vms
  build/release/hyperpoint -HOST $host -VM "my vm" -WHATIF
  build/release/hyperpoint -HELP
END
