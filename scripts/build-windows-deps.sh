#!/bin/sh
# SPDX-License-Identifier: MIT
# Cross-builds what hyperpoint.exe and its tests are linked with, from Debian's source packages, as static libraries for
# 64-bit Windows in build/windows-deps. Installs the tools that are missing. Done once; after that it returns at once.
#
# The sources come from wherever this machine's apt gets its packages, through package lists of their own, so that the
# system's stay as they are. Versions and SHA-256 sums are fixed here, whatever the mirror says.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

sources='jansson=2.14-2 cmocka=1.1.5-2.1 libdeflate=1.14-1 libzip=1.7.3-1'
sums='
6296ddd9c0a022bd1b70074aefb171cfcdf5694a04ffd32b35fd66097621af87  jansson_2.14-2.dsc
c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b  jansson_2.14.orig.tar.gz
e89fe4fd8221f6934ddb50f2e7f8404311928d0e23e49a5599f3d3d14ee8cb88  jansson_2.14-2.debian.tar.xz
9f94190b571e059dd6a359c7effd40b982c6c2796959ea201cf41e7cac0b6730  cmocka_1.1.5-2.1.dsc
f0ccd8242d55e2fd74b16ba518359151f6f8383ff8aef4976e48393f77bba8b6  cmocka_1.1.5.orig.tar.xz
6ba25b3981ce2a6b954ba17b2e05460e5b14fd2092475fb3c13b0eb9aa3208b2  cmocka_1.1.5-2.1.debian.tar.xz
1f82791c5ac5623ed110e09cc991471deebfe4c419414392d1242e122c6f4c19  libdeflate_1.14-1.dsc
89e7df898c37c3427b0f39aadcf733731321a278771d20fc553f92da8d4808ac  libdeflate_1.14.orig.tar.gz
4794c379cc4e77eaeb283620bd80a7ce57b858af508f80ba6d5efbc4bcb10434  libdeflate_1.14-1.debian.tar.xz
2b905c3e6277bb4ae62c4464c5c7bbbd6661715d5b3c0f94523c34df6d1f4d1e  libzip_1.7.3-1.dsc
a60473ffdb7b4260c08bfa19c2ccea0438edac11193c3afbbb1f17fbcf6c6132  libzip_1.7.3.orig.tar.xz
40e53fe29b6572f6a7e68d274e759487a72d44a8cb46bf4483f990b9b5683cae  libzip_1.7.3-1.debian.tar.xz
'

prefix=$PWD/build/windows-deps
# Where it is built; kept, so that what was downloaded need not be again.
work=$PWD/build/windows-deps-work
log=$work/log
made=$(cat scripts/build-windows-deps.sh cmake/mingw-w64.cmake | sha256sum)
if [ "$(cat "$prefix/made" 2>/dev/null)" = "$made" ]; then
    exit 0
fi

need_for_windows
install_missing

fail() {
    tail -n 20 "$log" >&2
    echo "scripts/build-windows-deps.sh: $1; the whole log is $log" >&2
    exit 1
}

sources_are_good() {
    (cd "$work/sources" && printf '%s' "$sums" | sed '/^$/d' | sha256sum --check --quiet) >>"$log" 2>&1
}

