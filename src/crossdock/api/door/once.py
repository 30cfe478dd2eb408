"""A write that is done once: the same ``Idempotency-Key`` gets the first answer again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from crossdock.api.door.paths import path_of
from crossdock.api.door.problems import Problem
from crossdock.api.door.signin import Caller
from crossdock.api.door.state import state_of
from crossdock.database import Database
from crossdock.jobs import leases
from crossdock.registers import idempotency
from crossdock.registers.idempotency import Answer, Claim, First

HEADER = "Idempotency-Key"
LONGEST = 255
REPLAYED = "Idempotency-Replayed"
"""A header of an answer that is the first one again."""
_PIECE = 1 << 20


def once(request: Request, caller: Caller, body: Path | None, write: Callable[[], Response]) -> Response:
    """The answer of a write; of a repeated key, its first answer. Raises ``Problem`` 422 if it came with another
    request, 409 while the first is not answered.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return write()
    if not 0 < len(key) <= LONGEST:
        raise Problem(400, f"{HEADER} may have 1 to {LONGEST} characters")
    state = state_of(request)
    database = state.site.database
    claim = Claim(caller.partner.id, key, _digest(request, body), state.worker.id)
    first = idempotency.begin(database, claim)
    if first is not None and not _died(database, claim, first):
        return _again(first, claim.request)
    try:
        response = write()
    except BaseException:
        idempotency.forget(database, claim)
        raise
    if response.status_code < 500:
        kept = {name: value for name, value in response.headers.items() if name != "content-length"}
        idempotency.finish(database, claim, Answer(response.status_code, kept, bytes(response.body)))
    else:
        idempotency.forget(database, claim)
    return response


def _died(database: Database, claim: Claim, first: First) -> bool:
    """Whether the first request has died with its server, unanswered, and this one is done in its place."""
    owed = first.answer is None and not leases.lives(database, first.worker)
    return owed and idempotency.take_over(database, claim, first)


def _again(first: First, digest: str) -> Response:
    if first.request != digest:
        raise Problem(422, f"this {HEADER} came with another request before")
    if first.answer is None:
        raise Problem(409, f"the first request with this {HEADER} is not answered yet", {"Retry-After": "1"})
    return Response(first.answer.body, first.answer.status, dict(first.answer.headers) | {REPLAYED: "true"})


def _digest(request: Request, body: Path | None) -> str:
    """SHA-256 of what a request says: method, path, query, the document's revision, body."""
    conditions = [request.headers.get(name, "") for name in ("if-match", "if-none-match")]
    asked_for = [request.method, path_of(request), request.url.query, *conditions]
    digest = hashlib.sha256("\n".join(asked_for).encode())
    if body is not None:
        with body.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()
