"""A business unit's Amazon SFP keys: set and removed, never given; of each the last four characters are shown."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies
from crossdock.api.door.bodies import OneBody
from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.signin import Signed
from crossdock.api.door.state import state_of
from crossdock.registers import sealed

MOST, LONGEST = 20, 4096
"""How many keys a business unit has, and how long one is."""


def router() -> APIRouter:
    """The endpoints of a business unit's Amazon SFP keys."""
    routes = APIRouter(prefix="/business_units/{bu}/amazon_sfp_keys", tags=["Business units"])

    def show(bu: str, request: Request, caller: Signed) -> Response:
        return _shown(request, caller.reads(bu))

    def replace(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        unit = caller.writes(bu)
        values = bodies.document_in(body)
        right = all(type(value) is str and 0 < len(value) <= LONGEST for value in values.values())
        if not values or len(values) > MOST or not right or any(len(name) > 40 for name in values):
            raise Problem(422, f"send 1 to {MOST} keys, each a name of at most 40 characters and a text")
        sealer = state_of(request).options.sealer
        if sealer is None:
            raise Problem(503, "this server has no key to seal secrets with: CROSSDOCK_API_SEALING_KEY")
        sealed.put(state_of(request).site.database, unit, {name: str(value) for name, value in values.items()}, sealer)
        return _shown(request, unit)

    def remove(bu: str, request: Request, caller: Signed) -> Response:
        if not sealed.remove(state_of(request).site.database, caller.writes(bu)):
            raise not_there()
        return Response(status_code=204)

    for endpoint, method, title in (
        (show, "GET", "Get Business Unit Amazon SFP Keys"),
        (replace, "PUT", "Update Business Unit Amazon SFP Keys"),
        (remove, "DELETE", "Remove Business Unit Amazon SFP Keys"),
    ):
        name = f"{endpoint.__name__}_amazon_sfp_keys"
        routes.add_api_route("", endpoint, methods=[method], summary=title, operation_id=name)
    return routes


def _shown(request: Request, unit: str) -> Response:
    every = sealed.shown(state_of(request).site.database, unit)
    if not every:
        raise not_there()
    data = {each.name: {"lastFour": each.last_four, "setAt": each.set_at.isoformat()} for each in every}
    return answers.as_json({"data": data})
