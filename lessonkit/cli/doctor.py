"""`lessonkit doctor`: one look at the machine before the lesson starts, and for whoever reports a fault.

Each finding is a fact, and where something is wrong a sentence with the way out. Nothing is changed or started.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

import psutil

import lessonkit
from lessonkit import config
from lessonkit.engine import health
from lessonkit.errors import LessonError
from lessonkit.machine import cores

OLDEST = (3, 11, 4)
DISK_MIB = 3000  # of Oxford's pets: 812 MB to download, as much unpacked, and their decoded copies
MEMORY = 4e9  # bytes: Streamlit 0.3 GB, the engine's processes 1.1 GB idle and some 2 GB while it trains, and a browser
TAKES = 1.0  # seconds for what listens on a port to say that it is the lesson


@dataclass(frozen=True)
class Finding:
    """What was looked at.

    Attributes:
        about: one or two words.
        fact: what was found, in a few.
        problem: what is wrong with it, with the way out; empty where nothing is.
        stops: the lesson cannot start so.
    """

    about: str
    fact: str
    problem: str = ""
    stops: bool = False


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=8501, metavar="N", help="where the lesson is to answer (default: 8501)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="say only what is wrong, and look at nothing that takes seconds"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def command(arguments: argparse.Namespace) -> int:
    return report(arguments.port, arguments.quick, arguments.json)


def look(port: int, thorough: bool = True) -> list[Finding]:
    """All that can be found; with `thorough` what takes seconds too: PyTorch, and the engine's answer."""
    quick = [python(), packages(), *settings(), disk(), *network(), memory(), on_port(port), *proxy()]
    return [*quick, torch(), engine()] if thorough else quick


def report(port: int, quick: bool, as_json: bool) -> int:
    """Print what was found: all of it, or where `quick` only problems. Exit code 0, 2 where the lesson cannot start."""
    found = look(port, thorough=not quick)
    if as_json:
        print(json.dumps([asdict(finding) for finding in found], indent=1))
    else:
        for finding in found:
            if not quick:
                print(f"{'!' if finding.problem else ' '} {finding.about:<10} {finding.fact}")
            if finding.problem:
                print(finding.problem if quick else f"  {'':<10} {finding.problem}", file=sys.stderr if quick else None)
    return 2 if any(finding.stops for finding in found) else 0


def python() -> Finding:
    """Python's version and the system's."""
    fact = f"{platform.python_version()} on {platform.system()} {platform.release()}, {platform.machine()}"
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return Finding(
            "Python", fact, f"The lesson needs Python {wanted} or newer: install it, delete .venv, start again.", True
        )
    return Finding("Python", fact)


def packages() -> Finding:
    """Whether the installed packages are those that the lesson asks for."""
    asked = dict(_asked())
    other = []
    for name, wanted in asked.items():
        try:
            there = metadata.version(name).partition("+")[0]  # PyTorch's builds have a “+cpu” behind the version
        except metadata.PackageNotFoundError:
            there = "not installed"
        if there != wanted:
            other.append(f"{name} {wanted} ({there})")
    if not other:
        return Finding("packages", f"lessonkit {lessonkit.__version__}, {len(asked)} as asked for")
    said = ", ".join(other[:5]) + (" …" if len(other) > 5 else "")
    way_out = "Run `make setup`; if that does not help, delete .venv and run it again."
    missing = any("not installed" in name for name in other)
    return Finding(
        "packages",
        f"{len(other)} of {len(asked)} are other versions",
        f"The lesson asks for {said}. {way_out}",
        missing,
    )


def _asked() -> Iterator[tuple[str, str]]:
    """(package, version) of each that is asked for: in a clone's requirements.txt, else in the package's own facts."""
    file = Path(lessonkit.__file__).parents[1] / "requirements.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else metadata.requires("lessonkit") or []
    for line in lines:
        name, _, version = line.partition(";")[0].partition("==")
        if version:
            yield name.strip(), version.strip()


def settings() -> list[Finding]:
    """The settings from the environment, and each that cannot be used."""
    names = sorted(name for name in os.environ if name.startswith("LESSONKIT_") and name != "LESSONKIT_PIN")
    problems = []
    for check in (config.check_engine, config.check_app):
        try:
            check()
        except LessonError as error:
            problems.append(Finding("settings", "one cannot be used", str(error), stops=True))
    return problems or [Finding("settings", ", ".join(names) or "none")]


def disk() -> Finding:
    """The room where photos and runs are kept."""
    try:
        folder = config.home()
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free / 2**20
    except (LessonError, OSError):
        return Finding("disk", "unknown: the folder for photos and runs cannot be used")
    fact = f"{free / 1024:.1f} GB free where photos and runs are kept"
    if free < DISK_MIB:
        return Finding(
            "disk",
            fact,
            f"Oxford's pets need {DISK_MIB / 1000:.0f} GB. Free some, or set LESSONKIT_HOME to another disk.",
        )
    return Finding("disk", fact)


