"""Other paths of the same endpoints: as the warehouse's pages and DOMS write them (contracts/wms.md §4, §7)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import bodies
from crossdock.api.door.bodies import OneBody
from crossdock.api.door.problems import Problem
from crossdock.api.door.signin import Signed
from crossdock.api.warehouse import schemas
from crossdock.api.warehouse.resources import BY_PATH, CREATE, Resource
from crossdock.api.warehouse.schemas import Schema
from crossdock.api.warehouse.singles import created
from crossdock.documents import Document
from crossdock.partners.asked import UNIT

DOMS = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"receipt"\s*:\s*\[')
"""How DOMS begins a receipt confirmation: ``{"receipt": [``, instead of ``{"data": ``."""


def router() -> APIRouter:
    """The endpoints."""
    routes = APIRouter()

    def create_po(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        return created(request, BY_PATH["purchase_orders"], caller, caller.writes(bu), body)

    def receipt(request: Request, caller: Signed, body: OneBody) -> Response:
        return created(request, BY_PATH["receipts"], caller, caller.writes(_doms(body)), body)

    routes.add_api_route(
        "/business_units/createPO/{bu}/createPO",
        create_po,
        methods=["POST"],
        summary="Create Inbound PO, by its path in the warehouse's pages",
        operation_id="create_po",
        tags=["Purchase order"],
        **_described(BY_PATH["purchase_orders"]),
    )
    routes.add_api_route(
        "/ups/inbound/receiptconfirm",
        receipt,
        methods=["POST"],
        summary="receipt confirmation, by DOMS's path",
        operation_id="receipt_confirm",
        tags=["Receipt"],
        **_described(BY_PATH["receipts"], _of_doms(BY_PATH["receipts"].document)),
    )
    return routes


def _described(resource: Resource, body: Schema | None = None) -> dict[str, Any]:
    """What the OpenAPI says of a path that creates a document; ``body``: if it has one of its own."""
    responses, described = schemas.operation(resource.document, CREATE)
    return {
        "responses": responses,
        "openapi_extra": described | ({"requestBody": body} if body else {}),
        "response_class": Response,
        "status_code": 201,
    }


def _of_doms(document: Document) -> Schema:
    """The body of one document as DOMS sends it."""
    one = {"type": "array", "minItems": 1, "maxItems": 1, "items": schemas.reference(document.name)}
    schema = {"type": "object", "required": ["receipt"], "properties": {"receipt": one}}
    example = {name: value for name, value in schemas.example(document).items() if name != UNIT}
    return schemas.json_body(schema, {"receipt": [{"businessUnit": "BU1", **example}]})


def _doms(body: Path) -> str:
    """The business unit of a DOMS receipt confirmation, whose body becomes one of ours.

    Raises ``Problem`` 400 where it is not one receipt with a ``businessUnit``.
    """
    content = body.read_bytes()
    value: Any = bodies.parsed(content)
    receipts = value.get("receipt") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(receipts, list) or len(receipts) != 1 or not isinstance(receipts[0], dict):
        raise Problem(400, 'the body must be {"receipt": [{…}]}, one receipt; several go to …/receipts/bulk')
    unit = receipts[0].get("businessUnit")
    if not isinstance(unit, str) or DOMS.match(content) is None:
        raise Problem(400, "businessUnit is missing")
    inside = DOMS.sub(b"", content).rstrip()[:-1].rstrip()[:-1]
    body.write_bytes(b'{"data":' + inside + b"}")
    return unit
