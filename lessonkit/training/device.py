"""The device to train on: which one, by what name, and how it is used well."""

from __future__ import annotations

import functools
import logging
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.language import tr, trn
from lessonkit.machine import cores
from lessonkit.training import rungs
from lessonkit.training.rungs import FULL

if TYPE_CHECKING:
    from fastai.learner import Learner

log = logging.getLogger("lessonkit.training")
NO_KERNELS = "no kernel image"  # what CUDA answers where PyTorch was not built for a GPU so old, or so new


def choose() -> torch.device:
    """The device that training uses: the one that `LESSONKIT_DEVICE` names, else CUDA, else MPS, else the CPU.

    A GPU that PyTorch sees and cannot run anything on is passed over; `name` then says so.

    Raises:
        LessonError: the device that was asked for is not on this machine, or this PyTorch cannot use it.
    """
    wish = config.device()
    if not rungs.in_force().gpu:
        return torch.device("cpu")
    here = {
        "cuda": torch.cuda.is_available() and not cuda_problem(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wish == "auto":
        return torch.device(next(kind for kind, present in here.items() if present))
    if not here[wish]:
        why = cuda_problem() if wish == "cuda" and torch.cuda.is_available() else ""
        said = (
            tr(
                "LESSONKIT_DEVICE asks for “{kind}”, and this machine has none that PyTorch can use ({why}).",
                kind=wish,
                why=why,
            )
            if why
            else tr("LESSONKIT_DEVICE asks for “{kind}”, and this machine has none that PyTorch can use.", kind=wish)
        )
        raise LessonError(said, tr("Leave it at auto, or set it to cpu."))
    return torch.device(wish)


@functools.lru_cache(maxsize=1)
def cuda_problem() -> str:
    """Why the GPU that CUDA shows cannot be used, as half a sentence; "" where it can. Asked by one small kernel.

    `is_available` says yes to GPUs that this PyTorch was built without kernels for.
    """
    try:
        torch.ones(2, device="cuda").add_(1).sum().item()
    except RuntimeError as problem:
        if FULL in str(problem).lower():
            return ""  # just now, and usable
        gpu, old = _gpu_name(), NO_KERNELS in str(problem).lower()
        if not gpu and old:
            return tr("the GPU of this machine is too old for this PyTorch")
        if not gpu:
            return tr("the GPU of this machine does not answer PyTorch")
        if old:
            return tr("the GPU {gpu} is too old for this PyTorch", gpu=gpu)
        return tr("the GPU {gpu} does not answer PyTorch", gpu=gpu)
    return ""


def answers() -> bool:
    """Whether the GPU still answers this process: after some errors CUDA answers none, whatever it is asked."""
    try:
        torch.ones(2, device="cuda").add_(1).sum().item()
    except RuntimeError as problem:
        return FULL in str(problem).lower()
    return True


def name(device: torch.device) -> str:
    """The device as its maker calls it; beside a CPU, why the GPU of this machine is not used."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"{_cpu_name()} (GPU)"
    unused = cuda_problem() if config.device() == "auto" and torch.cuda.is_available() else ""
    if unused:
        return trn("{cpu}, {n} core ({why})", "{cpu}, {n} cores ({why})", cores(), cpu=_cpu_name(), why=unused)
    return trn("{cpu}, {n} core", "{cpu}, {n} cores", cores(), cpu=_cpu_name())


def prepare(device: torch.device) -> None:
    """Set what is set once a process: a thread a core (a Dask worker starts with one), cuDNN's own choice of kernels."""
    if torch.get_num_threads() != cores():
        torch.set_num_threads(cores())
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


def send(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor on the device. To CUDA it goes from pinned memory, and nobody waits for it.

    Nowhere else: on MPS a transfer that is not waited for reads memory that may be somebody else's by then (pytorch
    issues 139550 and 189690). PyTorch keeps pinned memory for as long as a transfer to CUDA reads it.
    """
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def autocast(device: torch.device) -> torch.autocast:
    """Mixed precision for a forward pass; does nothing but on CUDA (bfloat16 on most CPUs is ten times slower)."""
    enabled = device.type == "cuda" and not rungs.in_force().plain
    return torch.autocast("cuda" if device.type == "cuda" else "cpu", _half(), enabled=enabled)


def mixed_precision(learn: Learner, device: torch.device) -> Learner:
    """Have a Learner train in mixed precision on CUDA: bfloat16 where the chip has it, else float16 with scaling.

    Train it inside `contained`.
    """
    if device.type == "cuda" and not rungs.in_force().plain:
        return learn.to_bf16() if _half() is torch.bfloat16 else learn.to_fp16()
    return learn


@contextmanager
def contained() -> Iterator[None]:
    """Whatever goes wrong in here, mixed precision ends with it.

    fastai enters autocast before a batch and leaves it after the loss: an error in the forward pass (memory that does
    not suffice) is raised in between. This thread would stay inside, where PyTorch never drops the weights that it
    cast: the next run would see those of its first batch forever, and learn nothing.
    """
    kinds = ("cuda", "cpu")
    before = [(torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)) for kind in kinds]
    depth = _depth()
    try:
        yield
    finally:
        for _ in range(_depth() - depth):
            torch.autocast_decrement_nesting()
        if not depth:
            torch.clear_autocast_cache()
        for kind, (enabled, dtype) in zip(kinds, before, strict=True):
            torch.set_autocast_enabled(kind, enabled)
            torch.set_autocast_dtype(kind, dtype)


def _depth() -> int:
    """How many autocasts this thread is inside of."""
    inside = torch.autocast_increment_nesting() - 1
    torch.autocast_decrement_nesting()
    return inside


def finish(device: torch.device) -> None:
    """Wait until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def empty_caches() -> None:
    """Give the GPU, where one is in use, the memory that PyTorch keeps for later."""
    if torch.cuda.is_initialized():
        try:
            torch.cuda.empty_cache()
        except RuntimeError as problem:  # a GPU that answers this process no more: the run has its result all the same
            log.warning("the GPU's memory could not be given back: %s", problem)
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _half() -> torch.dtype:
    """bfloat16 where the chip computes in it: by itself PyTorch says yes to one that only imitates it, slowly."""
    cuda = torch.cuda.is_available()
    return torch.float16 if cuda and not torch.cuda.is_bf16_supported(including_emulation=False) else torch.bfloat16


def _gpu_name() -> str:
    try:
        return torch.cuda.get_device_name()
    except RuntimeError:
        return ""


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine() or "CPU"
