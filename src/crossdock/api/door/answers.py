"""Answers: a stored document, an acknowledgement, the progress of a job."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from crossdock.api.door.signin import Caller
from crossdock.database import Database, read_documents
from crossdock.database.read_documents import Shown
from crossdock.documents import Document
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.partners.asked import UNIT, Asked
from crossdock.reports import acknowledgement
from crossdock.reports.wording import wording_of
from crossdock.site import Site

CONFLICTS = frozenset(
    (
        *("belongs_to_other", "already_exists", "append_only", "version_again", "already_shipped", "already_received"),
        *("changed_when_shipped", "changed_when_received", "less_than_shipped", "less_than_received", "cancelled"),
    )
)
"""Codes of failures whose reason is what is stored: 409, not 422."""
ABSENT = frozenset(("does_not_exist", "unknown_to_cancel"))
"""Codes of failures of a document that must be there, and isn't: 404."""
UNPROCESSABLE = 422
"""The status of a document that is not taken for what is wrong with it."""
MOST_WARNINGS = 100
"""How many warnings an answer has at most."""
MOVED_ON = "moved_on"
"""The code of a document that is not at the revision of ``If-Match``: 412."""


def at(request: Request, path: str) -> str:
    """A path of the API as a client sees it: below the prefix under which a proxy has it."""
    return f"{request.scope.get('root_path', '')}{path}"


def as_json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A value as the body of an answer."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, media_type="application/json")


def visible(shown: Shown, caller: Caller) -> bool:
    """Whether a partner sees a document: its own, what is shared, and the lists that everybody reads (contract A3)."""
    return shown.document.master or shown.partner == caller.partner.id or bool(shown.values["shared"])


def every(site: Site, document: Document, number: str, unit: str, caller: Caller) -> list[Shown]:
    """The stored documents of a number that the caller may see; ``unit``: their business unit, '' if they have none.

    The number is the caller's, as its feed would read it; where there is none of it, it is as it is stored.
    """
    request = Asked(f"{caller.partner.id}/{document.name}", {UNIT: unit} if unit else {})
    meant = site.partners.of_request(request).meant(document.number, number)
    for each in dict.fromkeys((meant, number)):
        shown = read_documents.find_all(site.database, document, each, unit or None)
        if shown:
            return [one for one in shown if visible(one, caller)]
    return []


def parts(site: Site, document: Document, number: str, unit: str, caller: Caller) -> list[Shown]:
    """The stored documents into which the caller's feeds have split the order of a number."""
    feeds = [each for each in site.partners.splitting() if each.document is document]
    own = [each for each in feeds if each.partner == caller.partner.id]
    return [shown for feed in own for shown in read_documents.find_parts(site.database, feed, number, unit or None)]


def all_of(database: Database, document: Document) -> list[Shown]:
    """Every document of a list that everybody reads, by its key."""
    return list(read_documents.every(database, document))


def written_by(site: Site, document: Document, number: str, unit: str, caller: Caller, job: str) -> Shown | None:
    """The stored document of a number that a job has written, or left as it was; None if it can't be told which."""
    several = every(site, document, number, unit, caller)
    of_job = [each for each in several if each.job == job]
    return of_job[0] if len(of_job) == 1 else several[0] if len(several) == 1 else None


def whole(database: Database, shown: Shown) -> dict[str, Any]:
    """A stored document with its lines; without what refers to it, which has endpoints of its own, and changes without
    the document's revision.
    """
    return without_origin(read_documents.alone(database, shown))


def without_origin(row: dict[str, Any]) -> dict[str, Any]:
    """A row, and the rows within it, without the places where they came from: these are ours."""
    outward: dict[str, Any] = _outward(row)
    return outward


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


def progress(database: Database, job: JobRecord, limit: int, offset: int, path: str) -> Response:
    """A job's acknowledgement, with at most ``limit`` of the documents that were not taken, behind the first
    ``offset``; where there are more, ``paging`` says where the next are.
    """
    first = acknowledgement.answers(job, database)[0]
    failed = list(islice(acknowledgement.failed(job, first, database), offset, offset + limit + 1))
    data = {
        "jobId": acknowledgement.job_id(job),
        "status": first.status,
        wording_of(job).names.documents: failed[:limit],
        "progress": {"processed": first.processed, "total": first.total},
    }
    following = f"{path}?limit={limit}&offset={offset + limit}" if len(failed) > limit else None
    paging = {"paging": {"limit": limit, "offset": offset, "next": following}} if following or offset else {}
    return as_json({"data": data} | paging | (warned(database, job) if job.verdict is not None else {}))


def warned(database: Database, job: JobRecord) -> dict[str, list[str]]:
    """``warnings``, where there are any: what was taken and is worth knowing, such as a member that is no field."""
    wording = wording_of(job)
    sentences = dict.fromkeys(map(wording.sentence, queries.first_warnings(database, job.job_id, MOST_WARNINGS)))
    return {"warnings": list(sentences)} if sentences else {}


def status_of_failure(database: Database, job: JobRecord) -> int:
    """The status of a document that was not taken: 404 if there is none to change, 412 if it is at another revision,
    409 if that is for what is stored, else 422.
    """
    codes = {each.code for each in queries.errors(database, job.job_id)}
    if codes & ABSENT:
        return 404
    if MOVED_ON in codes:
        return 412
    return 409 if codes & CONFLICTS or job.books.stale else UNPROCESSABLE
