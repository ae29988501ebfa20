"""Files that every viewer shows although something is wrong with them beside the pixels, and some that no viewer should.

All works on a file's bytes, before anything is decoded.
"""

from __future__ import annotations

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"bKGD")
MOST_SCANS = 50  # a progressive JPEG has some ten; 1,000 in 91 kB take 2 s to decode
_END = b"\xff\xd9"


def png_without_text(data: bytes, *further: bytes) -> bytes:
    """A PNG without its comments and colour profile, however large or damaged those are (PNG specification, 5.3).

    Chunks that the pixels do not need are dropped, but for those that change how they are shown; the checksum of those
    kept, if wrong, is put right only where the pixels do not depend on the chunk.

    Args:
        further: names of other chunks to drop.
    """
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        critical = name[:1].isupper()
        if critical or (name in _PNG_KEPT and name not in further):
            body = data[at + 8 : at + 8 + length]
            kept.append(data[at:end] if critical else png_chunk(name, body))
        at = end
        if name == b"IEND":
            break
    else:
        kept.append(data[at:])  # cut off: whoever decodes it says so
    return b"".join(kept)


def png_chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG, with its length and checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def scans(data: bytes) -> int:
    """How many scans a JPEG's bytes hold, those of a preview within it too (ITU T.81, B.2.3); the pixels hold none."""
    return data.count(b"\xff\xda")


def lacks_end(data: bytes) -> bool:
    """Whether a JPEG ends without its end mark."""
    return _END not in data[-64:] and not data.rstrip(b"\0").endswith(_END)


def with_end(data: bytes) -> tuple[bytes, bytes]:
    """A JPEG that lacks its end mark, ended in two ways.

    Both decode to the same pixels if nothing but the mark is missing: the second has bytes before it that a decoder passes
    over as surplus, unless there are pixels yet to come. Those would be made of them.
    """
    return data + _END, data + b"\x55\x2a\xc3\x99\x12\x6e" * 16 + _END
