"""Numbers as the sentences say them."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    """A share of 0 to 1 as a learner reads it: 0.0714 is "7.1 %"."""
    return "not known" if math.isnan(share) else f"{100 * share:.1f} %"


def loss(value: float) -> str:
    """A loss with three digits after the point, or that it is none."""
    return f"{value:.3f}" if math.isfinite(value) else "not a number"


def photos(n: int) -> str:
    """A count of photos."""
    return f"{n} photo" if n == 1 else f"{n} photos"


def number(value: float) -> str:
    """A size with two digits that count: 0.68, 6.8, 68."""
    if value == 0:
        return "0"
    return f"{value:.{max(0, 1 - math.floor(math.log10(abs(value))))}f}"


def seconds(value: float) -> str:
    """A time, two digits that count."""
    return f"{number(value)} s"
