"""What belongs to a document: an order's shipments, what was received of an inbound document; acknowledgements."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies, conditions
from crossdock.api.door.bodies import OneBody
from crossdock.api.door.once import once
from crossdock.api.door.paths import CutAsSent
from crossdock.api.door.problems import Problem
from crossdock.api.door.signin import Signed
from crossdock.api.door.state import state_of
from crossdock.api.warehouse import schemas
from crossdock.api.warehouse.lists import LIMIT, MOST, page_of, whole_number
from crossdock.api.warehouse.resources import BY_PATH, Resource
from crossdock.api.warehouse.schemas import Schema
from crossdock.api.warehouse.singles import one
from crossdock.database import read_documents
from crossdock.documents import DOCUMENTS
from crossdock.registers import received_acks

REFERRING = (
    ("sales_orders", "shipments", "ship_confirmation", "Get Shipments for a Sales Order"),
    ("asns", "receipt_lines", "receipt", "Get receipt lines for single Inbound ASN"),
    ("rmas", "receipt_lines", "receipt", "Get receipt lines for single Inbound RMA"),
    ("purchase_orders", "receipt_lines", "receipt", "Get receipt lines for single Inbound PO"),
)
"""Path of a document, path of what refers to it, whose lines these are, title."""
SALES_ORDERS = BY_PATH["sales_orders"]


def router() -> APIRouter:
    """The endpoints of what belongs to a document."""
    routes = APIRouter(route_class=CutAsSent)
    for path, name, document, title in REFERRING:
        resource = BY_PATH[path]
        routes.add_api_route(
            f"{resource.prefix}/{{number:path}}/{name}",
            _referring(resource, document),
            methods=["GET"],
            summary=title,
            operation_id=f"{name}_of_{path}",
            tags=[resource.document.title],
        )
    routes.include_router(_of_orders())
    return routes


def _referring(resource: Resource, document: str) -> Callable[..., Response]:
    def endpoint(bu: str, number: str, request: Request, caller: Signed) -> Response:
        shown = one(request, resource, caller, caller.reads(bu), number)
        rows = dict(read_documents.referring(state_of(request).site.database, shown, [DOCUMENTS[document]])).get(
            document, []
        )
        return answers.as_json({"data": [answers.without_origin(row) for row in rows]})

    return endpoint


def _of_orders() -> APIRouter:
    """The two endpoints of sales orders that stand beside their path."""
    routes = APIRouter(tags=["Sales order"])

    def orders(company_no: str, request: Request, caller: Signed) -> Response:
        return page_of(request, SALES_ORDERS.document, caller, (caller.reads(company_no),))

    def acknowledge(request: Request, caller: Signed, body: OneBody) -> Response:
        caller.writes_something()
        conditions.refuse(request)
        data = bodies.values_in(body)
        job, status = data.get("jobId", ""), data.get("status", "")
        if type(job) is not str or type(status) is not str or len(job) > 200 or len(status) > 200:
            raise Problem(422, "jobId and status are texts")
        text = body.read_text(encoding="utf-8-sig")

        def keep() -> Response:
            received_acks.receive(state_of(request).site.database, caller.partner.id, job, status, text)
            return answers.as_json({})

        return once(request, caller, body, keep)

    def acks(request: Request, caller: Signed) -> Response:
        limit = whole_number(request, "limit", LIMIT, 1, MOST)
        job = request.query_params.get("jobId")
        every = received_acks.received(state_of(request).site.database, caller.partner.id, job, limit)
        rows = [
            {
                "jobId": each.job_id,
                "known": each.known,
                "status": each.status,
                "receivedAt": each.received_at.isoformat(),
            }
            for each in every
        ]
        return answers.as_json({"data": rows})

    routes.add_api_route(
        "/getSalesOrder/{company_no}/orders",
        orders,
        methods=["GET"],
        summary="Get Sales Order Information",
        operation_id="sales_order_information",
    )
    title = "Sales Order Acknowledgement"
    received = {"requestBody": _acknowledgement(), "parameters": schemas.headers(schemas.ONCE)}
    routes.add_api_route(
        "/salesOrderAck",
        acknowledge,
        methods=["POST"],
        summary=title,
        operation_id="receive_ack",
        openapi_extra=received,
    )
    title = "acknowledgements that were received"
    asked_for = schemas.parameters({"jobId": {"type": "string"}, "limit": schemas.LISTED["limit"]})
    routes.add_api_route(
        "/salesOrderAck",
        acks,
        methods=["GET"],
        summary=title,
        operation_id="received_acks",
        openapi_extra={"parameters": asked_for},
    )
    return routes


def _acknowledgement() -> Schema:
    """The body of an acknowledgement for OpenAPI."""
    line = {"customerLineNumber": "1", "message": "out of stock"}
    failed = [{"customerOrderNumber": "SO-1", "message": "not taken", "lines": [line]}]
    data = {"jobId": "A-1", "status": "COMPLETED_WITH_ERRORS", "failedOrders": failed}
    example = {"data": {**data, "progress": {"processed": 1, "total": 1}}}
    return schemas.json_body(schemas.reference("sales_order_acknowledgement"), example)
