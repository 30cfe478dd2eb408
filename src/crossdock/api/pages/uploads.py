"""Upload: choose a file, check or import it; the check's answer, and the import of what was checked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response

from crossdock.api.door.answers import at
from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.state import State, state_of
from crossdock.api.pages.answer import Chosen, answer_of
from crossdock.api.pages.rendering import HEADERS, render
from crossdock.api.pages.uploaded import FILE_BYTES, MOST, Upload, Uploaded
from crossdock.api.pages.viewers import FromForm, Signed, Viewer
from crossdock.failures.refusals import Refused
from crossdock.jobs import queries
from crossdock.jobs.queries import Wanted
from crossdock.partners.registry import Misconfigured
from crossdock.workers import checks
from crossdock.workers.checks import Check
from crossdock.workers.submit import submit

CHECK = "check"
ACTIONS = (CHECK, "import")
"""What can be done with a file."""
RECENT = 6
"""Jobs below the form."""
AT_ONCE = 2
"""Checks that one process runs side by side."""
_CHECKING = ThreadPoolExecutor(AT_ONCE, "check")
ORIGIN = "uploaded by {}"


def router() -> APIRouter:
    """The pages to upload a file."""
    routes = APIRouter(include_in_schema=False)
    for path, endpoint, method, name in (
        ("/", _first, "GET", "first"),
        ("/upload", _upload, "GET", "upload"),
        ("/upload", _sent, "POST", "sent"),
        ("/recognise", _recognise, "GET", "recognise"),
        ("/checks/{check_id}", _check, "GET", "check"),
        ("/checks/{check_id}/progress", _progress, "GET", "check_progress"),
        ("/checks/{check_id}/standard/{place}.edi", _standard, "GET", "check_standard"),
        ("/checks/{check_id}/import", _import, "POST", "check_import"),
    ):
        routes.add_api_route(path, endpoint, methods=[method], name=name)
    return routes


def _first(request: Request) -> Response:
    return RedirectResponse(at(request, "/upload"), 303)


def _upload(request: Request, viewer: Signed) -> Response:
    return _form(request, viewer)


def _form(request: Request, viewer: Viewer, wrong: str = "", status: int = 200, feed: str = "") -> Response:
    site = state_of(request).site
    wanted = Wanted(viewer.only())
    jobs = queries.listed(site.database, wanted, RECENT)
    feeds = sorted({each.name for each in viewer.feeds(site)})
    return render(
        request,
        "upload.html",
        status=status,
        feeds=feeds,
        feed=feed,
        jobs=jobs,
        wrong=wrong,
        bytes=FILE_BYTES,
        most=MOST,
    )


def _sent(request: Request, upload: Uploaded) -> Response:
    viewer, feed = upload.viewer, upload.fields.get("feed", "")
    site = state_of(request).site
    wrong = _wrong(upload, feed, {each.name for each in viewer.feeds(site)})
    if wrong:
        return _form(request, viewer, wrong, 422, feed)
    if upload.fields.get("action", CHECK) == CHECK:
        return RedirectResponse(at(request, f"/checks/{_begin(request, upload, feed).check_id}"), 303)
    viewer.must_write()
    with upload.path.open("rb") as file:
        job = submit(site, file, upload.name, partner=viewer.partner_id, feed=feed or None, origin=_origin(viewer))
    state_of(request).nudged.set()
    return RedirectResponse(at(request, f"/jobs/{job}"), 303)


def _wrong(upload: Upload, feed: str, feeds: set[str]) -> str:
    if not upload.name:
        return "Choose a file first."
    action = upload.fields.get("action", CHECK)
    if action not in ACTIONS:
        return f"A file can be checked or imported; there is no action {action[:80]!r}."
    if not upload.size:
        return f"{upload.name} is empty."
    return f"There is no feed {feed} for you." if feed and feed not in feeds else ""


def _origin(viewer: Viewer) -> str:
    return ORIGIN.format(viewer.name)


def _begin(request: Request, upload: Upload, feed: str) -> Check:
    site = state_of(request).site
    checks.clean_up(site)
    check = checks.begin(upload.path, upload.name, upload.viewer.partner_id, feed or None)
    _CHECKING.submit(checks.run, site, check)
    return check


def _recognise(request: Request, viewer: Signed, name: str = "") -> Response:
    """Which feed claims a file of that name, for the form; '' and why where none does."""
    site = state_of(request).site
    try:
        feed, why = site.partners.claim(name, viewer.only()).name, ""
    except (Refused, Misconfigured):
        feed, why = "", "no feed claims this name: choose one, or let its content tell (a fix-workbook does)"
    return JSONResponse({"feed": feed, "why": why}, headers=HEADERS)


def _known(request: Request, viewer: Viewer, check_id: str) -> Check:
    check = checks.find(state_of(request).site, check_id)
    if check is None or not viewer.sees(check.partner):
        raise not_there()
    return check


def _check(request: Request, viewer: Signed, check_id: str, file: int = 0) -> Response:
    check, site = _known(request, viewer, check_id), state_of(request).site
    if check.state != checks.DONE:
        return render(request, "check.html", check=check, answer=None, files=[], file=0)
    with checks.books_of(site, check) as (books, jobs):
        if not 0 <= file < len(jobs):
            raise not_there()
        chosen = Chosen.of(request, operator=viewer.operator)
        answer = answer_of(books, jobs[file], chosen, site.zone)
        return render(request, "check.html", check=check, answer=answer, files=jobs, file=file)


def _progress(request: Request, viewer: Signed, check_id: str) -> Response:
    check = _known(request, viewer, check_id)
    words = f"{check.processed:,} of {check.total:,} documents" if check.total else "reading the file"
    done = check.state != checks.RUNNING
    figures = {"done": done, "processed": check.processed, "total": check.total, "words": words}
    return JSONResponse(figures, headers=HEADERS)


def _standard(request: Request, viewer: Signed, check_id: str, place: int) -> Response:
    """An answer in the standard that an import would send. ``place``: among those of the check."""
    check = _known(request, viewer, check_id)
    if not 0 <= place < len(check.standard):
        raise not_there()
    text, path = check.standard[place], checks.standard_path(state_of(request).site, check, place)
    return FileResponse(path, media_type=text.kind, filename=text.name, headers=HEADERS)


def _import(request: Request, viewer: FromForm, check_id: str) -> Response:
    check = _known(request, viewer, check_id)
    viewer.must_write()
    if check.state == checks.RUNNING:
        raise Problem(409, "The check has not ended yet.")
    state: State = state_of(request)
    job = checks.import_checked(state.site, check, _origin(viewer))
    state.nudged.set()
    return RedirectResponse(at(request, f"/jobs/{job}"), 303)
