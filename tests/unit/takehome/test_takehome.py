"""What a learner takes home opens without this lesson, and says what the run says."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jinja2
import nbformat
import numpy as np
import pytest
import re2  # noqa: F401  # what a notebook imports where Python's own re reads a pattern otherwise
import yaml
from fastai.vision.all import get_files, get_image_files
from PIL import Image
from safetensors import safe_open

from lessonkit import corrections, jobs, language, runs
from lessonkit.analysis import predictions
from lessonkit.analysis.repeats import summary
from lessonkit.cli import main
from lessonkit.errors import LessonError, PhotoError
from lessonkit.photos import catalog
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.app import folder as app_folder
from lessonkit.takehome.export import KINDS, take_home
from lessonkit.takehome.html import markup, page
from lessonkit.takehome.notebook import cells
from lessonkit.training.fit import fit
from lessonkit.training.predict import predict


@pytest.fixture(autouse=True)
def here(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    return drawn_home


def spec_of(**changes) -> RunSpec:
    about = catalog.resolve("drawn")
    return RunSpec("drawn", catalog.resolve("drawn").fingerprint, about.pattern, size=64, batch_size=16, epochs=2).but(
        **changes
    )


def trained(spec: RunSpec) -> Run:
    run = Run(spec.id)
    if not run.exists():
        fit(spec, runs.create(spec))
    return run


def stage() -> Run:
    return trained(spec_of())


def as_if_trained(spec: RunSpec) -> Run:
    """A finished run of this spec with another's numbers: what is asked of it depends on its choices alone."""
    run = runs.create(spec)
    for name in ("model.safetensors", "predictions.parquet", "vocab.json", "history.csv"):
        run.path(name).write_bytes(stage().path(name).read_bytes())
    run.write_status(runs.Status(state=runs.DONE))
    return run


def source(kind: str = "code", run: Run | None = None) -> str:
    made = nbformat.reads(take_home((run or stage()).id, "notebook").decode(), 4)
    return "\n".join(cell.source for cell in made.cells if cell.cell_type == kind)


def halves(spec: RunSpec) -> dict:
    """What the notebook's cells on data come to, its own check of the photos among them."""
    photos = cells.photos_of(spec)
    parts = [
        cells.where(photos.dataset), cells.names(photos), cells.label(spec, photos), cells.split(spec, photos),
        cells.corrected_labels(photos), cells.same(photos),
    ]  # fmt: skip
    known = {"Path": Path, "np": np, "re": re, "get_files": get_files, "get_image_files": get_image_files}
    for part in parts:
        exec(part, known)
    return known


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seed": 7, "share": 0.5},
        {"pattern": r"/([^/]+)_\d+\.(?:jpg|png)$"},
        {"pattern": r"/(\pL[^/]*)_\d+"},  # RE2 reads \pL, Python's re does not
    ],
)
def test_the_notebook_holds_out_the_same_photos(changes: dict):
    spec = spec_of(**changes)
    photos, found = cells.photos_of(spec), halves(spec)
    assert (found["train"], found["valid"]) == (photos.train, photos.valid)
    assert sorted(set(found["breed_of"].values())) == photos.labels.breeds


def test_a_pattern_that_hangs_pythons_re_is_left_to_re2(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cells, "_PATIENCE", 1)
    names = ("a" * 60 + "!.jpg",)
    assert not cells._reads_alike(r"^images/((\w+\s?)*)\.jpg$", names, ())


def test_the_notebook_applies_corrections_after_the_split():
    spec = spec_of()
    photos = cells.photos_of(spec)
    corrections.mark(
        photos.dataset,
        photos.valid[0],
        breed=next(b for b in photos.labels.breeds if b != photos.labels.of[photos.valid[0]]),
    )
    corrections.mark(catalog.resolve("drawn"), photos.train[0], leave_out=True)
    try:
        found = halves(spec.but(marks=corrections.save_version(catalog.resolve("drawn"))))
    finally:
        corrections.clear(catalog.resolve("drawn"))
    assert found["valid"] == photos.valid
    assert found["train"] == photos.train[1:]
    assert found["breed_of"][photos.valid[0]] != photos.labels.of[photos.valid[0]]


