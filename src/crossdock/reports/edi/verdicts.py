"""Which sets of an interchange are taken, and what is wrong with each: from what is stored with its jobs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crossdock.database import Database
from crossdock.failures.catalogue import SYNTAX_CODES
from crossdock.formats.edi.interchange import EDIFACT, X12, Fault, GroupRecord, SetRecord, SetRecords
from crossdock.formats.edi.places import MOST, SHIFT
from crossdock.formats.edi.sets import sent_sets
from crossdock.formats.guides.guide import guides
from crossdock.jobs import queries
from crossdock.model.interchange import InterchangeRecord, PartRecord
from crossdock.model.job import FailureRecord, JobRecord
from crossdock.reports.edi.answered_orders import FileGone, FileOf
from crossdock.reports.edi.writing.codes import coded, is_syntax
from crossdock.reports.edi.writing.places import Place, element_of, qualified
from crossdock.reports.wording import wording_of

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
class GroupVerdict:
    """What becomes of a group; ``codes``: of what is wrong with the group itself. ``refused``: nothing of it is taken.

    ``counts``: how many of its sets have each verdict. ``unread``: its sets were not looked at, so that nothing is said
    of each.
    """

    record: GroupRecord
    sets: Collection[SetVerdict]
    counts: Counter[str]
    codes: tuple[str, ...]
    refused: bool
    unread: bool

    @property
    def accepted(self) -> int:
        """How many sets are taken."""
        return 0 if self.refused else len(self.sets) - self.counts[REJECTED]

    @property
    def verdict(self) -> str:
        """``P`` where some are taken and some are rejected (005010, 715)."""
        if self.refused or (self.sets and not self.accepted):
            return REJECTED
        if self.accepted < len(self.sets):
            return "P"
        clean = self.counts[TAKEN] == len(self.sets) and not self.codes
        return TAKEN if clean else WITH_ERRORS


def verdicts_of(record: InterchangeRecord, database: Database, file_of: FileOf) -> Iterator[GroupVerdict]:
    """The verdict on each group of an interchange that is imported, in the order of the file."""
    for part, group in zip(record.parts, record.interchange.groups, strict=True):
        if part.job:
            yield _group(part, group, record, database, file_of)


def _path_of(job: JobRecord, file_of: FileOf) -> Path | None:
    try:
        return file_of(job)
    except FileGone:
        return None


def _group(
    part: PartRecord, group: GroupRecord, record: InterchangeRecord, database: Database, file_of: FileOf
) -> GroupVerdict:
    job = queries.one(database, part.job)
    unread = job.refused is not None and not group.sets
    faults = [each.code for each in group.faults] + [part.refused]
    codes = tuple(dict.fromkeys(code for code in faults if _is_of_group(code)))
    refused = _is_of_group(part.refused) or unread
    if part.refused == "no_feed_of_set":
        sets = [SetVerdict(each, REJECTED, (_unknown(each), *each.faults)) for each in group.sets]
        return GroupVerdict(group, tuple(sets), Counter({REJECTED: len(sets)}), codes, refused, unread)
    judge = _Judge(job, record, database, file_of)
    verdicts = _Verdicts(group.sets, judge)
    return GroupVerdict(group, verdicts, verdicts.counts(), codes, refused, unread or refused)


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
    """The failures and outcomes of a job, by the ordinal of their set."""

    def __init__(self, job: JobRecord, record: InterchangeRecord, database: Database, file_of: FileOf) -> None:
        self._job, self._file_of, self._wording = job, file_of, wording_of(job)
        self._standard = record.interchange.standard
        self._everything = record.terms.reject == EVERYTHING
        self._failures: dict[int, list[FailureRecord]] = defaultdict(list)
        for failure in queries.errors(database, job.job_id):
            self._failures[failure.line >> SHIFT].append(failure)
        outcomes = queries.outcomes(database, job.job_id) if self._failures else ()
        self._partly = self._failures.keys() & (each.line >> SHIFT for each in outcomes if each.taken)

    @property
    def failing(self) -> Collection[int]:
        """The ordinals of sets that have a failure."""
        return self._failures.keys()

    def verdict(self, ordinal: int, record: SetRecord) -> SetVerdict:
        """The verdict on a set of the part."""
        if not record.faults and ordinal not in self._failures:
            return SetVerdict(record, TAKEN, ())
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
        for: the file is read again (contract edi.md §9).
        """
        wanted: dict[int, set[tuple[Place, str, int]]] = defaultdict(set)
        for ordinal in self._failures:
            for each in self._refused(ordinal):
                place = self._place(each)
                if place is not None and each.value and not (place.begins_record and each.line & MOST > HEADER):
                    wanted[ordinal].add((place, each.value, self._start(each)))
        path = _path_of(self._job, self._file_of) if wanted else None
        positions: dict[tuple[int, Place, str, int], int] = {}
        for ordinal, sent in enumerate(sent_sets(path) if path else (), 1):
            for place, value, start in wanted.get(ordinal, ()):
                positions[ordinal, place, value, start] = place.position(sent, value, start)
        return positions


class _Verdicts(Collection[SetVerdict]):
    """The verdicts on the sets of a part; each is given when it is asked for, because there may be very many."""

    def __init__(self, sets: SetRecords, judge: _Judge) -> None:
        self._sets, self._judge = sets, judge

    def counts(self) -> Counter[str]:
        """How many there are of each; those with which nothing is wrong are not looked at one by one."""
        among = range(1, len(self) + 1)
        doubtful = {each for each in (*self._judge.failing, *(place + 1 for place in self._sets.odd)) if each in among}
        counts = Counter(self._judge.verdict(each, self._sets[each - 1]).verdict for each in doubtful)
        return counts + Counter({TAKEN: len(self) - len(doubtful)})

    def __len__(self) -> int:
        return len(self._sets)

    def __iter__(self) -> Iterator[SetVerdict]:
        return (self._judge.verdict(ordinal, record) for ordinal, record in enumerate(self._sets, 1))

    def __contains__(self, verdict: object) -> bool:
        return any(each == verdict for each in self)
