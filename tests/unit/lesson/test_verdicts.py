"""The words follow the numbers, also where they differ from the lesson's."""

import dataclasses
import math
import re

import numpy as np
import pandas as pd
import pytest

from lessonkit import wording
from lessonkit.analysis import repeats
from lessonkit.analysis.comparison import BETTER, MIXED, SAME, WORSE, Outcome, Pairs, compare, paired
from lessonkit.analysis.predictions import overfitting
from lessonkit.analysis.significance import paired_change, sign_test, wilson
from lessonkit.lesson import luck, verdicts

NAN = float("nan")
FROZEN = Outcome("frozen", 0.20, 0.739, 0.13, 735)
NAIVE = Outcome("unfrozen", 0.528, 1.84, 22.4, 735)
SLICE = Outcome("slice", 0.197, 0.699, 21.8, 735)


def history(train, valid, error) -> pd.DataFrame:
    return pd.DataFrame({"epoch": range(len(valid)), "train_loss": train, "valid_loss": valid, "error_rate": error})


def words(train, valid, error) -> str:
    return verdicts.overfitting_words(overfitting(history(train, valid, error)))


# whether a difference is one


@pytest.mark.parametrize(
    ("before", "after", "verdict"), [(FROZEN, NAIVE, WORSE), (NAIVE, SLICE, BETTER), (FROZEN, SLICE, SAME)]
)
def test_better_worse_or_the_same(before, after, verdict):
    assert compare(before, after).verdict == verdict


def test_the_fewer_the_photos_the_more_is_luck():
    few, many = (compare(Outcome("a", 0.2, 1, 1, n), Outcome("b", 0.3, 1, 1, n)) for n in (50, 500))
    assert (few.verdict, many.verdict) == (SAME, WORSE)
    # two shares of 10 and 15 of 50: z = 1.1547, by hand
    assert few.luck == pytest.approx(math.erfc(1.1547 / math.sqrt(2)), abs=1e-4)


@pytest.mark.parametrize(
    ("turned", "luck"),
    [((0, 0), 1.0), ((1, 0), 1.0), ((5, 0), 0.0625), ((6, 0), 0.03125), ((2, 8), 0.109375), ((3, 3), 1)],
)
def test_photos_that_changed_sides_are_a_tossed_coin(turned, luck):
    assert compare(FROZEN, SLICE, turned).luck == pytest.approx(luck)


def test_the_same_photos_show_a_smaller_difference():
    one, other = Outcome("a", 0.20, 1, 1, 100), Outcome("b", 0.12, 1, 1, 100)
    assert compare(one, other).verdict == SAME
    assert compare(one, other, (8, 0)).verdict == BETTER


def losses(mean: float, spread: float, photos: int = 147, seed: int = 0) -> np.ndarray:
    """Changes of the photos' losses with exactly this mean and deviation, evenly to both sides of it."""
    values = np.random.default_rng(seed).normal(size=photos)
    return mean + spread * (values - values.mean()) / values.std(ddof=1)


def test_a_loss_that_doubles_is_worse_though_the_error_rate_stays_within_luck():
    before, after = Outcome("a", 0.083, 0.300, 1, 144), Outcome("b", 0.118, 0.620, 1, 144)
    found = compare(before, after, Pairs(3, 8, losses(0.32, 1.2, 144)))
    assert (found.verdict, found.loss_verdict, found.together) == (SAME, WORSE, WORSE)


def test_a_loss_two_per_cent_lower_on_noisy_photos_is_luck():
    before, after = Outcome("a", 0.1, 0.300, 1, 144), Outcome("b", 0.1, 0.294, 1, 144)
    found = compare(before, after, Pairs(2, 2, losses(-0.006, 0.5, 144)))
    assert found.loss_verdict == SAME
    assert "no further than luck explains" in verdicts.comparison_words(
        before, after, Pairs(2, 2, losses(-0.006, 0.5, 144))
    )


def test_a_change_of_half_a_per_cent_is_none_however_sure():
    before, after = Outcome("a", 0.1, 0.300, 1, 144), Outcome("b", 0.1, 0.2985, 1, 144)
    assert compare(before, after, Pairs(0, 0, np.full(144, -0.0015))).loss_verdict == SAME


