"""The command line as a shell sees it: what it prints, where, and its exit code. Training is a stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from babel.messages.pofile import read_po, write_po

from lessonkit import language, runs
from lessonkit.cli import main
from lessonkit.engine import record
from lessonkit.lesson.defaults import default_specs, from_stage
from lessonkit.photos import catalog
from lessonkit.runs import Run, Status
from lessonkit.spec import RunSpec

ROOT = Path(__file__).parents[3]
STANDIN = ROOT / "tests" / "faults" / "standin"

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Runs `python -m lessonkit …` in an empty home; an engine that is left is ended."""
    home.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(STANDIN))
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", "2")
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "60")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lessonkit", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=dict(os.environ),
        )

    yield run
    left = record.read()
    if left and psutil.pid_exists(left.pid):
        psutil.Process(left.pid).kill()


def a_run(state: str, seed: int = 1) -> Run:
    run = runs.create(RunSpec(dataset="drawn", seed=seed))
    run.write_status(Status(state=state, queued_at=float(seed), started_at=10.0, ended_at=22.5))
    run.path("history.csv").write_text("epoch,train_loss,valid_loss,error_rate,seconds\n0,1.5,1.25,0.125,2.0\n")
    return run


def complains(done: subprocess.CompletedProcess[str], words: str) -> None:
    """It ended with exit code 2 and a sentence on stderr, no traceback."""
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_data_lists_what_there_is_and_gets_what_is_named(shell: Shell):
    listed = shell("data").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["pets", "imagewoof", "drawn"]
    assert not any("on this machine" in line for line in listed)
    got = shell("data", "drawn")
    assert (got.returncode, "Traceback" in got.stderr) == (0, False)
    assert got.stdout.startswith("drawn: 24 photos in ")
    assert "on this machine" in shell("data").stdout.splitlines()[2]


def test_data_says_how_many_photos_are_here(shell: Shell):
    assert (
        "24 photos   12 breeds  nothing to download" in shell("data").stdout.splitlines()[2]
    )  # 2 of each, as it is set
    got = catalog.obtain("drawn")
    next(iter(sorted(got.photos_folder.iterdir()))).unlink()
    catalog.recheck(got)
    assert "23 photos   12 breeds  on this machine" in shell("data").stdout.splitlines()[2]


