"""What a learner types and clicks: each bad choice gets a sentence, and the rest of the page stands."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from lessonkit import jobs, runs
from lessonkit.analysis import predictions
from lessonkit.engine.client import Engine
from lessonkit.lesson import guessing
from lessonkit.photos import catalog, imported, labels
from lessonkit.spec import RunSpec
from lessonkit.ui.core import formatting, run_choices
from tests import kept
from tests.conftest import SMALL


def sentences(app) -> str:
    return " ".join(e.value for e in app.error)


@pytest.mark.parametrize(("pattern", "told"), [("/(.)", True), ("", False)])
def test_labels_that_several_breeds_share_are_told_from_the_usual_ones(
    pattern: str, told: bool, on_home, baked: Path
) -> None:
    app = on_home(baked, dataset="drawn", pattern=pattern).switch_page("pages/data.py").run()
    assert not app.exception
    assert any("several breeds share one" in i.value for i in app.info) == told


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("([^/]+", "pattern"),
        ("no group here", "group"),
        (r"/(zzz)_\d+", "match"),
        (r"/(.*).jpg", "photo"),
        ("(images)", "same label"),
    ],
)
def test_a_bad_pattern_gets_a_sentence(pattern: str, said: str, on_home, baked: Path) -> None:
    app = on_home(baked).switch_page("pages/data.py").run()
    app.text_input(key="pattern_drawn").set_value(pattern).run()
    assert not app.exception
    assert said in sentences(app)
    assert len(app.expander) >= 1  # the code below still stands
    app.text_input(key="pattern_drawn").set_value(r"/([^/]+)_\d+.jpg$").run()
    assert not app.error


def test_the_page_of_the_data_says_what_is_here_and_counts_it(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/data.py").run()
    pets, _, drawn = app.radio[0].proto.captions
    assert "7,390 photos of 37 breeds, 812 MB to download; not on this machine yet." in pets
    assert "**On this machine: 96 photos, 12 breeds" in drawn  # of the 720 that there usually are
    assert any("The photos are here and each has its label." in m.value for m in app.markdown)
    app.text_input(key="pattern_drawn").set_value(r"/([A-Z][^/]+)_\d+.jpg$").run()
    assert any("48 of 96 have a label" in m.value for m in app.markdown)
    app.text_input(key="pattern_drawn").set_value("no group here").run()
    assert not any("each has its label" in m.value for m in app.markdown)
    app.radio[0].set_value("pets").run()
    said = " ".join(m.value for m in app.markdown)
    assert "These photos are not here yet." in said
    assert "The photos are here" not in said


@pytest.mark.parametrize("rate", ["0", "1e9", "nan", "fast", ""])
def test_a_bad_learning_rate_gets_a_sentence_and_no_run(rate: str, on_home, baked: Path) -> None:
    app = on_home(baked).switch_page("pages/train.py").run()
    before = len(runs.all_runs())
    app.text_input(key="learning_rate").set_value(rate).run()
    assert not app.exception
    assert "learning rate" in sentences(app)
    assert not [b for b in app.button if b.key == "train"]
    assert len(runs.all_runs()) == before
    assert app.metric  # the run that was done is still shown


@pytest.mark.parametrize("epochs", [0, 10_000])
def test_too_few_and_too_many_epochs_get_a_sentence(epochs: int, on_home, baked: Path) -> None:
    app = on_home(baked).switch_page("pages/train.py").run()
    app.number_input(key="epochs").set_value(epochs).run()
    assert not app.exception
    assert f"{epochs:,} epochs: that is too {'many' if epochs else 'few'}" in sentences(app)


def the_ten(number: int = 1) -> list[guessing.Question]:
    """A round's photos and their breeds; the choices may be others once there is a model."""
    about = catalog.resolve("drawn")
    found = labels.label_dataset(about)
    _, held_out = labels.split(list(found.of), found, RunSpec.split_seed)
    return guessing.questions(found.of, held_out, about.photos.planted, about.fingerprint, number)


def guess(app, number: int, wrong: int, photos: int = 10) -> None:
    """Guess photos of a round, the first `wrong` of them wrongly."""
    for place, question in enumerate(the_ten(number)[:photos]):
        buttons = [b for b in app.button if b.key.startswith(f"guess_{place}_")]
        assert len({b.label for b in buttons}) == guessing.CHOICES
        next(b for b in buttons if (b.label == formatting.breed(question.breed)) != (place < wrong)).click().run()
    assert not app.exception


def error_rates(place) -> list[str]:
    return [m.value for m in place.metric if m.label in ("Your error rate", "Your error")]


