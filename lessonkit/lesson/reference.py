"""The lesson's own results, as printed in its notebook of 2019 (fast.ai, course v3, lesson 1), and what it teaches."""

from __future__ import annotations

from dataclasses import dataclass

from lessonkit.language import translatable
from lessonkit.lesson.defaults import FRESH, LARGE, LARGE_UNFROZEN, MORE, NAIVE, RIGHT


@dataclass(frozen=True)
class Told:
    """One result of the lesson's notebook: error rate 0 to 1, seconds for the whole fit; None where it has none."""

    what: str
    error_rate: float | None
    seconds: float | None


LESSON = {
    FRESH: Told(translatable("resnet34, frozen, 4 epochs"), 0.071, 106),
    MORE: Told(translatable("then many more epochs, still frozen"), None, None),
    NAIVE: Told(translatable("unfrozen at the default rate, 1 epoch"), 0.101, 26),
    RIGHT: Told(translatable("unfrozen with slice(1e-6, 1e-4), 2 epochs"), 0.062, 53),
    LARGE: Told(translatable("resnet50 at 299 pixels, frozen, 8 epochs"), 0.046, 419),
    LARGE_UNFROZEN: Told(translatable("the same, then unfrozen"), 0.044, None),
}

PAGES = {
    FRESH: "train",
    MORE: "too_many_epochs",
    NAIVE: "unfreezing",
    RIGHT: "unfreezing",
    LARGE: "train",
    LARGE_UNFROZEN: "unfreezing",
}
"""The page on which each is done."""

CHOICES = {LARGE: {"architecture": "resnet50", "size": "299", "epochs": "8"}}
"""What the page is to fill in, as its address says it, where it is not what stands there by default."""

CAVEAT = translatable(
    "The lesson's figures are from its 2019 notebook: one GPU, 7,390 photos of 37 breeds, at 224 pixels where no other "
    "size is named. Yours are from this machine, on the photos that you chose; compare what goes up and what goes down, not the exact numbers."
)

LEARNED = translatable("""
- The labels were **in the names** of the files or folders; from file names, one regular expression takes them out.
- A pretrained **body** and a new **head**: a few epochs of the head alone go far, on few photos too.
- **Look at the mistakes** before changing anything: some are wrong labels, some would fool you too.
- **More epochs** may still lower the error rate while the validation loss rises: the model grows too sure. Watch both.
- **Unfrozen**, each group of layers can have a rate of its own. The runs above show what one rate for all did here, and
  what a slice of rates did.
- One training of each says little: **compare recipes by several trainings**, and by how far these lie apart.
""")

ONWARD = translatable("""
- Do it again with another dataset (*Get the data*), or another architecture (*Train*).
- Take a body of random weights (*Train*, not pretrained; it stays frozen), and see what ImageNet's was worth.
- Copy the code from each page into a notebook of your own, in the lesson's order: it runs as a whole.
""")
