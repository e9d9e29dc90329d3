# SPDX-License-Identifier: MIT
# Shared by the scripts of this folder; not a program. Knows which Debian packages are needed and installs those that
# are missing, if it may.

# need PACKAGE COMMAND...: the package is missing if the command fails. Asking for what is needed rather than for the
# package leaves alone what came from somewhere else.
missing=
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

has_command() {
    command -v "$1"
}

has_header() {
    printf '#include <%s>\n' "$1" | cc -E -
}

has_library() {
    pkg-config --exists "$1"
}

need_for_build() {
    need gcc has_command cc
    need libc6-dev has_header stdio.h
    need make has_command make
    need cmake has_command cmake
    need pkg-config has_command pkg-config
    need libjansson-dev has_library jansson
    need libzip-dev has_library libzip
    need libdeflate-dev has_library libdeflate
    need libssl-dev has_library libcrypto
}

need_for_tests() {
    need libcmocka-dev has_library cmocka
    need clang has_command clang
    need python3 has_command python3
    need mandoc has_command mandoc
    # Programs that take and make zip files, too.
    need unzip has_command unzip
    need zip has_command zip
    need 7zip has_command 7zz
    need libarchive-tools has_command bsdtar
}

need_for_windows() {
    need gcc-mingw-w64-x86-64-win32 has_command x86_64-w64-mingw32-gcc
    need binutils-mingw-w64-x86-64 has_command x86_64-w64-mingw32-windres
    need wine has_command wine
    need wine64 has_command wineserver
    need dpkg-dev has_command dpkg-source
    need libz-mingw-w64-dev test -e /usr/x86_64-w64-mingw32/lib/libz.a
}

# run_as_root COMMAND...: never asks for a password where nobody could type it.
run_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has_command sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        return 1
    fi
}

install_missing() {
    [ -n "$missing" ] || return 0
    echo "Missing Debian packages:$missing"
    if has_command apt-get >/dev/null; then
        # shellcheck disable=SC2086 # several packages
        if run_as_root apt-get update -q </dev/null &&
            run_as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends $missing </dev/null; then
            missing=
            return 0
        fi
    fi
    echo "Please install them (apt-get install$missing), or what your system calls them, and run this again." >&2
    exit 1
}

# build PRESET TREE [CMAKE OPTION...]: configures and builds, in build/TREE.
build() {
    preset=$1
    tree=build/$2
    shift 2
    echo "Building $tree"
    mkdir -p build
    if ! cmake --preset "$preset" -B "$tree" "$@" >"$tree.log" 2>&1 ||
        ! cmake --build "$tree" --parallel "$(nproc)" >>"$tree.log" 2>&1; then
        tail -n 40 "$tree.log" >&2
        echo "The build failed; the whole log is $tree.log" >&2
        exit 1
    fi
}
