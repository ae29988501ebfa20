"""Settings, all from the environment, and the folders that follow from them.

Each is read and checked at each call: a test or a teacher may change the environment, and reading it costs nothing.
Nothing else in the package reads a variable that begins with LESSONKIT_. The README lists them all.
"""

from __future__ import annotations

import functools
import ipaddress
import math
import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import platformdirs

from lessonkit.errors import LessonError, SettingError
from lessonkit.language import decimal, tr, translatable

DEVICES = ("auto", "cuda", "mps", "cpu")
SCHEDULER_SCHEMES = ("tcp", "tls", "ws", "wss")
ENCRYPTED = ("tls", "wss")
MIRROR_SCHEMES = ("http", "https", "file")


def home() -> Path:
    """Folder that holds datasets, caches and runs (`LESSONKIT_HOME`; default: the user's data folder).

    Raises:
        SettingError: no folder can be meant by it.
    """
    wish = _read("LESSONKIT_HOME")
    return _folder("LESSONKIT_HOME", wish) if wish else Path(platformdirs.user_data_dir("lessonkit", False))


def check_home(to_write: bool = True) -> None:
    """See that the home can be used: it is a folder that this user may read, and write if asked, or can be made.

    Raises:
        LessonError: it is a file, or shut.
    """
    wanted = home()
    there = next(path for path in (wanted, *wanted.parents) if os.path.lexists(path))
    if not os.path.isdir(there):
        what = translatable("The folder for photos and runs is at {folder}, but {there} is a file, not a folder.")
    elif os.access(there, os.X_OK | (os.R_OK if there == wanted else 0) | (os.W_OK if to_write else 0)):
        return
    else:
        what = translatable("The folder for photos and runs is at {folder}, but this user may not use {there}.")
    raise LessonError(
        tr(what, folder=str(wanted), there=str(there)), tr("Change that, or set LESSONKIT_HOME to another folder.")
    )


def mirror() -> str | Path | None:
    """Where archives come from instead of their home (`LESSONKIT_MIRROR`): a web address, or a folder as a Path.

    Raises:
        SettingError: it is neither an address that begins with http:// or https:// nor a folder that is there.
    """
    wish = _read("LESSONKIT_MIRROR")
    if not wish:
        return None
    scheme, _, rest = wish.lower().partition("://")
    if not rest and "://" not in wish:
        folder = _folder("LESSONKIT_MIRROR", wish)
    elif scheme in ("http", "https"):
        _, port = _host_and_port(wish)
        if port == -1:
            raise _unusable("LESSONKIT_MIRROR", wish, translatable("{setting} is “{value}”, which is no web address."))
        return wish.rstrip("/")
    elif scheme == "file":
        folder = _folder("LESSONKIT_MIRROR", url2pathname(urlsplit(wish).path))
    else:
        raise _unusable(
            "LESSONKIT_MIRROR",
            wish,
            translatable("{setting} is “{value}”, and archives cannot be fetched by {scheme}://."),
            scheme=scheme,
        )
    if not folder.is_dir():
        raise _unusable(
            "LESSONKIT_MIRROR", wish, translatable("{setting} is “{value}”, which is no folder on this machine.")
        )
    return folder


def scheduler() -> str | None:
    """Address of a Dask scheduler to use instead of one of our own (`LESSONKIT_SCHEDULER`): scheme://host:port.

    Raises:
        SettingError: it is no such address; or it is on another machine, and without TLS.
    """
    wish = _read("LESSONKIT_SCHEDULER")
    if not wish:
        return None
    address = wish if "://" in wish else f"tcp://{wish}"
    scheme = address.partition("://")[0].lower()
    host, port = _host_and_port(address)
    if scheme not in SCHEDULER_SCHEMES or not host or port < 1:
        raise _unusable(
            "LESSONKIT_SCHEDULER",
            wish,
            translatable("{setting} is “{value}”, which is no address of a Dask scheduler."),
        )
    if scheme not in ENCRYPTED and not is_loopback(host):
        raise _unusable(
            "LESSONKIT_SCHEDULER",
            wish,
            translatable("{setting} is “{value}”, where {scheme}:// would let anyone on the way run code here."),
            scheme=scheme,
        )
    return f"{scheme}://{address.partition('://')[2]}"


