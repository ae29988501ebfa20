"""`lessonkit doctor`: each thing that is in the lesson's way, made for the test, and the sentence on it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from docs.imports import ROOT
from lessonkit.cli import doctor, main
from tests.browser.serving import free_port


@pytest.fixture
def busy() -> Iterator[int]:
    """A port on which something listens that says nothing."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_on_a_machine_as_it_should_be_nothing_is_said(home: Path, capsys: pytest.CaptureFixture[str]):
    asked = ["doctor", "--port", str(free_port())]
    assert main.main([*asked, "--json"]) == 0
    found = {finding["about"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert {"Python", "packages", "settings", "disk", "memory", "port", "PyTorch", "engine"} <= set(found)
    assert not found["packages"]["problem"]  # the tests run with what requirements.txt asks for
    assert "none; runs: 0 training" in found["engine"]["fact"]
    assert main.main([*asked, "--quick"]) == 0
    assert capsys.readouterr().out == ""


def test_a_taken_port_stops_and_another_is_offered(home: Path, busy: int, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(doctor, "TAKES", 0.1)
    assert main.main(["doctor", "--quick", "--port", str(busy)]) == 2
    said = capsys.readouterr().err
    assert f"Another program answers on port {busy}. PORT={busy + 1} make run" in said


@pytest.mark.parametrize("status", [200, 503])
def test_a_port_on_which_the_lesson_is_open_is_known(status: int):
    body = json.dumps({"engine": "none", "disk_free": 12})
    answers = (
        "import http.server as h\nclass A(h.BaseHTTPRequestHandler):\n def do_GET(self):\n"
        f"  self.send_response({status}); self.end_headers(); self.wfile.write({body.encode()!r})\n"
        "s = h.HTTPServer(('127.0.0.1', 0), A); print(s.server_port, flush=True); s.handle_request()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", answers], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
    ) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        found = doctor.on_port(port)
    assert found.stops
    assert f"The lesson is open at http://127.0.0.1:{port}." in found.problem


def test_a_number_that_is_no_port_is_said():
    assert doctor.on_port(99_999).problem.startswith("99999 is no port")


def test_a_package_of_another_version_is_named_and_one_that_is_missing_stops(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        doctor, "_asked", lambda: iter([("numpy", "0.1"), ("pillow", doctor.metadata.version("pillow"))])
    )
    found = doctor.packages()
    assert "numpy 0.1 (" in found.problem
    assert "pillow" not in found.problem
    assert not found.stops
    monkeypatch.setattr(doctor, "_asked", lambda: iter([("no-such-package", "1.0")]))
    assert "no-such-package 1.0 (not installed)" in doctor.packages().problem
    assert doctor.packages().stops


def test_a_build_of_pytorch_for_another_machine_is_the_version_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "_asked", lambda: iter([("torch", "2.15.0")]))
    monkeypatch.setattr(doctor.metadata, "version", lambda _: "2.15.0+cpu")
    assert not doctor.packages().problem


def test_a_setting_that_cannot_be_used_is_said(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "10m")
    monkeypatch.setenv("LESSONKIT_HOSTS", "http://x")
    found = doctor.settings()
    assert [finding.stops for finding in found] == [True, True]
    assert "LESSONKIT_ENGINE_IDLE is “10m”" in found[0].problem
    monkeypatch.setenv("LESSONKIT_PIN", "12345678")
    assert "LESSONKIT_PIN" not in str(doctor.look(free_port(), thorough=False))


def test_little_room_and_little_memory_are_said(home: Path, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage(10**12, 10**12, 10**9))
    assert "Oxford's pets need 3 GB" in doctor.disk().problem
    memory = namedtuple("memory", "total available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(4 * 10**9, 2 * 10**9))
    assert "Training needs some 4 GB" in doctor.memory().problem


def test_a_proxy_that_would_stand_before_the_page_is_named(monkeypatch: pytest.MonkeyPatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.school.example:3128")
    (found,) = doctor.proxy()
    assert "proxy.school.example" in found.fact
    assert "secret" not in found.fact
    assert "NO_PROXY=localhost,127.0.0.1" in found.problem
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    assert [finding.problem for finding in doctor.proxy()] == [""]


def test_an_environment_that_lacks_a_package_gets_a_sentence_not_a_traceback(tmp_path: Path):
    lacks = "import sys; sys.modules['platformdirs'] = None; import runpy; runpy.run_module('lessonkit', run_name='__main__')"
    asked = subprocess.run(
        [sys.executable, "-c", lacks, "doctor"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 2
    assert "platformdirs" in asked.stderr
    assert "make setup" in asked.stderr
    assert "Traceback" not in asked.stderr


RIGHT = "rw,relatime,vers=4.2,acregmin=1,acregmax=1,acdirmin=1,acdirmax=1,hard,lookupcache=pos,local_lock=none"


@pytest.mark.skipif(os.name == "nt", reason="no such file of mounts")
@pytest.mark.parametrize(
    ("kind", "options", "lacks"),
    [
        ("ext4", "rw", None),
        ("nfs4", RIGHT, ()),
        ("nfs4", "rw,vers=4.2,hard,local_lock=none", ("lookupcache=positive,actimeo=1",)),
        ("nfs", "rw,vers=3,soft,nolock,local_lock=all", ("without nolock", "mount it hard", "lookupcache=positive")),
    ],
)
def test_what_a_mount_of_nfs_lacks_for_a_cluster_is_said(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, options: str, lacks: tuple[str, ...] | None
):
    mounts = tmp_path / "mounts"
    place = str(home.parent.resolve()).replace(" ", "\\040")
    first = f"/dev/sda / ext4 rw 0 0\nmap {place} autofs rw 0 0\n"  # mounted when it is asked for: both are listed
    mounts.write_text(f"{first}10.0.0.1:/lesson {place} {kind} {options} 0 0\n")
    monkeypatch.setenv("LESSONKIT_SCHEDULER", "tcp://127.0.0.1:8786")
    found = doctor.network(mounts)
    if lacks is None:
        assert found == []
        return
    assert [(one.about, bool(one.problem)) for one in found] == [("NFS", bool(lacks))]
    assert all(what in found[0].problem for what in lacks)
    monkeypatch.delenv("LESSONKIT_SCHEDULER")
    assert not doctor.network(mounts)[0].problem, "one machine alone may have it as it likes"
