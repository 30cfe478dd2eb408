"""Whether it lives, whether it is ready, and figures for Prometheus."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from crossdock.api.door.signin import Operator
from crossdock.api.door.state import state_of
from crossdock.database import HEAD, Database
from crossdock.errors import Outage
from crossdock.jobs.overview import Ended, Gauges, gauges

PROBE = 4096
"""How many bytes are written to see whether anything can be."""
FRESH_SECONDS = 5.0
"""For how long the figures of the database are shown again, however often they are asked for."""
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which several processes share their figures."""
_OWN = CollectorRegistry()
REQUESTS = Histogram(
    "crossdock_request_seconds",
    "Seconds until a request was answered.",
    ("method", "path", "status"),
    registry=_OWN,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
"""How long requests took; ``path``: that of the endpoint, with the names of its parameters."""


class _OfDatabase(Collector):
    """The figures that the database has, read at most once in ``FRESH_SECONDS``."""

    def __init__(self, database: Database) -> None:
        self._database, self._lock = database, threading.Lock()
        self._read: tuple[float, Gauges] | None = None

    def collect(self) -> Iterable[Metric]:
        """The metrics as Prometheus has them."""
        figures = self._figures()
        families = (
            ("crossdock_jobs", "Jobs by verdict; waiting or running: none.", "verdict", figures.jobs),
            ("crossdock_documents", "Documents by what was done.", "what", figures.documents),
            ("crossdock_failures_last_day", "Errors of the last day by code.", "code", figures.failures),
        )
        for name, text, label, values in families:
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, count in values.items():
                family.add_metric([value or "none"], count)
            yield family
        yield GaugeMetricFamily(
            "crossdock_oldest_job_seconds", "Age of the oldest unfinished job.", figures.oldest_seconds
        )
        yield GaugeMetricFamily("crossdock_answers_unsent", "Answers to deliver.", figures.unsent)

    def _figures(self) -> Gauges:
        with self._lock:
            if self._read is None or time.monotonic() - self._read[0] > FRESH_SECONDS:
                ended = self._read[1].ended if self._read else Ended()
                self._read = (time.monotonic(), gauges(self._database, ended))
            return self._read[1]


def router() -> APIRouter:
    """The endpoints for machines that watch."""
    routes = APIRouter(tags=["Health"])

    def lives() -> Response:
        return PlainTextResponse("ok\n")

    def ready(request: Request) -> Response:
        wrong = _not_ready(request)
        return JSONResponse({"ready": not wrong, "wrong": wrong}, 503 if wrong else 200)

    def metrics(request: Request, _: Operator) -> Response:
        app = request.app
        if not hasattr(app.state, "metrics"):
            app.state.metrics = CollectorRegistry()
            app.state.metrics.register(_OfDatabase(state_of(request).site.database))
        own = _OWN
        if MULTIPROCESS in os.environ:
            own = CollectorRegistry()
            MultiProcessCollector(own)  # type: ignore[no-untyped-call]
        text = generate_latest(own) + generate_latest(app.state.metrics)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    routes.add_api_route("/healthz", lives, methods=["GET"], summary="whether it lives", operation_id="healthz")
    routes.add_api_route("/readyz", ready, methods=["GET"], summary="whether it is ready", operation_id="readyz")
    routes.add_api_route("/metrics", metrics, methods=["GET"], summary="figures", operation_id="metrics")
    return routes


def _not_ready(request: Request) -> list[str]:
    state = state_of(request)
    site, wrong = state.site, []
    if state.bulk is not None and not state.bulk.is_alive():
        wrong.append("what waits is imported no more: the log says why, start it again")
    try:
        if site.database.version() != HEAD:
            wrong.append("the database is of another version")
    except Outage:
        wrong.append("the database does not answer")
    if reason := _not_written(site.home):
        wrong.append(f"the home folder can't be written: {reason}")
    return wrong


def _not_written(folder: Path) -> str:
    """Why nothing can be written into a folder, such as a full disk; '' where it can. A file without a name is tried:
    rights alone don't tell.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE))
    except OSError as error:
        return str(error.strerror or error)
    return ""
