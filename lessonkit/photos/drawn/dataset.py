"""The whole set: which photo shows what, which labels are wrong on purpose, and the drawing on every core."""

from __future__ import annotations

import json
import multiprocessing
import zlib
from collections.abc import Generator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path

import numpy as np

from lessonkit.machine import cores
from lessonkit.photos.drawn.breeds import BREEDS, CLOSE_PAIRS
from lessonkit.photos.drawn.portrait import jpeg
from lessonkit.photos.progress import LOOK_SECONDS, Report, quiet

# One photo in each run of this many numbers of a breed carries a wrong label: 2 %.
PLANTED_EVERY = 50
# Starting processes costs half a second: not worth it for fewer.
MOST_PROCESSES = 8
FEW = 48
A_PART = 6  # drawings that a process is given at once: it finishes them where somebody asks to stop

Job = tuple[str, str, int, int, int]  # breed in the name, breed drawn, number, seed, side


def _key(breed: str) -> int:
    # Not hash(): that differs from one process to the next.
    return zlib.crc32(breed.encode())


def truth(breed: str, number: int, seed: int) -> str:
    """The breed that photo `number` (from 1) of `breed` really shows: another one for about one photo in fifty.

    The other one is never of the close pair, so that a learner who looks can tell.
    """
    block = (number - 1) // PLANTED_EVERY
    rng = np.random.default_rng([seed, _key(breed), block, 0])
    if (number - 1) % PLANTED_EVERY != rng.integers(PLANTED_EVERY):
        return breed
    close = next((set(pair) for pair in CLOSE_PAIRS if breed in pair), {breed})
    others = [other for other in BREEDS if other not in close]
    return others[rng.integers(len(others))]


def _draw_some(folder: str, jobs: list[Job]) -> int:
    for named, shown, number, seed, side in jobs:
        path = Path(folder) / f"{named}_{number}.jpg"
        path.write_bytes(jpeg(shown, (seed, _key(named), number), side))
    return len(jobs)


def _draw_all(folder: Path, jobs: list[Job]) -> Generator[int]:
    """Draw on all cores, yielding how many more are done; in this process where others cannot be started.

    It yields every LOOK_SECONDS at least, 0 where nothing more is done. Closed, it draws no more.
    """
    parts = [jobs[i : i + A_PART] for i in range(0, len(jobs), A_PART)]
    left = set(range(len(parts)))
    processes = min(cores(), MOST_PROCESSES)
    if processes > 1 and len(jobs) >= FEW and not multiprocessing.current_process().daemon:
        try:
            # "spawn": the caller may have threads, which a fork would leave half alive.
            pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))
            try:
                waiting = {pool.submit(_draw_some, str(folder), part): i for i, part in enumerate(parts)}
                while waiting:
                    for done in wait(waiting, LOOK_SECONDS, FIRST_COMPLETED).done:
                        yield done.result()
                        left.discard(waiting.pop(done))
                    yield 0
            finally:
                pool.shutdown(cancel_futures=True)
        except (BrokenProcessPool, OSError, NotImplementedError):
            # No processes here (a sandbox, a process limit, a script without a main guard): the rest is drawn
            # below. A disk that is full comes up there again, and is raised.
            pass
    for i in sorted(left):
        yield _draw_some(str(folder), parts[i])


def draw_dataset(folder: Path, per_breed: int = 60, seed: int = 2019, side: int = 320, report: Report = quiet) -> None:
    """Draw the set into a folder: `images/<breed>_<number>.jpg`, numbers from 1, and `planted.json`.

    A photo's bytes depend on seed, breed, number and side alone, not on `per_breed` or the number of processes.
    `planted.json` maps the names of photos whose label is wrong on purpose to the breed they show.

    Args:
        folder: made if missing; photos already there are written again.
        per_breed: photos of each breed, 1 to 1000.
        seed: 0 or more.
        side: pixels of the longer side, 32 to 1024.
        report: called with ("drawing", photos done, photos in all).

    Raises:
        ValueError: a number out of its range.
        OSError: the folder cannot be written to.
    """
    if not 1 <= per_breed <= 1000:
        raise ValueError(f"per_breed is {per_breed}; it must be from 1 to 1000")
    if seed < 0:
        raise ValueError(f"seed is {seed}; it must be 0 or more")
    if not 32 <= side <= 1024:
        raise ValueError(f"side is {side}; it must be from 32 to 1024 pixels")
    images = Path(folder) / "images"
    images.mkdir(parents=True, exist_ok=True)
    named = [(breed, number) for breed in BREEDS for number in range(1, per_breed + 1)]
    jobs = [(breed, truth(breed, number, seed), number, seed, side) for breed, number in named]
    done = 0
    report("drawing", 0, len(jobs))
    with closing(_draw_all(images, jobs)) as drawn:
        for more in drawn:
            done += more
            report("drawing", done, len(jobs))
    planted = {f"{breed}_{number}.jpg": shown for breed, shown, number, _, _ in jobs if shown != breed}
    (Path(folder) / "planted.json").write_text(json.dumps(planted, indent=1, sort_keys=True) + "\n")
