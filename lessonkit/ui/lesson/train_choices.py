"""What a learner chooses before training: which photos are held out, what is trained and how, at which rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lessonkit import config, language, wording
from lessonkit import jobs as job_files
from lessonkit.architectures import ARCHITECTURES, weights_present
from lessonkit.figures import losses
from lessonkit.language import tr, translatable, trn
from lessonkit.lesson import suggested_rate
from lessonkit.photos import own_photos
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.labels import label_dataset
from lessonkit.spec import SPLITS, RunSpec
from lessonkit.ui.core import allowed, elements, formatting, job_progress, run_choices, state
from lessonkit.ui.core.cached import halves, tested_with_a_copy
from lessonkit.ui.core.connection import kind
from lessonkit.ui.lesson import ideas

SIZES = (96, 128, 160, 192, 224, 299)  # pixels
WHICH = {
    "random": translatable("Before it learns, **one photo in five is held out**."),
    "given": translatable("Before it learns, **the photos of your folders valid and test are held out**."),
    "together": translatable("Before it learns, **one photo in five is held out, and all copies of it**."),
}


def architectures(default: RunSpec) -> None:
    """What can be trained, in facts; what it costs, at the size that is chosen below."""
    size = st.session_state.get("size", default.size)
    rows = [
        {
            tr("architecture"): a.title,
            tr("layers"): str(a.layers),
            tr("parameters of the body"): tr(
                "{millions} million", millions=language.decimal(a.body_parameters / 1e6, 1)
            ),
            tr("weights"): tr("here")
            if weights_present(a.name)
            else tr("{megabytes} MB to download", megabytes=language.decimal(a.megabytes)),
            **{tr(of): took for of, took in run_choices.epoch_cost(a.name, state.dataset(), size).items()},
        }
        for a in ARCHITECTURES.values()
    ]
    st.caption(
        tr(
            "An **architecture** is the plan of a network: which layers, in which order, how large. Its **parameters** are the "
            "numbers that training changes: here those of the body, which is pretrained. The head for your breeds adds some "
            "thousands."
        )
    )
    elements.table(
        {column: [row[column] for row in rows] for column in rows[0]},
        key="architectures",
        alt=tr("Architectures: depth, parameters, weights, cost of an epoch."),
    )
    st.caption(
        tr(
            "The frozen body gives the same output for the same photo in every epoch. So by default it runs **once**, before the "
            "first epoch, and each epoch then trains the head alone, in a moment. When the body is unfrozen, or runs for each "
            "batch as in the lesson, an epoch takes longer: the button below measures how long, and the table then shows it."
        )
    )
    job = run_choices.measured(size)
    if job and not job.ended:
        job_progress.follow(job)
    elif st.button(
        tr("Measure an epoch on this machine, at {size} pixels", size=size),
        icon=":material/timer:",
        help=tr("A few batches of each, a minute at most."),
    ):
        with elements.errors_here():
            allowed.measure(size, kind())
            st.rerun()
    elif job:
        job_progress.how_it_ended(job)


def held_out(dataset: Dataset, seed: int) -> str:
    """What is set aside before a network learns, and why; how it is chosen, as in `RunSpec.split`."""
    found = label_dataset(dataset, state.pattern())
    split = RunSpec.split
    st.subheader(tr("Hold out one photo in five"), anchor=False)
    why = st.container()  # what it means comes before the choice, which decides how many they are
    if dataset.description.own:  # whoever came here by an address: copies are found before it learns
        job_progress.decode(dataset, run_choices.default(dataset).size)
    copied = tested_with_a_copy(dataset, state.pattern(), seed)
    offered = {"given": own_photos.can_be_given(dataset), "together": copied > 0}
    if own_photos.of_a_class(dataset):
        split = "given"
        st.caption(
            tr(
                "The class gave these photos. Each giver's photos lie in one half, so the network is tested on other people's."
            )
        )
    elif any(offered.values()):
        split = st.segmented_control(
            tr("Which photos are held out"), [way for way in SPLITS if offered.get(way, True)], default=RunSpec.split,
            required=True, key=f"split_{dataset.name}", persist_state="session", format_func=lambda way: tr(wording.HELD_OUT[way]),
        )  # fmt: skip
    if copied and split == "random":
        st.warning(
            trn(
                "**{n} of the photos held out has a copy among the photos that the network learns from**: the same picture, "
                "perhaps mirrored, brighter or with its edge cut off. The network has seen these answers, so its error rate would "
                "be too good. Choose “copies of a photo together”.",
                "**{n} of the photos held out have a copy among the photos that the network learns from**: the same picture, "
                "perhaps mirrored, brighter or with its edge cut off. The network has seen these answers, so its error rate would "
                "be too good. Choose “copies of a photo together”.",
                copied,
            ),
            icon=":material/content_copy:",
        )
    train, valid = halves(dataset, state.pattern(), seed, split)
    reason = tr(
        "Of these {photos} the network learns from {learned} and is tested on the other {tested}, which it never learns from. On "
        "photos that it has learned, the error rate would say how well it remembers them, not how well it will do on new photos. "
        "All runs with the same split hold out the same photos, so you can compare them.",
        photos=language.decimal(len(found.of)), learned=language.decimal(train), tested=language.decimal(valid),
    )  # fmt: skip
    why.markdown(f"{tr(WHICH[split])} {reason}")
    ideas.held_out(train, valid)
    return split


def learned(dataset: Dataset, spec: RunSpec) -> int:
    """How many photos a run of these choices learns from."""
    return halves(dataset, state.pattern(), spec.split_seed, spec.split)[0]


def take_choices() -> None:
    """Fill in what the address asks for, `?architecture=resnet50&size=299&epochs=8`, once: the boxes then say it.

    What is no choice here is said, and left as it was.
    """
    for key, taken in _FROM_ADDRESS.items():
        if key not in st.query_params:
            continue
        wanted = st.query_params[key]
        del st.query_params[key]  # else it would undo what the learner chooses next
        if (value := taken(wanted)) is None:
            st.info(
                tr(
                    "The address asks for “{value}” as {choice}, which is no choice here.",
                    value=formatting.plain(wanted[:40]),
                    choice=key,
                )
            )
        else:
            st.session_state[key] = value


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


_FROM_ADDRESS: dict[str, Callable[[str], Any]] = {
    "architecture": lambda text: text if text in ARCHITECTURES else None,
    "size": lambda text: size if (size := _whole(text)) in SIZES else None,
    "epochs": _whole,
}
"""A choice's key -> its value as the address says it; None where it is none."""


