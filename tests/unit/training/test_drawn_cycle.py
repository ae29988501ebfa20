"""The picture of one-cycle draws what fastai does."""

from __future__ import annotations

import numpy as np
import pytest
from fastai.callback.schedule import combined_cos

from lessonkit.figures import moving


def test_the_rate_and_the_momentum_are_those_of_fit_one_cycle():
    rate, momentum = combined_cos(0.25, 1 / 25, 1.0, 1e-5), combined_cos(0.25, 0.95, 0.85, 0.95)
    for share in np.linspace(0, 0.99, 34):
        assert moving.rate_at(share) == pytest.approx(float(rate(share)), rel=1e-4)
        assert moving.momentum_at(share) == pytest.approx(float(momentum(share)), rel=1e-4)
