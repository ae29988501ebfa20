"""What makes training on a GPU fast, as a ladder: whatever a rung uses that fails here is let go, and the run goes on.

A GPU's driver, its memory, PyTorch and the network have not been tried in every combination. An error that CUDA gives ends
the rung, not the run: it goes on from its last saved epoch on the next one. `LESSONKIT_PLAIN=1` begins at the plain rung.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from lessonkit import config
from lessonkit.language import translatable

FULL = "out of memory"  # in what CUDA answers, whether PyTorch or the driver found no room


@dataclass(frozen=True)
class Rung:
    """How a run uses a GPU. On a CPU only `plain` changes anything, the optimizer's kernels; on MPS that and `gpu`.

    Attributes:
        words: what is let go, for the learner, after “It trained ”, in English for `tr`; "" where nothing is.
        compiled: `torch.compile` may be tried.
        own_stream: batches are made on a CUDA stream of their own, beside the network's step.
        resident: the photos are kept in the GPU's memory where they fit.
        parts: a batch of the spec's size is made so many times smaller.
        plain: one kernel a weight instead of the fused optimizer's, 32 bits instead of mixed precision.
        gpu: whether the GPU is used at all.
    """

    words: str = ""
    compiled: bool = True
    own_stream: bool = True
    resident: bool = True
    parts: int = 1
    plain: bool = False
    gpu: bool = True


LADDER = (
    Rung(),
    Rung(translatable("without torch.compile"), False),
    Rung(translatable("with batches made between the steps"), False, False),
    Rung(translatable("with the photos in the machine's memory, not the GPU's"), False, False, False),
    Rung(translatable("with batches half as large"), False, False, False, 2),
    Rung(translatable("with batches a quarter as large"), False, False, False, 4),
    Rung(translatable("plainly, without mixed precision and the fused optimizer"), False, False, False, plain=True),
    Rung(translatable("on the CPU"), False, False, False, gpu=False),
)
NOT_RESIDENT = 3  # the first rung that takes less memory
PLAIN, CPU = len(LADDER) - 2, len(LADDER) - 1

_in_force: ContextVar[Rung] = ContextVar("rung", default=LADDER[0])


def in_force() -> Rung:
    """The rung that this thread's run is on."""
    return _in_force.get()


@contextmanager
def on(number: int) -> Iterator[None]:
    """In here, a run is on this rung of LADDER."""
    before = _in_force.set(LADDER[number])
    try:
        yield
    finally:
        _in_force.reset(before)


def first() -> int:
    """The rung that a new run begins on: the highest, or where `LESSONKIT_PLAIN` is set the plain one."""
    return PLAIN if config.plain() else 0


def after_mps(number: int, error: BaseException) -> int | None:
    """The rung below for a run on an Apple chip's GPU that this error ended: the CPU; None where it is no error of that GPU.

    PyTorch has not all kernels for it (NotImplementedError), and no float64 (TypeError); each names MPS.
    """
    of_mps = isinstance(error, RuntimeError | TypeError) and "MPS" in str(error)
    return CPU if of_mps and number < CPU else None


def after(number: int, error: BaseException) -> int | None:
    """The rung below, for a run that this error ended; None where there is none, or no rung has to do with the error.

    Memory that does not suffice goes to the first rung that takes less of it; the plain rung, whose numbers are twice as
    wide, is left out then.
    """
    if number >= CPU or not isinstance(error, RuntimeError | AssertionError):
        return None
    if FULL not in str(error).lower():
        return number + 1
    below = max(number + 1, NOT_RESIDENT)
    return CPU if below >= PLAIN else below