def choose(default: RunSpec) -> RunSpec:
    """The learner's choices as a spec. Raises SpecError for what no run can be made from."""
    left, right = st.columns(2, gap="medium")
    with left:
        choice = _what(default)
    with right:
        choice |= _how(default)
    architecture = choice["architecture"]
    changed = architecture != default.architecture or choice["size"] != default.size
    if changed and not weights_present(architecture):
        st.caption(
            tr(
                ":material/download: {architecture}: weights from {source}.",
                architecture=ARCHITECTURES[architecture].title,
                source=tr(ARCHITECTURES[architecture].source),
            )
        )
    return default.but(**choice)


def _what(default: RunSpec) -> dict[str, Any]:
    names = list(ARCHITECTURES)
    return {
        "architecture": st.selectbox(
            tr("Architecture"), names, index=names.index(default.architecture), key="architecture", persist_state="session",
            format_func=lambda n: ARCHITECTURES[n].title,
        ),
        "epochs": st.number_input(
            tr("Epochs (1 to {most})", most=config.most_epochs()), value=default.epochs, step=1, key="epochs",
            persist_state="session",
        ),
        "learning_rate": st.text_input(
            tr("Learning rate"), value=f"{default.learning_rate:g}", key="learning_rate", persist_state="session",
            help=tr("How long a step is, at its longest. “lr_find” below shows what that means, and says whether to keep this rate."),
        ),
    }  # fmt: skip


def _how(default: RunSpec) -> dict[str, Any]:
    pretrained = st.toggle(
        tr("Pretrained on ImageNet"), value=True, key="pretrained", persist_state="session",
        help=tr(
            "Off: a body of random weights, which stays frozen as it is; only the head learns. To see what ImageNet's "
            "body is worth, not what training a whole network from nothing does."
        ),
    )  # fmt: skip
    precompute = st.toggle(
        tr("Run the frozen body once per photo"), value=default.precompute, key="precompute", persist_state="session",
        help=tr(
            "The frozen body gives the same activations for the same photo each time, so they are computed once. "
            "Its batch norm keeps ImageNet's statistics. Off: the body runs for each batch, as in the lesson."
        ),
    )  # fmt: skip
    augment = st.toggle(
        tr("Augmentation"), value=default.augment, key="augment", persist_state="session",
        help=tr(
            "Photos are turned, flipped, cropped and lit differently, anew in each epoch. If the body runs once per photo, it "
            "runs over as many views of each as are chosen below, and the epochs use these. Off: over the plain view alone."
        ),
    )  # fmt: skip
    with st.expander(tr("Less often changed")):
        seldom = _seldom(default)
        views = _views(default, disabled=not (precompute and augment))
    return {
        "pretrained": pretrained, "precompute": precompute, **seldom, **run_choices.augmented(augment, precompute, views),
        "batch_norm": "fixed" if precompute else default.batch_norm,
    }  # fmt: skip