def test_other_photos_than_the_runs_are_said_so(tmp_path: Path):
    spec = spec_of()
    photos = cells.photos_of(spec)
    with pytest.raises(AssertionError, match="not the photos"):
        exec(cells.same(photos), {"train": photos.train[1:], "valid": photos.valid, "breed_of": photos.labels.of})
    with pytest.raises(LessonError, match="not on this machine"):
        cells.photos_of(spec.but(fingerprint="0" * 64))


def test_the_notebook_says_the_learners_choices_and_nothing_of_the_lesson():
    on = as_if_trained(
        spec_of(starts_from=stage().id, frozen=False, precompute=False, epochs=1, learning_rate=(1e-5, 1e-3))
    )
    said = source(run=on)
    assert "fit_one_cycle(2, 0.003, cbs=[FixedBatchNorm()])" in said
    assert "fit_one_cycle(1, slice(1e-05, 0.001), cbs=[FixedBatchNorm()])" in said
    assert said.index("learn.freeze()") < said.index("learn.unfreeze()")
    assert "Path(os.environ.get('LESSONKIT_HOME', '')) / 'datasets/drawn/images'" in said
    assert "lessonkit" not in said
    assert take_home(on.id, "notebook") == take_home(on.id, "notebook")
    assert "plot_top_losses(min(9, len(valid))" in said  # fastai's fails where fewer are held out than it is asked for


def branches() -> list[Run]:
    """The lesson's four runs: the frozen stage, more epochs from it, the naive way from it, the right way from it."""
    first = trained(spec_of(seed=5))
    found = [first]
    for asked, changes in enumerate((
        {"epochs": 3}, {"frozen": False, "precompute": False, "epochs": 1},
        {"frozen": False, "precompute": False, "epochs": 1, "learning_rate": (1e-5, 1e-3)},
    )):  # fmt: skip
        run = as_if_trained(first.spec().but(starts_from=first.id, **changes))
        run.write_status(runs.Status(state=runs.DONE, queued_at=first.status().queued_at + 1 + asked))
        found.append(run)
    return found


def test_the_notebook_tells_all_that_was_done_and_loads_the_stage_back_before_each_branch():
    first, more, naive, right = branches()
    assert [s.run.id for s in lineage.told(right.id)] == [first.id, more.id, naive.id, right.id]
    said = source(run=right)
    lines = [line for line in said.splitlines() if line.startswith(("learn.load", "learn.fit", "learn.save", "check("))]
    assert [re.sub(r"\(.*", "", line) for line in lines] == [
        *("learn.fit_one_cycle", "learn.save", "check"),
        *("learn.fit_one_cycle", "learn.save", "check"),  # the more epochs go on where the stage ended
        *("learn.load", "learn.fit_one_cycle", "learn.save", "check"),
        *("learn.load", "learn.fit_one_cycle", "learn.save", "check"),
    ]
    assert {line for line in lines if line.startswith("learn.load")} == {"learn.load('stage-1', with_opt=False)"}
    for number, run in enumerate((first, more, naive, right), 1):
        assert f"check({number}, error_rate=({lineage.stage(run).error_rate:.6f}" in said
    assert "The code" in take_home(right.id, "html").decode()
    home = source(run=first)
    assert home.count("fit_one_cycle") == 4
    assert home.rindex("learn.load('stage-1'") > home.rindex("check(4")
    assert "| 1 | – |" in source("markdown", first)
    assert "(the one you took home)" in source("markdown", first)


def test_a_branch_on_other_batches_brings_its_own_and_the_first_ones_come_back():
    first = trained(spec_of(seed=9))
    as_if_trained(first.spec().but(starts_from=first.id, batch_size=8))
    said = source(run=first)
    sizes = re.findall(r"bs=min\((\d+)", said)
    assert sizes == ["16", "8", "16"]
    assert said.count("learn.dls = dls") == 2


def test_a_branch_whose_corrections_are_gone_is_not_told():
    first = trained(spec_of(seed=6))
    lost = as_if_trained(first.spec().but(starts_from=first.id, marks="0123456789ab"))
    on = as_if_trained(first.spec().but(starts_from=lost.id, epochs=1))
    assert [s.run.id for s in lineage.told(first.id)] == [first.id]
    assert on.exists()


