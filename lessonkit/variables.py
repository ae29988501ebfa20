"""How a setting's environment variable is read: what it may be, and the sentence for what cannot be used.

Which settings there are, `config` says: it alone calls this with their names.
"""

from __future__ import annotations

import functools
import ipaddress
import math
import os
from pathlib import Path
from urllib.parse import urlsplit

from lessonkit.errors import SettingError
from lessonkit.language import decimal, tr, translatable

WAYS_OUT = {
    "LESSONKIT_HOME": translatable("Set it to a folder for photos and runs, or unset it."),
    "LESSONKIT_MIRROR": translatable(
        "Set it to a folder that holds the archives or to an address that begins with http:// or https://, or unset it."
    ),
    "LESSONKIT_SCHEDULER": translatable(
        "Set it to an address such as tls://192.168.1.5:8786 (tcp:// on this machine alone), or unset it."
    ),
    "LESSONKIT_DEVICE": translatable("Set it to one of auto, cuda, mps, cpu, or unset it."),
    "LESSONKIT_PLAIN": translatable("Set it to 1 to use the GPU plainly, to 0, or unset it."),
    "LESSONKIT_ENGINE_IDLE": translatable("Set it to a number of seconds, such as 600, or unset it."),
    "LESSONKIT_ENGINE_LEAN": translatable("Set it to a number of seconds, such as 180, or unset it."),
    "LESSONKIT_PIN": translatable("Set it to 6 to 12 digits, or unset it: then each start makes one."),
    "LESSONKIT_HOSTS": translatable(
        "Set it to names without http:// and without a port, such as lesson.school.example, with spaces between them, or "
        "unset it."
    ),
    "LESSONKIT_TEXTS": translatable("Set it to a folder that holds texts, such as de/lesson.po, or unset it."),
}
"""What to do about a setting that cannot be used, by its variable; those that are whole numbers have `_WHOLE`."""
_WHOLE = translatable("Set it to a whole number from {least} to {most}, or unset it.")
_IN_MB = translatable("Set it to a whole number of MB from {least} to {most}, or unset it.")
_MEGABYTES = ("LESSONKIT_UPLOADS", "LESSONKIT_RUNS", "LESSONKIT_DISK_FREE", "LESSONKIT_ZIP_MB")


def read(name: str) -> str:
    """What a variable says, without space around it; "" where it is not set."""
    return os.environ.get(name, "").strip()


def unusable(name: str, wish: str, what: str, **values: str) -> SettingError:
    """The error for a setting: `what` is the sentence that says so, with places for it and its value."""
    return SettingError(tr(what, setting=name, value=wish, **values), tr(WAYS_OUT[name]))


def folder(name: str, wish: str) -> Path:
    """The folder that a setting means. A page asks for its home two dozen times: the disk is asked once for each wish.

    Raises:
        SettingError: no folder can be meant by it.
    """
    try:
        return _resolved(wish, "" if os.path.isabs(wish) else os.getcwd())
    except (RuntimeError, OSError, ValueError):  # nobody's home, links that lead in a circle, a name too long
        raise unusable(name, wish, translatable("{setting} is “{value}”, which leads to no folder.")) from None


@functools.lru_cache(maxsize=64)
def _resolved(wish: str, seen_from: str) -> Path:
    return Path(seen_from, Path(wish).expanduser()).resolve()


def is_number(host: str) -> bool:
    """Whether a host is given by an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def whole(name: str, default: int, least: int, most: int) -> int:
    """The whole number that a setting is, from `least` to `most`; `default` where it is not set.

    Raises:
        SettingError: it is none, or not between these.
    """
    wish = read(name) or str(default)
    if not wish.isascii() or not wish.isdigit() or not least <= int(wish[:9]) <= most:
        ends = {"least": decimal(least), "most": decimal(most)}
        what = tr(
            "{setting} is “{value}”, which is not a whole number from {least} to {most}.",
            setting=name,
            value=wish,
            **ends,
        )
        way_out = _IN_MB if name in _MEGABYTES else _WHOLE
        raise SettingError(what, tr(way_out, **ends))
    return int(wish)


def seconds(name: str, default: float) -> float:
    """The seconds that a setting is, above 0; `default` where it is not set.

    Raises:
        SettingError: it is no such number.
    """
    wish = read(name)
    if not wish:
        return default
    try:
        seconds = float(wish)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise unusable(name, wish, translatable("{setting} is “{value}”, which is not a number of seconds."))
    return seconds


def host_and_port(address: str) -> tuple[str, int]:
    """The host and the port of an address; 0 where it names no port, -1 where it cannot be read."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", -1
    return host, port if host else -1
