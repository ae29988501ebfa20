"""Fetch an archive, going on from where a try before stopped, and check it.

Which library: pooch checks hashes but cannot go on from a part; huggingface_hub's `http_get` does, but without
If-Range, so that a changed file would be glued to the old one's beginning; pypdl brings aiohttp and fetches in
parallel pieces, which a classroom's mirror has no use for, and would leave a login page's HTML to us all the
same. So: requests, which Streamlit and fastai bring along anyway, and the forty lines that go on from a part.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin, urlsplit

from lessonkit import __version__, config
from lessonkit.errors import DamagedFileError, DownloadError
from lessonkit.json_files import read_json
from lessonkit.language import decimal, tr, translatable
from lessonkit.photos.progress import LOOK_SECONDS, Report, aside, quiet, throttled
from lessonkit.storage import MIB, disk_problem, file_size, need_space, room_for, write_json

if TYPE_CHECKING:
    import requests

PATIENCE = 30.0  # seconds without a byte until a connection counts as stalled
SLOWEST = 1024  # bytes in PATIENCE seconds: a connection that drips slower is stalled too
TRIES = 4  # in a row that brought next to nothing
PAUSE = 1.0  # seconds before the next try, times the try's number
CHUNK = 1 << 18


def archive(name: str, url: str, size: int, check: str, report: Report = quiet) -> Path:
    """The archive as a file: from `LESSONKIT_MIRROR` if that is set, else from its home.

    From its home it must have `size` bytes and its first MiB the md5 `check`, as fastai demands; a mirror may
    hold a smaller archive of the same name, checked by the `SHA256SUMS` beside it if there is one. That the
    rest of it is whole shows when it is unpacked.

    Args:
        report: told ("download", bytes so far, bytes in all).

    Raises:
        DownloadError: it cannot be had, or is not what it should be.
        SettingError: `LESSONKIT_MIRROR` cannot be used.
    """
    mirror = config.mirror()
    if mirror is None:
        path = fetch(url, part_folder() / name, size=size, report=report, room=room_for)
        with path.open("rb") as f:
            wrong = hashlib.md5(f.read(MIB), usedforsecurity=False).hexdigest() != check
        if wrong or path.stat().st_size != size:
            discard(path)
            raise DownloadError(
                tr("What came as {archive} is not that archive: its checksum is wrong.", archive=name),
                tr("Try again; if it happens again, the network changes what it passes on: use another one."),
            )
        return path
    if isinstance(mirror, Path):
        path = mirror / name
        if not path.is_file():
            raise DownloadError(
                tr("The mirror folder {folder} holds no {archive}.", folder=str(mirror), archive=name),
                tr("Put the archive there, or unset LESSONKIT_MIRROR."),
            )
        sums = mirror / "SHA256SUMS"
        _check_sha256(path, sums.read_text(errors="replace") if sums.is_file() else "", report)
        return path
    path = fetch(f"{mirror}/{name}", part_folder() / name, report=report, room=room_for)
    sums = _small_text(f"{mirror}/SHA256SUMS")  # that it does not come is no fault of the archive's
    try:
        _check_sha256(path, sums, report)
    except DownloadError:
        discard(path)
        raise
    return path


def part_folder() -> Path:
    """Where archives lie while they are fetched and unpacked."""
    return config.datasets_folder() / ".downloads"


def forget(name: str) -> None:
    """Delete what is kept of an archive's download."""
    discard(part_folder() / name)


@dataclass(frozen=True)
class Kind:
    """What is fetched.

    Attributes:
        word: what it is to the sentences: "archive" or "file".
        stage: what its progress is reported as.
        begins: the bytes that it begins with, so that another thing is not taken for it; b"" where that is not known.
    """

    word: str
    stage: str
    begins: bytes = b""


ARCHIVE = Kind("archive", "download", b"\x1f\x8b")  # gzip's
LOG_IN = translatable("On a network with a login page, log in first in the browser; then try again.")
_REFUSED = {
    "archive": {
        404: translatable("The archive is not there ({answer})."),
        403: translatable("The server does not give the archive out ({answer})."),
        0: translatable("The server cannot give the archive now ({answer})."),
    },
    "file": {
        404: translatable("The file is not there ({answer})."),
        403: translatable("The server does not give the file out ({answer})."),
        0: translatable("The server cannot give the file now ({answer})."),
    },
}
"""What is said of an answer that is not the file, by `Kind.word` and status; 0 stands for any other."""
_OTHER_SIZE = {
    "archive": translatable("The server's file has {came} bytes, where the archive has {size}."),
    "file": translatable("The server's file has {came} bytes, where the file has {size}."),
}
_WEB_PAGE = {
    "archive": translatable("Instead of the archive came a web page from {server}: perhaps a login page."),
    "file": translatable("Instead of the file came a web page from {server}: perhaps a login page."),
}


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
        except _Broken as broken:
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


