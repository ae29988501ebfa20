"""The learning rate to take after `lr_find`, in words."""

from __future__ import annotations

import math

from lessonkit import wording
from lessonkit.language import tr

NEAR = 4  # a learning rate this many times as high or as low trains about alike


def rate_words(suggestion: float, lowest: float, chosen: float) -> tuple[str, float | None]:
    """The one learning rate to take after `lr_find`, with the reason; that rate, or None where the chosen one is to stay.

    It is the geometric mean of fastai's two suggestions, `valley` and `minimum`. With the default head and with fastai's, on
    `pets` (3 splits) and on drawn pets, 5 trainings each, the best rates of four epochs were 1e-3 to 8e-3: `valley` alone
    said 2e-4 and 1e-3, and was up to 19 percentage points worse; this mean is 1.4e-3 and 4e-3.

    Args:
        suggestion: fastai's `valley`. lowest: the rate at which the loss was lowest. chosen: the rate that stands in the
            choices. All above 0.
    """
    if not all(math.isfinite(rate) and rate > 0 for rate in (suggestion, lowest, chosen)):
        return tr("The loss never fell, so no rate can be recommended. Run it again with more photos a batch."), None
    high = max(lowest / 10, suggestion)
    middle = float(f"{math.sqrt(suggestion) * math.sqrt(high):.1e}")
    valley, minimum = (wording.rate_said(float(f"{rate:.1e}")) for rate in (suggestion, high))
    reason = tr(
        "fastai makes two suggestions, `valley` and `minimum`: {valley} and {minimum}. At the first the loss falls steadily, "
        "and the second is a tenth of the rate at which the loss is lowest. Lower rates learn slowly, and higher ones are near "
        "the explosion.",
        valley=valley,
        minimum=minimum,
    )
    if not 1 / NEAR <= chosen / middle <= NEAR:
        take = tr("**Take {rate}**, the middle between two rates.", rate=wording.rate_said(middle))
        return f"{take} {reason}", middle
    keep = tr("**Keep {rate}.**", rate=wording.rate_said(chosen))
    if wording.rate(chosen) == wording.rate(middle):
        yours = tr("Yours is the middle between the two.")
    else:
        yours = tr(
            "Yours is near the middle between them, {rate}: both train about alike.", rate=wording.rate_said(middle)
        )
    return f"{keep} {reason} {yours}", None
