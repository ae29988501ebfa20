"""What the learner made, to take along: a notebook, a page to read, the model."""

import streamlit as st

from lessonkit.errors import LessonError
from lessonkit.ui import say, selection
from lessonkit.ui.engine import engine

KINDS = {
    "notebook": (
        "The lesson as a notebook",
        "ipynb",
        ":material/menu_book:",
        "Cell by cell with your choices, in plain fastai. It runs without this app.",
    ),
    "html": (
        "The lesson as one page",
        "html",
        ":material/article:",
        "All your numbers and figures in one file, for reading and showing.",
    ),
    "safetensors": (
        "The model's weights",
        "safetensors",
        ":material/deployed_code:",
        "With its breeds and what it expects of a photo.",
    ),
    "learner": (
        "fastai's learner",
        "pkl",
        ":material/smart_toy:",
        "`load_learner` opens it. Open such a file only from people whom you trust: it can run code.",
    ),
}


def _offer(kind: str, run_id: str) -> None:
    title, ending, icon, what = KINDS[kind]
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{icon} **{title}**")
        st.caption(what)
        made = f"made_{kind}_{run_id}"
        if made not in st.session_state:
            if st.button("Make it", key=f"make_{kind}"):
                with say.errors_here(), st.spinner("Making it …"):
                    st.session_state[made] = engine().call("take_home", run_id, kind, timeout=300)
                    st.rerun()
            return
        data = st.session_state[made]
        st.download_button(
            f"Download ({len(data) / 1e6:.1f} MB)",
            data,
            f"whats-your-pet-{run_id}.{ending}",
            key=f"get_{kind}",
            on_click="ignore",
        )


say.opening("take_home")
try:
    run = selection.pick_model("Of the run")
    if run is None:
        say.missing("There is no trained model on these photos yet.", "train")
    else:
        with st.grid(columns=2, gap="medium"):
            for kind in KINDS:
                _offer(kind, run.id)
except LessonError as problem:
    say.error(problem)
