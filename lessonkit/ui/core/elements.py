"""How the pages speak: an error as a sentence, a missing step as a link, code in two dialects, a way on."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from lessonkit import language
from lessonkit.errors import LessonError
from lessonkit.figures import style
from lessonkit.language import tr, trn
from lessonkit.lesson import steps
from lessonkit.lesson.glossary import GLOSSARY
from lessonkit.ui.core import formatting, state, who


def opening(page: str, held_back: bool = False) -> None:
    """A page's heading and what it is for, which tells what comes out: not while that is held back."""
    step = steps.step(page)
    places = [s.page for s in steps.STEPS]
    other = tr("Class") if step in steps.CLASS else tr("Explore")
    number = places.index(page) + 1 if page in places else 0
    st.caption(tr("Step {number} of {all}", number=number, all=len(places)) if number else other)
    st.title(tr(step.title), anchor=False)
    if not held_back:
        st.markdown(tr(step.what))
    _new_words(step.words)


def new_words(page: str, part: str) -> None:
    """The words that a learner meets first in a part of a page, to be opened; `part` is one of `Step.later`."""
    _new_words(dict(steps.step(page).later)[part])


def _new_words(words: Sequence[str]) -> None:
    if words:
        with st.popover(
            trn("{n} word that is new here", "{n} words that are new here", len(words)), icon=":material/menu_book:"
        ):
            st.markdown("\n\n".join(f"**{tr(word)}.** {tr(GLOSSARY[word])}" for word in words))


def onward(page: str, sentence: str = "") -> None:
    """The sentence that leads on, and the link; the step's own sentence where none is given."""
    following = steps.after(page)
    if following is None:
        return
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center", key="onward"):
        st.markdown(sentence or tr(steps.step(page).onward))
        label = tr("**Next: {step}**", step=tr(following.title))
        st.page_link(following.path, label=label, icon=following.icon, width="content")


def missing(sentence: str, page: str) -> None:
    """What this page needs first, and where to get it."""
    step = steps.step(page)
    with st.container(border=True):
        st.markdown(f":material/info: {sentence}")
        st.page_link(step.path, label=tr("Go to **{step}**", step=tr(step.title)), icon=step.icon)


def error(problem: LessonError) -> None:
    """An error's sentence and its way out, to the letter: a pattern or a file's name in them is no Markdown."""
    st.error(
        f"**{formatting.sentence(problem.sentence)}** {formatting.sentence(problem.way_out)}".strip(),
        icon=":material/error:",
    )


@contextmanager
def errors_here() -> Iterator[None]:
    """Show a LessonError where it happened; the rest of the page stands."""
    try:
        yield
    except LessonError as problem:
        error(problem)


def folded_until(opened: bool, label: str) -> AbstractContextManager[Any]:
    """A place for results that were there before the learner trained: folded, so that nobody reads the answer first.

    Args:
        opened: whether the learner has trained: then they stand on the page. label: of the fold.
    """
    return nullcontext() if opened else st.expander(label, icon=":material/history:", expanded=False)


def chart(
    figure: go.Figure | Callable[[], go.Figure], key: str, alt: str, made_of: tuple[Hashable, ...] = (), **how: Any
) -> None:
    """A plotly figure without plotly's own buttons, which would lie over it.

    Args:
        figure: or what makes it, called only when none was made of the same before.
        made_of: all that such a figure depends on, such as a run's id and when it ended.
        how: for st.plotly_chart.
    """
    large = bool(state.get("large"))
    if isinstance(figure, go.Figure):
        drawn = style.larger(figure) if large else figure
    else:
        drawn = _drawn(key, language.current(), large, made_of, figure)
    st.plotly_chart(drawn, key=key, alt=alt, config={"displayModeBar": False}, **how)


@st.cache_resource(show_spinner=False, max_entries=128)
def _drawn(
    key: str, language: str, large: bool, made_of: tuple[Hashable, ...], _draw: Callable[[], go.Figure]
) -> go.Figure:
    """A figure, kept as it is for all learners of a language: Streamlit turns it into JSON and changes nothing in it."""
    return _Drawn(style.larger(_draw()) if large else _draw())


