"""What is wrong with the records of a batch: one row per failure.

A bad value is a failure: a value that is collected, never an exception. The catalogue and the feed
(``Feed.failures``) decide its severity and its scope when it is made, and nothing else does. The sentence is not stored
but rendered from the catalogue, in the partner's own words. A file that can't be processed at all raises ``Refused``,
the only exception that is an answer; any other exception is an outage or a bug.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crossdock.failures.catalogue import Scope, Severity

if TYPE_CHECKING:
    from crossdock.frames.rows import Records

Details = Iterable[Mapping[str, Any]] | Mapping[str, Any] | None
"""What sentences need besides column and value: one mapping per failure, one for all, or None."""


DETAILS_KEPT = 4_096
"""How many details are cached as JSON text: one code has few of them, and a night may repeat each many times."""
COLUMNS = ("line", "field", "code", "severity", "scope", "detail")


@lru_cache(DETAILS_KEPT, typed=True)
def _encoded(**detail: Any) -> str:
    return json.dumps(detail, ensure_ascii=False)


@dataclass(frozen=True, eq=False)
class Failures:
    """What is wrong with the records of a batch: arrays of one length, a value per failure.

    ``lines``, int64: the records under which they are booked; ``fields``: our qualified names or ''; ``codes``;
    ``severities`` and ``scopes`` for this feed; ``details``: what sentences need besides column and value, as JSON text
    or None. All but ``lines`` are objects: most drops have few failures, and many steps look at them, so a table's
    operations would take longer than all other work. A feed makes them (``Feed.failures``), so no step decides a
    severity.
    """

    lines: np.ndarray
    fields: np.ndarray
    codes: np.ndarray
    severities: np.ndarray
    scopes: np.ndarray
    details: np.ndarray

    @classmethod
    def none(cls) -> Failures:
        """No failure."""
        return _NONE

    @classmethod
    def of(
        cls,
        lines: Iterable[int] | np.ndarray,
        field: str,
        code: str,
        severity: Severity,
        scope: Scope,
        details: Details = None,
    ) -> Failures:
        """Failures of one code in one field, one per line; ``details``: one per line, one for all, or None."""
        numbers = np.asarray(lines, dtype=np.int64)
        if len(numbers) == 0:
            return _NONE
        detail: str | list[str | None] | None = None
        if isinstance(details, Mapping):
            detail = _encoded(**details)
        elif details is not None:
            detail = [_encoded(**each) if each else None for each in details]
        columns = []
        for value in (field, code, severity, scope, detail):
            column = np.empty(len(numbers), dtype=object)
            column[:] = value
            columns.append(column)
        return cls(numbers, *columns)

    @classmethod
    def merge(cls, *parts: Failures) -> Failures:
        """The failures of several steps, sorted by line, field, code: one per cell, an error before a warning, else the
        first. Failures of a whole record or document have the field '' and don't hide one another.
        """
        several = [part for part in parts if len(part)]
        if not several:
            return _NONE
        whole = (
            several[0] if len(several) == 1 else cls(*map(np.concatenate, zip(*map(_columns, several), strict=True)))
        )
        if len(whole) == 1:
            return whole
        is_warning = whole.severities == "warning"
        if is_warning.any() and not is_warning.all():
            whole = whole.at(np.argsort(is_warning, kind="stable"))
        fields, codes, details = _ranks(whole.fields), _ranks(whole.codes), pd.factorize(whole.details)[0]
        again = _again(whole.lines, fields) & (whole.fields != "")
        again |= _again(whole.lines, fields, codes, details)
        kept = np.flatnonzero(~again)
        return whole.at(kept[np.lexsort((codes[kept], fields[kept], whole.lines[kept]))])

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The failures as a table of ``COLUMNS``, one row per failure."""
        return pd.DataFrame(self.columns)

    @property
    def columns(self) -> dict[str, pd.Series]:
        """The columns of ``rows``; pandas leaves objects what they are, a None as well."""
        return {name: pd.Series(each, dtype=each.dtype) for name, each in zip(COLUMNS, _columns(self), strict=True)}

    @cached_property
    def is_error(self) -> np.ndarray:
        """Which failures are errors, bool."""
        return np.asarray(self.severities == "error", dtype=bool)

    @cached_property
    def errors(self) -> Failures:
        """The errors: those that keep something out."""
        return self.where(self.is_error)

    def of_code(self, *codes: str) -> np.ndarray:
        """Which failures have one of those codes, bool."""
        return _among(self.codes, codes)

    def of_field(self, names: Iterable[str]) -> np.ndarray:
        """Which failures are in one of those fields (qualified names), bool."""
        return _among(self.fields, names)

    def about(self, *scopes: Scope) -> np.ndarray:
        """Which failures have one of those scopes, bool."""
        return _among(self.scopes, scopes)

    def again(self, of: np.ndarray) -> np.ndarray:
        """Which failures say of the same thing (a number each) what an earlier one says: field and code, bool."""
        return _again(of, _ranks(self.fields), _ranks(self.codes))

    def at(self, places: np.ndarray) -> Failures:
        """The failures at those places, in that order."""
        return Failures(*(column[places] for column in _columns(self)))

    def where(self, wanted: np.ndarray) -> Failures:
        """The failures that a bool mask selects."""
        return self if wanted.all() else self.at(np.flatnonzero(wanted))

    def holding(self, hold: str, records: Records) -> np.ndarray:
        """Which documents their errors keep out, bool, one value per document.

        ``hold``: what the feed holds (``Feed.hold``). With "line" an error of a line, or of a record that is a line,
        keeps out the line only; the whole document if the record is an object that is the document, or if no record is
        left.
        """
        errors = self.errors
        if hold != "line":
            return records.any_at(errors.lines)
        nested = records.nested[records.places(errors.lines)]
        whole = errors.about("document") | (errors.about("record") & nested)
        return records.any_at(errors.lines[whole]) | ~records.any_per_document(~records.at(errors.lines))

    def without_torn_cells(self) -> Failures:
        """Without the failures in cells of a record that is wrong itself."""
        torn = self.about("record")
        return self.where(torn | ~np.isin(self.lines, self.lines[torn]))


def _columns(of: Failures) -> tuple[np.ndarray, ...]:
    return of.lines, of.fields, of.codes, of.severities, of.scopes, of.details


def _among(column: np.ndarray, values: Iterable[str]) -> np.ndarray:
    if not len(column):  # as of most files
        return np.zeros(0, dtype=bool)
    wanted = frozenset(values)
    return np.fromiter((each in wanted for each in column.tolist()), dtype=bool, count=len(column))


def _ranks(texts: np.ndarray) -> np.ndarray:
    """A number for each text, in the order of texts."""
    return pd.factorize(texts, sort=True)[0]


def _again(*keys: np.ndarray) -> np.ndarray:
    """Which rows equal an earlier one in all keys, bool."""
    order = np.lexsort(keys)
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for key in keys:
        same &= key[order[1:]] == key[order[:-1]]
    again = np.zeros(len(order), dtype=bool)
    again[order[1:][same]] = True
    return again


_NONE = Failures(np.zeros(0, dtype=np.int64), *(np.zeros(0, dtype=object) for _ in COLUMNS[1:]))
