"""The explorer's pages: one selection on all of them, marks that stay, any two runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from statistics import fmean

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lessonkit import corrections, runs
from lessonkit.analysis import embeddings, predictions
from lessonkit.analysis.recipes import recipe_of
from lessonkit.engine import tasks
from lessonkit.lesson import defaults, luck
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec
from lessonkit.takehome import export
from lessonkit.wording import percent
from tests import kept


@pytest.fixture
def stage(baked: Path, monkeypatch: pytest.MonkeyPatch) -> runs.Run:
    monkeypatch.setenv("LESSONKIT_HOME", str(baked))
    return kept.stage()


def test_a_selection_made_in_the_address_is_that_of_both_pages(on_home, baked: Path, stage: runs.Run) -> None:
    frame = predictions.read(stage)
    row = frame.iloc[0]
    chosen = {"actual": row["actual"], "predicted": row["predicted"]}
    app = on_home(baked, dataset="drawn", **chosen).switch_page("pages/explorer.py").run()
    count = len(predictions.in_cell(frame, *chosen.values()))
    assert any(f": {count} photo" in m.value for m in app.main.markdown)
    app.switch_page("pages/mistakes.py").run()
    assert any("that the model called" in m.value and f": {count} photo" in m.value for m in app.main.markdown)
    assert app.query_params["actual"] == row["actual"]


@pytest.mark.parametrize("times", [1, 2])
def test_the_pairs_most_confused_begin_where_there_are_some(
    on_home, baked: Path, stage: runs.Run, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    def most_confused(frame: pd.DataFrame, at_least: int = 2) -> pd.DataFrame:
        found = pd.DataFrame({"actual": ["Pug"], "predicted": ["Beagle"], "photos": [times]})
        return found[found["photos"] >= at_least].reset_index(drop=True)

    monkeypatch.setattr(predictions, "most_confused", most_confused)
    app = on_home(baked, dataset="drawn").switch_page("pages/mistakes.py").run()
    assert app.slider(key="at_least").value == times
    assert not any("Choose a lower number" in i.value for i in app.info)


def selection(app: AppTest) -> dict[str, str]:
    return {key: app.query_params.get(key, "") for key in ("dataset", "model", "actual", "predicted", "photo")}


def test_a_breed_alone_is_selected_and_is_the_filter_of_the_top_losses(on_home, baked: Path, stage: runs.Run) -> None:
    frame = predictions.read(stage)
    breed = frame["actual"].iloc[0]
    app = on_home(baked, dataset="drawn").switch_page("pages/mistakes.py").run()
    app.selectbox(key="top_actual").set_value(breed).run()
    assert selection(app) == {"dataset": "drawn", "model": stage.id, "actual": breed, "predicted": "", "photo": ""}
    app.toggle(key="top_only_wrong").set_value(False).run()
    count = len(predictions.in_cell(frame, breed))
    assert any(f"{count} photo" in c.value and "highest loss first" in c.value for c in app.caption)
    app.switch_page("pages/explorer.py").run()
    assert any("whatever the model said" in m.value and f": {count} photo" in m.value for m in app.main.markdown)
    app.session_state["select_by"] = "Breeds"
    app.run()
    assert app.selectbox(key="explorer_actual").value == breed
    app.button(key="select_nothing").click().run()
    assert selection(app)["actual"] == ""
    assert app.selectbox(key="explorer_actual").value is None


def test_the_address_of_a_photo_opens_it_in_the_same_model_later(on_home, baked: Path, stage: runs.Run) -> None:
    other = next(r for r in runs.all_runs() if not r.spec().frozen)
    row = predictions.read(other).iloc[0]
    app = on_home(baked, dataset="drawn").switch_page("pages/explorer.py").run()
    app.selectbox(key="model_box").set_value(other.id).run()
    app.session_state["select_by"] = "Breeds"
    app.run()
    app.selectbox(key="explorer_actual").set_value(row["actual"]).run()
    app.button(key=f"look_{row['photo']}").click().run()
    sent = selection(app)
    assert (sent["dataset"], sent["model"], sent["photo"]) == ("drawn", other.id, row["photo"])
    app.switch_page("pages/mistakes.py").run()
    assert app.selectbox(key="model_box").value == other.id
    later = on_home(baked, **{k: v for k, v in sent.items() if v}).switch_page("pages/explorer.py").run()
    assert later.selectbox(key="model_box").value == other.id
    assert any(row["photo"] in c.value for c in later.caption)


def test_looking_closer_selects_the_photo_and_shows_what_it_was_made_of(on_home, baked: Path, stage: runs.Run) -> None:
    row = predictions.read(stage).iloc[0]
    app = on_home(baked, dataset="drawn", actual=row["actual"], predicted=row["predicted"])
    app.switch_page("pages/explorer.py").run()
    app.button(key=f"look_{row['photo']}").click().run()
    assert not app.exception
    assert app.query_params["photo"] == row["photo"]
    assert any("What it learned that from" in m.value for m in app.main.markdown)
    assert app.slider(key="opacity").value == 50


def test_the_photos_of_a_cell_follow_one_another(on_home, baked: Path, stage: runs.Run) -> None:
    frame = predictions.read(stage)
    breed = frame["actual"].mode()[0]
    found = list(predictions.in_cell(frame, breed)["photo"])
    app = on_home(baked, dataset="drawn", actual=breed, photo=found[0]).switch_page("pages/explorer.py").run()
    assert app.button(key="beside_Previous").disabled
    app.button(key="beside_Next").click().run()
    assert (selection(app)["photo"], selection(app)["actual"]) == (found[1], breed)


def test_two_runs_share_out_the_validation_photos(on_home, baked: Path, stage: runs.Run) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/two_runs.py").run()
    assert not app.exception
    groups = [m.value for m in app.main.metric]
    assert sum(int(value) for value in groups) == len(predictions.read(stage))


@pytest.fixture
def other_split(own_runs: Path, monkeypatch: pytest.MonkeyPatch) -> runs.Run:
    """A run of the same choice on another split, trained for real."""
    monkeypatch.setenv("LESSONKIT_HOME", str(own_runs))
    spec = kept.stage().spec()
    made = runs.create(spec.but(split_seed=spec.split_seed + 1, epochs=1))
    assert tasks.train(made.id) == runs.DONE
    return made


def test_two_runs_and_the_group_shown_stand_in_the_address(on_home, baked: Path, stage: runs.Run) -> None:
    a, b = kept.the_run("more-epochs"), kept.the_run("unfrozen")
    app = on_home(baked, dataset="drawn").switch_page("pages/two_runs.py").run()
    app.selectbox(key="run_a_box").set_value(a.id).run()
    app.selectbox(key="run_b_box").set_value(b.id).run()
    app.segmented_control(key="group_shown").set_value("both wrong").run()
    sent = {key: app.query_params[key] for key in ("run_a", "run_b", "group")}
    assert sent == {"run_a": a.id, "run_b": b.id, "group": "both wrong"}
    later = on_home(baked, dataset="drawn", **sent).switch_page("pages/two_runs.py").run()
    assert not later.exception
    assert [later.selectbox(key=f"run_{letter}_box").value for letter in "ab"] == [a.id, b.id]
    assert later.segmented_control(key="group_shown").value == "both wrong"


def test_runs_of_different_splits_are_compared_on_the_photos_of_both(on_home, stage, own_runs, other_split) -> None:
    one, two = (predictions.read(run) for run in (stage, other_split))
    common = set(one["photo"]) & set(two["photo"])
    assert 0 < len(common) < len(one)
    app = (
        on_home(own_runs, dataset="drawn", run_a=stage.id, run_b=other_split.id).switch_page("pages/two_runs.py").run()
    )
    assert not app.exception
    assert [app.selectbox(key=f"run_{letter}_box").value for letter in "ab"] == [stage.id, other_split.id]
    assert any(f"{len(common)} photo" in w.value for w in app.warning)
    assert sum(int(m.value) for m in app.main.metric) == len(common)
    row = one[one["photo"].isin(common)].iloc[0]
    app = on_home(own_runs, dataset="drawn", run_a=stage.id, run_b=other_split.id, actual=row["actual"])
    app.switch_page("pages/two_runs.py").run()
    count = int((one[one["photo"].isin(common)]["actual"] == row["actual"]).sum())
    assert any(f"{count} photo" in m.value and "by A" in m.value for m in app.main.markdown)


def test_a_photo_is_seen_by_both_runs_and_followed_with_one(on_home, baked: Path, stage: runs.Run) -> None:
    b = kept.the_run("unfrozen")
    row = predictions.read(stage).iloc[0]
    chosen = {"run_a": stage.id, "run_b": b.id, "actual": row["actual"]}
    app = on_home(baked, dataset="drawn", **chosen).switch_page("pages/two_runs.py").run()
    app.button(key=f"cell_{row['photo']}").click().run()
    assert not app.exception
    assert app.query_params["run_b"] == b.id
    assert any("seen by both" in h.value for h in app.subheader)
    app.button(key="follow_B").click().run()
    assert (selection(app)["model"], selection(app)["photo"]) == (b.id, row["photo"])


@pytest.fixture
def unmarked(stage: runs.Run) -> Iterator[None]:
    """No marks before and after."""
    corrections.clear(catalog.resolve("drawn"))
    yield
    corrections.clear(catalog.resolve("drawn"))


@pytest.fixture
def own_stage(stage: runs.Run, known: embeddings.Features, own_runs: Path, monkeypatch: pytest.MonkeyPatch) -> runs.Run:
    """The frozen model in a home of the test's own: what the engine goes on to train there, nobody takes away."""
    monkeypatch.setenv("LESSONKIT_HOME", str(own_runs))
    return kept.stage()


