"""One document: created, shown, replaced, changed, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies, conditions
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
from crossdock.formats.objects.splitting import as_id
from crossdock.frames.columns import trimmed_text

METHODS = {SHOW: "GET", REPLACE: "PUT", UPDATE: "PATCH", CANCEL: "DELETE"}
NAMES_ONE = "Which document is meant, where several have this number."
STATUS_CODES = {CREATE: 201, BULK: 202}
"""The status of an operation that went well, where it is not 200."""


def router(resource: Resource) -> APIRouter:
    """The endpoints of one document of a type."""
    routes = APIRouter(prefix=resource.prefix, tags=[resource.document.title], route_class=CutAsSent)

    def create(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        return created(request, resource, caller, caller.writes(bu), body)

    def show(bu: str, number: str, request: Request, caller: Signed) -> Response:
        return shown_as(request, one(request, resource, caller, caller.reads(bu), number))

    def change(operation: str) -> Callable[..., Response]:
        def endpoint(bu: str, number: str, request: Request, caller: Signed, body: OneBody) -> Response:
            unit = caller.writes(bu)

            def changed() -> Response:
                return written(request, changing(request, resource, caller, operation, unit, number), body)

            return once(request, caller, body, changed)

        return endpoint

    def cancel(bu: str, number: str, request: Request, caller: Signed) -> Response:
        unit = caller.writes(bu)

        def cancelled() -> Response:
            return without_body(request, changing(request, resource, caller, CANCEL, unit, number))

        return once(request, caller, None, cancelled)

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
    if conditions.is_known(request, shown):
        return Response(status_code=304, headers={"ETag": tag})
    body = {"data": answers.whole(state_of(request).site.database, shown)}
    return answers.as_json(body, headers={"ETag": tag})


def created(request: Request, resource: Resource, caller: Caller, unit: str, body: Path) -> Response:
    """The answer to the creation of a document of a business unit, '' if it is of none.

    Its conditions are looked at where it is done: the same again, with its key, finds what the first has changed.
    """
    return once(request, caller, body, lambda: written(request, _creating(request, resource, caller, unit, body), body))


def _creating(request: Request, resource: Resource, caller: Caller, unit: str, body: Path) -> Write:
    """A new document, at the revision that the request names of the one that is stored under the key in the body.

    Raises ``Problem`` 412 where it is not at that one.
    """
    write = Write(resource, caller, CREATE, unit)
    if not conditions.are_there(request):
        return write
    site = state_of(request).site
    feed = site.partners.of_request(write.reads_it)
    says = feed.names_of(bodies.document_in(body))
    parts = {name: feed.meant(name, as_id(says.get(name))) for name in resource.parts}
    same = _stored(request, resource, caller, unit, as_id(says.get(resource.number)), parts)
    return replace(write, revision=conditions.revision(request, same[0] if same else None))


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
    revision = conditions.revision(request, stored[0] if stored else None)
    return Write(resource, caller, operation, unit, number, tuple(parts.items()), revision)


def _parts(request: Request, resource: Resource) -> dict[str, str]:
    return {name: trimmed_text(request.query_params[name]) for name in resource.parts if name in request.query_params}


def _stored(
    request: Request, resource: Resource, caller: Caller, unit: str, number: str, parts: Mapping[str, str]
) -> list[Shown]:
    """The stored documents of a number that have those values of the rest of the key."""
    header = resource.document.header
    return [
        each
        for each in answers.every(state_of(request).site, resource.document, number, unit, caller)
        if all(str(each.values[header.field(name).column]) == value for name, value in parts.items())
    ]


def _several(request: Request, resource: Resource, caller: Caller, unit: str, number: str) -> list[Shown]:
    """The stored documents of a number: at most one. Raises ``Problem`` 409 where there are several, or parts of it."""
    header = resource.document.header
    every = _stored(request, resource, caller, unit, number, _parts(request, resource))
    if len(every) > 1:
        keys = [{name: str(each.values[header.field(name).column]) for name in resource.parts} for each in every]
        name = resource.parts[0] if resource.parts else resource.number
        raise Problem(409, f"the number is of {len(every)} documents: say which with ?{name}=", documents=keys)
    parts = [] if every else answers.parts(state_of(request).site, resource.document, number, unit, caller)
    if parts:
        numbers = [{resource.number: each.number} for each in parts]
        raise Problem(409, "the order is stored in parts, each with a number of its own: name one", documents=numbers)
    return every


def one(request: Request, resource: Resource, caller: Caller, unit: str, number: str) -> Shown:
    """The stored document of a number. Raises ``Problem`` 404 where there is none for the caller."""
    every = _several(request, resource, caller, unit, number)
    if not every:
        raise not_there()
    return every[0]
