"""The networks: fastai's, with the pretrained weights they should have, in the parameter groups they should be in."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from fastai.vision.core import imagenet_stats

from lessonkit import architectures
from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import LessonError, WeightsError
from lessonkit.photos import download
from lessonkit.spec import RunSpec
from lessonkit.training import device, models, weights


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """A file of random weights where torchvision's cache has resnet34's; returns what is in it."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    tensors = models.imagenet_model("resnet34", pretrained=False).state_dict()
    path = architectures.weights_path("resnet34")
    path.parent.mkdir(parents=True)
    torch.save(tensors, path)
    return tensors


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_facts_are_those_of_the_network(name: str):
    facts = ARCHITECTURES[name]
    assert sum(p.numel() for p in models.imagenet_model(name, False).parameters()) == facts.parameters
    network = models.imagenet_model(name, False)
    weighed = [part for where, part in network.named_modules() if "downsample" not in where]
    assert sum(isinstance(part, torch.nn.Conv2d | torch.nn.Linear) for part in weighed) == facts.layers
    if facts.built_by.startswith("torchvision"):
        assert [list(facts.mean), list(facts.std)] == list(imagenet_stats)
    model = models.build(RunSpec("drawn", architecture=name, pretrained=False), 5).eval()
    photos = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        features = models.pooled_body(model)(photos)
        assert features.shape == (2, 2 * facts.features)
        torch.testing.assert_close(models.tail(model)(features), model(photos))
    assert model(photos).shape == (2, 5)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_folded_body_gives_the_same_features_without_batch_norm(name: str):
    torch.manual_seed(0)
    body = models.pooled_body(models.build(RunSpec("drawn", architecture=name, pretrained=False), 5))
    for layer in body.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):  # statistics that do something
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 2)
    photos = torch.randn(2, 3, 64, 64)
    folded = models.folded(body)
    with torch.inference_mode():
        expected = body.eval()(photos)
        torch.testing.assert_close(folded(photos), expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
    assert not [m for m in folded.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert [m for m in body.modules() if isinstance(m, torch.nn.BatchNorm2d)]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_parameter_is_in_one_of_three_groups_from_early_to_head(name: str):
    model = models.build(RunSpec("drawn", architecture=name, pretrained=False), 5)
    early, late, head = models.splitter(model)
    assert sorted(map(id, [*early, *late, *head])) == sorted(map(id, model.parameters()))
    assert list(map(id, head)) == list(map(id, model[1].parameters()))
    assert early[0] is next(model.parameters())
    assert len(models.splitter(models.tail(model))) == 1


def test_the_efficientnet_is_the_pretrained_one():
    """Bundled weights in the wrong places would say nothing of a photo; random ones neither."""
    pretrained = models.imagenet_model("efficientnet_lite0")
    tensors = list(torch.load(architectures.weights_path("efficientnet_lite0"), weights_only=True).values())
    assert torch.equal(pretrained.conv_stem.weight, tensors[0])
    assert torch.equal(pretrained.classifier.bias, tensors[-1])


def test_a_head_of_one_layer_begins_with_no_opinion():
    spec = RunSpec("drawn", pretrained=False, head="linear")
    one, fastai = (models.build(of, 5, load_pretrained=False) for of in (spec, spec.but(head="fastai")))
    count = [sum(isinstance(part, torch.nn.Linear) for part in model[1].modules()) for model in (one, fastai)]
    assert count == [1, 2]
    with torch.inference_mode():
        assert torch.equal(one.eval()(torch.randn(2, 3, 64, 64)), torch.zeros(2, 5)), "every breed is as likely"


def test_a_resnet_takes_its_weights_from_torchvisions_cache(standin):
    model = models.build(RunSpec("drawn", architecture="resnet34"), 5)
    assert torch.equal(model[0][0].weight, standin["conv1.weight"])


def test_weights_that_cannot_be_had_are_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(weights, "TORCHVISION", "http://127.0.0.1:9/")  # nobody listens there
    monkeypatch.setattr(download, "PAUSE", 0.0)
    with pytest.raises(WeightsError, match="not on this machine") as raised:
        models.build(RunSpec("drawn", architecture="resnet34"), 5)
    assert "resnet34-b627a593.pth" in raised.value.way_out
    assert not architectures.weights_present("resnet34")


def test_a_damaged_file_of_weights_is_said_to_be_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    path = architectures.weights_path("resnet34")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a file")
    with pytest.raises(WeightsError, match="cannot be read"):
        models.build(RunSpec("drawn", architecture="resnet34"), 5)


def test_where_weights_come_from_is_told():
    spec = RunSpec("drawn", architecture="resnet34")
    assert "torchvision" in models.weights_from(spec)
    assert "random" in models.weights_from(spec.but(pretrained=False))
    assert "0123456789ab" in models.weights_from(spec.but(starts_from="0123456789ab"))


def test_a_device_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("LESSONKIT_DEVICE", "cuda")
    with pytest.raises(LessonError, match="cuda"):
        device.choose()
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    assert device.choose().type == "cpu"
    assert "cores" in device.name(torch.device("cpu"))


def test_a_slice_is_spread_as_fastai_spreads_it():
    from fastai.torch_core import even_mults

    spec = RunSpec("drawn", frozen=False, precompute=False, learning_rate=(1e-6, 1e-4))
    assert spec.rates == pytest.approx(tuple(even_mults(1e-6, 1e-4, 3)))
    assert spec.but(learning_rate=1e-3).rates == (1e-3,) * 3
    assert spec.but(frozen=True).rates == (None, None, 1e-4)
