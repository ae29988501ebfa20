"""Numbers in sentences: how many digits, and what is said of a number that is none."""

from __future__ import annotations

import math
import re

import pytest

from lessonkit import wording
from lessonkit.language import decimal, speaking
from tests.conftest import ROOT

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("share", "digits", "said"),
    [(0.0714, 1, "7.1\xa0%"), (0.0714, 0, "7\xa0%"), (0.0, 1, "0.0\xa0%"), (1.0, 0, "100\xa0%"), (NAN, 1, "not known")],
)
def test_a_share(share: float, digits: int, said: str):
    assert wording.percent(share, digits) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.68249, "0.682"), (-0.0001, "0.000"), (999_999.0, "999999.000"), (1e6, "1.0e+06"), (-2e6, "\N{MINUS SIGN}2.0e+06"),
        (NAN, "not a number"), (INF, "not a number"),
    ],
)  # fmt: skip
def test_a_loss(value: float, said: str):
    assert wording.loss(value) == said


@pytest.mark.parametrize(
    ("value", "before", "said"),
    [
        (1.12, 1.0, "12\xa0% higher"), (2.0, 1.0, "100\xa0% higher"), (0.4, 0.0, "0.400 higher"), (0.4, 1e-5, "0.400 higher"),
        (0.4, NAN, "not to be compared"), (INF, 0.4, "not to be compared"),
    ],
)  # fmt: skip
def test_how_much_higher(value: float, before: float, said: str):
    assert wording.higher(value, before) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.683, "0.68"), (6.83, "6.8"), (68.3, "68"), (683.0, "683"), (0.0123, "0.012"), (-6.83, "\N{MINUS SIGN}6.8"), (0.0, "0"),
        (0.0996, "0.10"), (100 * (0.21 - 0.2), "1.0"), (9.96, "10"), (99.6, "100"), (1e-4, "0.00010"), (0.9e-4, "9.0e-05"), (999_999.0, "999999"), (1e6, "1.0e+06"), (NAN, "not known"),
    ],
)  # fmt: skip
def test_two_digits_that_count(value: float, said: str):
    assert wording.number(value) == said
    assert wording.seconds(value) == (f"{said} s" if math.isfinite(value) else said)


@pytest.mark.parametrize(("n", "said"), [(0, "0 photos"), (1, "1 photo"), (7390, "7,390 photos")])
def test_a_count_of_photos(n: int, said: str):
    assert wording.photos(n) == said


def test_numbers_have_the_decimal_sign_of_the_language():
    with speaking("de"):
        assert wording.percent(0.0714) == "7,1\xa0%"
        assert wording.loss(0.68249) == "0,682"
        assert wording.loss(1e6) == "1,0e+06"
        assert wording.number(6.83) == "6,8"
        assert wording.seconds(6.83) == "6,8 s"
        assert wording.count(7390) == "7.390"
        assert wording.rate_said(0.003) == "0,003"
        assert wording.rate_said(1e-5) == "1e-05"
        for python in (wording.rate, wording.rate_said):
            assert python((1e-6, 2.5e-4)) == "slice(1e-06, 0.00025)"
        assert wording.rate(0.003) == "0.003"


def test_all_numbers_below_0_have_one_sign():
    minus = "\N{MINUS SIGN}"
    assert (decimal(-0.123, 3), decimal(-7), wording.number(-1e-5)) == (f"{minus}0.123", f"{minus}7", f"{minus}1.0e-05")
    with speaking("de"):
        assert decimal(-1234.5, 1) == f"{minus}1.234,5"


def test_percentages_are_written_one_way_everywhere():
    """Python's own "%" format and d3's leave no space before the sign, as `wording.percent` does."""
    own = re.compile(r":[^{}\"']*\.\d%[}\"]|tickformat=\"[^\"]*%\"|ticksuffix=\"")
    files = [*(ROOT / "lessonkit").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    found = {path.name: m[0] for path in files for m in own.finditer(path.read_text(encoding="utf-8"))}
    assert found == {}
