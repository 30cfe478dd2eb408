"""Business units: the list, their settings, the buildings that serve them, their secrets.

Settings and buildings are fields of documents: a business unit has ``settings``, a building the units that it serves.
So a change of them is a drop like others, which only a master may write (contract A3).
"""

from __future__ import annotations

import json

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
from crossdock.api.warehouse.lists import page_of
from crossdock.api.warehouse.resources import BUILDINGS, BUSINESS_UNITS, CREATE, LIST, REPLACE, SHOW, UPDATE
from crossdock.api.warehouse.schemas import Answers
from crossdock.api.warehouse.singles import add, changing, created, one, shown_as
from crossdock.api.warehouse.writes import Write, written
from crossdock.database.read_documents import Shown
from crossdock.registers.unit_settings import SETTINGS
from crossdock.workers import requests

TRIES = 5
"""How often a building is read and changed again, where somebody else has changed it in between."""
SERVES = "businessUnitIds"
"""The field of a building with the units that it serves, commas between them."""


def router() -> APIRouter:
    """The endpoints of the list of business units."""
    routes = APIRouter(tags=["Business units"], route_class=CutAsSent)

    def listed(request: Request, caller: Signed) -> Response:
        return page_of(request, BUSINESS_UNITS.document, caller, caller.units)

    def create(request: Request, caller: Signed, body: OneBody) -> Response:
        caller.writes_lists()
        return created(request, BUSINESS_UNITS, caller, "", body)

    def show(bu: str, request: Request, caller: Signed) -> Response:
        return shown_as(request, _unit(request, caller, bu))

    def replace(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        caller.writes_lists()

        def changed() -> Response:
            return written(request, changing(request, BUSINESS_UNITS, caller, REPLACE, "", bu), body)

        return once(request, caller, body, changed)

    add(routes, BUSINESS_UNITS, LIST, "/business_units", listed, "GET")
    add(routes, BUSINESS_UNITS, CREATE, "/business_units", create, "POST")
    add(routes, BUSINESS_UNITS, SHOW, "/business_units/{bu}", show, "GET")
    add(routes, BUSINESS_UNITS, REPLACE, "/business_units/{bu}", replace, "PUT")
    return routes


def _unit(request: Request, caller: Caller, unit: str) -> Shown:
    """The entry of a business unit. Raises ``Problem`` 404 where there is none that the caller may read."""
    return one(request, BUSINESS_UNITS, caller, "", caller.reads_list(unit))


# ---- settings


def settings() -> APIRouter:
    """The endpoints of a business unit's general settings."""
    routes = APIRouter(prefix="/business_units/{bu}/settings", tags=["Business units"], route_class=CutAsSent)

    def show(bu: str, request: Request, caller: Signed) -> Response:
        shown = _unit(request, caller, bu)
        stored = shown.values[BUSINESS_UNITS.document.header.field("settings").column]
        text = f'{{"data":{stored or "{}"}}}'
        return Response(text, headers={"ETag": answers.etag(shown)}, media_type="application/json")

    def replace(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        caller.writes_lists()
        values = bodies.values_in(body)
        wrong = [f"{name} is no setting" for name in values if name not in SETTINGS]
        wrong += [
            f"{name} must be {SETTINGS[name].must_be}"
            for name in values
            if name in SETTINGS and not SETTINGS[name].fits(values[name])
        ]
        if wrong:
            raise Problem(422, "; ".join(wrong), settings=sorted(SETTINGS))
        body.write_text(json.dumps({"data": {"settings": values}}, ensure_ascii=False), encoding="utf-8")

        def change() -> Response:
            answer = written(request, changing(request, BUSINESS_UNITS, caller, UPDATE, "", bu), body)
            return show(bu, request, caller) if answer.status_code == 200 else answer

        return once(request, caller, body, change)

    title = "Business Unit General Settings"
    properties = {
        name: {"type": "string", "description": f"It must be {each.must_be}."} for name, each in SETTINGS.items()
    }
    schema = schemas.enveloped({"type": "object", "properties": properties})
    stored: Answers = {"200": schemas.answer("the settings", schema), **schemas.SEEN}
    described = {
        "requestBody": schemas.json_body(schema, {"data": {"currency": "GBP", "zone": "Europe/London"}}),
        "parameters": schemas.headers(schemas.ONCE, schemas.MATCH, schemas.NONE_MATCH),
    }
    routes.add_api_route(
        "", show, methods=["GET"], summary=f"Get {title}", operation_id="show_settings", responses={**stored}
    )
    routes.add_api_route(
        "", replace, methods=["PUT"], summary=f"Update {title}", operation_id="replace_settings",
        responses={**stored, **schemas.WRITTEN, **schemas.problems(404, 412, 422)}, openapi_extra=described,
    )  # fmt: skip
    return routes


# ---- buildings


def buildings() -> APIRouter:
    """The endpoints of the buildings that serve a business unit: the association, not the building."""
    routes = APIRouter(prefix="/business_units/{bu}/buildings", tags=["Business units"], route_class=CutAsSent)

    def listed(bu: str, request: Request, caller: Signed) -> Response:
        unit, database = caller.reads_list(bu), state_of(request).site.database
        serving = [each for each in answers.all_of(database, BUILDINGS.document) if unit in _units_of(each)]
        return answers.as_json({"data": [answers.whole(database, each) for each in serving]})

    def associate(bu: str, building: str, request: Request, caller: Signed) -> Response:
        return once(request, caller, None, lambda: _served(request, caller, bu, building, serves=True))

    def remove(bu: str, building: str, request: Request, caller: Signed) -> Response:
        return once(request, caller, None, lambda: _served(request, caller, bu, building, serves=False))

    for path, endpoint, method, title in (
        ("", listed, "GET", "Get Buildings associated to a Business Unit"),
        ("/{building}", associate, "PUT", "Associate a Building to a Business Unit"),
        ("/{building}", remove, "DELETE", "Remove associated Building from a Business Unit"),
    ):
        name = f"{endpoint.__name__}_buildings"
        headers = [] if method == "GET" else schemas.headers(schemas.ONCE)
        routes.add_api_route(
            path, endpoint, methods=[method], summary=title, operation_id=name, openapi_extra={"parameters": headers}
        )
    return routes


def _units_of(building: Shown) -> list[str]:
    text = building.values[BUILDINGS.document.header.field(SERVES).column] or ""
    return [each.strip() for each in text.split(",") if each.strip()]


def _served(request: Request, caller: Caller, unit: str, number: str, *, serves: bool) -> Response:
    """A building with, or without, a business unit among those that it serves; nothing is lost where others change it
    at the same time.
    """
    caller.writes_lists()
    conditions.refuse(request)
    state = state_of(request)
    for _ in range(TRIES):
        every = answers.every(state.site, BUILDINGS.document, number, "", caller)
        if not every:
            raise not_there()
        building = every[0]
        before = _units_of(building)
        after = [each for each in before if each != unit] + ([unit] if serves else [])
        if unit not in before and not serves:
            raise not_there()
        if unit in before and serves:
            return answers.as_json({"data": answers.whole(state.site.database, building)})
        write = Write(BUILDINGS, caller, UPDATE, "", number, (), str(building.values["revision"]))
        with requests.written(state.site, {SERVES: ",".join(after) or None}) as path:
            answer = written(request, write, path)
        if answer.status_code != 412:
            return answer
    raise Problem(503, "others change this building all the time", {"Retry-After": "1"})
