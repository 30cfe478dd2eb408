"""Which sets of an interchange are taken, and what is wrong with each: from what is stored with its jobs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from crossdock.database import Database
from crossdock.failures.catalogue import SYNTAX_CODES
from crossdock.formats.edi.interchange import EDIFACT, X12, Fault, GroupRecord, SetRecord, SetRecords
from crossdock.formats.edi.places import MOST, SHIFT
from crossdock.formats.edi.sets import SentSet, sent_sets
from crossdock.formats.guides.guide import guides
from crossdock.jobs import queries
from crossdock.model.interchange import InterchangeRecord, PartRecord
from crossdock.model.job import DocumentOutcome, FailureRecord, JobRecord
from crossdock.reports.edi.answered_orders import FileGone, FileOf
from crossdock.reports.edi.outcomes import together
from crossdock.reports.edi.writing.codes import coded, is_syntax
from crossdock.reports.edi.writing.places import Place, element_of, qualified
from crossdock.reports.wording import Wording, wording_of

TAKEN, WITH_ERRORS, REJECTED = "A", "E", "R"
HEADER = 1
"""The place of ST and UNH: a set without lines is a record that begins there."""
GROUP = "group"
"""The level of codes about a group."""
EVERYTHING = "everything"
"""``reject``: what keeps a document out rejects its set, too."""
LISTED = "listed"
"""Of a fault: the standard has a list of its own for the element."""
CODED = frozenset(("not_allowed", "not_a_currency", "not_a_country", "not_a_flag"))
"""Failures of codes."""
COUNTRY = ".country"
COUNTRIES = {X12: Place("N4", 4, 0), EDIFACT: Place("NAD", 9, 0)}
"""Where the country of an address stands."""
NO_LINES, SEGMENT_MISSING, *_ = LACKING = ("no_lines", "segment_missing", "separator_missing", "loop_missing")
"""Faults about a segment that isn't there; they stand at the segment before which it should."""
EMPTY_SET = "empty_set"
SAID_BY_READER = SYNTAX_CODES | {"unknown_set"}
"""Failures whose place the reader has noted with the set."""


@dataclass(frozen=True)
class SetVerdict:
    """What becomes of a set: ``verdict`` (``TAKEN`` …) and everything that is wrong with it, in its order."""

    record: SetRecord
    verdict: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class TakenSets:
    """Sets that follow each other and are taken, with nothing wrong: those at some ``places`` of ``records``."""

    records: SetRecords
    places: range


@dataclass(frozen=True)
class GroupVerdict:
    """What becomes of a group; ``codes``: of what is wrong with the group itself. ``refused``: nothing of it is taken.

    ``runs``: the verdicts on its sets, each made when it is asked for, once, because there may be very many; on those
    of which nothing is to be said as many at once as follow each other. ``unread``: its sets were not looked at, so
    that nothing is said of each.
    """

    record: GroupRecord
    runs: Iterable[SetVerdict | TakenSets]
    codes: tuple[str, ...]
    refused: bool
    unread: bool

    @property
    def sets(self) -> Iterator[SetVerdict]:
        """The verdicts on its sets one by one, once."""
        for run in self.runs:
            if isinstance(run, TakenSets):
                yield from (SetVerdict(run.records[place], TAKEN, ()) for place in run.places)
            else:
                yield run

    def accepted(self, counts: Counter[str]) -> int:
        """How many sets are taken; ``counts``: of its sets by verdict."""
        return 0 if self.refused else counts.total() - counts[REJECTED]

    def verdict(self, counts: Counter[str]) -> str:
        """``P`` where some are taken and some are rejected (005010, 715); ``counts``: as of ``accepted``."""
        accepted, received = self.accepted(counts), counts.total()
        if self.refused or (received and not accepted):
            return REJECTED
        if accepted < received:
            return "P"
        clean = counts[TAKEN] == received and not self.codes
        return TAKEN if clean else WITH_ERRORS


