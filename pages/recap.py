"""What was done here, in numbers, beside the lesson's."""

import streamlit as st

from lessonkit.language import tr
from lessonkit.lesson import reference, steps
from lessonkit.ui.core import base_choice, elements, state
from lessonkit.ui.lesson import asking, recap, recap_table

elements.opening("recap")
stage = state.stage()
mine = recap.by_name(stage)
if stage is None:
    elements.missing(tr("The first model is still to be trained."), "train")
base_choice.pick()
recap_table.table(mine)
recap.before(mine)
recap.dots(mine)
recap_table.to_do(mine)
st.caption(tr(reference.CAVEAT))
recap_table.yourself(stage)
st.subheader(tr("What you know now"), anchor=False)
st.markdown(tr(reference.LEARNED))
asking.again("recap")
asking.check()
st.subheader(tr("Where to go from here"), anchor=False)
st.markdown(tr(reference.ONWARD))
with st.container(horizontal=True):
    for page in ("take_home", *(step.page for step in steps.EXPLORE if step.page != "take_home")):
        recap_table.link(page)
