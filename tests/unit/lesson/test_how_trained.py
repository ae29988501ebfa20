"""How a run was trained on the GPU, in words."""

import pytest

from lessonkit.lesson import how_trained


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
    said = how_trained.compiled_words(facts)
    assert words in said
    assert bool(said) == bool(facts)
