"""855 and 865: what becomes of each order, or change of an order, line by line (contract edi.md §6, §10).

It repeats the order's lines as they were sent: an import allocates nothing and changes no price, quantity or date, so a
line is taken as it is, or not at all. Most orders are taken whole, and hold nothing that would be written otherwise:
their segments are not taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.formats.edi.interchange_format import SHORT
from crossdock.formats.edi.syntax import BETWEEN
from crossdock.formats.guides.walk import Placed
from crossdock.model.edi_answer import F855, F865, EdiAnswer
from crossdock.model.interchange import InterchangeRecord, release_of
from crossdock.reports.edi.answered_orders import AnsweredOrder, FileOf, Reason, answered_orders
from crossdock.reports.edi.writing.as_sent import Element, value_of
from crossdock.reports.edi.writing.codes import coded
from crossdock.reports.edi.writing.plain_text import cut
from crossdock.reports.edi.writing.x12 import Group, Ready, Segment, X12Writer, is_newer

FIRST, AGAIN = "00", "05"
"""BAK01, BCA01: every later answer to the same order, or the same change, replaces the first."""
TAKEN, TAKEN_IN_SHORT, CHANGED, REJECTED = "AD", "AT", "AC", "RD"
"""BAK02, BCA02 (587)."""
ACCEPTED, DELETED, REFUSED = "IA", "ID", "IR"
"""ACK01 (668)."""
CANCELS = ("DI", "CF")
"""POC02 (670): the line is cancelled, as its sender wants it."""
PLACE = ("N1", "N2", "N3", "N4")
SHIP_TO = "ST"
NOTE, SENTENCE, MOST_REASONS = "L1", 264, 10
"""N901: letters or notes; characters of a sentence; reasons of an order, and of a line."""
TEXT: Segment = ("MSG",)
NEWER_TEXT: Segment = ("MTX", "")
"""What begins the segment of a sentence behind N9: to 004010, and in later releases."""
NOTE_CODE = "not_taken"
"""N902 where no code of ours is the reason."""


@dataclass(frozen=True)
class Form:
    """How what is answered is written. ``code``: GS01 of the answer. ``begin``: the segment that begins it, ``line``:
    that of a line; ``quantity``, ``unit``: their places there.
    """

    code: str
    begin: str
    line: str
    quantity: int
    unit: int

    @property
    def last(self) -> int:
        """The last of these places, and what is behind it, as one."""
        return max(self.quantity, self.unit) + 1


FORMS = {F855: Form("PR", "BEG", "PO1", 2, 3), F865: Form("CA", "BCH", "POC", 3, 5)}


def groups(
    record: InterchangeRecord,
    answer: EdiAnswer,
    database: Database,
    file_of: FileOf,
    stored: Database | None,
    writer: X12Writer,
) -> Iterator[Group]:
    """The groups of 855s, or of 865s, that answer an interchange: one for each group of it that has orders, or changes,
    one set for each of these. ``stored``: as of ``answered_orders``.
    """
    form = FORMS[answer.kind]
    today = f"{answer.made_at.astimezone(ZoneInfo(record.terms.zone)):%Y%m%d}"
    for part in answered_orders(record, answer, database, file_of, stored):
        group, is_short = part.outcome.group, part.outcome.how == SHORT
        text = NEWER_TEXT if is_newer(group.version) else TEXT
        sets = (
            at_once(each, form, today, writer, is_short=is_short)
            or line_by_line(each, form, today, text, is_short=is_short)
            for each in part.orders
        )
        yield Group(form.code, group.receiver, group.sender, release_of(group.version), answer.kind, sets)


def at_once(order: AnsweredOrder, form: Form, today: str, writer: X12Writer, *, is_short: bool) -> Ready | None:
    """What ``line_by_line`` has of an order that is taken whole, of its segments as they stand; None where some of them
    need another look.
    """
    syntax = order.sent.syntax
    if not (order.is_plain and order.is_faultless) or order.is_cancelled or not writer.repeats(syntax):
        return None
    mark, segments = syntax.element, [each.lstrip(BETWEEN) for each in order.sent.text.split(syntax.terminator)]
    starts = [each[: len(form.line)] for each in segments]
    ids = "".join(starts)
    if ids != ids.upper() or any(each in starts for each in PLACE):
        return None
    end = starts.index(form.line) if form.line in starts else len(starts)
    beginning = segments[starts.index(form.begin)] if form.begin in starts[:end] else form.begin
    first, *others = (f"{each}{mark}" for each in PLACE)
    named = (at for at, start in enumerate(starts[:end]) if start == first)
    place = next((at for at in named if segments[at].split(mark, 2)[1] == SHIP_TO), end)
    behind = sum(1 for _ in takewhile(others.__contains__, starts[place + 1 : end]))
    parties = segments[place : place + 1 + behind] if place < end else []
    lines = [each for each, start in zip(segments, starts, strict=True) if start == form.line]
    repeated = list(map(writer.repeated, (beginning, *parties, *lines)))
    sent = [each.split(mark, form.last) for each in lines]
    if not all(repeated) or any(each[0] != form.line for each in sent):
        return None
    verdict, purpose = TAKEN_IN_SHORT if is_short else TAKEN, AGAIN if order.is_again else FIRST
    own = 1 + len(parties)
    written = [writer.line(_beginning(beginning.split(mark), purpose, verdict, today)), *repeated[1:own]]
    if not is_short:
        for line, parts in zip(repeated[own:], sent, strict=True):
            written += (line, writer.repeated(mark.join(_acknowledged(parts, form))))
        written.append(writer.line(("CTT", str(len(lines)))))
    return Ready("".join(written), len(written))


def _acknowledged(line: Sequence[str], form: Form) -> Sequence[str]:
    """ACK of a line that is taken."""
    word = DELETED if form.line == "POC" and line[2:3] and line[2] in CANCELS else ACCEPTED
    quantity, unit = line[form.quantity : form.quantity + 1], line[form.unit : form.unit + 1]
    return ("ACK", word, *quantity, *unit) if any(quantity) and any(unit) else ("ACK", word)


def line_by_line(order: AnsweredOrder, form: Form, today: str, text: Segment, *, is_short: bool) -> Iterator[Segment]:
    """The answer to an order. ``text``: what begins the segment of a sentence."""
    segments = order.sent.segments
    lines = [(each.position, order.repeated(each)) for each in segments if each.id == form.line]
    places = [(position, value_of(line, 1) or str(place)) for place, (position, line) in enumerate(lines, 1)]
    header = list(takewhile(lambda each: each.id != form.line, segments))
    outcome = order.outcome
    in_short = is_short and outcome.is_whole
    verdict = TAKEN_IN_SHORT if in_short else TAKEN if outcome.is_whole else CHANGED if outcome.is_taken else REJECTED
    beginning = order.repeated(next((each for each in header if each.id == form.begin), Placed(0, (form.begin,))))
    yield _beginning(beginning, AGAIN if order.is_again else FIRST, verdict, today)
    yield from _notes(order.of_order(places), text)
    yield from _ship_to(header, order)
    if in_short:
        return
    for (_, line), place in zip(lines, places, strict=True):
        yield line
        reasons = order.of_line(*place)
        is_cancelled = order.is_cancelled or (form.line == "POC" and value_of(line, 2) in CANCELS)
        word = _word(reasons) if reasons else DELETED if is_cancelled else ACCEPTED
        quantity, unit = value_of(line, form.quantity), value_of(line, form.unit)
        yield ("ACK", word, *((quantity, unit) if quantity and unit else ()))
        yield from _notes(reasons, text)
    yield ("CTT", str(len(lines)))


def _beginning(sent: Sequence[Element], purpose: str, verdict: str, today: str) -> Segment:
    """BAK for a BEG; BCA for a BCH, with the number and the day of the change."""
    number, release = value_of(sent, 3), value_of(sent, 4)
    if value_of(sent, 0) == "BEG":
        return ("BAK", purpose, verdict, number, value_of(sent, 5) or today, release, "", "", "", today)
    change, date, changed = value_of(sent, 5), value_of(sent, 6), value_of(sent, 11)
    return ("BCA", purpose, verdict, number, release, change, date or today, "", "", "", today, changed)


def _word(reasons: Sequence[Reason]) -> str:
    """ACK01 of a line that is not taken: the first that says more than that."""
    words = [coded(each.code, each.why)["order"] for each in reasons if each.code]
    return next((each for each in words if each and each != REFUSED), REFUSED)


def _notes(reasons: Sequence[Reason], text: Segment) -> Iterator[Segment]:
    for reason in reasons[:MOST_REASONS]:
        yield ("N9", NOTE, reason.code or NOTE_CODE)
        yield (*text, cut(reason.sentence, SENTENCE))


def _ship_to(header: Sequence[Placed], order: AnsweredOrder) -> Iterator[Segment]:
    """Where it goes to, as sent; of a party that is not written as the standard wants it nothing."""
    start = next((place for place, each in enumerate(header) if _is_ship_to(each, order)), len(header))
    for each in header[start : start + 1]:
        yield order.repeated(each)
    for each in takewhile(lambda each: each.id in PLACE[1:], header[start + 1 :]):
        if order.is_right(each):
            yield order.repeated(each)


def _is_ship_to(segment: Placed, order: AnsweredOrder) -> bool:
    is_it = segment.id == PLACE[0] and value_of(order.repeated(segment), 1) == SHIP_TO
    return is_it and order.is_right(segment)
