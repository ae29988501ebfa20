"""All marks of a learner on these photos; in a class the set that the teacher published."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from lessonkit import corrections
from lessonkit.language import tr, trn
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.ui.core import allowed, elements, snapshot, who
from lessonkit.ui.explore import marking


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
