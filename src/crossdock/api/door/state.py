"""What an app has while it runs: the site and the worker that imports single documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event, Thread

from fastapi import Request

from crossdock.api.door.live import Live, Source
from crossdock.api.door.tries import Tries
from crossdock.api.door.turns import Loads
from crossdock.api.limits import Limits
from crossdock.registers.sealed import Sealer
from crossdock.site import Site
from crossdock.workers.worker import Worker

ONLY_HEAD = "crossdock.only_head"
"""What a request's scope has where HEAD is answered like GET: it must change nothing (RFC 9110 §9.2.1)."""


@dataclass(frozen=True)
class Options:
    """What an app is started with. ``per_minute``: requests of one key, 0 for any number. ``sealer``: what seals
    secrets, None where there is no key. ``works``: it also imports what is booked; else other workers do.
    ``source``: of the partners, None where they stay as they are. ``loads``: of all processes that answer at the same
    address, None where it is one.
    """

    per_minute: int = 0
    sealer: Sealer | None = None
    works: bool = True
    source: Source | None = None
    loads: Loads | None = None


@dataclass(frozen=True)
class State:
    """The parts of a running app. ``nudged``: set where something waits for the worker of bulk;
    ``limits``: how often each key has asked; ``tries``: the wrong keys of late. ``bulk``: imports what waits, None
    where others do.
    """

    live: Live
    worker: Worker
    nudged: Event
    options: Options
    limits: Limits
    tries: Tries = field(default_factory=Tries)
    bulk: Thread | None = None

    @property
    def site(self) -> Site:
        """The site, with the partners as they are now."""
        return self.live()


def state_of(request: Request) -> State:
    """The state of the app that a request came to."""
    state: State = request.app.state.crossdock
    return state


def address_of(request: Request) -> str:
    """The address that a request came from, '' where it has none."""
    return request.client.host if request.client else ""
