"""The app in a browser: how soon a page stands, and what memory its processes hold. `python -m bench.app` alone."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from bench import clock, results
from bench.rows import Limit
from lessonkit import config
from lessonkit.engine import record
from lessonkit.lesson import steps
from tests.browser.clicking import SOON, settled
from tests.browser.serving import FLAGS, ROOT, Server, chromium

LEAN_AFTER = 60  # seconds without work after which the engine starts large workers again; by default, 180
PAGES = (*steps.STEPS, *steps.EXPLORE)


def measure(dataset: str, repeats: int, say: Callable[[str], None]) -> list[Limit]:
    """First page, page changes and memory, on the lesson's runs, which are made first if they are not here."""
    bake(dataset, say)
    first = Limit("first page from a started server", "s", 1.5)
    further = Limit("first page, a further visitor's", "s", 1.5)
    heading = Limit("page change, its data cached: the heading", "s", 0.3)
    whole = Limit("page change, its data cached: all of the page, the median of the pages", "s", 0.3)
    slowest = Limit("page change, its data cached: all of the page, the slowest", "s", 0.3)
    streamlit = Limit("the Streamlit process after all pages, resident", "MB", 300)
    engine = Limit("the idle engine, all its processes, resident", "MB", 1200)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for repeat in range(repeats):
            say(f"repeat {repeat + 1} of {repeats}: the app")
            server = Server(config.home(), LESSONKIT_ENGINE_LEAN=str(LEAN_AFTER))
            try:
                for row in (first, further):
                    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
                    page.set_default_timeout(SOON)
                    begun = time.perf_counter()
                    page.goto(f"{server.url}?dataset={dataset}")
                    _stands(page, PAGES[0].title)
                    row.measured.append(time.perf_counter() - begun)
                    if row is first:
                        page.context.close()
                settled(page)
                _tour(page)  # what each page reads once is read now
                took = _tour(page)
                heading.measured.append(statistics.median(at for at, _ in took.values()))
                whole.measured.append(statistics.median(end for _, end in took.values()))
                worst = max(took, key=lambda title: took[title][1])
                slowest.measured.append(took[worst][1])
                slowest.note = f"“{worst}”"
                page.context.close()
                streamlit.measured.append(_resident(psutil.Process(server.process.pid)))
                engine.measured.append(_idle_engine())
            finally:
                server.close()
        browser.close()
    return [first, further, heading, whole, slowest, streamlit, engine]


def bake(dataset: str, say: Callable[[str], None]) -> None:
    """The lesson's runs, for the pages to show, where they are not done yet."""
    say("the lesson's runs, for the pages to show")
    command = [sys.executable, "-m", "lessonkit", "bake", "--dataset", dataset]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _tour(page: Page) -> dict[str, tuple[float, float]]:
    """Each page by its link in the sidebar: title -> seconds until its heading is drawn, until all of it is."""
    took = {}
    for step in (*PAGES[1:], PAGES[0]):
        link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=step.title, exact=True)
        took[step.title] = clock.click(page, link, step.title, '[data-testid="stMain"] h1')
        settled(page)
    return took


def _stands(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, level=1, exact=True)).to_be_visible()


def _resident(process: psutil.Process) -> float:
    """Megabytes that a process holds."""
    return process.memory_info().rss / 1e6


def _idle_engine() -> float:
    """Megabytes of the engine, once it has started its workers again and they hold what they hold idle."""
    found = record.read()
    if found is None:
        raise RuntimeError("No engine serves this home: it was to have been started by the pages.")
    process = psutil.Process(found.pid)
    time.sleep(LEAN_AFTER + 5)
    before, now = 0.0, math.inf
    while abs(now - before) > 1:
        time.sleep(10)  # importing fastai takes less than this: it cannot begin and end unseen
        before, now = now, sum(map(_resident, (process, *process.children(recursive=True))))
    return now


def main(dataset: str, repeats: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure, print the table, write it to `bench/RESULTS.md`."""
    rows = measure(dataset, repeats, say)
    about = f"{results.machine(f'{os.cpu_count()} cores')}; on {dataset}, in Chromium without a GPU, {repeats} repeats."
    results.write("The app", "\n".join([about, "", *results.limits(rows)]) + "\n")
    return [row.as_dict() for row in rows]


if __name__ == "__main__":
    main("pets", 3, lambda line: print(line, file=sys.stderr, flush=True))
