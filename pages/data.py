"""Choose and get a dataset; label its photos from their file names."""

import streamlit as st

from lessonkit import language
from lessonkit.language import tr
from lessonkit.lesson import code
from lessonkit.photos import catalog, labels
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import elements, formatting, job_progress, run_choices, state
from lessonkit.ui.lesson import label_ways, labelling, own_dataset, pattern_box


def _choose() -> Dataset:
    known = state.open_datasets()
    chosen = st.radio(
        tr("Dataset"),
        list(known),
        index=list(known).index(state.dataset().name),
        format_func=lambda name: formatting.title(known[name]),
        captions=[labelling.facts(dataset) for dataset in known.values()],
        label_visibility="collapsed",
    )
    if chosen != state.dataset().name:
        state.choose_dataset(chosen)
        st.rerun()
    return known[chosen]


def _unreadable() -> None:
    """Name the datasets that are left out, and say why."""
    for name, why in catalog.unreadable().items():
        said = " ".join(language.again(part) for part in (why.sentence, why.way_out) if part)
        st.warning(f"`{name}` {formatting.sentence(said)}", icon=":material/warning:")


elements.opening("data")
st.subheader(tr("Choose the photos"), anchor=False)
dataset = _choose()
_unreadable()
own_dataset.add()
onward = tr("These photos are not here yet. Get them above, or choose photos that are: the next pages need them.")
if not dataset.present:
    job_progress.get_dataset(dataset)
else:
    own_dataset.about(dataset)
    job_progress.decode(dataset, run_choices.default(dataset).size)
    onward = tr("The photos are here, but their labels are not: choose another pattern above.")
    if dataset.labelled_by == "folder":
        st.subheader(tr("The breed is in the folder's name"), anchor=False)
        st.markdown(
            tr("Here each breed has a folder of its own, so no pattern is needed: the folder's name is the label.")
        )
        with elements.errors_here():
            onward = labelling.found(dataset, "")
    else:
        labelling.file_names(dataset)
        with elements.errors_here():
            onward = labelling.found(dataset, pattern_box.pattern(dataset))
    elements.code(code.get_data(dataset.description), code.label(state.pattern()))
    with elements.errors_here():
        label_ways.show(labels.label_dataset(dataset, state.pattern()), state.pattern())
elements.onward("data", onward)