def verdicts_of(record: InterchangeRecord, database: Database, file_of: FileOf) -> Iterator[GroupVerdict]:
    """The verdict on each group of an interchange that is imported, in the order of the file."""
    for part, group in zip(record.parts, record.interchange.groups, strict=True):
        if part.job:
            yield _group(part, group, record, database, file_of)


def _group(
    part: PartRecord, group: GroupRecord, record: InterchangeRecord, database: Database, file_of: FileOf
) -> GroupVerdict:
    job = queries.one(database, part.job)
    unread = job.refused is not None and not group.sets
    faults = [each.code for each in group.faults] + [part.refused]
    codes = tuple(dict.fromkeys(code for code in faults if _is_of_group(code)))
    refused = _is_of_group(part.refused) or unread
    if part.refused == "no_feed_of_set":
        sets = (SetVerdict(each, REJECTED, (_unknown(each), *each.faults)) for each in group.sets)
        return GroupVerdict(group, sets, codes, refused, unread)
    return GroupVerdict(group, _verdicts(job, group, record, database, file_of), codes, refused, unread or refused)


def _verdicts(
    job: JobRecord, group: GroupRecord, record: InterchangeRecord, database: Database, file_of: FileOf
) -> Iterator[SetVerdict | TakenSets]:
    """The verdicts on the sets of a part; the failures of some sets are in memory at a time."""
    wording, sent = wording_of(job), _Sent(job, file_of)
    for some, first, last in together(len(group.sets)):
        failures = list(queries.errors_at(database, job.job_id, first, last))
        outcomes = queries.outcomes(database, job.job_id, first, last) if failures else ()
        judge = _Judge(failures, outcomes, wording, record, sent)
        done = some.start - 1
        for place in sorted(judge.failing | set(group.sets.faulty(range(done, some.stop - 1)))):
            yield TakenSets(group.sets, range(done, place))
            yield judge.verdict(place + 1, group.sets[place])
            done = place + 1
        yield TakenSets(group.sets, range(done, some.stop - 1))


class _Sent:
    """The sets of a part as they were sent, read again where something is to be looked for in them (edi.md §9)."""

    def __init__(self, job: JobRecord, file_of: FileOf) -> None:
        self._job, self._file_of = job, file_of

    def at(self, ordinals: Iterable[int]) -> Iterator[tuple[int, SentSet]]:
        """Those with some ordinals, which ascend, also from one call to the next; none if the file is not there."""
        for wanted in ordinals:
            yield from islice((each for each in self._sets if each[0] == wanted), 1)

    @cached_property
    def _sets(self) -> Iterator[tuple[int, SentSet]]:
        try:
            return enumerate(sent_sets(self._file_of(self._job)), 1)
        except FileGone:
            return iter(())


def _is_syntax(failure: FailureRecord) -> bool:
    return is_syntax(failure.code, str(failure.detail.get("why", "")))


def _is_of_group(code: str) -> bool:
    return coded(code, GROUP)["level"] == GROUP


def _unknown(record: SetRecord) -> Fault:
    return Fault("unknown_set", segment="ST", position=1, value=record.type)


def _without_lines(record: SetRecord) -> Fault | None:
    """A set lacks the segments of its lines; None where the standard demands them, and the reader has noted it."""
    name = next((each.records for each in guides().values() if each.type == record.type), "")
    noted = any((each.code, each.segment) == (SEGMENT_MISSING, name) for each in record.faults)
    return None if noted else Fault(NO_LINES, segment=name, position=record.segments)


