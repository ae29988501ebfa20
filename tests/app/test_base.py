"""The base of the lesson is the same on every page, changes only by a choice, and shows nobody an answer first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lessonkit import corrections, recipe_names, runs
from lessonkit.analysis.recipes import recipe_of
from lessonkit.classroom import learners, places
from lessonkit.errors import LessonError
from lessonkit.lesson import defaults, expectations
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec
from lessonkit.storage import write_json
from lessonkit.ui.core import run_choices, who
from lessonkit.wording import PERCENT, percent
from tests import kept
from tests.app.test_choices import guess


@pytest.fixture
def opened(on_home: Callable, own_runs: Path) -> Callable:
    """The app on the baked home, its runs copied, so that a test may add to them."""
    return lambda **how: on_home(own_runs, dataset="drawn", **how)


def words(place) -> str:
    return " ".join(element.value for kind in (place.markdown, place.caption, place.info) for element in kind)


def trained_as(spec: RunSpec, like: runs.Run, later: float = 0.0, **status: object) -> runs.Run:
    """A run of this spec whose files are those of another."""
    run = runs.Run(spec.id)
    shutil.copytree(like.folder, run.folder)
    run.path("spec.json").write_text(spec.canonical())
    now = run.status()
    now.queued_at += later
    for name, value in status.items():
        setattr(now, name, value)
    runs.Run(run.id).write_status(now)
    return run


@pytest.fixture
def newer(opened: Callable) -> tuple[runs.Run, runs.Run]:
    """The frozen run that the lesson goes on from, and a newer one of other choices."""
    opened()
    stage = kept.stage()
    return stage, trained_as(stage.spec().but(normalize="none", seed=0), stage, later=1e6)


def test_pages_that_explore_begin_with_the_base_and_not_with_the_newest(
    opened: Callable, newer: tuple[runs.Run, runs.Run]
) -> None:
    stage, other = newer
    app = opened().switch_page("pages/clean.py").run()
    assert f"(`{stage.id}`), which this lesson goes on from" in words(app.main)
    app.selectbox(key="base_box").set_value(other.spec().recipe).run()
    assert f"(`{other.id}`), which this lesson goes on from" in words(app.main), "it can be changed here"
    app.switch_page("pages/two_runs.py").run()
    assert app.selectbox(key="run_a_box").value == other.id
    app = opened().switch_page("pages/two_runs.py").run()
    assert app.selectbox(key="run_a_box").value == stage.id
    app = opened(model=other.id).switch_page("pages/mistakes.py").run()
    assert "This lesson goes on from another model: Frozen model" in words(app.main)
    app.switch_page("pages/clean.py").run()
    assert f"(`{stage.id}`), which this lesson goes on from" in words(app.main)
    assert f"(`{other.id}`) elsewhere" in words(app.main)
    app.switch_page("pages/recap.py").run()
    assert app.selectbox(key="base_box").value == stage.spec().recipe


def test_a_base_on_corrected_labels_is_cleaned_beside_the_same_choices_on_the_labels_as_they_were(
    opened: Callable, newer: tuple[runs.Run, runs.Run]
) -> None:
    stage, _ = newer
    marked = trained_as(stage.spec().but(marks="0" * 12, seed=0), stage, later=2e6)
    app = opened(base=marked.spec().recipe).switch_page("pages/clean.py").run()
    assert not app.exception
    assert f"(`{stage.id}`): what marks are worth is measured beside" in words(app.main)


def test_training_again_with_marks_shows_the_trainings_that_follow(opened: Callable) -> None:
    opened()
    stage = kept.stage()
    name = next(iter(catalog.resolve("drawn").names))
    corrections.mark(catalog.resolve("drawn"), name, leave_out=True)
    which = corrections.save_version(catalog.resolve("drawn"))
    facts = {"marks": {"changed_train": 1, "left_out_train": 0, "changed_valid": 0, "left_out_valid": 0}}
    first = trained_as(stage.spec().but(marks=which, seed=0), stage, facts=stage.status().facts | facts, repeat_of="")
    for seed in (1, 2):
        spec = first.spec().but(seed=seed)
        trained_as(spec, first, state=runs.QUEUED, repeat_of=first.id)
    app = opened().switch_page("pages/clean.py").run()
    assert not app.exception
    assert app.button(key=f"stop_repeats_{first.id}").label == "Stop the rest"
    assert "Was it worth it?" in words(app.main)
    labels = [m.label for m in app.main.metric]
    assert "Before, on the corrected labels, mean" in labels


def test_another_dataset_takes_its_base_with_it(opened: Callable) -> None:
    opened()
    app = opened(base=kept.stage().spec().recipe).switch_page("pages/data.py").run()
    assert app.query_params["base"]
    app.radio[0].set_value("pets").run()
    assert not app.exception
    assert "base" not in app.query_params
    assert not app.sidebar.metric


def test_what_could_not_be_queued_is_no_base(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened().switch_page("pages/train.py").run()

    def refuse(*_: object, **__: object) -> runs.Run:
        raise LessonError("Too many runs wait.", "Wait for one.")

    monkeypatch.setattr("lessonkit.engine.client.Engine.submit", refuse)
    app.button(key="train").click().run()
    assert any("Too many runs wait" in e.value for e in app.error)
    assert "base" not in app.query_params


def test_an_experiment_is_no_base_where_the_usual_recipe_is_still_under_way(opened, monkeypatch) -> None:
    opened()
    stage = kept.stage()
    usual = stage.spec().but(seed=0)
    for run in recipe_of(stage.id).runs[1:]:
        shutil.rmtree(run.folder)
    status = runs.Run(usual.id).status()
    status.state = runs.QUEUED
    runs.Run(usual.id).write_status(status)
    for run in runs.all_runs():
        if run.spec().starts_from:
            shutil.rmtree(run.folder)
    app = opened().switch_page("pages/one_size.py").run()
    app.button(key="train_both").click().run()
    assert not app.exception
    assert app.query_params["base"] == usual.recipe


def folds(app) -> list[str]:
    return [e.label for e in app.main.expander if "trained here before" in e.label or "were trained here" in e.label]


def test_start_and_one_size_fold_what_was_there_before_the_learner_trained(
    opened: Callable, newer: tuple[runs.Run, runs.Run]
) -> None:
    stage, other = newer
    app = opened()
    guess(app, 1, wrong=3)
    assert len(folds(app)) == 1
    app.switch_page("pages/one_size.py").run()
    assert not app.exception
    assert len(folds(app)) == 1
    app = opened(browser=app, run=stage.id)
    assert "Of the same 10 photos **you named 3 wrongly" in words(app.main)
    assert folds(app) == []
    assert folds(app.switch_page("pages/one_size.py").run()) == []


def results(place) -> int:
    """How many figures, tables and sentences that say what came of runs stand in a place of the page, folds within it too."""
    told = ("Does this run overfit?", "worse than the frozen model?", "What happened.", "Wrong when frozen")
    said = [e for e in place.markdown if any(words in e.value for words in told)]
    return len(place.metric) + len(place.dataframe) + len(place.table) + len(said)


def kept_under(app) -> tuple[str, str]:
    """Where it is kept what this app's browser did."""
    return learners.ALONE, who.key_of(app.session_state["class_learner"])


