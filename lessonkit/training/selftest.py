"""The self-test of training: the same few drawn photos, trained in each way that this machine has, give the same losses.

All ways begin with the same weights and see the same photos in the same order, and none drops anything out (a GPU draws
other numbers than a CPU), so what is left is rounding. How large that may be is said of each way, and why. What hardly changes
a loss is compared besides: how large the gradients are, and what the optimizer makes of them (`optimizer_steps`).
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
from lessonkit import wording
from lessonkit.photos import catalog
from lessonkit.photos.progress import quiet
from lessonkit.spec import RunSpec
from lessonkit.training import callbacks, device, gpu_photos, rungs
from lessonkit.training.compiling import CompileWhereItPays
from lessonkit.training.optimizer_steps import Gradients, LastStep
from lessonkit.training.setup import learner, lr_max, prepare

PHOTOS_A_BREED = 6  # of 12 breeds that are drawn: 58 photos train
SIZE, BATCH, EPOCHS = 64, 8, 5  # 35 batches: torch.compile is judged after 26
RATES = (1e-6, 1e-4)

# How far two ways' losses may be apart. The losses begin at 3 to 4. Measured on a CPU, where 16 bits were imitated: docs/gpu.md.
EXACT = 0.0
ROUNDING = 0.03  # of one batch; 0.008 was the largest that was seen in 35 batches
STORED_HALF = 0.02  # of one batch; seen: 0.005
HALF_PRECISION = 0.25  # of an epoch's mean: 0.13 was seen, and of one batch 0.56, since batch norm and Adam enlarge what rounding leaves

# How far the norm of a group's gradients may be from the other way's, as a share: the mean of an epoch, the median of the epochs.
GRADIENTS = 0.05
GRADIENTS_HALF = 0.3
# How far the last step may be from the same step in 64 bits, as a share of it; in all ways, since weights have 32 bits in each.
STEP = 1e-4


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
        same_batches: what the network is given must be equal too, bit for bit; else its breeds must.
        gradients: how far the norm of the gradients may be from the other way's, as a share.
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
    gradients: float = GRADIENTS
    changes: Mapping[str, Any] = field(default_factory=dict)


FASTAI, ASKED, PLAIN = "plain fastai", "PyTorch's Adam", "batches made ahead"
ON_PHOTOS = "frozen, on photos"
_FROZEN = {"frozen": True, "batch_norm": "fixed", "augment": False}
_KERNELS = "sums in another order"
_HALF: dict[str, Any] = {
    "allowed": HALF_PRECISION, "why": "numbers of 16 bits, each right to 1 in 256", "by_epoch": True, "gradients": GRADIENTS_HALF,
}  # fmt: skip


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
            Way("fused, mixed precision", rungs.NOT_RESIDENT, PLAIN, **_HALF),
            Way("photos on the GPU", rungs.NOT_RESIDENT - 1, PLAIN, **_HALF),
            Way("a stream of their own", rungs.NOT_RESIDENT - 2, PLAIN, **_HALF),
            Way("torch.compile", 0, PLAIN, **_HALF),
        ]
        for rung, parts in ((number, one.parts) for number, one in enumerate(rungs.LADDER) if one.parts > 1):
            wished = {"batch_size": BATCH * parts}  # so that its parts are as large as the others' batches
            found.append(Way(f"1/{parts} of a batch", rung, PLAIN, **_HALF, changes=wished))
    else:
        found.append(Way("fused optimizer", 0, PLAIN, ROUNDING, _KERNELS))
    if kind != "cpu":  # else what a GPU gets wrong in each way would differ from nothing
        found.append(Way("on the CPU", rungs.CPU, PLAIN, ROUNDING, "another chip's kernels", same_batches=False))
    once = Way("activations once", 0, ON_PHOTOS, STORED_HALF, "kept in 16 bits", same_batches=False,
               changes=_FROZEN | {"precompute": True, "views": 1})  # fmt: skip
    if gpu:
        once = Way(once.name, 0, ON_PHOTOS, **_HALF, same_batches=False, changes=once.changes)
    return [*found, Way(ON_PHOTOS, 0, changes=_FROZEN), once]


@dataclass
class Trained:
    """What came of one way.

    Attributes:
        losses: of each training batch.
        batches: of each training batch's photos the mean, the mean square and the breed, float (3, photos).
        gradients: of each epoch the mean norm of the gradients in each group of parameters that is trained, (groups,) each.
        step: how far the last step was from what it should be (`optimizer_steps.LastStep`).
        photos_a_second: in the last epoch until its last batch, without what is done between epochs.
        seconds: from the photos on the disk to the trained network.
    """

    losses: list[float]
    batches: list[Tensor]
    gradients: list[Tensor]
    step: float | None
    photos_a_second: float
    seconds: float


HEAD = f"{'':<26} {'seconds':>7} {'photos/s':>8} {'differs by':>10} {'may by':>7} {'gradients':>9} {'may by':>7} {'step':>7}  verdict"


@dataclass
class Result:
    """A way, and how it ended.

    Attributes:
        difference: the largest, as `Way.allowed` counts it; None where there is nothing to compare.
        gradients: the largest, as `Way.gradients` counts it; None as well.
        step: how far the last step was from what it should be; None where it was not made, or not compared.
        verdict: "reference", "same", "DIFFERS" or "FAILED".
        problem: why it is not well, as a sentence; "" where it is.
    """

    way: Way
    seconds: float = 0.0
    photos_a_second: float = 0.0
    difference: float | None = None
    gradients: float | None = None
    step: float | None = None
    verdict: str = "reference"
    problem: str = ""

    @property
    def well(self) -> bool:
        return self.verdict in ("reference", "same")

    def line(self) -> str:
        """As a line of the table under HEAD; below it, what is wrong."""
        difference, gradients, step = (
            "–" if value is None else form.format(value)
            for value, form in ((self.difference, "{:.5f}"), (self.gradients, "{:.5f}"), (self.step, "{:.0e}"))
        )
        allowed, of_gradients = (
            f"{may:g}" if self.way.against else "–" for may in (self.way.allowed, self.way.gradients)
        )
        against = f" as {self.way.against}" if self.verdict == "same" else ""
        text = (
            f"{self.way.name:<26} {self.seconds:>7.1f} {self.photos_a_second:>8.0f} {difference:>10} {allowed:>7} "
            f"{gradients:>9} {of_gradients:>7} {step:>7}  {self.verdict}{against}"
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
    result = Result(way, trained.seconds, trained.photos_a_second, step=trained.step)
    if way.against:
        other = done[way.against]
        result.difference = _apart(way, trained, other)
        result.gradients = _gradients_apart(trained, other)
        result.problem = _problem(way, trained, other, result)
        result.verdict = "DIFFERS" if result.problem else "same"
    elif not _learned(trained.losses):
        result.verdict, result.problem = (
            "FAILED",
            "It learned nothing: its last epoch's loss is no lower than the first's.",
        )
    elif problem := _wrong_step(trained.step):
        result.verdict, result.problem = "FAILED", problem
    return result


def _problem(way: Way, trained: Trained, other: Trained, found: Result) -> str:
    """What is wrong with a way, as a sentence; "" where nothing is."""
    if found.difference is None:
        return f"It trained {len(trained.losses)} batches, not {len(other.losses)}."
    if unequal := _other_batches(way, trained, other):
        return f"Other batches than “{way.against}”: the first is number {unequal[0]}."
    if not found.difference <= way.allowed:  # also where a loss is no number
        differences = _differences(way, trained, other)
        where = f"{'epoch' if way.by_epoch else 'batch'} {differences.index(max(differences))}"
        return f"Other losses than “{way.against}”, most so in {where}."
    if found.gradients is None:
        return f"No step was made in an epoch, or other layers were trained than by “{way.against}”."
    if not found.gradients <= way.gradients:
        times = ", ".join(f"{ratio:.2f}" for ratio in _ratios(trained, other).tolist())
        return f"Other gradients than “{way.against}”: {times} times as large, from the first layers to the last."
    return _wrong_step(trained.step)


def _wrong_step(apart: float | None) -> str:
    if apart is None or apart <= STEP:
        return ""  # mixed precision may have left the last step out
    return f"Its last step is not what fastai's Adam makes of these gradients: {wording.percent(apart)} of it is wrong."


def _apart(way: Way, trained: Trained, other: Trained) -> float | None:
    """The largest difference of a loss; None where there are more of them, or fewer."""
    same_number = len(trained.losses) == len(other.losses)
    return max(_differences(way, trained, other)) if same_number else None


def _differences(way: Way, trained: Trained, other: Trained) -> list[float]:
    mine, theirs = (_by_epoch(one.losses) if way.by_epoch else one.losses for one in (trained, other))
    return [abs(a - b) for a, b in zip(mine, theirs, strict=True)]


def _other_batches(way: Way, trained: Trained, other: Trained) -> list[int]:
    """The numbers of the batches that were others; where the photos may differ, by their breeds alone."""
    begin = 0 if way.same_batches else -1
    pairs = zip(trained.batches, other.batches, strict=True)
    return [number for number, (mine, theirs) in enumerate(pairs) if not torch.equal(mine[begin:], theirs[begin:])]


def _gradients_apart(trained: Trained, other: Trained) -> float | None:
    """How far the gradients' norms are from the other way's, as a share; None where they are none, or of other layers.

    Of the epochs the middle one counts, in each group of parameters: rounding may change a later epoch's by a seventh.
    """
    shapes = [[tuple(epoch.shape) for epoch in one.gradients] for one in (trained, other)]
    if shapes[0] != shapes[1] or not shapes[0]:
        return None
    return float((_ratios(trained, other) - 1).abs().max())


def _ratios(trained: Trained, other: Trained) -> Tensor:
    """How many times as large the gradients of each group of parameters were, the median of the epochs: (groups,)."""
    return (torch.stack(trained.gradients) / torch.stack(other.gradients)).median(0).values


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
        watch, gradients, last = _Watch(), Gradients(), LastStep()
        compiling = CompileWhereItPays(quiet, worth_trying=0)
        more = [compiling] if setup.device.type == "cuda" and rungs.in_force().compiled and not spec.precompute else []
        with learn.no_logging(), device.contained():
            learn.fit_one_cycle(spec.epochs, lr_max(spec), cbs=[watch, gradients, last, *more])
        device.finish(setup.device)
        if more and "wait" not in compiling.facts:
            raise RuntimeError(f"torch.compile: {compiling.facts.get('problem', 'it was not tried')}")
        losses = torch.stack(watch.losses).float().cpu().tolist()
        seen = [one.cpu() for one in watch.batches]
        return Trained(losses, seen, gradients.means(), last.difference, watch.speed, time.perf_counter() - begun)


class _Watch(Callback):
    """Keep each training batch's loss, and numbers that tell its photos from others. Nothing is waited for within an epoch but the last."""

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
        last = self.train_iter == self.n_epoch * self.n_iter - 1
        if last and self.photos:  # `LastStep` takes time in it
            device.finish(self.dls.device)
            self.speed = self.photos / (time.perf_counter() - self.begun)
        self.photos += len(breeds)

    def after_loss(self) -> None:
        self.losses.append(self.learn.loss_grad.detach().clone())


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
