"""The lesson's four runs on its default choices."""

from __future__ import annotations

import functools

from lessonkit.analysis.recipes import REPEATS
from lessonkit.photos import own_photos
from lessonkit.photos.dataset import Dataset
from lessonkit.spec import RunSpec

# The lesson's results by name: the four runs, and the larger network of its end.
FRESH, MORE, NAIVE, RIGHT = "frozen", "more-epochs", "unfrozen", "unfrozen-slice"
LARGE, LARGE_UNFROZEN = "resnet50", "resnet50-unfrozen"
EXTRA_EPOCHS = 40
# fastai's `defaults.lr`: what `fit_one_cycle(1)` uses where no rate is given.
FASTAI_RATE = 1e-3
LESSON_SLICE = (1e-6, 1e-4)
# One small rate for all layers, the slice's high end: beside the slice it shows what the spread of the rates is worth.
SMALL = "unfrozen-small"
SMALL_RATE = LESSON_SLICE[1]
# On a CPU: one layer instead of fastai's two, at 2e-3. On 590 photos of 37 breeds, 10 splits of 3 seeds, four epochs: 20.7 % wrong
# with fastai's head at 3e-3, 18.2 % with this one (standard error of the difference 0.5), in a third of the head's time;
# with 20 to 50 % of these photos, and on drawn pets, it is ahead too. At rates of 1.2e-3, 1.5e-3, 2e-3 and 2.5e-3: 18.1, 17.9, 18.2 and
# 18.7 %. What changed nothing beyond its standard error: other batches, dropout, weight decay, label smoothing, averaged
# weights, one of the two poolings alone, one to eight views.
CPU_HEAD, CPU_RATE = "linear", 2e-3


def default_specs(dataset: Dataset, device_kind: str) -> dict[str, RunSpec]:
    """The lesson's runs on a dataset, by name: "frozen", and "more-epochs", "unfrozen", "unfrozen-slice" from it.

    Args:
        dataset: its fingerprint is filled in where it is on this machine.
        device_kind: "cuda", "mps" or "cpu": what the engine trains on.
    """
    fingerprint = dataset.fingerprint if dataset.present else ""
    split = "given" if own_photos.of_a_class(dataset) else RunSpec.split
    return from_stage(_usual(dataset.name, fingerprint, dataset.pattern, split, device_kind == "cpu"), device_kind)


@functools.lru_cache(maxsize=64)
def _usual(dataset: str, fingerprint: str, pattern: str, split: str, on_cpu: bool) -> RunSpec:
    spec = RunSpec(dataset, fingerprint, pattern, split=split)
    if on_cpu:
        return spec.but(head=CPU_HEAD, learning_rate=CPU_RATE)
    return spec.but(architecture="resnet34", size=224, batch_size=64, precompute=False, batch_norm="trained")


def small_rate(stage: RunSpec) -> RunSpec:
    """The stage unfrozen at one small rate, for as long as with the slice: not among the lesson's own runs."""
    return from_stage(stage, "")[RIGHT].but(learning_rate=SMALL_RATE)


def repeats(spec: RunSpec) -> int:
    """How often a recipe is trained where nobody says so: REPEATS times where a repeat costs a second, else once."""
    return REPEATS if spec.precompute else 1


def from_stage(stage: RunSpec, device_kind: str) -> dict[str, RunSpec]:
    """The lesson's runs with the learner's own frozen run as the first, and the others going on from it.

    The unfrozen ones keep the stage's choice of batch norm: a head that was trained on fixed statistics does badly
    on trained ones.
    """
    more, naive, right = _going_on(stage)
    return {FRESH: stage, MORE: more, NAIVE: naive, RIGHT: right}


@functools.lru_cache(maxsize=256)
def _going_on(stage: RunSpec) -> tuple[RunSpec, RunSpec, RunSpec]:
    on = stage.but(starts_from=stage.id, seed=0)
    unfrozen = on.but(frozen=False, precompute=False)
    return (
        on.but(epochs=EXTRA_EPOCHS),
        unfrozen.but(epochs=1, learning_rate=FASTAI_RATE),
        unfrozen.but(epochs=2, learning_rate=LESSON_SLICE),
    )
