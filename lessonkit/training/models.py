"""The architectures, built as fastai builds them: a body that is pretrained, and fastai's head on top.

`model[0]` is the body (a square photo in, feature maps out), `model[1]` the head, whose first two layers pool
the maps to a vector of 2 * features numbers (`pooled_body`); what follows (`tail`) is all that trains while the
body is frozen.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, cast

import timm
import torch
import torchvision
from fastai.layers import apply_init
from fastai.torch_core import params
from fastai.vision.learner import TimmBody, create_body, create_head
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import LessonError, WeightsError
from lessonkit.language import tr
from lessonkit.photos.progress import Report, quiet
from lessonkit.runs import FINISHED, MODEL, Run
from lessonkit.spec import RunSpec
from lessonkit.training import weights

_TIMM = {a.name: a.built_by.split()[1] for a in ARCHITECTURES.values() if a.built_by.startswith("timm ")}
# As fastai cuts them: pooling and the ImageNet layer off a ResNet; parameter groups after `layer2` and in the middle.
_RESNET_CUT, _RESNET_EARLY = -2, 6
_EFFICIENTNET_EARLY = 3  # of its seven stages of blocks


def build(spec: RunSpec, n_classes: int, load_pretrained: bool = True, report: Report = quiet) -> nn.Sequential:
    """The network of a spec: body and head, on the CPU. fastai's head has random weights, as `torch.manual_seed` has it.

    Args:
        n_classes: breeds, the width of the output; the output is logits.
        load_pretrained: False where other weights follow, so that ImageNet's need not be here.

    Raises:
        WeightsError: the pretrained weights are neither here nor available for download.
    """
    whole: Any = imagenet_model(spec.architecture, spec.pretrained and load_pretrained, report)
    if spec.architecture in _TIMM:
        whole.reset_classifier(0)
        body = TimmBody(whole, pretrained=False)
    else:
        body = create_body(whole, pretrained=False, cut=_RESNET_CUT)
    linear = spec.head == "linear"
    head = create_head(ARCHITECTURES[spec.architecture].features, n_classes, lin_ftrs=[] if linear else None)
    apply_init(head, nn.init.zeros_ if linear else nn.init.kaiming_normal_)  # as fastai's add_head does
    return nn.Sequential(body, head)


def imagenet_model(architecture: str, pretrained: bool = True, report: Report = quiet) -> nn.Module:
    """The whole network with ImageNet's 1,000-class layer; logits out. Raises WeightsError as `build` does."""
    if architecture in _TIMM:
        model = timm.create_model(_TIMM[architecture], pretrained=False, num_classes=1000)
    else:
        model = torchvision.models.get_model(ARCHITECTURES[architecture].built_by.split()[1], weights=None)
    if pretrained:
        _load(model, architecture, weights.obtain(architecture, report))
    return model


def head_of(model: nn.Sequential) -> nn.Sequential:
    """fastai's head: pooling to a vector of 2 * features numbers, then what `tail` is."""
    return cast(nn.Sequential, model[1])


def pooled_body(model: nn.Sequential) -> nn.Sequential:
    """The part before the tail: photos (n, 3, h, w) -> (n, 2 * features), maxima of the maps, then means."""
    return nn.Sequential(model[0], head_of(model)[:2])


def folded(body: nn.Module) -> nn.Module:
    """A copy of a body for inference alone, each batch norm folded into the convolution before it.

    Batch norm with fixed statistics is a factor and a shift per channel, and so is what a convolution does last:
    the same numbers to about 1e-6 of their size, in three quarters of the time on a CPU.
    """
    body = copy.deepcopy(body).eval()
    convolution: nn.Conv2d | None = None
    for parent in list(body.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.Conv2d):
                convolution = layer
            elif isinstance(layer, nn.BatchNorm2d):  # defined right behind its convolution in all of them
                assert convolution is not None
                assert layer.running_mean is not None
                assert layer.running_var is not None
                convolution.weight, convolution.bias = fuse_conv_bn_weights(
                    convolution.weight, convolution.bias, layer.running_mean, layer.running_var, layer.eps,
                    layer.weight, layer.bias,
                )  # fmt: skip
                setattr(parent, name, getattr(layer, "act", nn.Identity()))  # timm's carry their activation
    return body


def tail(model: nn.Sequential) -> nn.Sequential:
    """The head behind the pooling: (n, 2 * features) -> logits. It shares the model's weights."""
    return head_of(model)[2:]


def splitter(model: nn.Sequential) -> list[list[nn.Parameter]]:
    """Three parameter groups, for rates that differ: the body's early layers, its late ones, the head.

    For a tail alone, one group.
    """
    if not isinstance(model[0], TimmBody | nn.Sequential):
        return [params(model)]
    body: Any = model[0]
    head = model[1]
    if isinstance(body, TimmBody):
        net = body.model
        early = nn.ModuleList([net.conv_stem, net.bn1, net.blocks[:_EFFICIENTNET_EARLY]])
        late = nn.ModuleList([net.blocks[_EFFICIENTNET_EARLY:], net.conv_head, net.bn2])
    else:
        early, late = body[:_RESNET_EARLY], body[_RESNET_EARLY:]
    return [params(early), params(late), params(head)]


def weights_from(spec: RunSpec) -> str:
    """Where the weights that a run begins with come from, as half a sentence."""
    if spec.starts_from:
        return tr("run {run}", run=spec.starts_from)
    if not spec.pretrained:
        return tr("nowhere: they are random")
    return tr(ARCHITECTURES[spec.architecture].source)


def load_run(model: nn.Module, run_id: str) -> None:
    """Put a finished run's weights into a model of the same architecture and breeds.

    Raises:
        LessonError: that run has no model, or one of another shape.
    """
    run = Run(run_id)
    if not run.exists() or run.status().state not in FINISHED:
        raise LessonError(
            tr("The run {run} that this one goes on from has no model.", run=run_id), tr("Train that one first.")
        )
    try:
        model.load_state_dict(load_file(run.path(MODEL)))
    except (OSError, RuntimeError) as problem:
        raise LessonError(
            tr("The model of run {run} cannot be taken over: it is damaged, or of other breeds or layers.", run=run_id),
            tr("Choose the same architecture and labels, or train that run again."),
        ) from problem


def _load(model: nn.Module, architecture: str, path: Path) -> None:
    try:
        tensors: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if architecture in _TIMM:
            # The same tensors in the same order, under the names of the project that they come from.
            tensors = dict(zip(model.state_dict(), tensors.values(), strict=True))
        model.load_state_dict(tensors)
    except Exception as problem:  # a file cut off, of another network, or no file of weights at all
        raise WeightsError(
            tr(
                "The pretrained weights of {architecture} in {file} cannot be read.",
                architecture=ARCHITECTURES[architecture].title,
                file=path.name,
            ),
            tr("Delete {file} and try again.", file=str(path)),
        ) from problem
