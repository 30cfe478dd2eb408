"""What HTTP itself refuses: problem details (RFC 9457), one shape for every error.

What a document fails for is no problem document: that is the acknowledgement, under 422 or 409.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from crossdock.api.door.paths import path_of
from crossdock.errors import Misused, Outage
from crossdock.failures.refusals import Refused
from crossdock.logs import LOG
from crossdock.partners.registry import Misconfigured

OUTAGES: tuple[type[Exception], ...] = (Outage, OSError, Misconfigured)
"""Errors after which a client may try again: 503."""
MISUSES: tuple[type[Exception], ...] = (Misused, Refused)
"""Errors of what a client has sent: 400."""
PAUSED = "this partner is paused for a mistake in its settings here, which is ours to correct: try again later"
NUL = b"\x00"
"""The character that no text may hold."""
RETRY_SECONDS = "5"
"""When a client may try again after an outage."""


KEY_IN_PATH = re.compile(r"(/api/[^/]*/[^/]*/)[^/]+", re.IGNORECASE)
"""A path of the ERP's API, whose last part is a key."""


class Problem(Exception):
    """A request that can't be answered otherwise. ``status``: of HTTP; ``detail``: a sentence for a person."""

    def __init__(self, status: int, detail: str = "", headers: dict[str, str] | None = None, **extra: object) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.extra = status, detail, headers or {}, extra


def not_there() -> Problem:
    """What isn't there, and what its asker may not see: the same words."""
    return Problem(404, "there is nothing here for this key")


def stopping() -> Problem:
    """A server that stops can't wait for the end of a request."""
    again = "the server is being stopped: send the request again, which is harmless if it was done"
    return Problem(503, again, {"Retry-After": RETRY_SECONDS, "Connection": "close"})


def of_address(request: Request) -> Problem | None:
    """What is wrong with a path or a query: no text that is stored has a NUL in it, so none is asked for with one; and
    bytes that are not UTF-8 would be read as another text.

    The ERP's API says it in an envelope of its own.
    """
    path = path_of(request)
    if KEY_IN_PATH.search(path):
        return None
    written = unquote_to_bytes(path) + b"?" + unquote_to_bytes(request.scope["query_string"])
    if NUL in written:
        return Problem(400, "the address holds a character that no text may hold (U+0000)")
    try:
        written.decode()
    except UnicodeDecodeError as error:
        wrong = "".join(f"%{each:02X}" for each in written[error.start : error.end])
        return Problem(400, f"the address is not UTF-8: {wrong} (ü is written %C3%BC)")
    return None


def answer(request: Request, problem: Problem) -> Response:
    """The problem document of a problem."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(problem.status).phrase, "status": problem.status}
    if problem.detail:
        body["detail"] = problem.detail
    body["instance"] = path_of(request)
    body |= problem.extra
    return JSONResponse(body, problem.status, problem.headers, media_type="application/problem+json")


def _allowed(request: Request, status: int) -> dict[str, str]:
    """Of a wrong method the header with all that its path has: a route knows only its own (RFC 9110 §15.5.6)."""
    path = getattr(request.scope.get("route"), "path_format", "")
    described = request.app.openapi()["paths"].get(path, {}) if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
    methods = [each.upper() for each in described]
    return {"Allow": ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])} if methods else {}


def _no_endpoint(request: Request) -> str:
    """What to do about an address that no endpoint has."""
    spare = "" in path_of(request).split("/")[1:]
    advice = "; leave out the slash that nothing stands behind, or encode it (%2F) in a number" if spare else ""
    return f"no endpoint has this address{advice}: /openapi.json lists them"


def sentence_of(outage: Exception) -> str:
    """What there is to say of an outage, '' if it is not a caller's matter."""
    return PAUSED if isinstance(outage, Misconfigured) else ""


def _logged_path(path: str) -> str:
    """A path as it is logged: without the key that one of the ERP's API has.

    >>> _logged_path("/api/SO/Get/abcdefghij"), _logged_path("/jobs/7")
    ('/api/SO/Get/KEY', '/jobs/7')
    """
    return KEY_IN_PATH.sub(r"\1KEY", path)


def handle(app: FastAPI) -> None:
    """Answer every error of an app with a problem document."""

    def of_problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    def of_http(request: Request, error: HTTPException) -> Response:
        detail = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
        if error.status_code == HTTPStatus.NOT_FOUND and "route" not in request.scope:
            detail = _no_endpoint(request)
        headers = dict(error.headers or {}) | _allowed(request, error.status_code)
        return answer(request, Problem(error.status_code, detail, headers))

    def of_parameters(request: Request, error: RequestValidationError) -> Response:
        wrong = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
        return answer(request, Problem(400, wrong))

    def of_outage(request: Request, error: Exception) -> Response:
        LOG.warning("%s %s: %s", request.method, _logged_path(request.url.path), error)
        sentence = sentence_of(error) or "try again in a moment"
        return answer(request, Problem(503, sentence, {"Retry-After": RETRY_SECONDS}))

    def of_misuse(request: Request, error: Exception) -> Response:
        return answer(request, Problem(400, str(error)))

    def of_bug(request: Request, error: Exception) -> Response:
        LOG.error("%s %s %s", request.method, _logged_path(request.url.path), request.state.id, exc_info=error)
        return answer(request, Problem(500, "a fault of ours; it is in our log under this request's id"))

    handlers: dict[type[Exception], Any] = {
        Problem: of_problem,
        HTTPException: of_http,
        RequestValidationError: of_parameters,
        **dict.fromkeys(OUTAGES, of_outage),
        **dict.fromkeys(MISUSES, of_misuse),
        Exception: of_bug,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)