@pytest.fixture
def known(stage: runs.Run) -> embeddings.Features:
    from lessonkit.training import gradcam

    gradcam.features(stage.id)
    return embeddings.load(stage.id)


def test_a_trained_photo_is_marked_and_what_is_trained_again_learned_from_it(
    own_stage: runs.Run, on_home, own_runs: Path
) -> None:
    stage = own_stage
    app = on_home(own_runs, dataset="drawn").switch_page("pages/clean.py").run()
    app.session_state["part"] = "Photos it was trained on"
    app.run()
    suspect = embeddings.suspects(stage.id).iloc[0]
    app.selectbox(key=f"right_{suspect['photo']}").set_value(suspect["suggested"]).run()
    app.button(key=f"mark_{suspect['photo']}").click().run()
    assert corrections.read("drawn") == {suspect["photo"]: corrections.Mark(suspect["suggested"])}
    app.button(key="train_again").click().run()
    assert not app.exception
    spec: RunSpec = stage.spec().but(marks=corrections.fingerprint(corrections.read("drawn")), seed=0)
    again = runs.Run(spec.id)
    assert tasks.train(again.id) == runs.DONE
    runs.drop_repeats(again)  # until all of its recipe have ended, nothing is said of what it was worth
    assert again.status().facts["marks"]["changed_train"] == 1
    assert not np.array_equal(predictions.probabilities(again), predictions.probabilities(stage))
    app.run()
    assert any("1 got another label" in c.value for c in app.caption)
    (worth,) = [m.value for m in app.markdown if m.value.startswith("**Was it worth it?**")]
    assert f"Run {again.id}: {worth.removeprefix('**Was it worth it?** ')}" in unescape(
        str(export.take_home(stage.id, "html"), "utf-8")
    )
    # another mark, or none, does not make what was trained vanish
    other = embeddings.suspects(stage.id)["photo"].iloc[1]
    app.button(key=f"leave_{other}").click().run()
    assert any("The marks have changed since" in c.value for c in app.caption)
    assert any("1 got another label" in c.value for c in app.caption)
    assert app.button(key="train_again").label.endswith("as they are now")
    app.button(key="clear_marks").click().run()
    assert corrections.read("drawn") == {}
    assert any("1 got another label" in c.value for c in app.caption)


