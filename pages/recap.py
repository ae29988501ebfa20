"""What was done, in the learner's own numbers, beside the lesson's."""

import pandas as pd
import streamlit as st

from lessonkit.lesson import reference
from lessonkit.ui import choices, quiz, say, state

say.opening("recap")
stage = state.stage()
score = quiz.score()


def _row(name: str, own) -> dict[str, str]:
    told = reference.LESSON[name]
    history = own.history() if own and own.status().finished else []
    return {
        "what": told.what,
        "your error rate": say.percent(history[-1]["error_rate"]) if history else "not done yet",
        "your time": say.duration(own.status().ended_at - own.status().started_at) if history else "–",
        "the lesson's": say.percent(told.error_rate) if told.error_rate else "–",
        "its time": say.duration(told.seconds) if told.seconds else "–",
    }


mine = {choices.FRESH: stage}
if stage:
    for name, spec in choices.specs(stage.spec().dataset, stage.spec()).items():
        if name != choices.FRESH:
            mine[name] = choices.newest(
                lambda s, want=spec: (
                    s.starts_from == stage.id
                    and s.frozen == want.frozen
                    and isinstance(s.learning_rate, tuple) == isinstance(want.learning_rate, tuple)
                )
            )
mine["resnet50"] = choices.newest(lambda s: s.architecture == "resnet50" and s.dataset == state.dataset() and s.frozen)
st.table(
    pd.DataFrame([_row(name, mine.get(name)) for name in reference.LESSON]),
    hide_index=True,
    alt="Your numbers beside the lesson's.",
)
st.caption(reference.CAVEAT)
if score:
    st.markdown(
        f"You yourself named **{score.wrong} of {score.guessed}** wrongly: {say.percent(score.error_rate, 0)}, with four choices each."
    )
if stage is None:
    say.missing("The first model is still to be trained.", "train")

st.subheader("What you know now", anchor=False)
st.markdown(reference.LEARNED)
st.subheader("Where to go from here", anchor=False)
st.markdown(reference.ONWARD)
