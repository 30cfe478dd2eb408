"""Status: the page for six in the morning, in the words of ``crossdock status``; for operators."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door.state import state_of
from crossdock.api.pages.rendering import render
from crossdock.api.pages.viewers import Signed
from crossdock.delivery.morning import morning
from crossdock.jobs.overview import today
from crossdock.reports.overview_text import HEADINGS, NUMBERS, rows


def router() -> APIRouter:
    """The page of the day."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/status", _status, methods=["GET"], name="status")
    return routes


def _status(request: Request, viewer: Signed) -> Response:
    viewer.must_be_ours()
    site = state_of(request).site
    state = morning(site.database, site.partners, site.home, today(site.zone), site.zone)
    return render(
        request,
        "status.html",
        since=state.overview.since,
        now=state.overview.now,
        headings=HEADINGS,
        numbers=NUMBERS,
        rows=rows(state.overview),
        remarks=state.remarks,
        needs_somebody=state.needs_somebody,
        on_hold=any(state.overview.on_hold),
    )
