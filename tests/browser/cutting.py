"""A relay between a browser and the app that can be cut, as a phone cuts a page's connection while its camera is in front."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Relay:
    """Listens on a port of loopback of its own and passes everything on to another; while it is cut, nothing.

    Args:
        port: of the app.
    """

    def __init__(self, port: int):
        self._port = port
        self._whole = threading.Event()
        self._whole.set()
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Close what is open, refuse what comes."""
        self._whole.clear()
        for one in list(self._open):
            _close(one)

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listening.accept()
            except OSError:
                return
            if not self._whole.is_set():
                browser.close()
                continue
            app = socket.create_connection(("127.0.0.1", self._port))
            self._open |= {browser, app}
            for one, other in ((browser, app), (app, browser)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            _close(end)
            self._open.discard(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
