"""What a run got wrong and how it got there, from its files."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lessonkit import runs, storage
from lessonkit.analysis import predictions as i
from lessonkit.errors import DamagedFileError
from lessonkit.spec import RunSpec

ROWS = [  # photo, actual, predicted, loss
    ("a1.jpg", "a", "a", 0.1),
    ("a2.jpg", "a", "b", 2.0),
    ("a3.jpg", "a", "b", 3.0),
    ("b1.jpg", "b", "b", 0.9),
    ("b2.jpg", "b", "c", 2.0),
    ("c1.jpg", "c", "c", 0.2),
]


def frame(rows=ROWS) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["photo", "actual", "predicted", "loss"])
    return made.assign(probability=0.6, probability_actual=0.3, correct=made["actual"] == made["predicted"])


EMPTY = frame([])


@pytest.fixture
def run(home) -> runs.Run:
    return runs.create(RunSpec("drawn"))


def write_history(run: runs.Run, rows) -> None:
    lines = [",".join(map(str, (n, *row))) for n, row in enumerate(rows)]
    run.path("history.csv").write_text("\n".join([",".join(runs.HISTORY_COLUMNS), *lines, ""]))


# reading a run


def test_a_run_that_has_not_predicted_yet_has_an_empty_frame_that_all_else_takes(run):
    nothing = i.read(run)
    assert tuple(nothing.columns) == i.PREDICTION_COLUMNS
    assert nothing.empty
    assert i.probabilities(run) is None
    assert i.top_losses(nothing, 5).empty
    assert i.most_confused(nothing).empty
    assert i.in_cell(nothing, "a", "b").empty
    assert i.changed_sides(nothing, nothing).empty
    assert math.isnan(i.error_rate(nothing))


def test_predictions_come_back_as_written(run):
    frame().to_parquet(run.path("predictions.parquet"))
    chances = np.eye(3, dtype=np.float32)[np.arange(len(frame())) % 3]
    np.save(run.path("probabilities.npy"), chances)
    storage.write_json(run.path("vocab.json"), ["a", "b", "c"])
    read = i.read(run)
    pd.testing.assert_frame_equal(read, frame(), check_dtype=False)
    assert i.probabilities(run).tolist() == chances.tolist()
    assert i.error_rate(read) == 0.5
    assert i.confusion(read, run.vocab()).loc["a", "b"] == 2
    assert i.most_confused(read, 2)["photos"].tolist() == [2]
    assert i.top_losses(read, 1)["photo"].tolist() == ["a3.jpg"]
    assert i.in_cell(read, "b")["photo"].tolist() == ["b2.jpg", "b1.jpg"]


def test_categories_read_from_parquet_are_counted_like_text(run):
    made = frame().astype({"actual": "category", "predicted": "category"})
    made.to_parquet(run.path("predictions.parquet"))
    read = i.read(run)
    assert i.confusion(read, ["a", "b", "c"]).to_numpy().tolist() == [[1, 2, 0], [0, 1, 1], [0, 0, 1]]
    assert len(i.most_confused(read)) == 2


def _write(path: Path, held: bytes | pd.DataFrame | np.ndarray) -> None:
    if isinstance(held, bytes):
        path.write_bytes(held)
    elif isinstance(held, pd.DataFrame):
        held.to_parquet(path)
    else:
        np.save(path, held)


@pytest.mark.parametrize(
    "held",
    [b"", b"PAR1", b"PAR1" * 99, frame().drop(columns="loss"), frame().assign(loss="high"), frame().assign(correct="yes"),
     frame().assign(actual=1), frame().assign(photo=None)],
)  # fmt: skip
def test_damaged_predictions_are_a_sentence(run, held):
    _write(run.path("predictions.parquet"), held)
    with pytest.raises(DamagedFileError, match=r"predictions\.parquet"):
        i.read(run)


@pytest.mark.parametrize(
    "held", [b"", b"\x93NUMPY", b"x" * 200, np.eye(6), np.zeros(3), np.array([["a"] * 3] * 6), np.zeros((6, 3), int)]
)
def test_damaged_probabilities_are_a_sentence(run, held):
    frame().to_parquet(run.path("predictions.parquet"))
    storage.write_json(run.path("vocab.json"), ["a", "b", "c"])
    _write(run.path("probabilities.npy"), held)
    with pytest.raises(DamagedFileError, match=r"probabilities\.npy"):
        i.probabilities(run)


# mistakes


def test_top_losses_are_the_wrong_ones_by_loss_then_name():
    assert i.top_losses(frame())["photo"].tolist() == ["a3.jpg", "a2.jpg", "b2.jpg"]
    assert i.top_losses(frame(), 2)["photo"].tolist() == ["a3.jpg", "a2.jpg"]


def test_top_losses_of_all_photos_and_of_one_pair():
    assert i.top_losses(frame(), 4, only_wrong=False)["photo"].tolist()[-1] == "b1.jpg"
    assert i.top_losses(frame(), actual="a", predicted="b")["photo"].tolist() == ["a3.jpg", "a2.jpg"]
    assert i.top_losses(frame(), predicted="c")["photo"].tolist() == ["b2.jpg"]


def test_a_loss_that_is_no_number_comes_last():
    rows = [("x.jpg", "a", "b", math.nan), *ROWS]
    assert i.top_losses(frame(rows))["photo"].tolist()[-1] == "x.jpg"


def test_confusion_counts_rows_actual_columns_predicted_in_the_vocabularys_order():
    counts = i.confusion(frame(), ["c", "b", "a"])
    assert (list(counts.index), list(counts.columns)) == (["c", "b", "a"], ["c", "b", "a"])
    assert counts.to_numpy().tolist() == [[1, 0, 0], [1, 1, 0], [0, 2, 1]]


def test_confusion_without_photos_or_breeds():
    assert i.confusion(EMPTY, ["a", "b"]).to_numpy().tolist() == [[0, 0], [0, 0]]
    assert i.confusion(frame(), []).shape == (0, 0)


def test_confusion_leaves_out_breeds_that_the_run_does_not_know():
    assert i.confusion(frame(), ["a", "b"]).to_numpy().tolist() == [[1, 2], [0, 1]]


def test_most_confused_pairs():
    assert i.most_confused(frame()).to_numpy().tolist() == [["a", "b", 2], ["b", "c", 1]]
    assert i.most_confused(frame(), at_least=2).to_numpy().tolist() == [["a", "b", 2]]


def test_the_matrix_the_pairs_and_the_cells_agree():
    rng = np.random.default_rng(0)
    breeds = [f"b{k}" for k in range(37)]
    rows = [(f"{n}.jpg", rng.choice(breeds), rng.choice(breeds), 1.0) for n in range(700)]
    many = frame(rows)
    counts = i.confusion(many, breeds)
    assert counts.to_numpy().sum() == 700
    for actual, predicted, photos in i.most_confused(many).to_numpy().tolist():
        assert counts.loc[actual, predicted] == photos == len(i.in_cell(many, actual, predicted))
    assert counts.to_numpy().trace() == round(700 * (1 - i.error_rate(many)))


def test_photos_that_changed_sides():
    after = frame(
        [("a1.jpg", "a", "c", 4.0), ("a2.jpg", "a", "a", 0.3), ("a3.jpg", "a", "c", 3.0), ("new.jpg", "b", "b", 0.1)]
    )
    changed = i.changed_sides(frame(), after)
    assert changed.to_dict("records") == [
        {"photo": "a2.jpg", "actual": "a", "predicted_before": "b", "predicted_after": "a", "loss_before": 2.0,
         "loss_after": 0.3, "turned": "right"},
        {"photo": "a1.jpg", "actual": "a", "predicted_before": "a", "predicted_after": "c", "loss_before": 0.1,
         "loss_after": 4.0, "turned": "wrong"},
    ]  # fmt: skip
    assert list(changed.index) == [0, 1]


@pytest.mark.parametrize(("share", "found", "first"), [(0.1, 1, 1), (0.34, 1, 3), (0.5, 1, 3), (1.0, 2, 6)])
def test_planted_labels_in_the_first_share_of_the_top_losses(share, found, first):
    planted = {"a3.jpg": "b", "c1.jpg": "a", "not-validated.jpg": "c"}
    assert i.planted_found(i.top_losses(frame(), only_wrong=False), planted, share) == (found, first)


# histories


def test_a_run_without_epochs(run):
    assert list(i.history(run).columns) == list(runs.HISTORY_COLUMNS)
    assert i.learning_curve([run]).empty
    assert i.starts(i.learning_curve([run])) == []
    assert i.overfitting(i.history(run)) is None


def test_runs_that_go_on_from_one_another_are_one_curve(run):
    further = runs.create(RunSpec("drawn", starts_from=run.id))
    write_history(run, [(1.0, 0.9, 0.4, 5.0), (0.8, 0.7, 0.3, 5.0)])
    write_history(further, [(0.6, 0.75, 0.3, 6.0)])
    assert [r.id for r in i.chain(further)] == [run.id, further.id]
    curve = i.learning_curve(i.chain(further))
    assert curve["epoch"].tolist() == [0, 1, 2]
    assert curve["valid_loss"].tolist() == [0.9, 0.7, 0.75]
    assert curve["run"].tolist() == [run.id, run.id, further.id]
    assert curve["cycle"].tolist() == [1 / 4, 2 / 4, 1 / 4]
    assert i.starts(curve) == [2]


def test_a_chain_ends_where_an_earlier_run_is_gone(run):
    orphan = runs.create(RunSpec("drawn", starts_from="0123456789ab"))
    assert [r.id for r in i.chain(orphan)] == [orphan.id]


# overfitting


def curve(train, valid, error) -> pd.DataFrame:
    return pd.DataFrame({"epoch": range(len(valid)), "train_loss": train, "valid_loss": valid, "error_rate": error})


def test_overfitting_in_numbers():
    found = i.overfitting(curve([1.0, 0.5, 0.1], [0.9, 0.72, 0.79], [0.3, 0.2, 0.21]))
    assert (found.best_epoch, found.last_epoch) == (1, 2)
    assert (found.best_valid_loss, found.last_valid_loss) == (0.72, 0.79)
    assert found.rise == pytest.approx(0.07)
    assert found.train_fell == pytest.approx(0.4)
    assert (found.error_then, found.error_last) == (0.2, 0.21)
    assert found.shows_overfitting is True


def test_a_run_that_goes_on_is_measured_from_the_end_of_the_one_before():
    frame = curve([3.0, 1.1, 0.001, 0.02], [0.9, 0.7, 0.6, 0.9], [0.2] * 4).assign(run=["a", "a", "b", "b"])
    found = i.overfitting(frame)
    assert (found.train_then, found.train_last) == (1.1, 0.02)
    assert found.shows_overfitting is True


def test_within_the_run_the_train_loss_is_counted_from_the_best_epoch():
    frame = curve([3.0, 0.8, 0.2, 0.1, 0.3, 0.01], [0.9, 0.8, 0.7, 0.6, 0.8, 0.9], [0.2] * 6).assign(run=list("aabbbb"))
    found = i.overfitting(frame)
    assert (found.train_then, found.train_last) == (0.1, 0.01)
    assert found.train_fell == pytest.approx(0.09)


@pytest.mark.parametrize(
    ("train", "valid"),
    [
        ([1.0, 0.5, 0.1], [0.9, 0.8, 0.7]),  # still falling
        ([1.0, 0.5, 0.4], [0.9, 0.700, 0.713]),  # a rise below LEAST_RISE
        ([1.0, 0.5, 0.6], [0.9, 0.7, 0.9]),  # the train loss rises as well
        ([1.0, 0.5, math.nan], [0.9, 0.7, math.nan]),  # blown up
        ([1.0], [0.9]),
    ],
)
def test_what_is_no_overfitting(train, valid):
    assert i.overfitting(curve(train, valid, [0.2] * len(valid))).shows_overfitting is False


def test_the_end_is_compared_with_the_lowest_loss_of_all_also_where_the_rate_still_rose():
    valid = [0.9, 0.58, 0.52, 0.99, 0.70, 0.60, 0.57, 0.56, 0.55, 0.54, 0.535, 0.53]
    train = [2.0, 0.8, 0.20, 0.40, 0.30, 0.10, 0.08, 0.07, 0.06, 0.05, 0.040, 0.03]
    cycle = [0.5, 1.0, *(k / 10 for k in range(1, 11))]
    frame = curve(train, valid, [0.2] * 12).assign(run=list("aabbbbbbbbbb"), cycle=cycle)
    found = i.overfitting(frame)
    assert (found.best_epoch, found.last_epoch) == (2, 11)
    assert found.shows_overfitting is False, "what jumped at the peak came down again"
    found = i.overfitting(frame.assign(valid_loss=[*valid[:-1], 0.70]))
    assert (found.best_epoch, found.rise) == (2, pytest.approx(0.18))
    assert found.shows_overfitting is True  # at the end, while the rate fell
    found = i.overfitting(frame.assign(valid_loss=[0.9, 0.58, 0.52, 0.99, *[0.8] * 8]))
    assert (found.best_epoch, found.rise) == (2, pytest.approx(0.28))
    assert found.shows_overfitting is True


def test_a_run_that_was_stopped_at_a_high_rate_is_not_judged():
    frame = curve([2.0, 0.8, 0.4, 0.3], [0.9, 0.6, 0.7, 0.9], [0.2] * 4)
    found = i.overfitting(frame.assign(run=list("aabb"), cycle=[0.5, 1.0, 0.2, 0.4]))
    assert (found.whole, found.shows_overfitting) == (False, False)


def test_the_best_of_equal_epochs_is_the_first_and_infinite_losses_never():
    assert i.overfitting(curve([3, 2, 1], [0.7, 0.7, 0.8], [0.2] * 3)).best_epoch == 0
    assert i.overfitting(curve([3, 2], [math.inf, 0.8], [0.2] * 2)).best_epoch == 1
    assert i.overfitting(curve([3], [math.nan], [0.2])) is None


def test_the_commonest_breed_and_what_naming_it_always_gets_wrong():
    assert i.commonest(frame()) == ("a", 0.5)
    assert i.commonest(frame(ROWS[:3])) == ("a", 0.0)
    breed, always = i.commonest(EMPTY)
    assert breed == ""
    assert math.isnan(always)


def test_of_two_breeds_the_photos_of_either_that_were_taken_for_the_other_are_counted():
    rows = [*ROWS, ("b3.jpg", "b", "a", 1.0), ("c2.jpg", "c", "b", 1.0), ("c3.jpg", "c", "a", 1.0)]
    assert i.confused_either_way(frame(rows)) == {("a", "b"): 3, ("b", "c"): 2, ("a", "c"): 1}
    assert i.confused_either_way(EMPTY) == {}


def test_a_chain_that_leads_into_itself_ends():
    class Endless:
        id = "a"

        def spec(self) -> RunSpec:
            return RunSpec("drawn", starts_from="0123456789ab")

    class Other(Endless):
        id = "0123456789ab"

    assert [r.id for r in i.chain(Endless(), lambda _: Other())] == ["0123456789ab", "a"]  # type: ignore[arg-type]


def test_probabilities_that_a_finished_run_has_lost_are_said_to_be(run):
    with pytest.raises(DamagedFileError, match="has lost the probabilities"):
        i.finished_probabilities(run)
