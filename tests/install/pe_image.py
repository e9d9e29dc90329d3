# SPDX-License-Identifier: MIT
"""Libraries that tell their version and their maker, and do nothing else. Microsoft, "PE Format", "VS_VERSIONINFO"."""

import struct


def block(name, value=b"", inside=(), is_text=False):
    """A part of a version resource. Each part begins at a multiple of 4 bytes."""
    def padded(data):
        return data + bytes(-len(data) % 4)

    body = padded(bytes(6) + (name + "\0").encode("utf-16-le")) + value
    for part in inside:
        body = padded(body) + part
    return struct.pack("<HHH", len(body), len(value) // 2 if is_text else len(value), is_text) + body[6:]


def version_resource(version, company):
    text = block("CompanyName", (company + "\0").encode("utf-16-le"), is_text=True)
    fixed = struct.pack("<IIII", 0xFEEF04BD, 0x10000, version, 0) + bytes(36)
    return block("VS_VERSION_INFO", fixed, [block("StringFileInfo", inside=[block("040904B0", inside=[text])])])


def library(version, text=b"", company="NVIDIA Corporation"):
    """Begins with "MZ" and the text; "version" is the upper half of the file's version."""
    address, offset = 0x1000, 0x40 + 24 + 240 + 40
    data = version_resource(version, company)
    resources = b"".join(struct.pack("<12xHHII", 0, 1, number, place) for number, place in
                         ((16, 24 | 1 << 31), (1, 48 | 1 << 31), (0x409, 72)))
    resources += struct.pack("<IIII", address + 88, len(data), 0, 0) + data
    directories = bytes(16) + struct.pack("<II", address, len(resources)) + bytes(13 * 8)
    section = struct.pack("<8sIIII16x", b".rsrc", len(resources), address, len(resources), offset)
    return (struct.pack("<60sI", b"MZ" + text, 0x40) + struct.pack("<4sHH12xHH", b"PE", 0x8664, 1, 240, 0x2022) +
            struct.pack("<H106xI", 0x20B, 16) + directories + section + resources)
