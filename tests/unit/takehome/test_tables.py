"""Tables to take home: names are text to a spreadsheet, and to the letter for whoever reads them with pandas."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pandas as pd
import pytest

from lessonkit import runs, spreadsheet
from lessonkit.analysis.predictions import PREDICTION_COLUMNS
from lessonkit.cli import main
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.takehome import files, tables
from lessonkit.takehome.export import take_home

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "x;=cmd|' /C calc'!A0",
    "x\t=1",
    "-",
    "'=1",
    "'",
]
HOSTILE = [
    *FORMULAS,
    "None",
    "nan",
    "NaN",
    "",
    "007",
    "1e5",
    "True",
    " pug ",
    'a"b',
    "a,b",
    "a\nb",
    "Löwchen",
    "🐶",
    "''x",
]


def frame(names: list[str]) -> pd.DataFrame:
    n = len(names)
    return pd.DataFrame(
        {
            "photo": [f"{name}/1.jpg" for name in names], "actual": names, "predicted": names[::-1],
            "loss": [0.25, float("nan"), *[1.5] * (n - 2)], "probability": [0.5] * n, "probability_actual": [0.125] * n,
            "correct": [i % 2 == 0 for i in range(n)],
        }
    )  # fmt: skip


@pytest.fixture
def run(home: Path) -> Run:
    made = finished(RunSpec("drawn", learning_rate=(1e-6, 1e-4), frozen=False, precompute=False, pattern="=(.+)_"))
    frame(HOSTILE).to_parquet(made.path("predictions.parquet"), index=False)
    return made


def finished(spec: RunSpec, error: float = 0.25, repeat_of: str = "") -> Run:
    made = runs.create(spec)
    made.path(runs.MODEL).touch()
    made.path("history.csv").write_text(f"epoch,train_loss,valid_loss,error_rate,seconds\n0,1.5,0.5,{error},2.5\n")
    at = {"queued_at": 1e9, "started_at": 1e9 + 1, "ended_at": 1e9 + 5}
    made.write_status(runs.Status(state=runs.DONE, repeat_of=repeat_of, device="a cpu", **at))
    return made


def cells(data: bytes, delimiter: str = ",") -> list[str]:
    """A CSV file's cells as a spreadsheet reads them, the first line left out."""
    text = data.decode("utf-8-sig")
    return [cell for row in list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:] for cell in row]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_runs_as_a_formula(delimiter: str, run: Run):
    """Nor where a spreadsheet splits at semicolons or tabs, as it does in some countries."""
    for kind in ("predictions_csv", "runs_csv"):
        for cell in cells(take_home(run.id, kind), delimiter):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


def test_names_are_to_the_letter_for_pandas():
    wanted = frame(HOSTILE)
    pd.testing.assert_frame_equal(tables.read_csv(io.BytesIO(tables.as_csv(wanted))), wanted)
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(tables.as_parquet(wanted))), wanted)
    some = wanted[wanted["correct"]]
    told = pd.read_parquet(io.BytesIO(tables.as_parquet(some)))
    pd.testing.assert_frame_equal(told, some.reset_index(drop=True))  # the rows' places in the whole are left out
    plain = ["pug", "Löwchen", "it's", "a-b", "a = b"]
    told = pd.read_csv(io.BytesIO(tables.as_csv(frame(plain))))
    assert list(told["actual"]) == plain, "names that cannot run are as they are, whoever reads them"


def test_guarding_loses_nothing():
    chance = random.Random(0)
    for _ in range(2_000):
        text = "".join(chance.choices("='+-@;\t\r\nx ", k=chance.randint(0, 7)))
        guarded = spreadsheet.guarded(text)
        assert spreadsheet.GUARDED.sub("", guarded) == text


