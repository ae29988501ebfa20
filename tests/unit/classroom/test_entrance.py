"""A class's code, and the teacher's own questions."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from lessonkit.classroom import asked, controls, entrance, export, learners
from lessonkit.classroom.places import key_of
from lessonkit.errors import LessonError

P = controls.FIRST_PERIOD


def test_a_class_keeps_its_code_over_a_restart_and_the_next_has_another(home: Path) -> None:
    code = entrance.prepare()
    assert (len(code), entrance.prepare()) == (4, code)
    entrance.check(f" {code[:2]} {code[2:]} ", "here")
    controls.new_period([], "0000")
    with pytest.raises(LessonError, match="not the code"):
        entrance.check(code, "here")


def test_whoever_guesses_codes_has_to_wait_and_the_others_have_not(home: Path) -> None:
    code = entrance.prepare()
    for _ in range(entrance.TRIES_EACH):
        with pytest.raises(LessonError, match="not the code"):
            entrance.check("no", "one phone")
    with pytest.raises(LessonError, match="Wait a minute"):
        entrance.check(code, "one phone")
    entrance.check(code, "another phone")


def test_one_question_is_at_hand_and_its_answers_are_in_the_table_in_words(home: Path) -> None:
    first = asked.ask(P, "Which is  it?", ["Ragdoll", "", "Birman"], right=2)
    assert (first.text, first.choices, first.right) == ("Which is it?", ["Ragdoll", "Birman"], "Birman")
    learners.answer(P, key_of("me"), first.key, "Ragdoll")
    learners.answer(P, key_of("me"), first.key, "Birman", after=True)
    second = asked.ask(P, "And now?", ["yes", "no"])
    assert asked.at_hand(P) == second
    asked.take_down(P)
    assert asked.at_hand(P) is None
    learners.answer(P, key_of("me"), "quiz|drawn|1|0", "pug")
    row, photo = csv.DictReader(io.StringIO(export.answers_csv(P, lambda _: "Which breed?").decode("utf-8-sig")))
    assert photo["question"] == "Which breed?"
    assert (row["question"], row["before"], row["after"]) == ("Which is it? (Ragdoll / Birman)", "Ragdoll", "Birman")
    assert len(learners.everyone(P)) == 1, "the questions' file is no learner"


@pytest.mark.parametrize(
    ("text", "choices", "right"),
    [
        ("", ["a", "b"], None),
        ("Q", ["a", ""], None),
        ("Q", ["a", "A"], None),
        ("Q", ["a", "b", "", ""], 3),
        ("Q" * 201, ["a", "b"], None),
        ("Q", ["a" * 61, "b"], None),
    ],
)
def test_what_nobody_could_answer_is_not_asked(home: Path, text: str, choices: list[str], right: int | None) -> None:
    with pytest.raises(LessonError):
        asked.ask(P, text, choices, right)
    assert asked.all_of(P) == []
