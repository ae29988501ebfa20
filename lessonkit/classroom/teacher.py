"""Who is the teacher: a PIN opens the teacher's panel, and a token keeps it open in that browser.

Neither lies in the home as it is. `class/key` (32 random bytes, for its owner alone) and `class/pin.json` (a hash of the PIN
made with that key), `class/teachers.json` (hashes of tokens, until when they hold, and which came of one PIN typed), `class/tries.json` (when a wrong PIN
was given, and from where).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from pathlib import Path
from typing import NamedTuple

from lessonkit import config
from lessonkit.classroom import tries
from lessonkit.classroom.places import changing, folder
from lessonkit.errors import DamagedFileError, LessonError
from lessonkit.json_files import Watched, read_json
from lessonkit.language import tr
from lessonkit.storage import write_bytes, write_json

DIGITS = 8
TRIES_EACH, TRIES_ALL = 5, 60  # wrong PINs a minute, from one address and from all: 8 digits last for centuries
TOKEN_SECONDS = 12 * 3600.0  # a school day
TICKET_SECONDS = 60.0


class _Held(NamedTuple):
    """A token or a ticket. Family: of all that come of one PIN that was typed."""

    until: float
    family: str


def new_pin() -> str:
    """Make a PIN, that of `LESSONKIT_PIN` where it is set; the one before it opens nothing any more.

    Returns:
        The digits, to be shown to whoever started the server. They are written nowhere.

    Raises:
        SettingError: `LESSONKIT_PIN` cannot be one. DiskError: the disk is full or shut.
    """
    pin = config.pin() or "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    with changing("pin.json") as path:
        key_file = path.with_name("key")
        if not key_file.is_file():
            write_bytes(key_file, secrets.token_bytes(32), private=True)
        write_json(path, _hashed(pin), private=True)
    return pin


def spaced(pin: str) -> str:
    """A PIN in groups of four, as people read it aloud."""
    return " ".join(pin[i : i + 4] for i in range(0, len(pin), 4))


def enter(pin: str, whence: str) -> str:
    """A token for whoever knows the PIN.

    Args:
        pin: as it was typed; blanks and hyphens in it do not matter.
        whence: where it was typed (`tries.whence`): each has so many tries a minute.

    Raises:
        LessonError: it is another one, or too many were tried within a minute.
    """
    given = "".join(c for c in pin if not c.isspace() and c != "-")
    with changing("tries.json") as path:
        before = tries.lately(path, whence, TRIES_EACH, TRIES_ALL, "PIN")
        try:
            right = hmac.compare_digest(_hashed(given), read_json(path.with_name("pin.json"), str))
        except FileNotFoundError:
            raise LessonError(tr("No PIN was made for this class."), tr("Start it with `make classroom`.")) from None
        if right:
            tries.note_right(path, whence)
        else:
            tries.note(path, before, whence)
    if not right:
        raise LessonError(
            tr("This is not the PIN."), tr("It stands on the console of the machine that serves the lesson.")
        )
    return _give(TOKEN_SECONDS, secrets.token_hex(8))


def holds(token: str) -> bool:
    """Whether this token still makes its holder the teacher."""
    return _held(token) is not None


def ticket(token: str) -> str:
    """What a browser may hand in once, within a minute, for a token of its own (`redeem`); "" for who is no teacher."""
    held = _held(token)
    return _give(TICKET_SECONDS, held.family, "ticket:") if held else ""


def redeem(ticket: str) -> str:
    """A token for a ticket that nobody handed in yet; "" for any other."""
    with changing("teachers.json") as path:
        known = _read_tokens(path)
        held = known.pop(f"ticket:{_digest(ticket)}", None)
        if held is None:
            return ""
        token = _add(known, TOKEN_SECONDS, held.family) if time.time() < held.until else ""
        write_json(path, known, private=True)
    return token


def leave(token: str) -> None:
    """Make this token mean nothing, and all that came of the same PIN as it was typed: the browser has one in a cookie too."""
    with changing("teachers.json") as path:
        known = _read_tokens(path)
        held = known.get(_digest(token))
        if held:
            write_json(path, {key: one for key, one in known.items() if one.family != held.family}, private=True)


def _give(seconds: float, family: str, prefix: str = "") -> str:
    with changing("teachers.json") as path:
        now = time.time()
        known = {digest: held for digest, held in _read_tokens(path).items() if held.until > now}
        token = _add(known, seconds, family, prefix)
        write_json(path, known, private=True)
    return token


def _add(known: dict[str, _Held], seconds: float, family: str, prefix: str = "") -> str:
    """A new token, put among those that are known."""
    token = secrets.token_urlsafe(24)
    known[f"{prefix}{_digest(token)}"] = _Held(time.time() + seconds, family)
    return token


def _held(token: str) -> _Held | None:
    """What is known of a token that still holds; None for any other."""
    if not token:  # of nearly everybody
        return None
    known = next(iter(_watched.read_all([folder() / "teachers.json"]).found.values()), {})
    held = known.get(_digest(token))
    return held if held and time.time() < held.until else None


def _hashed(pin: str) -> str:
    key = (folder() / "key").read_bytes()
    return hashlib.scrypt(pin.encode(), salt=key, n=2**14, r=8, p=1).hex()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read_tokens(path: Path) -> dict[str, _Held]:
    """The tokens that were given. A file that another version of the lesson wrote has none: the PIN gives new ones."""
    try:
        return {key: _Held(*held) for key, held in read_json(path, dict[str, tuple[float, str]]).items()}
    except (FileNotFoundError, DamagedFileError):
        return {}


_watched = Watched(_read_tokens)
