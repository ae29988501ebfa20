"""The self-test of training: the same few drawn photos, trained in each way that this machine has, give the same losses.

All ways begin with the same weights and see the same photos in the same order, and none drops anything out (a GPU draws
other numbers than a CPU), so what is left is rounding. How large that may be is said of each way, and why.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from fastai.callback import schedule  # noqa: F401 (it gives Learner its fit_one_cycle)
from fastai.callback.core import Callback
from fastai.optimizer import Adam
from torch import Tensor, nn

import lessonkit
from lessonkit.photos import catalog
from lessonkit.photos.progress import quiet
from lessonkit.spec import RunSpec
from lessonkit.training import callbacks, device, gpu_photos, rungs
from lessonkit.training.compiling import CompileWhereItPays
from lessonkit.training.setup import learner, lr_max, prepare

PHOTOS_A_BREED = 6  # of 12 breeds that are drawn: 58 photos train
SIZE, BATCH, EPOCHS = 64, 8, 5  # 35 batches: torch.compile is judged after 26
RATES = (1e-6, 1e-4)

# How far two ways' losses may be apart. The losses begin at 3 to 4. Measured on a CPU, where 16 bits were imitated: docs/gpu.md.
EXACT = 0.0
ROUNDING = 0.03  # of one batch; 0.008 was the largest that was seen in 35 batches
STORED_HALF = 0.02  # of one batch; seen: 0.005
HALF_PRECISION = 0.25  # of an epoch's mean: 0.13 was seen, and of one batch 0.56, since batch norm and Adam enlarge what rounding leaves


@dataclass(frozen=True)
class Way:
    """One way to train.

    Attributes:
        name: what it does, in a few words.
        rung: of `rungs.LADDER`.
        against: the way whose losses its own must be like; "" for a reference, which must learn something.
        allowed: the largest difference between two losses of the same batch, or where `by_epoch` between two epochs' means.
        why: what makes them differ, as half a sentence.
        plain_fastai: fastai's own optimizer, not PyTorch's.
        ahead: a batch is made before it is asked for.
        same_batches: what the network is given must be equal too, bit for bit.
        changes: of the spec.
    """

    name: str
    rung: int = 0
    against: str = ""
    allowed: float = EXACT
    why: str = ""
    by_epoch: bool = False
    plain_fastai: bool = False
    ahead: bool = True
    same_batches: bool = True
    changes: Mapping[str, Any] = field(default_factory=dict)


FASTAI, ASKED, PLAIN = "plain fastai", "PyTorch's Adam", "batches made ahead"
ON_PHOTOS = "frozen, on photos"
_FROZEN = {"frozen": True, "batch_norm": "fixed", "augment": False}
_KERNELS = "sums in another order"
_SHORT = "numbers of 16 bits, each right to 1 in 256"


def ways(kind: str) -> list[Way]:
    """The ways to train that a device of this kind has: "cpu", "mps" or "cuda". Each comes after the one it is compared with."""
    plain, gpu = rungs.PLAIN, kind == "cuda"
    found = [
        Way(FASTAI, plain, plain_fastai=True, ahead=False),
        Way(ASKED, plain, FASTAI, ROUNDING, _KERNELS, ahead=False),
        # cuDNN chooses its kernels by how fast they are: on a GPU twice the same is not the same bits
        Way(PLAIN, plain, ASKED, ROUNDING if gpu else EXACT, _KERNELS if gpu else "nothing may differ"),
    ]
    if gpu:
        found += [
            Way("fused, mixed precision", rungs.NOT_RESIDENT, PLAIN, HALF_PRECISION, _SHORT, True),
            Way("photos on the GPU", rungs.NOT_RESIDENT - 1, PLAIN, HALF_PRECISION, _SHORT, True),
            Way("a stream of their own", rungs.NOT_RESIDENT - 2, PLAIN, HALF_PRECISION, _SHORT, True),
            Way("torch.compile", 0, PLAIN, HALF_PRECISION, _SHORT, True),
        ]
        for rung, parts in ((number, one.parts) for number, one in enumerate(rungs.LADDER) if one.parts > 1):
            wished = {"batch_size": BATCH * parts}  # so that its parts are as large as the others' batches
            found.append(Way(f"1/{parts} of a batch", rung, PLAIN, HALF_PRECISION, _SHORT, True, changes=wished))
    else:
        found.append(Way("fused optimizer", 0, PLAIN, ROUNDING, _KERNELS))
    if kind != "cpu":  # else what a GPU gets wrong in each way would differ from nothing
        found.append(Way("on the CPU", rungs.CPU, PLAIN, ROUNDING, "another chip's kernels", same_batches=False))
    once = Way("activations once", 0, ON_PHOTOS, STORED_HALF, "kept in 16 bits", same_batches=False,
               changes=_FROZEN | {"precompute": True, "views": 1})  # fmt: skip
    if gpu:
        once = Way(once.name, 0, ON_PHOTOS, HALF_PRECISION, _SHORT, True, same_batches=False, changes=once.changes)
    return [*found, Way(ON_PHOTOS, 0, changes=_FROZEN), once]


@dataclass
class Trained:
    """What came of one way.

    Attributes:
        losses: of each training batch.
        batches: of each training batch's photos the mean, the mean square and the breed, float (3, photos).
        photos_a_second: in the last epoch, without what is done between epochs.
        seconds: from the photos on the disk to the trained network.
    """

    losses: list[float]
    batches: list[Tensor]
    photos_a_second: float
    seconds: float


HEAD = f"{'':<26} {'seconds':>7} {'photos/s':>8} {'differs by':>10} {'may by':>7}  verdict"


@dataclass
class Result:
    """A way, and how it ended.

    Attributes:
        difference: the largest, as `Way.allowed` counts it; None where there is nothing to compare.
        verdict: "reference", "same", "DIFFERS" or "FAILED".
        problem: why it is not well, as a sentence; "" where it is.
    """

    way: Way
    seconds: float = 0.0
    photos_a_second: float = 0.0
    difference: float | None = None
    verdict: str = "reference"
    problem: str = ""

    @property
    def well(self) -> bool:
        return self.verdict in ("reference", "same")

    def line(self) -> str:
        """As a line of the table under HEAD; below it, what is wrong."""
        difference = "–" if self.difference is None else f"{self.difference:.5f}"
        allowed = f"{self.way.allowed:g}" if self.way.against else "–"
        against = f" as {self.way.against}" if self.verdict == "same" else ""
        text = (
            f"{self.way.name:<26} {self.seconds:>7.1f} {self.photos_a_second:>8.0f} {difference:>10} {allowed:>7}  "
            f"{self.verdict}{against}"
        )
        return f"{text}\n    {self.problem}" if self.problem else text


def about() -> dict[str, str]:
    """The machine, in the facts that its table is read with; "kind" is what `ways` takes.

    Raises:
        LessonError: the device that was asked for is not here.
    """
    where = device.choose()
    facts = {
        "lessonkit": lessonkit.__version__,
        "PyTorch": torch.__version__,
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "kind": where.type,
        "device": device.name(where),
    }
    if where.type == "cuda":
        major, minor = torch.cuda.get_device_capability(where)
        memory = torch.cuda.get_device_properties(where).total_memory
        facts["CUDA"] = f"{torch.version.cuda}, compute capability {major}.{minor}, {memory / 1e9:.0f} GB of memory"
    return facts


def run(wanted: list[Way], seed: int = 0, tell: Callable[[Result], None] = lambda _: None) -> list[Result]:
    """Train in each of these ways and compare.

    Args:
        seed: decides the weights, the order of the photos and their augmentation.
        tell: is given each result as it comes.

    Raises:
        LessonError: the pretrained weights or the device that was asked for are not here.
    """
    device.choose()
    done: dict[str, Trained] = {}
    results: list[Result] = []
    with _own_home():
        for way in wanted:
            results.append(_result(way, seed, done))
            tell(results[-1])
    return results


def _result(way: Way, seed: int, done: dict[str, Trained]) -> Result:
    if way.against and way.against not in done:
        return Result(way, verdict="FAILED", problem=f"There is nothing to compare it with: “{way.against}” failed.")
    begun = time.perf_counter()
    try:
        trained = done[way.name] = _trained(way, seed)
    except Exception as problem:  # whatever it is: the table says it, and the other ways are tried
        said = (str(problem).splitlines() or [""])[0]
        return Result(way, time.perf_counter() - begun, verdict="FAILED", problem=f"{type(problem).__name__}: {said}")
    finally:
        gpu_photos.drop()
    result = Result(way, trained.seconds, trained.photos_a_second)
    if way.against:
        result.difference, result.problem = _compared(way, trained, done[way.against])
        result.verdict = "DIFFERS" if result.problem else "same"
    elif not _learned(trained.losses):
        result.verdict, result.problem = (
            "FAILED",
            "It learned nothing: its last epoch's loss is no lower than the first's.",
        )
    return result


def _compared(way: Way, trained: Trained, other: Trained) -> tuple[float | None, str]:
    """The largest difference of a loss, and what is wrong with it, or with the batches."""
    if len(trained.losses) != len(other.losses):
        return None, f"It trained {len(trained.losses)} batches, not {len(other.losses)}."
    mine, theirs = (_by_epoch(one.losses) if way.by_epoch else one.losses for one in (trained, other))
    differences = [abs(a - b) for a, b in zip(mine, theirs, strict=True)]
    largest = max(differences)
    if way.same_batches:
        unequal = [
            n for n, pair in enumerate(zip(trained.batches, other.batches, strict=True)) if not torch.equal(*pair)
        ]
        if unequal:
            return largest, f"Other batches than “{way.against}”: the first is number {unequal[0]}."
    if not largest <= way.allowed:  # also where a loss is no number
        where = f"{'epoch' if way.by_epoch else 'batch'} {differences.index(largest)}"
        return largest, f"Other losses than “{way.against}”, most so in {where}."
    return largest, ""


def _by_epoch(losses: list[float]) -> list[float]:
    return torch.tensor(losses).view(EPOCHS, -1).mean(1).tolist()


def _learned(losses: list[float]) -> bool:
    """Whether the last epoch's losses are lower than those of the first, of the same photos."""
    means = _by_epoch(losses)
    return means[-1] < means[0]


