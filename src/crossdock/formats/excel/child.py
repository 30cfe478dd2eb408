"""Workbooks are opened in a child: a process that is kept warm, and limited, so that no file can harm more than itself.

Strategy: the library that reads workbooks can be brought to panic, to abort, to hang, or to take all memory by a file
of a few kilobytes. So nothing but ``confined``, the program of the child, opens one. A child serves one open workbook
at a time and many after one another; who opens takes one that is idle, or starts one. What it may spend is a multiple
of what the file weighs. A child that dies, is late, or gives too much is ended, and the one file is refused; where
something outside killed it (the system, when memory is short), the file is read on once in another. Children end with
the process that started them; one that was forked from it starts its own.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from crossdock.failures.refusals import Refused
from crossdock.formats.excel.confined import receive, send
from crossdock.formats.excel.inspection import MAX_CELLS

MEMORY, MEMORY_MOST = 1 << 30, 4 << 30
"""Bytes that the child may have at least (Python itself and its libraries take a quarter) and at most."""
MEMORY_TIMES = 32
"""Bytes of memory above the least for each byte of the file: a cell of ten bytes becomes a text and its copy."""
SECONDS = 20
"""Seconds of the processor that any file may take."""
BYTES_A_SECOND = 1 << 20
"""Bytes of the file that must be read in a further second: a tenth of what a slow machine does."""
PATIENCE = 10
"""Times those seconds may pass on the clock before an answer comes: other processes want the processor, too."""
MAX_BYTES = 2 << 30
"""Bytes of all cells of a sheet, as they come out of the child."""
MAX_PIECE = 256 << 20
"""Bytes of one piece of it."""
FILES = 500
"""Files that a child serves: what it has wasted by then is given back."""
_PROGRAM = Path(__file__).with_name("confined.py")
_NO_MEMORY = (b"memory allocation of", b"MemoryError")
"""What the library writes before it aborts."""

Place = tuple[int, int]
"""Row and column, from 0."""


class Failed(Exception):
    """The library can't read the file, for no reason of size. ``password``: it says that it is protected."""

    def __init__(self, text: str, *, password: bool = False) -> None:
        super().__init__(text)
        self.password = password


class Killed(Exception):
    """Something outside has killed the child, which says nothing of the file."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook. ``cells``: it is one of cells, no chart or macro."""

    name: str
    cells: bool
    visible: bool


class Workbook:
    """An open workbook. ``sheets``: those that it has; ``child``: who has it open. Closed when nobody holds it.

    Raises ``Refused`` where reading takes more than the file may, ``Failed`` where the library can't read it.
    """

    def __init__(self, path: Path, weight: int) -> None:
        """``weight``: the bytes of the file, of a zip unpacked: what it may spend is a multiple of them."""
        self._path, self._weight = path, weight
        self._was_killed = False
        self.sheets = [Sheet(*each) for each in self._opened(_taken())]

    def cells(self, name: str) -> Cells:
        """The cells of a sheet."""
        return Cells(self, name, *self.ask("sheet", name))

    def ask(self, *request: Any) -> Any:
        """The answer of the child, of another one where this one was killed: no request builds on the one before."""
        try:
            return self.child.ask(*request)
        except Killed:
            self._opened(self._another())
            return self.ask(*request)

    def _opened(self, child: Child) -> list[tuple[str, bool, bool]]:
        """Have a child open the file; its sheets."""
        self.child = child
        self.close = weakref.finalize(self, _given_back, child)
        self.close.atexit = False
        try:
            return child.begin(self._path, self._weight)
        except Killed:
            return self._opened(self._another())

    def _another(self) -> Child:
        """A fresh child in place of one that was killed. Refused the second time: it may be for what the file takes."""
        self.close.detach()
        if self._was_killed:
            raise Refused("workbook_too_costly", limit="memory")
        self._was_killed = True
        return _started()


@dataclass(frozen=True)
class Cells:
    """The cells of a sheet: ``start`` and ``end``, the first row and column that hold anything, and the last.

    ``merged``: the first and the last cell of each area. ``head``: the first rows.
    """

    book: Workbook
    name: str
    start: Place | None
    end: Place | None
    merged: list[tuple[Place, Place]]
    head: list[list[Any]]

    def rows(self, first: int) -> Iterator[list[Any]]:
        """The rows from number ``first`` on, none before the first that holds anything.

        A row reaches from the first column that is used to the last. Raises ``Refused`` where they can't be read.
        """
        begins = (self.start or (0, 0))[0]
        yield from self.head[max(first - begins, 0) :]
        first, taken = max(first, begins + len(self.head)), 0
        while piece := self._piece(first):
            taken += self.book.child.received
            if taken > MAX_BYTES:
                raise self.book.child.over(f"{MAX_BYTES:,} bytes of text")
            yield from piece
            first += len(piece)

    def _piece(self, first: int) -> list[list[Any]]:
        if self.end is None or first > self.end[0]:
            return []
        try:
            return self.book.ask("rows", self.name, first)
        except Failed:  # what was read is not taken back by reading the file in another way
            raise Refused("strange_workbook") from None


