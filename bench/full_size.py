"""The explorer at 37 breeds and 7,390 photos: `python -m bench.full_size`; its part of RESULTS.md is replaced.

The photos are those of `pets` that are on this machine, repeated under other names to the size of the whole dataset, in
a home of their own. All that is timed is done by the product: its engine answers, its pages show.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench import clock, results
from bench.repeated import DATASET, PHOTOS, repeat_archive
from bench.rows import Limit
from lessonkit import config
from lessonkit.analysis import embeddings, predictions
from lessonkit.engine.client import Engine
from lessonkit.lesson import steps
from lessonkit.lesson.defaults import default_specs
from lessonkit.photos import catalog
from tests.browser.clicking import SOON, settled
from tests.browser.serving import FLAGS, ROOT, Server, chromium

ASKED = 12  # photos
PAGES = ("data", "one_size", "mistakes", "explorer", "clean")


def measure(say: Callable[[str], None]) -> list[Limit]:
    """Train the frozen run on the repeated photos, then ask the explorer's questions of it and open its pages."""
    catalog.obtain(DATASET)
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        say(f"{repeat_archive(top)} photos written")
        os.environ |= {"LESSONKIT_HOME": str(top / "home"), "LESSONKIT_MIRROR": folder}
        subprocess.run([sys.executable, "-m", "lessonkit", "data", DATASET], cwd=ROOT, check=True, stdout=sys.stderr)
        server = Server(config.home())
        try:
            return _ask(say) + _open(server, say)
        finally:
            server.close()


def _ask(say: Callable[[str], None]) -> list[Limit]:
    engine = Engine()
    spec = default_specs(catalog.resolve(DATASET), engine.device()["kind"])["frozen"]
    made = Limit("the frozen run, from the photos' files: decoding, activations and all", "s", None)
    run = engine.submit(spec)
    made.measured.append(_seconds(lambda: _until(lambda: run.status().ended)))
    say(run.status().state + " " + run.status().sentence)
    working = Limit("the features of all photos and their map", "s", None)
    job = engine.start_job("features", run.id, run.id)
    working.measured.append(_seconds(lambda: _until(lambda: job.now().ended)))
    say(job.now().state + " " + job.now().sentence)
    photos = predictions.read(run)["photo"].iloc[:ASKED].tolist()
    near = Limit(f"the nearest of {embeddings.load(run.id).train:,} training photos", "s", 0.1)
    first = Limit("Grad-CAM of a photo for two breeds, the first asked for", "s", 2)
    later = Limit("Grad-CAM of a photo for two breeds, later ones", "s", 2)
    look = Limit("everything of one photo of one's own: breeds, Grad-CAM, nearest, familiar", "s", 2)
    for number, photo in enumerate(photos):
        near.measured.append(_seconds(lambda photo=photo: embeddings.nearest(run.id, photo)))
        took = _seconds(lambda photo=photo: engine.call("heatmaps", run.id, photo, run.vocab()[:2]))
        (later if number else first).measured.append(took)
        data = catalog.resolve(DATASET).path(photo).read_bytes()
        look.measured.append(
            _seconds(lambda photo=photo, data=data: engine.call("answer_with_neighbours", run.id, photo, data))
        )
    engine.close()
    return [made, working, near, first, later, look]


def _open(server: Server, say: Callable[[str], None]) -> list[Limit]:
    """Each page by its link, its data read before; then the clicks within the explorer."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(SOON)
        page.goto(f"{server.url}?dataset={DATASET}")
        settled(page)
        for name in PAGES:
            row = Limit(f"page “{steps.step(name).title}”, all of it", "s", 0.5)
            for _ in range(4):
                _go(page, "recap")
                row.measured.append(_go(page, name))
            row.measured.pop(0)
            found.append(row)
            say(row.line())
        _go(page, "explorer")
        for tab, figure in (("Most confused", "explorer_pairs"), ("Map of all photos", "photo_map")):
            row = Limit(f"the explorer's tab “{tab}”", "s", 0.5)
            for _ in range(4):
                page.get_by_role("tab", name="Breeds").click()
                settled(page)
                took = clock.click(page, page.get_by_role("tab", name=tab), "", f".st-key-{figure}")
                row.measured.append(took[1])
                settled(page)
            row.measured.pop(0)
            found.append(row)
            say(row.line())
        browser.close()
    return found


def _go(page: Page, name: str) -> float:
    """A page by its link, until all of it is drawn: seconds."""
    title = steps.step(name).title
    link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True)
    took = clock.click(page, link, title, '[data-testid="stMain"] h1')
    settled(page)
    return took[1]


def _until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.05)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    limits = measure(lambda line: print(line, file=sys.stderr, flush=True))
    about = (
        f"{results.machine(f'{os.cpu_count()} cores')}; {PHOTOS:,} photos of 37 breeds: those of `{DATASET}`, repeated."
    )
    results.write("Full size", "\n".join([about, "", *results.limits(limits)]) + "\n")


if __name__ == "__main__":
    main()
