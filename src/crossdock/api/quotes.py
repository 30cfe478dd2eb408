"""The TMS quote of a sales order (contracts/http.md §4, wms.md §11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies
from crossdock.api.door.bodies import OneBody
from crossdock.api.door.paths import CutAsSent
from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.signin import Signed
from crossdock.api.door.state import state_of
from crossdock.api.warehouse import schemas
from crossdock.database.rate_cards import rate_card
from crossdock.documents.sales_order import SALES_ORDER
from crossdock.quotes.answer import answer
from crossdock.quotes.measures import KILOGRAMS
from crossdock.quotes.quotation import NoRateCard, quotation
from crossdock.quotes.request import Unquotable, shipment_of

EXAMPLE = {
    "origin": {"countryCode": "US", "postalCode": "89408"},
    "destination": {"countryCode": "US", "postalCode": "30301"},
    "containers": [{"weight": 1000, "quantity": "1", "type": "Pallet"}],
    "shipmentType": "LTL",
    "weightUom": "LB",
}
"""A shipment, for OpenAPI."""


def router() -> APIRouter:
    """The endpoint of quotes."""
    routes = APIRouter(tags=["Quotes"], route_class=CutAsSent)

    def quote(orgId: str, salesOrderNumber: str, request: Request, caller: Signed, body: OneBody) -> Response:  # noqa: N803  # the contract's names
        site = state_of(request).site
        if not answers.every(site, SALES_ORDER, salesOrderNumber, caller.reads(orgId), caller):
            raise not_there()
        try:
            shipment = shipment_of(bodies.document_in(body))
            today = datetime.now(site.zone).date()
            return answers.as_json(answer(quotation(shipment, rate_card(site.database, shipment), today)))
        except Unquotable as wrong:
            failures = [{"pointer": place, "message": sentence} for place, sentence in wrong.failures]
            raise Problem(422, str(wrong), failures=failures) from None
        except NoRateCard as missing:
            raise Problem(422, f"{missing}: there is no rate card", emptyLists=list(missing.lists)) from None

    routes.add_api_route(
        "/organizations/{orgId}/sales_orders/{salesOrderNumber:path}/tms_quote", quote, methods=["POST"],
        summary="What carriers take for a shipment", openapi_extra={"requestBody": _described()},
    )  # fmt: skip
    return routes


def _described() -> dict[str, Any]:
    """The request for OpenAPI: what must be in it; what else is sent is taken and not read."""
    text, number = {"type": "string"}, {"type": "number", "exclusiveMinimum": 0}
    line = {"type": "object", "additionalProperties": True}
    place = {"type": "object", "required": ["countryCode"], "properties": {"countryCode": text, "postalCode": text}}
    container = {
        "type": "object",
        "required": ["weight"],
        "properties": {"weight": number, "quantity": text, "type": text, "lines": {"type": "array", "items": line}},
    }
    accessorial = {"type": "object", "required": ["code"], "properties": {"code": text, "accessorialType": text}}
    properties = {
        "origin": place,
        "destination": place,
        "containers": {"type": "array", "minItems": 1, "items": container},
        "accesorials": {"type": "array", "items": accessorial},
        "shipmentType": text,
        "shipmentMode": text,
        "weightUom": {"enum": sorted(KILOGRAMS)},
        "carrierCodes": {"type": "array", "items": text},
        "serviceLevel": text,
        "requestedShipDate": {"type": "string", "format": "date-time"},
    }
    required = ["origin", "destination", "containers", "shipmentType", "weightUom"]
    data = {"type": "object", "required": required, "properties": properties}
    return schemas.json_body(schemas.enveloped(data), {"data": EXAMPLE})
