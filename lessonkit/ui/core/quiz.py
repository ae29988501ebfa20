"""Ten photos, four choices each: the learner's own error rate on a dataset, kept for their browser by rounds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import streamlit as st

from lessonkit.analysis import look_alikes
from lessonkit.analysis import predictions as tables
from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.lesson import guessing
from lessonkit.lesson.guessing import PHOTOS, Question
from lessonkit.photos import catalog, labels
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import allowed, formatting, snapshot, state, who
from lessonkit.ui.core.cached import labelled_halves, predictions

MOST_ROUNDS = 99
_ROUND = re.compile(r"(\d{1,2})_((?:\d+(?:\.\d+)*)?)")


@dataclass(frozen=True)
class Round:
    """What a learner said of ten photos.

    Attributes:
        number: from 1; each brings other photos.
        said: of the photos guessed so far, in their order: a breed each, by its place in the sorted breeds. What the
            choices were does not matter, so a model that finds other breeds alike changes no score.
    """

    number: int = 1
    said: tuple[int, ...] = ()

    @property
    def done(self) -> bool:
        return len(self.said) >= PHOTOS


@dataclass(frozen=True)
class Score:
    """A learner's guesses on one dataset's photos: of the last whole round, else so far."""

    dataset: str
    guessed: int
    wrong: int

    @property
    def error_rate(self) -> float:
        return self.wrong / self.guessed


@dataclass(frozen=True)
class Answer:
    """What a learner and a model said of one photo; `models` is None where the model was not tested with it."""

    photo: str
    breed: str
    yours: str
    models: str | None = None


def dataset() -> Dataset:
    """What is guessed: the dataset chosen if it is on this machine, else another that is, else the drawn one."""
    known = state.open_datasets()
    of_lesson = (known[name] for name in catalog.DATASETS if name in known)
    return next((d for d in (state.dataset(), *of_lesson) if d.present), snapshot.datasets()["drawn"])


def questions(about: Dataset, number: int = 1) -> list[Question]:
    """A round's ten questions, as `guessing.questions`; the lesson's frozen model says which breeds are alike, if there is one."""
    return _questions(*_made_of(about), number)


@st.cache_data(show_spinner=False, max_entries=32)
def _questions(
    _dataset: Dataset, _teacher: Run | None, name: str, fingerprint: str, run: str, ended_at: float, number: int
) -> list[Question]:
    found, _, held_out = labelled_halves(_dataset, "", RunSpec.split_seed)
    return guessing.questions(found.of, held_out, _dataset.photos.planted, fingerprint, number, _likeness(_teacher))


def hard_pair(about: Dataset) -> list[tuple[str, str]]:
    """Two photos with their breeds, the two that are hardest to tell apart, as `guessing.look_alikes`; [] without two breeds."""
    return _hard_pair(*_made_of(about))


@st.cache_data(show_spinner=False, max_entries=32)
def _hard_pair(
    _dataset: Dataset, _teacher: Run | None, name: str, fingerprint: str, run: str, ended_at: float
) -> list[tuple[str, str]]:
    found, _, held_out = labelled_halves(_dataset, "", RunSpec.split_seed)
    pair = guessing.look_alikes(found.of, held_out, _dataset.photos.planted, fingerprint, _likeness(_teacher))
    return [(photo, found.of[photo]) for photo in pair or ()]


def _made_of(about: Dataset) -> tuple[Dataset, Run | None, str, str, str, float]:
    """What both depend on: the photos, and the model that says which breeds look alike, as it ended."""
    teacher = _teacher(about)
    ended_at = teacher.status().ended_at if teacher else 0.0
    return about, teacher, about.name, about.fingerprint, teacher.id if teacher else "", ended_at


def _teacher(about: Dataset) -> Run | None:
    """The model that says which breeds look alike: the lesson's frozen one on these photos."""
    stage = state.stage() if about.name == state.dataset().name else None
    return stage if stage and about.holds(stage.spec().fingerprint) else None


def _likeness(run: Run | None) -> dict[str, dict[str, float]] | None:
    if run is None:
        return None
    try:
        found = look_alikes.likeness(tables.read(run), tables.finished_probabilities(run), run.vocab())
        return {str(breed): row.to_dict() for breed, row in found.iterrows()}
    except (LessonError, OSError):  # the quiz goes on without; the pages that show this run say what is wrong with it
        return None


def now(name: str | None = None) -> Round:
    """The round that is guessed on a dataset, else on the one that is guessed: the one begun, else the last whole one."""
    return _rounds(name or dataset().name)[-1]


def asked(name: str | None = None) -> list[Question]:
    """The questions of the round `now`; [] while the dataset is not on this machine."""
    about = snapshot.datasets()[name] if name else dataset()
    return questions(about, now(about.name).number) if about.present else []


