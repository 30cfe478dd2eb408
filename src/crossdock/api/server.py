"""The app: its endpoints, its errors, and what runs beside it while it does."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import Response

from crossdock import __version__
from crossdock.api import bulk, problems, quotes, singles
from crossdock.api.erp import router as erp
from crossdock.api.resources import RESOURCES
from crossdock.api.state import State
from crossdock.site import Site
from crossdock.workers.work import jobs_waiting, run_job
from crossdock.workers.worker import Worker

THREADS = 16
"""Requests that are worked on at the same time by one process."""
REQUEST_ID = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id that a client may give its request."""
FOREVER = float(10**9)


def create_app(site: Site) -> FastAPI:
    """The app of a site. Its worker begins and ends with it; what comes in bulk is imported by a second one."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        with Worker(site.database, "API") as worker, Worker(site.database, "API, bulk") as second:
            app.state.crossdock = State(site, worker)
            thread = threading.Thread(target=_work, args=(site, second), name="crossdock-bulk", daemon=True)
            thread.start()
            yield
            second.stopping.set()
            await anyio.to_thread.run_sync(thread.join)

    app = FastAPI(title="crossdock", version=__version__, lifespan=running, redirect_slashes=False)
    problems.handle(app)
    app.middleware("http")(_with_id)
    for resource in RESOURCES:
        app.include_router(bulk.router(resource))
        app.include_router(singles.router(resource))
    app.include_router(bulk.jobs())
    app.include_router(quotes.router())
    app.include_router(erp.router())
    return app


def _work(site: Site, worker: Worker) -> None:
    """Import what is booked, one job after the other; the drop folders are left to others."""
    for taken in jobs_waiting(site, worker, partners=(), linger=FOREVER):
        run_job(site, worker, taken)


async def _with_id(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer has its request's id: the client's own, if it is one, else a new one."""
    named = request.headers.get(REQUEST_ID, "")
    request.state.id = named if _GIVEN.fullmatch(named) else secrets.token_hex(8)
    response = await answer(request)
    response.headers[REQUEST_ID] = request.state.id
    return response
