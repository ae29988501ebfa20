"""Photos to mark, held out or trained on; all marks; training again with them."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import pandas as pd
import streamlit as st

from lessonkit import corrections
from lessonkit.analysis import embeddings, predictions, repeats
from lessonkit.language import decimal, tr, trn
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
        tr(
            "The validation photos with the highest losses: look whether the label is wrong before you blame the model. "
            "Marks here correct the **test**."
        )
    )
    _planted(run, frame, held_out=True)
    kept = predictions.in_cell(frame, *(chosen or (None, None)))
    shown = pickers.page_of(kept, A_PAGE, "clean_page")
    with st.grid(columns=3, gap="small"):
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall", key=f"card_{row.Index}"):
                thumbnails.picture(snapshot.dataset_of(run), row.photo, side=thumbnails.LARGE)
                said = tr(
                    "labelled **{actual}**, predicted **{predicted}** (loss {loss})",
                    actual=formatting.breed(row.actual), predicted=formatting.breed(row.predicted),
                    loss=decimal(row.loss, 1),
                )  # fmt: skip
                st.markdown(said)
                marking.mark(run, row.photo, row.actual, row.predicted)


def trained_on(run: Run, chosen: selection.Breeds | None) -> None:
    """The training photos whose nearest ones speak against their label, the most suspect first, to mark."""
    st.markdown(
        tr(
            "The photos that it was trained on. For each one the network finds the **{around} photos that look most like it**. "
            "If these have another label, its own may be wrong: such photos come first. Marks here correct **what it learns**.",
            around=embeddings.AROUND,
        )
    )
    if not inspector.features_ready(run):
        return
    frame = _suspects(run.id, run.status().ended_at)
    _planted(run, frame, held_out=False)
    if chosen:  # a mistake may come from photos of either breed that carry the other's name
        frame = frame[frame["breed"].isin(list(filter(None, chosen)))]
    shown = pickers.page_of(frame, A_PAGE, "suspects_page")
    with st.grid(columns=3, gap="small"):
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall", key=f"card_{row.Index}"):
                thumbnails.picture(snapshot.dataset_of(run), row.photo, side=thumbnails.LARGE)
                st.markdown(
                    tr("labelled **{breed}**: {around}", breed=formatting.breed(row.breed), around=_around(row))
                )
                marking.mark(run, row.photo, row.breed, row.suggested)


def in_both(run: Run, chosen: selection.Breeds | None) -> None:
    """Each validation photo beside the training photo nearest to it, the nearest first: some are the same picture."""
    st.markdown(
        tr(
            "A photo that is in **both halves**, maybe in another size, is answered from memory, and the error looks better "
            "than it is: a *leak*. Here are photos held out, each beside the one nearest to it that the model was trained on."
        )
    )
    if not inspector.features_ready(run):
        return
    frame = _twins(run.id, run.status().ended_at)
    same = int((frame["distance"] <= embeddings.SAME).sum())
    limit = decimal(embeddings.SAME, 2)
    found = (
        trn(
            "{n} of them is surely the same picture (a distance up to {limit}).",
            "{n} of them are surely the same picture (a distance up to {limit}).",
            same,
            limit=limit,
        )
        if same
        else tr("None of them is surely the same picture (a distance up to {limit}).", limit=limit)
    )
    more = tr(
        "Look at the next ones yourself: cut closer, or taken a moment later, one lies a little further off. **Leave it out** "
        "takes the held-out one out of the test."
    )
    st.caption(f"{found} {more}")
    dataset, spec = snapshot.dataset_of(run), run.spec()
    copied = cached.tested_with_a_copy(dataset, spec.pattern, spec.split_seed) if spec.split == "random" else 0
    if copied:  # by their pixels: the network may find a mirrored one less alike
        many = trn(
            "**{n} of the photos held out has a copy among those trained on**, perhaps mirrored, brighter or cut.",
            "**{n} of the photos held out have a copy among those trained on**, perhaps mirrored, brighter or cut.",
            copied,
        )
        way_out = tr(
            "To keep all copies in one half, choose “{choice}” on the page *{page}*.",
            choice=tr("copies of a photo together"), page=tr(steps.step("train").title),
        )  # fmt: skip
        st.warning(f"{many} {way_out}", icon=":material/content_copy:")
    if chosen:
        frame = frame[frame["breed"].isin(list(filter(None, chosen)))]
    shown = pickers.page_of(frame, PAIRS_A_PAGE, "pairs_page")
    with st.grid(min_column_width=300, gap="small"):
        for row in shown.itertuples():
            with st.container(border=True, gap="xsmall"):
                with st.grid(min_column_width=120, gap="xsmall"):
                    thumbnails.picture(
                        dataset, row.photo, caption=tr("held out: {photo}", photo=formatting.code(row.photo))
                    )
                    thumbnails.picture(
                        dataset, row.twin, caption=tr("trained on: {photo}", photo=formatting.code(row.twin))
                    )
                breed, far = formatting.breed(row.breed), decimal(row.distance, 3)
                st.markdown(
                    tr("labelled **{breed}**, distance {distance}", breed=breed, distance=far)
                    if row.breed == row.twin_breed
                    else tr(
                        "labelled **{breed}**, the other **{other}**, distance {distance}",
                        breed=breed,
                        other=formatting.breed(row.twin_breed),
                        distance=far,
                    )
                )
                marking.mark(run, row.photo, row.breed, row.twin_breed, "pair")


@st.cache_data(show_spinner=False, max_entries=8)
def _twins(run_id: str, ended_at: float) -> pd.DataFrame:
    return embeddings.twins(run_id)


def _around(row) -> str:
    """What the photos around one say of its label.

    Args:
        row: of `features.suspects`.
    """
    others, around = row.others, embeddings.AROUND
    if row.suggested == row.breed:
        return tr("{others} of the {around} nearest are not", others=others, around=around)
    return tr(
        "{others} of the {around} nearest are not, {agree} are **{breed}**",
        others=others, around=around, agree=row.agree, breed=formatting.breed(row.suggested),
    )  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=8)
def _suspects(run_id: str, ended_at: float) -> pd.DataFrame:
    return embeddings.suspects(run_id)


def _planted(run: Run, frame: pd.DataFrame, held_out: bool) -> None:
    """How many of the wrong labels planted in the drawn set the top of a list holds.

    Args:
        frame: the list, in its order, with `photo`.
        held_out: whether it is of the validation photos, else of the training photos.
    """
    planted = list(snapshot.dataset_of(run).photos.planted)
    among = int(frame["photo"].isin(planted).sum())
    if among:
        found, first = predictions.planted_found(frame, planted, FIRST)
        values = {
            "all": decimal(len(frame)), "share": formatting.percent(FIRST, 0), "first": formatting.photos(first), "found": found,
        }  # fmt: skip
        st.caption(
            trn(
                "In the drawn set some labels are wrong on purpose: {n} of them is among the {all} validation photos, and the "
                "first {share} of the top losses, {first}, hold {found}.",
                "In the drawn set some labels are wrong on purpose: {n} of them are among the {all} validation photos, and the "
                "first {share} of the top losses, {first}, hold {found}.",
                among,
                **values,
            )
            if held_out
            else trn(
                "In the drawn set some labels are wrong on purpose: {n} of them is among the {all} training photos, and the "
                "first {share} of this list, {first}, hold {found}.",
                "In the drawn set some labels are wrong on purpose: {n} of them are among the {all} training photos, and the "
                "first {share} of this list, {first}, hold {found}.",
                among,
                **values,
            )
        )


def one_trained(run: Run, name: str) -> None:
    """As `one`, of a photo that the run was trained on; its nearest ones suggest the breed."""
    if not selection.trained_photo(run):
        st.markdown(inspector.unknown(name))
        return
    row = _suspects(run.id, run.status().ended_at).set_index("photo").loc[name]
    marking.one(run, name, str(row["breed"]), str(row["suggested"]), tr("trained on: {around}", around=_around(row)))


def list_of(run: Run, made: dict[str, corrections.Mark]) -> None:
    """All marks on these photos, in a class the learner's own, and a way to take them back, which asks once more."""
    st.subheader(tr("Marks on these photos: {number}", number=len(made)), anchor=False)
    st.caption(
        tr("These marks are yours alone. The others in the class have their own.")
        if who.in_class()
        else tr("Everybody who uses this lesson on this machine makes and sees the same marks.")
    )
    rows = [{tr("photo"): name, tr("mark"): marking.words(m)} for name, m in made.items()]
    st.dataframe(rows, hide_index=True, alt=tr("The photos that are marked, and how."))
    with st.popover(tr("Take all marks back"), key="clear_all"):
        st.markdown(
            trn("This takes back **the mark**.", "This takes back all **{n}** marks.", len(made))
            if who.in_class()
            else trn(
                "This takes back **the mark**, whoever made it.",
                "This takes back all **{n}** marks, whoever made them.",
                len(made),
            )
        )
        if st.button(tr("Yes, take them all back"), key="clear_marks", type="primary"):
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
                tr(
                    ":material/school: Your teacher published **{marks}** marks; {new} of these photos you have not marked.",
                    marks=len(published),
                    new=len(new),
                ),
                width="content",
            )
            if st.button(tr("Take the class's marks too"), key="take_published"):
                with elements.errors_here():
                    allowed.write(corrections.take_published, dataset, person.key)
                    st.rerun()
    if person.teacher:
        _publish(dataset, mine, published)


