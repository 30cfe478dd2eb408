"""The format and the options that a sample needs, and which of its columns have no name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

_FIGURE = re.compile(r"[-+(]?[\d][\d.,:/' +T-]*[-)%Z]?")


@dataclass(frozen=True)
class Shape:
    """How a sample is read. ``format``: None if the content tells it; ``options``: as in a feed.

    ``unnamed``: columns that have no heading in the file, and bear their place as a name. ``remarks``: what the file
    doesn't prove, in sentences. ``evidence``: what proves the options, in words.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    format: str | None = None
    unnamed: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def by_places(self) -> bool:
        """Whether its columns are characters of a line."""
        records = self.options.get("records", {})
        return "columns_at" in self.options or any(isinstance(each, dict) for each in records.values())

    def renamed(self, names: Mapping[str, str]) -> Shape:
        """The same with other names for columns: old → new."""
        return replace(
            self, options=_renamed(dict(self.options), names), unnamed=frozenset(names.get(e, e) for e in self.unnamed)
        )


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def is_figure(cell: str) -> bool:
    """Whether a cell is digits with their marks: a number, a date or a code of digits, and no heading.

    >>> [is_figure(each) for each in ("1.200,50", "05.01.2026", "00815", "SO-1", "Qty", "")]
    [True, True, True, False, False, False]
    """
    return _FIGURE.fullmatch(cell.strip()) is not None


def unnamed(place: int) -> str:
    """The name of a column that has none. ``place``: from 1."""
    return f"column {place}"
