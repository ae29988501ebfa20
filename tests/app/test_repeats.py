"""Trainings of one recipe on the pages: one's own beside those before, the one that is kept, and the base of the lesson."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lessonkit import recipe_names, runs
from lessonkit.analysis.recipes import REPEATS, recipe_of
from lessonkit.cli.bake import bake
from lessonkit.cli.main import main as command_line
from lessonkit.lesson import luck, trainings
from lessonkit.spec import RunSpec
from lessonkit.storage import write_bytes
from lessonkit.ui.core import elements, who
from tests import kept


@pytest.fixture
def opened(on_home: Callable, own_runs: Path) -> Callable:
    """The app on runs to which a test may add."""
    return lambda **how: on_home(own_runs, dataset="drawn", **how)


def words(app) -> str:
    return " ".join(element.value for kind in (app.main.markdown, app.main.caption) for element in kind)


def test_train_on_a_recipe_that_is_done_trains_it_once_more(opened: Callable) -> None:
    app = opened().switch_page("pages/train.py").run()
    stage = kept.stage()
    assert f"These choices were trained {REPEATS} times before" in words(app)
    assert any(f"trained here before: {REPEATS} trainings" in e.label for e in app.main.expander)
    app.button(key="train").click().run()
    assert not app.exception
    mine = runs.find(app.query_params["run"])
    assert mine is not None
    assert (mine.spec(), mine.status().state) == (stage.spec().but(seed=REPEATS), runs.QUEUED)
    assert app.query_params["base"] == stage.spec().recipe, "what is trained changes nothing of the base"
    before = f"error rate {trainings.spread_words(recipe_of(stage.id).summary)}"
    assert before not in words(app), "how the others ended waits for one's own first training"
    shared = dict.fromkeys(("run",), mine.id) | {"base": stage.spec().recipe}
    again = opened(browser=app, **shared).switch_page("pages/train.py").run()
    assert again.button(key=f"unqueue_{mine.id}")
    assert "**Your training**" in words(again)
    other = opened(**shared).switch_page("pages/train.py").run()
    assert "**The training that this page's address names**" in words(other), "not theirs, whoever opens the link"
    assert before in words(other)
    without = opened(browser=app).switch_page("pages/train.py").run()
    assert "**Your training**" in words(without), "found again without the address"


def test_ones_own_training_joins_the_chart_and_the_guess_is_resolved(opened: Callable) -> None:
    opened()
    stage = kept.stage()
    app = opened(run=stage.id).switch_page("pages/train.py").run()
    app.segmented_control(key=f"luck_guess_{stage.spec().recipe}").set_value("over 8").run()
    ended = recipe_of(stage.id).summary
    said = words(app)
    assert trainings.guess_words("over 8", ended) in said
    assert trainings.luck_words(ended, stage.status().fact("valid_photos")) in said
    assert trainings.spread_words(ended) in said
    assert f"seed {stage.spec().seed}" in said
    again = opened(browser=app, run=stage.id).switch_page("pages/train.py").run()
    assert again.segmented_control(key=f"luck_guess_{stage.spec().recipe}").value == "over 8", (
        "a reload forgot the guess"
    )
    assert trainings.guess_words("over 8", ended) in words(again)
    other = opened(run=stage.id).switch_page("pages/train.py").run()
    assert other.segmented_control(key=f"luck_guess_{stage.spec().recipe}").value is None


def test_another_recipe_becomes_the_base_only_by_a_choice(opened: Callable) -> None:
    app = opened()
    stage = kept.stage()
    spec = stage.spec().but(normalize="none", seed=0)
    other = runs.Run(spec.id)
    shutil.copytree(stage.folder, other.folder)
    other.path("spec.json").write_text(spec.canonical())
    app = opened(run=other.id).switch_page("pages/train.py").run()
    assert "The next pages go on from another recipe" in words(app)
    later = opened(run=other.id).switch_page("pages/too_many_epochs.py").run()
    assert "no normalization" not in words(later)
    app.button(key=f"base_{spec.recipe}").click().run()
    assert app.query_params["base"] == spec.recipe
    app.switch_page("pages/too_many_epochs.py").run()
    assert "no normalization" in words(app)
    app.selectbox(key="base_box").set_value(stage.spec().recipe).run()
    assert "no normalization" not in words(app), "each page lets it be changed there"


def test_the_pages_the_recap_and_the_command_line_say_the_same_numbers(
    opened: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    app = opened()
    stage = kept.stage()
    report = {row["name"]: row for row in bake("drawn")["runs"]}
    printed = capsys.readouterr().out
    assert report["frozen"]["id"] == report["frozen"]["median"] == stage.id
    said = f"{100 * stage.history()[-1]['error_rate']:.1f}\xa0%"
    several = [row for row in report.values() if len(row["repeats"]) > 1]
    for row in several:
        each = ", ".join(f"{100 * repeat['error_rate']:.1f}\xa0%" for repeat in row["repeats"])
        assert f"{each}; mean {100 * row['error_rate']['mean']:.1f}\xa0%" in printed
    assert command_line(["runs"]) == 0
    listed = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()[1:]}
    for row in report.values():
        assert f" {100 * row['history'][-1]['error_rate']:.1f}\xa0%" in listed[row["id"]]
    assert said not in [m.value for m in app.sidebar.metric], "nobody reads the answer first"
    app.switch_page("pages/mistakes.py").run()
    assert [m.value for m in app.sidebar.metric if m.label == "The model's"] == [said]
    assert f"an error rate of {said}" in words(app)
    rows = app.switch_page("pages/recap.py").run().table[0].value.to_dict("records")
    for row, name in zip(rows, ("frozen", "more-epochs", "unfrozen", "unfrozen-slice"), strict=False):
        found = report[name]
        shown = {column: text.replace("\N{NO-BREAK SPACE}", " ") for column, text in row.items()}
        assert shown["error rate here"] == f"{100 * found['history'][-1]['error_rate']:.1f} %"
        if found in several:
            mean, low, high = (f"{100 * found['error_rate'][which]:.1f} %" for which in ("mean", "low", "high"))
            spread = f"each {mean}" if low == high else f"mean {mean}, {low} to {high}"
            assert shown["all its trainings"] == f"{len(found['repeats'])}: {spread}"
    app.switch_page("pages/too_many_epochs.py").run()
    assert f"Frozen model, {said} (" in words(app)
    app.switch_page("pages/train.py").run()
    mean, low, high = (f"{100 * report['frozen']['error_rate'][which]:.1f}\xa0%" for which in ("mean", "low", "high"))
    assert f"error rate {mean} on average in {REPEATS} trainings, from {low} to {high}" in words(app)
    assert [m.value for m in app.main.metric if m.label == "The kept model's error rate"] == [said]


def test_a_recipe_can_be_given_a_name_that_is_text(opened: Callable) -> None:
    opened()
    stage = kept.stage()
    app = opened(run=stage.id).switch_page("pages/train.py").run()
    app.text_input(key=f"name_{stage.spec().recipe}").set_value("  Rex & [Tom](http://x) *best* ")
    app.button(key=f"rename_{stage.spec().recipe}").click().run()
    assert not app.exception
    assert recipe_names.names() == {stage.spec().recipe: "Rex & [Tom](http://x) *best*"}
    app.switch_page("pages/mistakes.py").run()
    assert any("Rex & [Tom](http://x) *best*, " in option for option in app.selectbox(key="model_box").options)
    app.switch_page("pages/too_many_epochs.py").run()
    assert r"\[Tom\]" in words(app)
    app.switch_page("pages/train.py").run()
    app.text_input(key=f"name_{stage.spec().recipe}").set_value("")
    app.button(key=f"rename_{stage.spec().recipe}").click().run()
    assert recipe_names.names() == {}
    app.button(key=f"rename_{stage.spec().recipe}").click().run()
    assert recipe_names.names() == {}, "the usual name, which stood in the box, is said to each in their language"


@pytest.mark.parametrize("state", [runs.QUEUED, runs.RUNNING])
@pytest.mark.parametrize("page", ["train", "too_many_epochs", "unfreezing", "mistakes", "recap"])
def test_pages_stand_while_repeats_are_still_to_come(page: str, state: str, opened: Callable) -> None:
    opened()
    stage = kept.stage()
    first = next(run for run in recipe_of(stage.id).runs if run.spec().seed == 0)
    for run in recipe_of(stage.id).runs[1:]:
        status = run.status()
        status.state, status.repeat_of = state, first.id
        runs.Run(run.id).write_status(status)
    app = opened(run=first.id).switch_page(f"pages/{page}.py").run()
    assert not app.exception
    if page in ("train", "too_many_epochs", "unfreezing"):
        assert app.button(key=f"stop_repeats_{first.id}").label == "Stop the rest"
    assert ("it may be another one than this" in words(app)) == (page == "mistakes")


@pytest.mark.parametrize("page", ["too_many_epochs", "unfreezing"])
def test_recipes_are_compared_when_all_their_trainings_have_ended(page: str, opened: Callable) -> None:
    opened()
    stage = kept.stage()
    first, *others = recipe_of(stage.id).runs
    still = next(run for run in others if run.id != stage.id)
    status = still.status()
    status.state = runs.QUEUED
    runs.Run(still.id).write_status(status)
    said = words(opened().switch_page(f"pages/{page}.py").run())
    assert luck.NOT_YET in said
    assert "luck would bring" not in said
    assert "could be luck" not in said
    runs.Run(still.id).end(runs.STOPPED, "Stopped, as was asked.")
    assert luck.NOT_YET not in words(opened().switch_page(f"pages/{page}.py").run())


def test_a_page_waits_for_repeats_that_the_engine_has_not_queued_yet(opened: Callable) -> None:
    opened()
    first, *others = recipe_of(kept.stage().id).runs
    for run in others:
        shutil.rmtree(run.folder)
    runs.Run(first.id).want_repeats(5)
    app = opened(run=first.id).switch_page("pages/train.py").run()
    assert not app.exception
    assert app.button(key=f"stop_repeats_{first.id}")
    runs.Run(first.id).want_repeats(0)
    app = opened(run=first.id).switch_page("pages/train.py").run()
    assert not [b for b in app.button if b.key == f"stop_repeats_{first.id}"]


@pytest.mark.parametrize("done", [1, 2])
def test_the_words_on_train_count_the_trainings_that_are_done(done: int, opened: Callable) -> None:
    opened()
    stage = kept.stage()
    first, *others = recipe_of(stage.id).runs
    for run in runs.going_on_from(stage):
        shutil.rmtree(run.folder)
    for run in others[done - 1 :]:
        status = run.status()
        status.state, status.repeat_of = runs.QUEUED, first.id
        runs.Run(run.id).write_status(status)
    app = opened(run=first.id).switch_page("pages/train.py").run()
    assert not app.exception
    said = words(app)
    assert "neither the luckiest nor the unluckiest" not in said
    assert ("All trainings of this recipe" in said) == (done > 1)
    assert "the better one of the first two" not in said
    assert "is, for now, the first one, seed 0" in said
    assert "neither the luckiest" not in said
    assert "takes its place. After that it does not change any more." in said
    asked = app.segmented_control(key=f"luck_guess_{first.spec().recipe}").label
    assert asked.startswith("All trainings of exactly these choices, yours and those before")


def test_what_is_not_kept_is_not_called_kept(opened: Callable) -> None:
    opened()
    first, *others = recipe_of(kept.stage().id).runs
    for run in (first, *others):
        status = run.status()
        status.state = runs.QUEUED
        runs.Run(run.id).write_status(status)
    said = words(opened().switch_page("pages/train.py").run())
    assert "**The first training**, seed 0" in said


def test_the_question_is_asked_of_as_many_trainings_as_were_chosen(opened: Callable) -> None:
    app = opened().switch_page("pages/train.py").run()
    app.number_input(key="epochs").set_value(2).run()

    def asked() -> list[str]:
        return [box.label.split(" ")[0] for box in app.segmented_control if str(box.key).startswith("luck_guess_")]

    assert asked() == ["Five"]
    app.segmented_control(key="repeats_5").set_value(3).run()
    assert asked() == ["Three"]
    app.segmented_control(key="repeats_5").set_value(1).run()
    assert asked() == []


def copied(run: runs.Run, spec: RunSpec, error: float = 0.5) -> runs.Run:
    """A run of another spec that ended as this one did, but for its last error rate."""
    other = runs.Run(spec.id)
    shutil.copytree(run.folder, other.folder)
    other.path("spec.json").write_text(spec.canonical())
    *rows, last = run.path("history.csv").read_text().splitlines()
    cells = last.split(",")
    cells[runs.HISTORY_COLUMNS.index("error_rate")] = str(error)
    other.path("history.csv").write_text("\n".join([*rows, ",".join(cells), ""]))
    return other


def test_further_trainings_change_nothing_for_what_was_gone_on_from(
    opened: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    """One training, as on a GPU, and the pages that go on from it; then it is trained again and again."""
    opened()
    stage = kept.stage()
    for run in recipe_of(stage.id).runs:
        if run.id != stage.id:
            shutil.rmtree(run.folder)
    seeds = [seed for seed in range(REPEATS) if seed != stage.spec().seed]

    def shown() -> tuple:
        app = opened()
        more = words(app.switch_page("pages/too_many_epochs.py").run())
        assert not app.exception
        app.switch_page("pages/unfreezing.py").run()
        tables = [table.value.to_dict() for table in app.main.table]
        rows = app.switch_page("pages/recap.py").run().table[0].value.to_dict("records")
        ours = [(row["the run here"], row["error rate here"], row["valid loss here"]) for row in rows]
        return ours, tables, "Does this run overfit?" in more

    before = shown()
    assert before[2]
    for seed in seeds:
        further = copied(stage, stage.spec().but(seed=seed), 0.01 * seed)
        assert shown() == before
    assert recipe_of(stage.id).median.id != stage.id
    app = opened(run=further.id).switch_page("pages/train.py").run()
    assert "Since other runs go on from it already, it stays" in words(app)
    report = {row["name"]: row for row in bake("drawn")["runs"]}
    assert report["frozen"]["median"] == stage.id, "and nothing is trained"
    assert report["more-epochs"]["spec"]["starts_from"] == stage.id
    assert "since other runs go on from it already" in capsys.readouterr().out


def test_a_page_that_began_before_the_repeats_were_there_is_run_again(
    opened: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    first, *others = recipe_of(kept.stage().id).runs
    look, looks, alts = runs.snapshot, [], []

    def at_first_without_repeats() -> runs.Snapshot:
        looks.append(look())
        if len(looks) > 1:
            return looks[-1]
        return runs.Snapshot(tuple(run for run in looks[0].runs if run.id not in {run.id for run in others}))

    app = opened(run=first.id)
    monkeypatch.setattr(runs, "snapshot", at_first_without_repeats)
    drawn = elements.chart
    monkeypatch.setattr(
        elements, "chart", lambda f, key, alt, *a, **how: alts.append(alt) or drawn(f, key, alt, *a, **how)
    )
    app.switch_page("pages/train.py").run()
    assert len(looks) == 4, "the page begins with one look and compares it with another: it is run twice"
    assert f"on average in {REPEATS} trainings" in words(app)
    spread = trainings.spread_words(recipe_of(first.id).summary)
    assert f"The error rate of each training. {spread}." in alts


def test_a_run_that_was_damaged_since_the_page_began_is_said(opened: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    opened()
    first = recipe_of(kept.stage().id).runs[0]
    look, as_it_was = runs.snapshot, iter([runs.snapshot()])
    write_bytes(runs.Run(first.id).path("status.json"), b"{")
    app = opened(run=first.id)
    monkeypatch.setattr(runs, "snapshot", lambda: next(as_it_was, None) or look())
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert any("status.json" in error.value for error in app.error)


def test_where_the_first_training_was_stopped_both_can_be_trained_and_compared(
    opened: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    stage = kept.stage()
    stopped = copied(stage, stage.spec().but(normalize="none", seed=0))
    stopped.end(runs.STOPPED, "Stopped, as was asked.")

    def section() -> None:
        from lessonkit.ui.core import snapshot, state
        from lessonkit.ui.lesson import normalization

        snapshot.take()
        normalization.on_all_photos(state.dataset())

    app = AppTest.from_function(section, default_timeout=60)
    app.session_state["my_dataset"] = "drawn"
    app.run()
    assert any("Stopped, as was asked" in said.value for said in app.info)
    with monkeypatch.context() as patch:
        patch.setattr(who, "held_back", lambda: True)
        app.run()
        assert not any("Stopped, as was asked" in said.value for said in app.info), "a result is shown that has to wait"
        assert "train_both" in {button.key for button in app.button}
    app.run()
    app.button(key="train_both").click().run()
    assert not app.exception
    again = runs.Run(stopped.spec().but(seed=1).id)
    assert (again.status().state, again.repeats_wanted()) == (runs.QUEUED, REPEATS)
    assert not [button for button in app.button if button.key == "train_both"]


def test_normalization_is_judged_when_all_its_trainings_have_ended(opened: Callable) -> None:
    opened()
    spec = kept.stage().spec().but(normalize="none", seed=0)
    without = [copied(kept.stage(), spec.but(seed=seed), 0.5 + seed / 100) for seed in (0, 1, 2)]
    for run in without:
        status = run.status()
        status.repeat_of = "" if run is without[0] else without[0].id
        status.state = runs.QUEUED if run is without[2] else runs.DONE
        run.write_status(status)
    said = words(opened().switch_page("pages/one_size.py").run())
    assert luck.NOT_YET in said
    assert "“without”: error rate" not in said
    without[2].end(runs.DONE)
    said = words(opened().switch_page("pages/one_size.py").run())
    assert luck.NOT_YET not in said
    assert "“without”: error rate" in said


def test_the_place_in_the_queue_is_that_in_which_the_engine_takes_it(opened: Callable) -> None:
    opened()
    stage = kept.stage()
    for seed in range(REPEATS, REPEATS + 3):
        runs.create(stage.spec().but(seed=seed)).write_status(runs.Status(repeat_of=stage.id, queued_at=1.0))
    first = runs.create(stage.spec().but(size=96, seed=0))
    app = opened(run=first.id).switch_page("pages/train.py").run()
    assert "it is the next one" in words(app), "repeats give way to what somebody waits for"
