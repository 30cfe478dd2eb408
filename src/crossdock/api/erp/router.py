"""The ERP's endpoints: ``/API/{Controller}/{Action}/{API Key}``, in any case, by GET or POST.

A business answer is HTTP 200, also of a failure; what is no endpoint is 404 with shape B; a wrong key is 200 with shape
C, as the ERP answers. The key is part of the path, so no path is ever logged or stored with a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.convertors import StringConvertor, register_url_convertor

from crossdock.api.door.answers import visible
from crossdock.api.door.bodies import in_time
from crossdock.api.door.imports import imported
from crossdock.api.door.problems import Problem
from crossdock.api.door.signin import Caller
from crossdock.api.door.state import ONLY_HEAD, State, address_of, state_of
from crossdock.api.door.turns import TURNS
from crossdock.api.erp import answers
from crossdock.api.erp.bodies import Body as Document
from crossdock.api.erp.calls import CONTROLLERS, Call
from crossdock.api.erp.orders import WRITES, Answer, Orders
from crossdock.api.erp.parameters import BadParameters, UnknownParameter, read_parameters
from crossdock.documents.erp_sales_order import ERP_SALES_ORDER
from crossdock.model.job import JobRecord
from crossdock.partners.asked import SENDS, UNIT, Asked
from crossdock.registers import keys
from crossdock.reports.erp_envelope import FAILED, envelope
from crossdock.schema.meanings import meaning
from crossdock.workers import requests
from crossdock.workers.requests import Body

MOST_BYTES = 1 << 20
"""The most bytes of a JSON object with parameters."""
METHODS = ["GET", "POST"]
READ_ONLY = "This key may only read."
TOO_MANY, TOO_OFTEN = "Too many wrong API Keys. Try again later.", "This key asks too often. Try again later."


class _AnyCase(StringConvertor):
    regex = "[Aa][Pp][Ii]"


register_url_convertor("erp_root", _AnyCase())


@dataclass(frozen=True)
class _Path:
    """The parts of a call's path, as they were sent."""

    uri: str
    controller: str
    action: str = ""
    secret: str = ""
    more: bool = False

    @property
    def actions(self) -> Mapping[str, Call] | None:
        return CONTROLLERS.get(self.controller.lower())

    @property
    def call(self) -> Call | None:
        return (self.actions or {}).get(self.action.lower())


async def _parameters(request: Request) -> bytes:
    """A dependency: the body of a call. Raises ``Problem`` 413 if it is too large, 408 if it does not come."""
    body = bytearray()
    async for piece in in_time(request.stream()):
        body += piece
        if len(body) > MOST_BYTES:
            raise Problem(413, f"the parameters may have at most {MOST_BYTES:,} bytes", {"Connection": "close"})
    return bytes(body)


def router() -> APIRouter:
    """The endpoints of the ERP's API, each by its own path and all by any spelling of it."""
    routes = APIRouter(tags=["ERP"])

    def answer(request: Request, body: Annotated[bytes, Depends(_parameters)]) -> Response:
        return _answered(request, body)

    for controller, actions in CONTROLLERS.items():
        for action, call in actions.items():
            path = f"/API/{controller.upper()}/{_title(action)}/{{api_key}}"
            for method in METHODS:
                routes.add_api_route(path, answer, methods=[method], summary=f"{call.entity}: {call.verb}",
                                     operation_id=f"erp_{controller}_{action}_{method.lower()}",
                                     openapi_extra={**_described(call, method), "security": []})  # fmt: skip
    routes.add_api_route("/{root:erp_root}/{rest:path}", answer, methods=METHODS, include_in_schema=False)
    return routes


def _title(action: str) -> str:
    """An action as the vendor spells it: ``ItemAdd``."""
    return "".join(part.title() for part in action.replace("item", "item ").split())


