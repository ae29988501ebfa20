"""Photos to mark, held out or trained on; all marks; training again with them."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import pandas as pd
import streamlit as st

from lessonkit import corrections
from lessonkit.analysis import embeddings, predictions, repeats
from lessonkit.lesson import defaults, luck, steps
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import (
    allowed,
    cached,
    elements,
    formatting,
    recipe_progress,
    run_choices,
    snapshot,
    state,
    thumbnails,
    who,
)
from lessonkit.ui.core import repeats as repeats_view
from lessonkit.ui.explore import inspector, marking, pickers, selection

A_PAGE = 9
PAIRS_A_PAGE = 6
FIRST = 0.05  # of a list: what somebody looks through who is in a hurry


def held_out(run: Run, chosen: selection.Breeds | None) -> None:
    """The validation photos by loss, the highest first, to mark; of the breeds chosen where some are."""
    frame = predictions.top_losses(cached.predictions(run), None, only_wrong=False)
    st.markdown(
        "The validation photos with the highest losses: look whether the label is wrong before you blame the model. "
        "Marks here correct the **test**."
    )
    _planted(run, frame, "validation photos", "the top losses")
    kept = predictions.in_cell(frame, *(chosen or (None, None)))
    shown = pickers.page_of(kept, A_PAGE, "clean_page")
    with st.grid(columns=3, gap="small"):
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall"):
                thumbnails.picture(snapshot.dataset_of(run), row.photo)
                said = f"labelled **{formatting.breed(row.actual)}**, predicted **{formatting.breed(row.predicted)}** (loss {row.loss:.1f})"
                st.markdown(said)
                marking.mark(run, row.photo, row.actual, row.predicted)


def trained_on(run: Run, chosen: selection.Breeds | None) -> None:
    """The training photos whose nearest ones speak against their label, the most suspect first, to mark."""
    st.markdown(
        f"The photos that it was trained on. For each one the network finds the **{embeddings.AROUND} photos that look most like "
        "it**. If these have another label, its own may be wrong: such photos come first. Marks here correct **what it learns**."
    )
    if not inspector.features_ready(run):
        return
    frame = _suspects(run.id, run.status().ended_at)
    _planted(run, frame, "training photos", "this list")
    if chosen:  # a mistake may come from photos of either breed that carry the other's name
        frame = frame[frame["breed"].isin(list(filter(None, chosen)))]
    shown = pickers.page_of(frame, A_PAGE, "suspects_page")
    with st.grid(columns=3, gap="small"):
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall"):
                thumbnails.picture(snapshot.dataset_of(run), row.photo)
                st.markdown(f"labelled **{formatting.breed(row.breed)}**: {_around(row)}")
                marking.mark(run, row.photo, row.breed, row.suggested)


def in_both(run: Run, chosen: selection.Breeds | None) -> None:
    """Each validation photo beside the training photo nearest to it, the nearest first: some are the same picture."""
    st.markdown(
        "A photo that is in **both halves**, maybe in another size, is answered from memory, and the error looks better "
        "than it is: a *leak*. Here are photos held out, each beside the one nearest to it that the model was trained on."
    )
    if not inspector.features_ready(run):
        return
    frame = _twins(run.id, run.status().ended_at)
    same = int((frame["distance"] <= embeddings.SAME).sum())
    found = f"{same} of them {'is' if same == 1 else 'are'} surely" if same else "None of them is surely"
    st.caption(
        f"{found} the same picture (a distance up to {embeddings.SAME}). Look at the next ones yourself: cut closer, or taken "
        "a moment later, one lies a little further off. **Leave it out** takes the held-out one out of the test."
    )
    dataset, spec = snapshot.dataset_of(run), run.spec()
    copied = cached.tested_with_a_copy(dataset, spec.pattern, spec.split_seed) if spec.split == "random" else 0
    if copied:  # by their pixels: the network may find a mirrored one less alike
        st.warning(
            f"**{copied} of the photos held out {'has' if copied == 1 else 'have'} a copy among those trained on**, perhaps "
            "mirrored, brighter or cut. To keep all copies in one half, choose “copies of a photo together” on the page "
            "*Train*.",
            icon=":material/content_copy:",
        )
    if chosen:
        frame = frame[frame["breed"].isin(list(filter(None, chosen)))]
    shown = pickers.page_of(frame, PAIRS_A_PAGE, "pairs_page")
    with st.grid(min_column_width=300, gap="small"):
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall"):
                with st.grid(min_column_width=120, gap="xsmall"):
                    thumbnails.picture(dataset, row.photo, caption=f"held out: {formatting.code(row.photo)}")
                    thumbnails.picture(dataset, row.twin, caption=f"trained on: {formatting.code(row.twin)}")
                other = "" if row.breed == row.twin_breed else f", the other **{formatting.breed(row.twin_breed)}**"
                st.markdown(f"labelled **{formatting.breed(row.breed)}**{other}, distance {row.distance:.3f}")
                marking.mark(run, row.photo, row.breed, row.twin_breed, "pair")


@st.cache_data(show_spinner=False, max_entries=8)
def _twins(run_id: str, ended_at: float) -> pd.DataFrame:
    return embeddings.twins(run_id)


def _around(row) -> str:
    """What the photos around one say of its label.

    Args:
        row: of `features.suspects`.
    """
    most = f", {row.agree} are **{formatting.breed(row.suggested)}**" if row.suggested != row.breed else ""
    return f"{row.others} of the {embeddings.AROUND} nearest are not{most}"


@st.cache_data(show_spinner=False, max_entries=8)
def _suspects(run_id: str, ended_at: float) -> pd.DataFrame:
    return embeddings.suspects(run_id)


def _planted(run: Run, frame: pd.DataFrame, what: str, where: str) -> None:
    """How many of the wrong labels planted in the drawn set the top of a list holds.

    Args:
        frame: the list, in its order, with `photo`.
    """
    planted = list(snapshot.dataset_of(run).photos.planted)
    among = int(frame["photo"].isin(planted).sum())
    if among:
        found, first = predictions.planted_found(frame, planted, FIRST)
        st.caption(
            f"In the drawn set some labels are wrong on purpose: {among} of them {'is' if among == 1 else 'are'} among the {len(frame):,} {what}, "
            f"and the first {formatting.percent(FIRST, 0)} of {where}, {formatting.photos(first)}, hold {found}."
        )


def one_trained(run: Run, name: str) -> None:
    """As `one`, of a photo that the run was trained on; its nearest ones suggest the breed."""
    if not selection.trained_photo(run):
        st.markdown(f"This model was neither trained on {formatting.code(name)} nor tested with it.")
        return
    row = _suspects(run.id, run.status().ended_at).set_index("photo").loc[name]
    marking.one(run, name, str(row["breed"]), str(row["suggested"]), f"trained on: {_around(row)}")


def list_of(run: Run, made: dict[str, corrections.Mark]) -> None:
    """All marks on these photos, in a class the learner's own, and a way to take them back, which asks once more."""
    st.subheader(f"Marks on these photos: {len(made)}", anchor=False)
    st.caption(
        "These marks are yours alone. The others in the class have their own."
        if who.in_class()
        else "Everybody who uses this lesson on this machine makes and sees the same marks."
    )
    rows = [{"photo": name, "mark": marking.words(m)} for name, m in made.items()]
    st.dataframe(rows, hide_index=True, alt="The photos that are marked, and how.")
    with st.popover("Take all marks back", key="clear_all"):
        whose = "" if who.in_class() else ", whoever made it" if len(made) == 1 else ", whoever made them"
        which = f"**the mark**{whose}" if len(made) == 1 else f"all **{len(made)}** marks{whose}"
        st.markdown(f"This takes back {which}.")
        if st.button("Yes, take them all back", key="clear_marks", type="primary"):
            with elements.errors_here():
                allowed.write(corrections.clear, snapshot.dataset_of(run), who.marks_of())
                st.rerun()


