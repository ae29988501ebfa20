"""What stands around every page: navigation, the learner's own numbers, the engine, the words of the field."""

from __future__ import annotations

import contextlib
import copy
import functools
import unicodedata

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lessonkit import config, language
from lessonkit.errors import LessonError, SettingError
from lessonkit.language import tr
from lessonkit.lesson import recall, steps
from lessonkit.lesson.glossary import GLOSSARY
from lessonkit.ui.core import (
    class_bar,
    classroom,
    elements,
    formatting,
    language_choice,
    large_type,
    quiz,
    snapshot,
    state,
    updates,
    who,
)
from lessonkit.ui.core.connection import engine
from lessonkit.ui.core.engine_line import engine_line

STYLE = """<style>
.stMainBlockContainer { max-width: 1100px; padding-top: 4rem; } /* below Streamlit's header, which is 3.75 rem high */
.stMainBlockContainer img { border-radius: 0.5rem; }
[data-testid="stCaptionContainer"] code { color: inherit; opacity: 1; }
.st-key-onward a { border: 1px solid #0f766e; border-radius: 0.6rem; padding: 0.5rem 0.9rem; }
.stCode .token.comment { color: inherit; opacity: 0.8; }
[data-testid="stSliderThumbValue"], [data-testid="stSliderThumbValue"] p,
button[data-variant="segmented_control"][aria-checked="true"] p { color: light-dark(#0b5c55, #58cfc2); }
[class*=st-key-way_in] { text-align: center; align-items: center; }
[class*=st-key-way_in] img { max-height: 46vh; width: auto; max-width: 100%; margin: auto; border-radius: 0; object-fit: contain; }
[class*=st-key-way_in] .address { font-size: clamp(1.6rem, 5vw, 5rem); font-weight: 700; margin: 0; overflow-wrap: anywhere; line-height: 1.1; }
[class*=st-key-way_in] .code { font-size: clamp(1.2rem, 3.5vw, 3.5rem); margin: 0; line-height: 1.1; }
@media (min-aspect-ratio: 1) { /* on the wall the QR code is as high as the screen, and what is typed stands beside it */
  .st-key-way_in_wall { display: grid; grid-template: 1fr auto 1fr / min(66vh, 48vw) minmax(0, 1fr); gap: 2vh 2vw; }
  .st-key-way_in_wall > * { width: 100%; }
  .st-key-way_in_wall > :nth-child(1) { grid-row: 1 / span 3; }
  .st-key-way_in_wall > :nth-child(2) { align-self: end; }
  .st-key-way_in_wall img { width: min(66vh, 48vw); height: min(66vh, 48vw); max-height: none; max-width: none; }
  .st-key-way_in_wall .address { font-size: 4vw; }
  .st-key-way_in_wall .code { font-size: 5.5vw; }
}
.st-key-way_in_wall [data-testid=stMarkdownContainer] p { text-align: center; font-size: clamp(1.1rem, 2.4vw, 2.4rem); }
.pattern mark { border-radius: 0.25rem; padding: 0 0.15rem 0.2rem; color: inherit; } /* room for an underscore */
.pattern .whole { background: rgba(45, 130, 183, 0.16); outline: 1px solid rgba(45, 130, 183, 0.6); }
.pattern .group { background: rgba(240, 145, 30, 0.5); outline: 1px solid rgba(200, 110, 0, 0.9); }
.pattern .further { background: transparent; outline-style: dashed; }
.pattern li.none { opacity: 0.75; font-style: italic; }
@media (hover: none) { .stElementContainer:has([data-testid=stDataFrame]) { padding-top: 2.8rem; box-sizing: content-box; } } /* room for its buttons, 44 pixels high, above the height that is set */
/* what a click on a matrix found stays in sight, at the foot of the window, until its photos are reached */
:is(.stLayoutWrapper, .stElementContainer):has(> .st-key-found), .st-key-found.stVerticalBlock { position: sticky; bottom: 0; z-index: 9; }
.st-key-found { background: light-dark(#ffffff, #111716); border-top: 1px solid rgba(128, 134, 145, 0.4); padding: 0.4rem 0; }
/* about 90 letters a line: longer ones lose the eye on its way back */
.stMainBlockContainer :is([data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]) > :is(p, ul, ol) { max-width: 80ch; }
/* where more stands at the right of what is seen, the edge is shaded */
@supports (animation-timeline: scroll()) {
  @keyframes more-at-the-right { from, 90% { box-shadow: inset -0.9rem 0 0.6rem -0.6rem rgba(120, 130, 145, 0.75); } to { box-shadow: none; } }
  .dvn-scroller, [data-testid=stTable] > div { animation: more-at-the-right linear; animation-timeline: scroll(self inline); }
}
@media (min-width: 2400px) { /* letters and photos that do not get lost on a screen of 4K */
  html { font-size: 20px !important; }
  .stMainBlockContainer { max-width: 88rem; }
}
@media (max-width: 640px) { /* of a photo that is to be judged, what is said and done stands beside it */
  .stGrid:has([class*=st-key-card_]) { grid-template-columns: minmax(0, 1fr) !important; }
  [class*=st-key-card_] { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); column-gap: 0.75rem; align-items: start; }
  [class*=st-key-card_] > * { grid-column: 2; width: 100%; }
  [class*=st-key-card_] > :first-child { grid-column: 1; grid-row: 1 / span 4; }
}
@media (max-width: 640px) { /* of each photo to guess the buttons stand at one height, and photo and buttons on one screen */
  .st-key-guessed_photo img { height: min(40vh, 22rem); object-fit: contain; }
}
:is([data-testid=stMetricLabel], [data-testid=stMetricLabel] :is(div, p)) { white-space: normal !important; overflow: visible !important; }
[data-testid=stFileUploaderDropzone] :is(span, small) { white-space: normal !important; overflow: visible !important; }
[class*=st-key-card_] [role=combobox] { font-size: 0.8rem; padding-inline: 0.4rem; } /* the longest names of breeds */
[role=combobox] { text-overflow: ellipsis; }
/* what a box has no room for stands under it */
@media (min-width: 641px) { .stLayoutWrapper:has(> [class*=st-key-whole_]:not([class*=st-key-whole_half_])) { display: none; } }
@media (min-width: 1641px) { .stLayoutWrapper:has(> [class*=st-key-whole_half_]) { display: none; } }
@media (max-width: 640px) { /* a row of a table is a list of its own (elements.table) */
  [class*=st-key-rows_] :is(table, tbody, tr, td) { display: block; width: 100%; border: 0; }
  [class*=st-key-rows_] thead { display: none; }
  [class*=st-key-rows_] tr { padding: 0.5rem 0.75rem; border-bottom: 1px solid rgba(128, 134, 145, 0.4) !important; }
  [class*=st-key-rows_] td { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 0.75rem; padding: 0.1rem 0 !important; text-align: start !important; }
  [class*=st-key-rows_] td::before { content: var(--column); opacity: 0.8; white-space: normal; overflow-wrap: anywhere; }
  [class*=st-key-rows_] td:first-child { display: block; font-weight: 600; }
  [class*=st-key-rows_] td:first-child::before { content: none; }
}
.pattern ul { list-style: none; margin: 0; padding: 0; font-family: monospace; font-size: 0.85rem; line-height: 1.9; overflow-wrap: anywhere; }
</style>"""


