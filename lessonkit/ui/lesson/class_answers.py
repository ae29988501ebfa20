"""How the class's answers spread: the question at hand, live, before its result and after."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import streamlit as st

from lessonkit import language
from lessonkit.analysis import answers as counted
from lessonkit.classroom import asked, learners
from lessonkit.classroom.learners import Answer
from lessonkit.figures import class_answers
from lessonkit.language import tr, trn
from lessonkit.lesson import expectations, recall, steps, trainings
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import allowed, elements, formatting, quiz, snapshot, thumbnails, who
from lessonkit.ui.lesson import class_controls

EVERY = 2.0  # seconds between looks, of the teacher alone
LATELY = 120.0  # seconds in which the question counts as at hand that most have answered


@dataclass(frozen=True)
class Question:
    """What was asked.

    Attributes:
        key: as answers are kept under it.
        title: in a list. words: in full.
        choices: what could be answered -> how it is read.
        right: the choice that turned out right; "" where that is not known yet.
        photo: that it is about; None for none.
    """

    key: str
    title: str
    words: str
    choices: dict[str, str]
    right: str = ""
    photo: tuple[Dataset, str] | None = None


def _expected() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Guesses before a run, in English as answers are kept: their words, and those of their choices that are the same for all."""
    with language.speaking(language.ENGLISH):
        return {
            "epochs": expectations.LOSS,
            "normalization": expectations.NORMALIZATION,
            "rates": expectations.rates_question([]),
            "confusion": expectations.confusion_question([]),
        }


def question(key: str, given: Mapping[str, Answer]) -> Question | None:
    """The question of a key that may be of another class, or of photos that are gone: then None.

    Args:
        given: what each learner said to it. The ten photos are the same for all, but a learner's choices depend on the model
            that they go on from: theirs stand behind this page's.
    """
    kind, *parts = key.split("|")
    if kind == "quiz" and len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        about = snapshot.datasets().get(parts[0])
        photos = quiz.questions(about, int(parts[1])) if about and about.present else []
        place = int(parts[2])
        if about and place < len(photos):
            one = photos[place]
            title = (
                tr("Photo {number}", number=place + 1)
                if parts[1] == "1"
                else tr("Photo {number}, round {round}", number=place + 1, round=parts[1])
            )
            others = sorted({said for a in given.values() for said in (a.before, a.after)} & {*quiz.breeds(about)})
            names = {breed: formatting.breed_name(breed) for breed in (*one.choices, *others)}
            return Question(key, title, tr("Which breed is this?"), names, one.breed, (about, one.photo))
    own = next((one for one in asked.all_of(who.controls_now().period) if one.key == key), None)
    if own:
        return Question(
            key, formatting.plain(own.text), formatting.plain(own.text), {c: c for c in own.choices}, own.right
        )
    recalled = next((one for one in recall.ALL if recall.key(one) == key), None)
    if recalled:
        asks = tr(recalled.words)
        return Question(key, asks, asks, {c: tr(c) for c in recalled.choices}, recalled.right)
    if kind == "expects" and parts and (expected := _expected().get(parts[0])):
        words, choices = expected
        said = sorted({said for a in given.values() for said in (a.before, a.after) if said} - {*choices})
        words = language.again(words).replace("**", "")
        return Question(key, words, words, {c: formatting.plain(_option(c)) for c in (*said, *choices)})
    recipe = snapshot.recipes().get(parts[0]) if kind == "luck" and parts else None
    if recipe:
        errors = recipe.summary
        apart = 100 * (errors.high - errors.low)
        right = next((g for g, (low, high) in trainings.GUESSES.items() if errors.n > 1 and low <= apart < high), "")
        names = {guess: tr("{range} points", range=language.again(guess)) for guess in trainings.GUESSES}
        return Question(key, tr("How far apart will the trainings lie?"), trainings.question(None), names, right)
    return None


def _option(kept: str) -> str:
    """A choice as it is kept, in English, in the language of now: one of the questions' own, or two breeds."""
    said = language.again(kept)
    if said == kept and kept.count(" and ") == 1:  # with more of them, which one joins the two breeds is not known
        first, _, second = kept.partition(" and ")
        return tr("{a} and {b}", a=first, b=second)
    return said


