"""The site as it is now: partners whose files have changed are read anew, as the watcher and runs of a worker do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from crossdock.logs import LOG
from crossdock.partners.registry import Misconfigured, Partners
from crossdock.site import Site

LOOK_SECONDS = 2.0
"""How long partners are taken for what they were at the last look."""
Source = tuple[Callable[[], Path], Callable[[], Partners]]
"""The folder with the partners' files, and what reads it."""


class Live:
    """A site whose partners are those of their files. ``source``: None where they stay as they are."""

    def __init__(self, site: Site, source: Source | None) -> None:
        self._site, self._source = site, source
        self._looking = threading.Lock()
        self._next = time.monotonic() + LOOK_SECONDS
        self._files = _files(source[0]()) if source else frozenset()

    def __call__(self) -> Site:
        """The site. One caller looks; who comes meanwhile has what was seen last."""
        if self._source and time.monotonic() >= self._next and self._looking.acquire(blocking=False):
            try:
                self._look(*self._source)
            except (OSError, Misconfigured) as error:
                LOG.warning("the partners are taken for what they were: %s", error)
            finally:
                self._next = time.monotonic() + LOOK_SECONDS
                self._looking.release()
        return self._site

    def _look(self, folder: Callable[[], Path], read: Callable[[], Partners]) -> None:
        files = _files(folder())
        if files != self._files:
            self._site = replace(self._site, partners=read())
            self._files = files


def _files(folder: Path) -> frozenset[tuple[str, int, int]]:
    """The files below a folder, each with when it was written to, and its size."""
    known = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return frozenset((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in known)
