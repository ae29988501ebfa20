"""What imports what, read from the source, and the layers that the README's table sets for it.

Every import counts, wherever it stands in a file, and so does every dotted name in a string that leads to one of the
project's files ("lessonkit.training.fit:fit"), since such a name is imported later. Another process that is started
(`python -m lessonkit engine`) does not count.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOPS = ("streamlit_app", "pages", "lessonkit", "bench")
IN_A_STRING = re.compile(rf"(?:{'|'.join(TOPS[1:])})(?:\.[A-Za-z_]\w*)+(?::[A-Za-z_]\w*)?")
EVERYBODY = "lessonkit"  # the package itself, which holds the version and imports nothing

Graph = dict[str, set[str]]  # by name, the names that it imports


def files(root: Path = ROOT) -> dict[str, Path]:
    """The product's and the benchmark's files by module name: "lessonkit.photos" is its `__init__.py`."""
    found = [root / "streamlit_app.py"]
    for top in TOPS[1:]:
        found += sorted((root / top).rglob("*.py"))
    return {module_name(path.relative_to(root)): path for path in found if path.is_file()}


def module_name(relative: Path) -> str:
    """The module that is in this file."""
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path, name: str = "", *, at_once: bool = False) -> set[str]:
    """Dotted names that a file imports, whether they are modules or what is in them; other packages' too.

    Args:
        name: the file's own module name, which relative imports start from.
        at_once: only what is imported when the file itself is: nothing within functions, no strings.
    """
    found: set[str] = set()
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), at_once):
        match node:
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                base = node.module or ""
                if node.level:
                    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
                    base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [base])])
                found |= {f"{base}.{alias.name}" for alias in node.names}
            case ast.Constant(value=str(text)) if not at_once and IN_A_STRING.fullmatch(text):
                found.add(text.replace(":", "."))
    return found


def _nodes(node: ast.AST, at_once: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if at_once and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield child
        yield from _nodes(child, at_once)


def graph(found: Mapping[str, Path], *, at_once: bool = False) -> Graph:
    """Which file imports which other. Importing a module runs the `__init__.py` of each package that it is in, too.

    Args:
        at_once: only what is imported when the file itself is, as in `imported`.
    """
    result: Graph = {}
    for name, path in found.items():
        reached = set()
        for wanted in imported(path, name, at_once=at_once):
            parts = wanted.split(".")
            names = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
            existing = [n for n in names if n in found]
            target = existing[-1:]  # the rest of the name is what is taken out of it
            reached |= {*target, *(n for n in existing if not f"{name}.".startswith(f"{n}."))}
        result[name] = reached - {name}
    return result


def between_parts(imports: Graph) -> dict[str, Graph]:
    """For each package, which of its parts (files and packages directly in it) imports which other. "" is the top."""
    result: dict[str, Graph] = {}
    for name, targets in imports.items():
        for target in targets:
            one, other = name.split("."), target.split(".")
            same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
            if same is None:
                continue  # one is the package that the other is in
            parts = result.setdefault(".".join(one[:same]), {})
            parts.setdefault(".".join(one[: same + 1]), set()).add(".".join(other[: same + 1]))
    return result


def cycle(imports: Graph) -> list[str]:
    """Names of which each imports the next, the first and the last the same; empty where there is no such cycle."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as found:
        return list(reversed(found.args[1]))
    return []


@dataclass(frozen=True)
class Layer:
    """A row of the README's table.

    Attributes:
        paths: files and folders of the project, as the table names them.
        what: what lives there (Markdown).
        may: module names that it may import, with all that is in them.
    """

    paths: tuple[str, ...]
    what: str
    may: tuple[str, ...]

    @property
    def modules(self) -> tuple[str, ...]:
        return tuple(module_name(Path(path)) for path in self.paths)

    def holds(self, module: str) -> bool:
        return _within(module, self.modules)

    def allows(self, module: str) -> bool:
        around = any(name.startswith(f"{module}.") for name in self.may)  # the package of a module that is allowed
        return module == EVERYBODY or around or self.holds(module) or _within(module, self.may)


def layers(readme: str) -> list[Layer]:
    """The table under "How it is built", from the top.

    Its last cell names what may be imported, in backticks, `from X down` standing for X's row and all rows below it.
    A name there is short: `ui.core` is `lessonkit.ui.core`.

    Raises:
        ValueError: a cell names what no row holds.
    """
    table = readme.partition("\n## How it is built\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:3] == "| `"]
    paths = [tuple(re.findall(r"`([^`]+)`", row[0])) for row in rows]
    named = [tuple(module_name(Path(path)) for path in row) for row in paths]
    result = []
    for (_, what, may), own in zip(rows, paths, strict=True):
        allowed: list[str] = []
        for down, short in re.findall(r"(from )?`([^`]+)`", may):
            row, name = _row(short, named)
            allowed += [n for names in named[row:] for n in names if n != EVERYBODY] if down else [name]
        result.append(Layer(own, what, tuple(allowed)))
    return result


def _row(short: str, named: list[tuple[str, ...]]) -> tuple[int, str]:
    """The row that holds a module of this short name, the highest if it is a package of several; and its whole name."""
    for name in (f"lessonkit.{short}", short):
        for row, names in enumerate(named):
            if _within(name, names) or any(_within(n, [name]) for n in names if n != EVERYBODY):
                return row, name
    raise ValueError(f"The table of layers says `{short}`, which is in none of its rows.")


def _within(module: str, places: Iterable[str]) -> bool:
    """Whether a module is one of these, or in one. The whole package `lessonkit` holds nothing but itself."""
    return any(module == place or (place != EVERYBODY and module.startswith(f"{place}.")) for place in places)
