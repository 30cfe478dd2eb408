"""Logs for machines: one JSON object a line, each with the job it is about, on request (``CROSSDOCK_LOG=json``)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

LOG = logging.getLogger("crossdock")
_JOB: ContextVar[str] = ContextVar("job", default="")


@contextmanager
def of_job(job: str) -> Iterator[None]:
    """What is logged inside is about a job."""
    token = _JOB.set(job)
    try:
        yield
    finally:
        _JOB.reset(token)


class _WithJob(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.jobId = _JOB.get() or None
        return True


def as_json() -> None:
    """Write logs to standard error, an object a line: time, level, jobId, worker, message."""
    handler = logging.StreamHandler(sys.stderr)
    named = {"asctime": "time", "levelname": "level", "process": "pid"}
    fields = "%(asctime)s %(levelname)s %(process)d %(jobId)s %(message)s"
    handler.setFormatter(JsonFormatter(fields, rename_fields=named, datefmt="%Y-%m-%dT%H:%M:%S%z"))
    handler.addFilter(_WithJob())
    LOG.handlers = [handler]
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
