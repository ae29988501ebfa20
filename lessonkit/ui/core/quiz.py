"""Ten photos, four choices each: the learner's own error rate."""

from __future__ import annotations

import random
from dataclasses import dataclass

import streamlit as st

from lessonkit.photos import catalog, labels
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import formatting, snapshot, state
from lessonkit.ui.core.cached import predictions

PHOTOS, CHOICES = 10, 4
NOT_YET = "-"


@dataclass(frozen=True)
class Question:
    photo: str
    breed: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """A learner's guesses on one dataset's photos."""

    dataset: str
    guessed: int
    wrong: int

    @property
    def error_rate(self) -> float:
        return self.wrong / self.guessed


def questions(dataset: Dataset, seed: int = 1) -> list[Question]:
    """Ten questions, the same for all learners of a class; no breed twice while there are enough breeds.

    Of each breed a photo that the lesson's own run holds out, where there is one: so the model can be asked the same.
    The wrong choices are of the same species where the names tell it: telling a cat from a dog would be no test. Photos
    whose label was planted wrong are left out.
    """
    return _questions(dataset, dataset.name, dataset.fingerprint, seed)


@st.cache_data(show_spinner=False, max_entries=16)
def _questions(_dataset: Dataset, name: str, fingerprint: str, seed: int) -> list[Question]:
    found = labels.label_dataset(_dataset)
    rng = random.Random(f"{fingerprint}{seed}")
    planted = _dataset.photos.planted
    _, held_out = labels.split(list(found.of), found, RunSpec.split_seed)
    by_breed: dict[str, list[str]] = {}
    for names in (held_out, found.of):
        without = {breed for breed in found.breeds if breed not in by_breed}
        for name in names:
            if name not in planted and found.of[name] in without:
                by_breed.setdefault(found.of[name], []).append(name)
    breeds = sorted(by_breed)
    asked = (rng.sample(breeds, len(breeds)) * PHOTOS)[:PHOTOS]
    out = []
    for breed in asked:
        others = rng.sample([b for b in breeds if b != breed], len(breeds) - 1)
        others.sort(key=lambda other: _is_cat(other) != _is_cat(breed))
        choices = [breed, *others[: CHOICES - 1]]
        rng.shuffle(choices)
        out.append(Question(rng.choice(by_breed[breed]), breed, tuple(choices)))
    return out


def _is_cat(breed: str) -> bool:
    """As Oxford's names have it, which the drawn ones follow: a cat's begins with a capital letter."""
    return breed[:1].isupper()


def dataset() -> Dataset:
    """What is guessed: the dataset chosen if it is on this machine, else another that is, else the drawn one."""
    known = snapshot.datasets()
    of_lesson = (known[name] for name in catalog.DATASETS)
    return next((d for d in (state.dataset(), *of_lesson) if d.present), known["drawn"])


def asked(name: str | None = None) -> list[Question]:
    """The questions on a dataset, else on the one that is guessed; [] while it is not on this machine."""
    about = snapshot.datasets()[name] if name else dataset()
    return questions(about) if about.present else []


def guesses(name: str | None = None) -> str:
    """What was answered on a dataset, else on the one guessed, a character a question: the choice, or NOT_YET."""
    given = _kept().get(name or dataset().name, "")
    return (given if set(given) <= set("0123" + NOT_YET) else "").ljust(PHOTOS, NOT_YET)[:PHOTOS]


def answer(place: int, choice: int) -> None:
    given = guesses()
    _keep(given[:place] + str(choice) + given[place + 1 :])


def forget() -> None:
    """Take the answers on the dataset that is guessed back."""
    _keep("")


def score() -> Score | None:
    """The learner's score so far: on the dataset chosen, else on the one guessed last; None before the first guess."""
    for name in (dataset().name, *reversed(_kept())):
        if pairs := [(q, int(g)) for q, g in zip(asked(name), guesses(name), strict=False) if g != NOT_YET]:
            return Score(name, len(pairs), sum(g >= len(q.choices) or q.choices[g] != q.breed for q, g in pairs))
    return None


def models_answers(run: Run) -> dict[str, str]:
    """What a model said of the photos that were asked and that it was validated on: photo -> breed."""
    said = predictions(run).set_index("photo")["predicted"]
    return {q.photo: said[q.photo] for q in asked() if q.photo in said.index}


def words(score: Score | None) -> str:
    """What a score was reached on, in a line."""
    if score is None:
        return "On the photos of the first page, four choices each."
    return (
        f"{score.wrong} of {score.guessed} wrong, four choices each: photos of "
        f"{formatting.title(snapshot.datasets()[score.dataset])}, "
        "on the first page."
    )


def _kept() -> dict[str, str]:
    """The answers by dataset, the one guessed last at the end; in the URL as `drawn:0123------,pets:…`."""
    parts = (part.partition(":") for part in state.get("guesses").split(","))
    return {name: given for name, _, given in parts if name in snapshot.datasets()}


def _keep(given: str) -> None:
    kept = {name: answers for name, answers in _kept().items() if name != dataset().name} | {dataset().name: given}
    state.put(guesses=",".join(f"{name}:{answers}" for name, answers in kept.items() if answers))
