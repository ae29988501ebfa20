"""Writes `docs/architecture.md` from the files themselves: `python -m docs.architecture`.

It holds a graph of the layers (the README's table says which there are, the imports which of them use which) and a table
of all files with the first sentence of each.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from docs.imports import EVERYBODY, ROOT, Graph, Layer, files, graph, layers

COMMAND = "python -m docs.architecture"
PAGE = ROOT / "docs" / "architecture.md"
OPENING = f"""# Architecture

Written by `{COMMAND}` from the imports and the docstrings: change those, not this file. What each layer may
import is in the [README](../README.md#how-it-is-built).

An arrow leads from a layer to one that it imports; a dotted one, where it does so only later, within a function or by
a name in a string. Where a longer way leads to the same layer, the direct arrow is left out.
"""


def text(root: Path = ROOT) -> str:
    """The whole page, in Markdown."""
    found = files(root)
    rows = layers((root / "README.md").read_text(encoding="utf-8"))
    at_once, ever = between(rows, graph(found, at_once=True)), between(rows, graph(found))
    later = {name: without_shortcuts(ever)[name] - at_once[name] for name in ever}
    parts = [OPENING, _drawing(without_shortcuts(at_once), later, rows)]
    for layer in rows:
        own = {name: path for name, path in found.items() if layer.holds(name)}
        heading = ", ".join(f"`{path}`" for path in layer.paths)
        parts.append(f"## {heading}\n\n{layer.what[0].upper()}{layer.what[1:]}.\n\n{_table(own, root)}")
    return "\n".join(parts)


def between(rows: list[Layer], imports: Graph) -> Graph:
    """Which layer imports which other, each by its first module; the one that everybody reads left out."""
    of = {name: layer.modules[0] for layer in rows for name in imports if layer.holds(name)}
    result: Graph = {layer.modules[0]: set() for layer in rows if EVERYBODY not in layer.modules}
    for name, targets in imports.items():
        if name in of and of[name] in result:
            result[of[name]] |= {of[t] for t in targets if t in of} - {of[name], EVERYBODY}
    return result


def without_shortcuts(imports: Graph) -> Graph:
    """The same graph without the arrows that a longer way leads along too. It holds no cycle."""

    def reached(name: str) -> set[str]:
        return imports[name].union(*(reached(target) for target in imports[name]))

    return {
        name: {t for t in targets if not any(t in reached(other) for other in targets - {t})}
        for name, targets in imports.items()
    }


def _drawing(at_once: Graph, later: Graph, rows: list[Layer]) -> str:
    """A graph that GitHub and most editors draw (Mermaid)."""
    place = {layer.modules[0]: n for n, layer in enumerate(rows)}
    labels = [f'    n{place[name]}["{rows[place[name]].paths[0]}"]' for name in at_once]
    arrows = [
        f"    n{place[name]} {arrow} n{place[target]}"
        for imports, arrow in ((at_once, "-->"), (later, "-.->"))
        for name, targets in imports.items()
        for target in sorted(targets, key=place.__getitem__)
    ]
    return "\n".join(["```mermaid", "graph TD", *labels, *arrows, "```", ""])


def _table(own: Mapping[str, Path], root: Path) -> str:
    lines = ["| file | what lives in it |", "| --- | --- |"]
    for path in sorted(own.values(), key=lambda p: (p.parent, p.name != "__init__.py", p.name)):
        name = path.relative_to(root).as_posix()
        lines.append(f"| [`{name}`](../{name}) | {first_sentence(path)} |")
    return "\n".join(lines) + "\n"


def first_sentence(path: Path) -> str:
    """Of the file's docstring, as a cell of a table."""
    said = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0].split())
    sentence = re.match(r".*?[.!?](?=\s|$)", said)
    return (sentence.group() if sentence else said).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8", newline="\n")
    print(f"{PAGE.relative_to(ROOT)} is written.")
