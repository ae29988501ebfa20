"""The explorer's pages: one selection on all of them, marks that stay, any two runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonkit import interpretation, marks, runs


@pytest.fixture
def stage(baked: Path, monkeypatch: pytest.MonkeyPatch) -> runs.Run:
    monkeypatch.setenv("LESSONKIT_HOME", str(baked))
    return next(r for r in runs.all_runs() if not r.spec().starts_from and not r.spec().marks)


def test_a_selection_made_in_the_address_is_that_of_both_pages(on_home, baked: Path, stage: runs.Run) -> None:
    frame = interpretation.predictions(stage)
    row = frame.iloc[0]
    chosen = {"actual": row["actual"], "predicted": row["predicted"]}
    app = on_home(baked, dataset="drawn", **chosen).switch_page("pages/explorer.py").run()
    count = len(interpretation.in_cell(frame, *chosen.values()))
    assert any(f": {count} photo" in m.value for m in app.main.markdown)
    app.switch_page("pages/mistakes.py").run()
    assert any("that the model called" in m.value and f": {count} photo" in m.value for m in app.main.markdown)
    assert app.query_params["actual"] == row["actual"]


def test_looking_closer_selects_the_photo_and_shows_what_it_was_made_of(on_home, baked: Path, stage: runs.Run) -> None:
    row = interpretation.predictions(stage).iloc[0]
    app = on_home(baked, dataset="drawn", actual=row["actual"], predicted=row["predicted"])
    app.switch_page("pages/explorer.py").run()
    app.button(key=f"look_{row['photo']}").click().run()
    assert not app.exception
    assert app.query_params["photo"] == row["photo"]
    assert any("What it learned that from" in m.value for m in app.main.markdown)
    assert app.slider(key="opacity").value == 50


def test_two_runs_share_out_the_validation_photos(on_home, baked: Path, stage: runs.Run) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/two_runs.py").run()
    assert not app.exception
    groups = [m.value for m in app.main.metric]
    assert sum(int(value) for value in groups) == len(interpretation.predictions(stage))


def test_a_mark_outlives_a_page_change_and_is_taken_back(on_home, baked: Path, stage: runs.Run) -> None:
    worst = interpretation.top_losses(interpretation.predictions(stage), 1, only_wrong=False)["photo"].iloc[0]
    app = on_home(baked, dataset="drawn").switch_page("pages/clean.py").run()
    app.button(key=f"leave_{worst}").click().run()
    assert not app.exception
    assert marks.read("drawn")[worst].leave_out
    app.switch_page("pages/recap.py").run()
    app.switch_page("pages/clean.py").run()
    app.button(key=f"unmark_{worst}").click().run()
    assert marks.read("drawn") == {}


def test_only_when_sure_answers_fewer(on_home, baked: Path, stage: runs.Run) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/explorer.py").run()

    def answered() -> float:
        words = next(c.value for c in app.caption if "it answers" in c.value)
        return float(words.split("it answers ")[1].split(" ")[0])

    before = answered()
    app.slider(key="only_when").set_value(99).run()
    assert answered() <= before
    assert answered() < 100


@pytest.mark.parametrize(
    ("page", "tabs", "chosen"),
    [
        ("explorer", "select_by", ["Most confused", "Breeds", "Map of all photos"]),
        ("two_runs", "matrix", ["B", "B minus A"]),
    ],
)
def test_what_is_behind_a_tab_is_made_when_it_is_opened(on_home, baked: Path, page: str, tabs: str, chosen) -> None:
    app = on_home(baked, dataset="drawn").switch_page(f"pages/{page}.py").run()
    for name in chosen:
        app.session_state[tabs] = name
        app.run()
        assert not app.exception
        assert [tab.label for tab in app.tabs if tab.label in chosen and len(tab.children)] == [name]
