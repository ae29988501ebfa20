"""Too many epochs, Unfreezing and Recap: what was done stays on the page, whatever is typed or tried next."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lessonkit import runs
from lessonkit.analysis import predictions
from lessonkit.lesson import expectations, reference
from lessonkit.lesson.defaults import MORE, NAIVE, RIGHT
from lessonkit.lesson.steps import STEPS
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.storage import write_bytes, write_json
from lessonkit.ui.lesson import unfreezing
from tests.kept import stage, the_run


@pytest.fixture
def copied(own_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose runs the test may change, and the setting that says so."""
    monkeypatch.setenv("LESSONKIT_HOME", str(own_runs))
    return own_runs


def as_if_chosen(run: Run, spec: RunSpec, state: str = runs.DONE) -> Run:
    """The run's folder as that of another spec: what it would be, had a learner chosen that."""
    other = Run(spec.id)
    shutil.copytree(run.folder, other.folder)
    write_json(other.path("spec.json"), spec.to_dict())
    status = other.status()
    status.state, status.queued_at = state, status.queued_at + 3600
    other.write_status(status)
    return other


def words(app) -> str:
    return " ".join(element.value for kind in (app.main.markdown, app.main.caption) for element in kind)


@pytest.mark.parametrize(
    ("page", "box", "value", "stays"),
    [
        ("unfreezing", "naive_rate", "nan", "What happened."),
        ("unfreezing", "low", "1", "What happened."),
        ("unfreezing", "right_epochs", 10_000, "What happened."),
        ("too_many_epochs", "extra_epochs", 10_000, "Does this run overfit?"),
        ("too_many_epochs", "extra_epochs", 0, "Does this run overfit?"),
    ],
)
def test_a_bad_choice_leaves_what_was_done_on_the_page(page, box, value, stays, on_home: Callable, baked: Path):
    app = on_home(baked).switch_page(f"pages/{page}.py").run()
    assert stays in words(app)
    kind = app.text_input if isinstance(value, str) else app.number_input
    kind(key=box).set_value(value).run()
    assert not app.exception
    assert len(app.error) == 1
    assert stays in words(app)
    its_button = {"naive_rate": "train_unfrozen", "extra_epochs": "train_on"}.get(box, "train_unfrozen-slice")
    assert not [b for b in app.button if b.key == its_button]


def test_the_sentence_on_a_bad_rate_stands_in_its_own_half(on_home: Callable, baked: Path):
    app = on_home(baked).switch_page("pages/unfreezing.py").run()
    app.text_input(key="low").set_value("1").run()
    assert [len(column.error) for column in app.main.columns[:3]] == [0, 0, 1]


@pytest.mark.parametrize("changes", [{"learning_rate": 3e-3}, {"batch_norm": "trained"}])
def test_a_run_of_other_choices_is_found_again_in_a_new_session(changes: dict, on_home: Callable, copied: Path):
    usual = the_run(NAIVE)
    as_if_chosen(usual, usual.spec().but(**changes))
    shutil.rmtree(usual.folder)
    app = on_home(copied).switch_page("pages/unfreezing.py").run()
    assert "What happened." in words(app)
    assert "not the choices above" in words(app)
    assert app.button(key="train_unfrozen")


def test_a_run_that_is_under_way_is_shown_before_one_that_is_done(on_home: Callable, copied: Path):
    usual = the_run(RIGHT)
    early = usual.spec().but(epochs=5)
    as_if_chosen(usual, early, runs.RUNNING)
    as_if_chosen(usual, usual.spec().but(epochs=7))
    shutil.rmtree(usual.folder)
    app = on_home(copied).switch_page("pages/unfreezing.py").run()
    assert app.button(key=f"stop_{early.id}")


def test_photos_that_changed_sides_come_by_page_the_largest_change_first(
    on_home: Callable, copied: Path, monkeypatch: pytest.MonkeyPatch
):
    grids: list[list[str]] = []
    monkeypatch.setattr("lessonkit.ui.core.thumbnails.grid", lambda _, names, captions: grids.append(list(names)))
    naive, before = the_run(NAIVE), predictions.read(stage())
    after = before.assign(correct=False, predicted="none", loss=before["loss"] + np.arange(len(before)))
    after.to_parquet(naive.path("predictions.parquet"))
    app = on_home(copied).switch_page("pages/unfreezing.py").run()
    app.segmented_control(key="sides").set_value(NAIVE).run()
    right_before = before[before["correct"]]
    assert len(right_before) > unfreezing.A_PAGE  # else there is one page
    assert f"1 to {unfreezing.A_PAGE} of {len(right_before)}, the largest change of loss first" in words(app)
    assert grids[-1] == list(right_before["photo"].iloc[::-1].head(unfreezing.A_PAGE))


def test_epochs_are_counted_once_through_table_chart_and_words(on_home: Callable, baked: Path):
    app = on_home(baked).switch_page("pages/too_many_epochs.py").run()
    assert "epochs 1 to 4 are the frozen model's, and this run goes on with 5" in words(app)
    epochs = len(the_run(MORE).history())
    assert app.main.dataframe[0].value["epoch"].tolist() == list(range(5, 5 + epochs))
    chart = json.loads(app.main.get("plotly_chart")[1].proto.spec)
    assert chart["data"][1]["x"] == list(range(1, 5 + epochs))