# This machine's package sources, asked for source packages instead.
list_sources() {
    mkdir -p "$work/apt/sources" "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
    eval "$(apt-config shell main Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    for file in "${main:-}" "${parts:-}"/*.list; do
        [ ! -f "$file" ] || sed -n 's/^deb[[:blank:]]/deb-src /p' "$file" >"$work/apt/sources/$(basename "$file")"
    done
    for file in "${parts:-}"/*.sources; do
        [ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/apt/sources/$(basename "$file")"
    done
}

own_apt_get() {
    apt-get -q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/apt/sources" \
        -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User= "$@" </dev/null
}

download() {
    list_sources
    # A source of this machine that is of no use here may fail; what is missing in the end is what counts.
    own_apt_get update >>"$log" 2>&1 || true
    # shellcheck disable=SC2086 # several packages
    (cd "$work/sources" && own_apt_get source --download-only $sources) >>"$log" 2>&1 ||
        fail "cannot download the sources of $sources"
}

# cross_build NAME DSC [CMAKE OPTION...]
cross_build() {
    name=$1
    dsc=$2
    shift 2
    echo "Building $name for Windows"
    rm -rf "${work:?}/$name" "$work/$name-build"
    {
        dpkg-source --no-check -x "$work/sources/$dsc" "$work/$name" &&
            cmake -S "$work/$name" -B "$work/$name-build" \
                -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/mingw-w64.cmake" -DCMAKE_BUILD_TYPE=Release \
                -DCMAKE_C_FLAGS="-ffile-prefix-map=$work/= $cflags" \
                -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib "$@" &&
            cmake --build "$work/$name-build" --parallel "$(nproc)" && cmake --install "$work/$name-build"
    } >>"$log" 2>&1 || fail "cannot build $name"
}

# libdeflate has a Makefile, which knows this compiler but calls the library by a name of its own.
build_libdeflate() {
    echo 'Building libdeflate for Windows'
    rm -rf "$work/libdeflate"
    {
        dpkg-source --no-check -x "$work/sources/libdeflate_1.14-1.dsc" "$work/libdeflate" &&
            make -C "$work/libdeflate" CC=x86_64-w64-mingw32-gcc AR=x86_64-w64-mingw32-ar libdeflatestatic.lib &&
            cp "$work/libdeflate/libdeflatestatic.lib" "$prefix/lib/libdeflate.a" &&
            cp "$work/libdeflate/libdeflate.h" "$prefix/include/" &&
            sed "s|@PREFIX@|$prefix|; s|@INCDIR@|$prefix/include|; s|@LIBDIR@|$prefix/lib|; s|@VERSION@|1.14|" \
                "$work/libdeflate/libdeflate.pc.in" >"$prefix/lib/pkgconfig/libdeflate.pc"
    } >>"$log" 2>&1 || fail "cannot build libdeflate"
}

mkdir -p "$work/sources"
: >"$log"
if ! sources_are_good; then
    download
    sources_are_good || fail "the sources are not the ones that were looked at when their sums were written down"
fi
rm -rf "$prefix"
# utf8_encode: a function inside jansson, which a static library shows to everybody; the programs have one of that name.
cflags='-Dutf8_encode=jansson_utf8_encode'
cross_build jansson jansson_2.14-2.dsc -DJANSSON_BUILD_DOCS=OFF -DJANSSON_EXAMPLES=OFF -DJANSSON_WITHOUT_TESTS=ON
cflags=
cross_build cmocka cmocka_1.1.5-2.1.dsc -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF
# Only the static library, under the name that is asked for.
mv "$prefix/lib/libcmocka-static.a" "$prefix/lib/libcmocka.a"
rm "$prefix/lib/libcmocka.dll.a" "$prefix/bin/cmocka.dll"
build_libdeflate
# zlib is Debian's own; copied, because nothing outside this folder is looked at.
cp /usr/x86_64-w64-mingw32/lib/libz.a "$prefix/lib/"
cp /usr/x86_64-w64-mingw32/include/zlib.h /usr/x86_64-w64-mingw32/include/zconf.h "$prefix/include/"
cross_build libzip libzip_1.7.3-1.dsc -DBUILD_SHARED_LIBS=OFF -DENABLE_COMMONCRYPTO=OFF -DENABLE_GNUTLS=OFF \
    -DENABLE_MBEDTLS=OFF -DENABLE_OPENSSL=OFF -DENABLE_WINDOWS_CRYPTO=OFF -DENABLE_BZIP2=OFF -DENABLE_LZMA=OFF \
    -DBUILD_TOOLS=OFF -DBUILD_REGRESS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_DOC=OFF
# A static library needs its own libraries named, too.
sed -i 's/^Libs:.*/& -ladvapi32 -lz/' "$prefix/lib/pkgconfig/libzip.pc"
mkdir -p "$prefix/licenses"
cp "$work/jansson/LICENSE" "$prefix/licenses/jansson.txt"
cp "$work/libzip/LICENSE" "$prefix/licenses/libzip.txt"
cp "$work/libdeflate/COPYING" "$prefix/licenses/libdeflate.txt"
cp /usr/share/doc/libz-mingw-w64-dev/copyright "$prefix/licenses/zlib.txt"
printf '%s\n' "$made" >"$prefix/made"