@pytest.mark.slow
def test_a_learner_opens_without_the_lesson_and_says_the_same(tmp_path: Path):
    run = trained(spec_of(size=128))
    (tmp_path / "pet.pkl").write_bytes(take_home(run.id, "learner"))
    photos = [str(catalog.resolve("drawn").photos_folder / name) for name in list(catalog.resolve("drawn").names)[::12]]
    lying = tmp_path / "lying.jpg"  # as a phone stores it: turned, and beside it which way is up
    with Image.open(photos[0]) as photo:
        exif = Image.Exif()
        exif[0x0112] = 6
        photo.transpose(Image.Transpose.ROTATE_90).save(lying, quality=95, exif=exif)
    large = tmp_path / "large.jpg"  # as a camera makes it: the lesson decodes it at a quarter, fastai whole
    with Image.open(photos[1]) as photo:
        photo.resize([4 * side for side in photo.size], Image.Resampling.BICUBIC).save(large, quality=95)
    clear = tmp_path / "clear.png"  # transparent where the lesson sees white
    deep = tmp_path / "deep.png"  # 16 bits a grey
    with Image.open(photos[2]) as photo:
        grey = photo.convert("L")
        rgba = photo.convert("RGB")
        rgba.putalpha(grey.point(lambda value: 255 if value > 100 else 0))
        rgba.save(clear)
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(deep)
    asked = [*photos, str(clear), str(deep), str(lying), str(large)]
    code = (
        "import importlib.util, json, sys\n"
        "from fastai.learner import load_learner\n"
        "learn = load_learner('pet.pkl')\n"
        "said = [learn.predict(photo) for photo in json.loads(sys.argv[1])]\n"
        "print(json.dumps({'lesson': importlib.util.find_spec('lessonkit') is not None,\n"
        "                  'said': [[breed, p.max().item()] for breed, _, p in said]}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, json.dumps(asked)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    told = predict(run.id, [(photo, Path(photo)) for photo in asked])
    assert not answer["lesson"]
    assert [breed for breed, _ in answer["said"]] == [t["breed"] for t in told]
    apart = np.abs(np.subtract([p for _, p in answer["said"]], [t["probability"] for t in told]))
    assert apart[:-1].max() < 1e-4
    assert apart[-1] < 0.02


def test_safetensors_say_how_to_use_them(tmp_path: Path):
    run = stage()
    (tmp_path / "pet.safetensors").write_bytes(take_home(run.id, "safetensors"))
    with (
        safe_open(tmp_path / "pet.safetensors", "np") as mine,
        safe_open(run.path("model.safetensors"), "np") as theirs,
    ):
        said = mine.metadata()
        assert set(mine.keys()) == set(theirs.keys())
        assert np.array_equal(mine.get_tensor("1.8.weight"), theirs.get_tensor("1.8.weight"))
    assert json.loads(said["vocab"]) == run.vocab()
    assert json.loads(said["mean"]) == [0.5, 0.5, 0.5]
    assert (said["size"], said["resize"], said["run"]) == ("64", "80", run.id)
    assert RunSpec.from_dict(json.loads(said["spec"])) == run.spec()


def test_the_weights_of_a_dataset_that_was_deleted_are_still_had(tmp_path: Path):
    (tmp_path / "pet.safetensors").write_bytes(take_home(as_if_trained(spec_of(dataset="own-gone")).id, "safetensors"))
    with safe_open(tmp_path / "pet.safetensors", "np") as mine:
        assert mine.metadata()["dataset"] == "own-gone"


def test_the_page_holds_all_it_shows(here: Path):
    run = stage()
    on = as_if_trained(spec_of(starts_from=run.id, epochs=1))
    text = take_home(on.id, "html").decode()
    facts = lineage.stage(on)
    for said in (
        f"{100 * facts.error_rate:.1f}\xa0%",
        "0.003",
        "EfficientNet-Lite0",
        run.id,
        "fit_one_cycle(1, 0.003)",
    ):
        assert said in text
    wrong = facts.frame[~facts.frame["correct"]]
    part = text[text.index("The photos it was most wrong about") : text.index("Where it looked")]
    assert part.count("data:image/webp;base64,") == min(12, len(wrong))
    assert len(take_home(on.id, "html")) < 8e6
    assert wrong.sort_values("loss")["photo"].iloc[-1] in text
    assert "prefers-color-scheme: dark" in text
    without_library = text[: text.index("<script>")] + text[text.index("<main>") :]
    assert not re.findall(r"""(?:src|href)=["']?https?:""", without_library)


def test_the_page_of_one_training_says_how_the_others_of_its_recipe_ended(monkeypatch: pytest.MonkeyPatch):
    run = stage()
    monkeypatch.setattr(page, "recipe_of", lambda _: SimpleNamespace(kept=run))
    monkeypatch.setattr(lineage.Stage, "trainings", summary([0.25], [1.1]))
    assert b"This page shows the training with seed" not in take_home(run.id, "html")
    monkeypatch.setattr(lineage.Stage, "trainings", summary([0.2, 0.25, 0.3], [1.0, 1.1, 1.2]))
    said = re.search(r"<p>(Trained with these choices.*?)</p>", take_home(run.id, "html").decode())
    assert said is not None
    assert said[1].replace("\xa0", " ") == (
        "Trained with these choices, the network named wrongly 25.0 % on average in 3 trainings, from 20.0 % to 30.0 %. "
        f"This page shows the training with seed {run.spec().seed}, the one that is kept."
    )


@pytest.mark.slow
def test_the_page_tells_what_else_the_learner_did():
    run = trained(spec_of(seed=8))
    photos = list(catalog.resolve("drawn").names)
    corrections.mark(catalog.resolve("drawn"), photos[0], leave_out=True)
    try:
        cleaned = as_if_trained(run.spec().but(marks=corrections.save_version(catalog.resolve("drawn"))))
    finally:
        corrections.clear(catalog.resolve("drawn"))
    key = run.spec().but(epochs=9).id
    jobs.Job("find_rate", key, [run.spec().but(epochs=9).to_dict()], jobs.DONE,
             result={"lrs": [1e-5, 1e-3, 1e-1], "losses": [3.0, 2.0, 4.0], "suggestion": 1e-3}).write()  # fmt: skip
    for told in (run, cleaned):
        text = take_home(told.id, "html", (10, 3)).decode() if told is run else take_home(told.id, "html").decode()
        for heading in ("As the network sees them", "How sure it was", "Cleaned and trained again"):
            assert heading in text
        assert ("The learning-rate finder" in text) == (told is run)  # the corrections make it another question
        assert ("You guessed 10 of these photos" in text) == (told is run)
        row = [f"<td>{x}</td>" for x in (cleaned.id, "1")]
        assert "".join(row) in text


@pytest.mark.parametrize(
    ("of", "heading", "axis", "title", "said"),
    [
        ("de", "Was du gewählt hast", "Fehlerrate", "nur der Kopf, 2 Epochen mit 0,003", "Führe die Zellen von oben nach unten aus"),
        ("es", "Lo que elegiste", "tasa de error", "solo la cabeza, 2 épocas con 0,003", "ejecuta las celdas de arriba abajo"),
    ],
)  # fmt: skip
def test_what_is_taken_home_is_in_the_learners_language_and_its_code_is_not(of, heading, axis, title, said):
    run = stage()
    english = nbformat.reads(take_home(run.id, "notebook").decode(), 4)
    with language.speaking(of):
        html = take_home(run.id, "html", (10, 3)).decode()
        made = nbformat.reads(take_home(run.id, "notebook").decode(), 4)
        app = app_folder._app()
    nbformat.validate(made)
    assert f'<html lang="{of}">' in html
    for words in (heading, axis, title, "0.003"):
        assert words in html
    loss = f"{lineage.stage(run).valid_loss:.3f}"
    assert f"<b>{loss.replace('.', ',')}</b>" in html, "numbers as the language writes them"
    assert '"separators":",."' in html, "charts too"
    for bare in ("What you chose", "error rate:", "held out to test", "You guessed"):
        assert bare not in re.sub(r"<script.*?</script>|<pre>.*?</pre>", "", html, flags=re.DOTALL)
    assert said in made.cells[0].source
    cells_of = [[(c.cell_type, c.id) for c in one.cells] for one in (made, english)]
    assert cells_of[0] == cells_of[1]
    for here, there in zip(made.cells, english.cells, strict=True):
        assert (here.source == there.source) == (here.cell_type == "code"), here.source
    compile(app, "app.py", "exec")
    assert language.tr("What's your pet?") not in app


def test_a_space_takes_the_apps_description_in_each_language():
    run = stage()
    for of in ("en", "de", "es"):
        with language.speaking(of):
            _, front, text = app_folder._readme(lineage.stage(run)).split("---\n", 2)
        said = yaml.safe_load(front)
        assert len(said["short_description"]) <= 60, "the most that a Space takes"
        assert "pip install -r requirements.txt" in text
        assert "$" not in text


def test_names_are_text_not_markup(monkeypatch: pytest.MonkeyPatch):
    run = stage()
    monkeypatch.setattr(run.__class__, "vocab", lambda self: ["<script>x</script>"] * 12)
    monkeypatch.setattr(Dataset, "present", False)
    assert "<script>x</script>" not in take_home(run.id, "html").decode()


def test_the_page_escapes_what_a_learner_typed_and_a_maker_wrote(monkeypatch: pytest.MonkeyPatch):
    run, hostile = stage(), "</title><img src=x onerror=alert(1)>'\""
    about = dataclasses.replace(catalog.DATASETS["drawn"], title=hostile, about=hostile, licence=hostile)
    monkeypatch.setitem(catalog.DATASETS, "drawn", about)
    monkeypatch.setattr(runs.Run, "vocab", lambda self: [hostile] * 12)
    text = take_home(run.id, "html").decode()
    outside_scripts = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "&lt;/title&gt;&lt;img src=x onerror=alert(1)&gt;&#39;&#34;" in outside_scripts
    assert "<img src=x" not in outside_scripts


def test_a_name_that_a_template_is_not_given_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="'quiz' is undefined"):
        markup.environment().from_string("{{ quiz }}").render()


