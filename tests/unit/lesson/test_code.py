"""The code that the pages show: one notebook in the lesson's order, which does what the pages did."""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from pathlib import Path

import pytest

from lessonkit.architectures import ARCHITECTURES
from lessonkit.lesson import code
from lessonkit.lesson.defaults import MORE, NAIVE, RIGHT, default_specs, from_stage
from lessonkit.photos import catalog
from lessonkit.photos.labels import DEFAULT_PATTERN
from lessonkit.spec import MAX_ZOOM, RunSpec

OWN = replace(catalog.DATASETS["drawn"], name=f"{catalog.OWN}cats", own=True)
DRAWN = RunSpec("drawn", pattern=DEFAULT_PATTERN)


def cells(stage: RunSpec, usual: RunSpec | None = None, **unfrozen) -> list[str]:
    """The fastai 2 cells of all pages, in the lesson's order."""
    specs = from_stage(stage, "cpu")
    naive, right = (specs[name].but(**unfrozen) for name in (NAIVE, RIGHT))
    return [
        cell
        for cell, _ in (
            code.get_data(catalog.DATASETS.get(stage.dataset, OWN)), code.label(stage.pattern), code.one_size(usual or stage),
            code.train(stage, usual or stage), code.mistakes(), code.more_epochs(specs[MORE], stage),
            code.unfreeze(naive, right, stage), code.your_pet(),
        )
    ]  # fmt: skip


@pytest.fixture(scope="module")
def known() -> set[str]:
    """What the first line of the notebook, `from fastai.vision.all import *`, brings, and Python's own."""
    names: dict = {}
    exec("from fastai.vision.all import *", names)
    return set(names) | set(dir(builtins))


def loose_ends(source: str, known: set[str]) -> set[str]:
    """Names that are used before any line has defined them; those in a function's body count where it stands."""
    known, missing = set(known), set()
    for statement in ast.parse(source).body:
        inner = {n.arg for n in ast.walk(statement) if isinstance(n, ast.arg)}
        stored = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        local = inner | (stored if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.For) else set())
        used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        missing |= used - known - local
        known |= stored | {
            n.name for n in ast.walk(statement) if isinstance(n, ast.FunctionDef | ast.ClassDef)
        } | {
            alias.asname or alias.name.split(".")[0]
            for n in ast.walk(statement)
            if isinstance(n, ast.Import | ast.ImportFrom)
            for alias in n.names
        }  # fmt: skip
    return missing


STAGES = [
    DRAWN,
    *(default_specs(catalog.resolve("pets"), kind)["frozen"] for kind in ("cpu", "cuda")),
    RunSpec("imagewoof"),
    RunSpec("own-cats"),
    RunSpec("own-cats", pattern=r"/(\w+)-\d+\.png$", architecture="resnet50"),
    DRAWN.but(pretrained=False, normalize="none"),
    DRAWN.but(augment=False, views=1, marks="abc"),
    DRAWN.but(precompute=False, batch_norm="trained", frozen=False),
]


@pytest.mark.parametrize("stage", STAGES, ids=range(len(STAGES)))
@pytest.mark.parametrize("norm", ["fixed", "trained"])
def test_the_cells_are_one_notebook(stage: RunSpec, norm: str, known: set[str]):
    source = "\n".join(cells(stage, DRAWN, batch_norm=norm))
    compile(source, "notebook", "exec")
    assert loose_ends(source, known) == set()


def test_a_name_that_nobody_defined_would_be_found(known: set[str]):
    assert loose_ends("a = dls.train\nclass T(Transform):\n    def f(self, x): return x + late", known) == {
        "dls",
        "late",
    }


