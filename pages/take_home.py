"""What the learner made, to take along: a notebook, a page to read, the model; the photos where they are only here."""

import streamlit as st

from lessonkit.errors import LessonError
from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.takehome import files
from lessonkit.ui.core import downloads, elements, formatting, quiz
from lessonkit.ui.core.connection import engine
from lessonkit.ui.explore import selection

KINDS = {
    "notebook": (
        "The lesson as a notebook",
        ":material/menu_book:",
        "All runs from the same beginning, cell by cell with your choices, in plain fastai. It runs without this app.",
    ),
    "html": (
        "The lesson as one page",
        ":material/article:",
        "All your numbers and figures in one file, for reading and showing.",
    ),
    "safetensors": (
        "The model's weights",
        ":material/deployed_code:",
        "With its breeds and what it expects of a photo.",
    ),
    "learner": (
        "fastai's learner",
        ":material/smart_toy:",
        "`load_learner` opens it, and it opens photos as this app does. "
        "Open such a file only from people whom you trust: it can run code.",
    ),
}
PATIENCE = 600  # seconds: a gigabyte of photos is copied in that time on a slow disk


def _guesses(dataset: str) -> tuple[int, int] | None:
    score = quiz.score()
    return (score.guessed, score.wrong) if score and score.dataset == dataset else None


def _offer(kind: str, run: Run, title: str, icon: str, what: str) -> None:
    guesses = _guesses(run.spec().dataset) if kind == "html" else None
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{icon} **{title}**")
        st.caption(what)
        with elements.errors_here():
            made = files.path(run.id, kind, guesses)
            if made.is_file():
                size = made.stat().st_size
                said = f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.0f} kB"
                st.link_button(f"Download ({said})", downloads.url(made.name), icon=":material/download:")
            elif st.button("Make it", key=f"make_{kind}"):
                with st.spinner("Making it …"):
                    engine().call("take_home", run.id, kind, guesses, timeout=PATIENCE)
                st.rerun()


def _photos(run: Run) -> None:
    """The photos, where the notebook could not get them from anywhere but this machine."""
    dataset = run.spec().dataset
    if not files.photos_wanted(dataset):
        return
    number, size = len(catalog.photo_names(dataset)), formatting.megabytes(catalog.photo_bytes(dataset))
    what = f"{number:,} photos, {size}. The notebook cannot fetch these by itself: on another machine, put the zip beside it."
    _offer(files.PHOTOS, run, "The photos", ":material/photo_library:", what)


elements.opening("take_home")
try:
    run = selection.pick_model("Of the run")
    if run is None:
        elements.missing("There is no trained model on these photos yet.", "train")
    else:
        with st.grid(columns=2, gap="medium"):
            for kind, (title, icon, what) in KINDS.items():
                _offer(kind, run, title, icon, what)
            _photos(run)
        st.caption("What is made here is kept for a day. When you train more, notebook and page are made anew.")
except LessonError as problem:
    elements.error(problem)
