"""Who may import whom: the two rules of the house, kept by reading imports and by importing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lessonkit.engine import tasks

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "torchvision", "timm", "fastai", "fastcore"}
# what may import torch and fastai: what the engine's workers run, and what is run by itself
WORKERS_ONLY = {"lessonkit/training", "lessonkit/takehome/model.py", "lessonkit/engine/tasks.py", "bench"}
LIGHT_IN_TRAINING = {"__init__.py"}


def sources() -> list[Path]:
    top = [ROOT / "streamlit_app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "lessonkit").rglob("*.py")]
    return [path for path in top if path.is_file()]


def imported(path: Path, *, at_once: bool = False) -> set[str]:
    """Names of the modules that a file imports, anywhere in it; `at_once`: only when it is imported itself."""
    found: set[str] = set()
    for node in _nodes(ast.parse(path.read_text()), at_once):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _nodes(node: ast.AST, at_once: bool) -> list[ast.AST]:
    found = []
    for child in ast.iter_child_nodes(node):
        if at_once and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        found += [child, *_nodes(child, at_once)]
    return found


def inside(path: Path, places: set[str]) -> bool:
    relative = path.relative_to(ROOT).as_posix()
    return any(relative == place or relative.startswith(f"{place}/") for place in places)


def in_streamlit_process() -> list[Path]:
    """Every file that the Streamlit process may import."""
    light = {f"lessonkit/training/{name}" for name in LIGHT_IN_TRAINING}
    engine = {f"lessonkit/engine/{name}" for name in ("tasks.py", "server.py", "dispatcher.py")}
    return [
        path
        for path in sources()
        if inside(path, light) or not inside(path, WORKERS_ONLY | engine | {"lessonkit/__main__.py"})
    ]


def test_streamlit_is_imported_by_the_app_its_pages_and_ui_alone():
    place = {"streamlit_app.py", "pages", "lessonkit/ui"}
    wrong = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if not inside(path, place) and any(name.split(".")[0] == "streamlit" for name in imported(path))
    ]
    assert wrong == []


def test_nothing_that_the_streamlit_process_uses_names_torch_or_fastai():
    wrong = {
        path.relative_to(ROOT).as_posix(): sorted(heavy)
        for path in in_streamlit_process()
        if (heavy := {name for name in imported(path) if name.split(".")[0] in HEAVY})
    }
    assert wrong == {}


def test_nothing_that_the_streamlit_process_uses_reaches_training_but_its_facts():
    """`cli` may predict in its own process, inside a function; nothing else may."""
    facts = {f"lessonkit.training.{Path(name).stem}" for name in LIGHT_IN_TRAINING}
    wrong = {}
    for path in in_streamlit_process():
        own_process = path.is_relative_to(ROOT / "lessonkit") and path.parent.name == "cli"
        names = {n for n in imported(path, at_once=own_process) if n.startswith("lessonkit.training.")}
        reached = {n for n in names if not any(n == fact or n.startswith(f"{fact}.") for fact in facts)}
        if reached:
            wrong[path.relative_to(ROOT).as_posix()] = sorted(reached)
    assert wrong == {}


def test_the_layers_below_know_nothing_of_those_above():
    """Data goes from photos to pages and never turns back."""
    above = {
        "lessonkit/config.py": ("lessonkit.runs", "lessonkit.photos", "lessonkit.engine", "lessonkit.ui"),
        "lessonkit/errors.py": ("lessonkit.",),
        "lessonkit/photos": ("lessonkit.engine", "lessonkit.ui", "lessonkit.figures", "lessonkit.lesson"),
        "lessonkit/training": ("lessonkit.engine", "lessonkit.ui", "lessonkit.figures", "lessonkit.lesson"),
        "lessonkit/runs.py": ("lessonkit.engine", "lessonkit.ui", "lessonkit.figures", "lessonkit.photos"),
        "lessonkit/figures": ("lessonkit.engine", "lessonkit.ui", "lessonkit.runs", "lessonkit.photos"),
        "lessonkit/engine": ("lessonkit.ui", "lessonkit.figures", "lessonkit.lesson"),
    }
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources()
        for place, barred in above.items()
        if inside(path, {place})
        for name in sorted(imported(path))
        if any(name == bar.rstrip(".") or name.startswith(bar.rstrip(".") + ".") for bar in barred)
        if not name.startswith("lessonkit.errors")
    ]
    assert wrong == []


def test_every_task_of_the_engine_leads_to_a_function():
    targets = [*tasks.CALLS.values(), *tasks.JOBS.values()]
    missing = []
    for target in targets:
        module, name = target.split(":")
        tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
        if name not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
            missing.append(target)
    assert missing == []


def modules() -> list[str]:
    """The same files as module names, pages and the app left out: they draw when they are imported."""
    found = []
    for path in in_streamlit_process():
        relative = path.relative_to(ROOT)
        if relative.parts[0] == "lessonkit":
            found.append(".".join(relative.with_suffix("").parts).removesuffix(".__init__"))
    return found


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """By module, what of HEAVY a fresh interpreter holds once it and all those before it are imported."""
    code = f"""
import importlib, json, sys
found = {{}}
for name in {modules()!r}:
    importlib.import_module(name)
    found[name] = sorted({HEAVY!r} & set(sys.modules))
print(json.dumps(found))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_a_fresh_interpreter_holds_no_torch_once_all_of_it_is_imported(loaded: dict[str, list[str]]):
    assert {name: heavy for name, heavy in loaded.items() if heavy} == {}
    assert {"lessonkit.engine.client", "lessonkit.runs", "lessonkit.photos.cache"} <= set(loaded)


def test_the_client_is_imported_without_dask():
    code = "import sys, lessonkit.engine.client; print('distributed' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "False"