def test_data_says_so_where_only_some_of_a_dataset_is_here(
    shell: Shell, pets_archive: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LESSONKIT_MIRROR", str(pets_archive.parent))
    catalog.obtain("pets")
    line = shell("data").stdout.splitlines()[0]
    assert "737 photos   37 breeds  on this machine" in line
    assert line.endswith("Oxford-IIIT Pet (the whole dataset has 7,390 photos)")


@pytest.mark.parametrize("arguments", [("data", "cats"), ("bake", "--dataset", "cats")])
def test_a_dataset_that_there_is_not_is_a_sentence(shell: Shell, arguments: tuple[str, ...]):
    complains(shell(*arguments), "cats")
    assert record.read() is None, "no engine was started for it"


def test_a_mirror_without_the_archive_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LESSONKIT_MIRROR", str(tmp_path))
    complains(shell("data", "imagewoof"), "imagewoof2-160.tgz")


def test_runs_are_listed_with_their_last_error(shell: Shell):
    assert "bake" in shell("runs").stderr
    done, failed = a_run(runs.DONE, 2), a_run(runs.FAILED, 1)
    lines = shell("runs").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [done.id, failed.id]
    assert lines[1].split()[1:] == ["done", "drawn", "efficientnet_lite0", "head", "1/4", "2", "12.5", "%", "12.5"]


def test_predict_says_a_line_a_photo_and_fails_at_the_end_for_a_bad_one(shell: Shell):
    run = a_run(runs.DONE)
    good = shell("predict", run.id[:5], "good.jpg", "other.jpg")
    assert [json.loads(line)["photo"] for line in good.stdout.splitlines()] == ["good.jpg", "other.jpg"]
    assert good.returncode == 0
    bad = shell("predict", run.id, "bad.jpg", "good.jpg")
    lines = [json.loads(line) for line in bad.stdout.splitlines()]
    assert [sorted(line) for line in lines] == [["error", "photo"], ["breed", "photo", "probability", "top"]]
    assert bad.returncode == 1


def test_predict_with_a_run_that_cannot_is_a_sentence(shell: Shell):
    complains(shell("predict", "abc", "good.jpg"), "no run “abc”")
    complains(shell("predict", a_run(runs.FAILED).id, "good.jpg"), "failed")


def test_a_setting_that_is_none_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_DEVICE", "abacus")
    complains(shell("bake", "--dataset", "drawn"), "abacus")


def test_no_command_is_a_usage_line(shell: Shell):
    assert shell().returncode == 2
    assert "COMMAND" in shell().stderr


@pytest.mark.slow
def test_bake_does_the_lessons_runs_and_a_second_time_finds_them_done(shell: Shell, home: Path):
    first = shell("bake", "--dataset", "drawn", "--json", home / "out" / "bake.json")
    assert first.returncode == 0, first.stderr
    report = json.loads((home / "out" / "bake.json").read_text())
    fresh = default_specs(catalog.resolve("drawn"), "cpu")["frozen"]
    kept = RunSpec.from_dict(report["runs"][0]["spec"])
    assert kept.recipe == fresh.id
    specs = from_stage(kept, "cpu")
    assert sorted(report) == ["dataset", "device", "runs"]
    assert report["dataset"] == "drawn"
    assert report["device"]
    recipes = {r["name"]: RunSpec.from_dict(r["spec"]).recipe for r in report["runs"]}
    assert recipes == {name: spec.recipe for name, spec in specs.items()}, (
        "those of the lesson, from the run that is kept"
    )
    for row in report["runs"]:
        assert sorted(row) == [
            "error_rate", "history", "id", "median", "name", "repeats", "seconds", "spec", "valid_loss",
        ]  # fmt: skip
        assert row["median"] == row["id"]
        wanted = 5 if row["spec"]["precompute"] else 1
        assert [repeat["seed"] for repeat in row["repeats"]] == list(range(wanted))
        errors = [repeat["error_rate"] for repeat in row["repeats"]]
        assert row["error_rate"] == {"mean": sum(errors) / len(errors), "low": min(errors), "high": max(errors)}
        assert row["history"][-1]["error_rate"] == sorted(errors)[len(errors) // 2]
        assert RunSpec.from_dict(row["spec"]).id == row["id"]
        assert row["history"] == Run(row["id"]).history()
        assert sorted(row["history"][0]) == ["epoch", "error_rate", "seconds", "train_loss", "valid_loss"]
        assert row["seconds"] >= 0
        assert RunSpec.from_dict(row["spec"]).recipe in first.stdout
    assert first.stdout.count("epoch  ") == len(specs)
    assert "0         1.500000    1.250000    0.500000    0:02" in first.stdout

    assert record.read() is None, "the engine that bake started is ended"

    order = (home / "order.txt").read_text()
    (home / "engine.log").unlink()
    second = shell("bake", "--dataset", "drawn", "--json", home / "again.json")
    assert second.returncode == 0, second.stderr
    assert json.loads((home / "again.json").read_text()) == report
    assert (home / "order.txt").read_text() == order, "nothing was trained again"
    assert second.stdout == first.stdout
    assert not (home / "engine.log").exists(), "not even an engine was needed"


@pytest.mark.slow
def test_bake_says_why_a_run_failed(shell: Shell, home: Path):
    shell("data", "drawn")
    spec = default_specs(catalog.resolve("drawn"), "cpu")["frozen"]
    (home / "refused.txt").write_text(spec.id)
    done = shell("bake", "--dataset", "drawn")
    assert done.returncode == 2
    assert "The weights are not here. Fetch them." in done.stderr
    assert "Traceback" not in done.stderr
    assert [run.id for run in runs.all_runs()] == [spec.id], (
        "neither its repeats nor what would go on from it was queued"
    )
    assert record.read() is None


def test_the_datasets_are_those_that_the_catalog_has(shell: Shell):
    assert [line.split()[0] for line in shell("data").stdout.splitlines()] == list(catalog.DATASETS)


def test_the_benchmark_is_another_process_whose_sentence_and_exit_code_arrive(shell: Shell):
    done = shell("bench", "--dataset", "nosuch")
    assert done.returncode == 2
    assert done.stderr.startswith("There is no dataset “nosuch” here.")
    assert "Traceback" not in done.stderr


def test_texts_are_written_to_be_changed_or_translated(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A teacher changes an English sentence, adds French, and the lesson says both; a plural keeps its forms."""
    own = tmp_path / "own"
    for of, forms in (("en", 2), ("fr", 3), ("de", 2), ("ja", 1)):
        assert main.main(["texts", of, "--out", str(own / of / "all.po")]) == 0
        with (own / of / "all.po").open("rb") as file:
            whole = read_po(file, locale=of, abort_invalid=True)
        assert {m.id if isinstance(m.id, str) else m.id[0] for m in whole if m.id} == shipped_ids()
        counted = next(m for m in whole if isinstance(m.id, tuple))
        assert len(counted.string) == forms
        if of == "en":
            assert all(m.string == m.id for m in whole if m.id)
        if of == "de":
            assert all(all(m.string) for m in whole if m.id), "all that is shipped in German"
        if of in ("en", "fr"):
            whole.get("No other run goes on from this one.").string = f"Changed in {of}."
            with (own / of / "all.po").open("wb") as file:
                write_po(file, whole)
    monkeypatch.setenv("LESSONKIT_TEXTS", str(own))
    language.take_from(own)
    try:
        assert {"fr", "ja"} <= set(language.languages())
        for of in ("en", "fr"):
            with language.speaking(of):
                assert language.tr("No other run goes on from this one.") == f"Changed in {of}."
        capsys.readouterr()
        assert main.main(["texts", "fr"]) == 0
        assert "Changed in fr." in capsys.readouterr().out, "what is translated so far"
        assert main.main(["texts", "klingon"]) == 2
        assert "no language that is known" in capsys.readouterr().err
    finally:
        language.take_from(None)


def shipped_ids() -> set[str]:
    found = set()
    for file in language.HERE.glob("*/*.po"):
        with file.open("rb") as stream:
            found |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(stream) if m.id}
    return found
