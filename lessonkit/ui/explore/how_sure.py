"""How sure a model is and whether it is right to be: its reliability, and what it does that answers only when surer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lessonkit.analysis import calibration
from lessonkit.figures import confidence
from lessonkit.language import decimal, tr, trn
from lessonkit.runs import Run
from lessonkit.ui.core import cached, elements, formatting
from lessonkit.wording import PERCENT


def how_sure(run: Run, frame: pd.DataFrame) -> None:
    """How often the model is right against how sure it was, and what it would cost to have it answer only when surer.

    Args:
        frame: the run's, as `predictions.read` gives it.
    """
    st.subheader(tr("How sure is it, and is it right to be?"), anchor=False)
    table = cached.made_of(calibration.reliability, run)
    error, made_of = calibration.calibration_error(table), (run.id, run.status().ended_at)
    points = formatting.percent(error).removesuffix(PERCENT)
    left, right = st.columns(2, gap="medium")
    with left:
        elements.chart(
            lambda: confidence.reliability_diagram(table),
            "reliability",
            tr(
                "How often it is right, against how sure it was; calibration error {points} percentage points.",
                points=points,
            ),
            made_of,
        )
        expected = trn(
            "How sure it is and how often it is right lie {points} percentage points apart on the one validation photo: the **expected calibration error**.",
            "How sure it is and how often it is right lie {points} percentage points apart, on average over the {n} validation photos: the **expected calibration error**.",
            len(frame), points=points,
        )  # fmt: skip
        read = tr(
            "Each dot stands at how sure it was on average. A model as sure as it is right has its dots on the dashed line. Over "
            "each bar stands how many photos it counts; the line on it is the 95 % confidence interval (Wilson's): so few photos "
            "say no more about the share than that."
        )
        st.caption(f"{expected} {read}")
    with right:
        p = (
            st.slider(
                tr("Only answer when at least this sure"),
                0,
                100,
                50,
                format="%d %%",
                key="only_when",
                persist_state="session",
            )
            / 100
        )
        elements.chart(
            lambda: confidence.selective_accuracy(calibration.coverage(frame), p),
            "coverage",
            tr("Error rate against the share answered."),
            (*made_of, p),
        )
        answered, wrong = calibration.at_threshold(frame, p)
        st.caption(answered_words(formatting.percent(p, 0), answered, wrong, len(frame)))


def answered_words(sure: str, answered: float, wrong: float, photos: int) -> str:
    """What a model does that answers only when it is at least so sure: of how many photos each share is, too.

    Args:
        answered: the share of the photos that it answers, 0 to 1. wrong: the error rate of those; NaN for none.
    """
    many = round(answered * photos)
    shares = {"sure": sure, "answered": formatting.percent(answered)}
    if not answered:
        return trn(
            "At {sure} it answers {answered} of the one validation photo, so there is nothing to be wrong about.",
            "At {sure} it answers {answered} of the {n} validation photos, so there is nothing to be wrong about.",
            photos, **shares,
        )  # fmt: skip
    mistakes = decimal(round(wrong * many))
    if photos == 1:
        return tr("At {sure} it answers the one validation photo; wrong: {wrong}.", sure=sure, wrong=mistakes)
    return tr(
        "At {sure} it answers {answered} of the {photos} validation photos; wrong: {wrong} of these {many} ({share}).",
        **shares, many=decimal(many), photos=decimal(photos), wrong=mistakes, share=formatting.percent(wrong),
    )  # fmt: skip
