"""Any two runs side by side: who got which photo right, and the two matrices."""

import streamlit as st

from lessonkit.analysis import agreement
from lessonkit.language import tr
from lessonkit.ui.core import cached, elements
from lessonkit.ui.core.connection import prewarm
from lessonkit.ui.explore import comparing, selection

elements.opening("two_runs")
prewarm()
models = selection.models()
if len(models) < 2:
    elements.missing(tr("It takes two finished runs on these photos."), "train")
else:
    a, b = comparing.pick(models)
    if a.id == b.id:
        st.info(tr("Choose two different runs."))
    else:
        frames = cached.predictions(a), cached.predictions(b)
        shared = cached.made_of(agreement.shared, a, b)
        comparing.one_test(shared, *map(len, frames))
        if len(shared.a):
            comparing.verdict(a, b, shared)
            comparing.groups(a, b)
            comparing.closely(a, b, shared, under_cell=False)
            comparing.matrices(a, b, shared)
            comparing.cell(a, b, shared)
            comparing.closely(a, b, shared, under_cell=True)
