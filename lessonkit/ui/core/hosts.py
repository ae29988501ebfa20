"""Lets in only who opened the lesson under a name of its own, in a page of its own: before Streamlit sees the request.

A page of somebody else, open in a learner's browser, can ask any server that this browser reaches, this machine's own
too. It comes with its Origin; or, once its name was made to lead here (DNS rebinding), with its name as the Host. Streamlit
would answer the second, and for the first ask a server on the internet, on its event loop, which address it has itself.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import time
from collections.abc import Callable, Collection

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lessonkit import config
from lessonkit.errors import SettingError
from lessonkit.serving import worker

REFUSED = 1008  # a websocket's close code for what is against the rules
SAY_AGAIN = 60.0  # seconds until the log says once more that somebody was refused
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s\[\]:@/\\?#,]+)(?::([0-9]{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([^\s/\\?#]+)")
_PORTS = {"http": "80", "https": "443"}

log = logging.getLogger(__name__)


class ExpectedHosts:
    """ASGI middleware: closes websockets and refuses requests whose Host or Origin is not this lesson's.

    Args:
        others: whether other machines are served; None: as the server's settings say.
        names: under which it is served besides; None: as `LESSONKIT_HOSTS` says.
    """

    def __init__(self, app: ASGIApp, others: bool | None = None, names: Collection[str] | None = None):
        self.app = app
        self.others = serves_others() if others is None else others
        self.names = frozenset(_setting() if names is None else names)
        self.own = frozenset(own_names()) if self.others else frozenset({"localhost"})
        self._said = -SAY_AGAIN

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        problem = self.problem(scope)
        if not problem:
            await self.app(_as_same(scope), receive, send)
            return
        if time.monotonic() - self._said > SAY_AGAIN:  # whoever asks on and on does not fill the log
            self._said = time.monotonic()
            log.warning("refused: %s", problem)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": REFUSED, "reason": ""})
        else:
            await PlainTextResponse(f"{problem}\n", 403, {"X-Content-Type-Options": "nosniff"})(scope, receive, send)

    def problem(self, scope: Scope) -> str:
        """Why this request is refused, for whoever opened the page; "" for one that is let in."""
        hosts, origins = (
            [value.decode("latin-1").strip() for name, value in scope["headers"] if name == wanted]
            for wanted in (b"host", b"origin")
        )
        host = _parsed(hosts[0]) if len(hosts) == 1 else None
        if host is None or not self.expects(host[0]):
            return (
                f"The lesson is not served under the name {_shown(hosts)}. Open it by the address that it said when it "
                "started, or have whoever runs it add this name to LESSONKIT_HOSTS."
            )
        if len(origins) > 1 or (origins and not self._same(host, origins[0])):
            return (
                f"This was asked by a page of another origin, {_shown(origins)}. Where that is the lesson's own address, "
                "have whoever runs it add its name to LESSONKIT_HOSTS."
            )
        return ""

    def expects(self, name: str) -> bool:
        """Whether the lesson may be asked for under this name or number.

        No page's name leads a browser to a Host that is a number: where others are served, any number will do, since
        one behind a router or in a container does not know its own.
        """
        if name in self.own or name in self.names:
            return True
        try:
            number = ipaddress.ip_address(name)
        except ValueError:
            return False
        return number.is_loopback or self.others

    def _same(self, host: tuple[str, str], origin: str) -> bool:
        parts = _ORIGIN.fullmatch(origin)
        asked = _parsed(parts[2]) if parts else None
        if parts is None or asked is None:
            return False
        if asked[0] in self.names:  # a proxy may say its own name for the Host
            return True
        usual = _PORTS[parts[1]]
        return (asked[0], asked[1] or usual) == (host[0], host[1] or usual)


def own_names(hostname: Callable[[], str] = socket.gethostname) -> set[str]:
    """Names of this machine that others in its network may open: with and without a domain, and by multicast DNS."""
    whole = hostname().lower().rstrip(".")
    short = whole.partition(".")[0]
    return {"localhost", *filter(None, (whole, short, f"{short}.local" if short else ""))}


def serves_others() -> bool:
    """Whether the server answers other machines too, rather than this one alone."""
    if worker.told() is not None:  # the proxy does; this process listens to it alone
        return True
    address = st.get_option("server.address")
    return not address or not config.is_loopback(address)


def port() -> int:
    """The port that browsers ask: the proxy's, where several processes serve."""
    me = worker.told()
    return me.port if me else st.get_option("server.port")


def _setting() -> tuple[str, ...]:
    try:
        return config.hosts()
    except SettingError as problem:  # said on every page (`frame`): the server starts, so that somebody reads it
        log.error("%s", problem)
        return ()


def _as_same(scope: Scope) -> Scope:
    """A request that was let in, its Origin spelt as its Host is: Streamlit compares them letter by letter, and would ask
    the internet where a proxy, or an upper case, makes them differ."""
    given = dict(scope["headers"])
    if b"origin" not in given:
        return scope
    origin = given[b"origin"].partition(b"://")[0] + b"://" + given[b"host"]
    return {**scope, "headers": [(name, origin if name == b"origin" else value) for name, value in scope["headers"]]}


def _parsed(host: str) -> tuple[str, str] | None:
    """Name and port of a Host header, the port "" where it has none; None for what is no host."""
    found = _HOST.fullmatch(host)
    if found is None:
        return None
    return found[1].strip("[]").lower().removesuffix("."), found[2] or ""


def _shown(given: list[str]) -> str:
    return f"“{given[0][:100]}”" if len(given) == 1 else "that the request has" if given else "of none"
