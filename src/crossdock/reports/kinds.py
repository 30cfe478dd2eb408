"""The failures of a job by kind, one code in one field each, in words: the most frequent first, with examples."""

from __future__ import annotations

from typing import NamedTuple

from crossdock.database import Database
from crossdock.failures.sentences import quoted
from crossdock.jobs import queries
from crossdock.model.job import FailureKind, FailureRecord, JobRecord, Placed
from crossdock.reports.wording import Wording, wording_of

MOST = 1_000
"""How many kinds are read."""
EXAMPLES = 3
"""How many values of a kind are shown."""
NAMED = 100
"""How many documents of a kind are named."""
TELLING = ("other", "line", "known", "number", "which", "items", "total", "ordered", "job", "state", "what", "action")
"""Details of a failure that are its own and don't depend on its value."""


class Group(NamedTuple):
    """One kind of failure in words: where and how often; what is wrong. ``first``: the first of the failures."""

    where: str
    what: str
    first: FailureRecord


class Kinds:
    """The kinds of failures of a job. Counting them looks at every failure, so it is done once: the reports that are
    written together have one.
    """

    def __init__(self, job: JobRecord, database: Database) -> None:
        self._job, self._database, self._wording = job.job_id, database, wording_of(job)
        self._of: dict[str, list[FailureKind]] = {}
        self._examples: dict[FailureKind, list[FailureRecord]] = {}

    def of(self, severity: str) -> list[FailureKind]:
        """The most frequent kinds of errors, or of warnings."""
        if severity not in self._of:
            self._of[severity] = queries.kinds(self._database, self._job, severity, MOST)
        return self._of[severity]

    def examples(self, kind: FailureKind) -> list[FailureRecord]:
        """The first failures of a kind, one per distinct value; one more than are shown, if there are so many."""
        if kind not in self._examples:
            self._examples[kind] = queries.examples(self._database, self._job, kind, EXAMPLES + 1)
        return self._examples[kind]

    def grouped(self, kind: FailureKind) -> Group:
        """One kind of failure in words. Of several different sentences only the first is used."""
        examples = self.examples(kind)
        first, alike = examples[0], are_alike(examples)
        what = self._wording.explained(first)
        others = [
            value for value in dict.fromkeys(map(_value, examples[1:EXAMPLES])) if value and value != _value(first)
        ]
        if others and alike:
            what += "; also " + ", ".join(others) + (" …" if len(examples) > EXAMPLES else "")
        elif not alike:
            what += "; and others like it"
        if kind.scope == "file":
            return Group("the file", what, first)
        if of_documents(kind) and kind.line != kind.last_line:
            what += f": {self.named(kind)}"
        return Group(placed(kind, first.number, self._wording), what, first)

    def named(self, kind: FailureKind, after: int = 0) -> str:
        """The documents that have a failure of a kind, without the first ones."""
        numbers = queries.numbers(self._database, self._job, kind, after + NAMED + 1)[after:]
        return ", ".join(numbers[:NAMED]) + (" …" if len(numbers) > NAMED else "")


def placed(kind: Placed, number: str, wording: Wording) -> str:
    """The place of failures, one with the number of its document; how many they are."""
    place = _beside(wording.where(kind), number) if kind.line == kind.last_line else wording.reach(kind)
    return place + (f" ({kind.times:,} ×)" if kind.times > 2 else "")


def of_documents(kind: FailureKind) -> bool:
    """Whether failures are about documents as a whole, not about cells."""
    return kind.scope == "document" and not kind.field


def are_alike(examples: list[FailureRecord]) -> bool:
    """Whether failures can share a sentence: their details differ only in the value, and in what depends on it. Where
    they are of no field and no value, nothing does: rows of other widths are torn in other ways.
    """
    telling = [
        {name: value for name, value in each.detail.items() if name in TELLING or (alone and name != "value")}
        for each in examples
        for alone in [not each.field and each.value is None]
    ]
    return all(each == telling[0] for each in telling)


def _beside(where: str, number: str) -> str:
    """A place, with the number of the document that it is in."""
    return f"{where}, {number}" if number else where


def _value(example: FailureRecord) -> str:
    """The value of an example: as sent, or from its details."""
    return quoted(example.value) if example.value is not None else str(example.detail.get("value", ""))