def network(mounts: Path = Path("/proc/self/mounts")) -> list[Finding]:
    """Where the folder for photos and runs is on NFS, that it is, and for a cluster what its mount lacks (docs/cluster.md)."""
    try:
        home, elsewhere = config.home().resolve(), config.scheduler()
        lines = [line.split() for line in mounts.read_text(errors="replace").splitlines()]
    except (LessonError, OSError):  # no Linux; or said of the settings already
        return []
    around = [(Path(where.replace("\\040", " ")), kind, told) for _, where, kind, told, *_ in lines]
    _, kind, told = max(
        (one for one in reversed(around) if home.is_relative_to(one[0])),  # of two at one place the last one is seen
        key=lambda one: len(one[0].parts),
        default=(home, "", ""),
    )
    if kind not in ("nfs", "nfs4"):
        return []
    options = {name: value for name, _, value in (option.partition("=") for option in told.split(","))}
    lacks = []
    if "nolock" in options or options.get("local_lock", "none") != "none":
        lacks.append("its locks hold on this machine alone: mount it without nolock and local_lock")
    if "soft" in options or "softerr" in options:
        lacks.append("what is written may be lost: mount it hard")
    if options.get("lookupcache", "all") == "all" or float(options.get("acdirmax", 60)) > 1:
        lacks.append("another machine's new file is seen a minute late: mount it with lookupcache=positive,actimeo=1")
    said = f"The folder is on NFS, and {'; '.join(lacks)}." if lacks and elsewhere else ""
    return [Finding("NFS", f"photos and runs are on NFS {options.get('vers', '')}".rstrip(), said)]


def memory() -> Finding:
    """The machine's memory and cores."""
    there = psutil.virtual_memory()
    fact = f"{there.total / 1e9:.1f} GB of memory, {there.available / 1e9:.1f} free; {cores()} cores"
    if there.available < MEMORY:
        return Finding(
            "memory",
            fact,
            f"Training needs some {MEMORY / 1e9:.0f} GB: close other programs, or it may be slow, or be ended.",
        )
    return Finding("memory", fact)


def on_port(port: int) -> Finding:
    """Whether the lesson can answer on a port of this machine."""
    with closing(socket.socket()) as mine:
        if os.name == "posix":
            mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was closed just now is no hindrance
        try:
            mine.bind(("127.0.0.1", port))
        except OverflowError:
            return Finding("port", str(port), f"{port} is no port: choose one from 1024 to 65535.", stops=True)
        except PermissionError:
            return Finding(
                "port", f"{port} is not for every user", "Choose a port from 1024 on: PORT=8501 make run.", stops=True
            )
        except OSError:
            return _taken(port)
    return Finding("port", f"{port} is free")


def _taken(port: int) -> Finding:
    address = f"http://127.0.0.1:{port}"
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{address}/health", timeout=TAKES
        ) as answer:
            ours = "disk_free" in json.load(answer)
    except urllib.error.HTTPError as error:
        ours = b"disk_free" in error.read(10_000)  # the lesson, with something to look at
    except (OSError, ValueError):
        ours = False
    other = f"PORT={port + 1} make run takes another port."
    if ours:
        return Finding(
            "port", f"{port} is the lesson's already", f"The lesson is open at {address}. {other}", stops=True
        )
    return Finding("port", f"{port} is taken", f"Another program answers on port {port}. {other}", stops=True)


def proxy() -> list[Finding]:
    """The proxy that downloads go through, if any."""
    found = {kind: address for kind, address in urllib.request.getproxies().items() if kind in ("http", "https", "all")}
    if not found:
        return []
    hosts = sorted({urlsplit(address).hostname or "?" for address in found.values()})
    fact = f"downloads go through {', '.join(hosts)}"
    if not urllib.request.proxy_bypass("127.0.0.1"):
        return [Finding("proxy", fact, "If the page does not open, set NO_PROXY=localhost,127.0.0.1 and start again.")]
    return [Finding("proxy", fact)]


def torch() -> Finding:
    """PyTorch and what it can compute on, asked in a process of its own."""
    ask = (
        "import torch; g = torch.cuda.is_available(); m = torch.backends.mps.is_available(); "
        "print(torch.__version__, torch.cuda.get_device_name() if g else 'MPS' if m else 'the CPU alone', sep=', computes on ')"
    )
    asked = subprocess.run([sys.executable, "-W", "ignore", "-c", ask], capture_output=True, text=True, check=False)
    if asked.returncode:
        said = (asked.stderr.strip().splitlines() or ["no reason"])[-1]
        return Finding(
            "PyTorch", "does not import", f"It says: {said}. Delete .venv and run `make setup` again.", stops=True
        )
    return Finding("PyTorch", asked.stdout.strip())


def engine() -> Finding:
    """The engine and what waits for it."""
    found = health.look()
    fact = f"{found.engine}; runs: {found.runs['running']} training, {found.runs['waiting']} waiting"
    return Finding("engine", fact, " ".join(found.problems))
