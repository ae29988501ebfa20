"""The whole lesson as one HTML file: choices, numbers, figures, mistakes and code, readable without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from lessonkit import language, wording
from lessonkit.analysis import calibration, predictions, repeats
from lessonkit.analysis.recipes import recipe_of
from lessonkit.architectures import ARCHITECTURES
from lessonkit.figures import breeds, compare, confidence, confusion, losses
from lessonkit.figures.style import plain_name
from lessonkit.language import decimal, tr, translatable
from lessonkit.lesson import error_rates, luck, overfitting
from lessonkit.lesson.trainings import means_words, spread_words
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.html import markup, sections, words
from lessonkit.takehome.lineage import Quiz, Stage
from lessonkit.takehome.notebook.document import story_cells

MISTAKES = 12  # photos shown
PAIRS = 12  # rows of the table of confused breeds


def page(run_id: str, quiz: Quiz | None = None) -> bytes:
    """The page of a run, of those that it goes on from and of those that began as it did; UTF-8 HTML in the language of now.

    Args:
        quiz: the learner's own guesses on these photos, to be told too.

    Raises:
        LessonError: the run, or one that it goes on from, has no model.
    """
    chain = lineage.chain(run_id)
    last = chain[-1]
    template = markup.environment().get_template("page.html.j2")
    calibration_error = calibration.calibration_error(calibration.reliability(last.frame))
    return template.render(
        plotly_js=Markup(get_plotlyjs()),
        lang=language.current().replace("_", "-"),
        words=words.headings(),
        columns=words.columns(),
        of_run=words.of_run(last, quiz, calibration_error),
        last=last,
        network=ARCHITECTURES[last.spec.architecture].title,
        breeds=len(last.run.vocab()),
        repeats=_repeats(last),
        chain=chain,
        choices=[(tr(name), [say(stage.spec) for stage in chain]) for name, say in _CHOICES],
        seen=sections.seen(last),
        looked=sections.where_it_looked(last),
        cleaned=sections.cleaning(last),
        source=_source(last),
        **_training(chain),
        **_mistakes(last),
        **_relatives(lineage.relatives(chain), last),
        charts=_charts(chain),
    ).encode()


def _repeats(last: Stage) -> str:
    """How all trainings of the recipe ended, and which of them this page is of; "" where there is no other."""
    if last.trainings.n < 2:
        return ""
    kept = recipe_of(last.run.id).kept
    ended = tr("Trained with these choices, the network named wrongly {spread}.", spread=spread_words(last.trainings))
    if kept is not None and kept.id == last.run.id:
        which = tr("This page shows the training with seed {seed}, the one that is kept.", seed=last.spec.seed)
    else:
        which = tr("This page shows the training with seed {seed}.", seed=last.spec.seed)
    return f"{ended} {which}"


_CHOICES: tuple[tuple[str, Callable[[RunSpec], str]], ...] = (
    (translatable("pattern"), lambda s: s.pattern or tr("folders name the breeds")),
    (translatable("network"), lambda s: ARCHITECTURES[s.architecture].title),
    (translatable("begins with"), lambda s: tr("run {run}", run=s.starts_from) if s.starts_from else _weights(s)),
    (translatable("head"), lambda s: tr(wording.HEADS[s.head])),
    (translatable("trained"), lambda s: tr("the head alone") if s.frozen else tr("the whole network")),
    (translatable("epochs"), lambda s: str(s.epochs)),
    (translatable("learning rate"), lambda s: wording.rate_said(s.learning_rate)),
    (translatable("photo size"), lambda s: tr("{size} × {size} pixels", size=s.size)),
    (translatable("photos a batch"), lambda s: str(s.batch_size)),
    (translatable("augmentation"), lambda s: tr("on") if s.augment else tr("off")),
    (translatable("normalization"), lambda s: tr("as the weights expect") if s.normalize == "model" else tr("none")),
    (
        translatable("batch norm"),
        lambda s: tr("statistics trained") if s.batch_norm == "trained" else tr("statistics fixed"),
    ),
    (translatable("activations"), lambda s: tr("computed once") if s.precompute else tr("computed for each batch")),
    (translatable("share of the photos"), lambda s: wording.pointed(f"{100 * s.share:g} %")),
    (translatable("corrected labels"), lambda s: tr("version {marks}", marks=s.marks) if s.marks else tr("none")),
    (translatable("held out"), lambda s: tr(wording.HELD_OUT[s.split])),
    (translatable("seed of the split"), lambda s: str(s.split_seed)),
    (translatable("seed"), lambda s: str(s.seed)),
)
"""What a learner chooses, by name, and how a choice is said: a column a run, or one cell where all runs share it."""


def _weights(spec: RunSpec) -> str:
    return tr("ImageNet’s weights") if spec.pretrained else tr("random weights")


def _charts(chain: Sequence[Stage]) -> dict[str, Markup]:
    """The page's charts by name; one that there is nothing to draw of is not among them, and reads as "" there."""
    last, curve = chain[-1], predictions.learning_curve([stage.run for stage in chain])
    verdict = predictions.overfitting(curve)
    counts = {str(breed): int(n) for breed, n in last.frame["actual"].value_counts().items()}
    drawn = {
        "photos": breeds.photos_a_breed({breed: counts.get(breed, 0) for breed in last.run.vocab()}),
        "rate_found": sections.rate_found(chain[0].spec),
        "losses": losses.loss_curves(curve, verdict.best_epoch if verdict else None, predictions.starts(curve)),
        "confusion": confusion.confusion_matrix(predictions.confusion(last.frame, last.run.vocab())),
    }
    events, sure = pd.DataFrame(last.run.events()[0]), calibration.reliability(last.frame)
    drawn["rates"] = losses.rates(events) if len(events) else None
    drawn["reliability"] = confidence.reliability_diagram(sure) if len(sure) else None
    return {name: markup.chart(figure) if figure is not None else Markup() for name, figure in drawn.items()}