class _Judge:
    """The failures and outcomes of some sets, by the ordinal of their set."""

    def __init__(
        self,
        failures: Sequence[FailureRecord],
        outcomes: Iterable[DocumentOutcome],
        wording: Wording,
        record: InterchangeRecord,
        sent: _Sent,
    ) -> None:
        self._wording, self._sent = wording, sent
        self._standard = record.interchange.standard
        self._everything = record.terms.reject == EVERYTHING
        self._failures: dict[int, list[FailureRecord]] = defaultdict(list)
        for failure in failures:
            self._failures[failure.line >> SHIFT].append(failure)
        self._partly = self._failures.keys() & {each.line >> SHIFT for each in outcomes if each.taken}

    @property
    def failing(self) -> set[int]:
        """The places of the sets that have failures."""
        return {ordinal - 1 for ordinal in self._failures if ordinal}

    def verdict(self, ordinal: int, record: SetRecord) -> SetVerdict:
        """The verdict on a set of the part that has a failure, or a fault."""
        refused = self._refused(ordinal)
        own = dict.fromkeys(filter(None, (self._fault(each, record) for each in refused)))
        faults = sorted([*record.faults, *own], key=lambda each: (each.position, each.element, each.component))
        rejected = bool(refused) and ordinal not in self._partly
        verdict = REJECTED if rejected else WITH_ERRORS if faults else TAKEN
        return SetVerdict(record, verdict, tuple(faults))

    def _fault(self, failure: FailureRecord, record: SetRecord) -> Fault | None:
        """The fault that a failure is; None if the reader has noted it."""
        value = failure.value or ""
        if failure.code in SAID_BY_READER or any(
            (each.code, each.value) == (failure.code, value) for each in record.faults
        ):
            return None
        if failure.code in (NO_LINES, EMPTY_SET):
            return None if _is_syntax(failure) else _without_lines(record)
        why = LISTED if self._is_listed(failure) else ""
        place = self._place(failure)
        position = self._positions.get((failure.line >> SHIFT, place, value, self._start(failure)), 0) if place else 0
        if place is not None and place.begins_record and failure.line & MOST > HEADER:
            position = failure.line & MOST
        if place is None or not position:
            return Fault(failure.code, why, value=value)
        at = (place.segment, position, place.place, place.component)
        if any((each.segment, each.position, each.element, each.component) == at for each in record.faults):
            return None
        number = getattr(place.element(self._standard), "number", "")
        return Fault(failure.code, why, *at, number=number, value=value[:99])

    def _refused(self, ordinal: int) -> list[FailureRecord]:
        """The failures of a set that reject it."""
        failures = self._failures.get(ordinal, ())
        return [each for each in failures if self._everything or _is_syntax(each) or self._is_listed(each)]

    def _is_listed(self, failure: FailureRecord) -> bool:
        """Whether a value is none of the standard's own list of codes (contract edi.md §11)."""
        place = self._place(failure) if failure.code in CODED else None
        return place is not None and place.is_coded(self._standard)

    def _place(self, failure: FailureRecord) -> Place | None:
        """The element that a failure is about, if that is known."""
        column = self._wording.column(failure.field, failure.line)
        if column.endswith(COUNTRY):
            return COUNTRIES[self._standard]
        return element_of(column) or qualified(column, self._standard)

    def _start(self, failure: FailureRecord) -> int:
        """From which segment on a value is looked for: what is of a line stands behind its first one."""
        return failure.line & MOST if self._wording.below(failure.field) else HEADER

    @cached_property
    def _positions(self) -> Mapping[tuple[int, Place, str, int], int]:
        """Where the elements stand that failures are about, by their set, their values, and from where they are looked
        for.
        """
        wanted: dict[int, set[tuple[Place, str, int]]] = defaultdict(set)
        for ordinal in self._failures:
            for each in self._refused(ordinal):
                place = self._place(each)
                if place is not None and each.value and not (place.begins_record and each.line & MOST > HEADER):
                    wanted[ordinal].add((place, each.value, self._start(each)))
        positions: dict[tuple[int, Place, str, int], int] = {}
        for ordinal, sent in self._sent.at(sorted(wanted)):
            for place, value, start in wanted[ordinal]:
                positions[ordinal, place, value, start] = place.position(sent, value, start)
        return positions
