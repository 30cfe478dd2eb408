"""Many documents at once: taken, booked, imported when their turn comes; and the jobs that they are."""

from __future__ import annotations

import re
import time

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers, conditions
from crossdock.api.door.bodies import ManyBodies
from crossdock.api.door.once import once
from crossdock.api.door.paths import CutAsSent, path_of
from crossdock.api.door.problems import not_there
from crossdock.api.door.signin import Caller, Signed
from crossdock.api.door.state import state_of
from crossdock.api.warehouse import schemas
from crossdock.api.warehouse.lists import FARTHEST, MOST, whole_number
from crossdock.api.warehouse.resources import BULK, STATUS, Resource
from crossdock.api.warehouse.singles import add
from crossdock.database import Database
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.partners.asked import UNIT, Asked
from crossdock.workers import requests
from crossdock.workers.requests import Body

WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")
LONGEST_WAIT = 30.0
"""Seconds that a sender may wait for the end of its job."""
LOOK_SECONDS = 0.05


def router(resource: Resource) -> APIRouter:
    """The endpoints for many documents of a type."""
    routes = APIRouter(prefix=f"{resource.prefix}/bulk", tags=[resource.document.title], route_class=CutAsSent)

    def upload(bu: str, request: Request, caller: Signed, body: ManyBodies) -> Response:
        conditions.refuse(request)
        feed = Asked(f"{caller.partner.id}/{resource.document.name}", {UNIT: caller.writes(bu)})
        return once(request, caller, body, lambda: _booked(request, Body(body, feed, f"POST {path_of(request)}")))

    def status(bu: str, job: str, request: Request, caller: Signed) -> Response:
        caller.reads(bu)
        return _status(request, caller, job)

    add(routes, resource, BULK, "", upload, "POST")
    add(routes, resource, STATUS, "/{job}", status, "GET")
    return routes


def jobs() -> APIRouter:
    """The status of every job of a partner."""
    routes = APIRouter(tags=["Jobs"], route_class=CutAsSent)

    def status(job: str, request: Request, caller: Signed) -> Response:
        return _status(request, caller, job)

    routes.add_api_route(
        "/jobs/{job}",
        status,
        methods=["GET"],
        summary="the status of a job",
        operation_id="job",
        openapi_extra={"parameters": schemas.parameters(schemas.PAGED)},
    )
    return routes


def _booked(request: Request, body: Body) -> Response:
    state = state_of(request)
    job = requests.book(state.site, body)
    state.nudged.set()
    record = _waited_for(state.site.database, job, _patience(request))
    headers = {"Location": answers.at(request, f"/jobs/{job}")}
    return answers.acknowledged(state.site.database, record, 202 if record.verdict is None else 200, headers)


def _patience(request: Request) -> float:
    """How many seconds the sender waits for the end (``Prefer: wait=10``, RFC 7240 §4.3); 0 if it says nothing."""
    wanted = WAIT.search(request.headers.get("prefer", ""))
    return min(float(wanted[1]), LONGEST_WAIT) if wanted else 0.0


def _waited_for(database: Database, job: str, seconds: float) -> JobRecord:
    """A job, as soon as it has ended, or as it is after so many seconds."""
    end = time.monotonic() + seconds
    while (record := queries.one(database, job)).verdict is None and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    return record


def _status(request: Request, caller: Caller, job: str) -> Response:
    database = state_of(request).site.database
    record = queries.find(database, job)
    if record is None or record.partner != caller.partner.id:
        raise not_there()
    limit, offset = whole_number(request, "limit", MOST, 1, MOST), whole_number(request, "offset", 0, 0, FARTHEST)
    return answers.progress(database, record, limit, offset, path_of(request))
