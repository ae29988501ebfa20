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
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import FunctionType, ModuleType, SimpleNamespace
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
    """`__import__`: something to call later for what is named in just this way, else what Python's own gives.

    What is not installed is named to Python's own too: then it fails as it would without this, while it is imported.
    """
    package, _, rest = name.partition(".")
    left_out = not level and name in named and tuple(functions or ()) == named[name] and (functions or rest)
    if not left_out or importlib.util.find_spec(package) is None:
        return builtins.__import__(name, around, local, functions or (), level)
    if functions:
        return SimpleNamespace(**{function: functools.partial(_call, name, function) for function in functions})
    return _later(package, rest)


def _call(module: str, function: str, *args: Any, **more: Any) -> Any:
    """Call a module's function. Raises ImportError, as `from module import function` does, where it has none of that name."""
    found = getattr(importlib.import_module(module), function, None)
    if found is None:
        raise ImportError(f"cannot import name {function!r} from {module!r}", name=module)
    return found(*args, **more)


class _Later:
    """A module that is imported when something of it is asked for that is not `known`. A copy of it is another such."""

    def __init__(self, name: str, **known: _Later):
        self._name, self._known = name, known
        vars(self).update(known)

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)

    def __reduce__(self) -> tuple[Any, ...]:
        # Python's own makes one without a name, and asks it for `__setstate__`, which would ask for the name for ever.
        return functools.partial(_Later, self._name, **self._known), ()


def _later(package: str, rest: str) -> _Later:
    """A package that holds a module: `import package.rest` gives the package, and `as` asks it for the rest."""
    first, _, deeper = rest.partition(".")
    return _Later(package, **{first: _later(f"{package}.{first}", deeper)}) if first else _Later(package)


class _Timms(SourceFileLoader):
    """Loads timm's decorator `disable_compiler` so that it asks PyTorch when what it decorates is first called.

    timm decorates methods of a network with it that the lesson has not; PyTorch imports its compiler when it is asked.
    """

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        if disable := getattr(module, "disable_compiler", None):
            vars(module)["disable_compiler"] = functools.partial(_disabled_when_called, disable)


def _disabled_when_called(disable: Callable[..., Any], function: Any = None, *how: Any, **options: Any) -> Any:
    """As `torch.compiler.disable`, around a function or, without one, as `@disable_compiler(…)`; but asked at the first call.

    Args:
        function: what else can be given to it, a class or a network, is given to it at once.
    """
    if function is None:
        return functools.partial(_disabled_when_called, disable, **options)
    if not isinstance(function, FunctionType):
        return disable(function, *how, **options)

    @functools.cache
    def disabled() -> Callable[..., Any]:
        return disable(function, *how, **options)

    @functools.wraps(function)
    def call(*args: Any, **more: Any) -> Any:
        return disabled()(*args, **more)

    return call
