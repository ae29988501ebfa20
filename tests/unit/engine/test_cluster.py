"""Certificates and workers of a cluster: what is written, and what is said before anything starts."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from lessonkit import version
from lessonkit.cli.main import main
from lessonkit.engine import cluster_certificates, record, sharing, workers, workforce
from lessonkit.errors import EngineError


def test_the_files_are_their_owners_alone_and_the_settings_name_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "with a space"
    assert main(["certificates", str(folder)]) == 0
    assert f"export DASK_CONFIG='{folder}'" in capsys.readouterr().out
    assert yaml.safe_load((folder / "dask.yaml").read_text()) == cluster_certificates.settings(folder)
    if os.name == "posix":
        assert {oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()} == {"0o600"}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_there_already_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "cert.pem").write_text("another cluster's")
    assert main(["certificates", str(tmp_path)]) == 2
    assert "cert.pem is there already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["cert.pem"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "is not said. Name its address"),
        (["tcp://10.0.0.1:8786"], "tcp:// would let anyone on the way run code here"),
        (["tls://10.0.0.1:8786"], "asks for certificates, and Dask's configuration names none"),
        (["tcp://127.0.0.1:9"], "No Dask scheduler answers at tcp://127.0.0.1:9"),
        (["nowhere"], "no address of a Dask scheduler"),
    ],
)
def test_a_worker_that_cannot_start_says_why(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
):
    monkeypatch.setenv("LESSONKIT_SCHEDULER", "")  # the command sets it, and the test sets it back
    assert main(["worker", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["lessonkit", "Python", "distributed"])
def test_another_version_is_named(name: str):
    workers.check_versions("tls://there:1", version.here())
    with pytest.raises(EngineError, match=rf"of other versions: {name} 0\.1 there, .* here\."):
        workers.check_versions("tls://there:1", {**version.here(), name: "0.1"})


class Workers:
    """Stands for a client of a scheduler: what each of its workers sees, and who was asked, in order."""

    def __init__(self, seen: dict[str, Any]):
        self.seen, self.asked = seen, []

    async def run(self, _: object, workers: list[str], on_error: str) -> dict[str, Any]:
        assert on_error == "return"
        self.asked += workers
        return {worker: self.seen[worker] for worker in workers}


def test_only_workers_with_this_home_and_version_get_something_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    right = {**version.here(), "home": "/mnt/lesson", "scheduler": "ours"}
    client = Workers(
        {
            "a": right,
            "b": {**right, "scheduler": ""},
            "c": {**right, "lessonkit": "0.0"},
            "d": ModuleNotFoundError("No module named 'lessonkit'"),
        }
    )
    names, clock = {worker: f"train-{worker}" for worker in client.seen}, SimpleNamespace(now=0.0)
    monkeypatch.setattr(sharing.time, "monotonic", lambda: clock.now)
    shared = sharing.Sharing(client)  # pyrefly: ignore[bad-argument-type]

    def usable() -> list[str]:
        with caplog.at_level(logging.ERROR):
            return list(asyncio.run(shared.usable(names, "ours")))

    assert usable() == usable() == ["a"]
    assert client.asked == list("abcd"), "once each"
    said = [message.split(": ", 1)[1] for message in caplog.messages]
    assert said[0].startswith("its LESSONKIT_HOME, /mnt/lesson, is not the folder that the app has")
    assert said[1].startswith("it is of other versions: lessonkit 0.0 there")
    assert said[2].startswith("it does not answer as this version of the lesson does")
    client.seen["b"] = right  # a file that was seen late
    clock.now += sharing.LOOK_SECONDS
    assert usable() == ["a", "b"]
    assert client.asked == [*"abcd", *"bcd"]
    assert len(caplog.messages) == 3, "each is said once"
    found = shared.workforce(names, "ours", "tls://10.0.0.2:8786")
    assert (found.usable, found.problem) == (["a", "b"], None)


def test_why_no_run_can_be_trained_is_said_at_once_of_refused_workers_and_later_where_there_are_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(sharing.time, "monotonic", lambda: clock.now)
    client = Workers({"p": {**version.here(), "home": "/mnt", "scheduler": "ours"}, "o": {}, "n": {}})
    shared = sharing.Sharing(client)  # pyrefly: ignore[bad-argument-type]

    def why(**names: str) -> str:
        asyncio.run(shared.usable(names, "ours"))
        return str(shared.workforce(names, "ours", "tls://10.0.0.2:8786").problem or "")

    assert why(p="preview-host") == "", "one may be on its way"
    clock.now += sharing.NONE_SECONDS
    assert why(p="preview-host").startswith("No run can be trained just now: no worker is connected to the scheduler")
    assert "`lessonkit worker tls://10.0.0.2:8786`" in why(p="preview-host")
    old = why(p="preview-host", n="train-old", o="train-older")
    assert old.startswith("No run can be trained just now. The worker train-old runs other versions than the app: ")
    assert "The worker train-older" in old
    assert old.count("Install the same version") == 1
    assert workforce.Workforce("ours").problem is None
    home.mkdir()
    found = shared.workforce({"n": "train-old"}, "ours", "")
    workforce.write(found)
    word = record.Record("tls://10.0.0.2:8786", 1, "here", "1", 0.0, "ours", own=False)
    assert workforce.read(word) == found
    assert workforce.read(replace(word, scheduler="another's")) is None
    assert workforce.read(replace(word, own=True)) is None