def is_loopback(host: str) -> bool:
    """Whether a host's name or number is this machine's own, which nobody else's traffic reaches."""
    return ipaddress.ip_address(host).is_loopback if _is_number(host) else host.lower() == "localhost"


def device() -> str:
    """The device to train on (`LESSONKIT_DEVICE`): one of `DEVICES`.

    Raises:
        SettingError: the variable names no such device.
    """
    wish = _read("LESSONKIT_DEVICE").lower() or "auto"
    if wish not in DEVICES:
        raise _unusable("LESSONKIT_DEVICE", wish, translatable("{setting} is “{value}”, which is no device."))
    return wish


def plain() -> bool:
    """Whether a GPU is to be used plainly from the start (`LESSONKIT_PLAIN`): 1; 0, the default, where not.

    Raises:
        SettingError: it is neither.
    """
    wish = _read("LESSONKIT_PLAIN") or "0"
    if wish not in ("0", "1"):
        raise _unusable("LESSONKIT_PLAIN", wish, translatable("{setting} is “{value}”, which is neither 0 nor 1."))
    return wish == "1"


def engine_idle() -> float:
    """Seconds without a client or work after which the engine ends itself (`LESSONKIT_ENGINE_IDLE`, default 600).

    Raises:
        SettingError: it is not a number of seconds above 0.
    """
    return _seconds("LESSONKIT_ENGINE_IDLE", 600.0)


def engine_lean() -> float:
    """Seconds without work after which a worker that has grown large is started again (`LESSONKIT_ENGINE_LEAN`, 180).

    Raises:
        SettingError: it is not a number of seconds above 0.
    """
    return _seconds("LESSONKIT_ENGINE_LEAN", 180.0)


def drawn_per_breed() -> int:
    """How many photos of each breed `drawn` gets when it is made (`LESSONKIT_DRAWN_PER_BREED`, default 60).

    Raises:
        SettingError: it is not a whole number from 2 to 1,000.
    """
    return _whole("LESSONKIT_DRAWN_PER_BREED", 60, 2, 1000)


def hosts() -> tuple[str, ...]:
    """Names, besides the machine's own, under which the app is served (`LESSONKIT_HOSTS`): as behind a proxy.

    Raises:
        SettingError: one of them is no name that a browser says for a Host.
    """
    found = []
    for name in _read("LESSONKIT_HOSTS").replace(",", " ").split():
        plain = name.lower().strip("[]")
        if not _is_number(plain) and not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", plain):
            raise _unusable("LESSONKIT_HOSTS", name, translatable("{setting} is “{value}”, which is no host's name."))
        found.append(plain)
    return tuple(found)


def workers() -> int:
    """Processes that serve pages to a class (`LESSONKIT_WORKERS`, default 1), behind one port.

    Raises:
        SettingError: it is not a whole number from 1 to 16.
    """
    return _whole("LESSONKIT_WORKERS", 1, 1, 16)


def waiting_each() -> int:
    """Runs that one learner may have waiting (`LESSONKIT_WAITING_EACH`, default 2).

    One to come after the one that trains and one more: whoever has thirty beside them shares one queue.

    Raises:
        SettingError: it is not a whole number from 1 to 1,000.
    """
    return _whole("LESSONKIT_WAITING_EACH", 2, 1, 1000)


def waiting_all() -> int:
    """Runs that may wait in all (`LESSONKIT_WAITING_ALL`, default 20).

    At a minute or two each, what a lesson's time is enough for: later ones would be waited for in vain.

    Raises:
        SettingError: it is not a whole number from 1 to 1,000.
    """
    return _whole("LESSONKIT_WAITING_ALL", 20, 1, 1000)


