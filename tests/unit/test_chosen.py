"""Which tests `make check` runs for a file, and how `tests/break_lines.py` breaks one."""

from __future__ import annotations

import ast

import pytest

from docs import imports
from docs.imports import ROOT
from tests.break_lines import breaks
from tests.chosen import concerning

WITHOUT_A_TEST = {"bench", "lessonkit.__main__"}  # run by hand; three lines


@pytest.mark.parametrize(
    ("path", "first", "among"),
    [
        ("lessonkit/spec.py", "tests/unit/test_spec.py", "tests/unit/test_runs.py"),
        ("lessonkit/photos/cache.py", "tests/unit/photos/test_cache.py", "tests/unit/training/test_fit.py"),
        ("lessonkit/photos/drawn/fur.py", "tests/unit/photos/test_drawn.py", "tests/unit/photos/test_drawn.py"),
        ("pages/train.py", "tests/app/test_pages.py", "tests/app/test_pages.py"),
        ("lessonkit/ui/core/routes.py", "tests/app/test_hosts.py", "tests/app/test_server.py"),
        ("tests/unit/test_spec.py", "tests/unit/test_spec.py", "tests/unit/test_spec.py"),
        ("tests/browser/conftest.py", "tests/browser/test_class.py", "tests/browser/test_lesson.py"),
    ],
)
def test_a_file_is_concerned_by_the_test_named_after_it_and_those_that_import_it(path: str, first: str, among: str):
    found = concerning(path)
    assert found[0] == first
    assert among in found
    assert len(set(found)) == len(found)


def test_a_text_concerns_no_test():
    assert concerning("README.md") == []


def test_each_module_is_concerned_by_a_test():
    paths = {name: path.relative_to(ROOT).as_posix() for name, path in imports.files().items()}
    without = [name for name, path in paths.items() if not path.endswith("__init__.py") and not concerning(path)]
    assert [name for name in without if name not in WITHOUT_A_TEST and not name.startswith("bench.")] == []


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        ("x = 1 < y", ["x = (1) >= (y)", "x = (1 * 2 + 1) < y"]),
        ("x = a and b", ["x = ((a) or (b))"]),
        ("x = not a", ["x = bool(a)"]),
        ("x = 'é' * n + m", ["x = (('é' * n) - (m))"]),
        ("def f():\n    'doc 3'\n    return y", ["def f():\n    'doc 3'\n    return None"]),
        ("if a:\n    f('é')", ["if (not (a)):\n    f('é')", "if a:\n    pass"]),
        ("def f(x: int = 3) -> int:\n    log.error(x)\n    raise ValueError(f'{x + 1}')", []),
        ("x = True", ["x = False"]),
    ],
)
def test_each_break_changes_one_thing_and_is_python_still(source: str, broken: list[str]):
    found = [one.of(source) for one in breaks(source)]
    assert sorted(found) == sorted(broken)
    for text in found:
        ast.parse(text)
