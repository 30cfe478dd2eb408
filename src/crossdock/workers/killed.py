"""Workers that were killed on this machine: the next server here notices, and what they had is free at once.

Each has a file with a lock that the kernel gives back when its process ends, however it ends. Only files of this
machine's name are looked at: another's locks may not be seen from here, and its workers end with their leases.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crossdock.jobs import leases
from crossdock.site import Site

FOLDER = "work/.workers"
"""Where the files are, below the home folder: ``WORKER@MACHINE``."""


@contextmanager
def noticed(site: Site, *workers: str) -> Iterator[None]:
    """While the context lasts, others on this machine see that the process of these workers lives."""
    folder = site.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{worker}@{socket.gethostname()}" for worker in workers]
    handles = [_locked(each) for each in files]
    try:
        yield
    finally:
        for file, handle in zip(files, handles, strict=True):
            file.unlink(missing_ok=True)
            os.close(handle)


def notice(site: Site) -> None:
    """See which workers of this machine were killed: others continue their jobs now, not when their leases end."""
    for file in (site.home / FOLDER).glob(f"*@{socket.gethostname()}"):
        with suppress(OSError):  # it is locked: its process lives; or another one looks at it, too
            handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                leases.killed(site.database, file.name.partition("@")[0])
                file.unlink(missing_ok=True)
            finally:
                os.close(handle)


def _locked(file: Path) -> int:
    """The handle of a new file, which is locked when others see it."""
    begun = file.with_name(f".{file.name}.new")
    handle = os.open(begun, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    fcntl.flock(handle, fcntl.LOCK_EX)
    begun.rename(file)
    return handle