AHEAD = {
    "too_many_epochs": ("epochs", expectations.TURNS, defaults.MORE, 1),
    "unfreezing": ("rates", expectations.NOBODY, defaults.RIGHT, 3),  # two cards, and both side by side
}


@pytest.mark.parametrize("page", AHEAD)
def test_what_was_trained_before_stays_folded_until_the_learner_guesses_or_trains(page: str, opened: Callable) -> None:
    about, guess, name, number = AHEAD[page]
    app = opened().switch_page(f"pages/{page}.py").run()
    key = f"expects_{about}|{kept.stage().spec().recipe}"
    assert not app.exception
    folded = [fold for fold in app.main.expander if fold.label.startswith("What was trained here before")]
    assert len(folded) == number
    assert all(not fold.proto.expanded for fold in folded)
    assert results(app.main) == sum(map(results, folded)) > number
    assert "your frozen model" not in words(app.main)
    app.button_group(key=key).set_value(guess).run()
    assert not app.exception
    assert folds(app) == []
    assert f"You expected: {guess}" in words(app.main)
    later = next(option for option in app.button_group(key=key).options if option != guess)
    app.button_group(key=key).set_value(later).run()
    noted = learners.find(*kept_under(app))
    assert noted is not None
    said = noted.answers[key.replace("_", "|", 1)]
    assert (said.before, said.after) == (guess, later), "what was folded was not known yet"

    other = opened()
    learners.trained(*kept_under(other), kept.the_run(name).id)
    other = opened(browser=other).switch_page(f"pages/{page}.py").run()
    assert folds(other) == [], "whoever trained one of them has skipped the guess"


def test_the_pair_confused_most_is_named_once_it_was_guessed(opened: Callable) -> None:
    app = opened().switch_page("pages/mistakes.py").run()
    ahead = [fold for fold in app.main.expander if fold.label.startswith("Guess above first")]
    assert len(ahead) == 2
    naming = [m.value for m in app.main.markdown if m.value.startswith("No two breeds were confused")]
    assert naming == [
        m.value for fold in ahead for m in fold.markdown if m.value.startswith("No two breeds were confused")
    ]
    box = app.button_group(key=f"expects_confusion|{kept.stage().id}")
    app.button_group(key=box.key).set_value(box.options[0]).run()
    assert not app.exception
    assert [fold for fold in app.main.expander if fold.label.startswith("Guess above first")] == []