def test_marks_on_held_out_photos_alone_are_said_to_change_no_weight_before_the_button(
    on_home, own_runs: Path, own_stage: runs.Run
) -> None:
    frame, drawn = predictions.read(own_stage), catalog.resolve("drawn")
    corrections.mark(drawn, frame["photo"].iloc[0], leave_out=True)
    app = on_home(own_runs, dataset="drawn").switch_page("pages/clean.py").run()
    assert app.button(key="train_again")
    assert any("it gets **the same weights**" in i.value for i in app.info)
    learned = next(photo for photo in drawn.photos.names if photo not in set(frame["photo"]))
    corrections.mark(drawn, learned, leave_out=True)
    assert not any("the same weights" in i.value for i in app.run().info)


def test_a_selection_made_elsewhere_hides_no_photo_to_clean_until_it_is_asked_to(
    on_home, baked: Path, stage: runs.Run, unmarked: None
) -> None:
    frame = predictions.top_losses(predictions.read(stage), None, only_wrong=False)
    top, other = frame.iloc[0], frame[frame["actual"] != frame["actual"].iloc[0]].iloc[0]

    def listed(app: AppTest) -> list[str]:
        return [b.key.removeprefix("leave_") for b in app.main.button if b.key and b.key.startswith("leave_")]

    chosen = {"actual": other["actual"], "predicted": other["predicted"]}
    app = on_home(baked, dataset="drawn", **chosen).switch_page("pages/clean.py").run()
    assert listed(app)[0] == top["photo"]
    app.toggle(key="clean_selected").set_value(True).run()
    assert listed(app) == list(predictions.in_cell(frame, *chosen.values())["photo"])[: len(listed(app))]
    assert top["photo"] not in listed(app)
    plain = on_home(baked, dataset="drawn").switch_page("pages/clean.py").run()
    assert "clean_selected" not in [t.key for t in plain.toggle]
    followed = on_home(baked, dataset="drawn", photo=top["photo"]).switch_page("pages/clean.py").run()
    assert followed.button(key=f"followed_leave_{top['photo']}")
    assert listed(followed)[0] == frame["photo"].iloc[1], "it stands above already"


