"""The recap's table, a row for each of the lesson's results, and what stands under it: what is still to do, and the learner."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from lessonkit import wording
from lessonkit.language import tr
from lessonkit.lesson import reference, steps
from lessonkit.runs import Run
from lessonkit.ui.core import elements, formatting, quiz, run_choices, snapshot
from lessonkit.ui.lesson import ten_photos


def table(found: Mapping[str, Run | None]) -> None:
    """The lesson's numbers, and beside each those of the run here.

    Args:
        found: of `recap.by_name`.
    """
    rows = [_row(name, found[name]) for name in reference.LESSON]
    elements.table(
        {column: [row[column] for row in rows] for column in rows[0]},
        key="recap",
        alt=tr("The numbers of the runs here beside the lesson's."),
    )


def to_do(found: Mapping[str, Run | None]) -> None:
    """Links to the pages on which the rows that are empty are done; nothing where none is."""
    names = [name for name, run in found.items() if run is None]
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(tr("Not done yet:"), width="content")
        for name in names:
            link(reference.PAGES[name], tr(reference.LESSON[name].what), reference.CHOICES.get(name))


def link(page: str, label: str = "", choices: dict[str, str] | None = None) -> None:
    """A link to a page, with these choices made there; it says the page's title where no label is given."""
    step = steps.step(page)
    st.page_link(step.path, label=label or tr(step.title), icon=step.icon, query_params=choices)


def yourself(stage: Run | None) -> None:
    """The learner's own error rate on these photos, and both answers for each; a link to the guessing before that."""
    score, other = quiz.score(), quiz.elsewhere()
    if score:
        st.markdown(
            tr(
                "**You yourself** had an error rate of {rate}: {guessed}",
                rate=formatting.percent(score.error_rate, 0),
                guessed=quiz.words(score),
            )
        )
        if stage:
            ten_photos.beside(stage)
        return
    none: str = tr(
        "You have not guessed any of these photos yet: ten photos, four choices each, and your own error rate stands here."
    )
    if other:
        others = tr("You did guess other photos: {guessed}", guessed=quiz.words(other))
        none = f"{none} {others}"
    elements.missing(none, "start")


def _row(name: str, own: Run | None) -> dict[str, str]:
    told = reference.LESSON[name]
    status = own.status() if own else None
    row = {
        tr("the lesson"): tr(told.what),
        tr("its error rate"): formatting.percent(told.error_rate) if told.error_rate else "–",
        tr("its time"): formatting.duration(told.seconds) if told.seconds else "–",
        tr("the run here"): formatting.plain(f"{run_choices.title(own.spec())}: {run_choices.name(own)}")
        if own
        else tr("not done yet"),
        tr("error rate here"): formatting.percent(own.history()[-1]["error_rate"]) if own else "–",
        tr("all its trainings"): _trainings(own) if own else "–",
        tr("valid loss here"): wording.loss(own.history()[-1]["valid_loss"]) if own else "–",
        tr("time here"): formatting.duration(status.seconds) if status else "–",
    }
    return {column: re.sub(r"(?<=\d) (?=\S+$)", "\N{NO-BREAK SPACE}", text) for column, text in row.items()}


def _trainings(own: Run) -> str:
    """The mean, the lowest and the highest error rate of the recipe's trainings."""
    errors = snapshot.recipe(own).summary
    if errors.n < 2:
        return tr("one")
    if formatting.percent(errors.low) == formatting.percent(errors.high):
        return tr("{count}: each {rate}", count=errors.n, rate=formatting.percent(errors.mean))
    return tr(
        "{count}: mean {mean}, {low} to {high}",
        count=errors.n, mean=formatting.percent(errors.mean),
        low=formatting.percent(errors.low), high=formatting.percent(errors.high),
    )  # fmt: skip
