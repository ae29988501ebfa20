"""Numbers as sentences, tables and charts say them. What is not a number is said to be none, whoever asks."""

from __future__ import annotations

import math

PERCENT = "\N{NO-BREAK SPACE}%"  # so that no line ends between a number and its sign


def percent(share: float, digits: int = 1) -> str:
    """A share of 0 to 1 as a learner reads it: 0.0714 is "7.1 %"; NaN is "not known"."""
    return f"{100 * share:.{digits}f}{PERCENT}" if math.isfinite(share) else "not known"


def loss(value: float) -> str:
    """A loss with three digits after the point, or that it is not a number."""
    if not math.isfinite(value):
        return "not a number"
    return f"{value:.1e}" if abs(value) >= 1e6 else f"{round(value, 3) + 0.0:.3f}"  # + 0.0: no "-0.000"


def higher(value: float, before: float) -> str:
    """By how much a loss is higher than before: "12 % higher"; "0.400 higher" than one that reads as 0.000."""
    if not (math.isfinite(value) and math.isfinite(before)):
        return "not to be compared"
    if loss(before) == loss(0.0):
        return f"{loss(value - before)} higher"
    return f"{number(100 * (value - before) / before)}{PERCENT} higher"


def photos(n: int) -> str:
    """A count of photos."""
    return f"{n:,} photo" if n == 1 else f"{n:,} photos"


def number(value: float) -> str:
    """A size with two digits that count: 0.68, 6.8, 68."""
    if not math.isfinite(value):
        return "not known"
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e6:
        return f"{value:.1e}"
    return f"{value:.{max(0, 1 - math.floor(math.log10(abs(value))))}f}"


def seconds(value: float) -> str:
    """A time, two digits that count; a time that is not known is said to be that."""
    return f"{number(value)} s" if math.isfinite(value) else number(value)


def rate(learning_rate: float | tuple[float, float]) -> str:
    """A learning rate as Python says it: `0.003`, or `slice(1e-06, 0.0001)`."""
    if isinstance(learning_rate, tuple):
        return f"slice({learning_rate[0]:g}, {learning_rate[1]:g})"
    return f"{learning_rate:g}"


HELD_OUT = {
    "random": "a fifth at random",
    "given": "the halves as they came",
    "together": "a fifth at random, copies of a photo together",
}
"""Which photos are held out, by `RunSpec.split`."""
HEADS = {"linear": "one layer, from zero", "fastai": "fastai's two layers"}
"""What the head is, by `RunSpec.head`."""
