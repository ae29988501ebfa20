"""fastai without what it imports and the lesson never calls: PyTorch's compiler, most of SciPy, scikit-learn.

Five modules of fastai, torchvision and timm name a function or two of those packages, which are 1,500 modules. Left out,
what looks at photos is imported in 3.0 s of a core instead of 4.7, and its worker holds 220 MB less; what trains needs the
compiler, for its optimizer, and is imported in 3.8 s. Whoever calls such a function, or imports such a package, as
`likeness` does, has it imported then.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.abc
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType, SimpleNamespace
from typing import Any

COMPILER = "torch._dynamo"
# Who names what: `from module import functions`, or with no functions `import module as …`.
NAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "torchvision.ops.roi_align": {f"{COMPILER}.utils": ("is_compile_supported",)},
    "fastai.data.transforms": {"sklearn.model_selection": ("train_test_split",)},
    "fastai.metrics": {"sklearn.metrics": (), "scipy.stats": ()},
    "fastai.interpret": {"sklearn.metrics": ()},
}
TIMMS = "timm.layers.typing"


class Finder(importlib.abc.MetaPathFinder):
    """Finds those modules, and has each loaded without what it names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in NAMED and fullname != TIMMS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            loader = _Timms if fullname == TIMMS else _Naming
            spec.loader = loader(fullname, spec.loader.path)
        return spec


class _Naming(SourceFileLoader):
    """Loads a module whose own import statements, and no other module's, leave out what it names."""

    def exec_module(self, module: ModuleType) -> None:
        own = functools.partial(_import, NAMED[module.__name__])
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": own}
        super().exec_module(module)


def _import(
    named: Mapping[str, tuple[str, ...]],
    name: str,
    around: Mapping[str, Any] | None = None,
    local: Mapping[str, Any] | None = None,
    functions: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    """`__import__`: something to call later for what is named in just this way, else what Python's own gives."""
    if level or name not in named or tuple(functions or ()) != named[name]:
        return builtins.__import__(name, around, local, functions or (), level)
    if functions:
        return SimpleNamespace(**{function: functools.partial(_call, name, function) for function in functions})
    package, _, rest = name.partition(".")
    return SimpleNamespace(**{rest: _Later(name)}) if rest else builtins.__import__(package)


def _call(module: str, function: str, *args: Any, **more: Any) -> Any:
    return getattr(importlib.import_module(module), function)(*args, **more)


class _Later:
    """A module that is imported when something of it is asked for."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


class _Timms(SourceFileLoader):
    """timm's `disable_compiler`, around methods of a network that the lesson has not, imports the compiler."""

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
