"""Workbooks are opened in a child: a limited process that is reused, so that a file can harm nothing but itself.

Strategy: a file of a few kilobytes can make the library that reads workbooks panic, abort, hang, or take all memory. So
only ``confined``, the program of the child, opens a workbook. A child serves one open workbook at a time and many in
sequence; opening takes an idle child, or starts one. Its limits are a multiple of the size of the file. A child that
dies, is late, or returns too much is ended, and only that file is refused; if something outside killed it (the system,
when memory is short), reading continues once in another child. Children end with the process that started them; a
process that was forked from it starts its own.
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
from crossdock.formats.xlsx.inspection import MAX_CELLS

MEMORY, MEMORY_MOST = 1 << 30, 4 << 30
"""The least and the greatest memory limit of a child, in bytes; Python and its libraries take a quarter GiB."""
MEMORY_TIMES = 32
"""Bytes of memory above the least per byte of the file: a cell of ten bytes becomes a text and its copy."""
SECONDS = 20
"""Seconds of processor time that every file may take."""
BYTES_A_SECOND = 1 << 20
"""Bytes of the file that must be read per additional second: a tenth of what a slow machine reads."""
PATIENCE = 10
"""How many times those seconds may pass on the clock before an answer: other processes need the processor, too."""
MAX_BYTES = 2 << 30
"""The most bytes of all cells of a sheet, as the child sends them."""
MAX_PIECE = 256 << 20
"""The most bytes of one piece of a sheet."""
FILES = 500
"""How many files a child serves; then it ends, which frees the memory that it has wasted."""
_PROGRAM = Path(__file__).with_name("confined.py")
_NO_MEMORY = (b"memory allocation of", b"MemoryError")
"""What the library writes before it aborts."""

Place = tuple[int, int]
"""Row and column, from 0."""


class Failed(Exception):
    """The library can't read the file, and size is not the reason. ``password``: the file is protected."""

    def __init__(self, text: str, *, password: bool = False) -> None:
        super().__init__(text)
        self.password = password


class Killed(Exception):
    """Something outside has killed the child; the file may be right."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook. ``cells``: it has cells, it is no chart or macro."""

    name: str
    cells: bool
    visible: bool


class Workbook:
    """An open workbook. ``sheets``: its sheets; ``child``: who has it open. It closes with the last reference to it.

    Raises ``Refused`` if reading takes more than the limits of the file, ``Failed`` if the library can't read it.
    """

    def __init__(self, path: Path, weight: int) -> None:
        """``weight``: the bytes of the file, of a zip unpacked; the limits are a multiple of them."""
        self._path, self._weight = path, weight
        self._was_killed = False
        self.sheets = [Sheet(*each) for each in self._opened(_taken())]

    def begin(self, name: str) -> None:
        """Let the child read a sheet whose cells are asked for next, while something else is done."""
        self.child.begin_answer("sheet", name)

    def cells(self, name: str) -> Cells:
        """The cells of a sheet; raises as ``Workbook`` does."""
        return Cells(self, name, *self.ask("sheet", name))

    def ask(self, *request: Any) -> Any:
        """The answer of the child, or of another if this one was killed: no request depends on an earlier one."""
        try:
            return self.child.ask(*request)
        except Killed:
            self._opened(self._another())
            return self.ask(*request)

    def _opened(self, child: Child) -> list[tuple[str, bool, bool]]:
        """Let a child open the file; returns its sheets."""
        self.child = child
        self.close = weakref.finalize(self, _take_back, child)
        self.close.atexit = False
        try:
            return child.begin(self._path, self._weight)
        except Killed:
            return self._opened(self._another())

    def _another(self) -> Child:
        """A new child for one that was killed. Raises ``Refused`` the second time: the file may be the reason."""
        self.close.detach()
        if self._was_killed:
            raise Refused("workbook_too_costly", limit="memory")
        self._was_killed = True
        return _started()


