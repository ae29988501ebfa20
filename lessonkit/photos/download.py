"""Fetch a file over HTTP, going on from where a try before stopped.

Which library: pooch checks hashes but cannot go on from a part; huggingface_hub's `http_get` does, but without
If-Range, so that a changed file would be glued to the old one's beginning; pypdl brings aiohttp and fetches in
parallel pieces, which a classroom's mirror has no use for, and would leave a login page's HTML to us all the
same. So: requests, which Streamlit and fastai bring along anyway, and the forty lines that go on from a part.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import cast

from lessonkit.errors import DamagedFileError, DownloadError
from lessonkit.json_files import read_json
from lessonkit.language import decimal, tr, translatable
from lessonkit.photos.from_server import ARCHIVE, CHUNK, Broken, Kind, body_from
from lessonkit.photos.progress import LOOK_SECONDS, Report, aside, quiet, throttled
from lessonkit.storage import MIB, disk_problem, file_size, need_space, write_json

PATIENCE = 30.0  # seconds without a byte until a connection counts as stalled
TRIES = 4  # in a row that brought next to nothing
PAUSE = 1.0  # seconds before the next try, times the try's number


def fetch(
    url: str,
    target: Path,
    *,
    size: int = 0,
    report: Report = quiet,
    patience: float | None = None,
    pause: float | None = None,
    room: Callable[[int], int] = lambda size: 0,
    kind: Kind = ARCHIVE,
) -> Path:
    """Fetch a file over HTTP, going on from what earlier tries left in `<target>.part`.

    A connection that is cut or stalls is tried again from where it broke, until TRIES tries in a row brought
    next to nothing; the part is kept then, and the next call goes on from it.

    Args:
        size: bytes that it should have, if known.
        report: told (`kind.stage`, bytes so far, bytes in all; 0 if unknown), also while nothing comes. What it raises
            ends the fetching at once; what came is kept.
        patience: seconds to wait for a connection or for bytes; PATIENCE unless given.
        pause: seconds before a second try, twice that before a third, and so on; PAUSE unless given.
        room: bytes that a file of so many bytes will take besides, once it is here; nothing is fetched where there is
            no room for both.
        kind: what it is.

    Returns:
        `target`.

    Raises:
        DownloadError: no network, an error page, a login page, a cut or stalled connection.
        DiskError: no space.
    """
    patience = PATIENCE if patience is None else patience
    pause = PAUSE if pause is None else pause
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and (not size or target.stat().st_size == size) and _Part.of(target).url == url:
        return target
    report = throttled(report)
    failed, most = 0, file_size(_part(target))
    while True:
        try:
            _fetch_on(url, target, size, report, patience, room, kind)
            return target
        except Broken as broken:
            have = file_size(_part(target))
            # Against the most ever had: a server without ranges may come as far again and again.
            failed = 1 if have > most + CHUNK else failed + 1
            most = max(most, have)
            if failed >= TRIES or not broken.again:
                raise DownloadError(broken.sentence, _kept(broken.way_out, have)) from broken.__cause__
            _wait(pause * failed, partial(report, kind.stage, have, size))
        except OSError as problem:
            raise disk_problem(problem, target.parent) from problem


def _kept(way_out: str, have: int) -> str:
    """The way out, and that what came is kept, bytes."""
    if not have:
        return way_out
    return tr(
        "{way_out} The {size} MB that came are kept: the next try goes on from there.",
        way_out=way_out,
        size=decimal(have / MIB, 1),
    )


@dataclass
class _Part:
    """What is known of a `.part`: where it is from, and what tells the server's file of then from a newer one."""

    url: str = ""
    validator: str = ""

    @classmethod
    def of(cls, target: Path) -> _Part:
        try:
            return read_json(_facts(target), cls)
        except (FileNotFoundError, DamagedFileError):  # none, or cut off by a power cut: begin again
            return cls()


def _wait(seconds: float, alive: Callable[[], None]) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        alive()
        time.sleep(min(left, LOOK_SECONDS))


def _fetch_on(
    url: str, target: Path, size: int, report: Report, patience: float, room: Callable[[int], int], kind: Kind
) -> None:
    """One try: ask for what is missing and append it. Raises Broken."""
    part = _part(target)
    known = _Part.of(target)
    if known.url != url:
        part.unlink(missing_ok=True)
        known = _Part(url)
    have, total = file_size(part), size
    if size and have > size:
        part.unlink()
        have = 0
    if not size or have < size:
        body = body_from(url, have, known.validator, size, patience, kind)
        # aside, since a server that says nothing for half a minute must not keep anybody from stopping this
        with contextlib.closing(aside(body, lambda: report(kind.stage, have, total))) as chunks:
            validator, place, total = cast(tuple[str, int, int], next(chunks))
            if place < 0:  # the part is no beginning of the server's file
                part.unlink(missing_ok=True)
                raise Broken(tr("The server's file changed while it was fetched."), tr("Try again."))
            have = place
            need_space(
                target.parent,
                total - have + room(total),
                translatable("fetch it and unpack it") if room(total) else translatable("fetch it"),
            )
            first = next(chunks, b"")  # before the part is touched: a login page must not cost what came
            with part.open("r+b" if have else "wb") as out:
                if have:
                    out.seek(have)
                    out.truncate()
                write_json(_facts(target), asdict(_Part(url, validator)))
                report(kind.stage, have, total)
                for chunk in itertools.chain((first,), chunks):
                    out.write(cast(bytes, chunk))
                    out.flush()  # a kill loses no more than a chunk
                    have += len(chunk)
                    report(kind.stage, have, total)
            have, size = file_size(part), size or total
    if size and have != size:
        raise Broken(
            tr(
                "The connection broke off after {size} of {whole} MB.",
                size=decimal(have / MIB, 1),
                whole=decimal(size / MIB, 1),
            ),
            tr("Try again."),
        )
    os.replace(part, target)


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _facts(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def discard(target: Path) -> None:
    """Delete a file that was fetched, and what is kept to go on with it."""
    for path in (target, _part(target), _facts(target)):
        path.unlink(missing_ok=True)