def _described(call: Call, method: str) -> dict[str, Any]:
    """The parameters of a call for OpenAPI: in the query, of a POST in the body, too."""
    fields = {name: meaning(ERP_SALES_ORDER.name, name).sentence for name in call.parameters.values()}
    key = {"name": "api_key", "in": "path", "required": True, "schema": {"type": "string"}}
    query = [
        {"name": name, "in": "query", "description": sentence, "schema": {"type": "string"}}
        for name, sentence in fields.items()
    ]
    if method == "GET":
        return {"parameters": [key, *query]}
    kinds = {"type": ["string", "number", "boolean", "null"]}
    members = {name: {**kinds, "description": sentence} for name, sentence in fields.items()}
    schema = {"type": "object", "properties": members}
    return {"parameters": [key, *query], "requestBody": {"content": {"application/json": {"schema": schema}}}}


def _path_of(request: Request) -> _Path:
    scope = request.scope
    raw = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    host = request.headers.get("host", "localhost")
    uri = f"{request.url.scheme}://{host}{raw}{'?' if query else ''}{query}"
    _, _, *parts = scope["path"].removeprefix(scope.get("root_path", "")).split("/")
    controller, action, secret = (*parts, "", "", "")[:3]
    return _Path(uri, controller, action, secret, any(parts[3:]))


def _answered(request: Request, body: bytes) -> Response:
    path = _path_of(request)
    if path.actions is None:
        return _response(answers.no_controller(path.uri, path.controller), 404)
    if path.call is None:
        return _response(answers.no_action(path.uri, path.controller, path.action), 404)
    if path.more:
        return _response(answers.no_match(path.uri, path.controller), 404)
    if request.scope.get(ONLY_HEAD) and path.action.lower() in WRITES:
        raise Problem(405, "HEAD changes nothing: call by GET or POST", {"Allow": ", ".join(METHODS)})
    tries, address = state_of(request).tries, address_of(request)
    if seconds := tries.wait(address):
        refused = envelope(FAILED, TOO_MANY, valid_user=False)
        return _response(refused, 429, {"Retry-After": str(seconds)})
    caller = _caller(state_of(request), path.secret)
    if caller is None:
        tries.note(address)
        return _response(answers.invalid_key())
    if seconds := ceil(state_of(request).limits.wait(caller.key.key_id)):
        return _response(envelope(FAILED, TOO_OFTEN), 429, {"Retry-After": str(seconds)})
    try:
        values = read_parameters(request.scope["query_string"], body, path.call.parameters)
    except UnknownParameter:
        return _response(answers.no_match(path.uri, path.controller), 404)
    except BadParameters as wrong:
        return _response(envelope(FAILED, path.call.failed(str(wrong))))
    action = path.action.lower()
    if caller.key.read_only and action in WRITES:
        return _response(envelope(FAILED, path.call.failed(READ_ONLY)))
    origin = f"{request.method} /API/{path.controller}/{path.action}"
    with TURNS.next() if action in WRITES else nullcontext():
        return _response(_orders(state_of(request), caller, origin).answer(path.controller.lower(), action, values))


def _response(answer: Answer, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    fresh = {"Cache-Control": "no-store", **(headers or {})}  # a GET may write
    return Response(answers.as_bytes(answer), status, fresh, media_type="application/json")


def _caller(state: State, secret: str) -> Caller | None:
    """Who asks, by a key of the ERP's kind; None if no such key opens."""
    key = keys.find(state.site.database, secret) if secret else None
    partner = state.site.partners.of(key.partner) if key is not None and key.kind == keys.ERP else None
    if key is None or partner is None:
        return None
    caller = Caller(partner, key)
    return caller if caller.units else None


def _orders(state: State, caller: Caller, origin: str) -> Orders:
    """The orders of the first business unit of a key."""
    unit = caller.units[0]
    body_of = Asked(f"{caller.partner.id}/{ERP_SALES_ORDER.name}", {UNIT: unit, SENDS: "changes"})

    def importing(document: Document) -> JobRecord:
        with requests.written(state.site, document) as path:
            return imported(state, Body(path, body_of, origin))

    return Orders(state.site.database, unit, importing, lambda shown: visible(shown, caller))
