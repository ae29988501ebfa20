"""The bytes to a learner: what a browser receives for its first page with a chart. `python -m bench.first_page`.

A new browser opens the page on a line of 10 Mbit/s, as the files lie, as a class gets them (gzip) and as https does
(Brotli). What thirty need together over one such line follows by arithmetic: it is shared out, not faster.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from bench import results
from bench.app import bake
from lessonkit import config
from tests.browser.clicking import SOON, settled
from tests.browser.serving import FLAGS, Server, chromium

LINE = 10e6  # bits a second
CLASS = 30
PAGE, TITLE = "mistakes", "What it got wrong"
ENCODINGS = {"as they lie": "identity", "gzip": "gzip", "Brotli": "br"}


def look(browser: Browser, url: str, encoding: str) -> tuple[float, float]:
    """(bytes received, seconds until all of the page stands) for a browser that has been nowhere."""
    page = browser.new_context(viewport={"width": 1280, "height": 3000}).new_page()
    page.set_default_timeout(SOON)
    received: list[float] = []
    tools = page.context.new_cdp_session(page)
    tools.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    tools.on("Network.webSocketFrameReceived", lambda e: received.append(len(e["response"]["payloadData"]) * 0.75))
    tools.send("Network.enable")
    tools.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": encoding}})
    line = {"offline": False, "latency": 5, "downloadThroughput": LINE / 8, "uploadThroughput": LINE / 8}
    tools.send("Network.emulateNetworkConditions", line)
    begun = time.perf_counter()
    page.goto(url)
    expect(page.get_by_role("heading", name=TITLE, level=1, exact=True)).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
    settled(page)
    seconds = time.perf_counter() - begun
    page.context.close()
    return sum(received), seconds


def main(dataset: str, repeats: int, say: Callable[[str], None]) -> dict[str, dict[str, list[float]]]:
    """Measure, print the table, write it to `bench/RESULTS.md`."""
    bake(dataset, say)
    found: dict[str, dict[str, list[float]]] = {name: {"bytes": [], "seconds": []} for name in ENCODINGS}
    server = Server(config.home())
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            for repeat in range(repeats + 1):
                for name, encoding in ENCODINGS.items():
                    taken, seconds = look(browser, f"{server.url}/{PAGE}?dataset={dataset}", encoding)
                    if repeat:  # the first fills the server's caches
                        found[name]["bytes"].append(taken)
                        found[name]["seconds"].append(seconds)
                say(f"repeat {repeat} of {repeats}")
            browser.close()
    finally:
        server.close()
    results.write("The bytes to a learner", _text(found, dataset, repeats))
    return found


def _text(found: dict[str, dict[str, list[float]]], dataset: str, repeats: int) -> str:
    rows: list[Any] = [
        f"{results.machine(f'{os.cpu_count()} cores')}; on {dataset}, page “{TITLE}”, in Chromium, a line of 10 Mbit/s, "
        f"{repeats} repeats. By arithmetic: {CLASS} learners over one such line.",
        "",
        "| Streamlit's files | MB received | s until the page stands, one learner | lowest to highest | s, 30 learners, by arithmetic |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, measured in found.items():
        size, seconds = statistics.median(measured["bytes"]), measured["seconds"]
        rows.append(
            f"| {name} | **{size / 1e6:.2f}** | {statistics.median(seconds):.1f} | {min(seconds):.1f} to {max(seconds):.1f} "
            f"| {CLASS * size * 8 / LINE:.0f} |"
        )
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main("pets", 3, lambda line: print(line, file=sys.stderr, flush=True))
