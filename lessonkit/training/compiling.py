"""`torch.compile` where it pays back within the run.

It makes a step faster and costs a wait first, of a minute or so. What it gains on a machine is not known before, so
it is tried where the rest of the run is so long that even a tenth gained pays for the wait, then measured, and taken
back where it gained nothing. On a CPU it is not tried: EfficientNet-Lite0's body on two cores took as long compiled
as not (91.9 photos a second, and 90.2), after 24 s.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable

import torch
from fastai.callback import core
from torch import Tensor

from lessonkit.photos.progress import Report
from lessonkit.training.device import autocast, finish

WORTH_TRYING = 600.0  # seconds left in the run
STEPS = 10  # measured before and after; the median is compared
WARM = 3  # steps not measured: cuDNN tries its kernels, and compiling itself happens in the first
log = logging.getLogger("lessonkit.training")


class CompileWhereItPays(core.Callback):
    """Compile the model in the midst of a long run; `facts` says what came of it.

    Args:
        report: told ("compiling", 0, 0) before the wait.
        worth_trying: seconds that must be left, as the steps so far have it.
        backend: of `torch.compile`.

    Attributes:
        facts: {} where it was not tried; else "wait": seconds that the first compiled step took longer; "gain": step
            before / step after, both medians; "kept": whether the model stayed compiled; or "problem": why it could
            not be compiled.
    """

    run_valid = False

    def __init__(self, report: Report, worth_trying: float = WORTH_TRYING, backend: str = "inductor"):
        self.report, self.worth_trying, self.backend = report, worth_trying, backend
        self.facts: dict[str, float | bool | str] = {}
        self.seconds: list[float] = []
        self.uncompiled = 0.0
        self.compiled_call: Callable[..., Tensor] | None = None
        self.decided = False

    def before_train(self) -> None:
        self._call(self.compiled_call)
        self.last = time.perf_counter()

    def after_train(self) -> None:
        self._call(None)  # validation's batches are of another size, and few: compiling for them too would not pay

    def after_batch(self) -> None:
        if self.decided:
            return
        finish(self.dls.device)
        now = time.perf_counter()
        self.seconds.append(now - self.last)
        self.last = now
        if len(self.seconds) < WARM + STEPS:
            return
        step = statistics.median(self.seconds[-STEPS:])
        if self.compiled_call:
            self._judge(step)
        elif step * (self.n_epoch * self.n_iter - self.train_iter) >= self.worth_trying:
            self._compile(step)
        else:
            self.decided = True  # what is left only grows shorter

    def _compile(self, step: float) -> None:
        self.report("compiling", 0, 0)
        begun = time.perf_counter()
        try:
            self.model.compile(backend=self.backend)
            self._step_for_nothing()
        except Exception as problem:  # no C compiler here, a layer that it cannot take: the run goes on without
            log.warning("torch.compile", exc_info=problem)
            self.facts["problem"], self.decided = type(problem).__name__, True
            self._call(None)
        else:
            self.compiled_call, self.uncompiled = self.model._compiled_call_impl, step
            self.facts["wait"] = time.perf_counter() - begun
        self.seconds.clear()
        self.last = time.perf_counter()

    def _step_for_nothing(self) -> None:
        """Forward and backward on the last batch, so that the wait, and what goes wrong, is here and not in a step."""
        buffers = [(buffer, buffer.clone()) for buffer in self.model.buffers()]
        with torch.random.fork_rng():
            with autocast(self.dls.device):
                loss = self.learn.loss_func(self.model(*self.xb), *self.yb)
            loss.backward()
        self.opt.zero_grad()
        for buffer, before in buffers:
            buffer.copy_(before)
        finish(self.dls.device)

    def _judge(self, step: float) -> None:
        self.facts["gain"], self.facts["kept"], self.decided = self.uncompiled / step, step < self.uncompiled, True
        if not self.facts["kept"]:
            self.compiled_call = None
            self._call(None)

    def _call(self, how: Callable[..., Tensor] | None) -> None:
        self.model._compiled_call_impl = how  # what `Module.compile` sets, and what calling a module looks at