def test_the_page_of_a_run_whose_valid_loss_came_down_to_0_is_made_all_the_same():
    on = as_if_trained(spec_of(starts_from=stage().id, epochs=3))
    rows = ["0,0.5,0.000000,0.1,0.1", "1,0.3,0.200000,0.1,0.1", "2,0.2,0.400000,0.1,0.1", ""]
    on.path("history.csv").write_text("\n".join([",".join(runs.HISTORY_COLUMNS), *rows]))
    assert "0.400 higher, while the train loss fell" in take_home(on.id, "html").decode()


def test_a_photo_that_is_gone_leaves_its_place_to_a_sentence(monkeypatch: pytest.MonkeyPatch):
    def gone(*_, **__):
        raise PhotoError("The photo is not there any more.")

    monkeypatch.setattr("lessonkit.takehome.html.markup.open_photo", gone)
    assert "The photo is not there any more." in take_home(stage().id, "html").decode()


def test_a_run_that_was_stopped_is_titled_by_the_epochs_that_it_finished():
    spec = RunSpec("drawn", epochs=6)
    whole, early = (lineage.Stage(Run(spec.id), spec, n, 0.5, 1.0, predictions.read(Run(spec.id))) for n in (6, 2))
    assert (whole.title, early.title) == ("head alone, 6 epochs at 0.003", "head alone, 2 of 6 epochs at 0.003")


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_without_a_model_is_a_sentence(kind: str):
    waiting = runs.create(spec_of(seed=99))
    for run_id, said in ((waiting.id, "no model"), ("nosuchrun", "no run")):
        with pytest.raises(LessonError, match=said):
            take_home(run_id, kind)


