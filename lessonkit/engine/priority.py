"""Loaded into each training worker (Dask's `preload`): pages and the browser go before training.

On a laptop with two cores training takes both. A page that waits for its turn is felt at once, a run that waits for a
page is not.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import psutil

NICE = 10  # of 19


def dask_setup(worker: Any) -> None:
    """Lower this process's priority; called in the thread from which all others are begun, which take it over."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(NICE)
