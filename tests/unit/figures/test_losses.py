"""How a run learns, as figures: what is drawn, at which epochs and batches."""

import numpy as np
import pandas as pd
import pytest

from lessonkit.figures import losses
from lessonkit.runs import HISTORY_COLUMNS


def history(valid, train=None, error=None) -> pd.DataFrame:
    n = len(valid)
    return pd.DataFrame(
        {
            "epoch": range(n),
            "train_loss": train or [1.0 / (i + 1) for i in range(n)],
            "valid_loss": valid,
            "error_rate": error or [0.2] * n,
            "seconds": [0.1] * n,
        }
    )


def events(epochs: int, batches: int) -> pd.DataFrame:
    k = np.arange(epochs * batches)
    return pd.DataFrame(
        {"epoch": k // batches, "batch": k % batches, "batches": batches, "loss": k / 10, "smooth_loss": k / 20,
         "lr": k * 1e-5, "mom": 0.95 - k * 1e-4}
    )  # fmt: skip


def texts(figure) -> list[str]:
    return [a.text for a in figure.layout.annotations]


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame(columns=list(HISTORY_COLUMNS))])
def test_no_epoch_yet(frame):
    assert texts(losses.loss_curves(frame, 3, [1])) == ["No epoch has ended yet."]


@pytest.mark.parametrize("draw", [losses.batch_losses, losses.rates])
def test_no_batch_yet(draw):
    assert texts(draw(pd.DataFrame())) == ["No batch has been trained on yet."]


def test_no_rates_tried_yet():
    assert texts(losses.lr_finder([], [])) == ["The learning-rate finder has not run yet."]
    assert texts(losses.lr_finder([1e-3], [float("nan")], 1e-3)) == ["The learning-rate finder has not run yet."]


def test_the_three_curves_and_their_epochs_from_one():
    figure = losses.loss_curves(history([0.9, 0.7, 0.8], train=[1.0, 0.6, 0.4], error=[0.3, 0.2, 0.25]))
    assert {t.name: (list(t.x), list(t.y)) for t in figure.data} == {
        "train loss": ([1, 2, 3], [1.0, 0.6, 0.4]),
        "valid loss": ([1, 2, 3], [0.9, 0.7, 0.8]),
        "error rate": ([1, 2, 3], [30.0, 20.0, 25.0]),
    }
    assert {t.name: t.yaxis for t in figure.data} == {"train loss": "y", "valid loss": "y", "error rate": "y2"}


def test_the_best_epoch_is_marked_with_the_rise_since():
    figure = losses.loss_curves(history([0.9, 0.7, 0.77]), best_epoch=1)
    star = figure.data[-1]
    assert (list(star.x), list(star.y)) == ([2], [0.7])
    assert "lowest valid loss: epoch 2" in texts(figure)
    assert "10\xa0% higher" in texts(figure)


def test_the_rise_from_a_loss_of_exactly_0_is_no_percentage():
    assert "0.400 higher" in texts(losses.loss_curves(history([0.9, 0.0, 0.4]), best_epoch=1))


def test_a_best_epoch_that_is_the_last_shows_no_rise():
    assert not [t for t in texts(losses.loss_curves(history([0.9, 0.7]), best_epoch=1)) if "higher" in t]


def test_a_best_epoch_that_is_not_there_is_not_marked():
    assert len(losses.loss_curves(history([0.9, 0.7]), best_epoch=7).data) == 3


def test_further_runs_of_one_epoch_are_marked_too():
    figure = losses.loss_curves(history([0.9] * 4), starts=[1, 3])
    assert {s.x0 for s in figure.layout.shapes} == {1.5, 3.5}


@pytest.mark.parametrize(
    ("epochs", "mode", "step"), [(2, "lines+markers", 1), (15, "lines+markers", None), (16, "lines", None)]
)
def test_few_epochs_are_points_and_are_numbered_one_by_one(epochs: int, mode: str, step: int | None):
    figure = losses.loss_curves(history([0.9] * epochs))
    assert {t.mode for t in figure.data} == {mode}
    assert figure.layout.xaxis.dtick == step


