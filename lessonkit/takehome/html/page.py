"""The whole lesson as one HTML file: choices, numbers, figures, mistakes and code, readable without a network."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
import pandas as pd
from plotly.offline import get_plotlyjs

from lessonkit import wording
from lessonkit.analysis import predictions
from lessonkit.analysis.comparison import Pairs, paired
from lessonkit.architectures import ARCHITECTURES
from lessonkit.figures import breeds, compare, confusion, losses
from lessonkit.figures.style import plain_name
from lessonkit.lesson import verdicts
from lessonkit.photos import catalog
from lessonkit.takehome import lineage
from lessonkit.takehome.html import markup, sections
from lessonkit.takehome.html.markup import figure, section, table, words
from lessonkit.takehome.html.style import CSS
from lessonkit.takehome.lineage import Quiz, Stage
from lessonkit.takehome.notebook.document import story_cells
from lessonkit.wording import percent

MISTAKES = 12  # photos shown
PAIRS = 12  # rows of the table of confused breeds


def page(run_id: str, quiz: Quiz | None = None) -> bytes:
    """The page of a run, of those that it goes on from and of those that began as it did; UTF-8 HTML.

    Args:
        quiz: the learner's own guesses on these photos, to be told too.

    Raises:
        LessonError: the run, or one that it goes on from, has no model.
    """
    chain = lineage.chain(run_id)
    last = chain[-1]
    kin = lineage.relatives(chain[0])
    parts = [
        _opening(last, quiz),
        section("What you chose", _choices(chain)),
        section("The photos", *_photos(last), *sections.seen(last)),
        section("How it learned", *_training(chain)),
        section("What it got wrong", *_mistakes(last)),
        section("How sure it was", *sections.how_sure(last)),
    ]
    if len(kin) > 1:
        parts.append(section("All runs from the same beginning", *_runs(kin, last)))
    if cleaned := sections.cleaning(last):
        parts.append(section("Cleaned and trained again", *cleaned))
    parts += [section("The code", *_code(last)), _closing(last)]
    return _document(f"What’s your pet? {percent(last.error_rate)} wrong", parts).encode()


def _document(title: str, parts: Iterable[str]) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><style>{CSS}</style><script>{get_plotlyjs()}</script></head>\n<body><main>'
        + "\n".join(parts)
        + "</main></body></html>\n"
    )


def _opening(last: Stage, quiz: Quiz | None) -> str:
    dataset = catalog.get(last.spec.dataset)
    wrong = int((~last.frame["correct"].astype(bool)).sum())
    tiles = [
        (percent(last.error_rate), f"error rate: {wrong} of {len(last.frame)} photos named wrongly"),
        (wording.loss(last.valid_loss), "valid loss"),
        (str(len(last.run.vocab())), "breeds told apart"),
        (ARCHITECTURES[last.spec.architecture].title, "network"),
    ]
    shown = "".join(f"<div><b>{escape(big)}</b><span>{escape(small)}</span></div>" for big, small in tiles)
    return (
        f"<header><h1>What’s your pet?</h1><p>The lesson as you did it, on {escape(dataset.title)}. "
        f"Every number here comes from a run on your machine{_on(last)}.</p></header><div class=tiles>{shown}</div>"
        + "".join(sections.guesses(quiz, last))
    )


def _on(last: Stage) -> str:
    status = last.run.status()
    day = time.strftime(" on %d %B %Y", time.localtime(status.ended_at)) if status.ended_at else ""
    return f"{day} ({escape(status.device)})" if status.device else day


def _choices(chain: Sequence[Stage]) -> str:
    """The choices as a table, a column a run; one that all runs share stands once, across the columns."""
    head = "".join(f"<th>{escape(stage.title)}</th>" for stage in chain)
    rows = []
    for name, say in _CHOICES:
        values = [escape(say(stage.spec)) for stage in chain]
        if len(set(values)) == 1:
            cells = f"<td colspan={len(chain)}>{values[0]}</td>"
        else:
            cells = "".join(f"<td>{value}</td>" for value in values)
        rows.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    return f"<div class=wide><table><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"


_CHOICES = (
    ("pattern", lambda s: s.pattern or "folders name the breeds"),
    ("network", lambda s: ARCHITECTURES[s.architecture].title),
    ("begins with", lambda s: f"run {s.starts_from}" if s.starts_from else _WEIGHTS[s.pretrained]),
    ("trained", lambda s: "the head alone" if s.frozen else "the whole network"),
    ("epochs", lambda s: str(s.epochs)),
    ("learning rate", lambda s: wording.rate(s.learning_rate)),
    ("photo size", lambda s: f"{s.size} × {s.size} pixels"),
    ("photos a batch", lambda s: str(s.batch_size)),
    ("augmentation", lambda s: "on" if s.augment else "off"),
    ("normalization", lambda s: "as the weights expect" if s.normalize == "model" else "none"),
    ("batch norm", lambda s: f"statistics {s.batch_norm}"),
    ("activations", lambda s: "computed once" if s.precompute else "computed for each batch"),
    ("share of the photos", lambda s: f"{100 * s.share:g} %"),
    ("corrected labels", lambda s: f"version {s.marks}" if s.marks else "none"),
    ("held out", lambda s: wording.HELD_OUT[s.split]),
    ("seed of the split", lambda s: str(s.split_seed)),
    ("seed", lambda s: str(s.seed)),
)
_WEIGHTS = {True: "ImageNet’s weights", False: "random weights"}


def _photos(last: Stage) -> list[str]:
    dataset, facts = catalog.get(last.spec.dataset), last.run.status().facts
    counts = {str(breed): int(n) for breed, n in last.frame["actual"].value_counts().items()}
    counts = {breed: counts.get(breed, 0) for breed in last.run.vocab()}
    said = (
        f"{dataset.about} {facts.get('train_photos', 0):,} photos were trained on, "
        f"{len(last.frame):,} others held out to test with."
    )
    return [words(said), figure(breeds.photos_a_breed(counts), "Photos held out, by breed")]


def _training(chain: Sequence[Stage]) -> list[str]:
    found = sections.rate_found(chain[0].spec)
    for stage in chain:
        epochs = [
            [str(int(r["epoch"])), f"{r['train_loss']:.4f}", f"{r['valid_loss']:.4f}", f"{r['error_rate']:.4f}",
             f"{r['seconds']:.1f}"]
            for r in stage.run.history()
        ]  # fmt: skip
        rows_of = table(["epoch", "train_loss", "valid_loss", "error_rate", "seconds"], epochs, "numbers")
        code = f"learn.fit_one_cycle({stage.spec.epochs}, {wording.rate(stage.spec.learning_rate)})"
        found.append(
            f"<details{' open' if len(epochs) <= 10 else ''}><summary>{escape(stage.title)} <code>{escape(code)}</code>"
            f"</summary>{rows_of}</details>"
        )
    curve = predictions.learning_curve([stage.run for stage in chain])
    verdict = predictions.overfitting(curve)
    best = verdict.best_epoch if verdict else None
    found.append(figure(losses.loss_curves(curve, best, predictions.starts(curve)), "Losses and error rate by epoch"))
    found.append(words(verdicts.overfitting_words(verdict, chain[-1].run.status().facts.get("valid_photos", 0))))
    events = pd.DataFrame(chain[-1].run.events()[0])
    if len(events):
        found.append(figure(losses.rates(events), "Learning rate and momentum of the last run"))
    return found


def _mistakes(last: Stage) -> list[str]:
    vocab, frame = last.run.vocab(), last.frame
    found = [words(verdicts.noise_words(last.outcome))]
    top = predictions.top_losses(frame, MISTAKES)
    if top.empty:
        return [*found, words("It got none of them wrong.")]
    found += [markup.heading("The photos it was most wrong about"), markup.cards(_cards(last, top))]
    found += sections.where_it_looked(last)
    found.append(figure(confusion.confusion_matrix(predictions.confusion(frame, vocab)), "Confusion matrix"))
    pairs = predictions.most_confused(frame).head(PAIRS)
    rows = [[plain_name(str(p.actual)), plain_name(str(p.predicted)), str(p.photos)] for p in pairs.itertuples()]
    return [*found, markup.heading("Most confused"), table(["it is", "taken for", "photos"], rows)]


def _cards(last: Stage, top: pd.DataFrame) -> Iterable[tuple[str, str]]:
    here = lineage.photos_here(last.spec)
    for row in top.to_dict("records"):
        photo, actual, predicted = str(row["photo"]), plain_name(str(row["actual"])), plain_name(str(row["predicted"]))
        image = markup.thumbnail(last.spec.dataset, photo) if here else ""
        sure = f"{percent(row['probability'])} sure; {percent(row['probability_actual'])} for the right breed"
        yield (
            image,
            f"<b>{escape(predicted)}?</b> It is {escape(actual)}.<br>"
            f"<small>loss {row['loss']:.2f}, {sure}<br>{escape(photo)}</small>",
        )


def _runs(kin: Sequence[Stage], last: Stage) -> list[str]:
    rows = []
    for stage in kin:
        history = stage.run.history()
        seconds = f"{np.mean([r['seconds'] for r in history]):.1f}" if history else "–"
        before = stage.spec.starts_from or "–"
        name = f"{stage.title}{' (this one)' if stage.run.id == last.run.id else ''}"
        rows.append(
            [stage.run.id, before, name, percent(stage.error_rate), wording.loss(stage.valid_loss), f"{seconds} s"]
        )
    found = [table(["run", "goes on from", "trained", "error rate", "valid loss", "an epoch"], rows)]
    outcomes = [stage.outcome for stage in kin]
    frame = pd.DataFrame(
        {
            "name": [_unique(stage, kin) for stage in kin],
            "valid_loss": [o.valid_loss for o in outcomes],
            "error_rate": [o.error_rate for o in outcomes],
            "seconds_an_epoch": [o.seconds_an_epoch for o in outcomes],
            "photos": [o.photos for o in outcomes],
        }
    )
    found.append(figure(compare.runs_side_by_side(frame), "All runs side by side"))
    by_id = {stage.run.id: stage for stage in kin}
    for stage in kin:
        if before := by_id.get(stage.spec.starts_from):
            found.append(words(verdicts.comparison_words(before.outcome, stage.outcome, _turned(before, stage))))
    return found


def _unique(stage: Stage, kin: Sequence[Stage]) -> str:
    twins = sum(other.title == stage.title for other in kin)
    return f"{stage.title} ({stage.run.id})" if twins > 1 else stage.title


def _turned(before: Stage, after: Stage) -> Pairs | None:
    """How the answers changed; None where the two were not tested with the same photos."""
    if set(before.frame["photo"]) != set(after.frame["photo"]):
        return None
    return paired(before.frame, after.frame)


def _code(last: Stage) -> list[str]:
    if not lineage.photos_here(last.spec):
        return [words("The photos are no longer here, and without their names the code cannot be written out.")]
    source = "\n\n".join(cell.source for cell in story_cells(lineage.told(last.run.id), last.run.id) if cell.code)
    return [
        words("The same in plain fastai, as the notebook runs it."),
        f"<details><summary>Show it</summary><pre><code>{escape(source)}</code></pre></details>",
    ]


def _closing(last: Stage) -> str:
    dataset = catalog.get(last.spec.dataset)
    return (
        f"<footer><p>Photos: {escape(dataset.licence)}</p><p>After fast.ai’s “Practical Deep Learning for Coders”, "
        f"lesson 1. Run {escape(last.run.id)}.</p></footer>"
    )