def test_a_small_gain_on_most_photos_is_seen_beside_a_few_of_any_size():
    changes = np.r_[np.full(98, -0.08), np.full(47, 0.05), 2.0, 1.5]
    assert changes.mean() < 0
    assert abs(changes.mean()) / (changes.std(ddof=1) / math.sqrt(147)) < 2.3  # the mean alone would leave it open
    assert paired_change(changes) == pytest.approx(2 * sign_test(98, 49))


def test_a_few_photos_that_cost_much_do_not_pass_for_all():
    """Most losses fell, the mean rose: what training for too long does. Neither is called a better loss."""
    changes = np.r_[np.full(115, -0.2), np.full(32, 1.1)]
    before, after = Outcome("a", 0.2, 0.6, 1, 147), Outcome("b", 0.2, 0.6 + changes.mean(), 1, 147)
    found = compare(before, after, Pairs(5, 5, changes))
    assert found.loss_change > 0
    assert found.loss_verdict == SAME
    assert "but it fell on 115 of 147 photos: a few account for the change" in verdicts.comparison_words(
        before, after, Pairs(5, 5, changes)
    )


def test_luck_alone_is_seldom_called_real():
    rng = np.random.default_rng(1)
    called = sum(paired_change(rng.standard_t(3, 147) * 0.3) < 0.05 for _ in range(1000))
    assert called < 65  # of a thousand draws without any effect: 50 are due, 65 are two deviations more


def test_the_loss_of_too_few_photos_says_nothing():
    assert math.isnan(paired_change(np.array([0.3])))
    assert compare(FROZEN, NAIVE).loss_verdict == SAME


def test_error_rate_and_loss_may_contradict_each_other():
    before, after = Outcome("a", 0.2, 0.5, 1, 147), Outcome("b", 0.1, 0.9, 1, 147)
    found = compare(before, after, Pairs(18, 3, losses(0.4, 0.5)))
    assert found.together == MIXED
    assert "makes fewer mistakes" in verdicts.comparison_words(before, after, Pairs(18, 3, losses(0.4, 0.5)))


def test_pairs_are_of_the_photos_that_both_runs_answered():
    def answers(photos: str, correct: list[bool], loss: list[float]) -> pd.DataFrame:
        return pd.DataFrame(
            {"photo": list(photos), "actual": "pug", "predicted": "pug", "loss": loss, "correct": correct}
        )

    pairs = paired(
        answers("abc", [True, False, True], [0.1, 2, 0.3]), answers("cbd", [False, True, True], [1.3, 0.5, 0])
    )
    assert (pairs.right, pairs.wrong) == (1, 1)
    assert sorted(pairs.losses) == pytest.approx([-1.5, 1.0])


def test_changes_in_points_loss_and_time():
    found = compare(FROZEN, NAIVE)
    assert found.points == pytest.approx(32.8)
    assert found.loss_change == pytest.approx(1.101)
    assert found.times_as_long == pytest.approx(22.4 / 0.13)
    assert math.isnan(compare(dataclasses.replace(FROZEN, seconds_an_epoch=NAN), NAIVE).times_as_long)


def test_runs_that_answered_no_photo():
    nothing = Outcome("a", NAN, NAN, NAN, 0)
    assert math.isnan(compare(nothing, nothing).luck)
    assert verdicts.noise_words(nothing) == "No validation photo has been answered yet."


# two runs in words


def test_two_runs_in_words():
    assert verdicts.comparison_words(FROZEN, NAIVE) == (
        "“unfrozen” is worse than “frozen”: the error rate rose from 20.0\xa0% to 52.8\xa0% (33 percentage points, 241 photos "
        "of 735). Its valid loss is higher than before (0.739, now 1.840). An epoch takes 172 times as long (0.13 s "
        "before, 22 s now)."
    )


def test_a_difference_within_luck_is_called_that():
    text = verdicts.comparison_words(FROZEN, SLICE, (12, 10))
    assert "too little to tell from luck" in text
    assert (
        "12 photos turned right and 10 photos turned wrong: chance alone would bring such a difference in 83\xa0% of cases"
        in text
    )
    assert "better" not in text


def test_a_loss_that_is_no_number_is_said_to_be():
    blown = dataclasses.replace(NAIVE, valid_loss=NAN)
    assert "blew up" in verdicts.comparison_words(FROZEN, blown)
    assert "before, it was not a number" in verdicts.comparison_words(blown, FROZEN)
    assert "loss not a number" in verdicts.unfreezing_words(FROZEN, blown, SLICE)


