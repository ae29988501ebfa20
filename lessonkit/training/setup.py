"""From a spec to all that training needs: photos split and labelled, the network, batches, fastai's Learner."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import error_rate
from torch import Tensor, nn

from lessonkit import awake, corrections
from lessonkit.errors import LessonError
from lessonkit.language import tr, translatable
from lessonkit.photos import cache, catalog, copies, halves, labels
from lessonkit.photos.cache import PhotoCache
from lessonkit.photos.progress import Report
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.training import batches, callbacks, device, models
from lessonkit.training.activations import Activations, FeatureBatches
from lessonkit.training.draws import VIEWS, WEIGHTS, drawn_by, generator, seed_for
from lessonkit.training.optimizer import FusedAdam


@dataclass
class Photos:
    """What a run trains and is validated on.

    Attributes:
        vocab: the breeds, sorted.
        train, valid: names in the cache.
        train_targets, valid_targets: their breeds' numbers, int64.
        corrected: what the learner's marks changed, counts as in `marks.Halves.facts`; {} for a run without marks.
    """

    cache: PhotoCache
    vocab: list[str]
    train: list[str]
    valid: list[str]
    train_targets: Tensor
    valid_targets: Tensor
    corrected: dict[str, int] = field(default_factory=dict)


@dataclass
class Setup:
    """Everything that a run needs, built.

    Attributes:
        model: body and head.
        trained: what the Learner holds: the model, or on activations the head behind the pooling.
        seconds: what each stage took.
    """

    spec: RunSpec
    device: torch.device
    photos: Photos
    model: nn.Sequential
    trained: nn.Module
    dls: DataLoaders
    seconds: dict[str, float] = field(default_factory=dict)


def prepare(spec: RunSpec, report: Report) -> Setup:
    """Photos, network and batches of a spec. Everything random depends on its two seeds alone (`draws`).

    Raises:
        LessonError: what the spec asks for cannot be trained: its labels, weights, or the run it starts from.
        StopAsked: `report` raised it.
    """
    where = device.choose()
    device.prepare(where)
    seconds = {}
    begun = awake.seconds()
    photos = labelled_photos(spec, report)
    seconds[translatable("photos")] = awake.seconds() - begun
    with drawn_by(seed_for(spec, WEIGHTS)):
        model = models.build(spec, len(photos.vocab), not spec.starts_from, report)
    if spec.starts_from:
        _same_breeds(spec, photos.vocab)
        models.load_run(model, spec.starts_from)
    if spec.precompute:
        begun = awake.seconds()
        setup = _on_activations(spec, where, photos, model, report)
        seconds[translatable("activations")] = awake.seconds() - begun
    else:
        setup = _on_photos(spec, where, photos, model)
    setup.seconds = seconds
    return setup


def labelled_photos(spec: RunSpec, report: Report) -> Photos:
    """The photos of a spec, decoded, labelled and split. Raises LessonError where they cannot be trained on.

    The learner's marks are applied after the split: the same photos are held out with and without them, but for
    those left out. Corrected labels of held-out photos change the measure itself; `corrected` says of how many.
    """
    dataset = catalog.recheck(catalog.resolve(spec.dataset), report)
    if not dataset.holds(spec.fingerprint):
        raise LessonError(
            tr("The photos of {dataset} have changed since this run was chosen.", dataset=dataset.title),
            tr("Train again, on them as they are."),
        )
    pixels = cache.build(dataset, cache.side_for(spec.size), report)
    names = [name for name in dataset.names if name in pixels]
    found = labels.label(names, spec.pattern, "pattern" if spec.pattern else dataset.labelled_by)
    labels.require_trainable(found)
    # Whoever trains before the photos were decoded on a page (a teacher who bakes) is told of copies too, afterwards.
    if spec.split == "together" or dataset.description.own:
        copies.find(pixels, report)
    train, valid = labels.split(
        names, found, spec.split_seed, spec.share, halves.wanted(dataset, spec.split, found, spec.split_seed)
    )
    corrected: dict[str, int] = {}
    if spec.marks:
        after = corrections.halves(found, train, valid, corrections.version(spec.dataset, spec.marks))
        found, train, valid, corrected = after.labels, after.train, after.valid, after.facts
    number = {breed: i for i, breed in enumerate(found.breeds)}
    learned, tested = (torch.tensor([number[found.of[name]] for name in part]) for part in (train, valid))
    return Photos(pixels, found.breeds, train, valid, learned, tested, corrected)


def learner(setup: Setup) -> Learner:
    """fastai's Learner on a setup: cross entropy, Adam, frozen or not, batch norm as the spec has it."""
    spec = setup.spec
    learn = Learner(
        setup.dls,
        setup.trained,
        loss_func=CrossEntropyLossFlat(),
        opt_func=FusedAdam,
        metrics=error_rate,
        splitter=models.splitter,
        train_bn=spec.batch_norm == "trained",
        cbs=[callbacks.MakeNextBatch(), callbacks.SeedDropout(spec)],
    )
    if hasattr(learn, "progress"):
        learn.remove_cb(learn.progress)  # fastai's own bar, for notebooks
    if spec.precompute:
        return learn
    if spec.frozen:
        learn.freeze()
    if spec.batch_norm == "fixed":
        learn.add_cb(callbacks.FixedBatchNorm(setup.model[0]))
    return device.mixed_precision(learn, setup.device)


def lr_max(spec: RunSpec) -> float | slice:
    """The spec's learning rate as fastai takes it."""
    rate = spec.learning_rate
    return slice(*rate) if isinstance(rate, tuple) else rate


def _same_breeds(spec: RunSpec, vocab: list[str]) -> None:
    parent = Run(spec.starts_from)
    if parent.exists() and parent.path("vocab.json").is_file() and parent.vocab() != vocab:
        raise LessonError(
            tr("The run {run} that this one goes on from tells other breeds apart.", run=spec.starts_from),
            tr("Train one on these labels first."),
        )


def _on_photos(spec: RunSpec, where: torch.device, photos: Photos, model: nn.Sequential) -> Setup:
    model.to(where).to(memory_format=torch.channels_last)
    train = batches.PhotoBatches(photos.cache, photos.train, spec, where, spec.augment)
    valid = batches.PhotoBatches(photos.cache, photos.valid, spec, where, False)
    dls = batches.loaders(train, photos.train_targets, valid, photos.valid_targets, spec, where)
    return Setup(spec, where, photos, model, model, dls)


def _on_activations(
    spec: RunSpec,
    where: torch.device,
    photos: Photos,
    model: nn.Sequential,
    report: Report,
) -> Setup:
    stored = Activations(photos.cache, spec)
    views = range(spec.views if spec.augment else 1)
    wanted = dict.fromkeys(views, photos.train) | {0: [*photos.train, *photos.valid]}
    stored.compute(lambda: model, wanted, report)
    train = FeatureBatches(stored.get(photos.train, views), where, generator(spec, VIEWS))
    valid = FeatureBatches(stored.get(photos.valid, [0]), where)
    trained = models.tail(model).to(where)
    dls = batches.loaders(train, photos.train_targets, valid, photos.valid_targets, spec, where)
    return Setup(spec, where, photos, model, trained, dls)
