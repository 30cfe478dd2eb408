"""Who asks: the key of a request, and what it may see and write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from crossdock.api.problems import Problem, not_there
from crossdock.api.state import state_of
from crossdock.partners.registry import Partner
from crossdock.registers import keys
from crossdock.registers.keys import Key

HEADERS = ("x-api-key", "token")
"""Headers that have a key, besides ``Authorization: Bearer``; the second is DOMS's."""


@dataclass(frozen=True)
class Caller:
    """Who asks: a partner by one of its keys."""

    partner: Partner
    key: Key

    @property
    def units(self) -> tuple[str, ...]:
        """The business units that it may read and, unless it only reads, write."""
        own = self.partner.business_units
        return tuple(each for each in own if not self.key.units or each in self.key.units)

    def reads(self, unit: str) -> str:
        """A business unit of a path. Raises ``Problem`` 404 if it may not be read."""
        if unit not in self.units:
            raise not_there()
        return unit

    def writes(self, unit: str) -> str:
        """A business unit of a path. Raises ``Problem`` 403 if it may not be written."""
        self.writes_something()
        if unit not in self.units:
            raise Problem(403, f"this key may not write the business unit {unit!r}")
        return unit

    def writes_something(self) -> None:
        """Raises ``Problem`` 403 if the key only reads."""
        if self.key.read_only:
            raise Problem(403, "this key only reads")


def secret_of(request: Request) -> str | None:
    """The secret that a request has in one of its headers; one in its path or query is none."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret:
        return secret.strip()
    return next((request.headers[name] for name in HEADERS if name in request.headers), None)


def _caller(request: Request) -> Caller:
    state = state_of(request)
    secret = secret_of(request)
    key = keys.find(state.site.database, secret) if secret else None
    if key is None or key.kind != keys.API or key.partner not in state.site.partners.by_id:
        raise Problem(401, headers={"WWW-Authenticate": "Bearer"})
    return Caller(state.site.partners.by_id[key.partner], key)


Signed = Annotated[Caller, Depends(_caller)]
"""The caller of an endpoint; without a key that opens, the answer is 401."""
