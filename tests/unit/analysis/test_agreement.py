"""Two runs on one test: which photos both answered, and who is right about which."""

import pandas as pd

from lessonkit.analysis import agreement


def answers(rows) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["photo", "actual", "predicted"])
    return made.assign(loss=1.0, correct=made["actual"] == made["predicted"])


def test_two_runs_agree_or_do_not():
    a = answers([("1", "x", "x"), ("2", "x", "x"), ("3", "x", "y"), ("4", "x", "y"), ("5", "x", "x")])
    b = answers([("4", "x", "z"), ("3", "x", "x"), ("2", "x", "y"), ("1", "x", "x"), ("6", "x", "x")])
    table = agreement.agreement(a, b)
    assert dict(zip(table["photo"], table["group"], strict=True)) == {
        "1": "both right",
        "2": "only A right",
        "3": "only B right",
        "4": "both wrong",
    }
    assert agreement.agreement_counts(table) == dict.fromkeys(agreement.GROUPS, 1)
    assert agreement.agreement_counts(agreement.agreement(a.iloc[:0], b)) == dict.fromkeys(agreement.GROUPS, 0)


def test_two_runs_are_compared_on_the_photos_of_both_each_under_one_label():
    a = answers([("1", "pug", "pug"), ("2", "pug", "pug"), ("3", "pug", "beagle"), ("only a", "pug", "beagle")])
    b = answers([("3", "pug", "pug"), ("2", "beagle", "beagle"), ("1", "pug", "beagle"), ("only b", "pug", "pug")])
    cut = agreement.shared(a, b)
    assert (cut.common, cut.relabelled) == (3, 1)
    assert cut.a["photo"].tolist() == cut.b["photo"].tolist() == ["1", "3"]
    assert list(cut.a.columns) == list(a.columns)
    assert cut.b["predicted"].tolist() == ["beagle", "pug"]
    # of photo 2 A says pug and B beagle, each right by its own label: neither "both right" nor anything else
    assert agreement.agreement_counts(agreement.agreement(cut.a, cut.b)) == {
        "both right": 0, "only A right": 1, "only B right": 1, "both wrong": 0,
    }  # fmt: skip
    assert len(agreement.shared(a, b.iloc[:0]).a) == 0
