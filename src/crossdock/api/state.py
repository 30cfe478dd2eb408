"""What an app has while it runs: the site and the worker that imports single documents."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from crossdock.site import Site
from crossdock.workers.worker import Worker


@dataclass(frozen=True)
class State:
    """The parts of a running app."""

    site: Site
    worker: Worker


def state_of(request: Request) -> State:
    """The state of the app that a request came to."""
    state = request.app.state.crossdock
    assert isinstance(state, State)
    return state
