"""fastai without PyTorch's compiler: what it imports names two of the compiler's functions, which the lesson never calls.

`torch._dynamo` is a thousand modules, sympy among them. Left out, importing fastai took a core 3.6 s instead of 4.7, and
each worker holds 160 MB less. Whoever calls one of the two, or compiles a model (`compiling`), has it imported then.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

COMPILER = "torch._dynamo"
_UTILS = f"{COMPILER}.utils"


class Finder(importlib.abc.MetaPathFinder):
    """Finds the two modules that name the compiler, and has them loaded without it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _LOADERS or COMPILER in sys.modules:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _LOADERS[fullname](fullname, spec.loader.path)
        return spec


class _RoiAlign(SourceFileLoader):
    """torchvision's: `from torch._dynamo.utils import is_compile_supported`. Any other name is the compiler's own."""

    def exec_module(self, module: ModuleType) -> None:
        stand_in = ModuleType(_UTILS)
        vars(stand_in).update(is_compile_supported=_is_compile_supported, __getattr__=_of_the_compiler)
        sys.modules[_UTILS] = stand_in
        try:
            super().exec_module(module)
        finally:
            if sys.modules.get(_UTILS) is stand_in:
                del sys.modules[_UTILS]


def _is_compile_supported(device_type: str) -> bool:
    return importlib.import_module(_UTILS).is_compile_supported(device_type)


def _of_the_compiler(name: str) -> Any:
    """What else is asked of the stand-in, by torchvision or by another thread meanwhile: from here on it is the compiler."""
    if name.startswith("__"):
        raise AttributeError(name)
    sys.modules.pop(_UTILS, None)
    return getattr(importlib.import_module(_UTILS), name)


class _Typing(SourceFileLoader):
    """timm's: its `disable_compiler`, around methods of a network that the lesson has not, imports the compiler."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        vars(module)["disable_compiler"] = functools.partial(_disabled_when_called, module.disable_compiler)


def _disabled_when_called(disable: Callable[..., Any], function: Callable[..., Any], **options: Any) -> Any:
    @functools.cache
    def disabled() -> Callable[..., Any]:
        return disable(function, **options)

    @functools.wraps(function)
    def call(*args: Any, **more: Any) -> Any:
        return disabled()(*args, **more)

    return call


_LOADERS: dict[str, type[SourceFileLoader]] = {"torchvision.ops.roi_align": _RoiAlign, "timm.layers.typing": _Typing}
