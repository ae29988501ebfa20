"""Settings, all from the environment, and the folders that follow from them.

Each is read and checked at each call: a test or a teacher may change the environment, and reading it costs nothing.
Nothing else in the package reads a variable that begins with LESSONKIT_. The README lists them all.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import platformdirs

from lessonkit import variables
from lessonkit.errors import LessonError, SettingError
from lessonkit.language import tr, translatable

DEVICES = ("auto", "cuda", "mps", "cpu")
SCHEDULER_SCHEMES = ("tcp", "tls", "ws", "wss")
ENCRYPTED = ("tls", "wss")
MIRROR_SCHEMES = ("http", "https", "file")


def home() -> Path:
    """Folder that holds datasets, caches and runs (`LESSONKIT_HOME`; default: the user's data folder).

    Raises:
        SettingError: no folder can be meant by it.
    """
    wish = variables.read("LESSONKIT_HOME")
    return variables.folder("LESSONKIT_HOME", wish) if wish else Path(platformdirs.user_data_dir("lessonkit", False))


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
    wish = variables.read("LESSONKIT_MIRROR")
    if not wish:
        return None
    scheme, _, rest = wish.lower().partition("://")
    if not rest and "://" not in wish:
        folder = variables.folder("LESSONKIT_MIRROR", wish)
    elif scheme in ("http", "https"):
        _, port = variables.host_and_port(wish)
        if port == -1:
            raise variables.unusable(
                "LESSONKIT_MIRROR", wish, translatable("{setting} is “{value}”, which is no web address.")
            )
        return wish.rstrip("/")
    elif scheme == "file":
        folder = variables.folder("LESSONKIT_MIRROR", url2pathname(urlsplit(wish).path))
    else:
        raise variables.unusable(
            "LESSONKIT_MIRROR",
            wish,
            translatable("{setting} is “{value}”, and archives cannot be fetched by {scheme}://."),
            scheme=scheme,
        )
    if not folder.is_dir():
        raise variables.unusable(
            "LESSONKIT_MIRROR", wish, translatable("{setting} is “{value}”, which is no folder on this machine.")
        )
    return folder


def scheduler() -> str | None:
    """Address of a Dask scheduler to use instead of one of our own (`LESSONKIT_SCHEDULER`): scheme://host:port.

    Raises:
        SettingError: it is no such address; or it is on another machine, and without TLS.
    """
    wish = variables.read("LESSONKIT_SCHEDULER")
    if not wish:
        return None
    address = wish if "://" in wish else f"tcp://{wish}"
    scheme = address.partition("://")[0].lower()
    host, port = variables.host_and_port(address)
    if scheme not in SCHEDULER_SCHEMES or not host or port < 1:
        raise variables.unusable(
            "LESSONKIT_SCHEDULER",
            wish,
            translatable("{setting} is “{value}”, which is no address of a Dask scheduler."),
        )
    if scheme not in ENCRYPTED and not is_loopback(host):
        raise variables.unusable(
            "LESSONKIT_SCHEDULER",
            wish,
            translatable("{setting} is “{value}”, where {scheme}:// would let anyone on the way run code here."),
            scheme=scheme,
        )
    return f"{scheme}://{address.partition('://')[2]}"


@functools.lru_cache(maxsize=64)  # asked for several times by each page
def is_loopback(host: str) -> bool:
    """Whether a host's name or number is this machine's own, which nobody else's traffic reaches."""
    return ipaddress.ip_address(host).is_loopback if variables.is_number(host) else host.lower() == "localhost"


def device() -> str:
    """The device to train on (`LESSONKIT_DEVICE`): one of `DEVICES`.

    Raises:
        SettingError: the variable names no such device.
    """
    wish = variables.read("LESSONKIT_DEVICE").lower() or "auto"
    if wish not in DEVICES:
        raise variables.unusable("LESSONKIT_DEVICE", wish, translatable("{setting} is “{value}”, which is no device."))
    return wish


def plain() -> bool:
    """Whether a GPU is to be used plainly from the start (`LESSONKIT_PLAIN`): 1; 0, the default, where not.

    Raises:
        SettingError: it is neither.
    """
    wish = variables.read("LESSONKIT_PLAIN") or "0"
    if wish not in ("0", "1"):
        raise variables.unusable(
            "LESSONKIT_PLAIN", wish, translatable("{setting} is “{value}”, which is neither 0 nor 1.")
        )
    return wish == "1"


def engine_idle() -> float:
    """Seconds without a client or work after which the engine ends itself (`LESSONKIT_ENGINE_IDLE`, default 600).

    Raises:
        SettingError: it is not a number of seconds above 0.
    """
    return variables.seconds("LESSONKIT_ENGINE_IDLE", 600.0)


def engine_lean() -> float:
    """Seconds without work after which a worker that has grown large is started again (`LESSONKIT_ENGINE_LEAN`, 180).

    Raises:
        SettingError: it is not a number of seconds above 0.
    """
    return variables.seconds("LESSONKIT_ENGINE_LEAN", 180.0)


def drawn_per_breed() -> int:
    """How many photos of each breed `drawn` gets when it is made (`LESSONKIT_DRAWN_PER_BREED`, default 60).

    Raises:
        SettingError: it is not a whole number from 2 to 1,000.
    """
    return variables.whole("LESSONKIT_DRAWN_PER_BREED", 60, 2, 1000)


def hosts() -> tuple[str, ...]:
    """Names, besides the machine's own, under which the app is served (`LESSONKIT_HOSTS`): as behind a proxy.

    Raises:
        SettingError: one of them is no name that a browser says for a Host.
    """
    found = []
    for name in variables.read("LESSONKIT_HOSTS").replace(",", " ").split():
        plain = name.lower().strip("[]")
        if not variables.is_number(plain) and not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", plain):
            raise variables.unusable(
                "LESSONKIT_HOSTS", name, translatable("{setting} is “{value}”, which is no host's name.")
            )
        found.append(plain)
    return tuple(found)


def workers() -> int:
    """Processes that serve pages to a class (`LESSONKIT_WORKERS`, default 1), behind one port.

    Raises:
        SettingError: it is not a whole number from 1 to 16.
    """
    return variables.whole("LESSONKIT_WORKERS", 1, 1, 16)


def waiting_each() -> int:
    """Runs that one learner may have waiting (`LESSONKIT_WAITING_EACH`, default 2).

    One to come after the one that trains and one more: whoever has thirty beside them shares one queue.

    Raises:
        SettingError: it is not a whole number from 1 to 1,000.
    """
    return variables.whole("LESSONKIT_WAITING_EACH", 2, 1, 1000)


def waiting_all() -> int:
    """Runs that may wait in all (`LESSONKIT_WAITING_ALL`, default 20).

    At a minute or two each, what a lesson's time is enough for: later ones would be waited for in vain.

    Raises:
        SettingError: it is not a whole number from 1 to 1,000.
    """
    return variables.whole("LESSONKIT_WAITING_ALL", 20, 1, 1000)


def pin() -> str:
    """The PIN that opens the teacher's panel (`LESSONKIT_PIN`); "" where one is made at each start.

    Raises:
        SettingError: it is not 6 to 12 digits.
    """
    wish = "".join(variables.read("LESSONKIT_PIN").split())
    if wish and not re.fullmatch(r"[0-9]{6,12}", wish):
        said = tr("LESSONKIT_PIN is not 6 to 12 digits.")  # which it is, is not said aloud
        raise SettingError(said, tr(variables.WAYS_OUT["LESSONKIT_PIN"]))
    return wish


def uploads() -> int:
    """Bytes of uploads that are held at a time (`LESSONKIT_UPLOADS`, in MB, default 2,000).

    In memory while they are being sent (Streamlit keeps them there), and once more on the disk until a dataset is made of
    them or they are put away. Four of the largest at a time leave a laptop of 8 GB room to train.

    Raises:
        SettingError: it is not a whole number of MB from 600, one of the largest, to 1,000,000.
    """
    return variables.whole("LESSONKIT_UPLOADS", 2000, 600, 1_000_000) << 20


def runs_kept() -> int:
    """Bytes that the folder of runs may have before old ones are deleted (`LESSONKIT_RUNS`, in MB, default 20,000).

    A run takes some 17 MB: what thirty learners train in two school weeks.

    Raises:
        SettingError: it is not a whole number of MB from 200 to 10,000,000.
    """
    return variables.whole("LESSONKIT_RUNS", 20_000, 200, 10_000_000) << 20


def disk_free() -> int:
    """Bytes of the disk that the lesson leaves free (`LESSONKIT_DISK_FREE`, in MB, default 16): a status is always written.

    Raises:
        SettingError: it is not a whole number of MB from 16 to 1,000,000.
    """
    return variables.whole("LESSONKIT_DISK_FREE", 16, 16, 1_000_000) << 20


def most_epochs() -> int:
    """Epochs of one run (`LESSONKIT_EPOCHS`, default 200): with the body run for each batch they hold up all others.

    Raises:
        SettingError: it is not a whole number from 1 to 200.
    """
    return variables.whole("LESSONKIT_EPOCHS", 200, 1, 200)


def largest_batch() -> int:
    """Photos in a batch (`LESSONKIT_BATCH`, default 512): what a GPU of 16 GB takes of the small network.

    Raises:
        SettingError: it is not a whole number from 2 to 512.
    """
    return variables.whole("LESSONKIT_BATCH", 512, 2, 512)


def largest_size() -> int:
    """Pixels of a training photo's side (`LESSONKIT_SIZE`, default 512): its cost grows with their square.

    Raises:
        SettingError: it is not a whole number from 32 to 512.
    """
    return variables.whole("LESSONKIT_SIZE", 512, 32, 512)


def longest_pattern() -> int:
    """Characters of a labelling pattern (`LESSONKIT_PATTERN`, default 1,000): RE2 takes longer ones, nobody reads them.

    Raises:
        SettingError: it is not a whole number from 20 to 10,000.
    """
    return variables.whole("LESSONKIT_PATTERN", 1_000, 20, 10_000)


def own_datasets() -> int:
    """Datasets of people's own photos (`LESSONKIT_OWN_DATASETS`, default 200): each stands in everybody's list.

    Raises:
        SettingError: it is not a whole number from 1 to 10,000.
    """
    return variables.whole("LESSONKIT_OWN_DATASETS", 200, 1, 10_000)


def zip_files() -> int:
    """Files in a zip of photos (`LESSONKIT_ZIP_FILES`, default 50,000): the names of more take memory for minutes.

    Raises:
        SettingError: it is not a whole number from 2 to 1,000,000.
    """
    return variables.whole("LESSONKIT_ZIP_FILES", 50_000, 2, 1_000_000)


def zip_unpacked() -> int:
    """Bytes of a zip's photos, unpacked (`LESSONKIT_ZIP_MB`, default 2,048): four times the largest that is uploaded.

    Raises:
        SettingError: it is not a whole number of MB from 1 to 1,000,000.
    """
    return variables.whole("LESSONKIT_ZIP_MB", 2_048, 1, 1_000_000) << 20


def zip_ratio() -> int:
    """How many times what a zip packs it may unpack to (`LESSONKIT_ZIP_RATIO`, default 20): photos do not compress.

    Raises:
        SettingError: it is not a whole number from 2 to 1,000.
    """
    return variables.whole("LESSONKIT_ZIP_RATIO", 20, 2, 1_000)


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
    wish = variables.read("LESSONKIT_TEXTS")
    if not wish:
        return None
    folder = variables.folder("LESSONKIT_TEXTS", wish)
    if not folder.is_dir():
        raise variables.unusable(
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
        if (wish := variables.read(name)) and "://" not in wish:
            folders[name] = os.path.abspath(os.path.expanduser(wish))
    return {**os.environ, **folders}


def datasets_folder() -> Path:
    return home() / "datasets"


def cache_folder() -> Path:
    return home() / "cache"


def runs_folder() -> Path:
    return home() / "runs"