def class_set(stage: Run) -> None:
    """In a class: the set of marks that the teacher published, to be taken; to the teacher, what all marked, and a way to publish."""
    person, dataset = who.me(), snapshot.dataset_of(stage)
    if not person.key:
        return
    published, mine = corrections.read(dataset.name), corrections.read(dataset.name, person.key)
    new = [photo for photo in published if photo not in mine]
    if new:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/school: Your teacher published **{len(published)}** marks; {len(new)} of these photos you have "
                "not marked.",
                width="content",
            )
            if st.button("Take the class's marks too", key="take_published"):
                with elements.errors_here():
                    allowed.write(corrections.take_published, dataset, person.key)
                    st.rerun()
    if person.teacher:
        _publish(dataset, mine, published)


def _publish(dataset: Dataset, mine: corrections.Marks, published: corrections.Marks) -> None:
    with st.expander("For the teacher: the class's marks", icon=":material/school:"):
        said = Counter(
            (photo, marking.words(m))
            for of in corrections.of_learners(dataset.name).values()
            for photo, m in of.items()
        )
        st.markdown(
            f"The class's set has **{len(published)}** marks, yours **{len(mine)}**. Whoever takes the class's set keeps their "
            "own marks besides."
        )
        if st.button("Publish my marks as the class's set", key="publish_marks", icon=":material/publish:"):
            with elements.errors_here():
                allowed.publish_marks(dataset)
                st.rerun()
        rows = [{"photo": photo, "mark": words, "said by": number} for (photo, words), number in said.most_common()]
        st.dataframe(rows, hide_index=True, alt="The photos that anybody marked, how, and how many said so.")


