"""Tables and arrays that lie on the disk, checked as they are read: somebody may have changed them by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api import types

from lessonkit.json_files import damaged
from lessonkit.language import tr, translatable

TEXT, NUMBER, TRUTH = "text", "number", "true or false"
_NOT = {
    TEXT: translatable("its column “{column}” is not text"),
    NUMBER: translatable("its column “{column}” is not number"),
    TRUTH: translatable("its column “{column}” is not true or false"),
}
_IS: Mapping[str, Callable[[pd.Series], bool]] = {
    TEXT: types.is_string_dtype, NUMBER: types.is_numeric_dtype, TRUTH: types.is_bool_dtype,
}  # fmt: skip


def read_table(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """The table in a parquet file.

    Args:
        columns: that it must have, and what each holds: TEXT, NUMBER or TRUTH.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: it is no such table.
    """
    try:
        frame = pd.read_parquet(path)
    except FileNotFoundError:
        raise
    except Exception as problem:  # pyarrow raises errors of many kinds over what is no parquet
        raise damaged(path, (str(problem).splitlines() or [type(problem).__name__])[0][:200]) from problem
    for column, kind in columns.items():
        if column not in frame or not _IS[kind](frame[column]) or frame[column].isna().any() and kind != NUMBER:
            raise damaged(path, tr(_NOT[kind], column=column))
    return frame


def read_array(path: Path, shape: tuple[int | None, ...], in_memory: bool = False) -> np.ndarray:
    """The real numbers in a .npy file, read from the disk as they are needed.

    Args:
        shape: that it must have; None for a side of any length.
        in_memory: read it all at once.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: it is no such array.
    """
    try:
        array = np.load(path, mmap_mode=None if in_memory else "r")
    except FileNotFoundError:
        raise
    except (ValueError, EOFError, SyntaxError, TypeError) as problem:  # numpy's, over what is no array
        raise damaged(path, str(problem)[:200]) from problem
    fits = len(array.shape) == len(shape) and all(want in (None, n) for n, want in zip(array.shape, shape, strict=True))
    if not fits or array.dtype.kind != "f":
        raise damaged(path, tr("it holds {numbers} of shape {shape}", numbers=str(array.dtype), shape=str(array.shape)))
    return array
