"""A cluster: how many runs a minute 1, 2 and 4 workers of this machine train, and how long a school waits. `python -m bench.cluster`.

The workers are `lessonkit worker`s of one Dask scheduler, and the runs the lesson's own, a set of the same recipes for each
number of workers, in a copy of one home. What a school waits is simulated: each run takes a time that was measured here, with one worker, and who asks
when is assumed (`School`). Runs are handed out as `engine.dispatcher` does: the oldest first, and a recipe's repeats after all
that somebody waits for.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench import results
from lessonkit import runs
from lessonkit.engine.asking import NoAnswer
from lessonkit.engine.client import Engine
from lessonkit.engine.connection import answered, run_task
from lessonkit.errors import NoWorkersError
from lessonkit.lesson import defaults
from lessonkit.photos import cache, catalog
from lessonkit.photos.progress import quiet
from lessonkit.runs import Run
from lessonkit.spec import RunSpec

PART = "A cluster"
WORKERS = (1, 2, 4)
PATIENCE = 180.0  # seconds, for whatever is waited for, but for runs: PATIENCE for each
PHOTOS_A_BREED = 20  # of 12 breeds that are drawn
SEEDS = 20


@dataclass(frozen=True)
class School:
    """Who asks for what, and when: assumed.

    Attributes:
        learners: each asks for a frozen run of a recipe of their own, and for an unfrozen one that goes on from it.
        machines: each trains one run at a time.
        bell: seconds after the bell within which all have asked for the first, each moment as likely as another.
        thinks: seconds that a learner looks at the first run before they ask for the second: exponential, this mean.
        repeats: further runs of each frozen recipe, which the engine queues by itself once the first is done.
    """

    learners: int = 300
    machines: int = 10
    bell: float = 120.0
    thinks: float = 300.0
    repeats: int = 4


@dataclass
class Waits:
    """Seconds from asking to the beginning of the run, of each learner."""

    frozen: list[float] = field(default_factory=list)
    unfrozen: list[float] = field(default_factory=list)


def simulate(school: School, frozen: Sequence[float], unfrozen: Sequence[float], seed: int) -> Waits:
    """A lesson of a school.

    Args:
        frozen, unfrozen: seconds that such runs took; each simulated run takes one of them.
    """
    draw, found, number = random.Random(seed), Waits(), itertools.count()
    asked = [(draw.uniform(0, school.bell), next(number), "frozen") for _ in range(school.learners)]
    heapq.heapify(asked)
    waiting: list[tuple[bool, float, int, str]] = []  # as `status.Status.turn` sorts them
    free = [0.0] * school.machines  # when each machine has ended what it trains
    while asked or waiting:
        now = max(free[0], asked[0][0]) if not waiting else free[0]
        while asked and asked[0][0] <= now:
            at, which, kind = heapq.heappop(asked)
            heapq.heappush(waiting, (kind == "repeat", at, which, kind))
        if not waiting:
            continue
        _, at, _, kind = heapq.heappop(waiting)
        begins = max(at, heapq.heappop(free))
        ends = begins + draw.choice(unfrozen if kind == "unfrozen" else frozen)
        heapq.heappush(free, ends)
        if kind == "repeat":
            continue
        getattr(found, kind).append(begins - at)
        if kind == "frozen":
            heapq.heappush(asked, (ends + draw.expovariate(1 / school.thinks), next(number), "unfrozen"))
            for _ in range(school.repeats):
                heapq.heappush(asked, (ends, next(number), "repeat"))
    return found


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def school_lines(school: School, frozen: Sequence[float], unfrozen: Sequence[float]) -> list[str]:
    """Lines of a Markdown table: the waits of a frozen and of an unfrozen run, over SEEDS lessons."""
    lessons = [simulate(school, frozen, unfrozen, seed) for seed in range(SEEDS)]
    lines = ["| run | p50 | p95 |", "| --- | --- | --- |"]
    for kind in ("frozen", "unfrozen"):
        cells = []
        for share in (0.5, 0.95):
            each = [quantile(getattr(lesson, kind), share) for lesson in lessons]
            cells.append(f"**{statistics.median(each):.0f} s** ({min(each):.0f} to {max(each):.0f})")
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines


@dataclass
class Measured:
    """What so many workers did: runs a minute, and the seconds that each frozen and unfrozen run took."""

    workers: int
    runs_a_minute: float
    frozen: list[float]
    unfrozen: list[float]


def measure(workers: int, count: int, dataset: str, photos: Path) -> Measured:
    """Train `count` frozen runs, and one unfrozen run that goes on from each, with so many workers.

    Args:
        photos: a home that has them (`prepared`); it stays as it is.
    """
    with _home(photos), _cluster(workers) as address:
        os.environ["LESSONKIT_SCHEDULER"] = address
        engine = Engine()
        try:
            kind = _warmed(engine, workers)
            spec = defaults.default_specs(catalog.resolve(dataset), kind)[defaults.FRESH]
            specs = [spec.but(seed=seed) for seed in range(count)]
            begun = time.perf_counter()
            first = [engine.submit(spec) for spec in specs]
            then = [engine.submit(_unfrozen(spec, kind)) for spec in specs]
            _followed(engine, [*first, *then])
            minutes = (time.perf_counter() - begun) / 60
            return Measured(workers, 2 * count / minutes, _seconds(first), _seconds(then))
        finally:
            engine.stop_if_alone()
            engine.close()
            del os.environ["LESSONKIT_SCHEDULER"]


def _warmed(engine: Engine, workers: int) -> str:
    """ "cuda", "mps" or "cpu": what is trained on, once all workers are there and have imported fastai, which counts for nobody."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            client = engine.connection.connected()
            training, _ = engine.connection.workers(client)
            if len(training) == workers:
                break
        except (NoWorkersError, NoAnswer) as problem:
            _say(str(problem))
        if time.monotonic() > deadline:
            raise SystemExit(f"Not all {workers} workers came within {PATIENCE:.0f} s.")
        time.sleep(0.5)
    deadline = time.monotonic() + PATIENCE
    warming = [client.submit(run_task, "warm", (), {}, workers=[at], pure=False) for at in training]
    try:
        answers = [future.result(timeout=max(0.0, deadline - time.monotonic())) for future in warming]
    except TimeoutError:
        raise SystemExit(f"Not all {workers} workers imported fastai within {PATIENCE:.0f} s.") from None
    return answered(answers[0])["kind"]


