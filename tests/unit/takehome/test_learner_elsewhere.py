"""fastai's learner, made here, opens on another Python and on a system that has no PosixPath, and answers the same."""

from __future__ import annotations

import json
import os
import pickletools
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.imports import ROOT
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.takehome.export import take_home
from lessonkit.training.predict import predict

HERE = "{}.{}".format(*sys.version_info)
NEEDED = ("fastai", "torch", "torchvision", "timm", "pillow")  # what a learner opens with
KNOWN = {
    "PIL", "__builtin__", "_codecs", "_operator", "collections", "fastai", "fastcore", "fasttransform", "functools",
    "inspect", "itertools", "numpy", "operator", "os", "pkgutil", "plum", "random", "timm", "torch", "torchvision", "typing",
}  # fmt: skip
"""Packages that the pickle may name: Python's own, and what comes with NEEDED."""

ASK = """
import importlib.util, json, pickle, sys, types, warnings
warnings.filterwarnings('ignore')

class AsOnWindows(pickle.Unpickler):
    def find_class(self, module, name):
        if module.startswith('pathlib') and name == 'PosixPath':
            raise NotImplementedError("cannot instantiate 'PosixPath' on your system")
        return super().find_class(module, name)

from fastai.learner import load_learner
learn = load_learner('pet.pkl', pickle_module=types.SimpleNamespace(__name__='pickle', Unpickler=AsOnWindows))
said = [learn.predict(photo) for photo in json.loads(sys.argv[1])]
print(json.dumps({'python': '{}.{}'.format(*sys.version_info), 'lesson': importlib.util.find_spec('lessonkit') is not None,
                  'said': [[breed, p.tolist()] for breed, _, p in said]}))
"""


@pytest.fixture
def python(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A Python of the version asked for, with NEEDED as pinned; skips, saying why, where it cannot be had."""
    version = request.param
    if version == HERE:
        yield Path(sys.executable)
        return
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
    if uv is None:
        pytest.skip("uv is not installed")
    base = _base(uv, version)
    if base is None:
        pytest.skip(f"Python {version} is not on this machine")
    pinned = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.split("==")[0] in NEEDED]
    folder = Path(tempfile.mkdtemp(prefix="lessonkit-python-"))  # on the disk, where uv can link to its cache
    try:
        subprocess.run([uv, "venv", "--quiet", "--python", base, str(folder)], check=True)
        place = next(folder.glob("[bS]*/python*"))  # bin, or Scripts
        # Without CUDA where such packages can be reached: a tenth of the size.
        ask = [uv, "pip", "install", "--quiet", "--python", str(place), *pinned]
        small = subprocess.run([*ask, "--torch-backend=cpu"], capture_output=True, check=False)
        done = small if small.returncode == 0 else subprocess.run(ask, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the packages for Python {version} cannot be had here: {done.stderr.strip()[-300:]}")
        yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # gigabytes, where uv cannot link to its cache


def _base(uv: str, version: str) -> str | None:
    """A Python of that version which is here already: one that uv finds, else one of pyenv's."""
    found = subprocess.run(
        [uv, "python", "find", "--no-project", "--no-python-downloads", version],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode == 0:
        return found.stdout.strip()
    top = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser()
    return next((str(path) for path in sorted(top.glob(f"versions/{version}.*/bin/python"))), None)


@pytest.mark.slow
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"], indirect=True)
def test_a_learner_opens_on_each_python_and_without_posix_paths(python: Path, run: Run, tmp_path: Path):
    photos = [str(catalog.resolve("drawn").photos_folder / name) for name in list(catalog.resolve("drawn").names)[::18]]
    (tmp_path / "pet.pkl").write_bytes(take_home(run.id, "learner"))
    done = subprocess.run(
        [str(python), "-I", "-c", ASK, json.dumps(photos)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    told = predict(run.id, [(photo, Path(photo)) for photo in photos])
    assert not answer["lesson"]
    assert [breed for breed, _ in answer["said"]] == [t["breed"] for t in told]
    for (_, probabilities), t in zip(answer["said"], told, strict=True):
        assert max(probabilities) == pytest.approx(t["probability"], abs=1e-4)
        assert len(probabilities) == len(run.vocab())


def test_a_learner_holds_no_path_of_this_system_and_no_bytecode(run: Run, tmp_path: Path):
    (tmp_path / "pet.pkl").write_bytes(take_home(run.id, "learner"))
    with zipfile.ZipFile(tmp_path / "pet.pkl") as archive:
        data = archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))
    named = {arg for op, arg, _ in pickletools.genops(data) if op.name == "GLOBAL"}
    assert {name.split(".")[0].split(" ")[0] for name in named} <= KNOWN, (
        "nothing of pathlib, cloudpickle or the lesson"
    )
    assert {arg for op, arg, _ in pickletools.genops(data) if op.name == "BINUNICODE" and "<locals>" in arg} == set()