@dataclass(frozen=True)
class Cells:
    """The cells of a sheet: ``start`` and ``end``, the first row and column that have a value, and the last.

    ``merged``: the first and the last cell of each area. ``head``: the first rows.
    """

    book: Workbook
    name: str
    start: Place | None
    end: Place | None
    merged: list[tuple[Place, Place]]
    head: list[list[Any]]

    def rows(self, first: int) -> Iterator[list[Any]]:
        """The rows from number ``first`` on (from 0), beginning with the first that has a value.

        A row has the cells from the first used column to the last. Raises ``Refused`` if they can't be read.
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
        except Failed:  # rows are used already, so the file can't be read again in another form
            raise Refused("strange_workbook") from None


class Child:
    """One child, and its limits for the file that it has open."""

    def __init__(self) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # open while the child lives
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            bufsize=0,  # a buffer has a lock, and a process that is forked meanwhile would wait for it forever
        )
        self.pid = self._process.pid
        self.memory = self.seconds = self.received = self.files = self._mark = 0
        self._late = False
        self._begun: tuple[Any, ...] | None = None

    @property
    def owes(self) -> bool:
        """Whether an answer has begun that nobody has asked for yet."""
        return self._begun is not None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def begin(self, path: Path, weight: int) -> list[tuple[str, bool, bool]]:
        """Open a file with limits by its ``weight`` (bytes); returns its sheets: name, has cells, is visible."""
        self.memory = min(MEMORY + MEMORY_TIMES * weight, MEMORY_MOST)
        self.seconds = SECONDS + weight // BYTES_A_SECOND
        self.files += 1
        self._mark = self._stderr.seek(0, os.SEEK_END)
        return self.ask("open", str(path.absolute()), self.memory, self.seconds)

    def begin_answer(self, *request: Any) -> None:
        """Send a request that is asked next; what is wrong is said then."""
        with contextlib.suppress(OSError, EOFError):
            self.tell(*request)
            self._begun = request

    def ask(self, *request: Any) -> Any:
        """The child's answer. Raises ``Refused`` if a limit prevents one, ``Killed`` if something outside does, and
        ``Failed`` for all other reasons.
        """
        try:
            good, content = self._answer(request)
        except BaseException:  # a late answer would be read as that to the next request
            self.end()
            raise
        if good:
            return content
        kind, text = content
        if kind == "memory":
            raise self.over(f"{self.memory:,} bytes of memory")
        if kind == "cells":
            raise self.over(f"{MAX_CELLS:,} cells")
        raise Failed(text, password=kind == "password")

    def _answer(self, request: tuple[Any, ...]) -> tuple[bool, Any]:
        timer = threading.Timer(self.seconds * PATIENCE, self._give_up)
        timer.start()
        try:
            begun, self._begun = self._begun, None
            if begun not in (None, request):
                receive(self._pipe(self._process.stdout), MAX_PIECE)
            if begun != request:
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
        """Ends the child; returns the refusal of a file that takes more than ``limit``."""
        self.end()
        return Refused("workbook_too_costly", limit=limit)

    def _dead(self) -> Exception:
        """The reason why the child doesn't answer any more, as an exception."""
        code = self._process.wait()
        self._stderr.seek(self._mark)
        output = self._stderr.read()
        if any(each in output for each in _NO_MEMORY):
            return self.over(f"{self.memory:,} bytes of memory")
        if self._late or code == -getattr(signal, "SIGXCPU", 0):
            return self.over(f"{self.seconds:,} seconds")
        if code == -getattr(signal, "SIGKILL", 0):
            return Killed()
        return Failed(f"the child ended with {code}")

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Close the pipes to it. A process forked from the parent must: the child ends when all pipes are closed."""
        if self._process.returncode is None:
            self._process.returncode = 0  # another process waits for it
        for each in (self._process.stdin, self._process.stdout, self._stderr):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.close()


class Plain(pickle.Unpickler):
    """Unpickles what the child sends: plain values and times; anything else is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """A class of ``datetime``. Raises ``UnpicklingError`` for every other class."""
        if module == "datetime":
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


_idle: deque[Child] = deque()
"""Children that serve nobody. It has no lock: a workbook may be finalised at any moment."""
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


def _take_back(child: Child) -> None:
    """Close the workbook that a child has open, and make the child idle; end it if it is dead or has served enough."""
    if child.alive and child.files < FILES and not child.owes:
        with contextlib.suppress(OSError, ValueError, EOFError):
            child.tell("close")
            _idle.append(child)
            return
    child.end()


def _forked() -> None:
    """In a forked process: the children belong to its parent."""
    _idle.clear()
    for child in list(_all):
        child.forget()


def end_idle() -> None:
    """End the idle children."""
    while _idle:
        _idle.pop().end()


atexit.register(end_idle)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