def test_how_far_apart_the_trainings_end_is_told_on_no_page_before_trains_guess(
    opened: Callable, newer: tuple[runs.Run, runs.Run]
) -> None:
    """Also to a learner whose runs of these choices were begun on another page, by its button that trains both."""
    stage, other = newer
    recipe = stage.spec().recipe
    ended = recipe_of(stage.id).summary
    spread = f", {percent(ended.low).removesuffix(PERCENT)} to {percent(ended.high)}."
    assert ended.low < ended.high
    first = opened()
    for run in (*recipe_of(stage.id).done, other):
        learners.trained(*kept_under(first), run.id)
    app = opened(browser=first).switch_page("pages/one_size.py").run()
    assert not app.exception
    assert folds(app) == []
    assert "“with normalization”: error rate" in words(app.main)
    assert spread not in words(app.main)
    [each] = [fold for fold in app.main.expander if fold.label.startswith("Every training of both")]
    assert len(each.get("plotly_chart")) == 1
    app.switch_page("pages/train.py").run()
    assert len(folds(app)) == 1
    app.button_group(key=f"luck_guess_{recipe}").set_value("2 to 4").run()
    assert folds(app) == []
    assert "You expected 2 to 4 points" in words(app.main)
    app.switch_page("pages/one_size.py").run()
    assert spread in words(app.main)
    assert [fold for fold in app.main.expander if fold.label.startswith("Every training of both")] == []


def test_a_guess_is_resolved_by_ones_own_training_alone(opened: Callable) -> None:
    opened()
    recipe = kept.stage().spec().recipe
    app = opened().switch_page("pages/train.py").run()
    app.button_group(key=f"luck_guess_{recipe}").set_value("2 to 4").run()
    assert not app.exception
    assert "You expected" not in words(app.main)
    assert len(folds(app)) == 1


def test_each_card_of_unfreezing_shows_its_own_kind_of_run(opened: Callable) -> None:
    opened()
    small = defaults.small_rate(kept.stage().spec())
    runs.create(small)
    app = opened().switch_page("pages/unfreezing.py").run()
    app.text_input(key="naive_rate").set_value(f"{defaults.SMALL_RATE:g}").run()
    app.number_input(key="naive_epochs").set_value(small.epochs).run()
    assert not app.exception
    assert "is for the card “unfrozen, one small rate”" in words(app.main)
    assert not [b for b in app.button if b.key == "train_unfrozen"]
    assert len([b for b in app.button if b.key == f"unqueue_{small.id}"]) == 1
    app.text_input(key="small_rate").set_value("0.01").run()
    assert not app.exception
    assert "is for the card “unfrozen, one rate”" in words(app.main)


def test_a_name_in_the_recap_is_text_and_its_trainings_are_dots(opened: Callable) -> None:
    opened()
    stage = kept.stage()
    recipe_names.rename(stage.spec().recipe, "[Tom](http://x) *best*")
    app = opened(run=stage.id).switch_page("pages/recap.py").run()
    assert not app.exception
    shown = app.table[0].value["the run here"].iloc[0]
    assert r"\[Tom\]" in shown
    assert r"\*best\*" in shown
    (chart,) = app.main.get("plotly_chart")
    drawn = chart.proto.spec
    for run in recipe_of(stage.id).done:
        assert f"seed {run.spec().seed}: " in drawn
    more = run_choices.title(kept.the_run(defaults.MORE).spec())
    assert more in drawn


def test_the_recap_says_which_numbers_were_there_before(opened: Callable) -> None:
    """What was there before is so for each browser by itself; a link that somebody was sent does not change it."""
    first = opened()
    stage, more = kept.stage(), kept.the_run(defaults.MORE)
    key = who.key_of(first.session_state["class_learner"])

    def said(began: float, **how: object) -> str:
        learners.guess(learners.ALONE, key, "")
        path = places.folder() / "periods" / learners.ALONE / f"{key}.json"
        write_json(path, {"number": 1, "began": began})
        return words(opened(browser=first, **how).switch_page("pages/recap.py").run().main)

    all_four = "“Frozen model”, “Long run”, “Unfrozen, one rate”, “Unfrozen, a slice”."
    assert f"These were on this machine before you began: {all_four}" in words(
        opened().switch_page("pages/recap.py").run().main
    )
    assert "before you began" not in said(stage.status().queued_at - 60)
    assert "before you began" not in said(stage.status().queued_at - 60, since="1")
    status = runs.Run(more.id).status()
    status.queued_at += 1e6
    runs.Run(more.id).write_status(status)
    assert (
        "before you began: “Frozen model”, “Unfrozen, one rate”, “Unfrozen, a slice”. The other one was trained since."
        in said(status.queued_at - 60)
    )