def pin() -> str:
    """The PIN that opens the teacher's panel (`LESSONKIT_PIN`); "" where one is made at each start.

    Raises:
        SettingError: it is not 6 to 12 digits.
    """
    wish = "".join(_read("LESSONKIT_PIN").split())
    if wish and not re.fullmatch(r"[0-9]{6,12}", wish):
        said = tr("LESSONKIT_PIN is not 6 to 12 digits.")  # which it is, is not said aloud
        raise SettingError(said, tr(_WAYS_OUT["LESSONKIT_PIN"]))
    return wish


def uploads() -> int:
    """Bytes of uploads that are held at a time (`LESSONKIT_UPLOADS`, in MB, default 2,000).

    In memory while they are being sent (Streamlit keeps them there), and once more on the disk until a dataset is made of
    them or they are put away. Four of the largest at a time leave a laptop of 8 GB room to train.

    Raises:
        SettingError: it is not a whole number of MB from 600, one of the largest, to 1,000,000.
    """
    return _whole("LESSONKIT_UPLOADS", 2000, 600, 1_000_000) << 20


def runs_kept() -> int:
    """Bytes that the folder of runs may have before old ones are deleted (`LESSONKIT_RUNS`, in MB, default 20,000).

    A run takes some 17 MB: what thirty learners train in two school weeks.

    Raises:
        SettingError: it is not a whole number of MB from 200 to 10,000,000.
    """
    return _whole("LESSONKIT_RUNS", 20_000, 200, 10_000_000) << 20


def disk_free() -> int:
    """Bytes of the disk that the lesson leaves free (`LESSONKIT_DISK_FREE`, in MB, default 16): a status is always written.

    Raises:
        SettingError: it is not a whole number of MB from 16 to 1,000,000.
    """
    return _whole("LESSONKIT_DISK_FREE", 16, 16, 1_000_000) << 20


def most_epochs() -> int:
    """Epochs of one run (`LESSONKIT_EPOCHS`, default 200): with the body run for each batch they hold up all others.

    Raises:
        SettingError: it is not a whole number from 1 to 200.
    """
    return _whole("LESSONKIT_EPOCHS", 200, 1, 200)


def largest_batch() -> int:
    """Photos in a batch (`LESSONKIT_BATCH`, default 512): what a GPU of 16 GB takes of the small network.

    Raises:
        SettingError: it is not a whole number from 2 to 512.
    """
    return _whole("LESSONKIT_BATCH", 512, 2, 512)


def largest_size() -> int:
    """Pixels of a training photo's side (`LESSONKIT_SIZE`, default 512): its cost grows with their square.

    Raises:
        SettingError: it is not a whole number from 32 to 512.
    """
    return _whole("LESSONKIT_SIZE", 512, 32, 512)


def longest_pattern() -> int:
    """Characters of a labelling pattern (`LESSONKIT_PATTERN`, default 1,000): RE2 takes longer ones, nobody reads them.

    Raises:
        SettingError: it is not a whole number from 20 to 10,000.
    """
    return _whole("LESSONKIT_PATTERN", 1_000, 20, 10_000)


def own_datasets() -> int:
    """Datasets of people's own photos (`LESSONKIT_OWN_DATASETS`, default 200): each stands in everybody's list.

    Raises:
        SettingError: it is not a whole number from 1 to 10,000.
    """
    return _whole("LESSONKIT_OWN_DATASETS", 200, 1, 10_000)


def zip_files() -> int:
    """Files in a zip of photos (`LESSONKIT_ZIP_FILES`, default 50,000): the names of more take memory for minutes.

    Raises:
        SettingError: it is not a whole number from 2 to 1,000,000.
    """
    return _whole("LESSONKIT_ZIP_FILES", 50_000, 2, 1_000_000)


def zip_unpacked() -> int:
    """Bytes of a zip's photos, unpacked (`LESSONKIT_ZIP_MB`, default 2,048): four times the largest that is uploaded.

    Raises:
        SettingError: it is not a whole number of MB from 1 to 1,000,000.
    """
    return _whole("LESSONKIT_ZIP_MB", 2_048, 1, 1_000_000) << 20


def zip_ratio() -> int:
    """How many times what a zip packs it may unpack to (`LESSONKIT_ZIP_RATIO`, default 20): photos do not compress.

    Raises:
        SettingError: it is not a whole number from 2 to 1,000.
    """
    return _whole("LESSONKIT_ZIP_RATIO", 20, 2, 1_000)


