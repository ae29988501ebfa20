"""When Python's garbage collector looks for objects that hold each other: now and then, and not through what was imported."""

from __future__ import annotations

import gc
import importlib
import threading
import time

EVERY = 30.0  # seconds: while it looks, for 10 ms alone and 50 to 85 with a class, no page is run


def freeze_imports() -> None:
    """Take what is imported out of what the collector looks through: once, before anybody is here.

    It stays anyway, and looking through it takes a tenth of a second. Done later, it would keep for ever what learners'
    sessions hold just then. Dask is imported with it (0.3 s), which the engine's client would do a moment later.
    """
    importlib.import_module("distributed")
    gc.collect()
    gc.freeze()


def collect_now_and_then() -> None:
    """Have the collector look every EVERY seconds, in a thread, as long as the app runs.

    Streamlit would have it look after each run of a page (`runner.postScriptGC`), which was a third of a page's time. Left
    to itself, Python looks when many objects were made, however large they are: photos would stay for long.
    """
    threading.Thread(target=_collect, name="garbage", daemon=True).start()


def _collect() -> None:
    while True:
        time.sleep(EVERY)
        gc.collect()
