"""The learner and the model on the same ten photos, photo by photo."""

from __future__ import annotations

import streamlit as st

from lessonkit.language import tr, translatable, trn
from lessonkit.runs import Run
from lessonkit.ui.core import formatting, quiz, snapshot, thumbnails

TITLE = translatable("You and the model, on the same photos")


def beside(run: Run) -> None:
    """Both error rates on the photos that the learner guessed, then each photo with both answers; nothing without guesses.

    Photos that the model was not tested with do not count, and it is said how many those are.
    """
    found = quiz.compared(run)
    if not found:
        return
    st.subheader(tr(TITLE), anchor=False)
    st.markdown(_sentence([one for one in found if one.models is not None], len(found), len(run.vocab())))
    thumbnails.grid(snapshot.dataset_of(run), [one.photo for one in found], [caption(one) for one in found])


def alone(name: str) -> None:
    """The photos that the learner guessed on a dataset, each with the answer, while no model can be asked."""
    found = quiz.guessed(name)
    thumbnails.grid(snapshot.datasets()[name], [one.photo for one in found], [caption(one) for one in found])


def _sentence(both: list[quiz.Answer], photos: int, breeds: int) -> str:
    if not both:
        return tr(
            "This model was not tested with any of the photos that you guessed: it has another split, and learned from them. "
            "So it cannot be compared with you."
        )
    yours = sum(one.yours != one.breed for one in both)
    models = sum(one.models != one.breed for one in both)
    words = trn(
        "Of the same {n} photo **you named {yours} wrongly, and the model {models}**. You had four breeds to choose from, the "
        "model all {breeds}. It was not trained on these photos.",
        "Of the same {n} photos **you named {yours} wrongly, and the model {models}**. You had four breeds to choose from, the "
        "model all {breeds}. It was not trained on these photos.",
        len(both), yours=yours, models=models, breeds=breeds,
    )  # fmt: skip
    learned = photos - len(both)
    if not learned:
        return words
    others = trn(
        "{n} more photo that you guessed does not count: the model learned from it.",
        "{n} more photos that you guessed do not count: the model learned from them.",
        learned,
    )
    return f"{words} {others}"


def caption(one: quiz.Answer) -> str:
    """A photo's breed, what the learner said of it, and what the model said."""
    said = []
    if one.yours:
        said.append(tr("you ✓") if one.yours == one.breed else tr("you ✗ {breed}", breed=formatting.breed(one.yours)))
    if one.models:
        right = one.models == one.breed
        said.append(tr("the model ✓") if right else tr("the model ✗ {breed}", breed=formatting.breed(one.models)))
    return f"**{formatting.breed(one.breed)}**: {', '.join(said)}"
