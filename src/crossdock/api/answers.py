"""Answers: a stored document, an acknowledgement, the progress of a job."""

from __future__ import annotations

import json
from typing import Any

from fastapi.responses import Response

from crossdock.api.signin import Caller
from crossdock.database import Database, read_documents
from crossdock.database.read_documents import Shown
from crossdock.documents import Document
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.reports import acknowledgement

CONFLICTS = frozenset(
    (
        *("belongs_to_other", "already_exists", "append_only", "version_again", "already_shipped", "already_received"),
        *("changed_when_shipped", "changed_when_received", "less_than_shipped", "less_than_received", "cancelled"),
    )
)
"""Codes of failures whose reason is what is stored: 409, not 422."""


def as_json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A value as the body of an answer."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, media_type="application/json")


def visible(shown: Shown, caller: Caller) -> bool:
    """Whether a partner sees a document: its own, and what is shared (contract A3)."""
    return shown.partner == caller.partner.id or bool(shown.values["shared"])


def stored(database: Database, document: Document, number: str, unit: str, caller: Caller) -> Shown | None:
    """The stored document of a number that the caller may see; None if there is none."""
    every = read_documents.find_all(database, document, number, unit)
    return next((each for each in every if visible(each, caller)), None)


def whole(database: Database, shown: Shown) -> dict[str, Any]:
    """A stored document for a partner: without what only we know, the places where it came from."""
    return _outward(read_documents.whole(database, shown))


def _outward(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _outward(each) for name, each in value.items() if name != "origin"}
    return [_outward(each) for each in value] if isinstance(value, list) else value


def etag(shown: Shown) -> str:
    """The ETag of a stored document: its revision."""
    return f'"{shown.values["revision"]}"'


def acknowledged(database: Database, job: JobRecord, status: int, headers: dict[str, str] | None = None) -> Response:
    """A job's acknowledgement."""
    first = acknowledgement.answers(job, database)[0]
    text = "".join(acknowledgement.body(job, first, database))
    return Response(text, status, headers, media_type="application/json")


def status_of_failure(database: Database, job: JobRecord) -> int:
    """The status of a document that was not taken: 409 if that is for what is stored, else 422."""
    return 409 if any(each.code in CONFLICTS for each in queries.errors(database, job.job_id)) else 422
