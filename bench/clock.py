"""How soon a page shows what a click asks for, by the browser's own clock."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

# Looked at before each frame: waiting from outside looks every 0.1 s and less often, and takes the page's own time. A
# WebGL canvas is read once, which waits until it is drawn: it is drawn beside the page's thread.
_CLICKED = """([sign, within]) => {
    const found = (selector) => [...document.querySelectorAll(selector)];
    const main = (selector) => found(`[data-testid="stMain"] ${selector}`);
    const first = () => found(within).some((element) => element.textContent.includes(sign));
    const all = () => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'
        && !main('[data-testid="stSkeleton"], [data-testid="stSpinner"], [data-stale="true"]').length
        && main('[data-testid="stPlotlyChart"]').every((chart) => chart.querySelector('.main-svg'))
        && main('img').every((photo) => photo.complete || photo.loading === 'lazy');
    const finish = () => main('.js-plotly-plot .gl-canvas-context').forEach((canvas) =>
        canvas.getContext('webgl').readPixels(0, 0, 1, 1, 6408, 5121, new Uint8Array(4)));
    window.clicked = new Promise((done) => document.addEventListener('click', (click) => {
        const passed = (now) => (now - click.timeStamp) / 1000;
        let begun;
        const look = (now) => {
            if (begun === undefined && first()) begun = now;
            if (begun === undefined || !all()) requestAnimationFrame(look);
            else { finish(); requestAnimationFrame((then) => done([passed(begun), passed(then)])); }
        };
        requestAnimationFrame(look);
    }, {capture: true, once: true}));
}"""


def click(page: Page, link: Locator, sign: str, within: str) -> tuple[float, float]:
    """Click, and see the page change.

    Args:
        sign: a text by which the new is told from the old, looked for in elements that `within`, a CSS selector, finds.

    Returns:
        Seconds from the click until the frame that shows the sign, and until the first frame after all is drawn: the
        script ended, nothing stale or waiting, each figure there, each photo decoded.
    """
    link.scroll_into_view_if_needed()
    page.evaluate(_CLICKED, [sign, within])
    link.click()
    began, ended = page.evaluate("window.clicked")
    return began, ended