def frame() -> None:
    """Set the app up and run the page that was asked for, in the learner's language."""
    with contextlib.suppress(SettingError):  # `config.check_app` says it below
        language.take_from(config.texts())
    with language.speaking(language_choice.begin()):
        _frame()


def _frame() -> None:
    st.set_page_config(page_title=tr("What's your pet?"), page_icon="🐾", layout="wide")
    st.html(STYLE)
    shown = class_bar.pages_shown()
    pages, beyond = [_page(s) for s in steps.STEPS], [_page(s) for s in steps.EXPLORE]
    of_class = [_page(s, s.page in shown) for s in steps.CLASS]
    page = st.navigation({tr("Lesson 1"): pages, tr("Explore"): beyond, tr("Class"): of_class}, expanded=True)
    try:
        config.check_home(to_write=False)
        config.check_app()
        snapshot.take()
    except LessonError as problem:
        elements.error(problem)
        st.stop()
    if updated := updates.problem():
        elements.error(updated)
    state.turned_to(page.url_path)
    state.load()
    state.settle()
    state.save()
    engine()
    with st.sidebar:
        for part in (
            class_bar.mine,
            _score,
            _ideas,
            _machine,
            classroom.join,
            _glossary,
            language_choice.control,
            large_type.control,
        ):
            with elements.errors_here():
                part()
    with elements.errors_here():
        if class_bar.lets(page.url_path):
            page.run()


def _page(step: steps.Step, visible: bool = True) -> StreamlitPage:
    # navigation writes into those that it is given
    return copy.copy(_made_page(step, tr(step.title), visible))


@functools.cache
def _made_page(step: steps.Step, title: str, visible: bool) -> StreamlitPage:
    """A page for the navigation. Making one looks for its file, component by component of the path."""
    first = step is steps.STEPS[0]
    return st.Page(
        step.path, title=title, icon=step.icon, default=first, url_path=None if first else step.page,
        visibility="visible" if visible else "hidden",
    )  # fmt: skip


def _score() -> None:
    if who.held_back():
        return
    guesses = quiz.score()
    run = state.stage() if state.results_open() else None
    if guesses is None and run is None:
        return
    yours, models = st.columns(2)
    yours.metric(
        tr("Your error"), formatting.percent(guesses.error_rate, 0) if guesses else "–", help=quiz.words(guesses)
    )
    history = run.history() if run else []
    models.metric(
        tr("The model's"),
        formatting.percent(history[-1]["error_rate"]) if history else "–",
        help=tr(
            "Of the model that the lesson goes on from, on the photos held out. It stands here once you have trained, or "
            "opened a page that shows results."
        ),
    )


def _ideas() -> None:
    """How many of the lesson's ideas the learner was asked again and answered; nothing before the first."""
    given = who.notes().answers
    answered = [of for of in recall.ALL if recall.key(of) in given]
    guesses = sum(question.startswith(("expects|", "luck|")) for question in given)
    if not answered and not guesses:
        return
    right = sum(given[recall.key(of)].before == of.right for of in answered)
    st.progress(
        len(answered) / len(recall.ALL),
        text=tr(
            "Ideas asked again: {answered} of {all}, {right} right at once. Guesses before a run: {guesses}",
            answered=len(answered),
            all=len(recall.ALL),
            right=right,
            guesses=guesses,
        ),
    )


def _machine() -> None:
    dataset = state.dataset()
    with st.container(border=True, gap="xsmall"):
        title = formatting.title(dataset)
        st.caption(
            f":material/photo_library: {title}"
            if dataset.present
            else tr(":material/photo_library: {dataset}: not here yet", dataset=title)
        )
        engine_line()


def _glossary() -> None:
    with st.popover(tr("Words of the field"), icon=":material/menu_book:", width="stretch"):
        words = sorted(
            ((tr(word), tr(meaning)) for word, meaning in GLOSSARY.items()), key=lambda pair: _sorted(pair[0])
        )
        st.markdown("\n\n".join(f"**{word}.** {meaning}" for word, meaning in words))  # one message, not forty


def _sorted(word: str) -> str:
    """By what words are sorted: an umlaut or an accent makes no other letter."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
