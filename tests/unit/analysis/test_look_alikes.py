"""Which breeds a model finds alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lessonkit.analysis.look_alikes import likeness


def test_likeness_is_the_mean_probability_given_to_the_other_breed_both_ways():
    frame = pd.DataFrame({"actual": ["pug", "pug", "beagle"]})
    given = np.array([[0.2, 0.7, 0.1], [0.4, 0.6, 0.0], [0.5, 0.3, 0.2]])
    found = likeness(frame, given, ["beagle", "pug", "boxer"])
    assert np.isclose(found.loc["pug", "beagle"], 0.3 + 0.3)
    assert np.isclose(found.loc["boxer", "pug"], 0.05)
    assert (np.diag(found) == 0).all()
    assert found.equals(found.T)