def test_a_table_of_runs_holds_their_choices_and_their_numbers(run: Run):
    finished(RunSpec("drawn", seed=7))
    runs.create(RunSpec("drawn", seed=8))
    runs.create(RunSpec("pets"))
    told = pd.read_parquet(io.BytesIO(take_home(run.id, "runs_parquet")))
    pd.testing.assert_frame_equal(tables.read_csv(io.BytesIO(take_home(run.id, "runs_csv"))), told)
    assert len(tables.of_runs()) == 4
    assert set(told["state"]) == {"done", "queued"}
    row = told[told["run"] == run.id].iloc[0]
    assert (row["learning_rate_low"], row["learning_rate"], row["pattern"]) == (1e-6, 1e-4, "=(.+)_")
    assert (row["error_rate"], row["epochs_done"], row["seconds"]) == (0.25, 1, 4.0)
    assert row["ended_at"] == pd.Timestamp(1e9 + 5, unit="s", tz="UTC")
    waiting = told[told["seed"] == 8].iloc[0]
    assert waiting["ended_at"] is pd.NaT
    assert pd.isna(waiting["error_rate"])


def test_a_table_of_runs_holds_what_their_recipes_trainings_came_to(run: Run):
    spec = RunSpec("drawn", size=96)
    first = finished(spec, 0.5)
    for seed, error in ((1, 0.125), (2, 0.25)):
        finished(spec.but(seed=seed), error, repeat_of=first.id)
    runs.create(spec.but(seed=3))
    told = tables.read_csv(io.BytesIO(take_home(run.id, "runs_csv")))
    ours = told[told["recipe"] == spec.recipe].sort_values("seed")
    assert list(ours["trainings"]) == [3] * 4
    assert set(ours["error_rate_mean"].round(3)) == {0.292}
    assert (set(ours["error_rate_low"]), set(ours["error_rate_high"])) == ({0.125}, {0.5})
    assert list(ours["kept"]) == [False, False, True, False]


def test_a_recipe_of_digits_alone_is_text(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(RunSpec, "recipe", property(lambda _: "012345678901"))
    told = tables.read_csv(io.BytesIO(tables.as_csv(tables.of_runs())))
    assert list(told["recipe"]) == ["012345678901"]
    table = tables.of_runs()
    texts = {name for name in table.columns if isinstance(table[name].dtype, pd.StringDtype)}
    assert texts <= set(tables.TEXT), "each column that holds text is read as text"


def test_a_table_of_no_runs_has_its_columns(home: Path):
    empty = tables.of_runs()
    assert len(empty) == 0
    assert {"run", "error_rate", "ended_at"} <= set(empty.columns)
    assert set(tables.TEXT) <= {*empty.columns, *PREDICTION_COLUMNS}, "each column of text is one of a table"


def test_a_file_of_all_runs_is_made_again_when_one_has_ended(run: Run):
    before = files.make(run.id, "runs_csv")
    assert files.download_name(before) == "runs-drawn.csv"
    assert files.download_name(files.make(run.id, "predictions_parquet")) == f"predictions-{run.id}.parquet"
    assert files.make(finished(RunSpec("drawn", seed=7)).id, "runs_csv") != before
    assert files.find(before) is None


def test_the_command_line_writes_tables(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture):
    for name in ("a.csv", "b.parquet"):
        assert main.main(["export", run.id, "--predictions", str(tmp_path / name)]) == 0
    pd.testing.assert_frame_equal(tables.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "b.parquet"))
    runs.create(RunSpec("pets"))
    assert main.main(["runs", "--dataset", "drawn", "--csv", str(tmp_path / "c.csv")]) == 0
    assert main.main(["runs", "--parquet", str(tmp_path / "d.parquet")]) == 0
    assert len(tables.read_csv(tmp_path / "c.csv")) == 1
    assert len(pd.read_parquet(tmp_path / "d.parquet")) == 2
    assert "c.csv: 1 run, " in capsys.readouterr().out
    assert main.main(["export", run.id, "--predictions", "x.xlsx"]) == 2
    assert ".csv or .parquet" in capsys.readouterr().err
