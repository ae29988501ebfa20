"""Any two runs side by side: who got which photo right, and the two matrices."""

import streamlit as st

from lessonkit import explain_data
from lessonkit.lesson import verdicts
from lessonkit.lesson.outcomes import outcome_on, paired
from lessonkit.ui import comparing, data, say, selection
from lessonkit.ui.engine import expect_looks

say.opening("two_runs")
expect_looks()
models = selection.models()
if len(models) < 2:
    say.missing("It takes two finished runs on these photos.", "train")
else:
    a, b = comparing.pick(models)
    if a.id == b.id:
        st.info("Choose two different runs.")
    else:
        frames = data.predictions(a), data.predictions(b)
        shared = explain_data.shared(*frames)
        comparing.one_test(shared, *map(len, frames))
        if len(shared.a):
            outcomes = (
                outcome_on("A", shared.a, a.history()),
                outcome_on("B", shared.b, b.history()),
            )
            st.markdown(verdicts.comparison_words(*outcomes, paired(shared.a, shared.b)))
            comparing.groups(a, shared)
            comparing.closely(a, b, shared, under_cell=False)
            comparing.matrices(a, b, shared)
            comparing.cell(a, shared)
            comparing.closely(a, b, shared, under_cell=True)
