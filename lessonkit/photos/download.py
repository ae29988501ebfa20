"""Fetch an archive, going on from where a try before stopped; check it; unpack it without trusting it.

Which library: pooch checks hashes but cannot go on from a part; huggingface_hub's `http_get` does, but without
If-Range, so that a changed file would be glued to the old one's beginning; pypdl brings aiohttp and fetches in
parallel pieces, which a classroom's mirror has no use for, and would leave a login page's HTML to us all the
same. So: requests, which Streamlit and fastai bring along anyway, and the forty lines that go on from a part.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import itertools
import json
import os
import shutil
import tarfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lessonkit import __version__, config
from lessonkit.errors import DownloadError
from lessonkit.photos.progress import Report, quiet, throttled
from lessonkit.runs import write_json

if TYPE_CHECKING:
    import requests

PATIENCE = 30.0  # seconds without a byte until a connection counts as stalled
SLOWEST = 1024  # bytes in PATIENCE seconds: a connection that drips slower is stalled too
TRIES = 4  # in a row that brought next to nothing
PAUSE = 1.0  # seconds before the next try, times the try's number
CHUNK = 1 << 18
MIB = 1 << 20
GZIP = b"\x1f\x8b"
MOST_MEMBERS = 200_000
LARGEST_HEADER = 1 * MIB  # tarfile reads a member's extra header into memory in one go


def archive(name: str, url: str, size: int, check: str, report: Report = quiet) -> Path:
    """The archive as a file: from `LESSONKIT_MIRROR` if that is set, else from its home.

    From its home it must have `size` bytes and its first MiB the md5 `check`, as fastai demands; a mirror may
    hold a smaller archive of the same name, checked by the `SHA256SUMS` beside it if there is one. That the
    rest of it is whole shows when it is unpacked.

    Args:
        report: told ("download", bytes so far, bytes in all).

    Raises:
        DownloadError: it cannot be had, or is not what it should be.
    """
    mirror = config.mirror()
    if mirror is None:
        path = fetch(url, part_folder() / name, size=size, report=report)
        with path.open("rb") as f:
            wrong = hashlib.md5(f.read(MIB), usedforsecurity=False).hexdigest() != check
        if wrong or path.stat().st_size != size:
            _discard(path)
            raise DownloadError(
                f"What came as {name} is not that archive: its checksum is wrong.",
                "Try again; if it happens again, the network changes what it passes on: use another one.",
            )
        return path
    where = _local_folder(mirror)
    if where is not None:
        path = where / name
        if not path.is_file():
            raise DownloadError(
                f"The mirror folder {where} holds no {name}.", "Put the archive there, or unset LESSONKIT_MIRROR."
            )
        sums = where / "SHA256SUMS"
        _check_sha256(path, sums.read_text(errors="replace") if sums.is_file() else "", report)
        return path
    base = mirror.rstrip("/")
    path = fetch(f"{base}/{name}", part_folder() / name, report=report)
    try:
        _check_sha256(path, _small_text(f"{base}/SHA256SUMS"), report)
    except DownloadError:
        _discard(path)
        raise
    return path


def part_folder() -> Path:
    """Where archives lie while they are fetched and unpacked."""
    return config.datasets_folder() / ".downloads"


def forget(name: str) -> None:
    """Delete what is kept of an archive's download."""
    _discard(part_folder() / name)


