"""The pages as an app of their own, below ``/ui``: their routes, their errors as pages, their two files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from crossdock.api.door.answers import at
from crossdock.api.door.problems import MISUSES, OUTAGES, RETRY_SECONDS, Problem, sentence_of
from crossdock.api.pages import downloads, jobs, outside, partners, status, uploads, viewers
from crossdock.api.pages.rendering import STATIC, render
from crossdock.api.pages.viewers import NotSignedIn
from crossdock.logs import LOG

SENTENCES = {
    403: "This key may not do that.",
    404: "There is nothing here, or nothing that your key may see.",
    405: "This address can't be asked in that way.",
    408: "The file does not come: send it again.",
    413: "The file is too large.",
    503: "Something that we need does not answer. Nothing is lost: try again in a moment.",
}
OURS = "That is a fault of ours. It is in our log."


PREFIX = "/ui"


def add_to(whole: FastAPI) -> None:
    """Add the pages to an app, below ``PREFIX``."""
    whole.mount(PREFIX, _pages(whole.state))
    whole.add_api_route(PREFIX, _first, methods=["GET"], include_in_schema=False)


def _first(request: Request) -> Response:
    return RedirectResponse(at(request, f"{PREFIX}/"), 307)


def _pages(state: State) -> FastAPI:
    """The app of the pages; ``state``: that of the app which they are part of."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state = state
    _handle(app)
    app.routes.extend(_addresses())
    app.mount(f"/{STATIC}", StaticFiles(directory=Path(__file__).parent / STATIC), STATIC)
    return app


@cache
def _addresses() -> tuple[BaseRoute, ...]:
    """Where each page is, made once: none of them knows a site."""
    routers = (viewers, uploads, status, jobs, downloads, outside, partners)
    return tuple(route for each in routers for route in each.router().routes)


def _handle(app: FastAPI) -> None:
    """Answer every error with a page; who is not signed in gets the page to do so."""

    def of_visitor(request: Request, _: NotSignedIn) -> Response:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = wanted if request.method == "GET" else at(request, "/upload")
        return RedirectResponse(at(request, "/sign-in") + viewers.coming_back(back), 303)

    def of_problem(request: Request, problem: Problem) -> Response:
        return _page(request, problem.status, problem.detail, problem.headers)

    def of_http(request: Request, error: HTTPException) -> Response:
        return _page(request, error.status_code)

    def of_parameters(request: Request, _: RequestValidationError) -> Response:
        return _page(request, 400, "The address has a part that is not as it must be.")

    def of_outage(request: Request, error: Exception) -> Response:
        LOG.warning("%s %s: %s", request.method, request.url.path, error)
        return _page(request, 503, sentence_of(error), {"Retry-After": RETRY_SECONDS})

    def of_misuse(request: Request, error: Exception) -> Response:
        return _page(request, 400, str(error))

    def of_bug(request: Request, error: Exception) -> Response:
        LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        return _page(request, 500, OURS)

    app.add_exception_handler(NotSignedIn, of_visitor)  # type: ignore[arg-type]  # starlette: each has its own error
    app.add_exception_handler(Problem, of_problem)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, of_http)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, of_parameters)  # type: ignore[arg-type]
    for outage in OUTAGES:
        app.add_exception_handler(outage, of_outage)
    for misuse in MISUSES:
        app.add_exception_handler(misuse, of_misuse)
    app.add_exception_handler(Exception, of_bug)


def _page(request: Request, status: int, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    sentence = detail or SENTENCES.get(status, "That did not work.")
    return render(request, "error.html", status=status, headers=headers, sentence=sentence)