def _seldom(default: RunSpec) -> dict[str, Any]:
    normalized = st.toggle(
        tr("Normalize as the weights expect"), value=True, key="normalized", persist_state="session",
        help=tr("Off: pixels of 0 to 1, as they are. To see what normalization is worth."),
    )  # fmt: skip
    return {
        "normalize": "model" if normalized else "none",
        "head": st.selectbox(
            tr("Head"), list(wording.HEADS), index=list(wording.HEADS).index(default.head), key="head", persist_state="session",
            format_func=lambda head: tr(wording.HEADS[head]),
            help=tr(
                "What turns the body's activations into a probability for each breed. On 590 photos of 37 breeds, one layer that "
                "begins at zero was wrong 2 to 3 percentage points less often after four epochs than fastai's two layers, which begin with "
                "random weights and have more to learn."
            ),
        ),
        "size": st.select_slider(
            tr("Size, pixels"), SIZES, value=default.size, key="size", persist_state="session"
        ),
        "batch_size": st.select_slider(
            tr("Photos a batch"), [8, 16, 32, 64, 128], value=default.batch_size, key="batch_size", persist_state="session"
        ),
        "split_seed": st.number_input(
            tr("Seed of the split"), value=default.split_seed, step=1, key="split_seed", persist_state="session",
            help=tr("Decides which photos are held out. Runs with another one are tested on other photos."),
        ),
    }  # fmt: skip


def _views(default: RunSpec, disabled: bool) -> int:
    return st.select_slider(
        tr("Views of each photo, where the body runs once"), [2, 3, 4, 8, 16], value=default.views, key="views",
        persist_state="session", disabled=disabled,
        help=tr(
            "Each is one pass of the body over the photos: twice the views, twice the wait. After 4 epochs they gain little: "
            "over 24 splits, runs with 1, 2, 3 and 4 views differed by no more than luck."
        ),
    )  # fmt: skip


def find_rate(spec: RunSpec) -> None:
    """lr_find for these choices: its button, its progress, its curve."""
    with st.expander(tr("Find a learning rate first: lr_find"), icon=":material/show_chart:"):
        elements.new_words("train", "rate")
        ideas.steps()
        ideas.one_cycle(spec)
        st.markdown(
            tr(
                "`lr_find` tries the rates one after the other: it raises the rate batch by batch until the loss explodes. Nothing "
                "that it learns is kept."
            )
        )
        if st.button(tr("Run lr_find"), key="find_rate"):
            with elements.errors_here():
                allowed.find_rate(spec)
                st.session_state["rate_of"] = spec.id
                st.rerun()
        job = job_files.read("find_rate", st.session_state.get("rate_of", spec.id))
        if job and job_progress.follow(job):
            found = job.now().rate_found()
            elements.chart(
                lambda: losses.lr_finder(found.lrs, found.losses, found.suggestion),
                key="lr_finder",
                alt=tr("Loss against learning rate."),
                made_of=(job.key, len(found.lrs), *found.losses[-1:], found.suggestion),
            )
            if found.suggestion:
                chosen = spec.learning_rate if isinstance(spec.learning_rate, float) else spec.learning_rate[1]
                words, rate = suggested_rate.rate_words(found.suggestion, found.lowest, chosen)
                st.markdown(words)
                if rate:
                    st.button(tr("Use this rate"), key="use_rate", on_click=_use_rate, args=(f"{rate:.1e}",))
            else:
                st.markdown(tr("fastai suggests no rate: the loss exploded after too few batches."))
            if job.key != spec.id:
                st.caption(tr("This curve is of other choices than those above."))


def _use_rate(rate: str) -> None:
    st.session_state["learning_rate"] = rate
