"""Other paths of the same endpoints: as the warehouse's pages and DOMS write them (contracts/wms.md §4, §7)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import bodies
from crossdock.api.door.bodies import OneBody
from crossdock.api.door.once import once
from crossdock.api.door.problems import Problem
from crossdock.api.door.signin import Signed
from crossdock.api.warehouse.resources import BY_PATH, CREATE
from crossdock.api.warehouse.writes import Write, written

DOMS = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"receipt"\s*:\s*\[')
"""How DOMS begins a receipt confirmation: ``{"receipt": [``, instead of ``{"data": ``."""


def router() -> APIRouter:
    """The endpoints."""
    routes = APIRouter()

    def create_po(bu: str, request: Request, caller: Signed, body: OneBody) -> Response:
        write = Write(BY_PATH["purchase_orders"], caller, CREATE, caller.writes(bu))
        return once(request, caller, body, lambda: written(request, write, body))

    def receipt(request: Request, caller: Signed, body: OneBody) -> Response:
        unit = _doms(body)
        write = Write(BY_PATH["receipts"], caller, CREATE, caller.writes(unit))
        return once(request, caller, body, lambda: written(request, write, body))

    routes.add_api_route(
        "/business_units/createPO/{bu}/createPO",
        create_po,
        methods=["POST"],
        summary="Create Inbound PO, by its path in the warehouse's pages",
        operation_id="create_po",
        tags=["Purchase order"],
    )
    routes.add_api_route(
        "/ups/inbound/receiptconfirm",
        receipt,
        methods=["POST"],
        summary="receipt confirmation, by DOMS's path",
        operation_id="receipt_confirm",
        tags=["Receipt"],
    )
    return routes


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
