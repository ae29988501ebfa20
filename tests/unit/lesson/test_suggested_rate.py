"""The learning rate to take after `lr_find`."""

import pytest

from lessonkit import wording
from lessonkit.lesson import suggested_rate


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
    said, rate = suggested_rate.rate_words(suggestion, lowest, chosen)
    assert said.startswith(words)
    assert rate == take
    assert wording.rate(suggestion) in said