def test_the_same_error_rate():
    text = verdicts.comparison_words(FROZEN, dataclasses.replace(FROZEN, name="again"))
    assert text.startswith("“again” has the same error rate as “frozen”, 20.0\xa0%.")
    assert "An epoch takes about as long" in text


def test_what_one_photo_is_worth():
    assert verdicts.noise_words(Outcome("a", 0.2, 1, 1, 100)) == (
        "There are 100 validation photos, so one photo is 1.0 percentage points. On other photos of this kind "
        "the error rate is probably not exactly 20.0\xa0%: it lies between 13.3\xa0% and 28.9\xa0% with 95\xa0% confidence (Wilson's interval)."
    )


@pytest.mark.parametrize(
    ("wrong", "photos", "low", "high"),
    # after Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval(wrong: int, photos: int, low: float, high: float):
    assert wilson(wrong / photos, photos) == pytest.approx((low, high), abs=6e-5)
    assert wilson(1 - wrong / photos, photos) == pytest.approx((1 - high, 1 - low), abs=6e-5)


# unfreezing


def test_unfreezing_as_in_the_lesson():
    text = verdicts.unfreezing_words(
        FROZEN, NAIVE, SLICE, Pairs(20, 261, losses(1.1, 2, 735)), Pairs(10, 8, losses(-0.04, 0.2, 735))
    )
    assert "did harm" in text
    assert "0.699, is lower than the frozen stage's: it fell on" in text
    assert text.endswith("So the slice is the one to keep.")


def test_the_cause_of_harm_follows_what_became_of_batch_norms_statistics():
    pairs = Pairs(20, 261, losses(1.1, 2, 735)), Pairs(10, 8, losses(-0.04, 0.2, 735))
    said = {how: verdicts.unfreezing_words(FROZEN, NAIVE, SLICE, *pairs, how) for how in ("fixed", "trained")}
    assert "batch norm's statistics, fixed" in said["fixed"]
    assert "batch norm" not in said["trained"]


def test_one_photo_more_or_less_is_no_finding():
    verdict = overfitting(history([0.9, 0.5, 0.1], [0.8, 0.6, 0.9], [0.3, 26 / 147, 27 / 147]))
    text = verdicts.overfitting_words(verdict, 147)
    assert "the train loss fell from 0.500 to 0.100" in text
    assert "from 17.7\xa0% to 18.4\xa0% (1 photo of 147), no further than luck explains" in text
    many = overfitting(history([0.9, 0.5, 0.1], [0.8, 0.6, 0.9], [0.3, 0.1, 0.4]))
    assert "rose as well, from 10.0\xa0% to 40.0\xa0% (44 photos of 147)" in verdicts.overfitting_words(many, 147)


def of_trainings(before: list[int], after: list[int], photos: int = 735) -> repeats.RepeatComparison:
    """Two recipes by how many photos each of their trainings named wrongly."""

    def frame(wrong: int) -> pd.DataFrame:
        correct = np.arange(photos) >= wrong
        losses = np.where(correct, 0.2, 2.0)
        return pd.DataFrame({"photo": [f"{k}.jpg" for k in range(photos)], "correct": correct, "loss": losses})

    return repeats.compare(
        {seed: frame(k) for seed, k in enumerate(before)}, {seed: frame(k) for seed, k in enumerate(after)}
    )


def test_unfreezing_quotes_the_means_that_it_judges_by_and_says_what_one_training_cannot_tell():
    naive, sliced = of_trainings([147, 150, 159], [380, 390, 400]), of_trainings([147, 150, 159], [145])
    said = verdicts.unfreezing_words(FROZEN, NAIVE, SLICE, naive, sliced)
    assert "Frozen, the error rate was 20.7\xa0% on average of 3 trainings" in said
    assert "(error rate 53.1\xa0% on average of 3 trainings" in said
    assert "the error rate at 19.7\xa0%: a difference" in said
    assert "“slice” was trained once, so its own luck of training cannot be said" in said
    several = verdicts.unfreezing_words(FROZEN, NAIVE, SLICE, naive, of_trainings([147, 150, 159], [145, 146, 147]))
    assert "trained once" not in several
    once = verdicts.unfreezing_words(FROZEN, NAIVE, SLICE, of_trainings([147], [380]), of_trainings([147], [145]))
    assert "One training of each says nothing about the luck of training" in once


def test_batch_norm_quotes_the_means_that_it_judges_by():
    said = verdicts.batch_norm_words(FROZEN, NAIVE, of_trainings([147, 150, 159], [380]))
    assert (
        "error rate 20.7\xa0% on average of 3 trainings with the statistics fixed, 51.7\xa0% with them trained" in said
    )
    assert "“trained” was trained once" in said


def test_two_trainings_far_apart_and_far_from_frozen_are_not_called_no_difference():
    """Seen on drawn pets: 25.7 and 46.5 % wrong beside nine trainings of 8 to 11 %."""
    found = of_trainings([11, 12, 12, 13, 13, 14, 14, 15, 16], [37, 67], 144)
    assert found.verdict == SAME, "two trainings so far apart prove nothing"
    text = verdicts.unfreezing_words(FROZEN, NAIVE, SLICE, found, of_trainings([11, 12], [12, 11], 144))
    assert "no difference" not in text
    assert "was worse than frozen each time, but its trainings end so far apart, 25.7\xa0% to 46.5\xa0%" in text
    assert "Each training of “b” was worse than each of the other" in luck.repeats_words("a", "b", found)
    assert "cannot rule luck out" in verdicts.batch_norm_words(FROZEN, NAIVE, found)
    once = of_trainings([37, 67], [14], 144)
    assert "Each training was better with them trained" in verdicts.batch_norm_words(FROZEN, NAIVE, once)
    overlap = of_trainings([11, 40], [37, 67], 144)
    assert not luck.apart(overlap)


def test_a_rise_that_luck_explains_is_not_called_certain():
    verdict = overfitting(history([0.5, 0.4, 0.1], [0.6, 0.5, 0.9], [0.2] * 3))
    found = of_trainings([20, 22], [30, 31])
    by_luck, real = (dataclasses.replace(found, loss_verdict=said) for said in (SAME, WORSE))
    assert "on other photos it could be otherwise" in verdicts.rise_words(verdict, by_luck)
    assert not verdicts.rise_words(verdict, real), "the same words are no doubt where there is none"
    assert not verdicts.rise_words(None, by_luck)


def test_a_slice_whose_gain_is_luck_is_not_the_one_to_keep():
    frozen, naive, sliced = (Outcome(*o, 1, 147) for o in (("f", 0.1, 0.3), ("u", 0.4, 1.2), ("s", 0.1, 0.294)))
    text = verdicts.unfreezing_words(
        frozen, naive, sliced, Pairs(2, 46, losses(0.9, 1)), Pairs(1, 1, losses(-0.006, 0.5))
    )
    assert text.endswith("unfreezing brought no gain that is larger than luck.")


def test_harm_that_only_the_loss_shows_is_said():
    frozen, naive = Outcome("f", 0.083, 0.300, 1, 144), Outcome("u", 0.118, 0.620, 1, 144)
    text = verdicts.unfreezing_words(
        frozen, naive, frozen, Pairs(3, 8, losses(0.32, 1.2, 144)), Pairs(0, 0, np.zeros(144))
    )
    assert "made no difference" not in text
    assert "did harm that the loss shows" in text


@pytest.mark.parametrize(
    ("naive", "sliced", "said", "advice"),
    [
        (0.10, 0.20, "helped, unlike in the lesson", "one rate for all is the one to keep"),
        (0.10, 0.40, "helped, unlike in the lesson", "one rate for all is the one to keep"),
        (0.05, 0.10, "helped, unlike in the lesson", "one rate for all came out lowest"),
        (0.10, 0.05, "helped, unlike in the lesson", "the slice came out lowest"),
        (0.20, 0.40, "made no difference", "the frozen stage is the one to keep"),
        (0.50, 0.10, "did harm", "the slice is the one to keep"),
        (0.21, 0.20, "made no difference", "no gain that is larger than luck"),
    ],
)
def test_unfreezing_otherwise_than_in_the_lesson(naive, sliced, said, advice):
    text = verdicts.unfreezing_words(
        FROZEN, Outcome("u", naive, FROZEN.valid_loss, 20, 735), Outcome("s", sliced, FROZEN.valid_loss, 20, 735)
    )
    assert said in text
    assert advice in text


@pytest.mark.parametrize("naive", [(0.1, 0.4), (0.2, 0.74), (0.3, 1.2), (0.1, 1.2), (0.3, 0.4)])
@pytest.mark.parametrize("sliced", [(0.1, 0.4), (0.2, 0.74), (0.3, 1.2), (0.1, 1.2), (0.3, 0.4)])
def test_any_two_outcomes_have_words_that_do_not_contradict_the_advice(naive, sliced):
    outcomes = [Outcome(name, *numbers, 20, 735) for name, numbers in (("u", naive), ("s", sliced))]
    pairs = [
        Pairs(
            max(0, round(735 * (0.2 - o.error_rate))), max(0, round(735 * (o.error_rate - 0.2))),
            losses(o.valid_loss - FROZEN.valid_loss, 0.3, 735),
        )
        for o in outcomes
    ]  # fmt: skip
    text = verdicts.unfreezing_words(FROZEN, *outcomes, *pairs)
    kept = {"one rate for all is the one to keep", "slice is the one to keep"}
    better = [compare(FROZEN, o, p).together == BETTER for o, p in zip(outcomes, pairs, strict=True)]
    for sentence, is_better in zip(sorted(kept), better, strict=True):
        assert is_better or sentence not in text
    assert any(better) == ("frozen stage is the one" not in text and "luck." not in text and "contradict" not in text)


@pytest.mark.parametrize(("trained", "said"), [(0.433, "did harm"), (0.2, "no difference"), (0.05, "helped here")])
def test_batch_norm(trained, said):
    text = verdicts.batch_norm_words(FROZEN, Outcome("trained", trained, 1.5, 22, 735))
    assert said in text
    assert f"error rate 20.0\xa0% with the statistics fixed, {verdicts.percent(trained)} with them trained" in text
    assert "so few" not in text  # the words do not know of how many photos


# overfitting


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


def test_a_loss_of_0_twice_is_the_same_loss():
    easy = Outcome("easy", 0.0, 0.0, 0.1, 9)
    assert "Its valid loss is about the same as before (0.000, now 0.000)." in verdicts.comparison_words(easy, easy)


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


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"problem": "OSError"}, "could not take this network here (OSError)"),
        ({"wait": 41.2}, "ended before its gain was measured"),
        ({"wait": 41.2, "gain": 1.18, "kept": True}, "took 41 s and made a step 1.18 times as fast, so it was kept"),
        ({"wait": 41.2, "gain": 0.97, "kept": False}, "0.97 times as fast, so it was taken back"),
    ],
)
def test_compiling_is_said_with_its_wait_and_gain(facts: dict, words: str):
    said = verdicts.compiled_words(facts)
    assert words in said
    assert bool(said) == bool(facts)