def _publish(dataset: Dataset, mine: corrections.Marks, published: corrections.Marks) -> None:
    with st.expander(tr("For the teacher: the class's marks"), icon=":material/school:"):
        said = Counter(
            (photo, marking.words(m))
            for of in corrections.of_learners(dataset.name).values()
            for photo, m in of.items()
        )
        st.markdown(
            tr(
                "The class's set has **{published}** marks, yours **{yours}**. Whoever takes the class's set keeps their own "
                "marks besides.",
                published=len(published),
                yours=len(mine),
            )
        )
        if st.button(tr("Publish my marks as the class's set"), key="publish_marks", icon=":material/publish:"):
            with elements.errors_here():
                allowed.publish_marks(dataset)
                st.rerun()
        rows = [
            {tr("photo"): photo, tr("mark"): words, tr("said by"): number}
            for (photo, words), number in said.most_common()
        ]
        st.dataframe(rows, hide_index=True, alt=tr("The photos that anybody marked, how, and how many said so."))


def again(stage: Run, made: dict[str, corrections.Mark]) -> None:
    """The same training on the corrected labels: a way to begin it, and the newest that was done."""
    run = _retrained(stage, corrections.fingerprint(made))
    current = run is not None and run.spec().marks == corrections.fingerprint(made)
    if made and not current:
        label = tr("Train again with the marks") if run is None else tr("Train again with the marks as they are now")
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
    st.subheader(tr("Trained again"), anchor=False)
    which = formatting.code(run.spec().marks)
    words = [trn("With {n} mark ({which}).", "With {n} marks ({which}).", len(version), which=which)]
    words += [] if current else [tr("The marks have changed since.")]
    st.caption(" ".join(words))
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
        tr("Before, on the labels as they were"): as_they_were,
        tr("Before, on the corrected labels"): found.before.mean,
        tr("After, on the corrected labels"): found.after.mean,
    }
    with elements.figures(len(shown)):
        for name, rate in shown.items():
            st.metric(tr("{what}, mean", what=name) if many else name, formatting.percent(rate), border=True)
    facts = Counter(run.status().fact("marks"))
    learned, tested = (
        facts["changed_train"] + facts["left_out_train"],
        facts["changed_valid"] + facts["left_out_valid"],
    )
    words = [
        tr(
            "Of the photos it learns from, {changed_train} got another label and {left_out_train} were left out; of the photos "
            "it is tested with, {changed_valid} and {left_out_valid}.",
            **{name: facts[name] for name in ("changed_train", "left_out_train", "changed_valid", "left_out_valid")},
        )
    ]
    if tested:
        words.append(tr("Correcting validation photos changes the measure too, so compare the last two."))
    if repeats_view.awaited(stage, run):
        said = tr(luck.NOT_YET)
    else:
        said = luck.repeats_words(tr("before"), tr("after"), found)
    st.markdown(" ".join([tr("**Was it worth it?**"), said]))
    if not learned:
        words.append(
            tr("It learned from the same photos and labels as before: mark photos it was trained on to change that.")
        )
    st.caption(" ".join(words))
    if st.button(tr("Compare photo by photo"), key="compare_again", icon=steps.step("two_runs").icon):
        state.put(run_a=stage.id, run_b=run.id)
        st.switch_page(steps.step("two_runs").path)
