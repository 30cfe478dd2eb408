"""What became of the documents of an interchange's sets, as 824, 855, APERAK and ORDRSP say it (contract edi.md §10).

An answer is about all sets of the parts whose feed wants it; one that a fix-workbook, a replay or a dismissal causes is
about the sets whose documents that brought again, or gave up, and has the verdict of that job.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice

from crossdock.database import Database
from crossdock.failures.catalogue import OF_RECORDS
from crossdock.formats.edi.interchange import GroupRecord, SetRecord
from crossdock.formats.edi.places import SHIFT
from crossdock.jobs import edi_answers, interchanges, queries
from crossdock.model.edi_answer import EdiAnswer, kinds_of
from crossdock.model.interchange import InterchangeRecord
from crossdock.model.job import FailureRecord, JobRecord
from crossdock.reports.document_verdict import DocumentVerdict, verdicts
from crossdock.reports.wording import Wording, wording_of


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """What became of a set.

    ``ordinal``: of the set in its part. ``documents``: those of its documents that something is known of; of which
    nothing is known are taken whole. ``dismissed``: they are given up.
    """

    ordinal: int
    record: SetRecord
    documents: Sequence[DocumentVerdict] = ()
    dismissed: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether everything of it is taken."""
        return not self.dismissed and not any(each.is_short for each in self.documents)

    @property
    def is_taken(self) -> bool:
        """Whether something of it is taken."""
        return not self.dismissed and (not self.documents or any(each.outcome.taken for each in self.documents))

    @property
    def errors(self) -> Sequence[FailureRecord]:
        """The errors of its documents."""
        return [error for each in self.documents for error in each.errors]


@dataclass(frozen=True)
class PartOutcome:
    """What became of a part of an interchange.

    ``part``: the job that imports it. ``job``: whose verdict it is. ``how``: what the feed wants besides
    (``kinds_of``). ``sets``: the sets that the answer is about, in their order, once.
    """

    part: JobRecord
    group: GroupRecord
    job: JobRecord
    how: str
    sets: Iterable[SetOutcome]

    @property
    def is_first(self) -> bool:
        """Whether the verdict is that of the job that read the sets, whose failures stand at their segments."""
        return self.job.job_id == self.part.job_id

    @cached_property
    def wording(self) -> Wording:
        """The words of the job's failures: one for all of them, because it remembers what it has said."""
        return wording_of(self.job)


def parts_of(record: InterchangeRecord, answer: EdiAnswer, database: Database) -> Iterator[PartOutcome]:
    """The parts that an answer is about, in the order of the file."""
    for part, group in zip(record.parts, record.interchange.groups, strict=True):
        if not part.job:
            continue
        own = queries.one(database, part.job)
        how = kinds_of(own.feed.answer).get(answer.kind) if own.feed else None
        if how is None:
            continue
        if not answer.cause:
            yield PartOutcome(own, group, own, how, _first(own, group, database))
            continue
        sets = _later(own, group, answer, database)
        if sets:
            yield PartOutcome(own, group, queries.one(database, answer.cause), how, sets)


def together(count: int) -> Iterator[tuple[range, int, int]]:
    """The ordinals of so many sets, as many at a time as are in memory at once, and the lines from which and to which
    what is theirs begins; the first have what is nobody's, too.
    """
    for start in range(1, count + 1, interchanges.SETS):
        some = range(start, min(start + interchanges.SETS, count + 1))
        yield some, some.start << SHIFT if start > 1 else 0, (some.stop << SHIFT) - 1


def _first(part: JobRecord, group: GroupRecord, database: Database) -> Iterator[SetOutcome]:
    """Every set, as the job that read it has found it."""
    records = iter(group.sets)
    for some, first, last in together(len(group.sets)):
        by_set = groupby(verdicts(part, database, first, last, every=True), lambda each: each.outcome.line >> SHIFT)
        known = {ordinal: tuple(each) for ordinal, each in by_set}
        for number, record in zip(some, islice(records, len(some)), strict=True):
            yield SetOutcome(number, record, known.get(number, ()))


def _later(part: JobRecord, group: GroupRecord, answer: EdiAnswer, database: Database) -> list[SetOutcome]:
    """The sets of a part whose documents the cause brought again, or those that were dismissed in it."""
    with database.reading() as connection:
        lines = edi_answers.origins(connection, answer.cause, part.job_id)
        ordinals = (
            edi_answers.dismissed(connection, answer.cause, answer.dismissed, part.job_id)
            if answer.dismissed
            else [line >> SHIFT for line in lines.values()]
        )
    cause = queries.one(database, answer.cause)
    known: dict[int, list[DocumentVerdict]] = defaultdict(list)
    for verdict in verdicts(cause, database, every=True):
        line = verdict.outcome.line
        known[lines.get(line, line) >> SHIFT].append(verdict)
    return [
        SetOutcome(number, group.sets[number - 1], known.get(number, ()), dismissed=bool(answer.dismissed))
        for number in sorted(set(ordinals))
        if 0 < number <= len(group.sets)
    ]


def is_of_line(error: FailureRecord) -> bool:
    """Whether an error is a line's, not the document's."""
    return error.scope in OF_RECORDS
