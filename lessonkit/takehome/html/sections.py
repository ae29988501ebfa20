"""What the page tells beyond one run's numbers: what the network saw, where it looked, how sure it was; what else was
tried. Each function returns pieces of HTML, none where there is nothing to tell."""

from __future__ import annotations

from html import escape

import numpy as np

from lessonkit import corrections
from lessonkit.analysis import calibration, predictions, previews
from lessonkit.analysis.comparison import outcomes
from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import LessonError, PhotoError
from lessonkit.figures import confidence, losses
from lessonkit.figures.style import plain_name
from lessonkit.lesson import verdicts
from lessonkit.photos import cache, catalog
from lessonkit.photos.images import open_photo
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.html import markup
from lessonkit.takehome.lineage import Quiz, Stage
from lessonkit.wording import percent

SEEN = 6  # photos shown as the network sees them
LOOKED = 320  # pixels of the longer side of a photo under a heat map
OPACITY = 0.55


def seen(last: Stage) -> list[str]:
    """Some photos as they go into the network, one of a breed, and one of them normalized."""
    spec = last.spec
    if not lineage.photos_here(spec):
        return []
    squares = []
    shown = last.frame.sort_values("photo").drop_duplicates("actual").head(SEEN)
    for photo, breed in zip(shown["photo"].tolist(), shown["actual"].tolist(), strict=True):
        try:
            squares.append((photo, plain_name(breed), _middle(spec, photo)))
        except PhotoError:
            continue
    if not squares:
        return []
    pictures = [(markup.picture(square, photo), escape(breed)) for photo, breed, square in squares]
    if spec.normalize == "model":
        facts, (photo, _, square) = ARCHITECTURES[spec.architecture], squares[0]
        shown = previews.displayable(previews.normalize(square, facts.mean, facts.std))
        pictures.append((markup.picture(shown, photo), "The first one normalized, its least value black"))
    said = f"To be tested, each photo is cut to its middle, {spec.size} × {spec.size} pixels."
    return [markup.heading("As the network sees them"), markup.words(said), markup.cards(pictures)]


def _middle(spec: RunSpec, photo: str) -> np.ndarray:
    side = cache.side_for(spec.size)
    whole = cache.fitted(open_photo(catalog.photos_folder(spec.dataset) / photo, enough=side), side)
    top, left = (whole.shape[0] - spec.size) // 2, (whole.shape[1] - spec.size) // 2
    return np.ascontiguousarray(whole[top : top + spec.size, left : left + spec.size])


def rate_found(spec: RunSpec) -> list[str]:
    """The curve of `lr_find`, where the learner had it drawn for this network and these photos."""
    job = lineage.rate_found(spec)
    if job is None:
        return []
    found = job.result
    drawn = losses.lr_finder(found["lrs"], found["losses"], found.get("suggestion"))
    return [markup.figure(drawn, "The learning-rate finder: loss while the rate is raised, batch by batch")]


def how_sure(last: Stage) -> list[str]:
    """Whether the network is as often right as it is sure."""
    table = calibration.reliability(last.frame)
    if table.empty:
        return []
    error = calibration.calibration_error(table)
    words = (
        f"On average its confidence and how often it is right are {100 * error:.1f} points apart: the expected "
        f"calibration error, of {len(last.frame):,} photos."
    )
    return [markup.figure(confidence.reliability_diagram(table), "How sure, and how often right"), markup.words(words)]


def where_it_looked(last: Stage) -> list[str]:
    """Grad-CAM over the photo that it was most wrong about, for the breed it took it for and for the right one."""
    top = predictions.top_losses(last.frame, 1)
    if top.empty or not lineage.photos_here(last.spec):
        return []
    row = top.iloc[0]
    from lessonkit.takehome import model  # torch, where the page is made and nowhere else

    try:
        found = model.heatmaps(last.run.id, row["photo"], [row["predicted"], row["actual"]])
        photo = np.asarray(open_photo(catalog.photos_folder(last.spec.dataset) / row["photo"], max_side=LOOKED))
    except LessonError:
        return []
    pictures = []
    for breed, role in ((row["predicted"], "what it said"), (row["actual"], "what it is")):
        laid = previews.overlay(
            photo, np.asarray(found["maps"][breed], np.float32), OPACITY, found["box"], found["size"]
        )
        pictures.append((markup.picture(laid, row["photo"]), f"<b>{escape(plain_name(breed))}</b>, {role}"))
    words = "Grad-CAM over the photo that it was most wrong about: the lighter, the more speaks for that breed."
    return [markup.heading("Where it looked"), markup.words(words), markup.cards(pictures)]


def guesses(quiz: Quiz | None, last: Stage) -> list[str]:
    """The learner's own error rate beside the network's."""
    if not quiz:
        return []
    guessed, wrong = quiz
    words = (
        f"You guessed {guessed} of these photos, four choices each, and {wrong} of them wrongly: {percent(wrong / guessed)}. "
        f"The network, with {len(last.run.vocab())} breeds to choose from, named {percent(last.error_rate)} wrongly."
    )
    return [markup.words(words)]


def cleaning(last: Stage) -> list[str]:
    """What correcting labels changed: the run without corrections beside each one with some, on the same test."""
    found = lineage.marked(last.spec)
    if len(found) < 2 or found[0].spec().marks:
        return []
    plain, rows, worth = found[0], [], []
    for run in found[1:]:
        try:
            said = corrections.version(last.spec.dataset, run.spec().marks)
        except LessonError:
            continue
        rates, verdict = _before_and_after(plain, run, said)
        rows.append([run.id, str(len(said)), *rates])
        worth += [markup.words(f"Run {run.id}: {verdict}")] if verdict else []
    if not rows:
        return []
    head = [
        "run",
        "corrections",
        "before, on the labels as they were",
        "before, on the corrected ones",
        "after, on those",
    ]
    words = "The same training on corrected labels. Corrections change the test too, so compare the last two columns."
    return [markup.words(words), markup.table(head, rows), *worth]


def _before_and_after(plain: Run, run: Run, said: corrections.Marks) -> tuple[list[str], str]:
    """The three error rates, and the last two compared in words ("" where the first run's probabilities are gone)."""
    before, probabilities = predictions.read(plain), predictions.probabilities(plain)
    after = predictions.read(run)
    first, last = (percent(predictions.error_rate(frame)) for frame in (before, after))
    if probabilities is None:
        return [first, "–", last], ""
    fair = corrections.remeasured(before, probabilities, plain.vocab(), said)
    ended = outcomes(("before", fair, plain.history()), ("after", after, run.history()))
    words = verdicts.comparison_words(*ended)
    return [first, percent(predictions.error_rate(fair)), last], words