def fetch(
    url: str,
    target: Path,
    *,
    size: int = 0,
    report: Report = quiet,
    patience: float = PATIENCE,
    pause: float = PAUSE,
) -> Path:
    """Fetch a gzip file over HTTP, going on from what earlier tries left in `<target>.part`.

    A connection that is cut or stalls is tried again from where it broke, until TRIES tries in a row brought
    next to nothing; the part is kept then, and the next call goes on from it.

    Args:
        size: bytes that it should have, if known.
        report: told ("download", bytes so far, bytes in all; 0 if unknown).
        patience: seconds to wait for a connection or for bytes.
        pause: seconds before a second try; twice that before a third, and so on.

    Returns:
        `target`.

    Raises:
        DownloadError: no network, an error page, a login page, a cut or stalled connection, no space.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and (not size or target.stat().st_size == size) and _Part.of(target).url == url:
        return target
    report = throttled(report)
    failed = 0
    while True:
        before = _size(_part(target))
        try:
            _fetch_on(url, target, size, report, patience)
            return target
        except _Broken as broken:
            have = _size(_part(target))
            failed = 1 if have - before > CHUNK else failed + 1
            if failed >= TRIES or not broken.again:
                kept = f"The {have / MIB:,.1f} MB that came are kept: the next try goes on from there." if have else ""
                raise DownloadError(broken.sentence, f"{broken.way_out} {kept}".strip()) from broken.__cause__
            time.sleep(pause * failed)
        except OSError as problem:
            raise disk_problem(problem, target.parent) from problem


def unpack(archive: Path, folder: Path, report: Report = quiet) -> None:
    """Unpack a .tgz into a new folder, trusting nothing in it.

    Plain files and folders are taken, anything else (a link, a device) refuses the archive, as does a name that
    leads out of it; `tarfile`'s "data" filter alone was bypassed by a chain of links. Photos do not compress, so
    an archive that unpacks to more than four times its size and 64 MiB is refused before the disk fills. The gzip
    checksum and the tar's end mark are read, so a byte flipped or missing anywhere is found. A single folder
    at the archive's top is left out of the paths.

    Args:
        archive: the file.
        folder: made here; the caller deletes it when this fails.
        report: told ("unpack", bytes of the archive read, its bytes).

    Raises:
        DownloadError: the archive is damaged, hostile, or too big for the disk.
    """
    size = _size(archive)
    cap = 4 * size + 64 * MIB
    _need_space(folder.parent, min(cap, size + size // 4), "unpack")
    folder.mkdir(parents=True)
    report = throttled(report)
    try:
        with archive.open("rb") as packed, gzip.GzipFile(fileobj=packed) as unpacked:
            stream = _Capped(unpacked, cap)
            with tarfile.open(fileobj=stream, mode="r:") as tar:
                for member in _plain_members(tar, cap):
                    tar.extract(member, folder, set_attrs=False, filter="data")
                    report("unpack", min(packed.tell(), size), size)
            _read_to_the_end(stream)
        report("unpack", size, size)
    except (tarfile.FilterError, _Refused) as problem:
        raise DownloadError(
            f"The archive {archive.name} is not an honest one ({problem}); nothing of it was kept.",
            "If it came from a mirror, tell whoever runs it.",
        ) from problem
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise DownloadError(
            f"The archive {archive.name} is damaged ({problem}).",
            "Get it again; if it lies in a mirror folder, copy it there again.",
        ) from problem
    except OSError as problem:
        raise disk_problem(problem, folder.parent) from problem
    _lift_single_folder(folder)


def disk_problem(problem: OSError, where: Path) -> DownloadError:
    """What an error of the disk means for the learner."""
    if problem.errno in _FULL:
        return _no_space(where, None, "go on")
    return DownloadError(
        f"Files cannot be written in {where} ({problem.strerror or problem}).",
        "Make that folder writable, or set LESSONKIT_HOME to another.",
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
            return cls(**json.loads(_facts(target).read_text()))
        except (FileNotFoundError, ValueError, TypeError):  # none, or cut off by a power cut: begin again
            return cls()


class _Broken(Exception):
    """A try failed; `again`: another may go on from what came."""

    def __init__(self, sentence: str, way_out: str, again: bool = True):
        super().__init__(sentence)
        self.sentence, self.way_out, self.again = sentence, way_out, again


def _fetch_on(url: str, target: Path, size: int, report: Report, patience: float) -> None:
    """One try: ask for what is missing and append it. Raises _Broken."""
    part = _part(target)
    known = _Part.of(target)
    if known.url != url:
        part.unlink(missing_ok=True)
        known = _Part(url)
    have = _size(part)
    if size and have > size:
        part.unlink()
        have = 0
    if not size or have < size:
        with _asked(url, have, known.validator, patience) as answer:
            have, total = _place(answer, have, size)
            if have < 0:  # the part is no beginning of the server's file
                part.unlink(missing_ok=True)
                raise _Broken("The server's file changed while it was fetched.", "Try again.")
            _need_space(target.parent, total - have, "fetch")
            chunks = _chunks(answer, have, patience)
            first = next(chunks, b"")  # before the part is touched: a login page must not cost what came
            with part.open("r+b" if have else "wb") as out:
                out.seek(have)
                out.truncate()
                write_json(_facts(target), asdict(_Part(url, _validator(answer))))
                report("download", have, total)
                for chunk in itertools.chain((first,), chunks):
                    out.write(chunk)
                    out.flush()  # a kill loses no more than a chunk
                    have += len(chunk)
                    report("download", have, total)
            have, size = _size(part), size or total
    if size and have != size:
        raise _Broken(f"The connection broke off after {have / MIB:,.1f} of {size / MIB:,.1f} MB.", "Try again.")
    os.replace(part, target)


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
        with requests.get(url, headers=headers, stream=True, timeout=patience) as answer:
            yield answer
    except requests.exceptions.Timeout as problem:
        raise _Broken(f"{host} does not answer.", "Look at the network connection and try again.") from problem
    except requests.exceptions.SSLError as problem:
        raise _Broken(
            f"The connection to {host} is not safe: its certificate is not good.",
            "On a network with a login page, log in first in the browser; then try again.",
            again=False,
        ) from problem
    except requests.exceptions.ConnectionError as problem:
        raise _Broken(
            f"There is no connection to {host}.",
            "Look at the network connection and try again, or take the drawn pets, which need none.",
        ) from problem
    except (requests.exceptions.RequestException, ValueError) as problem:
        raise _Broken(f"“{url}” cannot be fetched ({problem}).", "Look at LESSONKIT_MIRROR.", again=False) from problem


def _place(answer: requests.Response, have: int, size: int) -> tuple[int, int]:
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
        kind = answer.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            raise _login_page(answer)
    else:
        code = answer.status_code
        gone = {404: "The archive is not there", 403: "The server does not give the archive out"}
        raise _Broken(
            f"{gone.get(code, 'The server cannot give the archive now')} ({code} {answer.reason}: {answer.url}).",
            "Look at LESSONKIT_MIRROR, or ask whoever runs it."
            if config.mirror()
            else "Try again later, or take the drawn pets, which need no network.",
            again=code >= 500 or code in (408, 429),
        )
    if size and total and total != size:
        raise _Broken(
            f"The server's file has {total:,} bytes, where the archive has {size:,}.",
            "On a network with a login page, log in first in the browser; then try again.",
            again=False,
        )
    return have, total or size


def _chunks(answer: requests.Response, have: int, patience: float) -> Iterator[bytes]:
    """The answer's body as it comes, never decoded (the archive itself is the gzip). Raises _Broken."""
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    came, window, window_start = 0, 0, time.monotonic()
    try:
        while chunk := answer.raw.read1(CHUNK, decode_content=False):
            if have + came == 0 and not GZIP.startswith(chunk[:2]):
                raise _login_page(answer)
            came += len(chunk)
            yield chunk
            if time.monotonic() - window_start > patience:
                if came - window < SLOWEST:
                    raise _Broken(*_STALLED)
                window, window_start = came, time.monotonic()
    except ReadTimeoutError as problem:
        raise _Broken(*_STALLED) from problem
    except (HTTPError, ConnectionError) as problem:
        raise _Broken(f"The connection broke off after {(have + came) / MIB:,.1f} MB.", "Try again.") from problem


