"""Runs the tests that concern what changed: `python -m tests.chosen`, by `make check`.

What changed is what differs from where the branch left main, committed or not. Tests marked `slow` are left to
`make test`, and so are those with a browser or an engine of their own.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from docs import imports
from docs.imports import ROOT

ALWAYS = "tests/unit/test_imports.py"  # what may import what concerns every file
OF_THE_PAGES = "tests/app/test_pages.py"
TAKE_MINUTES = ("tests/browser", "tests/faults")


def changed() -> list[str]:
    """Paths, below the project's folder, of files that differ from where this branch left main.

    Raises RuntimeError where that is not known.
    """
    if _git("rev-parse", "HEAD") is None:
        raise RuntimeError("This folder is no git clone, so what changed is not known. Run `make test`.")
    base = next(filter(None, (_git("merge-base", "HEAD", ref) for ref in ("origin/main", "main"))), "HEAD")
    listed = [_git("diff", "--name-only", base), _git("ls-files", "--others", "--exclude-standard")]
    return sorted({path for lines in listed for path in (lines or "").splitlines() if (ROOT / path).is_file()})


def _git(*arguments: str) -> str | None:
    """What git prints, None where it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def concerning(path: str) -> list[str]:
    """The test files that concern a file, the one named after it first.

    A module concerns each test file that imports it, what is in it or the package that it is in; where there is none, the tests of the modules
    that import it. A page, or what pages are made of, also concerns the test of all pages; a `conftest.py` all tests
    beside and below it.
    """
    relative = Path(path)
    if relative.suffix != ".py":
        return []
    if relative.name == "conftest.py":
        return [test for test in _imports_of_tests() if test.startswith(f"{relative.parent.as_posix()}/")]
    if relative.name.startswith("test_"):
        return [path]
    return list(dict.fromkeys(_concerned(imports.module_name(relative), set())))


def _concerned(module: str, seen: set[str]) -> list[str]:
    seen.add(module)
    package, _, name = module.removeprefix("lessonkit.").rpartition(".")
    mirror = Path("tests/unit", *filter(None, package.split(".")), f"test_{name}.py").as_posix()
    by_test = _imports_of_tests()
    found = [mirror] if mirror in by_test else []
    packages = {".".join(module.split(".")[:n]) for n in range(2, module.count(".") + 1)}
    found += [test for test, names in by_test.items() if any(f"{n}.".startswith(f"{module}.") for n in names)]
    found += [test for test, names in by_test.items() if packages & names]
    if f"{module}.".startswith(("pages.", "lessonkit.ui.", "streamlit_app.")):
        found.append(OF_THE_PAGES)
    if found:
        return found
    above = [name for name, targets in _graph().items() if module in targets and name not in seen]
    return [test for name in above for test in _concerned(name, seen)]


@cache
def _graph() -> imports.Graph:
    return imports.graph(imports.files())


@cache
def _imports_of_tests() -> dict[str, set[str]]:
    """What each test file imports, by its path below the project's folder."""
    found = sorted((ROOT / "tests").rglob("test_*.py"))
    return {path.relative_to(ROOT).as_posix(): imports.imported(path) for path in found}


def main() -> int:
    try:
        files = changed()
    except RuntimeError as problem:
        print(problem, file=sys.stderr)
        return 1
    if not files:
        print("Nothing has changed since main.")
        return 0
    concerned = dict.fromkeys([ALWAYS, *(test for path in files for test in concerning(path))])
    chosen = [test for test in concerned if not test.startswith(TAKE_MINUTES)]
    print(f"{len(files)} files changed, {len(chosen)} test files concern them.", flush=True)
    return pytest.main(["-m", "not slow", *sys.argv[1:], *chosen])


if __name__ == "__main__":
    sys.exit(main())