def test_a_kind_that_is_none_is_a_sentence():
    with pytest.raises(LessonError, match="no “pdf”"):
        take_home(stage().id, "pdf")


def test_a_run_whose_beginning_is_gone_is_a_sentence():
    lost = as_if_trained(spec_of(starts_from="0123456789ab"))
    with pytest.raises(LessonError, match="0123456789ab, which this one goes on from"):
        take_home(lost.id, "notebook")


def test_the_command_line_writes_what_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture):
    run = stage()
    assert (
        main.main(["export", run.id, "--notebook", str(tmp_path / "a" / "b.ipynb"), "--html", str(tmp_path / "c.html")])
        == 0
    )
    assert nbformat.read(tmp_path / "a" / "b.ipynb", 4).cells
    assert (tmp_path / "c.html").read_text().startswith("<!doctype html>")
    assert main.main(["export", run.id, "--language", "de", "--html", str(tmp_path / "c.html")]) == 0
    assert '<html lang="de">' in (tmp_path / "c.html").read_text(encoding="utf-8")
    assert main.main(["export", run.id, "--language", "../xx", "--html", str(tmp_path / "c.html")]) == 2
    assert "no texts in the language" in capsys.readouterr().err
    assert main.main(["export", run.id]) == 2
    assert "Name a file: --notebook FILE" in capsys.readouterr().err
