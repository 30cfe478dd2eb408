"""Paths as clients write them: an encoded slash (``%2F``) is part of a name, and answers spell a path in the same way.

The server hands over a path decoded, in which the two slashes are the same; beside it is the path as it came.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.routing import Match

from crossdock.frames.columns import trimmed_text

_KEPT = re.compile("%(?=2[5Ff])")
"""What stays encoded where names are cut: a slash, and the sign that an encoded one begins with."""


def path_of(request: Request) -> str:
    """A request's path as its client wrote it: a reference that it can ask for again."""
    return _as_sent(request.scope)


def _as_sent(scope: MutableMapping[str, Any]) -> str:
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.partition(b"?")[0].decode("latin-1")


class CutAsSent(APIRoute):
    """A route whose names are cut where its client has cut them: ``A%2Fshipments`` is one name, ``A/shipments`` are
    two. A name has at least one character, and so has each part of one between slashes that are not encoded: a client
    that ends an address with one means no other number. It is read as a body's value is (contract A3).
    """

    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, MutableMapping[str, Any]]:
        """Whether this route is meant, and what its names are."""
        match, inner = super().matches({**scope, "path": unquote(_KEPT.sub("%25", _as_sent(scope)))})
        written: dict[str, str] = inner.get("path_params", {})
        names = {name: trimmed_text(unquote(value)) for name, value in written.items()}
        cut = [part for value in written.values() for part in value.split("/")]
        return (Match.NONE, {}) if "" in (*cut, *names.values()) else (match, {**inner, "path_params": names})
