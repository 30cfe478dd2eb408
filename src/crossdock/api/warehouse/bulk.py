"""Many documents at once: taken, booked, imported when their turn comes; and the jobs that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies
from crossdock.api.door.once import once
from crossdock.api.door.problems import not_there
from crossdock.api.door.signin import Caller, Signed
from crossdock.api.door.state import state_of
from crossdock.api.warehouse.resources import BULK, STATUS, Resource
from crossdock.api.warehouse.singles import add
from crossdock.jobs import queries
from crossdock.partners.asked import UNIT, Asked
from crossdock.workers import requests
from crossdock.workers.requests import Body

ManyBodies = Annotated[Path, Depends(bodies.bulk)]


def router(resource: Resource) -> APIRouter:
    """The endpoints for many documents of a type."""
    routes = APIRouter(prefix=f"{resource.prefix}/bulk", tags=[resource.document.title])

    def upload(bu: str, request: Request, caller: Signed, body: ManyBodies) -> Response:
        feed = Asked(f"{caller.partner.id}/{resource.document.name}", {UNIT: caller.writes(bu)})
        return once(request, caller, body, lambda: _booked(request, Body(body, feed, f"POST {request.url.path}")))

    def status(bu: str, job: str, request: Request, caller: Signed) -> Response:
        caller.reads(bu)
        return _status(request, caller, job)

    add(routes, resource, BULK, "", upload, "POST")
    add(routes, resource, STATUS, "/{job}", status, "GET")
    return routes


def jobs() -> APIRouter:
    """The status of every job of a partner."""
    routes = APIRouter(tags=["Jobs"])

    def status(job: str, request: Request, caller: Signed) -> Response:
        return _status(request, caller, job)

    routes.add_api_route("/jobs/{job}", status, methods=["GET"], summary="the status of a job", operation_id="job")
    return routes


def _booked(request: Request, body: Body) -> Response:
    state = state_of(request)
    job = requests.book(state.site, body)
    state.nudged.set()
    record = queries.one(state.site.database, job)
    return answers.acknowledged(state.site.database, record, 202, {"Location": f"/jobs/{job}"})


def _status(request: Request, caller: Caller, job: str) -> Response:
    database = state_of(request).site.database
    record = queries.find(database, job)
    if record is None or record.partner != caller.partner.id:
        raise not_there()
    return answers.acknowledged(database, record, 200)
