"""Many documents at once: taken, booked, imported when their turn comes; and the jobs that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from crossdock.api import answers, bodies
from crossdock.api.problems import not_there
from crossdock.api.resources import Resource
from crossdock.api.signin import Caller, Signed
from crossdock.api.state import state_of
from crossdock.jobs import queries
from crossdock.partners.asked import UNIT, Asked
from crossdock.workers import requests
from crossdock.workers.requests import Body

ManyBodies = Annotated[Path, Depends(bodies.bulk)]


def router(resource: Resource) -> APIRouter:
    """The endpoints for many documents of a type."""
    routes = APIRouter(prefix=f"/business_units/{{bu}}/{resource.path}/bulk", tags=[resource.document.title])

    def upload(bu: str, request: Request, caller: Signed, body: ManyBodies) -> Response:
        state = state_of(request)
        asked = Asked(f"{caller.partner.id}/{resource.document.name}", {UNIT: caller.writes(bu)})
        job = requests.book(state.site, Body(body, asked, f"POST {request.url.path}"))
        return answers.acknowledged(
            state.site.database, queries.one(state.site.database, job), 202, {"Location": f"/jobs/{job}"}
        )

    def status(bu: str, job: str, request: Request, caller: Signed) -> Response:
        caller.reads(bu)
        return _status(request, caller, job)

    routes.add_api_route("", upload, methods=["POST"], status_code=202, summary=f"Upload many {resource.path}")
    routes.add_api_route("/{job}", status, methods=["GET"], summary="The status of a bulk upload")
    return routes


def jobs() -> APIRouter:
    """The status of every job of a partner."""
    routes = APIRouter(tags=["Jobs"])

    def status(job: str, request: Request, caller: Signed) -> Response:
        return _status(request, caller, job)

    routes.add_api_route("/jobs/{job}", status, methods=["GET"], summary="The status of a job")
    return routes


def _status(request: Request, caller: Caller, job: str) -> Response:
    database = state_of(request).site.database
    record = queries.find(database, job)
    if record is None or record.partner != caller.partner.id:
        raise not_there()
    return answers.acknowledged(database, record, 200)