def _trained(way: Way, seed: int) -> Trained:
    begun = time.perf_counter()
    with rungs.on(way.rung):
        spec = RunSpec(
            "drawn", pattern=catalog.resolve("drawn").pattern, size=SIZE, batch_size=BATCH, epochs=EPOCHS,
            learning_rate=RATES, frozen=False, precompute=False, batch_norm="trained", seed=seed,
        ).but(**way.changes)  # fmt: skip
        setup = prepare(spec, quiet)
        for layer in setup.model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        learn = learner(setup)
        if way.plain_fastai:
            learn.opt_func, learn.opt = Adam, None
        if not way.ahead:
            learn.remove_cbs([one for one in learn.cbs if isinstance(one, callbacks.MakeNextBatch)])
        watch = _Watch()
        compiling = CompileWhereItPays(quiet, worth_trying=0)
        more = [compiling] if setup.device.type == "cuda" and rungs.in_force().compiled and not spec.precompute else []
        with learn.no_logging(), device.contained():
            learn.fit_one_cycle(spec.epochs, lr_max(spec), cbs=[watch, *more])
        device.finish(setup.device)
        if more and "wait" not in compiling.facts:
            raise RuntimeError(f"torch.compile: {compiling.facts.get('problem', 'it was not tried')}")
        losses = torch.stack(watch.losses).float().cpu().tolist()
        return Trained(losses, [one.cpu() for one in watch.batches], watch.speed, time.perf_counter() - begun)


