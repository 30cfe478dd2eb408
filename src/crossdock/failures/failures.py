"""What is wrong with the records of a batch: a row per failure.

A bad value is a failure: a value that is collected, never an exception. How bad one is and what it is about is decided
when it is made, by the catalogue and the feed (``Feed.failures``), and nowhere else. The sentence is not stored but
rendered from the catalogue, in the partner's own words. A file that can't be processed at all is ``Refused``, the one
exception that is an answer; anything else that is raised is an outage or a bug.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crossdock.failures.catalogue import Scope, Severity

if TYPE_CHECKING:
    from crossdock.frames.rows import Records

Details = Iterable[Mapping[str, Any]] | Mapping[str, Any] | None
"""What sentences need besides column and value: one per failure, one for all, or nothing."""


DETAILS_KEPT = 4_096
"""Details whose JSON text is kept: those of one code are few, and a night may bring each of them many times."""
COLUMNS = ("line", "field", "code", "severity", "scope", "detail")


@lru_cache(DETAILS_KEPT, typed=True)
def _encoded(**detail: Any) -> str:
    return json.dumps(detail, ensure_ascii=False)


@dataclass(frozen=True)
class Failures:
    """What is wrong with the records of a batch, a row per failure.

    ``rows``: ``line`` int64, the record that it is booked under; ``field``, our qualified name or ''; ``code``;
    ``severity`` and ``scope`` as they are to this feed; ``detail``, what the sentence needs besides column and value,
    as JSON text or None. A feed makes them (``Feed.failures``), so that no step decides how bad one is.
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
        """The failures of several steps in the order line, field, code: one per cell, an error before a warning, else
        the earliest. Those of a whole record or document bear the field '' and don't hide one another.
        """
        filled = [part.rows for part in parts if len(part)]
        if not filled:
            return _NONE
        every = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
        if len(every) == 1:
            return cls(every)
        weak = (every["severity"] == "warning").to_numpy(dtype=bool)
        if weak.any() and not weak.all():
            every = every.iloc[np.argsort(weak, kind="stable")].reset_index(drop=True)
        repeated = every.duplicated(["line", "field"]) & (every["field"] != "")
        first = every[~repeated & ~every.duplicated(["line", "field", "code", "detail"])]
        return cls(first.sort_values(["line", "field", "code"], kind="stable", ignore_index=True))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def lines(self) -> np.ndarray:
        """The line of each, int64."""
        return self.rows["line"].to_numpy(dtype=np.int64)

    @property
    def is_error(self) -> np.ndarray:
        """Which are errors, bool."""
        return (self.rows["severity"] == "error").to_numpy(dtype=bool)

    @property
    def errors(self) -> Failures:
        """Those that keep something out."""
        return self.where(self.is_error)

    def of_code(self, *codes: str) -> np.ndarray:
        """Which are of one of those codes, bool."""
        return self.rows["code"].isin(codes).to_numpy(dtype=bool)

    def of_field(self, names: Iterable[str]) -> np.ndarray:
        """Which are of one of those fields, bool."""
        return self.rows["field"].isin(list(names)).to_numpy(dtype=bool)

    def about(self, *scopes: Scope) -> np.ndarray:
        """Which are of one of those scopes, bool."""
        return self.rows["scope"].isin(scopes).to_numpy(dtype=bool)

    def where(self, wanted: np.ndarray) -> Failures:
        """Those that a mask picks."""
        return self if wanted.all() else Failures(self.rows[wanted].reset_index(drop=True))

    def holding(self, hold: str, records: Records) -> np.ndarray:
        """The documents that their errors keep out, bool per document.

        ``hold``: what the feed holds (``Feed.hold``). With "line" an error of a line, or of a record that is one,
        leaves out the line only: unless the record is an object that is the whole document, or no record is left.
        """
        errors = self.errors
        if hold != "line":
            return records.any_at(errors.lines)
        nested = records.nested[records.places(errors.lines)]
        whole = errors.about("document") | (errors.about("record") & nested)
        return records.any_at(errors.lines[whole]) | ~records.any_per_document(~records.at(errors.lines))

    def without_torn_cells(self) -> Failures:
        """Without what is said of the cells of a record that is wrong itself."""
        torn = self.about("record")
        return self.where(torn | ~np.isin(self.lines, self.lines[torn]))


_NONE = Failures(pd.DataFrame({name: pd.Series(dtype="int64" if name == "line" else "object") for name in COLUMNS}))
