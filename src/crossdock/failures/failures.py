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


@dataclass(frozen=True)
class Failures:
    """What is wrong with the records of a batch, one row per failure.

    ``rows`` has the columns ``COLUMNS``: ``line``, int64, the record under which it is booked; ``field``, our qualified
    name or ''; ``code``; ``severity`` and ``scope`` for this feed; ``detail``, what the sentence needs besides column
    and value, as JSON text or None. All but ``line`` are objects. A feed makes them (``Feed.failures``), so no step
    decides a severity.
    """

    rows: pd.DataFrame

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
        detail: str | np.ndarray | None = None
        if isinstance(details, Mapping):
            detail = _encoded(**details)
        elif details is not None:
            detail = np.array([_encoded(**each) if each else None for each in details], dtype=object)
        same = {"field": field, "code": code, "severity": severity, "scope": scope}
        return cls(pd.DataFrame({"line": numbers, **same, "detail": detail}))

    @classmethod
    def merge(cls, *parts: Failures) -> Failures:
        """The failures of several steps, sorted by line, field, code: one per cell, an error before a warning, else the
        first. Failures of a whole record or document have the field '' and don't hide one another.
        """
        frames = [part.rows for part in parts if len(part)]
        if not frames:
            return _NONE
        rows = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
        if len(rows) == 1:
            return cls(rows)
        is_warning = (rows["severity"] == "warning").to_numpy(dtype=bool)
        if is_warning.any() and not is_warning.all():
            rows = rows.iloc[np.argsort(is_warning, kind="stable")].reset_index(drop=True)
        repeated = rows.duplicated(["line", "field"]) & (rows["field"] != "")
        first = rows[~repeated & ~rows.duplicated(["line", "field", "code", "detail"])]
        return cls(first.sort_values(["line", "field", "code"], kind="stable", ignore_index=True))

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def lines(self) -> np.ndarray:
        """The line of each failure, int64."""
        return self.rows["line"].to_numpy(dtype=np.int64)

    @cached_property
    def is_error(self) -> np.ndarray:
        """Which failures are errors, bool."""
        return (self.rows["severity"] == "error").to_numpy(dtype=bool)

    @cached_property
    def errors(self) -> Failures:
        """The errors: those that keep something out."""
        return self.where(self.is_error)

    def of_code(self, *codes: str) -> np.ndarray:
        """Which failures have one of those codes, bool."""
        return self._among("code", codes)

    def of_field(self, names: Iterable[str]) -> np.ndarray:
        """Which failures are in one of those fields (qualified names), bool."""
        return self._among("field", names)

    def about(self, *scopes: Scope) -> np.ndarray:
        """Which failures have one of those scopes, bool."""
        return self._among("scope", scopes)

    def _among(self, column: str, values: Iterable[str]) -> np.ndarray:
        if not len(self):  # as of most files
            return np.zeros(0, dtype=bool)
        return self.rows[column].isin(list(values)).to_numpy(dtype=bool)

    def where(self, wanted: np.ndarray) -> Failures:
        """The failures that a bool mask selects."""
        return self if wanted.all() else Failures(self.rows[wanted].reset_index(drop=True))

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


_NONE = Failures(pd.DataFrame({name: pd.Series(dtype="int64" if name == "line" else "object") for name in COLUMNS}))
