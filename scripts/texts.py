"""Keep the translations in step with the code: `python scripts/texts.py [AREA …]`.

Reads the texts that the code gives to `tr`, `trn` and `translatable`, and writes `lessonkit/texts/<language>/<area>.po`:
what is new stands there without a translation, what the code no longer says goes, translations stay. Says what is missing.
`python scripts/texts.py --plain [FILE …]` lists the texts in these files that none of the three got.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "lessonkit" / "texts"
LANGUAGES = ("de", "es")
KEYWORDS = {"tr": 1, "trn": 2, "translatable": 1}
"""What takes texts -> how many, as its first arguments."""

AREAS: dict[str, tuple[str, ...]] = {
    "lesson": (
        "lessonkit/lesson/steps.py", "lessonkit/lesson/glossary.py", "lessonkit/lesson/questions.py",
        "lessonkit/lesson/recall.py", "lessonkit/lesson/reference.py",
    ),
    "verdicts": ("lessonkit/lesson", "lessonkit/wording.py", "lessonkit/analysis", "lessonkit/figures"),
    "steps": (
        "lessonkit/ui/lesson", "pages",
    ),
    "class": (
        *(f"lessonkit/ui/lesson/class_{of}.py" for of in ("answers", "controls", "people", "periods", "runs")),
        *(f"lessonkit/ui/lesson/{of}.py" for of in ("collecting", "label_ways", "labelling", "own_dataset", "own_reading", "pattern_box")),
        "pages/the_class.py", "pages/projector.py", "pages/data.py", "lessonkit/classroom",
    ),
    "frame": ("lessonkit/ui", "streamlit_app.py"),
    "photos": ("lessonkit/photos",),
    "engine": ("lessonkit",),
    "takehome": ("lessonkit/takehome",),
}  # fmt: skip
"""Which texts a file of translations holds: of the Python files below these. The longest path that fits decides."""


@dataclass(frozen=True)
class Found:
    """One text of the code: its id, one string or two (one thing, several), and the files that say it."""

    id: str | tuple[str, str]
    files: tuple[str, ...]


def sources() -> list[Path]:
    """The Python files that learners' texts may stand in."""
    found = [ROOT / "streamlit_app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "lessonkit").rglob("*.py")]
    return sorted(file for file in found if "texts" not in file.relative_to(ROOT).parts)


def area_of(file: Path) -> str:
    """The area that a file's texts belong to."""
    path = file.relative_to(ROOT).as_posix()
    fits = [(len(of), area) for area, below in AREAS.items() for of in below if path == of or path.startswith(f"{of}/")]
    return max(fits)[1]


def texts(area: str) -> dict[str, Found]:
    """The texts of an area by their id (of a count: that for one thing), in the order of the code."""
    found: dict[str, Found] = {}
    for file in sources():
        if area_of(file) != area:
            continue
        name = file.relative_to(ROOT).as_posix()
        for one, *more in said(ast.parse(file.read_text(encoding="utf-8"))):
            before = found.get(one)
            files = tuple(dict.fromkeys([*(before.files if before else ()), name]))
            found[one] = Found((one, more[0]) if more else one, files)
    return found


def said(tree: ast.AST) -> Iterator[tuple[str, ...]]:
    """The texts that a file's code gives to the three: one, or two of a count. In f-strings too, where Babel finds none."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        given = KEYWORDS.get(getattr(call.func, "id", ""))
        texts = [part.value for part in call.args[:given] if isinstance(part, ast.Constant) and part.value]
        if given and len(texts) == given:
            yield tuple(str(text) for text in texts)


def read(language: str, area: str) -> Catalog:
    """The translations that there are; none where there is no file."""
    file = TEXTS / language / f"{area}.po"
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def update(language: str, area: str) -> int:
    """Write an area's file of a language again; how many texts it lacks."""
    before, after, lacking = read(language, area), Catalog(locale=language, header_comment="", fuzzy=False), 0
    for key, found in texts(area).items():
        old = before.get(key)
        translated = old.string if old else ""
        if isinstance(found.id, tuple):
            forms = translated if isinstance(translated, (tuple, list)) else ()
            translated = tuple(forms) if len(forms) == after.num_plurals else ("",) * after.num_plurals
        elif not isinstance(translated, str):
            translated = ""
        lacking += not all(translated) if isinstance(translated, tuple) else not translated
        after.add(found.id, translated, locations=[(file, 0) for file in found.files])
    file = TEXTS / language / f"{area}.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, after, width=0, include_lineno=False, omit_header=False)
    # a header without dates and names, which would differ each time
    head, _, rest = file.read_text().lstrip().partition("\n\n")
    kept = [
        line
        for line in head.splitlines()
        if "Date" not in line and "Generated-By" not in line and not line.startswith("# ")
    ]
    kept = [
        line
        for line in kept
        if not line.startswith(('"Project-Id', '"Report-', '"Last-', '"Language-Team')) and line != "#"
    ]
    file.write_text("\n".join(kept).lstrip() + "\n\n" + rest)
    return lacking


# What no learner reads, so that no translator has to: settings of a module, code, addresses.
_PROSE = re.compile(r"[A-Za-zÀ-ÿ]{2,}[,;:.!?’']*\s+[\w“(*{]")


def plain(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each string that reads like prose and is given to none of the three, in a file's order."""
    tree = ast.parse(file.read_text())
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            for statement in node.body:  # docstrings, also those below a constant
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    passed.add(id(statement.value))
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of_log = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in (
                "log",
                "logging",
                "re",
                "warnings",
            )
            if called in KEYWORDS:
                passed.update(id(part) for argument in node.args for part in ast.walk(argument))
            elif of_log or called in ("print", "TypeVar", "Literal", "add_argument", "ArgumentParser", "add_parser"):
                passed.update(id(part) for part in ast.walk(node))
        elif isinstance(node, ast.Assert) or (isinstance(node, ast.AnnAssign) and node.annotation):
            whole = node if isinstance(node, ast.Assert) else node.annotation
            passed.update(id(part) for part in ast.walk(whole))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in passed:
            passed.update(id(part) for part in node.values)
            said = "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            said = node.value
        else:
            continue
        if _PROSE.search(said) and not said.lstrip().startswith(("<", "SELECT", "--")):
            yield node.lineno, said


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep the translations in step with the code.")
    parser.add_argument("--plain", action="store_true", help="list the texts that are given to none of the three")
    parser.add_argument("what", nargs="*", help="areas; with --plain: files, default all")
    arguments = parser.parse_args()
    if arguments.plain:
        for file in map(Path, arguments.what) if arguments.what else sources():
            for line, text in plain(file.resolve()):
                print(f"{file}:{line}: {text[:150]!r}")
        return 0
    for area in arguments.what or AREAS:
        for language in LANGUAGES:
            print(f"{language}/{area}.po: {len(texts(area))} texts, {update(language, area)} without a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
