"""A photo's file without what it says beside the picture: where and when it was taken, with which camera, by whom.

The pixels stay to the bit. What is needed to show them right stays too: colour profile and orientation.
"""

from __future__ import annotations

import io
import re
import struct

from PIL import Image

from lessonkit.photos import repairs
from lessonkit.photos.decoding import FORMATS

_ORIENTATION = 0x0112  # Exif 2.32
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in a scan: the next one that is no restart mark
_XMP = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.DOTALL)
_EXIF = re.compile(rb"Exif\0\0(?=MM\0\*|II\*\0)")


def without_metadata(data: bytes) -> bytes:
    """The photo's bytes without EXIF, XMP, IPTC, comments, previews, and what phones append behind the picture.

    A JPEG, PNG or WebP is taken apart and put together again; in a HEIC or AVIF the EXIF and XMP items are overwritten; a
    TIFF is saved again. GIF and BMP have no place for such data that cameras use, and stay as they are.

    Args:
        data: a photo that opens (`decoding.open_photo`).
    """
    with Image.open(io.BytesIO(_readable(data)), formats=FORMATS) as image:
        kind, exif = image.format, image.info.get("exif") or b""
        orientation = image.getexif().get(_ORIENTATION, 1)
        if kind == "TIFF":
            return _saved_again(image)
    if kind in ("JPEG", "MPO"):
        return _jpeg(data, orientation)
    if kind == "PNG":
        return _png(data, orientation)
    if kind == "WEBP":
        return _webp(data, orientation)
    if kind in ("HEIF", "AVIF"):
        return _boxes(data, exif)
    return data


def _readable(data: bytes) -> bytes:
    """The bytes as Pillow reads their header, whatever a PNG's comments hold."""
    return repairs.png_without_text(data) if data.startswith(repairs.PNG) else data


def _tiff(orientation: int) -> bytes:
    """A TIFF structure, as EXIF is one, that holds an orientation alone (TIFF 6.0, section 2)."""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)


def _jpeg(data: bytes, orientation: int) -> bytes:
    """The first picture's segments that its pixels need (ITU T.81, annex B)."""
    kept = [b"\xff\xd8"]
    if orientation in range(2, 9):
        exif = b"Exif\0\0" + _tiff(orientation)
        kept.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF or data[at + 1] == 0xFF:
            at += 1  # filling
            continue
        marker = data[at + 1]
        if marker == 0xD9:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            following = _MARKER.search(data, end)
            end = following.start() if following else len(data)
        if _needed(marker, data[at + 4 : at + 16]):
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, b"\xff\xd9"])


def _needed(marker: int, start: bytes) -> bool:
    if 0xE0 <= marker <= 0xEF:  # application segments: JFIF, the colour profile, Adobe's kind of colours
        return marker == 0xEE or start.startswith((b"JFIF\0", b"ICC_PROFILE\0"))
    return marker != 0xFE  # a comment


def _png(data: bytes, orientation: int) -> bytes:
    plain = repairs.png_without_text(data, b"eXIf")
    if orientation not in range(2, 9):
        return plain
    return plain[:33] + repairs.png_chunk(b"eXIf", _tiff(orientation)) + plain[33:]  # behind the header


def _webp(data: bytes, orientation: int) -> bytes:
    """The RIFF chunks but for EXIF and XMP, and the flags that say so (WebP container specification)."""
    chunks, at = [], 12
    turned = orientation in range(2, 9)
    while at + 8 <= len(data):
        name, (size,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        end = at + 8 + size + size % 2
        if name == b"VP8X":
            flags = (data[at + 8] & ~0x0C) | (0x08 if turned else 0)
            chunks.append(data[at : at + 8] + bytes([flags]) + data[at + 9 : end])
        elif name not in (b"EXIF", b"XMP "):
            chunks.append(data[at:end])
        at = end
    if turned:
        tiff = _tiff(orientation)
        chunks.append(b"EXIF" + struct.pack("<I", len(tiff)) + tiff + b"\0" * (len(tiff) % 2))
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _boxes(data: bytes, exif: bytes) -> bytes:
    """HEIC and AVIF: EXIF and XMP overwritten where they lie, so that no other item moves. A property turns the photo."""
    out = bytearray(data)
    length = max(0, len(exif) - len(b"Exif\0\0"))
    for found in _EXIF.finditer(data):
        start, end = found.end(), min(len(data), found.end() + length)
        nothing = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"
        out[start:end] = nothing[: end - start].ljust(end - start, b"\0")
    for found in _XMP.finditer(data):
        out[found.start() : found.end()] = b" " * (found.end() - found.start())
    return bytes(out)


def _saved_again(image: Image.Image) -> bytes:
    """A TIFF's first page, upright, packed without loss."""
    out = io.BytesIO()
    image.load()
    profile = image.info.get("icc_profile")
    plain = Image.frombytes(image.mode, image.size, image.tobytes()) if image.mode != "P" else image.convert("RGB")
    plain.save(out, "TIFF", compression="tiff_adobe_deflate", **({"icc_profile": profile} if profile else {}))
    return out.getvalue()
