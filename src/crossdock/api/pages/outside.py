"""Open: the documents that are still outside, with why; for operators to send again, or to give up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from crossdock.api.door.answers import at
from crossdock.api.door.problems import Problem
from crossdock.api.door.state import state_of
from crossdock.api.pages.paging import Page, page_of
from crossdock.api.pages.rendering import render
from crossdock.api.pages.viewers import FromForm, Signed
from crossdock.jobs import open_documents
from crossdock.model.job import JobRecord
from crossdock.reports import standing_text
from crossdock.reports.overview_text import ago
from crossdock.workers.replay import send_again

DOCUMENTS = 50
"""Documents on a page."""
REASONS = 3
"""Reasons that are shown of a document."""
Text = Annotated[str, Form()]
Line = Annotated[int | None, Form()]
"""Where a document begins: several of a job may have one number."""


def router() -> APIRouter:
    """The page of what is outside, and what an operator does there."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/open", _open, methods=["GET"], name="open")
    routes.add_api_route("/open/replay", _replay, methods=["POST"], name="replay")
    routes.add_api_route("/open/dismiss", _dismissal, methods=["GET"], name="dismissal")
    routes.add_api_route("/open/dismiss", _dismiss, methods=["POST"], name="dismiss")
    return routes


def _open(request: Request, viewer: Signed, done: str = "") -> Response:
    site, query = state_of(request).site, request.query_params
    partner = viewer.only(query.get("partner", ""))
    page = Page(page_of(query.get("page")), open_documents.count(site.database, partner=partner), DOCUMENTS)
    some = open_documents.newest(site.database, DOCUMENTS, page.offset, partner=partner)
    now = datetime.now(UTC)
    rows = [
        {
            "document": document,
            "number": standing_text.number(document),
            "age": ago(now, document.received_at),
            "reasons": reasons[:REASONS],
            "more": max(len(reasons) - REASONS, 0),
        }
        for document, reasons in standing_text.with_reasons(site.database, some)
    ]
    return render(
        request,
        "open.html",
        rows=rows,
        page=page,
        partner=partner or "",
        partners=viewer.partners(site),
        link=f"?partner={partner}" if viewer.operator and partner else "?",
        done=done if done in DONE else "",
        done_words=DONE.get(done, ""),
    )


DONE = {
    "replayed": "They are sent again, as jobs of their own.",
    "none": "Nothing was sent again: no records of it are kept, or it is on its way already.",
    "dismissed": "It is given up: it counts as open no more. Who and why are kept.",
}
"""What was done, by the word in the address."""


def _back(request: Request, done: str) -> Response:
    return RedirectResponse(at(request, f"/open?done={done}"), 303)


def _replay(request: Request, viewer: FromForm, job: Text = "", number: Text = "", line: Line = None) -> Response:
    """Send the open documents of a job, or one of them, through today's feed again."""
    viewer.must_operate()
    state = state_of(request)
    viewer.job(state.site.database, job)
    chosen = open_documents.open_documents(state.site.database, job=job, document=number or None, line=line)
    new = list(send_again(state.site, list(chosen)))
    state.nudged.set()
    if len(new) == 1:
        return RedirectResponse(at(request, f"/jobs/{new[0]}"), 303)
    return _back(request, "replayed" if new else "none")


def _dismissal(request: Request, viewer: Signed, job: str = "", number: str = "", line: int | None = None) -> Response:
    """The page that asks why."""
    viewer.must_operate()
    return _asking(request, viewer.job(state_of(request).site.database, job), number, line)


def _asking(
    request: Request, job: JobRecord, number: str, line: int | None, wrong: str = "", status: int = 200
) -> Response:
    """The page that asks why a document is given up; ``line``: where it begins, None for all of the number."""
    database = state_of(request).site.database
    of_line = open_documents.open_documents(database, job=job.job_id, line=line) if line is not None else iter(())
    named = next((standing_text.number(each) for each in of_line), number)
    return render(request, "dismiss.html", status=status, job=job, number=number, line=line, named=named, wrong=wrong)


def _dismiss(
    request: Request, viewer: FromForm, job: Text = "", number: Text = "", why: Text = "", line: Line = None
) -> Response:
    viewer.must_operate()
    database = state_of(request).site.database
    record = viewer.job(database, job)
    if not why.strip():
        return _asking(request, record, number, line, "Say why: it is kept.", 422)
    lines = None if line is None else [line]
    if not open_documents.dismiss(database, job, number, why.strip(), viewer.name, lines):
        raise Problem(409, "That document is not open any more.")
    return _back(request, "dismissed")
