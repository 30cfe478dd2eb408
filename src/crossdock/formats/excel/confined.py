"""The program of the child: it opens workbooks within limits and gives their sheets back in pieces (``child``).

It runs alone and knows nothing of crossdock. Requests come in on stdin, answers go out on stdout, pickles with their
length before them, so the library may panic, abort or take all it gets without anybody else's harm. Where stdin ends,
the parent is gone, and so is the child, whatever it does: the library lets other threads run while it reads.

| request | answer |
|---|---|
| ``("open", path, bytes of memory, seconds)`` | the sheets: name, is it one of cells, is it visible |
| ``("sheet", name)`` | first and last cell that hold anything, or None; merged cells; the first rows |
| ``("rows", name, first)`` | some rows from that one on, from the first column that is used; none behind the last |
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
except ImportError:  # Windows has no such limits; there, and where a system keeps none, the parent's patience holds
    resource = None  # type: ignore[assignment]

CELLS = 1 << 15
"""Cells of a piece."""
LENGTH = 8
"""Bytes before a message that tell how many it has."""


class Books:
    """The workbook that is open, its sheets, and the rows that come next."""

    def __init__(self) -> None:
        self._book: CalamineWorkbook | None = None
        self._sheets: dict[str, CalamineSheet] = {}
        self._rows: tuple[str, int, Iterator[list[Any]]] | None = None
        self._ahead: tuple[str, int, bytes] | None = None

    def answer(self, request: tuple[Any, ...]) -> bytes:
        """The answer to a request, pickled."""
        name, *given = request
        try:
            if name == "rows":
                return self._rows_from(*given)
            return _pickled((True, getattr(self, name)(*given)))
        except BaseException as error:  # noqa: BLE001  # a panic of the library is a BaseException
            return _pickled((False, _told(error)))

    def open(self, path: str, memory: int, seconds: int) -> list[tuple[str, bool, bool]]:
        """Open a workbook, and give up the one before it."""
        self.close()
        _limit(memory, seconds)
        self._book = CalamineWorkbook.from_path(path)
        return [
            (each.name, each.typ is SheetTypeEnum.WorkSheet, each.visible is SheetVisibleEnum.Visible)
            for each in self._book.sheets_metadata
        ]

    def sheet(self, name: str) -> tuple[tuple[int, int] | None, tuple[int, int] | None, list[Any], list[list[Any]]]:
        """Where the cells of a sheet begin and end, which are merged, and the rows that everybody asks for."""
        sheet = self._sheet(name)
        return sheet.start, sheet.end, sheet.merged_cell_ranges or [], self._piece(name, (sheet.start or (0, 0))[0])

    def close(self) -> None:
        """Give up the workbook."""
        self._book, self._sheets, self._rows, self._ahead = None, {}, None, None

    def prepare(self) -> None:
        """Make the rows that come next while the parent is busy with the last ones."""
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
        found = list(islice(rows, 1))
        found += islice(rows, CELLS // max(len(found[0]), 1)) if found else []
        self._rows = (name, first + len(found), rows) if found else None
        return found


def _pickled(answer: Any) -> bytes:
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _told(error: BaseException) -> tuple[str, str]:
    """What went wrong: its kind, and the library's own words, which only a developer reads."""
    text = str(error)
    if isinstance(error, MemoryError) or "capacity overflow" in text:
        return "memory", text
    if "limit exceeded" in text:
        return "cells", text
    if isinstance(error, CalamineError | OSError | ValueError):
        return ("password" if "password" in text.lower() else "refused"), text
    return "panic", text


def _limit(memory: int, seconds: int) -> None:
    """Limit this process for the file that is opened next; seconds are those of the processor, from now on."""
    if resource is None:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: int(spent.ru_utime + spent.ru_stime) + 1 + seconds}
    if sys.platform == "linux":  # macOS takes no limit of addresses, or one that Python itself doesn't fit in
        wanted[resource.RLIMIT_AS] = memory
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def send(file: IO[bytes], message: bytes) -> None:
    """Write a message behind its length."""
    for part in (len(message).to_bytes(LENGTH, "big"), message):
        rest = memoryview(part)
        while rest:
            rest = rest[file.write(rest) :]
    file.flush()


def receive(file: IO[bytes], most: int | None = None) -> bytearray:
    """The next message. ``EOFError`` where there is none, ``OverflowError`` where it is longer than ``most`` bytes."""
    length = int.from_bytes(_exactly(file, LENGTH), "big")
    if most is not None and length > most:
        raise OverflowError(length)
    return _exactly(file, length)


def _exactly(file: IO[bytes], size: int) -> bytearray:
    found = bytearray(size)
    rest = memoryview(found)
    while rest:
        taken = file.readinto(rest)  # type: ignore[attr-defined]  # files of bytes have it
        if not taken:
            raise EOFError
        rest = rest[taken:]
    return found


def _listen(requests: IO[bytes], into: queue.SimpleQueue[tuple[Any, ...]]) -> None:
    """Requests as they come in; where they end, the parent is gone."""
    try:
        while True:
            into.put(pickle.loads(receive(requests)))  # noqa: S301  # the parent's
    finally:
        os._exit(0)


def main() -> None:
    """Answer requests for as long as there is a parent."""
    for each in (signal.SIGINT, signal.SIGTERM):  # they are the parent's, who ends this process by going
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
