"""What the page tells beyond one run's numbers: what the network saw, where it looked, what else was tried."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lessonkit import corrections, wording
from lessonkit.analysis import predictions, previews, repeats
from lessonkit.analysis.recipes import recipe_of
from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import LessonError, PhotoError
from lessonkit.figures import losses
from lessonkit.figures.style import plain_name
from lessonkit.language import tr
from lessonkit.lesson import luck
from lessonkit.photos import cache
from lessonkit.photos.images import open_photo
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.html import markup
from lessonkit.takehome.html.markup import Card
from lessonkit.takehome.lineage import Stage

SEEN = 6  # photos shown as the network sees them
LOOKED = 320  # pixels of the longer side of a photo under a heat map
OPACITY = 0.55


def seen(last: Stage) -> list[Card]:
    """Some photos as they go into the network, one of a breed, and one of them normalized."""
    spec = last.spec
    if not last.photos_here:
        return []
    squares = []
    shown = last.frame.sort_values("photo").drop_duplicates("actual").head(SEEN)
    for photo, breed in zip(shown["photo"].tolist(), shown["actual"].tolist(), strict=True):
        try:
            squares.append((photo, plain_name(breed), _middle(last, photo)))
        except PhotoError:
            continue
    cards = [Card(photo, markup.data_url(square), text=breed) for photo, breed, square in squares]
    if squares and spec.normalize == "model":
        facts, (photo, _, square) = ARCHITECTURES[spec.architecture], squares[0]
        normalized = previews.displayable(previews.normalize(square, facts.mean, facts.std))
        text = tr("The first one normalized, its least value black")
        cards.append(Card(photo, markup.data_url(normalized), text=text))
    return cards


def _middle(last: Stage, photo: str) -> np.ndarray:
    spec, side = last.spec, cache.side_for(last.spec.size)
    whole = cache.fitted(open_photo(last.dataset.path(photo), enough=side), side)
    top, left = (whole.shape[0] - spec.size) // 2, (whole.shape[1] - spec.size) // 2
    return np.ascontiguousarray(whole[top : top + spec.size, left : left + spec.size])


def rate_found(spec: RunSpec) -> go.Figure | None:
    """The curve of `lr_find`, where the learner had it drawn for this network and these photos."""
    job = lineage.rate_found(spec)
    if job is None:
        return None
    found = job.rate_found()
    return losses.lr_finder(found.lrs, found.losses, found.suggestion)


def where_it_looked(last: Stage) -> list[Card]:
    """Grad-CAM over the photo that it was most wrong about, for the breed it took it for and for the right one."""
    top = predictions.top_losses(last.frame, 1)
    if top.empty or not last.photos_here:
        return []
    row = top.iloc[0]
    from lessonkit.takehome import model  # torch, where the page is made and nowhere else

    try:
        found = model.heatmaps(last.run.id, row["photo"], [row["predicted"], row["actual"]])
        photo = np.asarray(open_photo(last.dataset.path(row["photo"]), max_side=LOOKED))
    except LessonError:
        return []
    cards = []
    for breed, role in ((row["predicted"], tr("what it said")), (row["actual"], tr("what it is"))):
        laid = previews.overlay(
            photo, np.asarray(found["maps"][breed], np.float32), OPACITY, found["box"], found["size"]
        )
        cards.append(Card(row["photo"], markup.data_url(laid), title=plain_name(breed), text=f", {role}"))
    return cards


class Cleaned(NamedTuple):
    """A run on corrected labels beside the one without corrections.

    Attributes:
        row: the run, how many corrections, and the three error rates.
        words: the run, and the two compared on the same test; "" where the first run's probabilities are gone.
    """

    row: list[str]
    words: str


def cleaning(last: Stage) -> list[Cleaned]:
    """What correcting labels changed: the run without corrections beside each one with some, on the same test."""
    found = lineage.marked(last.spec)
    if len(found) < 2 or found[0].spec().marks:
        return []
    cleaned = []
    for run in found[1:]:
        try:
            said = corrections.version(last.spec.dataset, run.spec().marks)
        except LessonError:
            continue
        rates, words = _before_and_after(found[0], run, said)
        words = tr("Run {run}: {compared}", run=run.id, compared=words) if words else ""
        cleaned.append(Cleaned([run.id, str(len(said)), *rates], words))
    return cleaned


def _remeasured(plain: Run, said: corrections.Marks) -> dict[int, pd.DataFrame]:
    """The answers of all trainings of a run's recipe, by seed, on the corrected labels."""
    found = {}
    for run in recipe_of(plain.id).done:
        probabilities = predictions.probabilities(run)
        if probabilities is not None:
            found[run.spec().seed] = corrections.remeasured(predictions.read(run), probabilities, run.vocab(), said)
    return found


def _before_and_after(plain: Run, run: Run, said: corrections.Marks) -> tuple[list[str], str]:
    """The three error rates, of the trainings that count, and the last two compared in words.

    Where no training without corrections has its probabilities any more: of the two runs alone, without words.
    """
    before, after = lineage.trainings(plain), lineage.trainings(run)
    fair = _remeasured(plain, said)
    if not fair:
        rates = [wording.percent(predictions.error_rate(predictions.read(one))) for one in (plain, run)]
        return [rates[0], "–", rates[1]], ""
    found = repeats.compare(fair, after)
    three = (repeats.mean_error(before, found.seeds[0]), found.before.mean, found.after.mean)
    return [wording.percent(rate) for rate in three], luck.repeats_words(tr("before"), tr("after"), found)
