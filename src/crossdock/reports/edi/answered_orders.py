"""The orders that 855, 865 and ORDRSP answer: each as it was sent, with what became of it and of its lines.

The set is read a second time, from the archived file: what is not stored of it is to be repeated, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

from crossdock.database import Database
from crossdock.formats.edi.places import MOST
from crossdock.formats.edi.sets import SentSet, sent_sets
from crossdock.formats.edi.syntax import Syntax
from crossdock.formats.guides.walk import Placed
from crossdock.jobs import edi_answers, interchanges
from crossdock.model.edi_answer import F865, EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.model.job import FailureRecord, JobRecord
from crossdock.reports.edi.outcomes import PartOutcome, SetOutcome, is_of_line, parts_of
from crossdock.reports.edi.writing.as_sent import Element, Repeater

FileOf = Callable[[JobRecord], Path]
"""The file of a job as it was brought. Raises ``FileGone``."""
CANCELLED = "cancelled"
NOT_WITH_IT = "not taken with the order"
GIVEN_UP = "the order is closed and will not be taken"


class FileGone(LookupError):
    """The file that an answer repeats was removed."""


@dataclass(frozen=True)
class Reason:
    """Why a line, or an order, is not taken: our ``code``, and a sentence."""

    code: str
    sentence: str
    why: str = ""


@dataclass(frozen=True)
class AnsweredOrder:
    """An order, and what became of it. ``repeater``: of its segments; ``is_again``: it was answered before."""

    sent: SentSet
    repeater: Repeater
    outcome: SetOutcome
    part: PartOutcome
    is_again: bool

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled, as its sender wants it."""
        return bool(self.outcome.documents) and all(each.outcome.what == CANCELLED for each in self.outcome.documents)

    @cached_property
    def is_plain(self) -> bool:
        """Whether all of it is taken, and nothing is to be said."""
        return self.outcome.is_whole and not any(each.errors for each in self.outcome.documents)

    @property
    def is_faultless(self) -> bool:
        """Whether the standard has nothing against any of its segments, as its reader has found."""
        return not self.outcome.record.faults

    def repeated(self, segment: Placed) -> list[Element]:
        """One of its segments as it is repeated."""
        return self.repeater.segment(segment, known_right=self.is_faultless)

    def is_right(self, segment: Placed) -> bool:
        """Whether the standard has nothing against one of its segments."""
        return self.is_faultless or self.repeater.is_right(segment)

    @cached_property
    def _by_place(self) -> dict[int | str, list[FailureRecord]]:
        """The errors of lines: by the position of the segment at which they stand where that is known, else by the
        number of the line.
        """
        errors: dict[int | str, list[FailureRecord]] = defaultdict(list)
        for each in self.outcome.errors:
            if is_of_line(each):
                errors[each.line & MOST if self.part.is_first else _number(each.line_number or "")].append(each)
        return errors

    def of_line(self, position: int, number: str) -> list[Reason]:
        """Why a line is not taken; none if it is. ``position``: of its segment, ``number``: its number."""
        if self.is_plain:
            return []
        own = self._by_place.get(position if self.part.is_first else _number(number), [])
        if own:
            return [self._reason(each) for each in own]
        return [] if self.outcome.is_taken else [Reason("", NOT_WITH_IT)]

    def of_order(self, places: Sequence[tuple[int, str]]) -> list[Reason]:
        """Why the order is not taken, apart from its lines. ``places``: of its lines, as ``of_line`` takes them."""
        if self.is_plain:
            return []
        wording = self.part.wording
        if self.outcome.dismissed:
            return [Reason("", GIVEN_UP)]
        lines = {position if self.part.is_first else _number(number) for position, number in places}
        elsewhere = [each for place, own in self._by_place.items() if place not in lines for each in own]
        own = [self._reason(each) for each in self.outcome.errors if not is_of_line(each)]
        held = [
            Reason(each.outcome.hold_code, wording.held(each.outcome))
            for each in self.outcome.documents
            if not each.outcome.taken and not each.errors and each.outcome.hold_code
        ]
        return [*own, *map(self._reason, elsewhere), *held]

    def _reason(self, error: FailureRecord) -> Reason:
        return Reason(error.code, self.part.wording.sentence(error), str(error.detail.get("why", "")))


def _number(number: str) -> str:
    """A line's number by which it is known again: feeds may fill it with zeros."""
    return number.lstrip("0")


@dataclass(frozen=True)
class AnsweredPart:
    """The orders of a part that an answer is about, in their order."""

    outcome: PartOutcome
    orders: Iterator[AnsweredOrder]


def answered_orders(
    record: InterchangeRecord, answer: EdiAnswer, database: Database, file_of: FileOf, stored: Database | None = None
) -> Iterator[AnsweredPart]:
    """The orders that are answered, part by part; nothing is said of a part without any. Raises as ``file_of``.

    ``stored``: of a dry run, the database with the answers that were sent.
    """
    here: set[str] = set()
    for part in parts_of(record, answer, database):
        if part.job.refused is None:
            about = _wanted(part, answer, record.partner, database, stored, here)
            orders = _read(part, about, file_of)
            first = next(orders, None)
            if first is not None:
                yield AnsweredPart(part, chain((first,), orders))


def _wanted(
    part: PartOutcome, answer: EdiAnswer, partner: str, database: Database, stored: Database | None, here: set[str]
) -> Iterator[tuple[SetOutcome, bool]]:
    """The sets that are answered, in their order; whether something before was said of the same order, in an answer, or
    in this one (``here``, to which their orders are added).
    """
    sets = iter(part.sets)
    while some := list(islice(sets, interchanges.SETS)):
        with database.reading() as connection:
            ordinals = range(some[0].ordinal, some[-1].ordinal + 1)
            is_of_changes = answer.kind == F865  # every change of an order has an answer of its own
            wanted = set(edi_answers.orders_answered(connection, part.part.job_id, answer.kind, ordinals))
            about = [each for each in some if each.ordinal in wanted]
            numbers = [] if is_of_changes else sorted({_order_of(each) for each in about} - {""})
            whose = (answer.kind, partner, numbers)
            before = edi_answers.answered_before(connection, *whose, before=answer.outbox)
        if stored is not None:
            with stored.reading() as connection:
                before |= edi_answers.answered_before(connection, *whose)
        for each in about:
            order = "" if is_of_changes else _order_of(each)
            yield each, bool(answer.cause) or order in before or order in here
            here |= {order} - {""}


def _order_of(outcome: SetOutcome) -> str:
    return next((each.outcome.number for each in outcome.documents if each.outcome.number), "")


def _read(part: PartOutcome, about: Iterator[tuple[SetOutcome, bool]], file_of: FileOf) -> Iterator[AnsweredOrder]:
    repeaters: dict[tuple[str, Syntax], Repeater] = {}
    sets: Iterator[tuple[int, SentSet]] | None = None
    for outcome, is_again in about:
        sets = sets or enumerate(sent_sets(file_of(part.part)), 1)
        sent = next(each for ordinal, each in sets if ordinal == outcome.ordinal)
        key = (sent.release, sent.syntax)
        if key not in repeaters:
            repeaters[key] = Repeater(*key)
        yield AnsweredOrder(sent, repeaters[key], outcome, part, is_again)
