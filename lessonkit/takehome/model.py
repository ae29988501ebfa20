"""A finished run's model as files that open without this lesson: safetensors, and fastai's own export."""

from __future__ import annotations

import json
import os
import pickle
import tempfile
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import Any

import numpy as np
import plum
import torch
from fastai.data.core import DataLoaders, Datasets
from fastai.data.transforms import Categorize, IntToFloatTensor, ItemGetter, Normalize, ToTensor, Transform
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import error_rate
from fastai.vision.augment import CropPad
from fastai.vision.core import PILImage, TensorImage, TensorImageBW
from fastai.vision.learner import default_split
from PIL import Image, ImageOps
from safetensors.torch import load_file, save
from torch import Tensor
from torchvision.transforms import Compose

from lessonkit.architectures import ARCHITECTURES
from lessonkit.photos.cache import side_for
from lessonkit.runs import MODEL
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Stage
from lessonkit.takehome.notebook.opening import opener
from lessonkit.training import gradcam, models

PREPROCESSING = (
    'Turn the photo upright (EXIF), put what is transparent over white, take it as RGB. Make its shorter side "resize" '
    'pixels (bilinear) and cut out the middle, "size" x "size". Divide by 255, subtract "mean", divide by "std", each '
    "channel by its own. One photo is (3, size, size): channel, row, column."
)


def safetensors(run_id: str) -> bytes:
    """The model's weights as a safetensors file whose metadata says how to use them: `about`, "format" and "layout".

    Raises:
        LessonError: the run has no model.
    """
    stage = lineage.stage(lineage.finished(run_id))
    head = "fastai's create_head" + (" with lin_ftrs=[]" if stage.spec.head == "linear" else "")
    said = {"format": "pt", "layout": f"0.* is the body, 1.* {head}; logits come out", **about(stage)}
    return save(load_file(stage.run.path(MODEL)), metadata=said)


def about(stage: Stage) -> dict[str, str]:
    """What a file of a model says of it: its breeds, what it expects of a photo, and where it comes from.

    All of it is text: "architecture", "body" (who builds it), "vocab" (JSON, breeds in the order of the outputs),
    "size" and "resize" (pixels: the shorter side to "resize", then the middle "size" squared), "mean" and "std" (JSON,
    of channels of 0 to 1), "preprocessing" (the same in words), "run", "spec" (JSON), "dataset", "error_rate".
    """
    spec, (mean, std) = stage.spec, stats(stage.spec)
    return {
        "architecture": spec.architecture,
        "body": ARCHITECTURES[spec.architecture].built_by,
        "vocab": json.dumps(stage.run.vocab()),
        "size": str(spec.size),
        "resize": str(side_for(spec.size)),
        "mean": json.dumps(mean),
        "std": json.dumps(std),
        "preprocessing": PREPROCESSING,
        "dataset": lineage.dataset_title(spec),
        "error_rate": f"{stage.error_rate:.6f}",
        "run": stage.run.id,
        "spec": spec.canonical(),
    }


def learner(run_id: str) -> bytes:
    """The model as fastai's `learn.export()`: `load_learner` opens it, `predict` takes a photo's path.

    Everything in it is fastai's, timm's, torchvision's or Pillow's, so that it opens where this lesson is not
    installed. It opens a photo as the lesson does (see `opening.opener`) and sees its middle, as validation does.

    Raises:
        LessonError: the run has no model.
    """
    run = lineage.finished(run_id)
    spec, vocab = run.spec(), run.vocab()
    model = models.build(spec, len(vocab), load_pretrained=False)
    models.load_run(model, run.id)
    with tempfile.TemporaryDirectory() as folder:
        dls = _as_validation(spec, vocab, Path(folder))
        learn = Learner(
            dls,
            model.eval(),
            loss_func=CrossEntropyLossFlat(),
            metrics=error_rate,
            splitter=default_split,
            train_bn=spec.batch_norm == "trained",
            path=Path(),
        )
        file = Path(folder) / "export.pkl"
        learn.export(file, pickle_module=SimpleNamespace(__name__=pickle.__name__, Pickler=_ByName))
        return file.read_bytes()


def heatmaps(run_id: str, photo: str, breeds: list[str]) -> dict[str, Any]:
    """See `training.gradcam.heatmaps`."""
    return gradcam.heatmaps(run_id, photo, breeds)


def stats(spec: RunSpec) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation that a run's photos are normalized by, channels of 0 to 1; 0 and 1 where they are not."""
    facts = ARCHITECTURES[spec.architecture]
    return (facts.mean, facts.std) if spec.normalize == "model" else ((0.0,) * 3, (1.0,) * 3)


class _ByName(pickle.Pickler):
    """Pickles each function and class by its name, never as bytecode, and a path as `pathlib.Path`.

    fastai's own choice, cloudpickle, carries functions that have no name as bytecode, which another Python cannot run,
    and a path as this system's `PosixPath`, which Windows cannot make and which Python 3.13 keeps in another module.
    """

    def reducer_override(self, value: Any) -> Any:
        if value is Path:
            return resolve_name, ("pathlib:Path",)
        if isinstance(value, Path):
            return Path, (value.as_posix(),)
        if isinstance(value, plum.Function):
            value.clear_cache()  # of the types that it was called with here, `PosixPath` among them
        return NotImplemented


def _named(function: Compose, name: str) -> Compose:
    """The function with a name: fastai wraps one that has none in a function that pickles as bytecode alone."""
    vars(function)["__name__"] = name
    return function


def _as_validation(spec: RunSpec, vocab: list[str], folder: Path) -> DataLoaders:
    """DataLoaders of one blank photo, whose transforms are those of validation."""
    blank = folder / "blank.png"
    Image.new("RGB", (spec.size, spec.size)).save(blank)
    side = side_for(spec.size)
    pixels = (bytes, np.ndarray, Tensor, TensorImage, TensorImageBW)
    opened = Transform(_named(Compose(opener(Compose, PILImage.create, pixels)), "opened"))
    opened.input_types = (str, os.PathLike, Image.Image, *pixels)  # by which fastai finds where a photo comes in
    # As the cache does: the whole photo made smaller, then cut. fastai's Resize cuts first, half a pixel off.
    smaller = partial(ImageOps.cover, size=(side, side), method=Image.Resampling.BILINEAR)
    photo = [ItemGetter(0), opened, _named(Compose([smaller]), "smaller"), PILImage.create]
    breed = [ItemGetter(1), Categorize(vocab=vocab, sort=False)]
    items = [(blank, vocab[0])]
    datasets = Datasets(items, tfms=[photo, breed], splits=[[0], [0]])
    return datasets.dataloaders(
        bs=1,
        num_workers=0,
        device=torch.device("cpu"),
        path=Path(),
        after_item=[CropPad(spec.size), ToTensor()],
        after_batch=[IntToFloatTensor(), Normalize.from_stats(*stats(spec), cuda=False)],
    )
