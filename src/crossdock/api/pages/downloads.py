"""What can be saved of a job: the fix-workbook, the failures as CSV, the acknowledgement, the report in words."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.state import state_of
from crossdock.api.pages.rendering import HEADERS, WORKBOOK_TYPE, scratch, sent_once
from crossdock.api.pages.viewers import Signed
from crossdock.delivery import answer_files, standard_answers
from crossdock.reports import acknowledgement, failure_list, text
from crossdock.reports.edi.answered_orders import FileGone
from crossdock.scratch import pieces_of, spooled

NO_WORKBOOK = (
    "This file has no fix-workbook: nothing of it is on hold, or it can't be shown in a sheet. The list of failures "
    "names what is wrong."
)


def router() -> APIRouter:
    """The downloads of a job."""
    routes = APIRouter(include_in_schema=False)
    for path, endpoint in (
        ("fix.xlsx", _workbook),
        ("failures.csv", _failures),
        ("report.txt", _text),
        ("acknowledgement.json", _acknowledgement),
        ("standard/{number}.edi", _standard),
    ):
        routes.add_api_route(f"/jobs/{{job_id}}/{path}", endpoint, methods=["GET"])
    return routes


def _workbook(request: Request, viewer: Signed, job_id: str) -> Response:
    site = state_of(request).site
    job = viewer.job(site.database, job_id)
    name = f"{answer_files.base(job)}.fix.xlsx"
    filed = answer_files.workbooks(site.home, [job]).get(job_id)
    if filed is not None:
        return FileResponse(site.home / filed, media_type=WORKBOOK_TYPE, filename=name, headers=HEADERS)
    path = scratch(name)
    if not answer_files.write_fix_workbook(job, site.database, path, site.zone):
        shutil.rmtree(path.parent)
        raise Problem(404, NO_WORKBOOK)
    return sent_once(path)


def _failures(request: Request, viewer: Signed, job_id: str) -> Response:
    database = state_of(request).site.database
    job = viewer.job(database, job_id)
    name = f"{answer_files.base(job)}.failures.csv"
    return _saved(name, "text/csv", failure_list.failure_list(job, database))


def _text(request: Request, viewer: Signed, job_id: str) -> Response:
    database = state_of(request).site.database
    job = viewer.job(database, job_id)
    lines = (line + "\n" for line in text.text(job, database))
    return _saved(f"{answer_files.base(job)}.report.txt", "text/plain", lines)


def _acknowledgement(request: Request, viewer: Signed, job_id: str, unit: str = "") -> Response:
    """The acknowledgement of a job, of one business unit where it has one for each."""
    database = state_of(request).site.database
    job = viewer.job(database, job_id)
    answers = [each for each in acknowledgement.answers(job, database) if unit in ("", each.unit)]
    if not answers:
        raise not_there()
    ending = f".{answers[0].unit}" if answers[0].unit else ""
    name = f"{answer_files.base(job)}{ending}.ack.json"
    return _saved(name, "application/json", acknowledgement.body(job, answers[0], database))


def _standard(request: Request, viewer: Signed, job_id: str, number: int) -> Response:
    """An answer in the standard of a job's interchange. ``number``: its place in the outbox."""
    site = state_of(request).site
    job = viewer.job(site.database, job_id)
    own = {each.answer.outbox for each in standard_answers.of_job(site.database, job.job_id)}
    if number not in own:
        raise not_there()
    answer = standard_answers.written(site.home, site.database, number)
    try:
        spool = spooled(answer.pieces)
    except FileGone as error:
        raise Problem(410, f"This answer can't be made again: {error}.") from error
    return _saved(answer.name, answer.kind, pieces_of(spool))


def _saved(name: str, kind: str, pieces: Iterable[str] | Iterable[bytes]) -> Response:
    """Pieces of a file that the browser saves under a name."""
    answer = StreamingResponse(pieces, media_type=kind, headers=HEADERS)
    answer.headers["Content-Disposition"] = FileResponse("", filename=name).headers["Content-Disposition"]
    return answer