def test_as_many_photos_of_each_breed_are_said_once(on_home, baked: Path) -> None:
    def of_each(**chosen: str) -> str:
        app = on_home(baked, dataset="drawn", **chosen).switch_page("pages/data.py").run()
        (said,) = [m.value for m in app.main.markdown if m.value.startswith("Photos of each breed: ")]
        return said

    assert of_each() == f"Photos of each breed: {SMALL['LESSONKIT_DRAWN_PER_BREED']}."
    assert of_each(pattern="/(.)").startswith("Photos of each breed: from ")


def test_guesses_make_an_error_rate_that_their_browser_finds_again_and_no_other(on_home, baked: Path) -> None:
    app = on_home(baked)
    guess(app, 1, wrong=3)
    assert error_rates(app.main) == error_rates(app.sidebar) == ["30\xa0%"]
    last = the_ten()[-1]
    assert any(f"Photo 10: right. The breed is {formatting.breed(last.breed)}." in a.value for a in app.success)
    again = on_home(baked, browser=app, dataset="drawn")
    assert error_rates(again.main) == error_rates(again.sidebar) == ["30\xa0%"]
    other = on_home(baked, **{key: app.query_params[key] for key in ("dataset", "guesses") if key in app.query_params})
    assert error_rates(other.main) == error_rates(other.sidebar) == [], "whoever is sent the address sees it as theirs"


