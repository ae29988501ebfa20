"""RESULTS.md: its tables, and its parts, each replaced by the run that makes it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.rows import Limit, Row

RESULTS = Path(__file__).with_name("RESULTS.md")
OPENING = """# Results

Made by `make bench`, “Full size” by `python -m bench.full_size`, “A class” by `python -m bench.classroom`, “Untidy
people” by `python -m bench.untidy`, “The bytes to a learner” by `python -m bench.first_page`, “A cluster” and
“A school” by `python -m bench.cluster`, “The app” also by `python -m bench.app` alone; a run replaces its part.
"""


def machine(device: str) -> str:
    """The machine and the versions that were measured."""
    versions = ", ".join(f"{package} {version(package)}" for package in ("torch", "fastai", "streamlit"))
    return f"{device}, {platform.system()} {platform.machine()}; Python {platform.python_version()}, {versions}"


def ratios(rows: Sequence[Row]) -> list[str]:
    """Lines of a Markdown table."""
    return [
        "| what | ratio | lowest to highest | reach | seconds (medians) | error rates (means) |",
        "| --- | --- | --- | --- | --- | --- |",
        *(row.line() for row in rows),
    ]


def limits(rows: Sequence[Limit]) -> list[str]:
    """Lines of a Markdown table."""
    return [
        "| what | median | lowest to highest | at most |",
        "| --- | --- | --- | --- |",
        *(row.line() for row in rows),
    ]


def write(part: str, text: str) -> None:
    """Print a part and put it into RESULTS.md, in the place of what stood there under that heading."""
    print(f"## {part}\n\n{text}", flush=True)
    parts = (RESULTS.read_text() if RESULTS.is_file() else OPENING).split("\n## ")[1:]
    headings = [p.split("\n", 1)[0] for p in parts]
    new = f"{part}\n\n{text}"
    parts = [new if heading == part else p for heading, p in zip(headings, parts, strict=True)]
    if part not in headings:
        parts.append(new)
    RESULTS.write_text("\n".join([OPENING, *(f"## {p.strip()}\n" for p in parts)]))
