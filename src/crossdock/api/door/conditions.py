"""Conditions of a request (RFC 9110 §13): the revision that a document must have, or must not have, to be changed.

None is ignored: where nothing has an ETag, a condition is never true.
"""

from __future__ import annotations

from fastapi import Request

from crossdock.api.door import answers
from crossdock.api.door.problems import Problem
from crossdock.database.read_documents import Shown

NOT_STORED = "-1"
"""The revision of a document that is not stored, as the check of a change has it (``StoredSide.revision``)."""
_HEADERS = {"if-match": "If-Match", "if-none-match": "If-None-Match"}


def are_there(request: Request) -> bool:
    """Whether a request has a condition."""
    return any(name in request.headers for name in _HEADERS)


def refuse(request: Request) -> None:
    """Raise ``Problem`` 412 if a request has a condition, for a path where nothing has an ETag."""
    for name, shown in _HEADERS.items():
        if name in request.headers:
            raise Problem(412, f"{shown} can't be kept here: only a single document has an ETag")


def revision(request: Request, stored: Shown | None) -> str | None:
    """The revision that a change is meant for. Raises ``Problem`` 412 where the document is not at it.

    ``If-None-Match: *`` is meant for a document that is not stored, a revision in it for every other one (RFC 9110
    §13.1.2).
    """
    if not are_there(request):
        return None
    wanted, unwanted = _header(request, "if-match"), _header(request, "if-none-match")
    now = answers.etag(stored) if stored else "not stored"
    if wanted is not None and (stored is None or not (wanted.strip() == "*" or now in _tags(wanted))):
        raise Problem(412, f"the document is {now}, and If-Match says {wanted[:80]}")
    if unwanted is not None and stored is not None and (unwanted.strip() == "*" or _is_in(now, unwanted)):
        raise Problem(412, f"the document is {now}, and If-None-Match says {unwanted[:80]}")
    return NOT_STORED if stored is None else str(stored.values["revision"])


def is_known(request: Request, shown: Shown) -> bool:
    """Whether a client has just this revision of what it asks for."""
    known = _header(request, "if-none-match") or ""
    return known.strip() == "*" or _is_in(answers.etag(shown), known)


def _header(request: Request, name: str) -> str | None:
    """A condition, also where its list comes in several lines of the header (RFC 9110 §5.3); None without one."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _tags(header: str) -> list[str]:
    return [each.strip() for each in header.split(",")]


def _is_in(tag: str, header: str) -> bool:
    """Whether ``If-None-Match`` names a revision, also as a weak tag."""
    return tag in [each.removeprefix("W/") for each in _tags(header)]
