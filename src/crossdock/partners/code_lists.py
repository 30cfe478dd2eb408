"""A partner's own codes as a CSV beside its TOML: long lists, and codes that mean something else from a day on."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

HEADINGS = ("theirs", "ours", "valid_from")
"""The headings of a code list; the last may be left out."""


class WrongList(Exception):
    """A code list that can't be read; the message says why."""


@dataclass(frozen=True)
class CodeList:
    """What each code of a partner means: theirs → (the first day, ours), the latest day last; ``date.min``: always."""

    meanings: Mapping[str, tuple[tuple[date, str], ...]]

    @property
    def digest(self) -> str:
        """The SHA-256 of its content, in hex."""
        text = repr(sorted(self.meanings.items()))
        return hashlib.sha256(text.encode()).hexdigest()

    def on(self, day: date) -> dict[str, str]:
        """Theirs → ours on a day; without the codes that mean nothing yet."""
        valid = {
            theirs: [ours for first, ours in meanings if first <= day] for theirs, meanings in self.meanings.items()
        }
        return {theirs: ours[-1] for theirs, ours in valid.items() if ours}


def read(path: Path) -> CodeList:
    """The code list of a CSV file (UTF-8) with ``HEADINGS``; it is read again when it changes. Raises ``WrongList``."""
    try:
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise WrongList(f"{path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongList(f"{path}: {error}") from None


@cache
def _read(path: Path, changed: int, size: int) -> CodeList:
    meanings: dict[str, list[tuple[date, str]]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        headings = [each.strip() for each in next(rows, [])]
        if headings not in (list(HEADINGS), list(HEADINGS[:2])):
            raise WrongList(f"{path}: its headings are {', '.join(HEADINGS)}, and not {', '.join(headings)}")
        for line, row in enumerate(rows, 2):
            if not any(each.strip() for each in row):
                continue
            theirs, ours, first = _meaning(path, line, row, len(headings))
            if any(day == first for day, _ in meanings.setdefault(theirs, [])):
                raise WrongList(f"{path}:{line}: {theirs!r} has another meaning from the same day on")
            meanings[theirs].append((first, ours))
    return CodeList({theirs: tuple(sorted(each)) for theirs, each in meanings.items()})


def _meaning(path: Path, line: int, row: list[str], width: int) -> tuple[str, str, date]:
    if len(row) != width:
        raise WrongList(f"{path}:{line}: the row has {len(row)} cells where the headings have {width}")
    theirs, ours, first = [each.strip() for each in [*row, ""][:3]]
    try:
        return theirs, ours, date.fromisoformat(first) if first else date.min
    except ValueError:
        raise WrongList(f"{path}:{line}: valid_from {first!r} is not a date like 2026-12-31") from None