LIMITS = (
    runs_kept, disk_free, most_epochs, largest_batch, largest_size, longest_pattern, own_datasets, zip_files,
    zip_unpacked, zip_ratio,
)  # fmt: skip
"""What keeps one of many from taking all there is, besides `waiting_each`, `waiting_all` and `uploads`."""


def texts() -> Path | None:
    """Folder with texts that are taken before the shipped ones (`LESSONKIT_TEXTS`): `<language>/*.po`; None: no such.

    Raises:
        SettingError: there is no such folder.
    """
    wish = _read("LESSONKIT_TEXTS")
    if not wish:
        return None
    folder = _folder("LESSONKIT_TEXTS", wish)
    if not folder.is_dir():
        raise _unusable(
            "LESSONKIT_TEXTS", wish, translatable("{setting} is “{value}”, which is no folder on this machine.")
        )
    return folder


def check_engine() -> None:
    """Read every setting that the engine starts with, so that one that it cannot use is said before.

    Raises:
        LessonError: one of them cannot be used; the first that is met.
    """
    check_home()
    for read in (scheduler, device, plain, engine_idle, engine_lean):
        read()


def check_app() -> None:
    """Read every setting that the app has besides the engine's, so that one that it cannot use is said on every page.

    Raises:
        SettingError: one of them cannot be used; the first that is met.
    """
    for read in (hosts, pin, workers, waiting_each, waiting_all, uploads, texts, *LIMITS):
        read()


def for_children() -> dict[str, str]:
    """The environment for a process that runs in another folder: a path is written whole, not as seen from here.

    Raises:
        SettingError: `LESSONKIT_HOME` cannot be used.
    """
    folders = {"LESSONKIT_HOME": str(home())}
    for name in ("LESSONKIT_MIRROR", "LESSONKIT_TEXTS"):
        if (wish := _read(name)) and "://" not in wish:
            folders[name] = os.path.abspath(os.path.expanduser(wish))
    return {**os.environ, **folders}


def datasets_folder() -> Path:
    return home() / "datasets"


def cache_folder() -> Path:
    return home() / "cache"


def runs_folder() -> Path:
    return home() / "runs"


_WAYS_OUT = {
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
_WHOLE = translatable("Set it to a whole number from {least} to {most}, or unset it.")
_IN_MB = translatable("Set it to a whole number of MB from {least} to {most}, or unset it.")
_MEGABYTES = ("LESSONKIT_UPLOADS", "LESSONKIT_RUNS", "LESSONKIT_DISK_FREE", "LESSONKIT_ZIP_MB")


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()


def _unusable(name: str, wish: str, what: str, **values: str) -> SettingError:
    """The error for a setting: `what` is the sentence that says so, with places for it and its value."""
    return SettingError(tr(what, setting=name, value=wish, **values), tr(_WAYS_OUT[name]))


def _folder(name: str, wish: str) -> Path:
    """The folder that a setting means. A page asks for its home two dozen times: the disk is asked once for each wish."""
    try:
        return _resolved(wish, "" if os.path.isabs(wish) else os.getcwd())
    except (RuntimeError, OSError, ValueError):  # nobody's home, links that lead in a circle, a name too long
        raise _unusable(name, wish, translatable("{setting} is “{value}”, which leads to no folder.")) from None


@functools.lru_cache(maxsize=64)
def _resolved(wish: str, seen_from: str) -> Path:
    return Path(seen_from, Path(wish).expanduser()).resolve()


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _whole(name: str, default: int, least: int, most: int) -> int:
    wish = _read(name) or str(default)
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


def _seconds(name: str, default: float) -> float:
    wish = _read(name)
    if not wish:
        return default
    try:
        seconds = float(wish)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise _unusable(name, wish, translatable("{setting} is “{value}”, which is not a number of seconds."))
    return seconds


def _host_and_port(address: str) -> tuple[str, int]:
    """The host and the port of an address; 0 where it names no port, -1 where it cannot be read."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", -1
    return host, port if host else -1