def test_once_breeds_are_selected_it_is_said_how_to_go_on(on_home, baked: Path, stage: runs.Run) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/explorer.py").run()
    assert any("Select breeds above" in i.value for i in app.info)
    breed = predictions.read(stage)["actual"].iloc[0]
    app = on_home(baked, dataset="drawn", actual=breed).switch_page("pages/explorer.py").run()
    assert [i.value for i in app.info if "above" in i.value] == [
        "Choose **Look closer** at one of the photos above: it stands here then."
    ]


def test_what_cleaning_was_worth_is_told_of_the_seeds_that_both_have(
    on_home, own_runs: Path, own_stage: runs.Run
) -> None:
    """The stage has a training more, all of whose answers are wrong: nothing is set beside it, so it is in no mean."""
    stage = own_stage
    frame = predictions.read(stage)
    corrections.mark(catalog.resolve("drawn"), frame["photo"].iloc[0], leave_out=True)
    which = corrections.save_version(catalog.resolve("drawn"))
    seeds = [run.spec().seed for run in recipe_of(stage.id).done]
    for seed in seeds:
        spec = stage.spec().but(marks=which, seed=seed)
        again = shutil.copytree(runs.Run(stage.spec().but(seed=seed).id).folder, runs.Run(spec.id).folder)
        (again / "spec.json").write_text(spec.canonical())

    def told() -> tuple[list[str], str]:
        app = on_home(own_runs, dataset="drawn").switch_page("pages/clean.py").run()
        assert not app.exception
        (worth,) = [m.value for m in app.markdown if m.value.startswith("**Was it worth it?**")]
        assert any(f"Means of {len(seeds)} trainings of each, with the same seeds." in c.value for c in app.caption)
        return [m.value for m in app.main.metric], worth

    metrics, worth = told()
    kept.all_wrong(stage, max(seeds) + 1)
    more, worth_then = told()
    assert more == metrics
    assert "1 training is left out" in worth_then
    assert "left out" not in worth


def test_unfreezing_compares_means_over_the_same_seeds(on_home, own_runs: Path, own_stage: runs.Run) -> None:
    stage, naive, right = own_stage, kept.the_run(defaults.NAIVE), kept.the_run(defaults.RIGHT)
    for run in (naive, right):
        again = runs.Run(run.spec().but(seed=1).id)
        if not again.exists():
            shutil.copytree(run.folder, again.folder)
            again.path("spec.json").write_text(run.spec().but(seed=1).canonical())
    seeds = [run.spec().seed for run in recipe_of(stage.id).done]
    counted = [run for run in recipe_of(stage.id).done if run.spec().seed in (0, 1)]
    mean = fmean(predictions.error_rate(predictions.read(run)) for run in counted)
    kept.all_wrong(stage, max(seeds) + 1)
    app = on_home(own_runs, dataset="drawn").switch_page("pages/unfreezing.py").run()
    assert not app.exception
    said = f"Frozen, the error rate was {percent(mean)} on average of 2 trainings"
    assert any(said in m.value for m in app.main.markdown)
    left_out = luck.left_out_words(len(seeds) + 1 - 2)
    assert f"Means of 2 trainings of each, with the same seeds. {left_out}" in [c.value for c in app.main.caption]


@pytest.fixture
def twin(stage: runs.Run, known: embeddings.Features) -> Iterator[str]:
    """A photo held out which, for the network, is one that it was trained on; its features are put back afterwards."""
    kept = {path: path.read_bytes() for name in (embeddings.VECTORS, embeddings.PHOTOS, embeddings.TWINS, embeddings.POINTS, embeddings.SUSPECTS)
            if (path := stage.path(name)).exists()}  # fmt: skip
    vectors = np.array(known.vectors)
    vectors[known.train] = vectors[0]
    embeddings.save(stage, known.photos, known.breeds, known.train, vectors)
    yield known.photos[known.train]
    for path, data in kept.items():
        path.write_bytes(data)


