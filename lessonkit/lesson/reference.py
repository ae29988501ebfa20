"""The lesson's own results, as printed in its notebook of 2019 (fast.ai, course v3, lesson 1), and what it teaches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """One result of the lesson's notebook: error rate 0 to 1, seconds for the whole fit; None where it has none."""

    what: str
    error_rate: float | None
    seconds: float | None


LESSON = {
    "frozen": Told("frozen, 4 epochs (resnet34)", 0.071, 106),
    "more-epochs": Told("many more epochs, still frozen", None, None),
    "unfrozen": Told("unfrozen at the default rate, 1 epoch", 0.101, 26),
    "unfrozen-slice": Told("unfrozen with slice(1e-6, 1e-4), 2 epochs", 0.062, 53),
    "resnet50": Told("resnet50 at 299 pixels, 8 epochs frozen, then unfrozen", 0.044, None),
}

CAVEAT = (
    "The lesson's figures are from its 2019 notebook: one GPU, 7,390 photos of 37 breeds, resnet34 at 224 pixels. Yours "
    "are from this machine, on the photos that you chose; compare the directions, not the digits."
)

LEARNED = """
- The labels were **in the file names**, and one regular expression took them out.
- A pretrained **body** and a new **head**: four epochs on a few hundred photos are enough to name breeds.
- **Look at the mistakes** before changing anything: some are wrong labels, some would fool you too.
- **More epochs** are not more learning: watch the validation loss.
- **Unfreezing** helps when each group of layers gets the rate that fits it, and hurts when all get the same.
"""

ONWARD = """
- Do it again with another dataset (*Get the data*), or another architecture (*Train*).
- Train from nothing, without pretrained weights, and see what ImageNet was worth.
- Take the code from each page into a notebook of your own: together they are the whole lesson.
"""
