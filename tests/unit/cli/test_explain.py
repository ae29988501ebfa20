"""`python -m lessonkit explain` and `export` on a real run: what they leave out, and what they say of a full disk."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
import torch

from lessonkit import runs
from lessonkit.analysis import embeddings
from lessonkit.cli import main
from lessonkit.photos import catalog, labels
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.storage import write_bytes, write_json
from lessonkit.training import callbacks, gradcam, models


@pytest.fixture
def run(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A finished run whose weights are as training begins with them."""
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    spec = RunSpec("drawn", catalog.resolve("drawn").fingerprint, catalog.resolve("drawn").pattern, size=64, seed=123)
    made = runs.create(spec)
    vocab = labels.label(list(catalog.resolve("drawn").names), spec.pattern).breeds
    torch.manual_seed(0)
    write_bytes(made.path("model.safetensors"), callbacks.packed(models.build(spec, len(vocab)).state_dict()))
    write_json(made.path("vocab.json"), vocab)
    made.write_status(runs.Status(state=runs.DONE))
    return made


def test_a_photo_that_it_was_trained_on_is_not_its_own_neighbour(run: Run, tmp_path: Path, capsys):
    gradcam.features(run.id)
    learned = embeddings.load(run.id).photos[0]
    there, elsewhere = catalog.resolve("drawn").photos_folder / learned, tmp_path / "copy.jpg"
    shutil.copy(there, elsewhere)
    assert main.main(["explain", run.id, str(there), str(elsewhere)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["photo"] for line in lines] == [str(there), str(elsewhere)]
    for line in lines:
        assert learned not in [near["photo"] for near in line["nearest"]]
        assert line["nearest"] == embeddings.nearest(run.id, learned)
        assert line["distance"] > 1e-4


def test_a_full_disk_is_a_sentence(run: Run, capsys, monkeypatch: pytest.MonkeyPatch):
    run.path(embeddings.PHOTOS).unlink(missing_ok=True)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(embeddings, "write_bytes", full)
    photo = catalog.resolve("drawn").photos_folder / list(catalog.resolve("drawn").names)[0]
    assert main.main(["explain", run.id, str(photo)]) == 2
    assert "no space on the disk" in capsys.readouterr().err


def test_export_says_what_it_wrote(run: Run, tmp_path: Path, capsys):
    file = tmp_path / "pet.safetensors"
    run.path("history.csv").write_text("epoch,train_loss,valid_loss,error_rate,seconds\n")
    assert main.main(["export", run.id, "--safetensors", str(file)]) == 0
    assert (
        capsys.readouterr().out == f"{file}: the model's weights, with its breeds, {file.stat().st_size / 1e6:.1f} MB\n"
    )
