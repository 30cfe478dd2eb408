"""A job's failures in the partner's own words: its columns, its places, its values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock import formats
from crossdock.documents import DOCUMENTS
from crossdock.documents.document import Document, Names
from crossdock.failures import HOLDS, RECORD_CODES, hint, sentence

NEUTRAL = Names("failedOrders", "customerOrderNumber", "customerLineNumber")
"""How a drop is answered that no document type is known of."""


def theirs_of(field: str, columns: Mapping[str, str], document: Document | None) -> str | None:
    """The heading as sent under which a field stands: its own, or that of the name it may be written as."""
    found = columns.get(field)
    return found or (columns.get(document.stands_for.get(field, "")) if document else None)


@dataclass(frozen=True)
class Words:
    """What is needed to speak of one job: its document type and the plan that was kept with it."""

    document: Document | None
    plan: dict[str, Any]
    units: tuple[str, ...]

    @property
    def names(self) -> Names:
        """What the acknowledgement calls documents and lines."""
        return self.document.report if self.document else NEUTRAL

    @property
    def filled(self) -> bool:
        """Whether several records may fill one line."""
        return self.document is not None and any(level.under != "header" for level in self.document.inner)

    def below(self, field: str) -> bool:
        """Whether a field is of a level below the header."""
        found = self.document.fields.get(field) if self.document else None
        return found is not None and self.document is not None and found[0] is not self.document.header

    @property
    def positional(self) -> bool:
        """Whether the file had no line numbers."""
        columns = self.plan.get("columns", {})
        return self.document is not None and bool(self.document.numbering) and self.document.numbering not in columns

    def column(self, field: str) -> str:
        """A field as the partner calls it; our name where the file has no such column."""
        columns = self.plan.get("columns", {})
        return formats.column(theirs_of(field, columns, self.document) or field, self.plan.get("written"))

    def place(self, line: int) -> str:
        """Where a record stands."""
        return formats.place(line, self.plan["written"]) if "written" in self.plan else f"line {line}"

    def file_line(self, line: int) -> str:
        """The number of a record's line or row; where a format has no lines, its place."""
        return str(line) if formats.has_lines(self.plan.get("written")) else self.place(line)

    def where(self, failure: Any) -> str:
        """Where a failure stands: its record, or, where it is about the document, the document."""
        return self.place(self._line(failure, failure.line))

    def reach(self, failure: Any, last: int, times: int) -> str:
        """Where the first and the last of several alike stand."""
        first, until = self._line(failure, failure.line), self._line(failure, last)
        return formats.span(first, until, self.plan["written"], " and " if times == 2 else "–")

    def _line(self, failure: Any, line: int) -> int:
        about_document = not self.of_line(failure.field) and failure.code not in RECORD_CODES
        return formats.of_document(line, self.plan["written"]) if about_document else line

    def detail(self, text: str | None, *, of_document: bool = False) -> dict[str, Any]:
        """A failure's details with columns and places in words; ``of_document``: its line stands for a document."""
        found: dict[str, Any] = json.loads(text) if text else {}
        if "other_column" in found:
            found["other_column"] = self.column(found["other_column"])
        if "line" in found:
            line = formats.of_document(found["line"], self.plan["written"]) if of_document else found["line"]
            found["place"] = self.place(line)
        return found

    def sentence(self, failure: Any) -> str:
        """What is wrong and, in brackets, what would be right."""
        right = self.hint(failure)
        said = sentence(failure.code, self.column(failure.field), failure.value, self._details(failure))
        return f"{said} ({right})" if right else said

    def _details(self, failure: Any) -> dict[str, Any]:
        return self.detail(failure.detail, of_document=failure.code in ("duplicate", "document_twice"))

    def hint(self, failure: Any) -> str:
        """What would be right, or ''."""
        return hint(failure.code, self.column(failure.field), failure.value, self._details(failure))

    def held(self, reason: str) -> str:
        """Why a document is held that has no failure of its own: a code of ``HOLDS``, and the line to blame."""
        code, _, line = reason.partition(" ")
        return HOLDS[code].format(place=self.place(int(line)) if line else "")

    def of_line(self, field: str) -> bool:
        """Whether a field belongs to a line rather than to the document."""
        return self.document is not None and self.document.lines is not None and self.below(field)


def words(row: Any) -> Words:
    """The words for a job's row."""
    feed = json.loads(row.feed_text) if row.feed_text else {}
    return Words(DOCUMENTS.get(row.document), json.loads(row.plan), tuple(feed.get("business_units", ())))