def _training(chain: Sequence[Stage]) -> dict[str, Any]:
    trained = []
    for stage in chain:
        epochs = [
            [
                str(int(r["epoch"])),
                *(wording.pointed(f"{r[name]:.4f}") for name in ("train_loss", "valid_loss", "error_rate")),
                wording.pointed(f"{r['seconds']:.1f}"),
            ]
            for r in stage.run.history()
        ]
        code = f"learn.fit_one_cycle({stage.spec.epochs}, {wording.rate(stage.spec.learning_rate)})"
        trained.append((stage.title, code, epochs))
    verdict = predictions.overfitting(predictions.learning_curve([stage.run for stage in chain]))
    photos = chain[-1].run.status().facts.get("valid_photos", 0)
    found = repeats.compare(*(lineage.trainings(stage.run) for stage in chain[-2:])) if len(chain) > 1 else None
    return {"trained": trained, "overfitting": overfitting.judged_words(verdict, photos, found)}


def _mistakes(last: Stage) -> dict[str, Any]:
    pairs = predictions.most_confused(last.frame).head(PAIRS)
    return {
        "noise": " ".join(filter(None, (error_rates.noise_words(last.outcome), _always(last)))),
        "mistakes": _cards(last, predictions.top_losses(last.frame, MISTAKES)),
        "confused": [
            [plain_name(str(p.actual)), plain_name(str(p.predicted)), str(p.photos)] for p in pairs.itertuples()
        ],
    }


def _always(last: Stage) -> str:
    """What the error rate is worth beside naming the commonest breed always, and that few photos count much each."""
    breed, always = predictions.commonest(last.frame)
    return error_rates.baseline_words(last.error_rate, plain_name(breed), always, len(last.frame)).replace("**", "")