_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # Windows knows no quota
_STALLED = ("The download has stalled: nothing comes any more.", "Look at the network connection and try again.")


def _login_page(answer: requests.Response) -> _Broken:
    return _Broken(
        f"Instead of the archive came a web page from {urlsplit(answer.url).netloc}: perhaps a login page.",
        "Open any site in the browser, log in to the network, then try again.",
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
    total, done, digest = _size(path), 0, hashlib.sha256()
    report = throttled(report)
    with path.open("rb") as f:
        while chunk := f.read(MIB):
            digest.update(chunk)
            done += len(chunk)
            report("checksum", done, total)
    if digest.hexdigest() != wanted:
        raise DownloadError(
            f"{path.name} is not what its mirror says it is: its checksum is wrong.",
            "Try again; if it happens again, tell whoever runs the mirror.",
        )


def _local_folder(mirror: str) -> Path | None:
    """The mirror as a folder, or None where it is a web address."""
    if mirror.lower().startswith("file://"):
        return Path(url2pathname(urlsplit(mirror).path))
    return None if "://" in mirror else Path(mirror).expanduser()


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _facts(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def _discard(target: Path) -> None:
    for path in (target, _part(target), _facts(target)):
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _need_space(where: Path, needed: int, to: str) -> None:
    if needed > shutil.disk_usage(where).free - 16 * MIB:
        raise _no_space(where, needed, to)


def _no_space(where: Path, needed: int | None, to: str) -> DownloadError:
    more = (
        f": {needed / MIB:,.0f} MB are needed, {shutil.disk_usage(where).free / MIB:,.0f} MB are free" if needed else ""
    )
    return DownloadError(
        f"There is no space on the disk to {to}{more}.", "Delete something, or set LESSONKIT_HOME to another disk."
    )


# unpacking --------------------------------------------------------------------------------------------------


class _Refused(Exception):
    """The archive holds what an archive of photos has no use for."""


class _Capped:
    """A gzip stream that gives out `cap` bytes at most, and no more than a tar header's worth at once."""

    def __init__(self, stream: gzip.GzipFile, cap: int):
        self.stream, self.cap, self.last = stream, cap, b""

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > LARGEST_HEADER:
            raise _Refused("it has a header of many megabytes")
        if self.stream.tell() + size > self.cap:
            raise _Refused(f"it unpacks to more than {self.cap / MIB:,.0f} MB")
        self.last = self.stream.read(size)
        return self.last

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and position > self.cap:
            raise _Refused(f"it unpacks to more than {self.cap / MIB:,.0f} MB")
        return self.stream.seek(position, whence)

    def tell(self) -> int:
        return self.stream.tell()


def _plain_members(tar: tarfile.TarFile, cap: int) -> Iterator[tarfile.TarInfo]:
    total = count = 0
    while (member := tar.next()) is not None:
        count += 1
        if member.issym() or member.islnk():
            raise _Refused(f"“{member.name[:80]}” is a link")
        if not (member.isreg() or member.isdir()) or member.issparse():
            raise _Refused(f"“{member.name[:80]}” is neither a plain file nor a folder")
        total += member.size
        if total > cap:
            raise _Refused(f"it unpacks to more than {cap / MIB:,.0f} MB")
        if count > MOST_MEMBERS:
            raise _Refused(f"it holds more than {MOST_MEMBERS:,} files")
        yield member
        tar.members.clear()  # else tarfile keeps every member it has seen


def _read_to_the_end(stream: _Capped) -> None:
    """See that the tar ended with its end mark, and the gzip with a checksum that is right.

    tarfile takes a damaged header, and the file's end, for the archive's end without a word.
    """
    if len(stream.last) != tarfile.BLOCKSIZE or stream.last.strip(b"\0"):
        raise tarfile.ReadError("its end is missing")
    while rest := stream.read(CHUNK):
        if rest.strip(b"\0"):
            raise tarfile.ReadError("something stands after its end")


def _lift_single_folder(folder: Path) -> None:
    """Make the archive's only top folder the folder itself."""
    top = list(folder.iterdir())
    if len(top) != 1 or not top[0].is_dir():
        return
    aside = folder.with_name(f"{folder.name}.top")
    os.rename(top[0], aside)
    folder.rmdir()
    os.rename(aside, folder)