def test_the_photos_are_cut_as_the_learner_chose():
    source, _ = code.one_size(DRAWN.but(size=192, batch_size=16, split_seed=7))
    for shown in (
        "crop_pad(192)",
        "size=192",
        f"max_zoom={MAX_ZOOM}",
        "seed=7",
        "bs=16",
        "[0.5, 0.5, 0.5]",
    ):
        assert shown in source
    assert "Normalize" not in code.one_size(DRAWN.but(normalize="none"))[0]
    assert "imagenet_stats" in code.one_size(DRAWN.but(architecture="resnet34"))[0]
    assert "aug_transforms" not in code.one_size(DRAWN.but(augment=False, views=1))[0]


def test_the_loaders_come_again_on_train_only_where_they_are_others():
    assert "dls =" not in code.train(DRAWN, DRAWN)[0]
    assert "bs=16" in code.train(DRAWN.but(batch_size=16), DRAWN)[0]


def test_fixed_statistics_are_kept_and_trained_ones_are_not():
    assert "cbs=FixedBatchNorm()" in code.train(DRAWN)[0]
    assert "train_bn=False" in code.train(DRAWN)[0]
    trained = code.train(default_specs(catalog.resolve("pets"), "cuda")["frozen"])[0]
    assert "BatchNorm" not in trained
    assert trained.splitlines()[0] == "learn = vision_learner(dls, resnet34, metrics=error_rate)"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_from_nothing_the_body_is_frozen_all_the_same(architecture: str):
    """fastai freezes only what it calls pretrained."""
    spec = DRAWN.but(architecture=architecture, pretrained=False)
    source = code.train(spec)[0]
    assert "pretrained=False" in source
    assert "learn.freeze()  # the random body stays as it is" in source
    assert "get_model_file_path" not in source
    assert "the body is random and stays so" in code.training_note(spec)
    assert "random" not in code.training_note(DRAWN)


@pytest.mark.parametrize(("rate", "shown"), [(1e-3, "fit_one_cycle(1)  #"), (3e-3, "fit_one_cycle(1, 0.003)  #")])
def test_the_one_rate_is_shown_where_it_is_not_fastais(rate: float, shown: str):
    specs = from_stage(DRAWN, "cpu")
    assert shown in code.unfreeze(specs[NAIVE].but(learning_rate=rate), specs[RIGHT])[0]


def test_a_learners_own_photos_are_in_a_folder_of_theirs():
    source, _ = code.get_data(OWN)
    assert "Path('own-cats-photos')" in source
    assert "draw" not in source
    assert "parent_label" in code.label("")[0]


@pytest.mark.parametrize("pattern", [r"/([^/]+)_\d+.jpg$", r"/(it's)\d", "/(a)\\"])
def test_a_pattern_is_shown_as_python_reads_it(pattern: str):
    line = code.label(pattern)[0].splitlines()[0]
    assert ast.literal_eval(line.removeprefix("pat = ")) == pattern


@pytest.mark.slow
def test_the_shown_notebook_runs_and_learns(drawn_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """On a few drawings, from the photos to the slice: fewer wrong than guessing, and each fit from the saved stage."""
    import matplotlib as mpl

    mpl.use("Agg")
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.chdir(tmp_path)
    stage = DRAWN.but(size=64, batch_size=16)
    get, *rest = cells(stage)
    more = from_stage(stage, "cpu")[MORE].but(epochs=2, share=0.5, augment=False, views=1)
    rest = [
        cell.replace("learn.lr_find(suggest_funcs=(valley, minimum))\n", "") for cell in rest[:-1]
    ]  # a hundred batches, tested by fastai
    rest[-2] = code.more_epochs(more, stage)[0]
    names: dict = {}
    exec(get.replace("draw_dataset(path)", f"path = Path({str(catalog.resolve('drawn').folder)!r})"), names)
    fits = []
    for cell in rest:
        exec(cell, names)
        if "learn" in names:
            fits.append(names["learn"].validate())
    assert names["learn"].dls is names["dls"]
    assert fits[0][1] < 0.6  # of twelve breeds; guessing is 0.92
    assert fits[-1][1] <= fits[0][1] + 0.2  # unfrozen with a slice, from the saved stage
