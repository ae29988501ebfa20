"""The words on overfitting follow a run's history, also where it differs from the lesson's."""

import dataclasses
import re

import pytest

from lessonkit.analysis.comparison import SAME, WORSE
from lessonkit.analysis.predictions import overfitting
from lessonkit.lesson.overfitting import judged_words, overfitting_words, rise_words
from tests.outcomes import NAN, history, of_trainings


def words(train, valid, error) -> str:
    return overfitting_words(overfitting(history(train, valid, error)))


def test_one_photo_more_or_less_is_no_finding():
    verdict = overfitting(history([0.9, 0.5, 0.1], [0.8, 0.6, 0.9], [0.3, 26 / 147, 27 / 147]))
    text = overfitting_words(verdict, 147)
    assert "the train loss fell from 0.500 to 0.100" in text
    assert "from 17.7\xa0% to 18.4\xa0% (1 photo of 147), a difference that luck can explain" in text
    many = overfitting(history([0.9, 0.5, 0.1], [0.8, 0.6, 0.9], [0.3, 0.1, 0.4]))
    assert "rose as well, from 10.0\xa0% to 40.0\xa0% (44 photos of 147)" in overfitting_words(many, 147)


def test_a_rise_that_luck_explains_is_not_called_certain():
    verdict = overfitting(history([0.5, 0.4, 0.1], [0.6, 0.5, 0.9], [0.2] * 3))
    found = of_trainings([20, 22], [30, 31])
    by_luck, real = (dataclasses.replace(found, loss_verdict=said) for said in (SAME, WORSE))
    assert "on other photos it could be otherwise" in rise_words(verdict, by_luck)
    assert not rise_words(verdict, real), "the same words are no doubt where there is none"
    assert not rise_words(None, by_luck)
    assert "on other photos it could be otherwise" in rise_words(verdict, None), "nothing tells what luck explains"
    assert judged_words(verdict, 147) == f"{overfitting_words(verdict, 147, luck=True)} {rise_words(verdict, None)}"
    assert "comparison below" not in judged_words(verdict, 147)
    assert judged_words(verdict, 147, by_luck).endswith("The comparison below counts that luck.")
    assert judged_words(verdict, 147, real) == overfitting_words(verdict, 147)
    words = judged_words(verdict, 147, by_luck)
    assert words.startswith(
        "It looks like overfitting, but that may be luck. The valid loss was 0.500 after epoch 2 and is 0.900"
    )
    assert "This run overfits" not in words
    assert judged_words(verdict, 147, real).startswith("This run overfits.")


def test_overfitting_that_shows():
    text = words([1.0, 0.5, 0.1], [0.9, 0.72, 0.79], [0.3, 0.2, 0.2])
    assert text.startswith(
        "This run overfits. The valid loss was 0.720 after epoch 2 and is 0.790 after epoch 3, "
        "9.7\xa0% higher, while the train loss fell from 0.500 to 0.100."
    )
    assert "The error rate did not move: 20.0\xa0%" in text


@pytest.mark.parametrize(
    ("last", "said"), [(0.18, "fell all the same, from 20.0\xa0% to 18.0\xa0%"), (0.25, "rose as well")]
)
def test_the_error_rate_may_go_either_way(last, said):
    assert said in words([1.0, 0.5, 0.1], [0.9, 0.72, 0.79], [0.3, 0.2, last])


@pytest.mark.parametrize(
    ("train", "valid", "said"),
    [
        ([1.0, 0.5, 0.1], [0.9, 0.8, 0.7], "No overfitting yet"),
        ([1.0, 0.5, 0.4], [0.9, 0.700, 0.705], "Hardly any overfitting"),
        ([1.0, 0.5, 0.9], [0.9, 0.7, 0.9], "This is not overfitting"),
        ([1.0, 0.5, NAN], [0.9, 0.7, NAN], "blew up"),
        ([], [], "nothing to judge"),
    ],
)
def test_runs_that_do_not_overfit(train, valid, said):
    text = words(train, valid, [0.2] * len(valid))
    assert said in text
    assert "This run overfits" not in text


def test_a_rise_from_a_loss_of_exactly_0_is_said_in_nats():
    text = words([0.5, 0.3, 0.1], [0.3, 0.0, 0.4], [0.2] * 3)
    assert text.startswith("This run overfits.")
    assert "was 0.000 after epoch 2 and is 0.400 after epoch 3, 0.400 higher, while" in text


def test_a_rise_from_0_that_nobody_sees_is_no_overfitting():
    assert words([0.5, 0.3, 0.1], [0.3, 0.0, 1e-6], [0.0] * 3).startswith("Hardly any overfitting.")


def test_every_number_in_the_words_comes_from_the_run():
    text = words([3.0, 2.0, 1.0], [0.5, 0.4, 0.6], [0.31, 0.22, 0.27])
    assert set(re.findall(r"\d+(?:\.\d+)?", text)) == {
        "2",
        "0.400",
        "3",
        "0.600",
        "50",
        "2.000",
        "1.000",
        "22.0",
        "27.0",
    }