def again(stage: Run, made: dict[str, corrections.Mark]) -> None:
    """The same training on the corrected labels: a way to begin it, and the newest that was done."""
    run = _retrained(stage, corrections.fingerprint(made))
    current = run is not None and run.spec().marks == corrections.fingerprint(made)
    if made and not current:
        label = "Train again with the marks" if run is None else "Train again with the marks as they are now"
        if st.button(label, type="primary", icon=":material/play_arrow:", key="train_again"):
            with elements.errors_here():
                which = allowed.write(corrections.save_version, snapshot.dataset_of(stage), who.marks_of())
                if which:  # "": somebody took them all back meanwhile
                    spec = stage.spec().but(marks=which, seed=0)
                    run_choices.train(spec, defaults.repeats(spec))
                st.rerun()
    if run is None:
        return
    version = corrections.version(stage.spec().dataset, run.spec().marks)
    st.subheader("Trained again", anchor=False)
    since = "" if current else " The marks have changed since."
    st.caption(f"With {len(version)} mark{'s' if len(version) > 1 else ''} (`{run.spec().marks}`).{since}")
    if after := recipe_progress.follow(snapshot.recipe(run), "again"):
        _worth(stage, after, version)


def _retrained(stage: Run, which: str) -> Run | None:
    """The stage trained again with the marks `which`; else with the marks that it was last trained again with.

    Of several trainings the one that is kept, else the first.
    """
    plain = stage.spec().recipe
    recipes = [
        r for r in snapshot.recipes().values() if (s := r.runs[0].spec()).marks and s.but(marks="").recipe == plain
    ]
    found = [recipe.kept or recipe.runs[0] for recipe in recipes]
    return next((run for run in found if run.spec().marks == which), next(iter(found), None))


def _worth(stage: Run, run: Run, version: dict[str, corrections.Mark]) -> None:
    """Both recipes measured on the corrected labels, by all their trainings, and what the marks changed."""
    trained = cached.trained(stage)
    corrected = {
        one.spec().seed: corrections.remeasured(
            cached.predictions(one), predictions.finished_probabilities(one), one.vocab(), version
        )
        for one in trained
    }
    found = repeats.compare(corrected, cached.trainings(run))
    as_they_were = fmean(predictions.error_rate(cached.predictions(one)) for one in trained)
    many = max(found.before.n, found.after.n) > 1
    shown = {
        "Before, on the labels as they were": as_they_were,
        "Before, on the corrected labels": found.before.mean,
        "After, on the corrected labels": found.after.mean,
    }
    for column, (name, rate) in zip(st.columns(3), shown.items(), strict=True):
        column.metric(f"{name}{', mean' if many else ''}", formatting.percent(rate), border=True)
    facts = Counter(run.status().fact("marks"))
    learned, tested = (
        facts["changed_train"] + facts["left_out_train"],
        facts["changed_valid"] + facts["left_out_valid"],
    )
    words = (
        f"Of the photos it learns from, {facts['changed_train']} got another label and {facts['left_out_train']} were left "
        f"out; of the photos it is tested with, {facts['changed_valid']} and {facts['left_out_valid']}."
    )
    if tested:
        words += " Correcting validation photos changes the measure too, so compare the last two."
    said = luck.NOT_YET if repeats_view.awaited(stage, run) else luck.repeats_words("before", "after", found)
    st.markdown(f"**Was it worth it?** {said}")
    if not learned:
        words += " It learned from the same photos and labels as before: mark photos it was trained on to change that."
    st.caption(words)
    if st.button("Compare photo by photo", key="compare_again", icon=steps.step("two_runs").icon):
        state.put(run_a=stage.id, run_b=run.id)
        st.switch_page(steps.step("two_runs").path)
