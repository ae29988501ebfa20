"""Training as if on a GPU, on a machine without one: what is computed is computed on the CPU.

Of each tensor it is remembered on which device it would be, and on which CUDA stream it was made. What a GPU would refuse or
would wait for raises. Backward passes run within PyTorch, where nothing of this is seen; a gradient is taken to be where its
weight is. So do kernels, mixed precision and memory: of them nothing is learned here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from fastai.callback.core import Callback
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
_PLACE = "_as_if"  # the attribute of a tensor that says where it would be
WAITS = {"item", "tolist", "numpy", "__bool__", "__float__", "__int__", "__index__", "nonzero", "__array__"}


ABOUT = {"_has_compatible_shallow_copy_type"}  # looks at tensors, not at their numbers


class Wrong(AssertionError):
    """What a GPU would not do, or would make the program wait for."""


@dataclass(eq=False)
class Stream:
    """A CUDA stream: what was made on which others it has waited for, by their counts of kernels."""

    device: Any = None
    made: int = 0
    knows: dict[Stream, int] = field(default_factory=dict)

    def wait_stream(self, other: Stream) -> None:
        self.knows[other] = other.made


@dataclass
class Place:
    """Where a tensor would be: made on a stream as its kernel number `at`, and the streams that its memory is kept for."""

    stream: Stream
    at: int
    kept_for: set[Stream]


class AsIfCuda(TorchFunctionMode):
    """See above.

    Attributes:
        sent: transfers to the GPU. waits: names of what a finished batch was waited for by. strict: a wait raises.
    """

    def __init__(self):
        super().__init__()
        self.default = self.current = Stream()
        self.sent, self.waits, self.strict = 0, [], False

    def __torch_function__(self, func: Callable, types: Any, args: Sequence = (), kwargs: dict | None = None) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", str(func))
        if name == "__get__":
            return self._got(func, args)
        if name == "__set__":
            return self._set(func, args)
        if name == "pin_memory":
            result = args[0].clone()
            result._pinned = True
            return result
        if name in ("to", "cpu", "cuda"):
            return self._moved(func, name, args, kwargs)
        if name in ABOUT:
            return func(*args, **kwargs)
        wish = kwargs.get("device")
        on_gpu = wish is not None and torch.device(wish).type == "cuda"
        if on_gpu:
            kwargs["device"] = CPU
        there = self._checked(name, args, kwargs)
        if there and name in WAITS:
            self.wait(name)
        result = func(*args, **kwargs)
        if on_gpu or (there and wish is None):
            self._mark(result, args, kwargs)
        return result

    def _got(self, func: Callable, args: Sequence) -> Any:
        what = func.__self__
        there = place(args[0])
        if what is Tensor.device:
            return CUDA if there else func(*args)
        if what is Tensor.is_cuda:
            return bool(there)
        result = func(*args)
        if there and isinstance(result, Tensor):
            _put(result, there)
        return result

    def _set(self, func: Callable, args: Sequence) -> None:
        func(*args)
        if func.__self__ is Tensor.data:
            _put(args[0], place(args[1]))

    def _moved(self, func: Callable, name: str, args: Sequence, kwargs: dict) -> Any:
        tensor, there = args[0], place(args[0])
        self._checked(name, args[:1], {})
        wishes = [one for one in [*args[1:], *kwargs.values()] if isinstance(one, torch.device | str)]
        target = CPU if name == "cpu" else CUDA if name == "cuda" else torch.device(wishes[0]) if wishes else None
        like = next((one for one in args[1:] if isinstance(one, Tensor)), None)
        if like is not None:
            target = CUDA if place(like) else CPU
        if target is None or (target.type == "cuda") == bool(there):
            result = func(*self._real(args), **self._real(kwargs))
            if there and result is not tensor:
                self._mark(result, args, {})
            return result
        if target.type == "cpu":
            self.wait(name)
        else:
            self.sent += 1
            not_waited = (
                kwargs.get("non_blocking") or (len(args) > 2 and args[2] is True) or (len(args) > 3 and args[3] is True)
            )
            if not (not_waited and getattr(tensor, "_pinned", False)):
                self.wait("to a GPU, from memory that is not pinned")
        result = func(*self._real(args), **self._real(kwargs))
        if result is tensor:
            result = result.detach().clone().requires_grad_(tensor.requires_grad)
        if target.type == "cuda":
            self._mark(result, (), {})
        return result

    def _real(self, given: Any) -> Any:
        def real(one: Any) -> Any:
            is_device = isinstance(one, torch.device) or (isinstance(one, str) and one.startswith("cuda"))
            return CPU if is_device and torch.device(one).type == "cuda" else one

        return {k: real(v) for k, v in given.items()} if isinstance(given, dict) else tuple(map(real, given))

    def _checked(self, name: str, args: Sequence, kwargs: dict) -> bool:
        """Whether a GPU computes it; raises where devices are mixed, or another stream's work is not waited for."""
        tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
        there = [found for one in tensors if (found := place(one))]
        if not there:
            return False
        if name not in ("__getitem__", "__setitem__", "copy_"):
            here = [tuple(one.shape) for one in tensors if not place(one) and one.dim()]
            if here:
                raise Wrong(f"{name}: a tensor {here[0]} on the CPU beside one on the GPU")
        elif name == "copy_" and len(there) < len(tensors):
            self.wait("copy_ between the devices")
        elif len(there) < len(tensors) and any(one.dim() for one in tensors if not place(one)):
            self.wait("an index on the CPU")
        for one in there:
            if one.stream is not self.current:
                if self.current.knows.get(one.stream, -1) < one.at:
                    raise Wrong(f"{name}: the stream that made this tensor was not waited for")
                # what the default stream makes, the photos, outlives all batches
                if one.stream is not self.default and self.current not in one.kept_for:
                    raise Wrong(f"{name}: the memory of this tensor is not kept for this stream (record_stream)")
        return True

    def wait(self, name: str) -> None:
        if self.strict:
            raise Wrong(f"{name}: the GPU is waited for within a batch")
        self.waits.append(name)

    def _mark(self, result: Any, args: Sequence, kwargs: dict) -> None:
        self.current.made += 1
        given = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
        for one in tree_leaves(result):
            if isinstance(one, Tensor) and (place(one) is None or not any(one is other for other in given)):
                _put(one, Place(self.current, self.current.made, {self.current}))

    @contextlib.contextmanager
    def on_stream(self, stream: Stream) -> Iterator[None]:
        before, self.current = self.current, stream
        try:
            yield
        finally:
            self.current = before


def place(tensor: Tensor) -> Place | None:
    """Where a tensor would be on a GPU; None for one on the CPU."""
    return tensor.__dict__.get(_PLACE)


def _put(tensor: Tensor, there: Place | None) -> None:
    tensor.__dict__[_PLACE] = there


def record_stream(tensor: Tensor, stream: Stream) -> None:
    """In the place of `Tensor.record_stream`, which takes CUDA's own streams alone."""
    if there := place(tensor):
        there.kept_for.add(stream)


class WithinABatch(Callback):
    """Nothing may be waited for from a batch's beginning until the next one is made, behind its step."""

    order = 21  # MakeNextBatch is at 20

    def __init__(self, mode: AsIfCuda):
        self.mode = mode

    def before_batch(self) -> None:
        self.mode.strict = True

    def after_step(self) -> None:
        self.mode.strict = False

    def after_loss(self) -> None:
        if not self.training:
            self.mode.strict = False
