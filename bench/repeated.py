"""`pets` repeated to the size of the whole dataset, where what is here is a part of it."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from lessonkit.photos import catalog

DATASET, PHOTOS = "pets", 7390


def repeat_archive(to: Path, photos: int = PHOTOS) -> int:
    """Write `pets` as its archive, repeated to about so many photos; returns how many these are."""
    dataset = catalog.resolve(DATASET)
    source, names = dataset.photos_folder, dataset.names
    count = 0
    with tarfile.open(to / dataset.description.archive, "w:gz", compresslevel=1) as archive:
        for copy in range(-(-photos // len(names))):
            for name in names[: photos - count]:
                data = (source / name).read_bytes()
                breed, number = Path(name).stem.rsplit("_", 1)
                member = tarfile.TarInfo(f"oxford-iiit-pet/images/{breed}_{copy}{int(number):04d}.jpg")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
                count += 1
    return count
