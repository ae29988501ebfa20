"""What the app's server does beside Streamlit's own: small photos as files, a sentence where a page failed."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from lessonkit import config
from lessonkit.engine import health
from lessonkit.errors import SettingError, error_number
from lessonkit.language import tr, translatable
from lessonkit.serving import worker
from lessonkit.ui.core import cookies, downloads, elements, updates

# Below /app/static/ since `st.image` takes an address there as it stands. A file that it is given it opens, decodes
# and writes again as a JPEG, on each run of a page.
THUMBNAILS = "/app/static/thumbnails"
FOR_EVER = "public, max-age=31536000, immutable"  # a thumbnail's address holds its photos' fingerprint

# What a learner reads, and what stands in the log, where a page failed; the browser tests look for both.
UNFORESEEN = translatable("This page met something that the lesson did not foresee.")
LOGGED = "a page failed"

log = logging.getLogger(__name__)


def routes() -> list[BaseRoute]:
    """What is served beside the pages: the thumbnails, what is taken home, and how the lesson stands."""
    health_route = Route("/health", _health)
    try:
        folder = config.cache_folder() / "thumbs"
    except SettingError:  # said on every page (`frame`): the server starts, so that somebody reads it
        return [health_route, *cookies.ROUTES, *downloads.ROUTES]
    thumbnails = Mount(THUMBNAILS, _Thumbnails(directory=folder, check_dir=False))
    return [thumbnails, health_route, *cookies.ROUTES, *downloads.ROUTES]


def thumbnail_url(small: Path) -> str:
    """The address of a file that `images.thumbnail` made."""
    return f"{THUMBNAILS}/{quote(small.relative_to(config.cache_folder() / 'thumbs').as_posix())}"


class _Thumbnails(StaticFiles):
    """Small photos, which a browser keeps: the next page that shows one asks nothing."""

    async def check_config(self) -> None:
        """The folder may be made later: until then there is no thumbnail in it."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = FOR_EVER
        return response


def _health(_: Request) -> Response:
    """Status 200 where all is well, 503 where somebody should look. No coroutine: Starlette runs it in a thread."""
    me = worker.told()
    found = health.look(worker.answering(me) if me else [True])
    return JSONResponse(asdict(found), 503 if found.problems else 200, {"Cache-Control": "no-store"})


def said(problem: Exception) -> bool:
    """A learner reads a sentence; the traceback stands in the server's log."""
    number = error_number()
    log.error("error %s: %s", number, LOGGED, exc_info=problem)
    if updated := updates.problem():
        elements.error(updated)
        return True
    way_out = tr(
        "Nothing that was trained is lost: reload the page, or go on with another one. To whoever runs the lesson, its log "
        "says more under error {number} ({error}).",
        number=number, error=type(problem).__name__,
    )  # fmt: skip
    st.error(f"**{tr(UNFORESEEN)}** {way_out}", icon=":material/error:")
    return True
