"""What can be taken home, each in a box: what it is, a button that has it made, then a link to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lessonkit import jobs, language
from lessonkit.language import tr, translatable
from lessonkit.runs import Run
from lessonkit.takehome import files
from lessonkit.ui.core import downloads, elements, formatting, job_progress, quiz, snapshot
from lessonkit.ui.core.connection import engine


@dataclass(frozen=True)
class Offer:
    """One thing to take home.

    Attributes:
        title, what: what it is called, and a sentence or two on it, Markdown; in English, or what `tr` made.
        kinds: of `takehome.files`: kind -> what it is called on its button; "" where there is only one.
    """

    title: str
    icon: str
    what: str
    kinds: Mapping[str, str]


OFFERS = (
    Offer(
        translatable("The lesson as a notebook"), ":material/menu_book:",
        translatable(
            "All runs from the same beginning, cell by cell with your choices, in plain fastai. It runs without this app."
        ),
        {"notebook": ""},
    ),
    Offer(
        translatable("The lesson as one page"), ":material/article:",
        translatable("All numbers and figures in one file, for reading and showing."),
        {"html": ""},
    ),
    Offer(
        translatable("An app of the model"), ":material/web:",
        translatable(
            "A folder with a small app that names the breed on a photo, for your own machine or a Hugging Face Space. Its "
            "README says how to start it."
        ),
        {"app": ""},
    ),
    Offer(
        translatable("The model as ONNX"), ":material/swap_horiz:",
        translatable(
            "Many programs run it, also on phones and without Python. When it is made, its answers are compared with the "
            "model's own on all held-out photos."
        ),
        {"onnx": ""},
    ),
    Offer(
        translatable("The model's weights"), ":material/deployed_code:",
        translatable("As safetensors, with its breeds and what it expects of a photo."),
        {"safetensors": ""},
    ),
    Offer(
        translatable("fastai's learner"), ":material/smart_toy:",
        translatable(
            "`load_learner` opens it, on any system and Python from 3.11, and it opens photos as this app does. "
            "Open such a file only from people whom you trust: it can run code."
        ),
        {"learner": ""},
    ),
    Offer(
        translatable("The answers as a table"), ":material/table:",
        translatable(
            "A row for each held-out photo. In the CSV, a name that a spreadsheet would run as a formula has ' before it; Parquet "
            "has each name as it is."
        ),
        {"predictions_csv": "CSV", "predictions_parquet": "Parquet"},
    ),
    Offer(
        translatable("All runs as a table"), ":material/table_rows:",
        translatable("A row for each run on these photos, everybody's, with its choices and its numbers."),
        {"runs_csv": "CSV", "runs_parquet": "Parquet"},
    ),
)  # fmt: skip


def box(offer: Offer, run: Run) -> None:
    """One thing to take home of a run; what cannot be made is said in its place."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{offer.icon} **{language.again(offer.title)}**")
        st.caption(language.again(offer.what))
        with st.container(horizontal=True):
            for kind, called in offer.kinds.items():
                with elements.errors_here():
                    _button(kind, called, run)


def photos(run: Run) -> Offer | None:
    """The photos, where the notebook could not get them from anywhere but this machine."""
    dataset = snapshot.dataset_of(run)
    if not files.photos_wanted(dataset):
        return None
    number, size = len(dataset.names), formatting.megabytes(dataset.photos.bytes)
    what = tr(
        "{photos} photos, {size}. The notebook cannot fetch these by itself: on another machine, put the zip beside it.",
        photos=language.decimal(number), size=size,
    )  # fmt: skip
    return Offer(translatable("The photos"), ":material/photo_library:", what, {files.PHOTOS: ""})


def _button(kind: str, called: str, run: Run) -> None:
    guesses = _guesses(run.spec().dataset) if kind == "html" else None
    made = files.path(run.id, kind, guesses, snapshot.now())
    if made.is_file():
        size = made.stat().st_size
        said = f"{language.decimal(size / 1e6, 1)} MB" if size >= 1e5 else f"{language.decimal(size / 1e3)} kB"
        label = tr("Download {kind} ({size})", kind=called, size=said) if called else tr("Download ({size})", size=said)
        st.link_button(label, downloads.url(made.name), icon=":material/download:")
        return
    job = jobs.read("take_home", made.name)
    if job and job.state != jobs.DONE:
        job_progress.follow(job)
    elif st.button(tr("Make the {kind} file", kind=called) if called else tr("Make it"), key=f"make_{kind}"):
        engine().take_home(made.name, run.id, kind, guesses)
        st.rerun()


def _guesses(dataset: str) -> tuple[int, int] | None:
    score = quiz.score(dataset)
    return (score.guessed, score.wrong) if score else None