class Child:
    """One child, and what it may spend on the file that it has open."""

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the child
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            bufsize=0,  # a buffer has a lock, and a process that is forked meanwhile would wait for it for ever
        )
        self.pid = self._process.pid
        self.memory = self.seconds = self.received = self.files = self._mark = 0
        self._late = False

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def begin(self, path: Path, weight: int) -> list[tuple[str, bool, bool]]:
        """Open a file, which may take what its weight allows; its sheets."""
        self.memory = min(MEMORY + MEMORY_TIMES * weight, MEMORY_MOST)
        self.seconds = SECONDS + weight // BYTES_A_SECOND
        self.files += 1
        self._mark = self._said.seek(0, os.SEEK_END)
        return self.ask("open", str(path.absolute()), self.memory, self.seconds)

    def ask(self, *request: Any) -> Any:
        """The child's answer. ``Refused`` where a limit keeps it from giving one, ``Killed`` where something outside
        does, ``Failed`` where all else does.
        """
        try:
            good, found = self._answer(request)
        except BaseException:  # an answer that comes after all would be taken for that to the next request
            self.end()
            raise
        if good:
            return found
        kind, text = found
        if kind == "memory":
            raise self.over(f"{self.memory:,} bytes of memory")
        if kind == "cells":
            raise self.over(f"{MAX_CELLS:,} cells")
        raise Failed(text, password=kind == "password")

    def _answer(self, request: tuple[Any, ...]) -> tuple[bool, Any]:
        timer = threading.Timer(self.seconds * PATIENCE, self._give_up)
        timer.start()
        try:
            self.tell(*request)
            answer = receive(self._pipe(self._process.stdout), MAX_PIECE)
        except OverflowError:
            raise self.over(f"{MAX_PIECE:,} bytes of text at a time") from None
        except (EOFError, OSError):
            raise self._dead() from None
        finally:
            timer.cancel()
        self.received = len(answer)
        try:
            return Plain(io.BytesIO(answer)).load()
        except pickle.UnpicklingError as error:
            raise Failed(str(error)) from None

    def tell(self, *request: Any) -> None:
        """Send a request."""
        send(self._pipe(self._process.stdin), pickle.dumps(request))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise EOFError
        return pipe

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def over(self, limit: str) -> Refused:
        """The refusal of a file that takes more than it may; the child is ended."""
        self.end()
        return Refused("workbook_too_costly", limit=limit)

    def _dead(self) -> Exception:
        """Why the child gives no answer any more."""
        code = self._process.wait()
        self._said.seek(self._mark)
        said = self._said.read()
        if any(each in said for each in _NO_MEMORY):
            return self.over(f"{self.memory:,} bytes of memory")
        if self._late or code == -getattr(signal, "SIGXCPU", 0):
            return self.over(f"{self.seconds:,} seconds")
        if code == -getattr(signal, "SIGKILL", 0):
            return Killed()
        return Failed(f"the child ended with {code}")

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Let go of it here. Who was forked from its parent must: it ends when nobody can ask it any more."""
        if self._process.returncode is None:
            self._process.returncode = 0  # not ours to wait for
        for each in (self._process.stdin, self._process.stdout, self._said):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.close()


class Plain(pickle.Unpickler):
    """What the child sends is plain values and times; anything else is not taken."""

    def find_class(self, module: str, name: str) -> Any:
        """A class of datetime; no other is ever named."""
        if module == "datetime":
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


_idle: deque[Child] = deque()
"""Children that serve nobody. No lock guards it: a workbook may be given up in the middle of anything."""
_all: weakref.WeakSet[Child] = weakref.WeakSet()


def _taken() -> Child:
    """A child that serves nobody else."""
    while _idle:
        with contextlib.suppress(IndexError):
            child = _idle.pop()
            if child.alive:
                return child
            child.end()
    return _started()


def _started() -> Child:
    """A new child."""
    child = Child()
    _all.add(child)
    return child


def _given_back(child: Child) -> None:
    """Take a child back; the workbook that it has open is closed."""
    if child.alive and child.files < FILES:
        with contextlib.suppress(OSError, ValueError, EOFError):
            child.tell("close")
            _idle.append(child)
            return
    child.end()


def _forked() -> None:
    """In a process that was forked: the children are its parent's."""
    _idle.clear()
    for child in list(_all):
        child.forget()


def end_idle() -> None:
    """End the children that serve nobody."""
    while _idle:
        _idle.pop().end()


atexit.register(end_idle)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
