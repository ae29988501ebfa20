"""What Streamlit does that many people on one server feel, mended: once, before anybody is here."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import plotly.io
from streamlit import type_util
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state.common import is_element_id
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import _is_internal_key
from streamlit.watcher.local_sources_watcher import LocalSourcesWatcher

from lessonkit.ui.core import elements, message_batches


def mend() -> None:
    """Put the mends below in."""
    look_for_no_changes()
    finish_pages()
    share_a_loop()
    say_the_theme_once()
    know_parameters()
    write_once()
    look_up_one_value()
    message_batches.send_in_batches()


def look_for_no_changes() -> None:
    """Have no session look for the files of all that is imported, and of all pages.

    Streamlit does so for each session that comes back from a lost connection, on its event loop, for a tenth of a second in
    which nobody's page is sent; with `server.fileWatcherType = "none"` it then does nothing with what it found.
    """
    LocalSourcesWatcher.update_watched_modules = lambda self: None  # type: ignore[method-assign]
    LocalSourcesWatcher.update_watched_pages = lambda self: None  # type: ignore[method-assign]


def finish_pages() -> None:
    """Have a part of a page that runs by itself wait until all of the page was sent.

    Where a timer's request comes after a page has run, but before a busy event loop has sent all of it, Streamlit begins
    another run and drops what was not sent: the rest of the page never comes, and it counts as running for ever.
    """
    request = AppSession.request_rerun

    def in_order(self: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None and client_state.fragment_id and _unsent(self):
            self._call_soon_on_event_loop(lambda: request(self, client_state))  # what is unsent lies before it
        else:
            request(self, client_state)

    AppSession.request_rerun = in_order  # type: ignore[method-assign]


def share_a_loop() -> None:
    """Have all sessions share one event loop for asyncio in pages, which no page of the lesson uses.

    Streamlit makes one for each session: three open files, kept as long as the session, an hour after its browser has gone.
    A process may have 1,024 open, or 256: after some hundred reloads by a class nobody could open a page any more.
    """
    init = AppSession.__init__
    shared = _SharedLoop()

    def with_shared(self: AppSession, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self._script_event_loop.close()
        self._script_event_loop = shared

    AppSession.__init__ = with_shared  # type: ignore[method-assign]


def say_the_theme_once() -> None:
    """Have the theme's settings put into a message once, and copied from there into the first message of each run.

    Streamlit asks for some two hundred settings each time, on its event loop. They do not change while the app runs.
    """
    populate = app_session._populate_theme_msg
    made: dict[str, CustomThemeConfig] = {}

    def copied(msg: CustomThemeConfig, section: str = "theme") -> None:
        if section not in made:
            made[section] = CustomThemeConfig()
            populate(made[section], section)
        if made[section].ListFields():  # else it stays unset, as Streamlit leaves it
            msg.MergeFrom(made[section])

    app_session._populate_theme_msg = copied


def know_parameters() -> None:
    """Have Streamlit look once at which parameters a cached function has, not at each call: it took longer than the rest."""
    type_util.get_func_parameters = functools.lru_cache(maxsize=512)(type_util.get_func_parameters)


def write_once() -> None:
    """Have a figure that is kept for all learners written as JSON once, not for each who sees it."""
    write = plotly.io.to_json

    def written(fig: Any, *args: Any, **how: Any) -> str:
        if not isinstance(fig, elements.Made):
            return write(fig, *args, **how)
        if not fig.json:
            fig.json = write(fig, *args, **how)
        return fig.json

    plotly.io.to_json = written


def look_up_one_value() -> None:
    """Have a box that looks for its own value not put together all that the session holds, as Streamlit has each do."""
    whole = SafeSessionState.filtered_state.fget
    assert whole is not None
    SafeSessionState.filtered_state = property(lambda self: _Filtered(self, whole))  # type: ignore[assignment]


class _Filtered(Mapping[str, Any]):
    """What pages may see of a session's state: a value by its key is looked up alone, anything else in the whole of it."""

    def __init__(self, state: SafeSessionState, whole: Callable[[SafeSessionState], dict[str, Any]]):
        self._state, self._whole = state, whole

    def __getitem__(self, key: str) -> Any:
        if is_element_id(key) or _is_internal_key(key):
            return self._whole(self._state)[key]
        with self._state._lock:
            return self._state._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole(self._state))

    def __len__(self) -> int:
        return len(self._whole(self._state))

    def __repr__(self) -> str:
        return repr(self._whole(self._state))


class _SharedLoop(asyncio.SelectorEventLoop):
    """Outlives each session, which would close its own."""

    def close(self) -> None:
        pass


def _unsent(session: AppSession) -> bool:
    """Whether the session's run is over, but not all that it sent has gone through the event loop yet."""
    runner = (
        session._scriptrunner
    )  # until the loop has sent its last message, whatever the session's state says by then
    return runner is not None and runner._requests._state == ScriptRequestType.STOP
