"""Files to take home, handed out by a route of the app's own: streamed from the disk, however large.

Streamlit's own download button holds a file in memory for as long as the session shows it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from lessonkit.takehome import files

PLACE = "taken"
GONE = "This file has been cleared away. Go back to the page “Take it home” and make it again."


def url(name: str) -> str:
    """The address of a file of `takehome.files`, seen from any of the app's pages."""
    return f"{PLACE}/{name}"


async def _send(request: Request) -> Response:
    name = request.path_params["name"]
    found = files.find(name)
    if found is None:
        return PlainTextResponse(GONE, 404)
    return FileResponse(found, filename=files.download_name(name), headers={"X-Content-Type-Options": "nosniff"})


ROUTES = [Route(f"/{PLACE}/{{name}}", _send)]
