"""What is taken home says nothing of where it was made: no folder of this machine, no name of who runs it."""

from __future__ import annotations

import functools
import getpass
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import lessonkit
from lessonkit import runs
from lessonkit.takehome import files, onnx_model
from lessonkit.takehome.app import folder as app_folder

pytestmark = pytest.mark.slow


def parts(data: bytes) -> Iterator[bytes]:
    """The bytes, and those of each file within where they are a zip (fastai's learner is one too)."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from parts(packed.read(name))


@pytest.fixture(scope="module", autouse=True)
def _translated_once() -> Iterator[None]:
    """The model's app holds the ONNX file, which takes seconds to make: it is the one that was made for the other test."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(onnx_model.onnx_file)
        for module in (onnx_model, app_folder):
            patch.setattr(module, "onnx_file", lambda run_id, *_: once(run_id))
        yield


@pytest.mark.parametrize("kind", files.ENDINGS)
def test_no_file_names_a_folder_of_this_machine(kind: str, lesson_done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(lesson_done))
    run = next(run for run in runs.all_runs() if run.status().finished)
    made = (files.folder() / files.make(run.id, kind, (3, 10))).read_bytes()
    folders = [lesson_done, Path(lessonkit.__file__).parents[1], Path.home()]
    secret = [str(folder).encode() for folder in folders if len(folder.parts) > 2]
    secret += [f"/home/{getpass.getuser()}".encode(), f"/Users/{getpass.getuser()}".encode()]
    for part in parts(made):
        for folder in secret:
            at = part.find(folder)
            assert at < 0, part[max(0, at - 60) : at + 100]
