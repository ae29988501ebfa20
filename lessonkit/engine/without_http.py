"""Dask's scheduler and worker without the HTTP server that each of them has, where nobody is asked who they are."""

from __future__ import annotations

from typing import Any

from distributed import Scheduler, Worker


class QuietScheduler(Scheduler):
    """A scheduler that serves nothing over HTTP: no dashboard, no routes that tell or change anything."""

    def start_http_server(self, *args: Any, **kwargs: Any) -> None:
        """Start none."""


class QuietWorker(Worker):
    """A worker that serves nothing over HTTP."""

    def start_http_server(self, *args: Any, **kwargs: Any) -> None:
        """Start none."""
