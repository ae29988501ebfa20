"""Processes killed in the midst of writing: each file is the old one or the new one, never torn.

A process does nothing but write, and is killed at a random moment. TESTS_KILLS, a number, is how often, for each kind.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from lessonkit import corrections, jobs, runs
from lessonkit.engine import record
from lessonkit.json_files import read_json
from lessonkit.photos import cache, catalog, labels, manifest
from lessonkit.runs import Run
from lessonkit.spec import RunSpec

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
KILLS = int(os.environ.get("TESTS_KILLS", "8"))
HALF = re.compile(r"^\..*[.-][0-9a-f]{8}$")  # a file, or the folder of a cache, that was being written
WRITES = 3.0  # a process is killed within the time that so many take

Write = Callable[[int], object]
Read = Callable[[], int]


@pytest.fixture(autouse=True)
def here(drawn_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: photos are added to it, which tests that count batches must not see."""
    shutil.copytree(drawn_home / "datasets", tmp_path / "home" / "datasets")
    monkeypatch.setenv("LESSONKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    return tmp_path / "home"


def a_run(seed: int) -> Run:
    return runs.create(RunSpec("drawn", seed=seed))


def status() -> tuple[Write, Read]:
    run = a_run(901)

    def write(n: int) -> None:
        run.write_status(runs.Status(runs.RUNNING, done=n, total=n, sentence=str(n) * 2000))

    def read() -> int:
        found = run.status()
        assert found.done == found.total
        assert found.sentence in ("", str(found.done) * 2000)
        return found.done

    return write, read


def history() -> tuple[Write, Read]:
    from lessonkit.training.callbacks import WriteHistory

    run = a_run(902)

    def write(n: int) -> None:
        known = run.path(runs.HISTORY).read_text().splitlines()[1 : n + 1] if n else []
        rows = WriteHistory(run, known)
        rows.learn = SimpleNamespace(epoch=n, recorder=SimpleNamespace(values=[[n + 0.25, n + 0.5, 0.125]]))
        rows.before_fit()
        rows.before_epoch()
        rows.after_epoch()

    def read() -> int:
        found = run.history()
        assert [(r["epoch"], r["train_loss"], r["valid_loss"]) for r in found] == [
            (n, n + 0.25, n + 0.5) for n in range(len(found))
        ]
        if found:  # what is no whole line is cut off before a run goes on
            lines = run.path(runs.HISTORY).read_text().splitlines()[1 : len(found) + 1]
            run.keep_saved_epochs(runs.Saved(len(found), lines))
        return len(found) - 1

    return write, read


def checkpoint() -> tuple[Write, Read]:
    import torch

    from lessonkit.training import checkpoint as saving
    from lessonkit.training.callbacks import WriteHistory

    run = a_run(903)
    photos = SimpleNamespace(vocab=[], train=[], valid=[], train_targets=torch.zeros(0), valid_targets=torch.zeros(0))
    setup = SimpleNamespace(spec=run.spec(), photos=photos)

    def write(n: int) -> None:
        keeping = saving.Checkpoint(run, setup, WriteHistory(run, ["0,0,0,0,0"] * n))
        keeping.epochs, keeping.kept = n, {"weights": torch.full((30_000,), float(n))}
        keeping.close("")

    def read() -> int:
        found = saving.read(run, setup)
        if found is None:
            return -1
        assert set(found.weights["weights"].tolist()) == {float(found.about.epochs)}
        return found.about.epochs

    return write, read


def photos_cache() -> tuple[Write, Read]:
    dataset = catalog.resolve("drawn")
    sides = range(8, 8000, 8)
    whole: list[int] = []

    def write(n: int) -> None:
        cache.build(dataset, sides[n])

    def read() -> int:
        for side in sides[len(whole) :]:
            if not cache.is_built(dataset, side):
                break
            pixels = cache.open_cache(dataset, side)
            assert len(pixels) == len(dataset.names)
            assert all(min(pixels[name].shape[:2]) == side for name in dataset.names)
            whole.append(side)
        return len(whole) - 1

    return write, read


def photos_manifest() -> tuple[Write, Read]:
    folder, top = catalog.resolve("drawn").folder, catalog.resolve("drawn").photos_folder
    inside = catalog.resolve("drawn").description.inside
    first = (top / catalog.resolve("drawn").names[0]).read_bytes()

    def write(n: int) -> None:
        (top / f"{catalog.resolve('drawn').names[0].rsplit('_', 1)[0]}_{1000 + n}.jpg").write_bytes(first)
        manifest.seal(folder, manifest.find_photos(top), inside)

    def read() -> int:
        there = manifest.find_photos(top)
        assert set((folder / manifest.NAMES).read_text().splitlines()) <= set(there)
        assert read_json(folder / manifest.MARKER, dict)["photos"] <= len(there)
        dataset = catalog.recheck(catalog.resolve("drawn"))
        assert list(dataset.names) == there
        manifest.seal(folder, there, inside)
        assert catalog.resolve("drawn").fingerprint == dataset.fingerprint
        return len([name for name in there if "_1" in name and len(name.rsplit("_", 1)[1]) == 8]) - 1

    return write, read


def marks() -> tuple[Write, Read]:
    dataset = catalog.resolve("drawn")
    found = labels.label_dataset(dataset, "")
    photos = list(found.of)

    def breed_of(n: int) -> str:
        return next(b for b in found.breeds[n // len(photos) % 2 :] if b != found.of[photos[n % len(photos)]])

    def write(n: int) -> None:
        corrections.mark(dataset, photos[n % len(photos)], breed_of(n))
        corrections.save_version(dataset)

    def read() -> int:
        said = corrections.read("drawn")
        assert {m.breed for m in said.values()} <= set(found.breeds)
        for path in (catalog.config.home() / "marks").glob("drawn-*.json"):
            corrections.version("drawn", path.stem.removeprefix("drawn-"))
        return -1

    return write, read


def engine_record() -> tuple[Write, Read]:
    word = record.Record("tcp://127.0.0.1:9", 0, "host", "0", 0.0, "", True)
    record.write(word)

    def write(n: int) -> None:
        record.write(replace(word, pid=n, started=float(n), address="x" * n))

    def read() -> int:
        found = read_json(record.path(), record.Record)
        assert (found.started, found.address) in ((float(found.pid), "x" * found.pid), (0.0, word.address))
        return found.pid

    return write, read


def job() -> tuple[Write, Read]:
    made = jobs.create("cache", "torn", "drawn", 64)

    def write(n: int) -> None:
        jobs.Job("cache", "torn", done=n, total=n, log=[{"at": n}] * 100).write()

    def read() -> int:
        found = made.now()
        assert found.done == found.total
        assert all(entry["at"] == found.done for entry in found.log)
        return found.done

    return write, read


KINDS = (status, history, checkpoint, photos_cache, photos_manifest, marks, engine_record, job)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_killed_in_the_midst_of_writing_nothing_is_torn(kind: Callable[[], tuple[Write, Read]], here: Path):
    for left in here.rglob(".*"):
        if left.is_file() and HALF.search(left.name):
            left.unlink()
    write, read = kind()
    drawn, since = random.Random(0), time.perf_counter()
    write(0)
    took, last, written = time.perf_counter() - since, read(), 0
    for _ in range(KILLS):
        reader, begun = os.pipe()
        pid = os.fork()
        if pid == 0:
            _write_for_ever(write, last + 1, begun)
        os.close(begun)
        os.read(reader, 1)
        time.sleep(drawn.uniform(0, WRITES * took))
        os.kill(pid, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL, "the writing failed"
        os.close(reader)
        now = read()
        assert now >= last
        written += now - last
        last = now
    halves = sum(bool(HALF.search(path.name)) for path in here.rglob(".*"))
    print(f"{kind.__name__}: {KILLS} kills, {written} written, {halves} halves left, 0 torn")


def _write_for_ever(write: Write, first: int, begun: int) -> None:
    try:
        n = first
        write(n)  # the first time memory is copied, and more
        os.write(begun, b".")
        n += 1
        while True:
            write(n)
            n += 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(1)
