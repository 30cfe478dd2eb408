"""The app: its endpoints, its errors, and what runs beside it while it does."""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from http import HTTPStatus

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock import __version__
from crossdock.api import health, openapi, quotes
from crossdock.api.door import problems
from crossdock.api.door.live import Live
from crossdock.api.door.state import ONLY_HEAD, Options, State
from crossdock.api.door.turns import TURNS, Loads
from crossdock.api.erp import router as erp
from crossdock.api.health import REQUESTS
from crossdock.api.limits import Limits
from crossdock.api.pages import app as pages
from crossdock.api.warehouse import aliases, bulk, lists, related, resources, sfp_keys, singles, units
from crossdock.api.warehouse.resources import RESOURCES
from crossdock.jobs.leases import BESIDE
from crossdock.logs import LOG
from crossdock.site import Site
from crossdock.workers import killed, requests
from crossdock.workers.worker import END_SECONDS, Worker

THREADS = 16
"""Requests that are worked on at the same time by one process."""
HEARD_SECONDS, HEARD_BYTES = 10.0, 64 << 20
"""How long, and how much of it, a body is read on and thrown away that was answered as too large."""
NO_OPTIONS = Options()
REQUEST_ID = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id that a client may give its request."""


def create_app(site: Site, options: Options = NO_OPTIONS) -> FastAPI:
    """The app of a site. Its worker begins and ends with it; what comes in bulk is imported by a second one."""

    limits, live = Limits(options.per_minute), Live(site, options.source)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        requests.clean_up(site)
        killed.notice(site)
        nudged = threading.Event()
        with (
            Worker(site.database, BESIDE, writes_reports=False) as worker,
            Worker(site.database, "API, bulk") as second,
            killed.noticed(site, worker.id, second.id),
        ):
            thread = threading.Thread(target=requests.work, args=(live, second, nudged), daemon=True)
            bulk = thread if options.works else None
            app.state.crossdock = State(live, worker, nudged, options, limits, bulk=bulk)
            if options.works:
                thread.start()
            yield
            second.stopping.set()
            nudged.set()
            if options.works:
                await anyio.to_thread.run_sync(thread.join, END_SECONDS)  # after that its job is free all the same

    app = FastAPIOffline(
        redoc_url=None, title="crossdock", version=__version__, lifespan=running, redirect_slashes=False
    )
    problems.handle(app)
    openapi.describe(app)
    add_endpoints(app)
    pages.add_to(app)
    # Starlette answers a fault of ours outside of every middleware that is added, so these are put around all of it.
    answering: ASGIApp = _HeardOut(app.build_middleware_stack())
    TURNS.share(options.loads)
    if options.loads is not None:
        answering = _Balanced(answering, options.loads)
    app.middleware_stack = _PrefixOnce(_HeadLikeGet(_WithId(answering)))
    return app


def add_endpoints(app: FastAPI) -> None:
    """Add every endpoint to an app."""
    app.routes.extend(_endpoints())


@cache
def _endpoints() -> tuple[BaseRoute, ...]:
    """Every endpoint, made once: none of them knows a site, and to read what each takes is most of what an app costs.

    They are the app's own routes, because FastAPI makes each route of a router that is included a second time.
    """
    routers = [aliases.router(), related.router(), units.settings(), units.buildings(), sfp_keys.router()]
    for resource in RESOURCES:
        if resources.BULK in resource.titles:
            routers.append(bulk.router(resource))
        if resources.LIST in resource.titles:
            routers.append(lists.router(resource))
        routers.append(singles.router(resource))
    routers += [units.router(), bulk.jobs(), quotes.router(), erp.router(), health.router()]
    return tuple(route for router in routers for route in router.routes)


class _PrefixOnce:
    """The prefix before a path is there once, whether the proxy takes it off or leaves it: uvicorn puts it before each
    path.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix: str = scope.get("root_path", "")
        if prefix and f"{scope['path']}/".startswith(f"{prefix}{prefix}/"):
            raw = scope["raw_path"].removeprefix(prefix.encode())
            scope = {**scope, "path": scope["path"].removeprefix(prefix), "raw_path": raw}
        await self.app(scope, receive, send)


class _HeadLikeGet:
    """What can be shown answers HEAD, too, with the headers of GET (RFC 9110 §9.3.2); uvicorn leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = {**scope, "method": "GET", ONLY_HEAD: True} if scope.get("method") == "HEAD" else scope
        await self.app(shown, receive, send)


class _HeardOut:
    """Who sends too much gets the answer before the connection is closed: most clients read it when they have sent all,
    and a connection that is closed with something unread in it takes back what was answered (RFC 9112 §9.6).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = scope["type"] == "http"  # whether there may be more of the body
        status = 0

        async def heard() -> Message:
            nonlocal left
            message = await receive()
            left = bool(message.get("more_body"))
            return message

        async def answered(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            if status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE or message["type"] == "http.response.start":
                await send(message)
                return
            await send({**message, "more_body": True})
            size = 0
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARD_SECONDS):
                    while left and size < HEARD_BYTES:
                        size += len((await heard()).get("body", b""))
            await send({"type": "http.response.body", "body": b""})

        await self.app(scope, heard, answered)


class _Balanced:
    """Where other processes have fewer bodies than this one, each answer closes its connection, and the client's next
    one goes to them: connections that stay open may all be of one process, and the others have nothing to do.
    """

    def __init__(self, app: ASGIApp, loads: Loads) -> None:
        self.app, self._loads = app, loads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start" and self._loads.others_have_fewer:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self.app(scope, receive, answered)


class _WithId:
    """Every answer has its request's id: the client's own, if it is one, else a new one; how long it took is noted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        named = request.headers.get(REQUEST_ID, "")
        request.state.id = named if _GIVEN.fullmatch(named) else secrets.token_hex(8)
        begun, answered = time.perf_counter(), False

        async def noted(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                MutableHeaders(scope=message)[REQUEST_ID] = request.state.id
                _note(request, message["status"], time.perf_counter() - begun)
            await send(message)

        wrong = problems.of_address(request)
        answering = self.app if wrong is None else problems.answer(request, wrong)
        try:
            await answering(scope, receive, noted)
        except asyncio.CancelledError:  # the server is told to stop, and has waited for this request long enough
            if answered:
                raise
            await problems.answer(request, problems.stopping())(scope, receive, noted)


def _note(request: Request, status: int, seconds: float) -> None:
    """Count an answer, and log it."""
    route = request.scope.get("route")
    path = "none" if route is None else f"{request.scope['root_path']}{route.path}"
    REQUESTS.labels(request.method if path != "none" else "any", path, status).observe(seconds)
    LOG.info("%s %s %s %.0f ms %s", request.method, path, status, seconds * 1000, request.state.id)