def test_a_run_whose_valid_loss_came_down_to_0_is_judged_all_the_same(on_home: Callable, copied: Path):
    more = the_run(MORE)
    header, *epochs = more.path("history.csv").read_text().splitlines()
    losses = [f"{0.4 - k / 1000:.6f},{0.0 if k == 20 else 0.4:.6f}" for k in range(len(epochs))]
    rows = [f"{k},{both},0.100000,0.100" for k, both in enumerate(losses)]
    for run in runs.all_runs():
        if run.spec().recipe == more.spec().recipe:
            write_bytes(run.path("history.csv"), "\n".join([header, *rows, ""]).encode())
    app = on_home(copied).switch_page("pages/too_many_epochs.py").run()
    assert "This run overfits." in words(app)
    assert "0.400 higher, while the train loss fell" in words(app)


def test_card_mark_table_and_words_name_one_lowest_epoch_also_where_the_rate_still_rose(
    on_home: Callable, copied: Path
):
    more = the_run(MORE)
    header, *epochs = more.path("history.csv").read_text().splitlines()
    valid = [0.001 if k == 1 else 0.4 for k in range(len(epochs))]
    rows = [f"{k},{0.4 - k / 1000:.6f},{loss:.6f},0.100000,0.100" for k, loss in enumerate(valid)]
    assert 2 / len(rows) <= predictions.PEAK
    for run in runs.all_runs():
        if run.spec().recipe == more.spec().recipe:
            write_bytes(run.path("history.csv"), "\n".join([header, *rows, ""]).encode())
    app = on_home(copied).switch_page("pages/too_many_epochs.py").run()
    app.button_group(key=f"expects_epochs|{stage().spec().recipe}").set_value(expectations.TURNS).run()
    assert not app.exception
    assert [m.value for m in app.main.metric if m.label == "Lowest valid loss: epoch"] == ["6"]
    charts = "".join(chart.proto.spec for chart in app.main.get("plotly_chart"))
    assert "lowest valid loss: epoch 6" in charts
    assert "The valid loss was 0.001 after epoch 6 and is 0.400" in words(app)
    assert "to 0.001 after epoch 6, and 0.400 at the end" in words(app)
    assert len(set(re.findall(r"after epoch (\d+)", words(app)))) == 2, "the lowest and the last"


def recap(app) -> list[dict[str, str]]:
    rows = app.switch_page("pages/recap.py").run().table[0].value.to_dict("records")
    return [{column: text.replace("\N{NO-BREAK SPACE}", " ") for column, text in row.items()} for row in rows]


def test_the_recap_has_each_runs_name_and_numbers(on_home: Callable, baked: Path):
    rows = dict(zip(reference.LESSON, recap(on_home(baked)), strict=True))
    for name in ("frozen", "more-epochs", "unfrozen", "unfrozen-slice"):
        run = the_run(name)
        assert rows[name]["error rate here"] == f"{100 * run.history()[-1]['error_rate']:.1f} %"
        assert "EfficientNet-Lite0" in rows[name]["the run here"]
    assert rows["resnet50"]["the run here"] == "not done yet"
    assert rows["resnet50"]["its error rate"] == "4.6 %"  # frozen, as a run of the learner's is


@pytest.mark.parametrize("state", [runs.FAILED, runs.QUEUED, runs.RUNNING, runs.DONE])
def test_a_later_try_takes_no_finished_runs_place(state: str, on_home: Callable, copied: Path):
    before = recap(on_home(copied))
    usual = the_run(NAIVE)
    as_if_chosen(usual, usual.spec().but(learning_rate=1e-2, epochs=5), state)
    assert recap(on_home(copied)) == before


def test_a_run_of_other_choices_stands_under_its_own_name(on_home: Callable, copied: Path):
    usual = the_run(NAIVE)
    as_if_chosen(usual, usual.spec().but(learning_rate=1e-2, epochs=5))
    shutil.rmtree(usual.folder)
    row = recap(on_home(copied))[2]
    assert row["the run here"] == "Unfrozen, one rate: EfficientNet-Lite0, 1 of 5 epochs at 0.01, unfrozen"
    assert row["the lesson"] == "unfrozen at the default rate, 1 epoch"


def test_the_recap_links_to_what_is_not_done_and_to_what_can_be_taken_home(on_home: Callable, copied: Path):
    shutil.rmtree(the_run(NAIVE).folder)
    app = on_home(copied).switch_page("pages/recap.py").run()
    linked = [link.proto.page for link in app.main.get("page_link")]
    assert {"unfreezing", "take_home"} <= set(linked)
    large = next(link.proto for link in app.main.get("page_link") if link.proto.label.startswith("resnet50 at 299"))
    assert (large.page, large.query_string) == ("train", "architecture=resnet50&size=299&epochs=8")
    assert "too_many_epochs" not in linked


def test_each_word_can_be_opened_on_its_page_where_it_is_met(on_home: Callable, baked: Path):
    app = on_home(baked)
    for step in STEPS:
        if not step.later:
            continue
        app.switch_page(step.path).run()
        said = [element.value for element in app.main.markdown]
        for part, together in (("", step.words), *step.later):
            assert [text for text in said if all(f"**{word}.** " in text for word in together)], f"{step.page}, {part}"
