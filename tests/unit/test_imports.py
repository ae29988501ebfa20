"""Who may import whom: no cycles, the README's table of layers, streamlit for the pages alone, torch for the engine."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from docs import imports
from docs.imports import ROOT, Layer
from lessonkit.engine import tasks

README = (ROOT / "README.md").read_text(encoding="utf-8")
# what pages do without: the engine's worker imports them inside the functions that need them
WORKERS_LIBRARIES = {"scipy", "sklearn"}
HEAVY = {"torch", "torchvision", "timm", "fastai", "fastcore"}
# what may import torch and fastai: what the engine's workers run, and what is run by itself
WORKERS_ONLY = {
    "lessonkit/training",
    "lessonkit/takehome/model.py",
    "lessonkit/takehome/onnx_model.py",
    "lessonkit/takehome/app",
    "lessonkit/engine/tasks.py",
    "bench",
}
LIGHT_IN_TRAINING = {"__init__.py", "needless.py"}


@pytest.fixture(scope="module")
def graph() -> imports.Graph:
    return imports.graph(imports.files())


@pytest.fixture(scope="module")
def table() -> list[Layer]:
    return imports.layers(README)


def test_no_file_imports_itself_by_way_of_others(graph: imports.Graph):
    assert imports.cycle(graph) == []


def test_no_part_of_a_package_imports_itself_by_way_of_others(graph: imports.Graph):
    found = {package: imports.cycle(parts) for package, parts in imports.between_parts(graph).items()}
    assert {package: names for package, names in found.items() if names} == {}


def test_each_file_is_in_one_layer_and_each_layer_is_there(graph: imports.Graph, table: list[Layer]):
    def around(name: str) -> bool:
        """A package that holds layers and has nothing of its own."""
        return not graph[name] and any(m.startswith(f"{name}.") for layer in table for m in layer.modules)

    count = {name: sum(layer.holds(name) for layer in table) for name in graph}
    assert {name: n for name, n in count.items() if n != 1 and not (n == 0 and around(name))} == {}
    assert [path for layer in table for path in layer.paths if not (ROOT / path).exists()] == []


def test_nothing_imports_what_its_layer_may_not(graph: imports.Graph, table: list[Layer]):
    wrong = [
        f"{name} imports {target}, which {' '.join(layer.paths)} may not"
        for layer in table
        for name in graph
        if layer.holds(name)
        for target in sorted(graph[name])
        if not layer.allows(target) and any(other.holds(target) for other in table)
    ]
    assert wrong == []


def test_the_table_lets_nothing_import_upwards(table: list[Layer]):
    wrong = [
        f"{layer.paths[0]} may import {name}"
        for place, layer in enumerate(table)
        for name in layer.may
        for above in table[: place + 1]
        if above.holds(name) or any(module.startswith(f"{name}.") for module in above.modules)
    ]
    assert wrong == []


def sources() -> list[Path]:
    return [path for path in imports.files().values() if not path.is_relative_to(ROOT / "bench")]


def inside(path: Path, places: set[str]) -> bool:
    relative = path.relative_to(ROOT).as_posix()
    return any(relative == place or relative.startswith(f"{place}/") for place in places)


def in_streamlit_process() -> list[Path]:
    """Every file that the Streamlit process may import."""
    light = {f"lessonkit/training/{name}" for name in LIGHT_IN_TRAINING}
    engine = {f"lessonkit/engine/{name}" for name in ("tasks.py", "server.py", "dispatcher.py", "memory.py")}
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
        if not inside(path, place) and any(name.split(".")[0] == "streamlit" for name in imports.imported(path))
    ]
    assert wrong == []


def test_nothing_that_the_streamlit_process_uses_names_torch_or_fastai():
    wrong = {
        path.relative_to(ROOT).as_posix(): sorted(heavy)
        for path in in_streamlit_process()
        if (heavy := {name for name in imports.imported(path) if name.split(".")[0] in HEAVY})
    }
    assert wrong == {}


def test_nothing_that_the_streamlit_process_uses_reaches_training_but_its_facts():
    """`cli` may predict in its own process, inside a function; nothing else may."""
    facts = {f"lessonkit.training.{Path(name).stem}" for name in LIGHT_IN_TRAINING}
    wrong = {}
    for path in in_streamlit_process():
        own_process = path.is_relative_to(ROOT / "lessonkit") and path.parent.name == "cli"
        names = {n for n in imports.imported(path, at_once=own_process) if n.startswith("lessonkit.training.")}
        reached = {n for n in names if not any(n == fact or n.startswith(f"{fact}.") for fact in facts)}
        if reached:
            wrong[path.relative_to(ROOT).as_posix()] = sorted(reached)
    assert wrong == {}


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
    """By module, what of HEAVY and WORKERS_LIBRARIES a fresh interpreter holds once it and all those before it are imported."""
    code = f"""
import importlib, json, sys
found = {{}}
for name in {modules()!r}:
    importlib.import_module(name)
    found[name] = sorted({(HEAVY | WORKERS_LIBRARIES)!r} & set(sys.modules))
print(json.dumps(found))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_a_fresh_interpreter_holds_no_torch_and_no_scipy_once_all_of_it_is_imported(loaded: dict[str, list[str]]):
    assert {name: heavy for name, heavy in loaded.items() if heavy} == {}
    assert {"lessonkit.engine.client", "lessonkit.runs", "lessonkit.photos.cache"} <= set(loaded)


def test_the_client_is_imported_without_dask():
    code = "import sys, lessonkit.engine.client; print('distributed' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True
    )
    assert run.stdout.strip() == "False"


def test_the_engines_own_process_holds_neither_pandas_nor_what_is_heavy():
    code = (
        f"import sys, lessonkit.engine.server; print({ ({'pandas'} | HEAVY | WORKERS_LIBRARIES)!r} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True
    )
    assert run.stdout.strip() == "set()"