def prepared(dataset: str, home: Path) -> int:
    """Have a home with the photos, decoded for the lesson's runs. Returns how many there are."""
    os.environ["LESSONKIT_HOME"] = str(home)
    here = catalog.obtain(dataset, quiet)
    for kind in ("cpu", "cuda"):  # which one the workers have, nobody has said yet
        cache.build(here, cache.side_for(defaults.default_specs(here, kind)[defaults.FRESH].size), quiet)
    return len(here.names)


def _unfrozen(spec: RunSpec, kind: str) -> RunSpec:
    return defaults.from_stage(spec, kind)[defaults.RIGHT]


def _followed(engine: Engine, asked: Sequence[Run]) -> None:
    deadline, said = time.monotonic() + PATIENCE * len(asked), -1
    while (ended := sum(run.status().ended for run in asked)) < len(asked):
        if ended > said:
            _say(f"{ended} of {len(asked)} runs")
            said = ended
        if time.monotonic() > deadline:
            raise SystemExit(f"Not done within {PATIENCE * len(asked):.0f} s.")
        engine.connect()
        time.sleep(0.2)
    wrong = [run.status().sentence for run in asked if run.status().state != runs.DONE]
    if wrong:
        raise SystemExit(f"A run ended otherwise: {wrong[0]}")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _seconds(of: Sequence[Run]) -> list[float]:
    return [round(run.status().seconds, 2) for run in of]


@contextmanager
def _home(photos: Path) -> Iterator[None]:
    """A home of its own, with a copy of these photos."""
    with tempfile.TemporaryDirectory(prefix="lessonkit-bench-", ignore_cleanup_errors=True) as folder:
        home = shutil.copytree(photos, Path(folder) / "home")
        os.environ |= {"LESSONKIT_HOME": str(home), "LESSONKIT_ENGINE_IDLE": "5"}
        yield


@contextmanager
def _cluster(workers: int) -> Iterator[str]:
    """The address of a scheduler on this machine that has so many workers."""
    with tempfile.TemporaryDirectory(prefix="lessonkit-bench-") as folder:
        word = Path(folder) / "scheduler.json"
        where = [
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-address",
            "127.0.0.1:0",
            "--scheduler-file",
            str(word),
        ]
        started = [_begun(["dask", "scheduler", *where])]
        try:
            deadline = time.monotonic() + PATIENCE
            while not (word.exists() and word.read_text().rstrip().endswith("}")):
                if time.monotonic() > deadline or started[0].poll() is not None:
                    raise SystemExit("The scheduler did not start.")
                time.sleep(0.1)
            address = json.loads(word.read_text())["address"]
            started += [_begun(["lessonkit", "worker", address]) for _ in range(workers)]
            yield address
        finally:
            for process in reversed(started):
                family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
                for one in [process, *family]:
                    one.kill()
                process.wait(timeout=20)


