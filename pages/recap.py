"""What was done here, in numbers, beside the lesson's."""

import re

import pandas as pd
import streamlit as st

from lessonkit import wording
from lessonkit.lesson import reference, steps
from lessonkit.runs import Run
from lessonkit.ui.core import base_choice, elements, formatting, quiz, run_choices, snapshot, state
from lessonkit.ui.lesson import asking, recap, ten_photos


def _row(name: str, own: Run | None) -> dict[str, str]:
    told = reference.LESSON[name]
    status = own.status() if own else None
    row = {
        "the lesson": told.what,
        "its error rate": formatting.percent(told.error_rate) if told.error_rate else "–",
        "its time": formatting.duration(told.seconds) if told.seconds else "–",
        "the run here": formatting.plain(f"{run_choices.title(own.spec())}: {run_choices.name(own)}")
        if own
        else "not done yet",
        "error rate here": formatting.percent(own.history()[-1]["error_rate"]) if own else "–",
        "all its trainings": _trainings(own) if own else "–",
        "valid loss here": wording.loss(own.history()[-1]["valid_loss"]) if own else "–",
        "time here": formatting.duration(status.seconds) if status else "–",
    }
    return {column: re.sub(r"(?<=\d) (?=\S+$)", "\N{NO-BREAK SPACE}", text) for column, text in row.items()}


def _trainings(own: Run) -> str:
    """The mean, the lowest and the highest error rate of the recipe's trainings."""
    errors = snapshot.recipe(own).summary
    if errors.n < 2:
        return "one"
    if formatting.percent(errors.low) == formatting.percent(errors.high):
        return f"{errors.n}: each {formatting.percent(errors.mean)}"
    return f"{errors.n}: mean {formatting.percent(errors.mean)}, {formatting.percent(errors.low)} to {formatting.percent(errors.high)}"


def _to_do(names: list[str]) -> None:
    """Links to the pages on which the rows that are empty are done."""
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Not done yet:", width="content")
        for name in names:
            _link(reference.PAGES[name], reference.LESSON[name].what, reference.CHOICES.get(name))


def _link(page: str, label: str = "", choices: dict[str, str] | None = None) -> None:
    step = steps.step(page)
    st.page_link(step.path, label=label or step.title, icon=step.icon, query_params=choices)


def _yourself(stage: Run | None) -> None:
    """The learner's own error rate on these photos, and both answers for each."""
    score, other = quiz.score(), quiz.elsewhere()
    if score:
        st.markdown(
            f"**You yourself** had an error rate of {formatting.percent(score.error_rate, 0)}: {quiz.words(score)}"
        )
        if stage:
            ten_photos.beside(stage)
        return
    guessed = f" You did guess other photos: {quiz.words(other)}" if other else ""
    elements.missing(
        f"You have not guessed any of these photos yet: ten photos, four choices each, and your own error rate stands here.{guessed}",
        "start",
    )


elements.opening("recap")
stage = state.stage()
mine = recap.by_name(stage)
if stage is None:
    elements.missing("The first model is still to be trained.", "train")
base_choice.pick()
st.table(
    pd.DataFrame([_row(name, mine[name]) for name in reference.LESSON]),
    hide_index=True,
    alt="The numbers of the runs here beside the lesson's.",
)
recap.before(mine)
recap.dots(mine)
_to_do([name for name, run in mine.items() if run is None])
st.caption(reference.CAVEAT)
_yourself(stage)
st.subheader("What you know now", anchor=False)
st.markdown(reference.LEARNED)
asking.again("recap")
asking.check()
st.subheader("Where to go from here", anchor=False)
st.markdown(reference.ONWARD)
with st.container(horizontal=True):
    for page in ("take_home", *(step.page for step in steps.EXPLORE if step.page != "take_home")):
        _link(page)