def _cards(last: Stage, top: pd.DataFrame) -> list[markup.Card]:
    here = last.photos_here
    found = []
    for row in top.to_dict("records"):
        photo, actual, predicted = str(row["photo"]), plain_name(str(row["actual"])), plain_name(str(row["predicted"]))
        sure = tr(
            "loss {loss}, {share} sure; {right} for the right breed",
            loss=wording.pointed(f"{row['loss']:.2f}"),
            share=wording.percent(row["probability"]),
            right=wording.percent(row["probability_actual"]),
        )
        text = " " + tr("It is {breed}.", breed=actual)
        image = markup.thumbnail(last.dataset, photo) if here else {}
        found.append(markup.Card(photo, title=f"{predicted}?", text=text, small=(sure, photo), **image))
    return found


def _relatives(kin: Sequence[Stage], last: Stage) -> dict[str, Any]:
    """All runs from the same beginning, beside one another; nothing where there is but one."""
    if len(kin) < 2:
        return {"kin": [], "kin_chart": Markup(), "kin_title": "", "kin_means": "", "compared": []}
    rows = []
    for stage in kin:
        seconds = stage.outcome.seconds_an_epoch
        rows.append(
            [
                stage.run.id,
                stage.spec.starts_from or "–",
                tr("{run} (this one)", run=stage.title) if stage.run.id == last.run.id else stage.title,
                wording.percent(stage.error_rate),
                spread_words(stage.trainings),
                wording.loss(stage.valid_loss),
                f"{decimal(seconds, 1)} s" if stage.epochs else "–",
            ]
        )
    # one bar of each recipe, though two of its trainings may be kin
    recipes = {stage.spec.recipe: stage for stage in reversed(kin)}
    shown = list(reversed(recipes.values()))
    names = [_unique(stage, shown) for stage in shown]
    trained = [lineage.trainings(stage.run) for stage in shown]
    counting = repeats.paired(*trained)  # in the bars and in the words
    levels = repeats.levels(
        [replace(stage.outcome, name=name) for stage, name in zip(shown, names, strict=True)],
        [{seed: (predictions.error_rate(f), float(f["loss"].mean())) for seed, f in of.items()} for of in counting],
    )
    means = means_words(names, levels.counted, sum(map(len, trained)) - sum(levels.counted))
    return {
        "kin": rows,
        "kin_chart": markup.chart(compare.runs_side_by_side(pd.DataFrame([vars(one) for one in levels.outcomes]))),
        "kin_title": tr("All runs side by side, by the means of their trainings")
        if means
        else tr("All runs side by side"),
        "kin_means": means,
        "compared": _compared(kin, {s.spec.recipe: one for s, *one in zip(shown, names, counting, strict=True)}),
    }


def _compared(kin: Sequence[Stage], recipes: dict[str, list[Any]]) -> list[str]:
    """Each recipe beside the one that it goes on from, in words.

    Args:
        recipes: of the kin, by their ids: a name, and the predictions of the trainings that count, by seed.
    """
    of_run = {stage.run.id: stage.spec.recipe for stage in kin}
    before = ((of_run.get(stage.spec.starts_from), stage.spec.recipe) for stage in kin)
    pairs = [(recipes[one], recipes[other]) for one, other in dict.fromkeys(before) if one]
    return [luck.repeats_words(name, other, repeats.compare(of, of_other)) for (name, of), (other, of_other) in pairs]


def _unique(stage: Stage, kin: Sequence[Stage]) -> str:
    twins = sum(other.title == stage.title for other in kin)
    return f"{stage.title} ({stage.run.id})" if twins > 1 else stage.title


def _source(last: Stage) -> str | None:
    """The lesson as plain fastai, as the notebook runs it; None where the photos are gone, whose names it needs."""
    if not last.photos_here:
        return None
    return "\n\n".join(cell.source for cell in story_cells(lineage.told(last.run.id), last.run.id) if cell.code)
