"""What looks at photos is imported without the packages it never calls, and whoever calls them gets them."""

from __future__ import annotations

import copy
import functools
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from docs.imports import ROOT
from lessonkit.training import needless

slow = pytest.mark.slow  # in a process of its own, where nothing is imported yet


def run(folder: Path, source: str) -> None:
    script = folder / "script.py"
    script.write_text(source)
    command = [sys.executable, "-W", "ignore", str(script)]
    around = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


@slow
def test_what_is_left_out_is_imported_for_whoever_calls_it(tmp_path: Path):
    run(
        tmp_path,
        """
import sys
import lessonkit.training.gradcam, timm, torch, torchvision
from fastai.data.transforms import TrainTestSplitter
from fastai.metrics import F1Score, SpearmanCorrCoef
from lessonkit.training import needless

def imported():
    return {name for name in (needless.COMPILER, "sklearn", "scipy.stats", "sympy") if name in sys.modules}

@timm.layers.disable_compiler
def more(x):
    return x + 1

assert imported() == set()
import lessonkit.training.fit
assert imported() == {needless.COMPILER, "sympy"}, "else it would be imported in the first step of a learner's training"

supported = sys.modules["torchvision.ops.roi_align"].is_compile_supported("cpu")
import torch._dynamo.utils
assert supported == torch._dynamo.utils.is_compile_supported("cpu")
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(2)).tolist() == [2, 2]
assert more.__name__ == "more" and more(torch.ones(2)).tolist() == [2, 2]
try:
    torch.compile(lambda x: more(x), backend="eager", fullgraph=True)(torch.ones(2))
except torch._dynamo.exc.Unsupported:
    pass
else:
    raise AssertionError("it was compiled")

parts = TrainTestSplitter(test_size=0.25, random_state=3)(list(range(8)))
assert [len(part) for part in parts] == [6, 2]
yes, no = torch.tensor([1.0, 0, 1, 0]), torch.tensor([1.0, 0, 0, 1])
assert F1Score().func(yes, no) == 0.5
assert round(SpearmanCorrCoef().func(yes, no), 6) == 0
assert {"sklearn", "scipy.stats"} <= imported()
""",
    )


@slow
def test_a_version_that_names_more_gets_all_of_it(tmp_path: Path):
    lines = (
        "import os.path as path",
        "import scipy.stats",
        "from torch._dynamo.utils import is_compile_supported, same",
    )
    (tmp_path / "asks_more.py").write_text("\n".join(lines))
    run(
        tmp_path,
        """
from lessonkit.training import needless
needless.NAMED["asks_more"] = {"torch._dynamo.utils": ("is_compile_supported",)}
import asks_more, torch._dynamo.utils, scipy.stats
assert asks_more.same is torch._dynamo.utils.same
assert asks_more.is_compile_supported is torch._dynamo.utils.is_compile_supported
assert asks_more.scipy is scipy and asks_more.path.join("a", "b")
""",
    )


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_module_for_later_can_be_copied_and_pickled(again: Callable[[Any], Any]):
    for one in (needless._later("json", ""), needless._later("xml", "dom.minidom").dom.minidom):
        assert again(one).__name__ == one.__name__
    package = again(needless._later("xml", "dom.minidom"))
    assert package.dom.minidom.parseString("<a/>").documentElement.tagName == "a"


def named_by_a_module(source: str, named: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """What a module has whose import statements leave out what is named."""

    def own(*args: Any) -> Any:
        return needless._import(named, *args)

    around: dict[str, Any] = {"__builtins__": {"__import__": own}}
    exec(source, around)
    return around


def test_a_package_is_whole_of_which_one_module_is_for_later():
    left_out = {"xml.dom.minidom": ()}
    found = named_by_a_module("import xml.dom.minidom\nimport xml.dom.minidom as later", left_out)
    assert type(found["xml"]) is type(found["later"]) is needless._Later
    import xml.dom.minidom

    assert found["xml"].dom.Node is xml.dom.Node, "what else the package has"
    assert found["xml"].dom.minidom.parse is found["later"].parse is xml.dom.minidom.parse


def test_what_is_not_there_fails_as_an_import_does():
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        named_by_a_module("import no_such_package.part as part", {"no_such_package.part": ()})
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        named_by_a_module("from no_such_package import name", {"no_such_package": ("name",)})
    found = named_by_a_module("from json import no_such_name, dumps", {"json": ("no_such_name", "dumps")})
    assert found["dumps"]([1]) == "[1]"
    with pytest.raises(ImportError, match="cannot import name 'no_such_name' from 'json'"):
        found["no_such_name"]()


def test_a_library_that_does_not_disable_the_compiler_is_imported_as_it_is(tmp_path: Path):
    module = ModuleType("without")
    path = tmp_path / "without.py"
    path.write_text("there = 1")
    needless._Timms("without", str(path)).exec_module(module)
    assert module.there == 1
    assert not hasattr(module, "disable_compiler")


def test_the_compiler_is_disabled_however_that_is_written():
    asked: list[tuple[Any, ...]] = []

    def disable(function: Any, recursive: bool = True, **options: Any) -> Any:
        asked.append((function, recursive, options))
        return function

    later = functools.partial(needless._disabled_when_called, disable)

    def one() -> int:
        return 1

    class Two:
        pass

    plain, told, given = later(one), later(recursive=False, reason="x")(one), later(one, False)
    assert asked == []
    assert plain() == told() == given() == plain() == 1
    assert asked == [(one, True, {}), (one, False, {"reason": "x"}), (one, False, {})]
    assert plain.__name__ == "one"
    assert later(Two) is Two
    assert asked[-1] == (Two, True, {})
