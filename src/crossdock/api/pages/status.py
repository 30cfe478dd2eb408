"""Status: the page for six in the morning, in the words of ``crossdock status``; for operators."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door.state import state_of
from crossdock.api.pages.rendering import render
from crossdock.api.pages.viewers import Signed
from crossdock.delivery.answer_files import workbooks
from crossdock.jobs.overview import overview, today
from crossdock.reports.overview_text import HEADINGS, NUMBERS, remarks, rows


def router() -> APIRouter:
    """The page of the day."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/status", _status, methods=["GET"], name="status")
    return routes


def _status(request: Request, viewer: Signed) -> Response:
    viewer.must_be_ours()
    site = state_of(request).site
    state = overview(site.database, today(site.zone), site.zone)
    mistakes = site.partners.mistakes
    return render(
        request,
        "status.html",
        since=state.since,
        now=state.now,
        headings=HEADINGS,
        numbers=NUMBERS,
        rows=rows(state),
        remarks=list(remarks(state, mistakes, workbooks(site.home, (each.job for each in state.held)))),
        needs_somebody=state.needs_somebody or bool(mistakes),
        on_hold=any(state.on_hold),
    )
