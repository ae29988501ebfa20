"""What the browser tests share: looking at a page, waiting for it, clicking on figures."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from lessonkit.ui.core.routes import UNFORESEEN

SHOTS = Path(__file__).parents[2] / "test-results"
CROWDED = Path(__file__).with_name("crowded.js").read_text().strip().rstrip(";")
SOON, A_RUN = 90_000, 300_000  # milliseconds; long, for a machine that does much else


def shot(page: Page, name: str, at: Locator | None = None) -> None:
    """The whole page, as a learner could scroll it; and a window of it, a frame of the README's film (`pictures`).

    Args:
        at: what stands at the top of that window; else it is the top of the page.
    """
    (SHOTS / "frames").mkdir(parents=True, exist_ok=True)
    settled(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    if at is not None:
        at.evaluate("element => { element.style.scrollMarginTop = '5rem'; element.scrollIntoView({block: 'start'}) }")
    page.screenshot(path=SHOTS / "frames" / f"{name}.png")
    height = page.locator('[data-testid="stMainBlockContainer"]').bounding_box()["height"]
    page.set_viewport_size({"width": 1280, "height": max(900, int(height) + 80)})
    page.screenshot(path=SHOTS / f"{name}.png")
    page.set_viewport_size({"width": 1280, "height": 900})


def settled(page: Page) -> None:
    """Wait until the script behind the page has ended and nothing is skeleton or spinner any more."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(page.locator('[data-testid="stSpinner"], [data-testid="stSkeleton"]')).to_have_count(0)


def loaded(photos: Locator) -> None:
    """Wait until each of these photos has come, and is one that the browser can show."""
    expect(photos.first).to_be_attached()
    for photo in photos.all():
        expect(photo).not_to_have_js_property("naturalWidth", 0)
        expect(photo).to_have_js_property("complete", True)


def at_rest(page: Page) -> None:
    """Wait until nothing that is still to come moves what is there: letters of the page's own, photos, curves."""
    settled(page)
    page.wait_for_function(
        """() => document.fonts.status === "loaded"
            && [...document.images].every((photo) => photo.complete || photo.loading === "lazy")
            && [...document.querySelectorAll(".js-plotly-plot")].every((plot) => plot.querySelector(".main-svg"))"""
    )


def no_errors(page: Page) -> None:
    """The page has run to its end, and neither the app's handler of errors nor Streamlit's own has said anything."""
    settled(page)
    said = page.get_by_text(UNFORESEEN).or_(page.get_by_test_id("stException")).all_inner_texts()
    assert not said, "\n".join(said)


def fits(page: Page) -> None:
    """Nothing on the page is cut off, lies on another thing, or scrolls sideways unseen."""
    at_rest(page)
    crowded = page.evaluate(CROWDED)
    assert not crowded, "\n".join([page.url, *crowded])


def click_a_mistake(page: Page, key: str) -> None:
    """Click a cell off the diagonal that counts a photo; the markers over the cells are what plotly reports clicks on."""
    matrix = page.locator(f".st-key-{key}")
    at_rest(page)
    matrix.scroll_into_view_if_needed()
    expect(matrix.locator(".scatterlayer .point").first).to_be_attached()
    place = matrix.evaluate(
        """(root) => {
            const plot = root.querySelector('.js-plotly-plot');
            const trace = plot.data[plot.data.length - 1];
            const heatmaps = plot.calcdata.map((c) => c[0]).filter((c) => c.trace.type === 'heatmap');
            const cells = heatmaps.flatMap((c) => [...c.z].flatMap(
                (row, i) => [...row].map((photos, j) => ({i, j, photos, n: row.length}))));
            const mistake = cells.find((c) => c.photos > 0 && c.i !== c.j);
            const at = mistake.i * mistake.n + mistake.j;
            const box = plot.querySelectorAll('.scatterlayer .point')[at].getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }"""
    )
    page.mouse.click(*place)


def click_a_point(page: Page, key: str, group: str) -> str:
    """Click the point of a scatter's group that lies farthest from all others; returns the photo that it stands for."""
    figure = page.locator(f".st-key-{key}")
    at_rest(page)
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".scatterlayer .point").first).to_be_visible()
    photo, x, y = figure.evaluate(
        """(root, group) => {
            const plot = root.querySelector('.js-plotly-plot');
            const axes = plot._fullLayout, box = plot.getBoundingClientRect();
            const points = plot.calcdata.flatMap((c) => c[0].trace.customdata ? [...c].map((p, i) => ({
                group: c[0].trace.name, photo: c[0].trace.customdata[i][0],
                x: axes.xaxis.d2p(p.x), y: axes.yaxis.d2p(p.y)})) : []);
            const alone = (p) => Math.min(...points.filter((q) => q !== p).map((q) => Math.hypot(p.x - q.x, p.y - q.y)));
            const found = points.filter((p) => p.group === group).sort((p, q) => alone(q) - alone(p))[0];
            return [found.photo, box.x + axes._size.l + found.x, box.y + axes._size.t + found.y];
        }""",
        group,
    )
    page.mouse.click(x, y)
    return photo