def test_beside_the_error_rate_stands_that_of_always_naming_the_commonest_breed():
    better = verdicts.baseline_words(0.03, "Rex", 0.05, 200)
    assert better == "Always naming Rex, the commonest breed here, would be wrong in 5.0\xa0% of them."
    for no_better in (0.05, 0.06):
        assert "no better than that" in verdicts.baseline_words(no_better, "Rex", 0.05, 200)
    assert "each one counts much" in verdicts.baseline_words(0.0, "Rex", 0.5, 2)
    assert verdicts.baseline_words(math.nan, "", math.nan, 0) == ""


@pytest.mark.parametrize(
    ("suggestion", "lowest", "chosen", "words", "take"),
    [
        (1.9e-4, 0.1, 2e-3, "**Keep 0.002.**", None),  # as lr_find finds for the default choices on a CPU
        (1e-3, 0.15, 3e-3, "**Keep 0.003.**", None),  # and with fastai's head
        (1.9e-4, 0.1, 1.0, "**Take 0.0014**", 1.4e-3),
        (1.9e-4, 0.1, 1e-5, "**Take 0.0014**", 1.4e-3),
        (0.05, 0.1, 3e-3, "**Take 0.05**", 0.05),
    ],
)
def test_after_lr_find_one_rate_is_recommended(
    suggestion: float, lowest: float, chosen: float, words: str, take: float | None
):
    said, rate = verdicts.rate_words(suggestion, lowest, chosen)
    assert said.startswith(words)
    assert rate == take
    assert wording.rate(suggestion) in said


def test_of_no_difference_it_is_not_said_that_luck_explains_it():
    same = Outcome("slice", FROZEN.error_rate, 0.699, 21.8, 735)
    text = verdicts.unfreezing_words(FROZEN, NAIVE, same)
    assert "left the error rate where it was, at 20.0\xa0%;" in text
    assert "a difference to the frozen model that luck explains" in verdicts.unfreezing_words(FROZEN, NAIVE, SLICE)