# fetching ---------------------------------------------------------------------------------------------------


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


class _Broken(Exception):
    """A try failed; `again`: another may go on from what came."""

    def __init__(self, sentence: str, way_out: str, again: bool = True):
        super().__init__(sentence)
        self.sentence, self.way_out, self.again = sentence, way_out, again


def _wait(seconds: float, alive: Callable[[], None]) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        alive()
        time.sleep(min(left, LOOK_SECONDS))


def _fetch_on(
    url: str, target: Path, size: int, report: Report, patience: float, room: Callable[[int], int], kind: Kind
) -> None:
    """One try: ask for what is missing and append it. Raises _Broken."""
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
        from_server = _from_server(url, have, known.validator, size, patience, kind)
        # aside, since a server that says nothing for half a minute must not keep anybody from stopping this
        with contextlib.closing(aside(from_server, lambda: report(kind.stage, have, total))) as chunks:
            validator, place, total = cast(tuple[str, int, int], next(chunks))
            if place < 0:  # the part is no beginning of the server's file
                part.unlink(missing_ok=True)
                raise _Broken(tr("The server's file changed while it was fetched."), tr("Try again."))
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
        raise _Broken(
            tr(
                "The connection broke off after {size} of {whole} MB.",
                size=decimal(have / MIB, 1),
                whole=decimal(size / MIB, 1),
            ),
            tr("Try again."),
        )
    os.replace(part, target)


def _from_server(
    url: str, have: int, validator: str, size: int, patience: float, kind: Kind
) -> Generator[tuple[str, int, int] | bytes]:
    """(what If-Range may be asked with, where the first byte belongs, size of the whole), then the bytes as they come.

    The place and the size are as `_place` says. Raises _Broken.
    """
    with _asked(url, have, validator, patience) as answer:
        place, total = _place(answer, have, size, kind)
        yield _validator(answer), place, total
        yield from _chunks(answer, place, patience, kind)


