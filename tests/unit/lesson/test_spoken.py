"""What the lesson says of runs, in other languages: whole sentences, each given to `tr`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from lessonkit.analysis.comparison import Outcome, Pairs
from lessonkit.analysis.predictions import Verdict
from lessonkit.analysis.repeats import RepeatComparison, compare, summary
from lessonkit.language import MADE_UP, again, speaking
from lessonkit.lesson import (
    error_rates,
    expectations,
    how_trained,
    luck,
    overfitting,
    suggested_rate,
    trainings,
    two_runs,
    unfreezing,
)

BLOWN = Outcome("blown up", 0.97, float("nan"), 9.0, 735)


def outcomes() -> Iterator[tuple[Outcome, Outcome, Outcome]]:
    for naive, right in ((0.1, 0.1), (0.5, 0.19), (0.19, 0.5), (0.2, 0.2), (0.19, 0.21)):
        yield (
            Outcome("frozen", 0.2, 0.7, 3.0, 735),
            Outcome("one rate", naive, 7 * naive**2, 9.0, 735),
            Outcome("a slice", right, 0.7 if right == 0.2 else 6 * right**2, 2.9, 735),
        )


def trained(error: float, seeds: int, spread: float = 0.0) -> dict[int, pd.DataFrame]:
    """Predictions of some trainings, on 400 photos."""
    made = {}
    for seed in range(seeds):
        rng = np.random.default_rng(seed + 100 * round(100 * error))
        wrong = rng.permutation(400) < 400 * (error + spread * seed)
        loss = np.where(wrong, 2 + rng.random(400), rng.random(400) / 5)
        photos = [f"{i}.jpg" for i in range(400)]
        made[seed] = pd.DataFrame({"photo": photos, "actual": "a", "predicted": "b", "correct": ~wrong, "loss": loss})
    return made


def compared() -> Iterator[RepeatComparison]:
    for before, after in ((0.2, 0.05), (0.05, 0.2), (0.2, 0.21), (0.2, 0.2)):
        for n, m in ((1, 1), (3, 3), (1, 3), (4, 2)):
            yield compare(trained(before, n), trained(after, m))
    yield compare(trained(0.1, 2, 0.05), trained(0.3, 2, 0.15))
    yield compare(trained(0.3, 2, 0.15), trained(0.1, 2, 0.05))


def histories() -> Iterator[Verdict]:
    for best, last in ((3, 9), (0, 9), (9, 9)):
        for loss in (0.6, 0.605, 0.9, float("nan")):
            for error in (0.2, 0.21, 0.4, 0.1, float("nan")):
                for train in (0.2, 0.6):
                    for whole in (True, False):
                        over = whole and loss > 0.61 and train < 0.5
                        yield Verdict(best, last, 0.6, loss, loss - 0.6, 0.5, train, 0.2, error, whole, over)


def said() -> Iterator[str]:
    """Sentences of all kinds."""
    found = [*compared()]
    for frozen, one, right in outcomes():
        for other in (one, right, BLOWN):
            for turned in (
                None,
                (3, 9),
                (5, 5),
                Pairs(40, 2, np.full(100, -0.5)),
                Pairs(1, 2, np.r_[[-9.0] * 9, [0.1] * 91]),
            ):
                yield two_runs.comparison_words(frozen, other, turned)
                yield two_runs.comparison_words(other, frozen, turned)
        yield error_rates.noise_words(frozen)
        for batch_norm in ("fixed", "trained"):
            yield unfreezing.unfreezing_words(frozen, one, right, statistics=batch_norm)
            for of in found:
                yield unfreezing.unfreezing_words(frozen, one, right, of, found[0], batch_norm)
                yield unfreezing.batch_norm_words(frozen, one, of)
    for verdict in histories():
        yield overfitting.overfitting_words(verdict, 400)
        yield overfitting.overfitting_words(verdict, 400, luck=True)
        for guess in expectations.LOSS[1]:
            yield expectations.loss_words(guess, 0.55, verdict, 2)
    for rates in ((1e-3, 1e-1, 3e-3), (1e-3, 1e-1, 1e-6), (float("nan"), 1.0, 1.0)):
        yield suggested_rate.rate_words(*rates)[0]
    for always in (0.1, 0.9):
        yield error_rates.baseline_words(0.2, "", always, 5)
    for of in found:
        yield luck.repeats_words("", "", of)
        for guess in expectations.NORMALIZATION[1]:
            yield expectations.normalization_words(guess, of)
        for ways in ([], ["", " ", "  "]):
            yield expectations.rates_words(expectations.NOBODY, 0.2, {"": 0.1, " ": 0.3}, {"": of, " ": of}, ways)
    for errors in ([0.2], [0.2, 0.2], [0.1, 0.2], [0.1, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4]):
        of_recipe = summary(errors, [1.0] * len(errors))
        yield trainings.luck_words(of_recipe, 400)
        yield trainings.spread_words(of_recipe)
        yield trainings.kept_words(errors[len(errors) // 2], errors, 0)
        yield from (trainings.guess_words(guess, of_recipe) for guess in trainings.GUESSES)
    yield from (trainings.question(n) for n in (None, 3, 12))
    yield from (how_trained.compiled_words({"wait": 3.0, **more}) for more in ({}, {"gain": 1.5, "kept": True}))
    yield expectations.confusion_words("", {"": 3, " ": 0})


def outside(text: str) -> str:
    """What stands outside of the brackets that `tr` leaves in the made-up language."""
    kept, depth = [], 0
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        if not depth:
            kept.append(letter)
    return "".join(kept).replace("⟧", "")


def test_all_that_is_said_of_runs_is_given_to_the_translators():
    with speaking(MADE_UP):
        bare = {outside(text) for text in said()}
    assert not {text for text in bare if re.search(r"[^\W\d_]{2}", text)}


def test_the_options_of_a_guess_are_kept_in_english_and_shown_in_the_learners_language():
    with speaking(MADE_UP):
        words, options = expectations.confusion_question([("Pug", "Boxer"), ("Beagle", "Boxer")])
        assert options == ("Pug and Boxer", "Beagle and Boxer")
        assert [again(option) for option in options] == ["⟦⟦Pug⟧ and ⟦Boxer⟧⟧", "⟦⟦Beagle⟧ and ⟦Boxer⟧⟧"]
        assert again(words).startswith("⟦Before")
        # an answer that was kept is plain text
        told = expectations.confusion_words("Pug and Boxer", dict(zip(options, (5, 1), strict=True)))
        assert "⟦⟦Pug⟧ and ⟦Boxer⟧⟧" in told
        assert expectations.LOSS[1][0] == "falls to the end"
        assert expectations.rates_question(["one rate"])[1] == ("one rate", "none beats frozen")