@pytest.mark.parametrize(
    "given", ["drawn:0123------", "drawn:x_1/9", "drawn:0_99999999999999999999", ":::", "drawn:1_1..2"]
)
def test_kept_guesses_may_be_anything(given: str, on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    app.session_state["my_guesses"] = given
    app.run()
    assert not app.exception
    assert not app.error


def test_guessing_again_brings_other_photos_and_keeps_the_score_until_they_are_all_guessed(
    on_home, baked: Path
) -> None:
    app = on_home(baked, dataset="drawn")
    guess(app, 1, wrong=3)
    app.button(key="guess_again").click().run()
    assert len({q.photo for q in the_ten(1)} - {q.photo for q in the_ten(2)}) >= 8  # this set holds 19 photos out
    guess(app, 2, wrong=9, photos=9)
    assert error_rates(app.sidebar) == ["30\xa0%"]
    again = on_home(baked, browser=app, dataset="drawn")
    assert any("Photo 10 of 10" in p.proto.text for p in again.get("progress"))
    assert error_rates(again.sidebar) == ["30\xa0%"]
    next(b for b in again.button if b.key.startswith("guess_9_")).click().run()
    assert error_rates(again.sidebar)[0] in ("90\xa0%", "100\xa0%")


def test_a_score_stands_beside_the_model_of_the_same_photos_alone(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    guess(app, 1, wrong=3)
    app.switch_page("pages/data.py").run()
    app.radio[0].set_value("pets").run()
    app.switch_page("pages/recap.py").run()
    assert not app.exception
    assert not error_rates(app.sidebar)
    said = " ".join(m.value for m in app.main.markdown)
    assert "**You yourself** had" not in said
    assert "You did guess other photos: 3 of 10 wrong, four choices each: photos of Drawn pets" in said
    app.switch_page("pages/data.py").run()
    app.radio[0].set_value("drawn").run()
    assert error_rates(app.sidebar) == ["30\xa0%"]


@pytest.mark.parametrize("page", ["start", "train", "recap"])
def test_the_learner_and_the_model_stand_side_by_side_on_the_same_ten_photos(page: str, on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    guess(app, 1, wrong=3)
    app.switch_page(f"pages/{page}.py").run()
    stage = kept.stage()
    said = predictions.read(stage).set_index("photo")["predicted"]
    models = sum(said[q.photo] != q.breed for q in the_ten())
    assert any(
        f"Of the same 10 photos **you named 3 wrongly, and the model {models}**" in m.value for m in app.main.markdown
    )


def test_photos_that_the_model_learned_from_do_not_count(on_home, own_runs: Path) -> None:
    app = on_home(own_runs, dataset="drawn")
    guess(app, 1, wrong=3)
    stage = kept.stage()
    other = runs.create(stage.spec().but(split_seed=7, seed=0))
    for name in ("history.csv", "vocab.json"):
        other.path(name).write_bytes(stage.path(name).read_bytes())
    answers = predictions.read(stage)
    answers[~answers["photo"].isin([the_ten()[0].photo, the_ten()[1].photo])].to_parquet(
        other.path("predictions.parquet")
    )
    other.write_status(runs.Status(state=runs.DONE, queued_at=1.0))
    app = on_home(own_runs, browser=app, dataset="drawn", base=other.id)
    said = " ".join(m.value for m in app.main.markdown)
    assert "Of the same 8 photos **you named 1 wrongly" in said
    assert "2 more photos that you guessed do not count: the model learned from them" in said


def test_before_there_is_a_model_the_page_says_where_its_answers_will_stand(
    on_home, baked: Path, tmp_path: Path
) -> None:
    (tmp_path / "datasets").symlink_to(baked / "datasets")
    app = on_home(tmp_path, dataset="drawn")
    guess(app, 1, wrong=0)
    assert any("the page “Train” asks it about the same ten" in m.value for m in app.main.markdown)


def test_what_another_brings_to_the_machine_moves_nobody(on_home, baked: Path) -> None:
    app = on_home(baked)
    assert app.query_params["dataset"] == "drawn"


def test_the_lesson_goes_on_from_the_default_choices_not_from_anybodys_last_try(on_home, own_runs: Path) -> None:
    app = on_home(own_runs, dataset="drawn")
    usual = kept.stage()
    other = runs.create(usual.spec().but(epochs=1, seed=5))
    for name in ("history.csv", "vocab.json", "predictions.parquet"):
        other.path(name).write_bytes(usual.path(name).read_bytes())
    other.write_status(runs.Status(state=runs.DONE, queued_at=usual.status().queued_at + 1e6))
    app.switch_page("pages/too_many_epochs.py").run()
    assert any(f"({run_choices.name(usual)}," in m.value for m in app.markdown)


def test_filters_choose_among_the_top_losses(on_home, baked: Path) -> None:
    app = on_home(baked).switch_page("pages/mistakes.py").run()
    counted = [c.value for c in app.caption if "the highest loss first" in c.value]
    app.toggle(key="top_only_wrong").set_value(False).run()
    assert [c.value for c in app.caption if "the highest loss first" in c.value] != counted


def test_the_numbers_on_the_pages_are_those_of_the_run(on_home, baked: Path) -> None:
    app = on_home(baked)
    frozen = kept.stage()
    rate = frozen.history()[-1]["error_rate"]
    app.switch_page("pages/train.py").run()
    assert f"{100 * rate:.1f}\xa0%" in [m.value for m in app.main.metric]
    app.switch_page("pages/mistakes.py").run()
    wrong = int(rate * frozen.status().facts["valid_photos"] + 0.5)
    assert any(f"{wrong} of {frozen.status().facts['valid_photos']}" in m.value for m in app.markdown)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "EfficientNet-Lite0, 4 epochs at 0.003, frozen"),
        ({"normalize": "none", "epochs": 1}, "EfficientNet-Lite0, 1 epoch at 0.003, frozen, no normalization"),
        ({"views": 4, "seed": 7}, "EfficientNet-Lite0, 4 epochs at 0.003, frozen, 4 views"),
        ({"augment": False, "views": 1}, "EfficientNet-Lite0, 4 epochs at 0.003, frozen, no augmentation"),
        ({"head": "fastai"}, "EfficientNet-Lite0, 4 epochs at 0.003, frozen, fastai's head"),
        ({"pretrained": False, "size": 96}, "EfficientNet-Lite0, 4 epochs at 0.003, frozen, random weights, 96 px"),
        (
            {"frozen": False, "precompute": False, "batch_norm": "trained", "learning_rate": (1e-6, 1e-4)},
            "EfficientNet-Lite0, 4 epochs at slice(1e-06, 0.0001), unfrozen, batch norm trained",
        ),
    ],
)
def test_a_run_is_named_by_what_differs_from_the_usual(changes: dict, words: str, home: Path) -> None:
    assert run_choices.name(runs.create(RunSpec("drawn", **{"head": "linear", **changes}))) == words


@pytest.mark.parametrize("state", [runs.STOPPED, runs.INTERRUPTED])
def test_a_run_that_ended_early_is_named_by_the_epochs_that_it_finished(state: str, home: Path) -> None:
    run = runs.create(RunSpec("drawn", epochs=6, head="linear"))
    assert "6 epochs at" in run_choices.name(run)
    assert " of 6" not in run_choices.name(run)  # it waits, and may finish them all
    run.path("history.csv").write_text(
        "epoch,train_loss,valid_loss,error_rate,seconds\n0,2.0,1.0,0.5,0.1\n1,1.0,0.9,0.4,0.1\n"
    )
    run.write_status(runs.Status(state=state))
    assert run_choices.name(run) == "EfficientNet-Lite0, 2 of 6 epochs at 0.003, frozen"


