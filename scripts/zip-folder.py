#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packs a folder into a zip file that depends on nothing but names and contents: sorted, with one time for all files
(SOURCE_DATE_EPOCH) and without owners.

    zip-folder.py FOLDER FILE.zip"""

import os
import pathlib
import sys
import time
import zipfile

REGULAR_FILE = 0o100644


def main():
    folder, archive = map(pathlib.Path, sys.argv[1:])
    moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), moment)
            entry.external_attr = REGULAR_FILE << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    main()