def test_further_runs_are_marked_before_their_first_epoch():
    figure = losses.loss_curves(history([0.9] * 6), starts=[0, 4, 6, 40])
    assert list(figure.data[0].x) == [1, 2, 3, 4, 4.5, 5, 6]
    assert figure.data[0].y[4] is None
    assert list(figure.data[1].x) == [1, 2, 3, 4, 5, 6]
    assert texts(figure).count("trained on") == 1
    assert {s.x0 for s in figure.layout.shapes} == {4.5}


def test_a_loss_that_is_no_number_breaks_nothing():
    figure = losses.loss_curves(history([0.9, 0.7, float("nan")]), best_epoch=1)
    assert np.isnan(figure.data[1].y[2])
    assert not [t for t in texts(figure) if "higher" in t]
    assert losses.loss_curves(history([float("inf")] * 12, train=[float("nan")] * 12)).data


def test_over_many_epochs_the_axis_fits_all_but_the_first():
    figure = losses.loss_curves(history([3.0] + [0.7] * 11, train=[5.0] + [0.5] * 11))
    assert figure.layout.yaxis.range[1] == pytest.approx(1.15 * 0.7)
    assert losses.loss_curves(history([3.0, 0.7], train=[5.0, 0.5])).layout.yaxis.range is None


def test_batches_are_numbered_through_the_epochs():
    figure = losses.batch_losses(events(2, 3))
    assert list(figure.data[0].x) == [1, 2, 3, 4, 5, 6]
    assert list(figure.data[0].y) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert list(figure.data[1].y) == pytest.approx([0, 0.05, 0.1, 0.15, 0.2, 0.25])


@pytest.mark.parametrize(("batches", "step"), [(2, 1), (12, 1), (13, None)])
def test_few_batches_are_numbered_one_by_one(batches: int, step: int | None):
    """plotly's own step would be half a batch, and 1, 1.5, 2 be written as 1, 2, 2."""
    assert losses.batch_losses(events(1, batches)).layout.xaxis.dtick == step
    assert losses.rates(events(1, batches)).layout.xaxis2.dtick == step


def test_learning_rate_and_momentum_over_the_batches():
    figure = losses.rates(events(1, 3))
    assert [(t.name, t.yaxis) for t in figure.data] == [("learning rate", "y"), ("momentum", "y2")]
    assert list(figure.data[0].y) == pytest.approx([0, 1e-5, 2e-5])
    assert list(figure.data[1].y) == pytest.approx([0.95, 0.9499, 0.9498])


@pytest.mark.parametrize("batches", [799, 800, 801, 5000])
def test_a_long_run_is_thinned_and_keeps_its_first_and_last_batch(batches):
    x = losses.batch_losses(events(1, batches)).data[0].x
    assert len(x) <= losses.MOST_POINTS + 1
    assert (x[0], x[-1]) == (1, batches)


def test_the_finder_marks_its_suggestion_on_the_curve():
    figure = losses.lr_finder([1e-4, 1e-2, 1.0], [4.0, 2.0, 9.0], 1e-3)
    assert list(figure.data[0].y) == [4.0, 2.0, 9.0]
    assert figure.layout.xaxis.type == "log"
    assert (figure.data[1].x[0], figure.data[1].y[0]) == (1e-3, pytest.approx(3.0))
    assert figure.data[1].text[0] == "valley: 1.0e-03"
    assert figure.layout.yaxis.range[1] < 6  # the explosion to 9 is left out


@pytest.mark.parametrize("suggestion", [None, 0.0, -1.0])
def test_the_finder_without_a_usable_suggestion(suggestion):
    assert len(losses.lr_finder([1e-4, 1e-2], [4.0, 2.0], suggestion).data) == 1


def test_the_epochs_in_which_the_rate_rose_are_shaded_and_the_lowest_loss_is_marked_there_too():
    frame = history([0.6, 0.5, 0.55, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7]).assign(
        run=list("abbbbbbbb"), cycle=[1, *(k / 8 for k in range(1, 9))]
    )
    figure = losses.loss_curves(frame, best_epoch=1)
    assert "rate rises" in texts(figure)
    assert "lowest valid loss: epoch 2" in texts(figure)
    assert [(s["x0"], s["x1"]) for s in figure.layout.shapes if s["type"] == "rect"][0] == (1.5, 3.5)
    assert "rate rises" not in texts(losses.loss_curves(frame.drop(columns=["run", "cycle"]), best_epoch=0))
