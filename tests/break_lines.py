"""Breaks the code a line at a time, on purpose, and says which breaks no test sees.

    python -m tests.break_lines [--each N] [--seed N] [--list] [--near | --deep] FILE…

In a copy of the project, one line of each file after the other is changed (a comparison is turned round, a condition
negated, a number made another, a call or a result left out), the tests that concern the file are run (`tests.chosen`,
those marked `slow` with --deep), and the line is put back. A break that no test sees is either a test that is missing
or a line that makes no difference: look which. The exit code is 1 where there was one.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs.imports import ROOT
from tests.chosen import TAKE_MINUTES, concerning

PATIENCE = 1800  # seconds for the tests of a file with nothing broken
SLOWER = 5  # times as long as with nothing broken: tests that have not ended by then never will, and that is seen, too
OTHER_WAY = {
    ast.Lt: ">=", ast.GtE: "<", ast.Gt: "<=", ast.LtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*"}
UNSEEN_BY_DESIGN = ("log.", "gc.", "warnings.")  # what such a call does is for who runs the lesson, or for speed


@dataclass(frozen=True)
class Break:
    """One change of a source file: the characters from `start` to `end` become `text`."""

    line: int
    what: str
    start: int
    end: int
    text: str

    def of(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


def breaks(source: str) -> list[Break]:
    """All breaks of a file, in order. None in docstrings, annotations, default arguments and what is only logged."""
    places = _Places(source)
    found = {(b.start, b.end, b.text): b for node in _reached(ast.parse(source)) for b in _of(node, places)}
    return sorted(found.values(), key=lambda b: (b.start, b.end))


class _Places:
    """Where a node's text begins and ends, in characters (ast counts the bytes of a line)."""

    def __init__(self, source: str):
        self.source = source
        self.lines = source.splitlines(keepends=True)
        self.offsets = [0]
        for line in self.lines:
            self.offsets.append(self.offsets[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        return self.offsets[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def text(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.source[start:end]


def _reached(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are worth a break."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "defaults", "kw_defaults"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr | ast.Import | ast.ImportFrom):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue  # a docstring
            if isinstance(child, ast.Raise | ast.Assert):
                continue  # a sentence for an error; whether it is raised is the condition above
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            yield child
            yield from _reached(child)


def _of(node: ast.AST, places: _Places) -> Iterator[Break]:
    def instead(of: ast.expr | ast.stmt, text: str, what: str) -> Break:
        start, end = places.span(of)
        return Break(of.lineno, what, start, end, text)

    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OTHER_WAY:
            turned = f"({places.text(left)}) {OTHER_WAY[type(op)]} ({places.text(right)})"
            yield instead(node, turned, "comparison turned round")
        case ast.BoolOp(op=op, values=values):
            word = " or " if isinstance(op, ast.And) else " and "
            yield instead(node, "(" + word.join(f"({places.text(v)})" for v in values) + ")", "and/or exchanged")
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS and not _text(left) | _text(right):
            changed = f"(({places.text(left)}) {OPERATORS[type(op)]} ({places.text(right)}))"
            yield instead(node, changed, "another operator")
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield instead(node, f"bool({places.text(operand)})", "not left out")
        case ast.Constant(value=bool(value)):
            yield instead(node, str(not value), "the other truth value")
        case ast.Constant(value=int(value) | float(value)):
            yield instead(node, f"({value!r} * 2 + 1)", "another number")
        case ast.Return(value=ast.expr() as value) if not _is(value, None):
            yield instead(value, "None", "no result")
        case ast.Expr(value=ast.Call() as call) if not ast.unparse(call.func).startswith(UNSEEN_BY_DESIGN):
            yield instead(node, "pass", "a call left out")
    if isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield instead(node.test, f"(not ({places.text(node.test)}))", "condition negated")


def _text(node: ast.expr) -> bool:
    """Whether it is a string: a break of `folder / "name"` could not be missed."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def copied(to: Path) -> Path:
    """A copy of the files that git knows or would add, beside which `shared/` and the environment are as here."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    project = to / "project"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, project / name)
    for place, real in ((to / "shared", ROOT.parent / "shared"), (project / ".venv", ROOT / ".venv")):
        if real.exists():
            place.symlink_to(real.resolve())
    return project


class Tests:
    """The tests in some files of the copy.

    Those that fail with nothing broken are named once and see nothing.
    """

    def __init__(self, project: Path, files: list[str], deep: bool):
        self.project, self.files = project, files
        self.options = [] if deep else ["-m", "not slow"]
        self.patience = 0.0  # seconds

    def prepare(self) -> None:
        """Run them with nothing broken, unless that was done."""
        if self.patience:
            return
        begun = time.monotonic()
        for failed in self.failures(PATIENCE):
            if not failed.startswith("tests/"):  # they would see every break
                raise SystemExit(f"{', '.join(self.files)}: with nothing broken, {failed}")
            print(f"    fails with nothing broken: {failed}", flush=True)
            self.options += ["--deselect", failed.partition(" - ")[0]]
        self.patience = 30 + SLOWER * (time.monotonic() - begun)

    def failures(self, patience: float, *options: str) -> list[str]:
        """Those that fail, each with the beginning of why; a sentence where they do not end in `patience` seconds."""
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LESSONKIT_")}
        kept = os.environ.get("TESTS_KEEP") or str(self.project.parent)
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "TESTS_KEEP": kept}
        try:
            done = subprocess.run(
                [*command, *options, *self.options, *self.files], cwd=self.project, capture_output=True, text=True,
                env=environment, timeout=patience, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return ["it never ended"]
        if done.returncode in (0, 5):  # 5: no test was found
            return []
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return [line.partition(" ")[2] for line in failed] or done.stdout.splitlines()[-1:] or ["it did not start"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.break_lines", description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", help="below the project's folder")
    parser.add_argument("--each", type=int, default=1, help="breaks of a file, drawn by chance (1)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--line", type=int, help="only the breaks on this line, all of them")
    parser.add_argument(
        "--deep", action="store_true", help="with the tests that are slow, or have an engine of their own"
    )
    parser.add_argument("--near", action="store_true", help="with the nearest test file alone")
    parser.add_argument("--list", action="store_true", help="say what would be broken, and break nothing")
    asked = parser.parse_args()
    unseen = 0
    with tempfile.TemporaryDirectory() as folder:
        project = ROOT if asked.list else copied(Path(folder))
        for file in asked.files:
            source = (ROOT / file).read_text(encoding="utf-8")
            tests = [t for t in concerning(file) if asked.deep or not t.startswith(TAKE_MINUTES)]
            if asked.deep and file.startswith(("pages/", "lessonkit/ui/")):
                tests = list(dict.fromkeys([*tests, "tests/app"]))
            tests = tests[:1] if asked.near else tests
            possible = breaks(source)
            drawn = random.Random(f"{asked.seed} {file}").sample(possible, min(asked.each, len(possible)))
            if asked.line:
                drawn = [b for b in possible if b.line == asked.line]
            if asked.list:
                print("\n".join(f"{file}:{_words(source, one)}" for one in sorted(drawn, key=lambda b: b.start)))
            elif not tests:
                print(f"{file}: no test concerns it", flush=True)
                unseen += 1
            else:
                unseen += _break(project, file, drawn, tests, asked.deep)
    print(f"{unseen} unseen")
    return int(unseen > 0)


def _break(project: Path, file: str, chosen: list[Break], tests: list[str], deep: bool) -> int:
    """Break a file of the copy in each way, one after the other, and print what sees it; how many nothing sees.

    The test file named after it is asked first, by itself: the others may take minutes.
    """
    near, far = Tests(project, tests[:1], deep), Tests(project, tests[1:], deep)
    source, unseen = (project / file).read_text(encoding="utf-8"), 0
    for one in sorted(chosen, key=lambda b: b.start):
        print(f"{file}:{_words(source, one)}", flush=True)
        seen: list[str] = []
        for asked in filter(lambda some: some.files, (near, far)):
            asked.prepare()
            (project / file).write_text(one.of(source), encoding="utf-8")
            seen = asked.failures(asked.patience, "-x")
            (project / file).write_text(source, encoding="utf-8")
            if seen:
                break
        unseen += not seen
        print(f"    {seen[0] if seen else 'UNSEEN'}", flush=True)
    return unseen


def _words(source: str, one: Break) -> str:
    """The line, what was there, and what it becomes, on one line."""
    before, after = (" ".join(text.split())[:70] for text in (source[one.start : one.end], one.text))
    return f"{one.line}: {one.what}: {before} -> {after}"


if __name__ == "__main__":
    sys.exit(main())
