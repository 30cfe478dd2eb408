"""The program of the child: it opens workbooks within limits and returns their sheets in pieces (``child``).

It runs alone and knows nothing of crossdock. Requests come in on stdin, answers go out on stdout, pickles with their
length before them, so the library may panic, abort or take all its memory without harm to other processes. When stdin
ends, the parent is gone, and the child ends at once: the library lets other threads run while it reads.

| request | answer |
|---|---|
| ``("open", path, bytes of memory, seconds)`` | the sheets: name, has cells, is visible |
| ``("sheet", name)`` | first and last cell with a value, or None; merged cells; the first rows |
| ``("rows", name, first)`` | some rows from that one on, from the first used column; none after the last |
| ``("close",)`` | no answer |

An answer is ``(True, it)``, or ``(False, (kind, text))``: too much ``memory``, too many ``cells``, a ``password``,
``refused`` by the library, a ``panic`` of it.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

try:
    import resource
except ImportError:  # Windows has no such limits; there, as on systems that ignore them, the parent's patience counts
    resource = None  # type: ignore[assignment]

CELLS = 1 << 15
"""How many cells a piece has, at least one row."""
LENGTH = 8
"""How many bytes before a message hold its length."""


class Books:
    """The open workbook, its sheets, and the next rows."""

    def __init__(self) -> None:
        self._book: CalamineWorkbook | None = None
        self._sheets: dict[str, CalamineSheet] = {}
        self._rows: tuple[str, int, Iterator[list[Any]]] | None = None
        self._ahead: tuple[str, int, bytes] | None = None

    def answer(self, request: tuple[Any, ...]) -> bytes:
        """The answer to a request, pickled."""
        name, *arguments = request
        try:
            if name == "rows":
                return self._rows_from(*arguments)
            return _pickled((True, getattr(self, name)(*arguments)))
        except BaseException as error:  # noqa: BLE001  # a panic of the library is a BaseException
            return _pickled((False, _reason(error)))

    def open(self, path: str, memory: int, seconds: int) -> list[tuple[str, bool, bool]]:
        """Close the workbook before, and open one; returns its sheets: name, has cells, is visible."""
        self.close()
        _limit(memory, seconds)
        self._book = CalamineWorkbook.from_path(path)
        return [
            (each.name, each.typ is SheetTypeEnum.WorkSheet, each.visible is SheetVisibleEnum.Visible)
            for each in self._book.sheets_metadata
        ]

    def sheet(self, name: str) -> tuple[tuple[int, int] | None, tuple[int, int] | None, list[Any], list[list[Any]]]:
        """The first and the last cell of a sheet, the merged cells, and the first rows, which are always needed."""
        sheet = self._sheet(name)
        return sheet.start, sheet.end, sheet.merged_cell_ranges or [], self._piece(name, (sheet.start or (0, 0))[0])

    def close(self) -> None:
        """Close the workbook."""
        self._book, self._sheets, self._rows, self._ahead = None, {}, None, None

    def prepare(self) -> None:
        """Read the next rows while the parent is busy with the last ones."""
        if self._rows is not None and self._ahead is None:
            name, at, _ = self._rows
            self._ahead = (name, at, self.answer(("rows", name, at)))

    def _sheet(self, name: str) -> CalamineSheet:
        if name not in self._sheets:
            assert self._book is not None  # noqa: S101  # the parent opens first
            self._sheets[name] = self._book.get_sheet_by_name(name)
        return self._sheets[name]

    def _rows_from(self, name: str, first: int) -> bytes:
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[:2] == (name, first):
            return ahead[2]
        return _pickled((True, self._piece(name, first)))

    def _piece(self, name: str, first: int) -> list[list[Any]]:
        self._ahead = None
        if self._rows is None or self._rows[:2] != (name, first):
            self._rows = (name, first, islice(self._sheet(name).iter_rows(), first, None))
        rows = self._rows[2]
        piece = list(islice(rows, 1))
        piece += islice(rows, CELLS // max(len(piece[0]), 1)) if piece else []
        self._rows = (name, first + len(piece), rows) if piece else None
        return piece


def _pickled(answer: Any) -> bytes:
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _reason(error: BaseException) -> tuple[str, str]:
    """The kind of an error, and the library's own words, which only developers read."""
    text = str(error)
    if isinstance(error, MemoryError) or "capacity overflow" in text:
        return "memory", text
    if "limit exceeded" in text:
        return "cells", text
    if isinstance(error, CalamineError | OSError | ValueError):
        return ("password" if "password" in text.lower() else "refused"), text
    return "panic", text


def _limit(memory: int, seconds: int) -> None:
    """Limit this process for the next file: bytes of memory, and seconds of processor time from now on."""
    if resource is None:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: int(spent.ru_utime + spent.ru_stime) + 1 + seconds}
    if sys.platform == "linux":  # macOS accepts no limit of addresses, or Python itself doesn't fit into it
        wanted[resource.RLIMIT_AS] = memory
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def send(file: IO[bytes], message: bytes) -> None:
    """Write a message after its length."""
    for part in (len(message).to_bytes(LENGTH, "big"), message):
        rest = memoryview(part)
        while rest:
            rest = rest[file.write(rest) :]
    file.flush()


def receive(file: IO[bytes], most: int | None = None) -> bytearray:
    """The next message. Raises ``EOFError`` if there is none, ``OverflowError`` if it is longer than ``most`` bytes."""
    length = int.from_bytes(_exactly(file, LENGTH), "big")
    if most is not None and length > most:
        raise OverflowError(length)
    return _exactly(file, length)


def _exactly(file: IO[bytes], size: int) -> bytearray:
    content = bytearray(size)
    rest = memoryview(content)
    while rest:
        taken = file.readinto(rest)  # type: ignore[attr-defined]  # files of bytes have it
        if not taken:
            raise EOFError
        rest = rest[taken:]
    return content


def _listen(requests: IO[bytes], into: queue.SimpleQueue[tuple[Any, ...]]) -> None:
    """Put requests into the queue as they come in; end the process when they end, because the parent is gone."""
    try:
        while True:
            into.put(pickle.loads(receive(requests)))  # noqa: S301  # the parent's
    finally:
        os._exit(0)


def main() -> None:
    """Answer requests while there is a parent."""
    for each in (signal.SIGINT, signal.SIGTERM):  # they are for the parent, whose end also ends this process
        signal.signal(each, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    waiting: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    books = Books()
    while True:
        request = waiting.get()
        if request == ("close",):
            books.close()
        else:
            send(answers, books.answer(request))
            books.prepare()


if __name__ == "__main__":
    main()
