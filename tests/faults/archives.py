"""Archives for the tests, honest and hostile."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from collections.abc import Callable, Iterable

Member = tuple[str, bytes] | tarfile.TarInfo
TOP = "oxford-iiit-pet"
PHOTOS = [f"{breed}_{n}.jpg" for breed in ("Bengal", "beagle", "pug") for n in range(1, 7)]


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes that do not compress, as a photo's."""
    return random.Random(seed).randbytes(size)


def tgz(members: Iterable[Member], finish: Callable[[bytes], bytes] = lambda tar: tar) -> bytes:
    """A .tgz of (name, content) pairs and of ready members; `finish` may spoil the tar before it is packed."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return gzip.compress(finish(raw.getvalue()), compresslevel=1)


def honest(size: int = 40_000) -> list[Member]:
    """Photos (their bytes are noise: unpacking does not look inside) and the `.mat` that the real archive holds."""
    photos = [(f"{TOP}/images/{name}", noise(size, seed)) for seed, name in enumerate(PHOTOS)]
    return [*photos, (f"{TOP}/images/Bengal_1.mat", b"MATLAB"), (f"{TOP}/images/._pug_1.jpg", b"a Mac's")]


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    """A link, device or pipe."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info
