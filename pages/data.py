"""Choose and get a dataset; label its photos from their file names."""

import streamlit as st

from lessonkit.figures import breeds
from lessonkit.lesson import code
from lessonkit.photos import catalog, labels
from lessonkit.ui.core import elements, formatting, job_progress, run_choices, state, thumbnails
from lessonkit.ui.core.cached import labelled
from lessonkit.ui.lesson import label_ways, own_dataset, pattern_box


def _choose() -> str:
    names = list(catalog.all_datasets())
    chosen = st.radio(
        "Dataset",
        names,
        index=names.index(state.dataset()),
        format_func=formatting.title,
        captions=[_facts(catalog.get(n)) for n in names],
        label_visibility="collapsed",
    )
    if chosen != state.dataset():
        state.put(dataset=chosen, pattern="", run="", model="", actual="", predicted="", photo="")
        st.rerun()
    return chosen


def _facts(dataset: catalog.Dataset) -> str:
    size = f"{formatting.megabytes(dataset.bytes)} to download" if dataset.url else "nothing to download"
    here = "not on this machine yet"
    if catalog.present(dataset.name):
        here = f"**on this machine: {len(catalog.photo_names(dataset.name)):,} photos, {formatting.megabytes(catalog.photo_bytes(dataset.name))}**"
    return f"{formatting.plain(dataset.about)} {dataset.photos:,} photos, {dataset.breeds} breeds, {size}; {here}."


def _file_names(name: str) -> None:
    st.subheader("The breed is in the file name", anchor=False)
    names = catalog.photo_names(name)
    samples = names[:: max(1, len(names) // 8)][:8]
    st.markdown(f"{len(names):,} photos. Some of them, each with its file name:")
    thumbnails.grid(name, samples, [formatting.code(n) for n in samples], width=120)


def _labels(name: str, pattern: str) -> None:
    found = labelled(name, pattern)
    left, middle, right = st.columns(3)
    left.metric("Photos labelled", f"{len(found.of):,}")
    middle.metric("Breeds", len(found.breeds))
    right.metric("Files that did not match", len(found.unmatched))
    if found.unmatched:
        with st.expander(f"The {len(found.unmatched):,} files that did not match"):
            st.dataframe({"file": found.unmatched}, hide_index=True)
    labels.require_trainable(found)
    if pattern:
        state.put(pattern="" if pattern == (catalog.get(name).pattern or labels.DEFAULT_PATTERN) else pattern)
    fewest, most = min(found.counts, key=found.counts.__getitem__), max(found.counts, key=found.counts.__getitem__)
    elements.chart(
        lambda: breeds.photos_a_breed(found.counts),
        key="photos_a_breed",
        alt=f"Photos of each breed: from {found.counts[fewest]} ({formatting.breed_name(fewest)}) to {found.counts[most]} ({formatting.breed_name(most)}).",
        made_of=(name, catalog.fingerprint(name), pattern),
    )
    planted = catalog.planted(name)
    if planted:
        st.caption(
            f"{len(planted)} of these labels are wrong on purpose, as in any real dataset. You may find them later."
        )


elements.opening("data")
st.subheader("Choose the photos", anchor=False)
dataset = _choose()
own_dataset.add()
if not catalog.present(dataset):
    job_progress.get_dataset(dataset)
else:
    own_dataset.about(dataset)
    job_progress.decode(dataset, run_choices.default(dataset).size)
    if catalog.get(dataset).labelled_by == "folder":
        st.subheader("The breed is in the folder's name", anchor=False)
        st.markdown("Here each breed has a folder of its own, so no pattern is needed: the folder's name is the label.")
        with elements.errors_here():
            _labels(dataset, "")
    else:
        _file_names(dataset)
        with elements.errors_here():
            _labels(dataset, pattern_box.pattern(dataset))
    elements.code(code.get_data(dataset), code.label(state.pattern()))
    with elements.errors_here():
        label_ways.show(labelled(dataset, state.pattern()), state.pattern())
elements.onward("data")
