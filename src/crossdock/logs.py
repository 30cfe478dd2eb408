"""Logs for machines: one JSON object per line, each with the job it is about, on request (``CROSSDOCK_LOG=json``)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pythonjsonlogger.json import JsonFormatter

from crossdock.times import dated

LOG = logging.getLogger("crossdock")
_JOB: ContextVar[str] = ContextVar("job", default="")


@contextmanager
def of_job(job: str) -> Iterator[None]:
    """Everything that is logged inside has the id of this job."""
    token = _JOB.set(job)
    try:
        yield
    finally:
        _JOB.reset(token)


class _WithJob(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.jobId = _JOB.get() or None
        return True


class _AsText(logging.Formatter):
    """A line a record, with its time as a zone's clocks show it."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._zone = zone

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # logging's name
        return dated(datetime.fromtimestamp(record.created, UTC), self._zone, seconds=True)


def as_text(zone: ZoneInfo) -> None:
    """Write logs to standard error, for people."""
    _to_stderr(_AsText(zone))


def as_json() -> None:
    """Write logs to standard error, one JSON object per line: time, level, pid, jobId, message."""
    named = {"asctime": "time", "levelname": "level", "process": "pid"}
    fields = "%(asctime)s %(levelname)s %(process)d %(jobId)s %(message)s"
    _to_stderr(JsonFormatter(fields, rename_fields=named, datefmt="%Y-%m-%dT%H:%M:%S%z"))


class _Ours(logging.StreamHandler[Any]):
    """The one handler that we add; those of Prefect stay beside it."""


def _to_stderr(formatter: logging.Formatter) -> None:
    handler = _Ours(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_WithJob())
    LOG.handlers = [*(each for each in LOG.handlers if not isinstance(each, _Ours)), handler]
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
