"""Lists: the stored documents of a type that a partner may see, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door import answers, bodies
from crossdock.api.door.paths import path_of
from crossdock.api.door.problems import Problem
from crossdock.api.door.signin import Caller, Signed
from crossdock.api.door.state import state_of
from crossdock.api.warehouse.resources import LIST, Resource
from crossdock.api.warehouse.singles import add
from crossdock.database import pages
from crossdock.database.pages import Cut, Place, Sight
from crossdock.documents import Document
from crossdock.partners.asked import UNIT, Asked
from crossdock.schema.names import fold, is_text

LIMIT, MOST = 100, 1000
"""How many documents a page has, and may have (contracts/http.md §1)."""
FARTHEST = 1 << 40
MOVING = ("limit", "offset", "after")
"""The parameters by which pages differ."""
OWN = (*MOVING, "sortField", "sortDirection", "since")
"""The parameters of a list; every other is a filter."""


def router(resource: Resource) -> APIRouter:
    """The endpoint of a document type's list."""
    routes = APIRouter(prefix=resource.prefix, tags=[resource.document.title])

    def listed(bu: str, request: Request, caller: Signed) -> Response:
        return page_of(request, resource.document, caller, (caller.reads(bu),))

    add(routes, resource, LIST, "", listed, "GET")
    return routes


def page_of(request: Request, document: Document, caller: Caller, units: tuple[str, ...]) -> Response:
    """A page of the documents of those business units, as the query says. Raises ``Problem`` 400 where it can't be."""
    cut = _cut_of(request)
    where = list(_filters(request, document, caller, units))
    sight = Sight(caller.partner.id, units)
    page = pages.page(state_of(request).site.database, document, sight, where, cut)
    rest = [(name, value) for name, value in request.query_params.multi_items() if name not in MOVING]
    place = [("after", json.dumps(page.last, ensure_ascii=False))] if page.last else []
    place = [("limit", str(cut.limit)), ("offset", str(cut.offset + len(page.rows))), *place]
    following = f"{path_of(request)}?{urlencode([*rest, *place])}" if page.more else None
    paging = {"limit": cut.limit, "offset": cut.offset, "total": page.total, "next": following}
    return answers.as_json({"data": page.rows, "paging": paging})


def _filters(request: Request, document: Document, caller: Caller, units: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The filters of a query, each value as the caller's feed reads it in a body; a number also as it is stored."""
    of_unit = {UNIT: units[0]} if units and UNIT in document.key else {}
    feed = state_of(request).site.partners.of_request(Asked(f"{caller.partner.id}/{document.name}", of_unit))
    fields = {fold(field.name): field.name for field in document.header.fields}
    for name, value in request.query_params.multi_items():
        if name not in OWN:
            field = fields.get(fold(name), "")
            yield name, feed.meant(field, value)
            if field == document.number:
                yield name, value


def _cut_of(request: Request) -> Cut:
    """The page that a query asks for. Raises ``Problem`` 400 where a number is none, or out of its bounds."""
    direction = request.query_params.get("sortDirection", "ASC").upper()
    if direction not in ("ASC", "DESC"):
        raise Problem(400, "sortDirection is ASC or DESC")
    return Cut(
        whole_number(request, "limit", LIMIT, 1, MOST),
        whole_number(request, "offset", 0, 0, FARTHEST),
        request.query_params.get("sortField", ""),
        direction == "DESC",
        whole_number(request, "since", 0, 0, FARTHEST) if "since" in request.query_params else None,
        _place(request.query_params.get("after", "[]")),
    )


def _place(text: str) -> Place:
    """The place behind which a page begins, as ``paging.next`` has it. Raises ``Problem`` 400 where it is none."""
    value = bodies.parsed(text.encode("utf-8", "replace"))
    if not isinstance(value, list) or not all(isinstance(each, str) and is_text(each) for each in value):
        raise Problem(400, "after is what paging.next has of the page before")
    return tuple(value)


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number of a query. Raises ``Problem`` 400 where it is none, or out of its bounds."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most):
        raise Problem(400, f"{name} must be a whole number from {least} to {most}")
    return int(text)
