"""What a learner reads of an error, and that it stays what it was on its way between processes."""

from __future__ import annotations

import inspect
import pickle

import pytest

from lessonkit import errors
from lessonkit.errors import LessonError, StopAsked
from lessonkit.language import MADE_UP, speaking, tr

CLASSES = [e for e in vars(errors).values() if inspect.isclass(e) and issubclass(e, LessonError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_is_its_sentence_and_the_way_out_in_another_process_too(kind: type[LessonError]):
    for error in (kind("It rains.", "Stay in."), pickle.loads(pickle.dumps(kind("It rains.", "Stay in.")))):
        assert (type(error), error.sentence, error.way_out) == (kind, "It rains.", "Stay in.")
        assert str(error) == "It rains. Stay in."


def test_an_error_of_another_process_is_said_in_the_language_of_now():
    error = pickle.loads(pickle.dumps(LessonError(tr("It rains in {town}.", town="Bath"), "Stay in.")))
    with speaking(MADE_UP):
        assert str(error) == "⟦It rains in ⟦Bath⟧.⟧ ⟦Stay in.⟧"


def test_without_a_way_out_the_sentence_stands_alone():
    assert str(LessonError("It rains.")) == "It rains."


def test_that_somebody_asked_to_stop_is_no_failure():
    assert not issubclass(StopAsked, Exception)
