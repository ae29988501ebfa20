"""The package as somebody installs it: built, put into an environment of its own, used from another folder."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import dask
import psutil
import pytest
from distributed.security import Security
from distributed.utils import get_ip

import lessonkit
from docs.imports import ROOT
from lessonkit import runs
from lessonkit.engine import record
from lessonkit.engine.client import Engine
from tests.browser.serving import free_port, healthy
from tests.engines import DEADLINE, STANDIN, end_engine, until
from tests.faults.standins import spec, trained, wait_end, worker_of
from tests.listening import answer, plainly, ports

WHEEL = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
PAGE = """
import sys
from streamlit.testing.v1 import AppTest
from lessonkit.cli.app import app_file
page = AppTest.from_file(str(app_file()), default_timeout=180).run()
print(app_file(), [title.value for title in page.title], len(page.exception))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", WHEEL, str(folder)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a fresh environment that has the wheel, and borrows what it depends on from this one."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    names = {"base": str(place), "platbase": str(place)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=names))
    (packages / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    folder = Path(sysconfig.get_path("scripts", "venv", vars=names))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(folder / "python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    return folder


@pytest.fixture
def elsewhere(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and an environment that leads nowhere near the clone."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("LESSONKIT_DRAWN_PER_BREED", "2")
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "1")  # should a slow page have come so far as to wake one
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def run(folder: Path, *command: str | Path) -> str:
    done = subprocess.run(
        [str(c) for c in command], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_asks_for_what_requirements_txt_does(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("METADATA"))
        metadata = message_from_bytes(archive.read(name))
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    assert sorted(metadata.get_all("Requires-Dist", [])) == sorted(filter(None, lines))
    assert metadata["Version"] == lessonkit.__version__


def test_the_wheel_holds_the_package_and_the_app_and_nothing_else(wheel: Path):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no clone: git cannot say what belongs to the project")
    files = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    app = [n for n in files if n.startswith("pages/") or n in ("streamlit_app.py", ".streamlit/config.toml")]
    expected = {n for n in files if n.startswith("lessonkit/")} | {f"lessonkit/ui/app/{n}" for n in app}
    with zipfile.ZipFile(wheel) as archive:
        held = {n for n in archive.namelist() if ".dist-info/" not in n}
    assert held == expected
    assert {n.split("/")[2] for n in held if n.endswith(".po")} == {"de", "es"}, "the translations"


def test_the_installed_command_works_from_any_folder(scripts: Path, elsewhere: Path):
    assert run(elsewhere, scripts / "lessonkit", "--version") == f"lessonkit {lessonkit.__version__}\n"
    assert run(elsewhere, scripts / "lessonkit", "data").splitlines()[-1].startswith("drawn ")
    assert run(elsewhere, scripts / "lessonkit", "runs") == ""
    assert "msgid" in run(elsewhere, scripts / "lessonkit", "texts", "fr")
    where = run(elsewhere, scripts / "python", "-c", "import lessonkit.engine.tasks as t; print(t.__file__)")
    assert Path(where.strip()).is_relative_to(scripts.parent)


def test_the_installed_app_finds_its_pages(scripts: Path, elsewhere: Path):
    run(elsewhere, scripts / "lessonkit", "data", "drawn")  # else the first page asks an engine to draw them
    said = run(elsewhere, scripts / "python", "-W", "ignore", "-c", PAGE).splitlines()
    assert f'{os.sep}ui{os.sep}app{os.sep}streamlit_app.py ["What\'s your pet?"] 0' in said[-1]


def test_the_installed_command_serves_the_app_until_it_is_ended(scripts: Path, elsewhere: Path):
    port = free_port()
    command = [scripts / "lessonkit", "app", "--headless", f"--port={port}"]
    with (elsewhere / "log").open("wb") as log:
        served = subprocess.Popen([str(c) for c in command], cwd=elsewhere, stdout=log, stderr=log)
    try:
        while not healthy(f"http://127.0.0.1:{port}"):
            assert served.poll() is None, (elsewhere / "log").read_text()
        assert {ip for ip, _ in ports(served.pid)} == {"127.0.0.1"}, "nothing listens beyond this machine"
    finally:
        served.terminate()
        served.wait(20)
    with pytest.raises(OSError, match=r"refused|10061"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def begun(folder: Path, environment: dict[str, str], *command: str | Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([str(c) for c in command], cwd=folder, env=environment, stdout=log, stderr=log)


def kill_whole(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and those that it started."""
    if process.poll() is None:
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()
    process.wait(timeout=20)


def ended(process: psutil.Process) -> bool:
    """Whether a process has ended; whose it was may never ask after it, as in a container without an init."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def certified(scripts: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of processes that have a cluster's certificates; this one has them as `lessonkit` printed it."""
    environment = {**os.environ, "DASK_CONFIG": str(elsewhere / "certificates"), "PYTHONPATH": str(STANDIN)}
    for line in run(elsewhere, scripts / "lessonkit", "certificates", "certificates").splitlines():
        if line.startswith("export DASK_DISTRIBUTED"):
            name, _, value = line.removeprefix("export ").partition("=")
            monkeypatch.setenv(name, *shlex.split(value))
    dask.config.refresh()
    yield environment
    monkeypatch.undo()
    dask.config.refresh()


def test_two_workers_on_another_machine_train_for_the_app_though_one_is_killed(
    scripts: Path, elsewhere: Path, home: Path, certified: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    """Another machine as far as one machine can show it: another installation and folder, and the network's address."""
    address, word = get_ip(), elsewhere / "scheduler.json"
    scheduler = (*("-m", "dask", "scheduler", "--host", address, "--port", "0"), "--scheduler-file", word)
    started = [begun(elsewhere, certified, scripts / "python", *scheduler, "--dashboard-address", "127.0.0.1:0")]
    monkeypatch.setenv("LESSONKIT_ENGINE_IDLE", "120")
    try:
        until(lambda: word.exists() and word.read_text().rstrip().endswith("}"), "the scheduler serves")
        monkeypatch.setenv("LESSONKIT_SCHEDULER", json.loads(word.read_text())["address"])
        worker = (scripts / "lessonkit", "worker", os.environ["LESSONKIT_SCHEDULER"])
        strayed = {**certified, "LESSONKIT_HOME": str(elsewhere)}
        started += [begun(elsewhere, environment, *worker) for environment in (certified, certified, strayed)]
        told = elsewhere / "log"
        until(lambda: told.read_text().count(" trains for tls://") == 3, "the workers are there")
        engine = Engine()
        engine.connect()
        late = begun(elsewhere, strayed, *worker)
        started.append(late)
        log = record.log_path()
        until(lambda: "gets nothing to do: its LESSONKIT_HOME" in log.read_text(), "the engine refuses one")
        trains = engine.submit(spec("wait", 1))
        until(lambda: trained(home), "a worker has it")
        first, other = sorted(
            started[1:3], key=lambda p: worker_of(home, trains) not in psutil.Process(p.pid).children()
        )

        ours = Security().get_connection_args("client")["ssl_context"].wrap_socket
        found = [port for pid in (record.read().pid, *(p.pid for p in started[:3])) for port in ports(pid)]
        beyond = [port for port in found if port[0] != "127.0.0.1" or address == "127.0.0.1"]
        assert {ip for ip, _ in found} <= {address, "127.0.0.1"}
        assert len(beyond) >= 7, "of the scheduler, three workers and their nannies"
        if address != "127.0.0.1":  # else the scheduler's dashboard is among them
            assert all(answer(port, ours) and not answer(port, plainly) for port in beyond)

        kill_whole(first)
        until(lambda: len(trained(home)) == 2, "the other worker has it")
        assert worker_of(home, trains) in psutil.Process(other.pid).children()
        (home / "go").touch()
        assert wait_end(trains).state == runs.DONE
        assert late.wait(timeout=DEADLINE) == 2, "its home is not the app's"
        assert f"its runs are not in {elsewhere}." in told.read_text()
        left = psutil.Process(other.pid).children()
        other.terminate()
        assert other.wait(timeout=DEADLINE) == (1 if os.name == "nt" else 0)
        until(lambda: all(ended(process) for process in left), "its processes end with it")
        engine.close()
    finally:
        for process in started:
            kill_whole(process)
        end_engine(home)
