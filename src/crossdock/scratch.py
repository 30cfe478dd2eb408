"""Folders and files for what a process needs while it works: they end with the process, however it ends.

All of them are in one folder of the process, in the system's folder for such files. A lock that the kernel gives back
when a process is killed tells a folder that is in use from one that is left; the next process that needs one removes
those. Without that, each killed import of a large file would leave a spool of its size.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import IO

PREFIX = "crossdock-"
LOCK = "in-use"
IN_MEMORY, PIECE = 1 << 20, 256 << 10
"""Bytes of a spool that are kept in memory; those that are read of it at a time."""
_of_process: dict[int, Path] = {}
"""The folder of this process, by its id: a forked process gets its own."""
_ONE_AT_A_TIME = Lock()


def new_scratch_folder() -> Path:
    """A new folder; whoever has it removes it when it is no longer needed."""
    return Path(tempfile.mkdtemp(dir=_own()))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder, which is removed at the end."""
    path = new_scratch_folder()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def new_spool() -> IO[bytes]:
    """A file without a name for what is wanted later, in memory while it is little; whoever has it closes it."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def spooled(pieces: Iterable[bytes]) -> IO[bytes]:
    """Pieces of something that is wanted as a whole, or not at all, at its beginning: in a file without a name where
    they are more than a little. Raises what the pieces raise.
    """
    spool = new_spool()
    try:
        spool.writelines(pieces)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


def pieces_of(spool: IO[bytes]) -> Iterator[bytes]:
    """What a spool holds, in pieces; then it is closed."""
    with spool:
        while piece := spool.read(PIECE):
            yield piece


def _own() -> Path:
    """The folder of this process, made anew if somebody has cleaned it away."""
    pid = os.getpid()
    with _ONE_AT_A_TIME:
        own = _of_process.get(pid)
        if own is None or not own.is_dir():
            own = _of_process[pid] = _locked(Path(tempfile.gettempdir()))
            atexit.register(_remove_own, pid, own)
        return own


def _locked(everybody: Path) -> Path:
    """A new folder that is locked as long as this process lives; those of processes that were killed are removed."""
    _remove_left(everybody)
    begun = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=everybody))  # nobody looks at it before it is locked
    handle = os.open(begun / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return begun.rename(begun.with_name(begun.name.removeprefix(".")))


def _remove_own(pid: int, path: Path) -> None:
    if pid == os.getpid():
        shutil.rmtree(path, ignore_errors=True)


def _remove_left(everybody: Path) -> None:
    """Remove this user's folders whose process no longer lives."""
    for path in everybody.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another process removes it, too, or it is another user's
            handle = os.open(path / LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if os.fstat(handle).st_uid == os.getuid():
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path)
            finally:
                os.close(handle)
