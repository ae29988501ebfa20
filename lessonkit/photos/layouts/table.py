"""A table that lies beside photos, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LIST = ("photo",)
"""The columns of a list of photos."""


@dataclass(frozen=True)
class Table:
    """A small table: its path in the zip, the columns' names, and its rows as text.

    Attributes:
        last: it counts only where nothing else labels the photos (boxes drawn on them).
    """

    path: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    last: bool = False

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]