class _Drawn(go.Figure):
    """A figure that is changed no more: what plotly makes of it on the way to JSON, more than half of that, is made once."""

    def to_dict(self) -> dict[str, Any]:
        if "_made" not in self.__dict__:
            self._made = Made(super().to_dict())
        return self._made


class Made(dict[str, Any]):
    """What is made of a figure that is changed no more, with its JSON once somebody needed it (`streamlit_mends.write_once`)."""

    json = ""


def tabs(labels: Sequence[str], key: str) -> Sequence[Any]:
    """Tabs that know whether they are open. The address names the open one, and a link opens it in each language.

    Args:
        labels: constants, in English: they are translated here.
    """
    shown = [tr(label) for label in labels]
    wanted = st.session_state.get(key) or st.query_params.get(key, "")
    # not there: a reader of another language sent the address, or the language was changed
    if wanted and wanted not in shown:
        for of in language.languages():
            with language.speaking(of):
                theirs = [tr(label) for label in labels]
            if wanted in theirs:
                st.session_state[key] = shown[theirs.index(wanted)]
                break
    return st.tabs(shown, key=key, bind="query-params")


def figures(number: int) -> AbstractContextManager[Any]:
    """A place for so many metrics side by side; two a row on a phone, where columns would stand one below the other."""
    return st.grid(columns=number, min_column_width=140, gap="small")


def whole(name: str, key: str) -> None:
    """What a box says that has no room for it, in whole, under the box; seen where the window is narrow (`frame.STYLE`).

    Args:
        key: of the box; begins with `half_` where the box has half of the page.
    """
    with st.container(key=f"whole_{key}"):
        st.caption(formatting.plain(name))


def table(columns: Mapping[str, Sequence[str]], key: str, alt: str) -> None:
    """A table that is read without a sideways scroll: where it has no room, each row stands as a list of its own.

    Args:
        columns: what each cell says, by the columns' names; the first column names the row, and its own name may be "".
    """
    names = list(columns)
    nothing = [
        f".st-key-rows_{key} tr:nth-child({row}) td:nth-child({column})"
        for column, cells in enumerate(columns.values(), 1)
        for row, cell in enumerate(cells, 1)
        if cell == "–"
    ]
    with st.container(key=f"rows_{key}"):
        st.table(arrow(columns), hide_index=True, alt=alt)
    # The head is above the rows no more, so each cell says its column's name.
    said = "".join(
        f".st-key-rows_{key} td:nth-child({n}) {{ --column: {_css_text(name)}; }}" for n, name in enumerate(names, 1)
    )
    if nothing:  # in a list, a line that says nothing is left out
        said += f"@media (max-width: 640px) {{ {', '.join(nothing)} {{ display: none; }} }}"
    st.html(f"<style>{said}</style>")


def arrow(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Columns by name as Streamlit sends them: of a dict it makes a frame first, which takes 20 times as long."""
    return pa.table({name: list(cells) for name, cells in columns.items()})


def _css_text(words: str) -> str:
    """Words as a string in CSS, of which none ends it or the style that it stands in."""
    return '"' + re.sub(r'[\\"<>\n]', lambda found: f"\\{ord(found[0]):x} ", words) + '"'


def code(*pairs: tuple[str, str], note: str = "") -> None:
    """The fastai code that does what the page did, today's and the lesson's of 2019: (today's, then) a cell."""
    with st.expander(tr("The code that does this"), icon=":material/code:"):
        today, then = st.tabs([tr("fastai 2, today"), tr("fastai 1, as in 2019")])
        for two, one in pairs:
            today.code(two, language="python", wrap_lines=True)
            then.code(one, language="python", wrap_lines=True)
        if note:
            st.caption(note)


def questions(pairs: tuple[tuple[str, str], ...], title: str = "") -> None:
    """Questions with their answers, folded; not where the teacher holds explanations back.

    Args:
        pairs: constants, in English: they are translated here.
        title: above them, as it is shown; the usual one where none is given.
    """
    if who.held_back():
        return
    st.subheader(title or tr("What people ask here"), anchor=False)
    for question, answer in pairs:
        with st.expander(tr(question), icon=":material/help:"):
            st.markdown(tr(answer))
