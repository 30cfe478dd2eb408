"""One document that is written while its sender waits: what the request says of the body, the import, the answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies
from crossdock.api.door.imports import imported
from crossdock.api.door.paths import path_of
from crossdock.api.door.problems import Problem
from crossdock.api.door.signin import Caller
from crossdock.api.door.state import state_of
from crossdock.api.door.turns import TURNS
from crossdock.api.warehouse.resources import CANCEL, CREATE, REPLACE, UPDATE, Resource
from crossdock.formats.objects.splitting import as_id
from crossdock.model.job import JobRecord
from crossdock.partners.asked import REVISION, UNIT, Asked
from crossdock.partners.feed import Feed
from crossdock.workers import requests
from crossdock.workers.requests import Body

ACTIONS = {CREATE: "insert", REPLACE: "replace", UPDATE: "update", CANCEL: "cancel"}
"""What an operation does to a document (contract A5)."""


@dataclass(frozen=True)
class Write:
    """One document to write: what the path says of it, and who asks.

    ``unit``: its business unit, '' of a document that has none. ``number``: '' where the body has it. ``parts``: other
    fields of its key that the query names. ``revision``: what it must be at, None for any.
    """

    resource: Resource
    caller: Caller
    operation: str
    unit: str
    number: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    revision: str | None = None

    @property
    def fields(self) -> dict[str, str]:
        """What the request says of the body, by field; the body may say the same, and nothing else."""
        document = self.resource.document
        acts = any(
            field.name == "action" and ACTIONS[self.operation] in field.values for field in document.header.fields
        )
        return {
            **({UNIT: self.unit} if self.unit else {}),
            **({"action": ACTIONS[self.operation]} if acts else {}),
            **({self.resource.number: self.number} if self.number else {}),
            **dict(self.parts),
        }

    @property
    def reads_it(self) -> Asked:
        """The feed that reads the body, and all that the request says."""
        revision = {REVISION: self.revision} if self.revision is not None else {}
        return Asked(f"{self.caller.partner.id}/{self.resource.document.name}", self.fields | revision)


def written(request: Request, write: Write, path: Path) -> Response:
    """Import the body at ``path`` now, and answer. Raises ``Problem`` where it contradicts its request."""
    state = state_of(request)
    with TURNS.next():
        document = bodies.document_in(path)
        number = _agreed(state.site.partners.of_request(write.reads_it), write, document)
        origin = f"{request.method} {path_of(request)}"
        return _answered(request, write, number, imported(state, Body(path, write.reads_it, origin)))


def without_body(request: Request, write: Write) -> Response:
    """As ``written``, of a request that says all itself."""
    with requests.written(state_of(request).site, write.fields) as path:
        return written(request, write, path)


def _agreed(feed: Feed, write: Write, document: dict[str, Any]) -> str:
    """The document's number. Raises ``Problem`` 400 if the body says something else than its path, or method."""
    number, fields = write.number, write.fields
    for name, value in feed.names_of(document).items():
        wanted, says = fields.get(name), feed.meant(name, as_id(value))
        if wanted is not None and says not in ("", feed.meant(name, wanted)):
            raise Problem(400, f"{name} is {str(value)[:80]!r} in the body, and {wanted!r} by the path and the method")
        if name == write.resource.number:
            number = number or says
    return number


def _answered(request: Request, write: Write, number: str, record: JobRecord) -> Response:
    site = state_of(request).site
    database = site.database
    if record.refused is not None or record.failing or record.books.stale:
        return answers.acknowledged(database, record, answers.status_of_failure(database, record))
    shown = answers.written_by(site, write.resource.document, number, write.unit, write.caller, record.job_id)
    if shown is None:
        return answers.acknowledged(database, record, 200)
    headers = {"ETag": answers.etag(shown)}
    created = record.documents.inserted > 0
    if created:
        path = write.resource.location(*(quote(each, safe="") for each in (write.unit, shown.number)))
        headers["Location"] = answers.at(request, path)
    body = {"data": answers.whole(database, shown)} | answers.warned(database, record)
    return answers.as_json(body, 201 if created else 200, headers)
