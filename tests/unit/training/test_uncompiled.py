"""What looks at photos is imported without PyTorch's compiler, a quarter of the time, and whoever needs that gets it."""

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


def test_the_compiler_is_imported_for_whoever_needs_it_alone(tmp_path: Path):
    run(
        tmp_path,
        """
import sys
import lessonkit.training.gradcam, timm, torch, torchvision
from lessonkit.training import uncompiled

@timm.layers.disable_compiler
def more(x):
    return x + 1

assert not [name for name in sys.modules if name.startswith(uncompiled.COMPILER)], "it was imported"
import lessonkit.training.fit
assert uncompiled.COMPILER in sys.modules, "it would be imported in the first step of a learner's training"

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
""",
    )


def test_another_version_of_torchvision_that_names_more_of_the_compiler_gets_it(tmp_path: Path):
    (tmp_path / "asks_more.py").write_text("from torch._dynamo.utils import is_compile_supported, same")
    run(
        tmp_path,
        """
from lessonkit.training import uncompiled
uncompiled._LOADERS["asks_more"] = uncompiled._RoiAlign
import asks_more, torch._dynamo.utils
assert asks_more.same is torch._dynamo.utils.same
assert asks_more.is_compile_supported("cpu") == torch._dynamo.utils.is_compile_supported("cpu")
""",
    )
