"""ORDRSP: what becomes of each order, or change of an order, line by line (contract edi.md §10).

It repeats the lines as they were sent: an import allocates nothing and changes no price, quantity or date, so a line is
taken as it is, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.formats.edi.interchange_format import SHORT
from crossdock.formats.guides.walk import Placed
from crossdock.model.edi_answer import ORDRSP, EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.reports.edi.answered_orders import AnsweredOrder, FileOf, answered_orders
from crossdock.reports.edi.writing.as_sent import Repeater, value_of
from crossdock.reports.edi.writing.edifact import Message, Segment, free_text, message_type

RESPONSE = "231"
"""BGM 1001: purchase order response."""
TAKEN, IN_PART, REJECTED = "29", "30", "27"
"""BGM 1225."""
ACCEPTED, REFUSED = "5", "7"
"""LIN 1229."""
LINE, ITEMS, PARTIES = "LIN", ("PIA", "QTY"), ("BY", "SU")
ORDERED = "21"
MOST_REASONS = 5
"""FTX of an order, and of a line."""


def messages(record: InterchangeRecord, answer: EdiAnswer, database: Database, file_of: FileOf) -> Iterator[Message]:
    """The ORDRSPs that answer an interchange: one for each order."""
    moment = f"{answer.made_at.astimezone(ZoneInfo(record.terms.zone)):%Y%m%d%H%M}"
    for part in answered_orders(record, answer, database, file_of):
        for order in part.orders:
            number = f"{part.outcome.job.job_id}-{order.sent.record.number}"[-35:]
            kind = message_type(ORDRSP, order.sent.record.version)
            yield kind, _order(order, number, moment, is_short=part.outcome.how == SHORT)


def _order(order: AnsweredOrder, number: str, moment: str, *, is_short: bool) -> Iterator[Segment]:
    repeater, segments, outcome = order.repeater, order.sent.segments, order.outcome
    header = list(takewhile(lambda each: each.id != LINE, segments))
    lines = list(_lines(segments[len(header) :], repeater))
    word = TAKEN if outcome.is_whole else IN_PART if outcome.is_taken else REJECTED
    yield ("BGM", RESPONSE, number, word)
    yield ("DTM", ("137", moment, "203"))
    for reason in order.of_order([(line[0].position, own) for own, line in lines])[:MOST_REASONS]:
        yield free_text(reason.sentence)
    yield ("RFF", ("ON", _order_number(header, repeater)))
    for each in header:
        party = repeater.segment(each) if each.id == "NAD" and repeater.is_right(each) else ()
        if value_of(party, 1) in PARTIES:
            yield party
    if not (is_short and outcome.is_whole):
        for own, line in lines:
            yield from _line(own, line, order, repeater)
        yield ("UNS", "S")
        yield ("CNT", ("2", str(len(lines))))
    else:
        yield ("UNS", "S")


def _lines(segments: Sequence[Placed], repeater: Repeater) -> Iterator[tuple[str, list[Placed]]]:
    """The lines of an order, each with its number, or its place where it has none."""
    starts = [place for place, each in enumerate(segments) if each.id == LINE]
    for ordinal, (start, end) in enumerate(zip(starts, [*starts[1:], len(segments)], strict=True), 1):
        yield value_of(repeater.segment(segments[start]), 1) or str(ordinal), list(segments[start:end])


def _order_number(header: Sequence[Placed], repeater: Repeater) -> str:
    """The order's number: of a change RFF+ON, else the message's own."""
    references = [repeater.segment(each) for each in header if each.id == "RFF"]
    named = [value_of(each, 1, 2) for each in references if value_of(each, 1) == "ON"]
    own = [value_of(repeater.segment(each), 2) for each in header if each.id == "BGM"]
    return next(filter(None, [*named, *own]), "")


def _line(number: str, line: Sequence[Placed], order: AnsweredOrder, repeater: Repeater) -> Iterator[Segment]:
    reasons = order.of_line(line[0].position, number)
    sent = repeater.segment(line[0])
    yield ("LIN", number, REFUSED if reasons else ACCEPTED, *sent[3:])
    for each in takewhile(lambda each: each.id != "UNS", line[1:]):
        own = repeater.segment(each) if each.id in ITEMS and repeater.is_right(each) else ()
        if own and (each.id != "QTY" or value_of(own, 1) == ORDERED):
            yield own
    for reason in reasons[:MOST_REASONS]:
        yield free_text(reason.sentence)
