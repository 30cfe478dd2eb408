"""One document: created, shown, replaced, changed, cancelled, while the caller waits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from crossdock.api import answers, bodies
from crossdock.api.problems import RETRY_SECONDS, Problem, not_there
from crossdock.api.resources import Resource
from crossdock.api.signin import Caller, Signed
from crossdock.api.state import State, state_of
from crossdock.jobs import queries
from crossdock.partners.asked import UNIT, Asked
from crossdock.partners.feed import Feed
from crossdock.schema.names import fold
from crossdock.workers import requests
from crossdock.workers.requests import Body

ACTIONS = {"POST": "insert", "PUT": "replace", "PATCH": "update", "DELETE": "cancel"}
"""What a method does to a document (contract A5)."""
OneBody = Annotated[Path, Depends(bodies.single)]


@dataclass(frozen=True)
class Write:
    """One document to write: what the path says of it, and who asks. ``number``: '' where the body has it."""

    resource: Resource
    caller: Caller
    unit: str
    number: str
    action: str

    @property
    def feed(self) -> str:
        """The name of the feed that reads its body."""
        return f"{self.caller.partner.id}/{self.resource.document.name}"

    @property
    def given(self) -> dict[str, str]:
        """What the request says of the body, by field; the body may say the same, and nothing else."""
        number = {self.resource.number: self.number} if self.number else {}
        return {UNIT: self.unit, "action": self.action} | number


def router(resource: Resource) -> APIRouter:
    """The endpoints of one document of a type."""
    routes = APIRouter(prefix=f"/business_units/{{bu}}/{resource.path}", tags=[resource.document.title])
    title = resource.document.called

    def create(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        return _written(request, Write(resource, caller, caller.writes(bu), "", ACTIONS["POST"]), body)

    def show(bu: str, number: str, request: Request, caller: Signed) -> Response:
        state = state_of(request)
        shown = answers.stored(state.site.database, resource.document, number, caller.reads(bu), caller)
        if shown is None:
            raise not_there()
        body = {"data": answers.whole(state.site.database, shown)}
        return answers.as_json(body, headers={"ETag": answers.etag(shown)})

    def write(bu: str, number: str, request: Request, caller: Signed, body: OneBody) -> Response:
        return _written(request, Write(resource, caller, caller.writes(bu), number, ACTIONS[request.method]), body)

    def cancel(bu: str, number: str, request: Request, caller: Signed) -> Response:
        write = Write(resource, caller, caller.writes(bu), number, ACTIONS["DELETE"])
        path = requests.new_path(state_of(request).site)
        path.write_text(json.dumps({"data": write.given}, ensure_ascii=False), encoding="utf-8")
        try:
            return _written(request, write, path)
        finally:
            requests.forget(path)

    routes.add_api_route("", create, methods=["POST"], summary=f"Create a {title}", status_code=201)
    routes.add_api_route("/{number}", show, methods=["GET"], summary=f"Get a {title}")
    routes.add_api_route("/{number}", write, methods=["PUT"], summary=f"Replace a {title}")
    routes.add_api_route("/{number}", cancel, methods=["DELETE"], summary=f"Cancel a {title}")
    return routes


def _written(request: Request, write: Write, path: Path) -> Response:
    state = state_of(request)
    asked = Asked(write.feed, write.given)
    document = bodies.document_in(path)
    feed = state.site.partners.of_request(asked)
    number = _agreed(feed, write, document)
    origin = f"{request.method} {request.url.path}"
    ended = requests.import_now(state.site, state.worker, Body(path, asked, origin))
    return _answered(state, write, number, ended.job, done=ended.how == "done")


def _agreed(feed: Feed, write: Write, document: dict[str, Any]) -> str:
    """The document's number. Raises ``Problem`` 400 if the body says something else than its path, or method."""
    number = write.number
    names = feed.names_of(document)
    for name, said in names.items():
        wanted = write.given.get(name)
        if wanted is not None and str(said).strip() != wanted and fold(str(said)) != fold(wanted):
            raise Problem(400, f"{name} is {str(said)[:80]!r} in the body, and {wanted!r} by the path and the method")
        if name == write.resource.number:
            number = number or str(said).strip()
    return number


def _answered(state: State, write: Write, number: str, job: str, *, done: bool) -> Response:
    database = state.site.database
    record = queries.one(database, job)
    if not done and record.verdict is None:
        raise Problem(503, f"it goes on as job {job}: ask for it later", {"Retry-After": RETRY_SECONDS}, jobId=job)
    if record.refused is not None or record.failing:
        return answers.acknowledged(database, record, answers.status_of_failure(database, record))
    shown = answers.stored(database, write.resource.document, number, write.unit, write.caller)
    if shown is None:
        return answers.acknowledged(database, record, 200)
    headers = {"ETag": answers.etag(shown)}
    created = record.documents.inserted > 0
    if created:
        headers["Location"] = f"/business_units/{write.unit}/{write.resource.path}/{quote(shown.number, safe='')}"
    return answers.as_json({"data": answers.whole(database, shown)}, 201 if created else 200, headers)
