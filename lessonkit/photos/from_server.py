"""What a server answers when it is asked for a file, or for the rest of one: the bytes, or a sentence that says what is wrong."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lessonkit import __version__, config
from lessonkit.language import decimal, tr, translatable
from lessonkit.storage import MIB

if TYPE_CHECKING:
    import requests

SLOWEST = 1024  # bytes in as many seconds as one is patient: a connection that drips slower is stalled too
CHUNK = 1 << 18


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


class Broken(Exception):
    """A try failed; `again`: another may go on from what came."""

    def __init__(self, sentence: str, way_out: str, again: bool = True):
        super().__init__(sentence)
        self.sentence, self.way_out, self.again = sentence, way_out, again


def body_from(
    url: str, have: int, validator: str, size: int, patience: float, kind: Kind
) -> Generator[tuple[str, int, int] | bytes]:
    """(what If-Range may be asked with, where the first byte belongs, size of the whole), then the bytes as they come.

    The place and the size are as `_place` says. Raises Broken.
    """
    with asked(url, have, validator, patience) as answer:
        place, total = _place(answer, have, size, kind)
        yield _validator(answer), place, total
        yield from _chunks(answer, place, patience, kind)


@contextlib.contextmanager
def asked(url: str, have: int, validator: str, patience: float) -> Iterator[requests.Response]:
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
        raise Broken(
            tr("{server} does not answer.", server=host), tr("Look at the network connection and try again.")
        ) from problem
    except requests.exceptions.SSLError as problem:
        raise Broken(
            tr("The connection to {server} is not safe: its certificate is not good.", server=host),
            tr(LOG_IN),
            again=False,
        ) from problem
    except requests.exceptions.ConnectionError as problem:
        raise Broken(
            tr("There is no connection to {server}.", server=host),
            tr("Look at the network connection and try again, or take the drawn pets, which need none."),
        ) from problem
    except (requests.exceptions.RequestException, ValueError) as problem:
        raise Broken(
            tr("“{url}” cannot be fetched ({why}).", url=url, why=str(problem)),
            tr("Look at LESSONKIT_MIRROR."),
            again=False,
        ) from problem


def _target(find: Callable[[requests.Response], str | None], answer: requests.Response) -> str | None:
    """Where a redirect leads. Raises Broken for one from https to http: whoever is on the way could change what comes."""
    target = find(answer)
    if target and answer.url.lower().startswith("https:") and not urljoin(answer.url, target).startswith("https:"):
        raise Broken(
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
        raise Broken(
            tr(refused.get(code, refused[0]), answer=said),
            tr("Look at LESSONKIT_MIRROR, or ask whoever runs it.")
            if config.mirror()
            else tr("Try again later, or take the drawn pets, which need no network."),
            again=code >= 500 or code in (408, 429),
        )
    if size and total and total != size:
        raise Broken(
            tr(_OTHER_SIZE[kind.word], came=decimal(total), size=decimal(size)),
            tr(LOG_IN),
            again=False,
        )
    return have, total or size


def _chunks(answer: requests.Response, have: int, patience: float, kind: Kind) -> Iterator[bytes]:
    """The answer's body as it comes, never decoded (the archive itself is the gzip). Raises Broken."""
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
        raise Broken(
            tr("The connection broke off after {size} MB.", size=decimal((have + came) / MIB, 1)), tr("Try again.")
        ) from problem


def _stalled() -> Broken:
    return Broken(
        tr("The download has stalled: nothing comes any more."), tr("Look at the network connection and try again.")
    )


def _login_page(answer: requests.Response, kind: Kind) -> Broken:
    return Broken(
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