@contextlib.contextmanager
def _asked(url: str, have: int, validator: str, patience: float) -> Iterator[requests.Response]:
    """The server's answer to a request for the bytes from `have` on, its body unread."""
    import requests

    headers = {"Accept-Encoding": "identity", "User-Agent": f"lessonkit/{__version__}"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if validator:
            headers["If-Range"] = validator
    host = urlsplit(url).netloc
    try:
        with requests.Session() as session:
            session.get_redirect_target = partial(_target, session.get_redirect_target)  # type: ignore[method-assign]
            with session.get(url, headers=headers, stream=True, timeout=patience) as answer:
                yield answer
    except requests.exceptions.Timeout as problem:
        raise _Broken(
            tr("{server} does not answer.", server=host), tr("Look at the network connection and try again.")
        ) from problem
    except requests.exceptions.SSLError as problem:
        raise _Broken(
            tr("The connection to {server} is not safe: its certificate is not good.", server=host),
            tr(LOG_IN),
            again=False,
        ) from problem
    except requests.exceptions.ConnectionError as problem:
        raise _Broken(
            tr("There is no connection to {server}.", server=host),
            tr("Look at the network connection and try again, or take the drawn pets, which need none."),
        ) from problem
    except (requests.exceptions.RequestException, ValueError) as problem:
        raise _Broken(
            tr("“{url}” cannot be fetched ({why}).", url=url, why=str(problem)),
            tr("Look at LESSONKIT_MIRROR."),
            again=False,
        ) from problem


def _target(find: Callable[[requests.Response], str | None], answer: requests.Response) -> str | None:
    """Where a redirect leads. Raises _Broken for one from https to http: whoever is on the way could change what comes."""
    target = find(answer)
    if target and answer.url.lower().startswith("https:") and not urljoin(answer.url, target).startswith("https:"):
        raise _Broken(
            tr(
                "{server} leads from https to {scheme}, where anybody on the way could change what comes.",
                server=urlsplit(answer.url).netloc,
                scheme=urlsplit(urljoin(answer.url, target)).scheme,
            ),
            tr("Use another network, or look at LESSONKIT_MIRROR."),
            again=False,
        )
    return target


def _place(answer: requests.Response, have: int, size: int, kind: Kind) -> tuple[int, int]:
    """Where this answer's first byte belongs (-1: begin again), and the whole file's size (0: unknown)."""
    length = int(answer.headers.get("Content-Length") or 0)
    if answer.status_code == 416 and have:
        return -1, 0
    if answer.status_code == 206:
        unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
        span, _, whole = rest.partition("/")
        start = span.partition("-")[0]
        if unit != "bytes" or start != str(have):
            return -1, 0
        total = int(whole) if whole.isdigit() else have + length
    elif answer.status_code == 200:
        have, total = 0, length  # the server sends it whole: it knows no ranges, or the file is a newer one
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise _login_page(answer, kind)
    else:
        code = answer.status_code
        refused = _REFUSED[kind.word]
        said = f"{code} {answer.reason}: {answer.url}"
        raise _Broken(
            tr(refused.get(code, refused[0]), answer=said),
            tr("Look at LESSONKIT_MIRROR, or ask whoever runs it.")
            if config.mirror()
            else tr("Try again later, or take the drawn pets, which need no network."),
            again=code >= 500 or code in (408, 429),
        )
    if size and total and total != size:
        raise _Broken(
            tr(_OTHER_SIZE[kind.word], came=decimal(total), size=decimal(size)),
            tr(LOG_IN),
            again=False,
        )
    return have, total or size


def _chunks(answer: requests.Response, have: int, patience: float, kind: Kind) -> Iterator[bytes]:
    """The answer's body as it comes, never decoded (the archive itself is the gzip). Raises _Broken."""
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    came, window, window_start = 0, 0, time.monotonic()
    try:
        while chunk := answer.raw.read1(CHUNK, decode_content=False):
            if have + came == 0 and chunk[: len(kind.begins)] != kind.begins[: len(chunk)]:
                raise _login_page(answer, kind)
            came += len(chunk)
            yield chunk
            if time.monotonic() - window_start > patience:
                if came - window < SLOWEST:
                    raise _stalled()
                window, window_start = came, time.monotonic()
    except ReadTimeoutError as problem:
        raise _stalled() from problem
    except (HTTPError, ConnectionError) as problem:
        raise _Broken(
            tr("The connection broke off after {size} MB.", size=decimal((have + came) / MIB, 1)), tr("Try again.")
        ) from problem


def _stalled() -> _Broken:
    return _Broken(
        tr("The download has stalled: nothing comes any more."), tr("Look at the network connection and try again.")
    )


def _login_page(answer: requests.Response, kind: Kind) -> _Broken:
    return _Broken(
        tr(_WEB_PAGE[kind.word], server=urlsplit(answer.url).netloc),
        tr("Open any site in the browser, log in to the network, then try again."),
        again=False,
    )


def _validator(answer: requests.Response) -> str:
    """What If-Range may be asked with (RFC 9110, 13.1.5): a strong ETag, else the date of the last change."""
    etag = answer.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return answer.headers.get("Last-Modified", "")


def _small_text(url: str) -> str:
    """A small text file beside the archive; "" where there is none."""
    try:
        with _asked(url, 0, "", PATIENCE) as answer:
            return answer.raw.read(MIB).decode(errors="replace") if answer.status_code == 200 else ""
    except _Broken as broken:
        raise DownloadError(broken.sentence, broken.way_out) from broken


def _check_sha256(path: Path, sums: str, report: Report) -> None:
    """Raises DownloadError where `sums` (as sha256sum writes it) has another checksum for the file."""
    wanted = ""
    for line in sums.splitlines():
        digest, _, name = line.strip().partition(" ")
        if name.strip().lstrip("*") == path.name and len(digest) == 64:
            wanted = digest.lower()
    if not wanted:
        return
    total, done, digest = file_size(path), 0, hashlib.sha256()
    report = throttled(report)
    with path.open("rb") as f:
        while chunk := f.read(MIB):
            digest.update(chunk)
            done += len(chunk)
            report("checksum", done, total)
    if digest.hexdigest() != wanted:
        raise DownloadError(
            tr("{file} is not what its mirror says it is: its checksum is wrong.", file=path.name),
            tr("Try again; if it happens again, tell whoever runs the mirror."),
        )


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _facts(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def discard(target: Path) -> None:
    """Delete a file that was fetched, and what is kept to go on with it."""
    for path in (target, _part(target), _facts(target)):
        path.unlink(missing_ok=True)