class _Watch(Callback):
    """Keep each training batch's loss, and numbers that tell its photos from others. Nothing is waited for but an epoch's end."""

    run_valid = False

    def __init__(self):
        self.losses: list[Tensor] = []
        self.batches: list[Tensor] = []
        self.speed = 0.0

    def before_train(self) -> None:
        device.finish(self.dls.device)
        self.begun, self.photos = time.perf_counter(), 0

    def before_batch(self) -> None:
        photos, breeds = self.xb[0].detach().flatten(1).float(), self.yb[0]
        self.batches.append(torch.stack([photos.mean(1), photos.square().mean(1), breeds.float()]))
        self.photos += len(breeds)

    def after_loss(self) -> None:
        self.losses.append(self.learn.loss_grad.detach().clone())

    def after_train(self) -> None:
        device.finish(self.dls.device)
        self.speed = self.photos / (time.perf_counter() - self.begun)


@contextmanager
def _own_home() -> Iterator[None]:
    """A home for the drawn photos alone: what is in the learner's own stays as it is."""
    before = {name: os.environ.get(name) for name in ("LESSONKIT_HOME", "LESSONKIT_DRAWN_PER_BREED")}
    with tempfile.TemporaryDirectory(prefix="lessonkit-selftest-", ignore_cleanup_errors=True) as folder:
        os.environ |= {"LESSONKIT_HOME": folder, "LESSONKIT_DRAWN_PER_BREED": str(PHOTOS_A_BREED)}
        try:
            catalog.obtain("drawn")
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
