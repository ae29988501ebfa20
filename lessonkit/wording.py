"""Numbers as sentences, tables and charts say them, in the learner's language. What is not a number is said to be none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lessonkit.language import decimal, tr, translatable, trn, with_signs

PERCENT = "\N{NO-BREAK SPACE}%"  # so that no line ends between a number and its sign


def percent(share: float, digits: int = 1) -> str:
    """A share of 0 to 1 as a learner reads it: 0.0714 is "7.1 %"; NaN is "not known"."""
    return pointed(f"{100 * share:.{digits}f}{PERCENT}") if math.isfinite(share) else tr("not known")


def loss(value: float) -> str:
    """A loss with three digits after the point, or that it is not a number."""
    if not math.isfinite(value):
        return tr("not a number")
    return pointed(f"{value:.1e}" if abs(value) >= 1e6 else f"{round(value, 3) + 0.0:.3f}")  # + 0.0: no "-0.000"


def higher(value: float, before: float) -> str:
    """By how much a loss is higher than before: "12 % higher"; "0.400 higher" than one that reads as 0.000."""
    if not (math.isfinite(value) and math.isfinite(before)):
        return tr("not to be compared")
    if loss(before) == loss(0.0):
        return tr("{by} higher", by=loss(value - before))
    return tr("{by} higher", by=f"{number(100 * (value - before) / before)}{PERCENT}")


def photos(n: int) -> str:
    """A count of photos."""
    return trn("{n} photo", "{n} photos", n)


def count(n: int) -> str:
    """How many of something: 7,390."""
    return decimal(n)


def pointed(digits: str) -> str:
    """A number that Python wrote, with the decimal sign of the learner's language: "0.71" is "0,71" in German."""
    return with_signs(digits)


def separators() -> str:
    """The decimal sign and the sign between groups of three digits, as plotly's `layout.separators`; "" for English's."""
    signs = with_signs(".,")
    return "" if signs == ".," else signs


def number(value: float) -> str:
    """A size with two digits that count: 0.68, 6.8, 68."""
    if not math.isfinite(value):
        return tr("not known")
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e6:
        return pointed(f"{value:.1e}")
    place = int(f"{value:.1e}".partition("e")[2])  # of the first digit once it is rounded: 9.96 is 10, as 10 is
    return pointed(f"{value:.{max(0, 1 - place)}f}")


def seconds(value: float) -> str:
    """A time, two digits that count; a time that is not known is said to be that."""
    return f"{number(value)} s" if math.isfinite(value) else number(value)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "A, B and C"."""
    if len(names) < 2:
        return "".join(names)
    return tr("{several} and {last}", several=", ".join(names[:-1]), last=names[-1])


def rate(learning_rate: float | tuple[float, float]) -> str:
    """A learning rate as Python says it: `0.003`, or `slice(1e-06, 0.0001)`."""
    if isinstance(learning_rate, tuple):
        return f"slice({learning_rate[0]:g}, {learning_rate[1]:g})"
    return f"{learning_rate:g}"


def rate_said(learning_rate: float | tuple[float, float]) -> str:
    """A learning rate in a sentence or a table: `0.003`, in German "0,003"; a slice stays the Python that it is."""
    said = rate(learning_rate)
    return said if isinstance(learning_rate, tuple) else pointed(said)


HELD_OUT = {
    "random": translatable("a fifth at random"),
    "given": translatable("the halves as they came"),
    "together": translatable("a fifth at random, copies of a photo together"),
}
"""Which photos are held out, by `RunSpec.split`; in English, for `tr`."""
HEADS = {"linear": translatable("one layer, from zero"), "fastai": translatable("fastai's two layers")}
"""What the head is, by `RunSpec.head`; in English, for `tr`."""
