"""Names in a zip as they were meant: UTF-8 where it says so, the Unicode path field, else a guess at the encoding.

A zip's names are bytes. Programs that follow PKWARE's APPNOTE set a flag for UTF-8 (4.4.4) or put the name in UTF-8 into
an extra field 0x7075 (4.6.9); old ones write the code page of the computer that they run on and say nothing.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence

from charset_normalizer import from_bytes

from lessonkit.photos.layouts import known
from lessonkit.photos.layouts import words as layout_words

_UTF8 = 0x800
_UNICODE_PATH = 0x7075
_IBM = "cp437"  # what a name without a flag is in by the standard, and what zipfile took it for
# DOS and Windows code pages: zip programs take the first that a language has. Then what Unix wrote.
_ENCODINGS = (
    "cp437", "cp850", "cp866", "cp932", "gb18030", "big5", "cp949", "cp852", "cp737", "cp857", "cp862", "cp720", "cp1250",
    "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "koi8_r", "cp1256", "cp874", "euc_jp",
)  # fmt: skip
_HAN = ("cp932", "gb18030", "big5", "cp949")  # of these charset-normalizer's order counts where letters do not decide
_UNMATCHED = 0.2  # how odd an encoding is that charset-normalizer holds for none of them
_FAMILIAR = 0.6  # what names that are all known words count: a few short ones read well in many encodings
_LAST = re.compile(r"[ςةىךםןףץ](?=[^\W\d_])")  # letters that only end words, within one
_VOWELS = frozenset("аеёиоуыэюяіїєαεηιουωάέήίόύώ")


def names(entries: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """Each entry's name, and the encoding that was guessed for those that say none; "" where nothing was guessed."""
    raw = {i: entry.orig_filename.encode(_IBM) for i, entry in enumerate(entries) if not entry.flag_bits & _UTF8
           and not _unicode_path(entry) and not entry.orig_filename.isascii() and _is_ibm(entry.orig_filename)}  # fmt: skip
    encoding = ""
    if raw and not all(map(_is_utf8, raw.values())):  # Macs write UTF-8 without saying so
        encoding = guess(raw.values())
    found = []
    for i, entry in enumerate(entries):
        if i not in raw:
            found.append(_unicode_path(entry) or entry.orig_filename)
        else:
            found.append(raw[i].decode(encoding or "utf-8", errors="replace"))
    return found, encoding


def guess(raw: Iterable[bytes]) -> str:
    """The encoding in which these names read best: charset-normalizer's nearest guesses, weighed by their letters."""
    words = {word for name in raw for word in re.split(rb"[\x00-\x2f:;<=>?@\[\]_]+", name) if not word.isascii()}
    data = b"\n".join(sorted(words))
    if not data:
        return _IBM
    matches = from_bytes(data, cp_isolation=list(_ENCODINGS), enable_fallback=False, threshold=0.6)
    weighed = {}
    for match in matches:
        for name in (match.encoding, *match.could_be_from_charset):
            weighed.setdefault(name, 0.5 * match.chaos - match.coherence)
    han = [match.encoding for match in matches if match.encoding in _HAN]
    order = sorted(_ENCODINGS, key=lambda name: (name == "cp874", han.index(name) if name in han else 0))
    odd: dict[str, float] = {}
    for name in _ENCODINGS:
        try:
            text = data.decode(name)
            odd[name] = _oddness(text, name) + weighed.get(name, _UNMATCHED) - _FAMILIAR * _familiar(text)
        except UnicodeDecodeError:
            continue
    return min(odd, key=lambda name: (round(odd[name], 2), order.index(name)), default=_IBM)


def _familiar(text: str) -> float:
    """Which part of a text's names are known words, for animals and for folders of photos, 0 to 1."""
    lines = text.split("\n")
    return sum(known.is_species(line) or layout_words.is_container(line) for line in lines) / len(lines)


def _oddness(text: str, encoding: str) -> float:
    """How unlike words a text is, 0 for nothing odd, per letter beyond ASCII: signs, rare and mixed letters, odd cases."""
    odd, letters = 0.0, sum(not c.isascii() for c in text)
    for before, char in zip(" " + text, text, strict=False):
        if char.isascii():
            continue
        category = unicodedata.category(char)
        odd += category[0] == "M" and unicodedata.category(before)[0] != "L"  # a mark that stands on no letter
        if category[0] not in "LM":
            odd += 2.0 if category[0] == "C" or char == "\ufffd" else 1.0
        elif _rare(char, encoding):
            odd += 0.5
    for word in re.findall(r"[^\W\d_]{2,}", text):
        kinds = {unicodedata.name(c, "?").split()[0] for c in word}
        odd += len(word) * 0.5 * (len(kinds - {"HIRAGANA", "KATAKANA", "CJK", "KATAKANA-HIRAGANA"}) > 1)
        odd += len(word) * 0.5 * (len(kinds) > 1 and "LATIN" in kinds)
        odd += sum(0.5 for a, b in zip(word, word[1:], strict=False) if a.islower() and b.isupper())
        odd += 0.5 * len(word) * bool(_LAST.search(word))
        odd += 0.1 * len(word) * (word.isupper() and not word.isascii())
        accented = sum(len(unicodedata.normalize("NFD", c)) > 1 for c in word)
        odd += 0.5 * len(word) * (accented > 1 and accented > len(word) / 2 and bool(kinds & {"LATIN", "GREEK"}))
        odd += 0.2 * len(word) * (kinds == {"GREEK"} and not accented and len(word) > 2)
        if kinds & {"CYRILLIC", "GREEK"} and len(word) > 2 and not _VOWELS & set(word.lower()):
            odd += 0.5 * len(word)
    return odd / max(1, letters)


def _rare(char: str, encoding: str) -> bool:
    """Whether a letter is one that few words have: beyond the first level of its country's set, or of no language here."""
    sets = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5": ("big5", 0xA4, 0xC6), "cp932": ("euc_jp", 0xA4, 0xCF),
            "euc_jp": ("euc_jp", 0xA4, 0xCF), "cp949": ("euc_kr", 0xB0, 0xC8)}  # fmt: skip
    if encoding in sets:
        name, low, high = sets[encoding]
        try:
            return not low <= char.encode(name)[0] <= high
        except UnicodeEncodeError:
            return True
    return char in "ƒªºþÞðÐ" or unicodedata.name(char, "").startswith(
        ("CYRILLIC SMALL LETTER LJE", "CYRILLIC SMALL LETTER NJE")
    )


def _unicode_path(entry: zipfile.ZipInfo) -> str:
    """The name in the extra field 0x7075; "" for none, or one that belongs to another name (its checksum says so)."""
    extra, at = entry.extra, 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        at += 4 + size
        if kind != _UNICODE_PATH or len(field) < 6 or field[0] != 1 or entry.flag_bits & _UTF8:
            continue
        (checksum,) = struct.unpack_from("<L", field, 1)
        if _is_ibm(entry.orig_filename) and zlib.crc32(entry.orig_filename.encode(_IBM)) == checksum:
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return ""
    return ""


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_ibm(name: str) -> bool:
    try:
        name.encode(_IBM)
    except UnicodeEncodeError:
        return False
    return True
