"""Logs for machines: one JSON object per line, each with the job it is about, on request (``CROSSDOCK_LOG=json``)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

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


def as_text() -> None:
    """Write logs to standard error, for people."""
    _to_stderr(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))


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