def words(key: str) -> str:
    """A question of the lesson as a teacher reads it; its key where it is about what is gone."""
    found = question(key, {})
    if found is None:
        return key
    return f"{found.title}, {found.photo[0].name}: {found.words}" if found.photo else found.words


def panel(large: bool = False) -> None:
    """The question at hand and its spread; the teacher chooses it, and opens its result.

    Args:
        large: for a projector: no list to choose from.
    """
    st.fragment(_panel, run_every=EVERY)(large)


def _panel(large: bool) -> None:
    now = who.controls_now()
    everyone = learners.everyone(now.period)
    given = learners.answers(everyone)
    given |= {one.key: {} for one in reversed(asked.all_of(now.period)) if one.key not in given}  # nobody answered yet
    here(everyone, large)
    known = {key: found for key in given if (found := question(key, given[key]))}
    if not known:
        st.info(
            tr(
                "Nobody has answered a question yet: the ten photos of the first page, the guess on “Train”, or one of your own."
            )
        )
        return
    chosen = now.question if now.question in known else _at_hand(known, given)
    if not large:
        st.selectbox(
            tr("The question at hand"),
            ["", *known],
            format_func=lambda key: known[key].title if key else tr("The one that most answer now"),
            **class_controls.decides("question", now.question if now.question in known else ""),
        )
    _spread(known[chosen], given[chosen], len([o for o in everyone.values() if o.here(time.time())]), large)


def _at_hand(known: Collection[str], given: Mapping[str, Mapping[str, Answer]]) -> str:
    """The question that most answered lately: thirty who are at different photos do not turn the wall to and fro."""
    since = time.time() - LATELY
    return max(known, key=lambda key: sum(said.at > since for said in given[key].values()))


def _spread(about: Question, given: dict[str, Answer], here_now: int, large: bool) -> None:
    released = about.key in who.controls_now().released
    left, right = st.columns([1, 2] if about.photo else [1, 1000], gap="medium")
    if about.photo:
        with left:
            thumbnails.picture(*about.photo, alt=tr("The pet that was guessed."), side=thumbnails.LARGE)
    with right:
        st.markdown(
            f"{'## ' if large else '**'}{about.words if about.photo or not large else about.title}{'' if large else '**'}"
        )
        frame = counted.spread(((a.before, a.after) for a in given.values()), list(about.choices))
        words = ", ".join(
            tr(
                "{choice}: {before} before, {after} after",
                choice=about.choices[str(r.choice)],
                before=r.before,
                after=r.after,
            )
            for r in frame.itertuples()
        )
        elements.chart(
            class_answers.bars(frame, about.choices, about.right if released else ""),
            f"spread_{about.key}_{large}",
            tr("How the answers spread: {spread}.", spread=words),
        )
        answered = trn("{n} has answered", "{n} have answered", len(given))
        answered = f"{answered}; {_are_here(here_now)}."
        if large:
            st.markdown(f"### {answered}")
        else:
            st.caption(" ".join([answered, tr("Answers may be changed.")]))
        own = about.key.startswith(asked.KIND)
        label = tr("Hide the result") if released else tr("Show the result")
        if own and not about.right:
            label = tr("Count new answers together with these") if released else tr("Talk about it, then ask again")
        if (about.right or own) and st.button(label, key=f"release_{about.key}_{large}", icon=":material/visibility:"):
            kept = [key for key in who.controls_now().released if key != about.key]
            with elements.errors_here():
                allowed.change_class(released=kept if released else [*kept, about.key])
                st.rerun(scope="fragment")


def here(everyone: dict[str, learners.Learner], large: bool = False) -> None:
    """How many are here, and on which step."""
    now = time.time()
    present = [one for one in everyone.values() if one.here(now)]
    titles = {s.page if n else "": s.title for n, s in enumerate(steps.STEPS)}
    titles |= {s.page: s.title for s in (*steps.EXPLORE, *steps.CLASS)}
    on = {page: sum(one.step == page for one in present) for page in titles}
    where = ", ".join(tr("{learners} on “{page}”", learners=n, page=tr(titles[page])) for page, n in on.items() if n)
    st.markdown(f"{'### ' if large else ''}**{_are_here(len(present))}**{f': {where}' if where else ''}")


def _are_here(learners: int) -> str:
    return trn("{n} is here", "{n} are here", learners)