def test_a_photo_in_both_halves_is_shown_beside_its_twin_and_left_out(
    on_home, baked: Path, stage: runs.Run, known: embeddings.Features, twin: str, unmarked: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    app = on_home(baked, dataset="drawn", model=stage.id, photo=twin).switch_page("pages/explorer.py").run()
    assert any("holds this picture twice" in i.value and known.photos[0] in i.value for i in app.info)
    app.switch_page("pages/clean.py").run()
    app.session_state["part"] = "In both halves"
    app.run()
    assert not app.exception
    assert any("1 of them is surely the same picture" in c.value for c in app.caption)
    monkeypatch.setattr(
        "lessonkit.ui.core.cached.tested_with_a_copy", lambda *_: 3
    )  # mirrored ones, which the network finds less alike
    assert any("3 of the photos held out have a copy" in w.value for w in app.run().warning)
    app.button(key=f"pairleave_{twin}").click().run()
    assert corrections.read("drawn") == {twin: corrections.Mark()}


def test_from_the_closer_look_a_trained_photo_is_marked_by_the_models_own_pattern(
    on_home, baked: Path, stage: runs.Run, known: embeddings.Features, unmarked: None
) -> None:
    photo, breed = known.photos[0], known.breeds[0]
    right = next(name for name in stage.vocab() if name != breed)
    # the pattern now in force gives other breeds; the model's decides
    app = (
        on_home(baked, dataset="drawn", model=stage.id, photo=photo, pattern="/(.)")
        .switch_page("pages/explorer.py")
        .run()
    )
    assert any("trained on" in h.value for h in app.subheader)
    app.selectbox(key=f"closerright_{photo}").set_value(right).run()
    app.button(key=f"closermark_{photo}").click().run()
    assert not app.exception
    assert corrections.read("drawn") == {photo: corrections.Mark(right)}
    app.switch_page("pages/clean.py").run()
    app.button(key=f"followed_unmark_{photo}").click().run()
    assert corrections.read("drawn") == {}


def test_a_nearest_photo_is_looked_at_and_the_selected_breeds_stay(on_home, baked, stage, known) -> None:
    row = predictions.read(stage).iloc[0]
    chosen = {"model": stage.id, "actual": row["actual"], "predicted": row["predicted"], "photo": row["photo"]}
    near = embeddings.nearest(stage.id, row["photo"], 1, [row["predicted"]])[0]["photo"]
    app = on_home(baked, dataset="drawn", **chosen).switch_page("pages/explorer.py").run()
    app.button(key=f"near_{row['predicted']}_{near}").click().run()
    assert selection(app) == {"dataset": "drawn", **chosen, "photo": near}
    assert any("trained on" in h.value for h in app.subheader)
    assert app.slider(key="opacity").value == 50


def test_cleaning_says_which_model_it_shows_and_when_it_is_not_the_chosen_one(on_home, baked, stage) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/clean.py").run()
    assert any(stage.id in c.value and "elsewhere" not in c.value for c in app.caption)
    other = next(r for r in runs.all_runs() if not r.spec().frozen)
    app = on_home(baked, dataset="drawn", model=other.id).switch_page("pages/clean.py").run()
    assert any(stage.id in c.value and other.id in c.value and "elsewhere" in c.value for c in app.caption)


def test_a_mark_outlives_a_page_change_and_is_taken_back(on_home, baked: Path, stage: runs.Run) -> None:
    worst = predictions.top_losses(predictions.read(stage), 1, only_wrong=False)["photo"].iloc[0]
    app = on_home(baked, dataset="drawn").switch_page("pages/clean.py").run()
    app.button(key=f"leave_{worst}").click().run()
    assert not app.exception
    assert corrections.read("drawn")[worst].leave_out
    app.switch_page("pages/recap.py").run()
    app.switch_page("pages/clean.py").run()
    app.button(key=f"unmark_{worst}").click().run()
    assert corrections.read("drawn") == {}


def test_only_when_sure_answers_fewer(on_home, baked: Path, stage: runs.Run) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/explorer.py").run()

    def answered() -> float:
        words = next(c.value for c in app.caption if "it answers" in c.value)
        return float(words.split("it answers ")[1].split("\xa0%")[0])

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
