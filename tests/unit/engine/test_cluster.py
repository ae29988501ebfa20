"""Certificates and workers of a cluster: what is written, and what is said before anything starts."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import yaml

from lessonkit import version
from lessonkit.cli.main import main
from lessonkit.engine import cluster_certificates, workers
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
