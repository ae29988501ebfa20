"""A learner's guesses, kept in the address: what of them counts, and which model says what looks alike."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from lessonkit import runs
from lessonkit.photos import catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.spec import RunSpec
from lessonkit.ui.core import quiz, snapshot, state, who


@pytest.fixture
def drawn(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """The drawn pets, chosen by somebody who is alone; what they said stands in `state`."""
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    page = SimpleNamespace(session_state={"my_dataset": "drawn"}, query_params={})
    for module in (state, snapshot):
        monkeypatch.setattr(module, "st", page)
    monkeypatch.setattr(who, "in_class", lambda: False)
    quiz._questions.clear()
    return catalog.resolve("drawn")


def guess(text: str) -> None:
    state.put(guesses=f"drawn:{text}")


def test_guesses_are_compared_with_the_photos_that_they_were_made_of(drawn: Dataset) -> None:
    breeds, asked = quiz.breeds(drawn), quiz.questions(drawn)
    right = [breeds.index(question.breed) for question in asked]
    guess(f"1_{right[0]}.{(right[1] + 1) % 12}.{right[2]}")
    score = quiz.score()
    assert score is not None
    assert (score.guessed, score.wrong, score.error_rate) == (3, 1, pytest.approx(1 / 3))
    assert [(a.photo, a.breed) for a in quiz.guessed("drawn")] == [(q.photo, q.breed) for q in asked[:3]]
    assert quiz.now().number == 1


def test_a_breed_that_is_none_counts_as_wrong(drawn: Dataset) -> None:
    """An address may say anything; and a dataset may have fewer breeds than when it was written."""
    guess("1_12.999999")
    assert [answer.yours for answer in quiz.guessed("drawn")] == ["", ""]
    score = quiz.score()
    assert score is not None
    assert (score.guessed, score.wrong) == (2, 2)


def test_the_last_whole_round_counts_until_the_next_one_is_whole(drawn: Dataset) -> None:
    guess("1_0.0.0.0.0.0.0.0.0.0/2_3")
    score = quiz.score()
    assert score is not None
    assert score.guessed == 10
    assert (quiz.now().number, quiz.now().said) == (2, (3,))
    quiz.again()
    assert (quiz.now().number, quiz.now().said) == (3, ())


def test_the_first_round_is_1(drawn: Dataset) -> None:
    guess("0_1")
    assert (quiz.now().number, quiz.now().said) == (1, (1,))


@pytest.mark.parametrize("text", ["", "x", "1", "_", "1_a", "/", "1_0/2_", "100_1"])
def test_an_address_that_says_anything_is_read(drawn: Dataset, text: str) -> None:
    guess(text)
    assert 1 <= quiz.now().number <= quiz.MOST_ROUNDS
    quiz.score()


def test_only_a_model_of_these_photos_says_which_breeds_look_alike(
    drawn: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_these, of_others = (
        SimpleNamespace(id="run", spec=lambda print_=mark: RunSpec("drawn", print_), status=runs.Status)
        for mark in (drawn.fingerprint, "f" * 12)
    )
    for stage, teacher in ((of_these, of_these), (of_others, None), (None, None)):
        monkeypatch.setattr(state, "stage", lambda stage=stage: stage)
        assert quiz._teacher(drawn) is teacher
    monkeypatch.setattr(state, "stage", lambda: of_these)
    other = SimpleNamespace(name="pets", holds=lambda _: True)
    assert quiz._teacher(other) is None, "the stage is one of the dataset chosen, which these photos are not of"
