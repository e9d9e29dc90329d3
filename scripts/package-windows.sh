#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes what Windows users download: dist/hyperpoint-VERSION-windows-x64.zip, or in another folder than dist.
#   scripts/package-windows.sh [FOLDER]
# Built from scratch, and the same bytes from the same sources, wherever and whenever: the time in them is that of the
# commit (1980 outside git, when zip's calendar begins), or SOURCE_DATE_EPOCH.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

target=${1:-dist}
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)}"

need_for_build
need_for_windows
need python3 has_command python3
install_missing
scripts/build-windows-deps.sh

tree=build/windows-$(basename "$target")
rm -rf "$tree"
build windows "${tree#build/}" -DBUILD_TESTING=OFF
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$tree/CMakeCache.txt")

name=hyperpoint-$version
files=$tree/$name
mkdir -p "$files/licenses"
for program in "$tree"/*.exe; do
    x86_64-w64-mingw32-strip -o "$files/$(basename "$program")" "$program"
done
cp README.md LICENSE adapter.config.example "$files/"
mkdir "$files/docs" "$files/powershell" "$files/scripts"
cp docs/*.md "$files/docs/"
cp powershell/*.ps1 "$files/powershell/"
cp scripts/verify-on-windows.ps1 "$files/scripts/"
# What is linked in: the libraries, and the runtimes of the compiler and of mingw-w64.
cp build/windows-deps/licenses/* "$files/licenses/"
cp /usr/share/doc/gcc-mingw-w64-base/copyright "$files/licenses/gcc-runtime.txt"
cp /usr/share/doc/mingw-w64-common/copyright "$files/licenses/mingw-w64-runtime.txt"

mkdir -p "$target"
archive=$target/$name-windows-x64.zip
scripts/zip-folder.py "$files" "$archive"
echo "$archive"
