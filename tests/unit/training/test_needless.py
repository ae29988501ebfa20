"""What looks at photos is imported without the packages it never calls, and whoever calls them gets them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.imports import ROOT

pytestmark = pytest.mark.slow  # each in a process of its own, where nothing is imported yet


def run(folder: Path, source: str) -> None:
    script = folder / "script.py"
    script.write_text(source)
    command = [sys.executable, "-W", "ignore", str(script)]
    around = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


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
