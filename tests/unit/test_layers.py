"""Who may import whom: no cycles, and the README's table of layers says what is."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import imports
from docs.imports import ROOT, Layer

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def house() -> imports.Graph:
    return imports.graph(imports.files())


@pytest.fixture(scope="module")
def table() -> list[Layer]:
    return imports.layers(README)


def test_no_file_imports_itself_by_way_of_others(house: imports.Graph):
    assert imports.cycle(house) == []


def test_no_part_of_a_package_imports_itself_by_way_of_others(house: imports.Graph):
    found = {package: imports.cycle(parts) for package, parts in imports.between_parts(house).items()}
    assert {package: names for package, names in found.items() if names} == {}


def test_each_file_is_in_one_layer_and_each_layer_is_there(house: imports.Graph, table: list[Layer]):
    def around(name: str) -> bool:
        """A package that holds layers and has nothing of its own."""
        return not house[name] and any(m.startswith(f"{name}.") for layer in table for m in layer.modules)

    count = {name: sum(layer.holds(name) for layer in table) for name in house}
    assert {name: n for name, n in count.items() if n != 1 and not (n == 0 and around(name))} == {}
    assert [path for layer in table for path in layer.paths if not (ROOT / path).exists()] == []


def test_nothing_imports_what_its_layer_may_not(house: imports.Graph, table: list[Layer]):
    wrong = [
        f"{name} imports {target}, which {' '.join(layer.paths)} may not"
        for layer in table
        for name in house
        if layer.holds(name)
        for target in sorted(house[name])
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


SMALL = {
    "streamlit_app.py": "from lessonkit.ui import page\n",
    "lessonkit/__init__.py": "",
    "lessonkit/ui/__init__.py": "",
    "lessonkit/ui/page.py": "import streamlit\nfrom .. import base\nfrom .parts import part\n",
    "lessonkit/ui/parts.py": "import lessonkit.base as b\n\ndef part(): from lessonkit.ui.more import more\n",
    "lessonkit/ui/more.py": "TASK = 'lessonkit.base:task'\nSAID = 'lessonkit.base is said here'\n",
    "lessonkit/base.py": "def task(): ...\n",
}


def small(root: Path, **changed: str) -> imports.Graph:
    """The imports of a project of six files, some with other text: `lessonkit_base="…"`."""
    for path, text in SMALL.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(changed.get(path.removesuffix(".py").replace("/", "_"), text))
    return imports.graph(imports.files(root))


def test_imports_in_functions_and_in_strings_count(tmp_path: Path):
    found = small(tmp_path)
    assert found["lessonkit.ui.page"] == {"lessonkit.base", "lessonkit.ui.parts"}
    assert found["lessonkit.ui.parts"] == {"lessonkit.base", "lessonkit.ui.more"}
    assert found["lessonkit.ui.more"] == {"lessonkit.base"}
    assert imports.cycle(found) == []


@pytest.mark.parametrize(
    "base",
    ["from lessonkit.ui.more import TASK", "def task():\n    import lessonkit.ui.more", "T = 'lessonkit.ui.more:TASK'"],
    ids=["plainly", "in a function", "in a string"],
)
def test_a_cycle_is_found_however_it_is_written(tmp_path: Path, base: str):
    found = small(tmp_path, lessonkit_base=base)
    assert set(imports.cycle(found)) == {"lessonkit.base", "lessonkit.ui.more"}
    assert set(imports.cycle(imports.between_parts(found)["lessonkit"])) == {"lessonkit.base", "lessonkit.ui"}


def test_a_cycle_between_packages_is_found_where_no_two_files_form_one(tmp_path: Path):
    found = small(tmp_path, lessonkit_base="import lessonkit.ui.other")
    (tmp_path / "lessonkit" / "ui" / "other.py").write_text("")
    found = imports.graph(imports.files(tmp_path))
    assert imports.cycle(found) == []
    assert set(imports.cycle(imports.between_parts(found)["lessonkit"])) == {"lessonkit.base", "lessonkit.ui"}


def test_a_layer_allows_what_its_row_says():
    table = imports.layers(
        "\n## How it is built\n| layer | what | may import |\n| --- | --- | --- |\n"
        "| `lessonkit/ui/` | w | `engine.client`, from `runs` down |\n"
        "| `lessonkit/engine/` | w | nothing |\n| `lessonkit/runs.py` | w | nothing |\n| `bench/` | w | nothing |\n"
    )
    allowed = {"lessonkit.engine.client", "lessonkit.runs", "bench.rows", "lessonkit", "lessonkit.ui.own"}
    barred = {"lessonkit.engine.server", "lessonkit.engine.client_of_others", "lessonkit.runs_of_others"}
    assert {name for name in allowed | barred if table[0].allows(name)} == allowed
    with pytest.raises(ValueError, match="`nowhere`"):
        imports.layers("\n## How it is built\n| `bench/` | w | `nowhere` |\n")