@pytest.mark.parametrize(
    ("choice", "other"),
    [
        ("architecture", "resnet34"), ("pretrained", False), ("size", 192), ("batch_size", 16), ("epochs", 5),
        ("learning_rate", 1e-3), ("frozen", False), ("augment", False), ("normalize", "none"), ("batch_norm", "trained"),
        ("share", 0.5), ("split_seed", 1), ("views", 4), ("precompute", False), ("marks", "0" * 12),
        ("split", "together"), ("head", "linear"),
    ],
)  # fmt: skip
def test_two_runs_of_other_choices_have_two_names(choice: str, other: object, home: Path) -> None:
    usual = RunSpec("drawn", precompute=choice in ("precompute", "views"))
    first, second = (runs.create(spec) for spec in (usual, usual.but(**{choice: other})))
    assert run_choices.name(first) != run_choices.name(second)


def test_what_a_learner_switches_is_what_would_be_trained(on_home, baked: Path) -> None:
    app = on_home(baked).switch_page("pages/train.py").run()
    asked: list[RunSpec] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "lessonkit.engine.client.Engine.submit", lambda _, spec, **how: asked.append(spec) or runs.all_runs()[0]
        )
        app.toggle(key="normalized").set_value(False).run()
        app.select_slider(key="views").set_value(4).run()
        app.button(key="train").click().run()
        app.toggle(key="augment").set_value(False).run()
        app.button(key="train").click().run()
    assert not app.exception
    assert [(s.normalize, s.augment, s.views) for s in asked] == [("none", True, 4), ("none", False, 1)]


def test_a_photo_is_found_by_a_part_of_its_name_and_an_unknown_one_is_said(
    on_home, baked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = Engine.call

    def call(self, task: str, *args, **kwargs):
        if task == "augmented":
            asked.append(args[1])
        return real(self, task, *args, **kwargs)

    monkeypatch.setattr(Engine, "call", call)
    app = on_home(baked, dataset="drawn").switch_page("pages/one_size.py").run()
    app.text_input(key="preview_any").set_value("no_such_pet").run()
    assert any("no_such_pet" in i.value for i in app.info)
    app.text_input(key="preview_any").set_value(" PUG_").run()
    assert not app.exception
    assert not any("No photo" in i.value for i in app.info)
    assert asked[-1] == next(name for name in list(catalog.resolve("drawn").names) if "pug_" in name)


def test_a_suggested_rate_is_taken_over_by_a_click(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    app.switch_page("pages/train.py").run()
    spec = kept.stage().spec().but(seed=0)
    job = jobs.create("find_rate", spec.id, spec.to_dict())
    try:
        job.state, job.result = jobs.DONE, {"lrs": [1e-4, 1e-3, 1e-2], "losses": [3, 2, 9], "suggestion": 0.0002}
        job.write()
        app.run()
        assert any("**Take 0.0002**" in m.value for m in app.markdown)
        app.button(key="use_rate").click().run()
        assert not app.exception
        assert app.text_input(key="learning_rate").value == "2.0e-04"
    finally:
        job.path.unlink()


def test_choices_in_the_address_fill_in_the_boxes_once(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    app.query_params.update({"architecture": "resnet50", "size": "299", "epochs": "8"})
    app.switch_page("pages/train.py").run()
    assert not app.exception
    boxes = app.selectbox(key="architecture"), app.select_slider(key="size"), app.number_input(key="epochs")
    assert [box.value for box in boxes] == ["resnet50", 299, 8]
    app.number_input(key="epochs").set_value(2).run()
    assert [box.value for box in (app.selectbox(key="architecture"), app.number_input(key="epochs"))] == ["resnet50", 2]
    app.query_params.update({"architecture": "resnet<b>", "size": "-1", "epochs": "many"})
    app.run()
    assert not app.exception
    assert len([i for i in app.info if "no choice here" in i.value]) == 3
    assert app.selectbox(key="architecture").value == "resnet50"


def test_ones_own_photos_can_be_deleted_on_the_page(on_home, baked: Path, tmp_path: Path) -> None:
    app = on_home(baked, dataset="drawn")
    archive = tmp_path / "mine.zip"
    with zipfile.ZipFile(archive, "w") as z:
        for number, name in enumerate(list(catalog.resolve("drawn").names)[:4]):
            z.write(catalog.resolve("drawn").photos_folder / name, f"{'cat' if number % 2 else 'dog'}/{number}.jpg")
    name = imported.add_zip(archive, "Mine")
    app = on_home(baked, dataset=name).switch_page("pages/data.py").run()
    assert not app.exception
    app.button(key="delete_own_now").click().run()
    assert not app.exception
    assert name not in catalog.all_datasets()
    assert app.query_params["dataset"] == "drawn"
