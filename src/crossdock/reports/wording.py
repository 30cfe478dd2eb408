"""A job's failures in the partner's own words: its columns, its places, its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from crossdock import formats
from crossdock.documents import DOCUMENTS
from crossdock.failures.catalogue import HOLDS, OF_RECORDS
from crossdock.failures.sentences import hint, sentence
from crossdock.model.headings import theirs_of
from crossdock.model.job import DocumentOfJob, DocumentOutcome, FailureRecord, JobRecord, Placed, PlanRecord
from crossdock.partners.feed_config import FeedSnapshot
from crossdock.reports.settings_advice import settings
from crossdock.schema.document import Document, Names

KEPT = 10_000
"""How many texts are kept for failures of the same mistakes."""
Made = TypeVar("Made")
NEUTRAL = Names("failedOrders", "customerOrderNumber", "customerLineNumber")
"""The names in the answer to a drop without a known document type."""


@dataclass(frozen=True)
class Wording:
    """What the sentences about one job need: its document type, the plan that was stored with it, the feed's units."""

    document: Document | None
    plan: PlanRecord
    units: tuple[str, ...]
    feed: FeedSnapshot | None = None
    _kept: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def names(self) -> Names:
        """The acknowledgement's names of documents and lines."""
        return self.document.report if self.document else NEUTRAL

    @cached_property
    def _enveloped(self) -> bool:
        """Whether its file is one of a standard, which has terms of its own."""
        return formats.is_enveloped(self.plan.written.get("format"))

    @cached_property
    def filled(self) -> bool:
        """Whether several records may fill one line."""
        return self.document is not None and any(level.under != "header" for level in self.document.inner)

    def below(self, field: str) -> bool:
        """Whether a field is of a level below the header."""
        level_and_field = self.document.fields.get(field) if self.document else None
        return (
            level_and_field is not None and self.document is not None and level_and_field[0] is not self.document.header
        )

    @cached_property
    def positional(self) -> bool:
        """Whether the file had no line numbers."""
        document = self.document
        return document is not None and bool(document.numbering) and document.numbering not in self.plan.columns

    def column(self, field: str, line: int = 0) -> str:
        """The partner's name of a field, in the record of a line; our name where the file has no such column."""
        theirs = theirs_of(field, self.plan.columns, self.document) or field
        return formats.column(theirs, self.plan.written, self._variant(line))

    def _variant(self, line: int) -> str:
        """What the names of a record's columns depend on besides, such as the type of its set."""
        return formats.variant(line, self.plan.written)

    def place(self, line: int) -> str:
        """Where a record is, in words of its format."""
        return formats.place(line, self.plan.written)

    def file_line(self, line: int) -> str:
        """The number of a record's line or row; where a format has no lines, its place."""
        return str(line) if formats.has_lines(self.plan.written) else self.place(line)

    def where(self, failure: Placed) -> str:
        """Where a failure is: its record, or, where it is about the document, the document."""
        return self.place(self._line(failure, failure.line))

    def reach(self, kind: Placed) -> str:
        """Where the first and the last of several similar failures are."""
        first, last = self._line(kind, kind.line), self._line(kind, kind.last_line)
        return formats.span(first, last, self.plan.written, " and " if kind.times == 2 else "–")

    def _line(self, failure: Placed, line: int) -> int:
        return line if failure.scope in OF_RECORDS else formats.of_document(line, self.plan.written)

    def sentence(self, failure: FailureRecord) -> str:
        """What is wrong and, in brackets, what would be right."""
        return self.once(Wording._sentence, failure)

    def _sentence(self, failure: FailureRecord, column: str = "") -> str:
        right, details = self.hint(failure), self._details(failure)
        column = column or self.column(failure.field, failure.line)
        objects = bool(self.plan.written) and formats.names_members(self.plan.written)
        wrong = sentence(failure.code, column, failure.value, details, objects=objects)
        return f"{wrong} ({right})" if right else wrong

    def explained(self, failure: FailureRecord) -> str:
        """The sentence for people of the house: an element of an interchange has our field behind it, in brackets."""
        return self.once(Wording._explained, failure)

    def _explained(self, failure: FailureRecord) -> str:
        column = self.column(failure.field, failure.line)
        is_element = bool(failure.field) and self._enveloped
        named = f"{column} ({failure.field.rpartition('.')[2] or failure.field})"
        return self._sentence(failure, named if is_element and column != failure.field else column)

    def spot(self, failure: FailureRecord) -> dict[str, Any]:
        """Where a failure is, as members of a JSON object, in the terms of its file's standard; none of most files."""
        if not self._enveloped:
            return {}
        column = self.column(failure.field, failure.line) if failure.field else ""
        return formats.spot(failure.line, column, failure.detail, self.plan.written)

    def hint(self, failure: FailureRecord) -> str:
        """What would be right, or ''."""
        return self.once(Wording._hint, failure)

    def _hint(self, failure: FailureRecord) -> str:
        return hint(failure.code, self.column(failure.field, failure.line), failure.value, self._details(failure))

    def setting(self, failure: FailureRecord) -> str:
        """What the operator can set in the partner's TOML so that it does not come again, or ''."""
        return self.once(Wording._setting, failure)

    def once(self, make: Callable[[Wording, FailureRecord], Made], failure: FailureRecord) -> Made:
        """What ``make`` makes of a failure, whatever its place: for failures of one mistake it is made once, because a
        file may repeat a mistake very often. ``make`` may look at the type of its set, and not at its line otherwise.
        """
        key = (make, failure.mistake, self._variant(failure.line))
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = make(self, failure)
        kept: Made = self._kept[key]
        return kept

    def _setting(self, failure: FailureRecord) -> str:
        return settings(failure, self.document, self.plan, self.feed)

    def _details(self, failure: FailureRecord) -> dict[str, Any]:
        """A failure's details with columns and places in words."""
        details = dict(failure.detail)
        if "other_column" in details:
            details["other_column"] = self.column(details["other_column"], failure.line)
        if "line" in details:
            line = details["line"]
            if failure.code in ("duplicate", "document_twice"):  # it means the other document
                line = formats.of_document(line, self.plan.written)
            details["place"] = self.place(line)
        return details

    def held(self, outcome: DocumentOutcome) -> str:
        """Why a document without a failure of its own is held."""
        place = "" if outcome.hold_line is None else self.place(outcome.hold_line)
        return HOLDS[outcome.hold_code].format(place=place)


def wording_of(job: JobRecord | DocumentOfJob) -> Wording:
    """The wording of a job."""
    return Wording(DOCUMENTS.get(job.document), job.plan, job.feed.business_units if job.feed else (), job.feed)