def breeds(about: Dataset) -> list[str]:
    """A dataset's breeds, in the order by which `Round.said` names them."""
    return labels.label_dataset(about).breeds


def said(place: int) -> str:
    """The breed that the learner said of a photo of the round `now`."""
    known = breeds(dataset())
    number = now().said[place]
    return known[number] if number < len(known) else ""


def answer(breed: str) -> None:
    """Say the breed of the next photo."""
    begun = now()
    if not begun.done:
        allowed.answer(f"quiz|{dataset().name}|{begun.number}|{len(begun.said)}", breed)
        _keep(Round(begun.number, (*begun.said, breeds(dataset()).index(breed))))


def take_back() -> None:
    """Ask the last photo again: whoever was not told the answer may change theirs."""
    begun = now()
    if begun.said and who.held_back():
        _keep(Round(begun.number, begun.said[:-1]))


def again() -> None:
    """Begin another round; the score of the last whole one stays until the new one is whole too."""
    _keep(Round(now().number % MOST_ROUNDS + 1))


def score(name: str | None = None) -> Score | None:
    """The learner's score on a dataset, else on the one chosen; None before the first guess on its photos."""
    name = name or state.dataset().name
    given = _counted(name)
    wrong = sum(breed != question.breed for question, breed in given)
    return Score(name, len(given), wrong) if given else None


def elsewhere() -> Score | None:
    """The learner's score on the dataset that was guessed last, where that is not the one chosen."""
    chosen = state.dataset().name
    return next((found for name in reversed(_kept()) if name != chosen and (found := score(name))), None)


def compared(run: Run) -> list[Answer]:
    """What the learner and a model said of the same photos; [] without guesses on that model's photos."""
    spec = run.spec()
    about = snapshot.datasets().get(spec.dataset)
    found = guessed(spec.dataset) if about is not None and about.holds(spec.fingerprint) else []
    said = predictions(run).set_index("photo")["predicted"].to_dict() if found else {}
    return [replace(one, models=said.get(one.photo)) for one in found]


def guessed(name: str) -> list[Answer]:
    """What the learner said of the photos that count for the score on a dataset."""
    return [Answer(q.photo, q.breed, yours) for q, yours in _counted(name)]


def words(found: Score | None) -> str:
    """What a score was reached on, in a line."""
    if found is None:
        return tr("Guess ten of these photos on the first page, four choices each.")
    return tr(
        "{wrong} of {guessed} wrong, four choices each: photos of {dataset}, on the first page.",
        wrong=found.wrong, guessed=found.guessed, dataset=formatting.title(snapshot.datasets()[found.dataset]),
    )  # fmt: skip


def _counted(name: str) -> list[tuple[Question, str]]:
    """The questions that count for the score on a dataset, each with the breed that the learner said."""
    about = snapshot.datasets().get(name)
    if about is None or not about.present:
        return []
    counted = _rounds(name)[0]
    known = breeds(about)
    asked_then = questions(about, counted.number) if counted.said else []
    return [(q, known[k] if k < len(known) else "") for q, k in zip(asked_then, counted.said, strict=False)]


def _rounds(name: str) -> tuple[Round, ...]:
    """The last whole round and the one begun since; one of them where there is no other."""
    return _kept().get(name) or (Round(),)


def _kept() -> dict[str, tuple[Round, ...]]:
    """The rounds by dataset, the one guessed last at the end; written as `drawn:1_3.0.11…/2_4,pets:…`."""
    parts = (part.partition(":") for part in state.get("guesses").split(","))
    found = {name: _read(text) for name, _, text in parts if name in snapshot.datasets()}
    return {name: rounds for name, rounds in found.items() if rounds}


def _read(text: str) -> tuple[Round, ...]:
    """What was kept, which may be anything: the last whole round and the last one begun."""
    found = [Round(max(1, int(m[1])), _numbers(m[2])) for part in text.split("/") if (m := _ROUND.fullmatch(part))]
    whole, begun = [r for r in found if r.done][-1:], [r for r in found if not r.done][-1:]
    return (*whole, *begun)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number[:6]) for number in text.split(".")[:PHOTOS] if number)


def _keep(begun: Round) -> None:
    name = dataset().name
    whole = () if begun.done else tuple(r for r in _rounds(name) if r.done)
    kept = {other: rounds for other, rounds in _kept().items() if other != name} | {name: (*whole, begun)}
    guesses = ",".join(f"{n}:{'/'.join(map(_write, rounds))}" for n, rounds in kept.items())
    state.put(guesses=guesses)
    allowed.keep_guesses(guesses)


def _write(one: Round) -> str:
    return f"{one.number}_{'.'.join(map(str, one.said))}"
