"""The model as ONNX answers as the model itself does, says how a photo is prepared, and is refused where it does not."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image, ImageOps
from torch import nn

from lessonkit.analysis import predictions
from lessonkit.errors import LessonError
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.takehome import lineage, onnx_model
from lessonkit.takehome.export import take_home
from lessonkit.training import models
from lessonkit.training.predict import predict

pytestmark = pytest.mark.slow


def prepared(photo: Path, said: dict[str, str]) -> np.ndarray:
    """A photo as the file's own metadata say, (3, size, size)."""
    size, resize = int(said["size"]), int(said["resize"])
    image = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
    image = ImageOps.cover(image, (resize, resize), Image.Resampling.BILINEAR)
    left, top = (image.width - size) // 2, (image.height - size) // 2
    pixels = np.asarray(image.crop((left, top, left + size, top + size)), np.float32) / 255
    scaled = (pixels - np.float32(json.loads(said["mean"]))) / np.float32(json.loads(said["std"]))
    return scaled.transpose(2, 0, 1)


@functools.cache
def taken_home(run_id: str) -> bytes:
    return take_home(run_id, "onnx")


def test_an_onnx_file_answers_as_the_model_does(run: Run):
    data = taken_home(run.id)
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    session = onnxruntime.InferenceSession(data)
    said = session.get_modelmeta().custom_metadata_map
    assert json.loads(said["vocab"]) == run.vocab()
    assert said["run"] == run.id
    assert said["checked"].startswith(f"on {len(predictions.read(run))} held-out photos")
    names = [catalog.resolve("drawn").photos_folder / name for name in predictions.read(run)["photo"]]
    told = predict(run.id, [(str(name), name) for name in names])
    (answered,) = session.run(None, {"photos": np.stack([prepared(name, said) for name in names])})
    (alone,) = session.run(None, {"photos": prepared(names[0], said)[None]})
    assert [run.vocab()[i] for i in answered.argmax(1)] == [t["breed"] for t in told]
    assert np.abs(answered.max(1) - [t["probability"] for t in told]).max() < 1e-4
    assert np.allclose(alone[0], answered[0], atol=1e-6)
    assert np.allclose(answered.sum(1), 1, atol=1e-5)
    assert b"site-packages" not in data, "the exporter notes files of this machine"


def test_an_onnx_file_with_a_wrong_bias_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch):
    """As torch's exporter has written before (pytorch issue 166797), in one layer."""
    right = taken_home(run.id)

    def broken(*_) -> onnx.ModelProto:
        made = onnx.load_from_string(right)
        bias = next(i for i in made.graph.initializer if i.name.endswith("conv_head.weight_bias"))
        values = onnx.numpy_helper.to_array(bias).copy()
        values[:10] += 0.5
        bias.CopyFrom(onnx.numpy_helper.from_array(values, bias.name))
        return made

    monkeypatch.setattr(onnx_model, "_exported", broken)
    with pytest.raises(LessonError, match="a probability differs by"):
        take_home(run.id, "onnx")


def test_an_onnx_file_that_cannot_be_checked_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lineage.catalog, "find", lambda name: None)
    with pytest.raises(LessonError, match="is checked on them"):
        take_home(run.id, "onnx")


@pytest.mark.parametrize("architecture", ["resnet34", "resnet50"])
def test_the_other_architectures_answer_the_same(architecture: str, run: Run):
    """Of random weights, with statistics of batch norm that are not those of a new network, where nothing is seen."""
    spec = run.spec().but(architecture=architecture, pretrained=False, precompute=False)
    network = nn.Sequential(models.build(spec, len(run.vocab())), nn.Softmax(1)).eval()
    chance = torch.Generator().manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1, generator=chance)
            layer.running_var.uniform_(0.5, 2, generator=chance)
            layer.bias.data.normal_(0, 0.1, generator=chance)
    stage = replace(lineage.stage(run), spec=spec)
    made = onnx_model._exported(network, spec.size)
    assert onnx_model.largest_difference(made.SerializeToString(), network, stage) < onnx_model.MOST_APART
