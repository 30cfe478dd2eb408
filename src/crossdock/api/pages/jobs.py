"""Jobs: the list with its filters, and one job with its answer, or how far it is; one that was set aside continues."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from crossdock.api.door.answers import at
from crossdock.api.door.state import state_of
from crossdock.api.pages.answer import Chosen, answer_of, progress_of
from crossdock.api.pages.paging import Page, page_of
from crossdock.api.pages.rendering import HEADERS, render
from crossdock.api.pages.viewers import FromForm, Signed
from crossdock.documents import DOCUMENTS
from crossdock.jobs import leases, queries
from crossdock.jobs.queries import UNFINISHED, Wanted
from crossdock.model.status import Verdict

JOBS = 50
"""Jobs on a page."""
RESULT_WORDS = {
    Verdict.ACCEPTED: "accepted",
    Verdict.PARTIAL: "partly failed",
    Verdict.REJECTED: "rejected",
    UNFINISHED: "waiting or running",
}


def router() -> APIRouter:
    """The pages of jobs."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/jobs", _jobs, methods=["GET"], name="jobs")
    routes.add_api_route("/jobs/{job_id}", _job, methods=["GET"], name="job")
    routes.add_api_route("/jobs/{job_id}/progress", _progress, methods=["GET"], name="job_progress")
    routes.add_api_route("/jobs/{job_id}/resume", _resume, methods=["POST"], name="job_resume")
    return routes


def _jobs(request: Request, viewer: Signed) -> Response:
    site, query = state_of(request).site, request.query_params
    partner = viewer.only(query.get("partner", ""))
    names = ("document", "result", "words")
    chosen = {name: query.get(name, "").strip() for name in names}
    wanted = Wanted(partner, **chosen)
    page = Page(page_of(query.get("page")), queries.listed_count(site.database, wanted), JOBS)
    filters = {name: value for name, value in (chosen | {"partner": query.get("partner", "")}).items() if value}
    return render(
        request,
        "jobs.html",
        jobs=queries.listed(site.database, wanted, JOBS, page.offset),
        page=page,
        chosen=filters,
        link=f"?{urlencode(filters)}",
        results=RESULT_WORDS,
        documents=DOCUMENTS,
        partners=viewer.partners(site),
        now=datetime.now(UTC),
    )


def _job(request: Request, viewer: Signed, job_id: str) -> Response:
    site = state_of(request).site
    job = viewer.job(site.database, job_id)
    chosen = Chosen.of(request, operator=viewer.operator)
    answer = answer_of(site.database, job, chosen, site.zone)
    partner = viewer.only()
    members = queries.listed(site.database, Wanted(partner, parent=job_id), JOBS)
    return render(request, "job.html", answer=answer, job=job, members=members)


def _resume(request: Request, viewer: FromForm, job_id: str) -> Response:
    """Let a job continue that was set aside; one that nobody has set aside goes on anyhow."""
    viewer.must_operate()
    state = state_of(request)
    leases.resume(state.site.database, viewer.job(state.site.database, job_id).job_id)
    state.nudged.set()
    return RedirectResponse(at(request, f"/jobs/{job_id}"), 303)


def _progress(request: Request, viewer: Signed, job_id: str) -> Response:
    site = state_of(request).site
    job = viewer.job(site.database, job_id)
    words, done = progress_of(job, site.zone), job.verdict is not None
    figures = {"done": done, "processed": job.processed, "total": job.total, "words": words}
    return JSONResponse(figures, headers=HEADERS)
