"""For a room: the address under which others join, as a QR code to be projected, and how many are here."""

from __future__ import annotations

import functools
import time
from html import escape
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st
from streamlit import runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from lessonkit import config
from lessonkit.classroom import learners
from lessonkit.language import tr, trn
from lessonkit.lesson import steps
from lessonkit.ui.core import addresses, hosts, state, who

COUNT_SECONDS = 2.0
ALONE = ".stApp :is([data-testid=stSidebar], .stAppHeader) { display: none; }"  # more exact than Streamlit's own rules
WALL = (
    f"{ALONE} .stMainBlockContainer {{ max-width: 100%; padding: 3rem 2rem 1rem; }}"
    ".st-key-on_the_wall [role=radiogroup] { flex-wrap: wrap; }"
    "html:root { font-size: clamp(16px, 1.3vw, 40px) !important; }"  # all its letters, for the back row
)
SHARED = ("dataset", "run")  # what a class begins with: the teacher's photos and run


def join() -> None:
    """A button that shows the way in; nothing where the lesson serves this machine alone."""
    if (
        who.in_class()
        and who.entered()
        and not who.me().looks
        and st.button(tr("Join the class"), icon=":material/qr_code_2:", width="stretch", key="join")
    ):
        _way_in()


def _way_in() -> None:
    st.dialog(tr("Join the class"), width="large")(_shown)(state.page())


def on_the_wall() -> None:
    """The way in, as large as the screen is, with how many are here while it is open."""
    _shown(who.controls_now().step, "wall")


def _shown(page: str, place: str = "dialog") -> None:
    """The QR code beside the address, both as large as fits, then who is here.

    Args:
        page: that the address leads to; "" for the first one.
        place: tells the widgets of one place from those of another.
    """
    now = who.controls_now()
    code = now.code if now.asks_code else ""
    choices = {who.CODE: code, **{key: state.get(key) for key in SHARED}}
    page = "" if page in (steps.STEPS[0].page, *(step.page for step in steps.CLASS)) else page
    found = links(st.context.url or "", hosts.port(), choices, page)
    if not found:
        st.info(tr("This machine is in no network, so nobody can join from another one."), icon=":material/wifi_off:")
        return
    address = found[0]
    if len(found) > 1 and place == "dialog":
        address = st.selectbox(
            tr("This machine has several addresses. If one does not open on a phone, choose another."),
            found,
            format_func=lambda link: urlsplit(link).netloc,
            key="join_address",
        )
    with st.container(key=f"way_in_{place}"):
        st.image(qr_code(address), width="stretch", alt=tr("QR code of {address}", address=address))
        # What is typed on a phone: the address alone. The QR code leads to the page, the photos and the run besides.
        st.html(f'<p class="address">{escape(urlsplit(address).netloc)}</p>')
        if code:
            strong = f"<strong>{code}</strong>"
            st.html('<p class="code">' + tr("Code {code}", code=strong) + "</p>")
        st.fragment(_count, run_every=COUNT_SECONDS)()
    st.caption(
        tr(
            "Everyone needs the same network as this machine. A camera works only on this machine itself: browsers give one to "
            "no page that comes over plain http. A phone's button for files opens its camera all the same."
        )
    )


def _count() -> None:
    here = len(learners.here(who.controls_now().period))
    if here:
        st.markdown(trn("**{n}** learner is here.", "**{n}** learners are here.", here))
    else:
        st.markdown(tr("No learner is here yet."))


def links(seen: str, port: int, choices: dict[str, str], page: str = "") -> list[str]:
    """The addresses that another machine of this network may open, the most likely first, with the teacher's choices.

    Args:
        seen: the address under which the teacher's own browser sees the lesson; "" when not known. Where that is not this
            machine's loopback it comes first: it works already.
        port: that the lesson serves.
        choices: for the URL's query; empty ones are left out.
        page: that they lead to, by its address; "" for the first one.

    Returns:
        [] where this machine has no address but its own loopback.
    """
    parts = urlsplit(seen)
    starts = [f"http://{address}:{port}" for address in addresses.reachable()]
    if parts.hostname and not config.is_loopback(parts.hostname):
        starts.insert(0, f"{parts.scheme}://{parts.netloc}")
    query = urlencode({key: value for key, value in choices.items() if value})
    return [f"{start}/{page}?{query}" if query else f"{start}/{page}" for start in dict.fromkeys(starts)]


def camera_given() -> bool:
    """Whether this learner's browser gives a page a camera: only over https, and on the machine itself."""
    seen = urlsplit(st.context.url or "")
    return seen.scheme != "http" or config.is_loopback(seen.hostname or "")


def link(seen: str, port: int, choices: dict[str, str]) -> str | None:
    """The most likely of `links`; None where there is none."""
    return next(iter(links(seen, port, choices)), None)


@st.cache_data(show_spinner=False, max_entries=8)
def qr_code(address: str) -> str:
    """The address as a QR code: an SVG, dark on white whatever the page's theme, with the margin that readers need."""
    return segno.make(address, error="m", micro=False).svg_inline(scale=8, border=4, light="#ffffff")


@functools.lru_cache(maxsize=1)
def _here(period: str, moment: int) -> int:
    """How many are here, counted once in COUNT_SECONDS for all pages: it looks at a file of each learner."""
    return len(learners.here(period))


def joined() -> int:
    """How many pages look at what goes on: of a class, its learners who are here, and the teacher's two pages.

    Without a class, the pages connected to this lesson; 1 where no server runs (in tests). A browser keeps the connection
    of a page that was left, so there would be more of those than people.
    """
    if who.in_class():
        return _here(who.controls_now().period, int(time.monotonic() / COUNT_SECONDS)) + 2
    if not runtime.exists():
        return 1
    found = runtime.get_instance().stats_mgr.get_stats(family_names=[ACTIVE_SESSIONS_FAMILY])
    return sum(stat.value for stats in found.values() for stat in stats if isinstance(stat, GaugeStat))
