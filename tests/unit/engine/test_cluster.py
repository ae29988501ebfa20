"""Certificates and workers of a cluster: what is written, and what is said before anything starts."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dask
import pytest
import yaml
from cryptography import x509
from distributed import Scheduler, Worker, rpc
from distributed.security import Security

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


@pytest.mark.skipif(os.name == "nt", reason="as the folder says")
def test_certificates_are_not_put_where_others_may_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    tmp_path.chmod(0o775)
    assert main(["certificates", str(tmp_path)]) == 2
    assert "Others may write in" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def certificates(tmp_path: Path) -> Callable[[str], Security]:
    """`certificates(name)`: what Dask is told by the settings of a cluster's certificates of that name."""

    def of(name: str) -> Security:
        if not (tmp_path / name).exists():
            cluster_certificates.make(tmp_path / name)
        with dask.config.set(dask.config.merge(dask.config.config, cluster_certificates.settings(tmp_path / name))):
            return Security()

    return of


def test_who_has_no_certificate_of_this_cluster_is_let_in_by_nobody(certificates: Callable[[str], Security]):
    """A scheduler and a worker, and those who would speak with them: of this cluster, of another, with none, without TLS."""
    ours, theirs, none = certificates("ours"), certificates("theirs"), Security(require_encryption=True)
    trusting = Security(tls_ca_file=ours.tls_ca_file)  # the authority's certificate alone: it is no secret

    async def reached(address: str, security: Security) -> bool:
        try:
            async with rpc(address, timeout=5, connection_args=security.get_connection_args("client")) as there:
                return bool(await there.identity())
        except (OSError, RuntimeError, ValueError, TypeError):
            return False

    async def tried() -> dict[str, list[bool]]:
        where = {"host": "127.0.0.1", "dashboard": False}
        async with Scheduler(protocol="tls://", port=0, security=ours, **where) as scheduler:
            refused = []
            for stranger in (theirs, trusting):
                with pytest.raises((OSError, RuntimeError, ValueError)):
                    await asyncio.wait_for(Worker(scheduler.address, security=stranger, **where), 20)
                refused.append(len(scheduler.workers))
            assert refused == [0, 0]
            async with Worker(scheduler.address, security=ours, **where) as worker:
                plain = [at.replace("tls://", "tcp://") for at in (scheduler.address, worker.address)]
                return {
                    "ours": [await reached(at, ours) for at in (scheduler.address, worker.address)],
                    "theirs": [await reached(at, theirs) for at in (scheduler.address, worker.address)],
                    "the authority's alone": [
                        await reached(at, trusting) for at in (scheduler.address, worker.address)
                    ],
                    "none": [await reached(at, none) for at in (scheduler.address, worker.address)],
                    "without TLS": [await reached(at, Security()) for at in plain],
                }

    found = asyncio.run(tried())
    assert found.pop("ours") == [True, True]
    assert found == dict.fromkeys(found, [False, False])


def test_a_certificate_of_the_cluster_signs_no_other(certificates: Callable[[str], Security], tmp_path: Path):
    certificates("ours")
    folder = tmp_path / "ours"
    authority, own = (
        x509.load_pem_x509_certificate((folder / name).read_bytes()).extensions for name in ("ca.pem", "cert.pem")
    )
    assert authority.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert not own.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not own.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    keys = [path.name for path in folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys == ["key.pem"], "the authority's own is kept nowhere"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "is not said. Name its address"),
        (["tcp://10.0.0.1:8786"], "tcp:// would let anyone on the way run code here"),
        (["tls://10.0.0.1:8786"], "asks for certificates, and Dask's configuration names none"),
        (["tcp://127.0.0.1:9"], "No Dask scheduler answers at tcp://127.0.0.1:9"),
        (["nowhere"], "no address of a Dask scheduler"),
        (["tcp://127.0.0.1.example.org:8786"], "tcp:// would let anyone on the way run code here"),
        (["tcp://localhost@10.0.0.1:8786"], "LESSONKIT_SCHEDULER is"),
        (["tcp://0.0.0.0:8786"], "tcp:// would let anyone on the way run code here"),
        (["ws://10.0.0.1:8786"], "ws:// would let anyone on the way run code here"),
        (["inproc://10.0.0.1/1/1"], "no address of a Dask scheduler"),
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
