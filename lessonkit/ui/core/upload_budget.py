"""How much may be sent at a time: Streamlit holds what is uploaded in memory, and knows no limit but that of one file."""

from __future__ import annotations

import contextlib
import functools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lessonkit import config
from lessonkit.errors import LessonError, SettingError
from lessonkit.photos.uploads import EACH
from lessonkit.serving import worker
from lessonkit.serving.held import Held
from lessonkit.storage import MIB

_UPLOAD = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")
GONE_SECONDS = 120.0  # a phone whose camera was in front comes back sooner
LOOK_SECONDS = 15.0
NOTE_SECONDS = 2.0  # between two looks at what this process holds, for the others to know
_TOO_MUCH = "Too much is being uploaded just now. Wait a moment, then try again."
_coming: Counter[str] = Counter()  # bytes on their way, by session
_USUAL = 2000 * MIB  # where the setting cannot be used, which every page says


def held() -> Counter[str]:
    """Bytes that Streamlit holds of uploads, by session."""
    manager = _manager()
    if manager is None:
        return Counter()
    stored: dict[str, dict[str, Any]] = getattr(manager, "file_storage")  # noqa: B009
    return Counter({session: sum(len(f.data) for f in list(files.values())) for session, files in list(stored.items())})


def drop_mine() -> None:
    """Drop what the session of this page has uploaded: Streamlit would hold it until the session ends."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)


class Gone:
    """Which uploads belong to somebody who has been gone for GONE_SECONDS. Their other choices are kept for longer.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._since: dict[str, float] = {}

    def look(self, holding: Collection[str], here: Collection[str]) -> list[str]:
        """The sessions to drop of those that hold uploads, where so many are connected."""
        now = self._clock()
        self._since = {session: self._since.get(session, now) for session in holding if session not in here}
        return [session for session, since in self._since.items() if now - since >= GONE_SECONDS]


def watch() -> None:
    """Drop the uploads of whoever is gone, as long as the app runs, in a thread of its own.

    Where several processes serve pages another thread notes what this one holds, for the others to know.
    """
    threading.Thread(target=_watch, args=(Gone(),), name="uploads of those gone", daemon=True).start()
    if together := shared():
        threading.Thread(target=_note, args=(together,), name="uploads held here", daemon=True).start()


@functools.cache
def shared() -> Held | None:
    """What all processes hold together, where several serve pages."""
    me = worker.told()
    return Held(me, lambda: held().total() + sum(_coming.values())) if me else None


def _note(together: Held) -> None:
    while True:
        time.sleep(NOTE_SECONDS)
        with contextlib.suppress(OSError, LessonError):  # said where somebody uploads
            together.note()


def _watch(gone: Gone) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        manager = _manager()
        sessions: Any = getattr(runtime.get_instance(), "_session_mgr", None) if manager else None
        if sessions is None:  # the server is starting still
            continue
        here = {info.session.id for info in sessions.list_active_sessions()}
        for session in gone.look(list(held()), here):
            manager.remove_session_files(session)


def _manager() -> Any:
    """What holds Streamlit's uploads; None where no server runs, or it is starting still."""
    return getattr(runtime.get_instance(), "_uploaded_file_mgr", None) if runtime.exists() else None


class UploadBudget:
    """ASGI middleware: refuses an upload for which there is no room, before it is read.

    Of one session there is room for EACH, of all together for what `LESSONKIT_UPLOADS` says, and what is on its way
    counts as if it were here.

    Args:
        held: bytes that are here, by session.
        together: what all processes hold, where several serve pages; None: as `shared` says.
    """

    def __init__(self, app: ASGIApp, held: Callable[[], Counter[str]] = held, together: Held | None = None):
        self.app = app
        self.held = held
        self.together = together or shared()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload = _UPLOAD.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if upload is None:
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if not said.isascii() or not said.isdigit():  # every browser says how much it sends
            await PlainTextResponse("How large the upload is must be said.\n", 411)(scope, receive, send)
            return
        session, size = upload[1], int(said[:18])
        if problem := self._problem(session, size):
            await PlainTextResponse(f"{problem}\n", 413)(scope, receive, send)
            return
        _coming[session] += size
        try:
            if self.together and not await run_in_threadpool(self.together.fits, _most()):
                await PlainTextResponse(f"{_TOO_MUCH}\n", 413)(scope, receive, send)
                return
            await self.app(scope, receive, send)
        finally:
            _coming[session] -= size
            if not _coming[session]:
                del _coming[session]

    def _problem(self, session: str, size: int) -> str:
        here = self.held() + _coming
        if here[session] + size > EACH:
            return f"One learner's uploads may take {EACH // MIB:,} MB at a time."
        if here.total() + size > _most():
            return _TOO_MUCH
        return ""


def _most() -> int:
    try:
        return config.uploads()
    except SettingError:
        return _USUAL
