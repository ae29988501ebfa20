"""Imports and layers are read as they are written, in a small project of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import imports

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
