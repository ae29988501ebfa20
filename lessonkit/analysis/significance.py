"""What luck alone would do: how far a share can be told from so few photos, and whether a difference is one.

Most of it is about the luck of which photos were held out; `repeats` counts the luck of the training too.

SciPy gives the same numbers (tests compare them). Pages need them too, where importing `scipy.stats` takes 0.6 s and
58 MB; these functions are a few lines each.
"""

from __future__ import annotations

import functools
import math

import numpy as np

Z_95 = 1.96  # standard deviations either side of a normal distribution's mean that hold 95 % of it


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share seen on n photos: it holds the true one in 19 of 20 cases.

    Unlike the textbook's p ± 2 sqrt(p (1 - p) / n), it does not close up where none or all are wrong.

    Returns:
        (low, high), 0 to 1; NaN where nothing was seen.
    """
    if n <= 0 or not math.isfinite(share):
        return math.nan, math.nan
    z2 = Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def sign_test(one: int, other: int) -> float:
    """Two-sided chance that a fair coin falls as lopsided as this, or more."""
    tosses, fewer = one + other, min(one, other)
    if tosses > 1000:  # the sum of as many binomials is slow, and the normal curve as good
        return math.erfc(max(0.0, abs(one - other) - 1) / math.sqrt(2 * tosses))
    tail = sum(math.comb(tosses, k) for k in range(fewer + 1)) / 2**tosses
    return min(1.0, 2 * tail)


def two_shares(share: float, n: int, other: float, m: int) -> float:
    """Two-sided chance of two shares this far apart if they were one, by the pooled normal approximation."""
    if not (n and m) or math.isnan(other - share):
        return math.nan
    pooled = (share * n + other * m) / (n + m)
    variance = pooled * (1 - pooled) * (1 / n + 1 / m)
    if variance == 0:
        return 1.0
    return math.erfc(abs(other - share) / math.sqrt(2 * variance))


def paired_change(changes: np.ndarray) -> float:
    """Two-sided chance of a mean change this far from 0 if there were none, of the same photos' losses.

    Two looks, the chance doubled for having looked twice (Bonferroni): the mean against its standard error, and,
    where it goes the same way, the share of the photos whose loss fell or rose (the sign test). The mean alone is
    blind to a small gain on nearly every photo beside a few losses of any size; the signs alone to those few.

    Args:
        changes: a number a photo, finite.

    Returns:
        0 to 1; NaN for fewer than two photos.
    """
    n = len(changes)
    if n < 2:
        return math.nan
    mean, error = float(changes.mean()), float(changes.std(ddof=1)) / math.sqrt(n)
    if mean == 0:
        return 1.0
    by_mean = math.erfc(abs(mean) / error / math.sqrt(2)) if error else 0.0
    fell, rose = int((changes < 0).sum()), int((changes > 0).sum())
    by_signs = sign_test(fell, rose) if (fell > rose) == (mean < 0) else 1.0
    return min(1.0, 2 * min(by_mean, by_signs))


def student(mean: float, variance: float, free: float) -> float:
    """Two-sided chance of a mean this far from 0 if the true one is 0, by Student's t.

    Args:
        variance: of the mean, estimated. free: its degrees of freedom, 1 or more.
    """
    if mean == 0:
        return 1.0
    if not variance > 0:
        return 0.0
    return float(np.interp(math.atan(abs(mean) / math.sqrt(variance * free)), *_outside(free)))


def student_within(free: float, outside: float = 0.05) -> float:
    """How many standard errors either side of a mean hold the true one but in a share `outside` of cases, by Student's t."""
    angles, beyond = _outside(free)
    return math.sqrt(free) * math.tan(float(np.interp(-outside, -beyond, angles)))


@functools.lru_cache(maxsize=64)
def _outside(free: float) -> tuple[np.ndarray, np.ndarray]:
    """Angles from 0 on, and how much of Student's t lies, either side, beyond sqrt(free) times the angle's tangent.

    By the angle, t's density is the cosine to the power of free - 1.
    """
    angles = np.linspace(0, min(math.pi / 2, 12 / math.sqrt(free)), 2001)  # beyond lies nothing
    inside = np.concatenate([[0.0], np.cumsum(np.cos((angles[1:] + angles[:-1]) / 2) ** (free - 1))])
    return angles, 1 - inside / inside[-1]
