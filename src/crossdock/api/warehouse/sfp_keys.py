"""A business unit's Amazon SFP keys: set and removed, never given; of each the last four characters are shown."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies, conditions
from crossdock.api.door.bodies import OneBody
from crossdock.api.door.once import once
from crossdock.api.door.paths import CutAsSent
from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.signin import Signed
from crossdock.api.door.state import state_of
from crossdock.api.warehouse import schemas
from crossdock.api.warehouse.schemas import Schema
from crossdock.registers import sealed

MOST, LONGEST = 20, 4096
"""How many keys a business unit has, and how long one is."""


def router() -> APIRouter:
    """The endpoints of a business unit's Amazon SFP keys."""
    routes = APIRouter(prefix="/business_units/{bu}/amazon_sfp_keys", tags=["Business units"], route_class=CutAsSent)

    def show(bu: str, request: Request, caller: Signed) -> Response:
        return _shown(request, caller.reads(bu))

    def replace(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        unit = caller.writes(bu)
        conditions.refuse(request)
        values = bodies.values_in(body)
        right = all(type(value) is str and 0 < len(value) <= LONGEST for value in values.values())
        if not values or len(values) > MOST or not right or not all(0 < len(name) <= 40 for name in values):
            raise Problem(422, f"send 1 to {MOST} keys, each a name of 1 to 40 characters and a text")
        sealer, database = state_of(request).options.sealer, state_of(request).site.database
        if sealer is None:
            raise Problem(503, "this server has no key to seal secrets with: CROSSDOCK_API_SEALING_KEY")

        def put() -> Response:
            sealed.put(database, unit, {name: str(value) for name, value in values.items()}, sealer)
            return _shown(request, unit)

        return once(request, caller, body, put)

    def remove(bu: str, request: Request, caller: Signed) -> Response:
        unit = caller.writes(bu)
        conditions.refuse(request)

        def forget() -> Response:
            if not sealed.remove(state_of(request).site.database, unit):
                raise not_there()
            return Response(status_code=204)

        return once(request, caller, None, forget)

    described = {"requestBody": _described(), "parameters": schemas.headers(schemas.ONCE)}
    for endpoint, method, title, more in (
        (show, "GET", "Get Business Unit Amazon SFP Keys", {}),
        (replace, "PUT", "Update Business Unit Amazon SFP Keys", described),
        (remove, "DELETE", "Remove Business Unit Amazon SFP Keys", {"parameters": schemas.headers(schemas.ONCE)}),
    ):
        name = f"{endpoint.__name__}_amazon_sfp_keys"
        routes.add_api_route("", endpoint, methods=[method], summary=title, operation_id=name, openapi_extra=more)
    return routes


def _described() -> Schema:
    """The body for OpenAPI: each key by its name."""
    keys = {"type": "object", "additionalProperties": {"type": "string", "minLength": 1, "maxLength": LONGEST}}
    return schemas.json_body(schemas.enveloped(keys), {"data": {"clientId": "amzn1.application-oa2-client.0123"}})


def _shown(request: Request, unit: str) -> Response:
    every = sealed.shown(state_of(request).site.database, unit)
    if not every:
        raise not_there()
    data = {each.name: {"lastFour": each.last_four, "setAt": each.set_at.isoformat()} for each in every}
    return answers.as_json({"data": data})