def _begun(command: list[str]) -> subprocess.Popen[bytes]:
    quietly = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", *command], **quietly)


def school_text(school: School, frozen: Sequence[float], unfrozen: Sequence[float], measured: str) -> list[str]:
    """What is assumed and what came of it; `measured`: how long runs took, and where."""
    return [
        f"A school, simulated: {school.learners} learners, {school.machines} machines. Measured: how long a run takes ({measured}).",
        f"Assumed: all ask for a frozen run within {school.bell:.0f} s after the bell, each of a recipe of their own, look at it for",
        f"{school.thinks:.0f} s on average, and ask for an unfrozen one; {school.repeats} repeats of each frozen recipe follow when nobody waits.",
        f"The wait until a run begins, median of {SEEDS} simulated lessons (lowest to highest). Learners who choose the same recipe",
        "share a run, and wait less.",
        "",
        *school_lines(school, frozen, unfrozen),
    ]  # fmt: skip


def main(count: int, dataset: str, a_breed: int, beside: str, school: School) -> None:
    os.environ["LESSONKIT_DRAWN_PER_BREED"] = str(a_breed)
    begun, load = time.perf_counter(), _load()
    with tempfile.TemporaryDirectory(prefix="lessonkit-bench-", ignore_cleanup_errors=True) as folder:
        photos = prepared(dataset, Path(folder))
        found = []
        for workers in WORKERS:
            _say(f"{time.perf_counter() - begun:.0f} s: {workers} workers")
            found.append(measure(workers, count, dataset, Path(folder)))
    took, load = time.perf_counter() - begun, f"{load} to {_load()}"
    alone = found[0]
    table = [
        "| workers | runs a minute, of those of one worker | runs a minute | seconds a run: frozen, unfrozen (medians) |",
        "| --- | --- | --- | --- |",
    ]
    for one in found:
        seconds = f"{statistics.median(one.frozen):.1f}, {statistics.median(one.unfrozen):.1f}"
        ratio = one.runs_a_minute / alone.runs_a_minute
        table.append(f"| {one.workers} | **{ratio:.2f}** | {one.runs_a_minute:.1f} | {seconds} |")
    spread = ", ".join(
        f"{name} {min(of):.1f} to {max(of):.1f} s"
        for name, of in (("frozen", alone.frozen), ("unfrozen", alone.unfrozen))
    )
    text = "\n".join(
        [
            f"`python -m bench.cluster --runs {count} --dataset {dataset} --photos {a_breed}`: {photos} photos; {psutil.cpu_count()} cores,",
            f"load {load}{f', beside it {beside}' if beside else ''}; it took {took:.0f} s.",
            f"{count} frozen runs and an unfrozen run that goes on from each, with 1, 2 and 4 workers on this one machine, which share",
            "its cores: more of them train no more here than its cores do. On machines of their own they would. The first frozen run",
            "works out the activations that the others read.",
            "",
            *table,
            "",
            *school_text(school, alone.frozen, alone.unfrozen, f"{spread}, with one worker, on {photos} photos"),
        ]
    )  # fmt: skip
    results.write(PART, text)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=4, metavar="N", help="how many frozen runs, and as many unfrozen ones"
    )
    parser.add_argument("--dataset", default="drawn", metavar="NAME", help="which photos (default: drawn)")
    parser.add_argument(
        "--photos",
        type=int,
        default=PHOTOS_A_BREED,
        metavar="N",
        help="of each breed that is drawn (default: %(default)s)",
    )
    parser.add_argument(
        "--beside", default="", metavar="WORDS", help="what else the machine does meanwhile, for the table"
    )
    parser.add_argument("--learners", type=int, default=300, metavar="N", help="of the simulated school (default: 300)")
    parser.add_argument("--machines", type=int, default=10, metavar="N", help="of the simulated school (default: 10)")
    parser.add_argument(
        "--seconds", type=float, nargs=2, metavar=("FROZEN", "UNFROZEN"),
        help="simulate alone, with such runs as were measured elsewhere",
    )  # fmt: skip
    arguments = parser.parse_args()
    asked = School(arguments.learners, arguments.machines)
    if arguments.seconds:
        frozen, unfrozen = arguments.seconds
        command = f"`python -m bench.cluster --seconds {frozen} {unfrozen}`, a simulation and nothing else:"
        told = f"a frozen one {frozen} s; an unfrozen one {unfrozen} s, two epochs by arithmetic; see “CPU” above"
        results.write("A school", "\n".join([command, "", *school_text(asked, [frozen], [unfrozen], told)]))
    else:
        main(arguments.runs, arguments.dataset, arguments.photos, arguments.beside, asked)
