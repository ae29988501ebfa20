"""Where processes listen, and what is answered to whoever connects there."""

from __future__ import annotations

import socket
from collections.abc import Callable

import psutil

PATIENCE = 2  # seconds that an attacker tries; whoever is let in is in within a tenth


def ports(pid: int) -> list[tuple[str, int]]:
    """Where this process and those that it started listen."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    listening = [c.laddr for p in family for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    return [(address.ip, address.port) for address in listening]


def plainly(reached: socket.socket) -> socket.socket:
    """The connection without TLS."""
    return reached


def answer(port: tuple[str, int], wrap: Callable[[socket.socket], socket.socket], said: bytes = b"hello") -> bytes:
    """The first bytes that Dask says to whoever connects; b"" where it closes the connection or says nothing."""
    try:
        with socket.create_connection(port, timeout=PATIENCE) as plain, wrap(plain) as reached:
            reached.sendall(said)
            return reached.recv(64)
    except OSError:  # an SSLError too, and a time that is over
        return b""
