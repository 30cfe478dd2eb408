"""Who asks: the key of a request, and what it may see and write."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Annotated

from fastapi import Depends, Request

from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.state import state_of
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

    def reads_list(self, unit: str) -> str:
        """A business unit whose entry in the list is meant; a master reads all. Raises ``Problem`` 404 if not."""
        return unit if self.partner.master and not self.key.units else self.reads(unit)

    def writes_lists(self) -> None:
        """Raises ``Problem`` 403 if it may not write the lists that everybody reads."""
        self.writes_something()
        if not self.partner.master or self.key.units:
            raise Problem(403, "only a master's key, for all its business units, may write this")

    def writes_something(self) -> None:
        """Raises ``Problem`` 403 if the key only reads."""
        if self.key.read_only:
            raise Problem(403, "this key only reads")


def _secret_of(request: Request) -> str | None:
    """The secret that a request has in one of its headers; one in its path or query is none."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret:
        return secret.strip()
    return next((request.headers[name].strip() for name in HEADERS if name in request.headers), None)


def _key(request: Request, kind: str) -> Key:
    secret = _secret_of(request)
    key = keys.find(state_of(request).site.database, secret) if secret else None
    if key is None or key.kind != kind:
        raise Problem(401, headers={"WWW-Authenticate": "Bearer"})
    wait = state_of(request).limits.wait(key.key_id)
    if wait:
        raise Problem(429, "this key asks too often", {"Retry-After": str(ceil(wait))})
    return key


def _caller(request: Request) -> Caller:
    key = _key(request, keys.API)
    partner = state_of(request).site.partners.of(key.partner)
    if partner is None:
        raise Problem(401, headers={"WWW-Authenticate": "Bearer"})
    return Caller(partner, key)


def _operator(request: Request) -> Key:
    return _key(request, keys.OPERATOR)


Signed = Annotated[Caller, Depends(_caller)]
"""The caller of an endpoint; without a key that opens, the answer is 401."""
Operator = Annotated[Key, Depends(_operator)]
"""The key of an operator; without one the answer is 401."""
