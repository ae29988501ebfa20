"""Ten photos, four choices each: the learner's own error rate."""

from __future__ import annotations

import random
from dataclasses import dataclass

import streamlit as st

from lessonkit.photos import catalog
from lessonkit.ui import state
from lessonkit.ui.data import labelled

PHOTOS, CHOICES = 10, 4
NOT_YET = "-"


@dataclass(frozen=True)
class Question:
    photo: str
    breed: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    guessed: int
    wrong: int

    @property
    def error_rate(self) -> float:
        return self.wrong / self.guessed


@st.cache_data(show_spinner=False, max_entries=16)
def questions(dataset: str, fingerprint: str, seed: int = 1) -> list[Question]:
    """Ten questions, the same for all learners of a class; no breed twice while there are enough breeds.

    The wrong choices are drawn from the breeds; photos whose label was planted wrong are left out.
    """
    found = labelled(dataset, "")
    rng = random.Random(f"{fingerprint}{seed}")
    planted = catalog.planted(dataset)
    by_breed: dict[str, list[str]] = {}
    for name, breed in found.of.items():
        if name not in planted:
            by_breed.setdefault(breed, []).append(name)
    breeds = sorted(by_breed)
    asked = (rng.sample(breeds, len(breeds)) * PHOTOS)[:PHOTOS]
    out = []
    for breed in asked:
        others = rng.sample([b for b in breeds if b != breed], min(CHOICES - 1, len(breeds) - 1))
        choices = [breed, *others]
        rng.shuffle(choices)
        out.append(Question(rng.choice(by_breed[breed]), breed, tuple(choices)))
    return out


def dataset() -> str:
    """What is guessed: the dataset chosen if it is on this machine, else another that is, else the drawn one."""
    here = [name for name in (state.dataset(), *catalog.DATASETS) if catalog.present(name)]
    return here[0] if here else "drawn"


def asked() -> list[Question]:
    """The questions; [] while there is no photo on this machine."""
    name = dataset()
    return questions(name, catalog.fingerprint(name)) if catalog.present(name) else []


def guesses() -> str:
    """What was answered, a character a question: the choice's number, or NOT_YET."""
    given = state.get("guesses")
    return (given if set(given) <= set("0123" + NOT_YET) else "").ljust(PHOTOS, NOT_YET)[:PHOTOS]


def answer(place: int, choice: int) -> None:
    given = guesses()
    state.put(guesses=given[:place] + str(choice) + given[place + 1 :])


def score() -> Score | None:
    """The learner's score so far, None before the first guess."""
    pairs = [(q, int(g)) for q, g in zip(asked(), guesses(), strict=False) if g != NOT_YET]
    if not pairs:
        return None
    return Score(len(pairs), sum(g >= len(q.choices) or q.choices[g] != q.breed for q, g in pairs))
