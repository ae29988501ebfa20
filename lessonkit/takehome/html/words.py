"""What the page says around its numbers, in the language of now. The templates have no words of their own."""

from __future__ import annotations

import time
from datetime import date

from lessonkit import language
from lessonkit.language import decimal, tr, trn
from lessonkit.photos.dataset import Description
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Quiz, Stage
from lessonkit.wording import percent


def headings() -> dict[str, str]:
    """Headings, captions and what does not depend on a run, by the name under which the template asks for it."""
    return {
        "pet": tr("What’s your pet?"),
        "valid_loss": tr("valid loss"),
        "breeds": tr("breeds told apart"),
        "network": tr("network"),
        "chose": tr("What you chose"),
        "photos": tr("The photos"),
        "by_breed": tr("Photos held out, by breed"),
        "seen": tr("As the network sees them"),
        "learned": tr("How it learned"),
        "rate_found": tr("The learning-rate finder: loss while the rate is raised, batch by batch"),
        "losses": tr("Losses and error rate by epoch"),
        "rates": tr("Learning rate and momentum of the last run"),
        "wrong": tr("What it got wrong"),
        "mistakes": tr("The photos it was most wrong about"),
        "looked": tr("Where it looked"),
        "grad_cam": tr(
            "Grad-CAM over the photo that it was most wrong about: the lighter, the more speaks for that breed."
        ),
        "matrix": tr("Confusion matrix"),
        "confused": tr("Most confused"),
        "none_wrong": tr("It got none of them wrong."),
        "sure": tr("How sure it was"),
        "reliability": tr("How sure, and how often right"),
        "kin": tr("All runs from the same beginning"),
        "cleaned": tr("Cleaned and trained again"),
        "same_training": tr(
            "The same training on corrected labels. Corrections change the test too, so compare the last two columns. Where both "
            "were trained several times, the error rates are means over the seeds that both have."
        ),
        "code": tr("The code"),
        "no_code": tr("The photos are no longer here, and without their names the code cannot be written out."),
        "plain": tr("The same in plain fastai, as the notebook runs it."),
        "show": tr("Show it"),
    }


def columns() -> dict[str, list[str]]:
    """The heads of the tables. What fastai calls a column stays as it is."""
    return {
        "epochs": [tr("epoch"), "train_loss", "valid_loss", "error_rate", tr("seconds")],
        "confused": [tr("it is"), tr("taken for"), tr("photos")],
        "kin": [
            tr("run"), tr("goes on from"), tr("trained"), tr("error rate, this run"), tr("all its trainings"), tr("valid loss, this run"),
            tr("an epoch"),
        ],
        "cleaned": [
            tr("run"), tr("corrections"), tr("before, on the labels as they were"), tr("before, on the corrected ones"),
            tr("after, on those"),
        ],
    }  # fmt: skip


def of_run(last: Stage, quiz: Quiz | None, calibration_error: float) -> dict[str, str]:
    """The sentences on a run, by name.

    Args:
        quiz: the learner's own guesses; None where there are none, and then there is no sentence on them.
        calibration_error: 0 to 1.
    """
    about, status, tested = last.dataset.description, last.run.status(), len(last.frame)
    wrong = int((~last.frame["correct"].astype(bool)).sum())
    return {
        "title": tr("What’s your pet? {share} wrong", share=percent(last.error_rate)),
        "opening": _opening(
            lineage.shown_title(last.dataset), _day(status.ended_at) if status.ended_at else "", status.device
        ),
        "error_rate": trn(
            "error rate: {wrong} of {n} photo named wrongly",
            "error rate: {wrong} of {n} photos named wrongly",
            tested,
            wrong=decimal(wrong),
        ),
        "quiz": _quiz(quiz, len(last.run.vocab()), last.error_rate) if quiz else "",
        "halves": tr(
            "{trained} photos were trained on, {held_out} others held out to test with.",
            trained=decimal(status.facts.get("train_photos", 0)),
            held_out=decimal(tested),
        ),
        "about": _of_dataset(about, about.about),
        "cut": tr(
            "To be tested, each photo is cut to its middle, {size} × {size} pixels.", size=last.spec.size
        ),
        "calibration": tr(
            "On average its confidence and how often it is right are {points} percentage points apart: the expected calibration error, "
            "of {photos} photos.",
            points=decimal(100 * calibration_error, 1),
            photos=decimal(tested),
        ),
        "licence": tr("Photos: {licence}", licence=_of_dataset(about, about.licence)),
        "after": tr("After fast.ai’s “Practical Deep Learning for Coders”, lesson 1. Run {run}.", run=last.run.id),
    }  # fmt: skip


def _of_dataset(about: Description, text: str) -> str:
    """A text of the catalogue; of learners' own photos to the letter."""
    return text if about.own else tr(text)


def _opening(dataset: str, day: str, device: str) -> str:
    told = tr("The lesson as you did it, on {dataset}.", dataset=dataset)
    if day and device:
        where = tr("Every number here comes from a run on your machine on {day} ({device}).", day=day, device=device)
    elif day:
        where = tr("Every number here comes from a run on your machine on {day}.", day=day)
    elif device:
        where = tr("Every number here comes from a run on your machine ({device}).", device=device)
    else:
        where = tr("Every number here comes from a run on your machine.")
    return f"{told} {where}"


def _quiz(quiz: Quiz, breeds: int, error_rate: float) -> str:
    guessed, wrong = quiz
    mine = trn(
        "You guessed {n} of these photos, four choices each, and {wrong} of them wrongly: {share}.",
        "You guessed {n} of these photos, four choices each, and {wrong} of them wrongly: {share}.",
        guessed,
        wrong=decimal(wrong),
        share=percent(wrong / guessed),
    )
    network = tr(
        "The network, with {breeds} breeds to choose from, named {share} wrongly.",
        breeds=breeds,
        share=percent(error_rate),
    )
    return f"{mine} {network}"


def _day(ended_at: float) -> str:
    """The day of a moment (seconds since 1970), on this machine's clock: 05 May 2026, in German 5. Mai 2026."""
    here = language.current()
    if here in (language.ENGLISH, language.MADE_UP):
        return time.strftime("%d %B %Y", time.localtime(ended_at))
    from babel.dates import format_date

    return format_date(date.fromtimestamp(ended_at), "long", locale=here)
