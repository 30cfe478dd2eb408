"""One document: created, shown, replaced, changed, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers
from crossdock.api.door.bodies import OneBody
from crossdock.api.door.once import once
from crossdock.api.door.paths import CutAsSent
from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.signin import Caller, Signed
from crossdock.api.door.state import state_of
from crossdock.api.warehouse import schemas
from crossdock.api.warehouse.resources import BULK, CANCEL, CREATE, REPLACE, SHOW, UPDATE, Resource
from crossdock.api.warehouse.writes import Write, without_body, written
from crossdock.database.read_documents import Shown

NOT_STORED = "-1"
"""The revision of a document that is not stored, as the check of a change has it (``StoredSide.revision``)."""
METHODS = {SHOW: "GET", REPLACE: "PUT", UPDATE: "PATCH", CANCEL: "DELETE"}
NAMES_ONE = "Which document is meant, where several have this number."
STATUS_CODES = {CREATE: 201, BULK: 202}
"""The status of an operation that went well, where it is not 200."""


def router(resource: Resource) -> APIRouter:
    """The endpoints of one document of a type."""
    routes = APIRouter(prefix=resource.prefix, tags=[resource.document.title], route_class=CutAsSent)

    def create(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        write = Write(resource, caller, CREATE, caller.writes(bu))
        return once(request, caller, body, lambda: written(request, write, body))

    def show(bu: str, number: str, request: Request, caller: Signed) -> Response:
        return shown_as(request, one(request, resource, caller, caller.reads(bu), number))

    def change(operation: str) -> Callable[..., Response]:
        def endpoint(bu: str, number: str, request: Request, caller: Signed, body: OneBody) -> Response:
            write = changing(request, resource, caller, operation, caller.writes(bu), number)
            return once(request, caller, body, lambda: written(request, write, body))

        return endpoint

    def cancel(bu: str, number: str, request: Request, caller: Signed) -> Response:
        write = changing(request, resource, caller, CANCEL, caller.writes(bu), number)
        return once(request, caller, None, lambda: without_body(request, write))

    endpoints: dict[str, Callable[..., Any]] = {
        SHOW: show,
        REPLACE: change(REPLACE),
        UPDATE: change(UPDATE),
        CANCEL: cancel,
    }
    if CREATE in resource.titles:
        add(routes, resource, CREATE, "", create, "POST")
    for operation in [each for each in endpoints if each in resource.titles]:
        add(routes, resource, operation, "/{number:path}", endpoints[operation], METHODS[operation])
    return routes


def add(
    routes: APIRouter, resource: Resource, operation: str, path: str, endpoint: Callable[..., Any], method: str
) -> None:
    """Add one operation of a resource, as the OpenAPI describes it."""
    responses, described = schemas.operation(resource.document, operation)
    if operation in METHODS and resource.parts:
        parts = {name: {"type": "string", "description": NAMES_ONE} for name in resource.parts}
        described = {**described, "parameters": [*described["parameters"], *schemas.parameters(parts)]}
    routes.add_api_route(
        path,
        endpoint,
        methods=[method],
        summary=resource.titles[operation],
        operation_id=f"{operation}_{resource.path}",
        response_class=Response,
        responses=responses,
        openapi_extra=described,
        status_code=STATUS_CODES.get(operation, 200),
    )


def shown_as(request: Request, shown: Shown) -> Response:
    """A stored document; 304 where the client has just this revision."""
    tag = answers.etag(shown)
    known = request.headers.get("if-none-match", "")
    if _is_known(tag, known) or known.strip() == "*":
        return Response(status_code=304, headers={"ETag": tag})
    body = {"data": answers.whole(state_of(request).site.database, shown)}
    return answers.as_json(body, headers={"ETag": tag})


def changing(request: Request, resource: Resource, caller: Caller, operation: str, unit: str, number: str) -> Write:
    """A change of a stored document, with the rest of its key, at the revision that the request names.

    Raises ``Problem`` 412 where it is not at that one, 409 where the number is of several.
    """
    stored = _several(request, resource, caller, unit, number)
    parts = _parts(request, resource)
    if len(stored) == 1:
        values = stored[0].values
        parts = {name: str(values[resource.document.header.field(name).column]) for name in resource.parts}
        parts = {name: value for name, value in parts.items() if value}
    revision = _revision(request, stored[0] if stored else None)
    return Write(resource, caller, operation, unit, number, tuple(parts.items()), revision)


def _revision(request: Request, stored: Shown | None) -> str | None:
    """The revision that a change is meant for. Raises ``Problem`` 412 where the document is not at it.

    ``If-None-Match: *`` is meant for a document that is not stored, a revision in it for every other one (RFC 9110
    §13.1.2).
    """
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if wanted is None and unwanted is None:
        return None
    now = answers.etag(stored) if stored else "not stored"
    if wanted is not None and (stored is None or not (wanted.strip() == "*" or now in _tags(wanted))):
        raise Problem(412, f"the document is {now}, and If-Match says {wanted[:80]}")
    if unwanted is not None and stored is not None and (unwanted.strip() == "*" or _is_known(now, unwanted)):
        raise Problem(412, f"the document is {now}, and If-None-Match says {unwanted[:80]}")
    return NOT_STORED if stored is None else str(stored.values["revision"])


def _tags(header: str) -> list[str]:
    return [each.strip() for each in header.split(",")]


def _is_known(tag: str, header: str) -> bool:
    """Whether ``If-None-Match`` names a revision, also as a weak tag."""
    return tag in [each.removeprefix("W/") for each in _tags(header)]


def _parts(request: Request, resource: Resource) -> dict[str, str]:
    return {name: request.query_params[name] for name in resource.parts if name in request.query_params}


def _several(request: Request, resource: Resource, caller: Caller, unit: str, number: str) -> list[Shown]:
    """The stored documents of a number: at most one. Raises ``Problem`` 409 where there are several."""
    wanted = _parts(request, resource)
    header = resource.document.header
    every = [
        each
        for each in answers.every(state_of(request).site, resource.document, number, unit, caller)
        if all(str(each.values[header.field(name).column]) == value for name, value in wanted.items())
    ]
    if len(every) > 1:
        keys = [{name: str(each.values[header.field(name).column]) for name in resource.parts} for each in every]
        name = resource.parts[0] if resource.parts else resource.number
        raise Problem(409, f"the number is of {len(every)} documents: say which with ?{name}=", documents=keys)
    return every


def one(request: Request, resource: Resource, caller: Caller, unit: str, number: str) -> Shown:
    """The stored document of a number. Raises ``Problem`` 404 where there is none for the caller."""
    every = _several(request, resource, caller, unit, number)
    if not every:
        raise not_there()
    return every[0]
