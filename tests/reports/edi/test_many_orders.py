"""Answers to very many orders: written as they are read, and orders that are taken whole at once."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.delivery import standard_answers
from crossdock.formats.edi.interchange import X12, Interchange, Party, SetRecord
from crossdock.formats.edi.sets import SentSet
from crossdock.formats.edi.syntax import Syntax
from crossdock.model.edi_answer import F855, F865, AnswerTerms, EdiAnswer
from crossdock.reports.edi.answered_orders import AnsweredOrder
from crossdock.reports.edi.order_acknowledgement import FORMS, TEXT, at_once, line_by_line
from crossdock.reports.edi.outcomes import PartOutcome, SetOutcome
from crossdock.reports.edi.writing.as_sent import Repeater
from crossdock.reports.edi.writing.x12 import Group, Ready, X12Writer
from tests.interchanges import OPTIONAL, partner_of
from tests.reports.edi.test_order_answers import purchase, purchases
from tests.warehouse import Warehouse

TODAY = "20261130"
SOME, MANY = 1_200, 4_000
PIECES = st.text(alphabet="A1 >^é\x0b.", max_size=3)
SHORTER = st.lists(PIECES, max_size=7)
SEGMENTS = st.lists(
    st.tuples(st.sampled_from(("BEG", "BCH", "N1*ST", "N1*BY", "N1", "N2", "N3", "N4", "PO1", "POC", "POC*1*DI", "REF",
                               "po1", "n1*ST", "CTT", "MSG")), SHORTER), max_size=9)  # fmt: skip


def writer_of(marks: dict[str, str], separators: str) -> X12Writer:
    theirs = Interchange(X12, Party("ZZ", "THEM"), Party("ZZ", "US"), "1", version="00401", separators=marks)
    moment = datetime(2026, 11, 30, 12, tzinfo=UTC)
    return X12Writer(theirs, AnswerTerms(separators=separators), EdiAnswer(1, "J", 1, F855, 7, 3, moment))


def order_of(text: str, syntax: Syntax, count: int) -> AnsweredOrder:
    """An order that is taken whole, and with which nothing is wrong."""
    record = SetRecord("850", "0001", segments=count)
    sent = SentSet(record, "4010", syntax, text)
    return AnsweredOrder(sent, Repeater("4010", syntax), SetOutcome(1, record), cast("PartOutcome", None), False)


@given(SEGMENTS, st.sampled_from(("~", "~\n", "~\r\n", "~ ")), st.booleans(), st.sampled_from((F855, F865)),
       st.sampled_from(("theirs", "*:!~", "|>^~")))  # fmt: skip
def test_an_order_is_answered_at_once_as_line_by_line(
    segments: list[tuple[str, list[str]]], end: str, is_short: bool, kind: str, separators: str
) -> None:
    syntax = Syntax(X12, "*", ">", "", "~")
    body = ["*".join((start, *parts)) for start, parts in segments]
    text = end.join(["ST*850*0001", *body, f"SE*{len(body) + 2}*0001"]) + "~"
    writer, order = writer_of(syntax.shown(), separators), order_of(text, syntax, len(body) + 2)
    whole = at_once(order, FORMS[kind], TODAY, writer, is_short=is_short)
    if whole is not None:
        lines = line_by_line(order, FORMS[kind], TODAY, TEXT, is_short=is_short)
        both = [
            b"".join(writer.interchange([Group("PR", "US", "THEM", "004010", "855", [each])]))
            for each in (whole, lines)
        ]
        assert both[0] == both[1]


@pytest.mark.parametrize("kind", [F855, F865])
def test_an_ordinary_order_is_answered_at_once(kind: str) -> None:
    """Also with line breaks behind the terminators; not where the answer has other separators, or an id small letters."""
    syntax, line = Syntax(X12, "*", ">", "", "~"), FORMS[kind].line
    text = f"ST*850*0001~\r\n{FORMS[kind].begin}*00*SA*PO-1**20261120~\r\nN1*ST*Zoe's~\r\nN3*1 A St~\r\n{line}*1*5*EA*1.5**VN*AB~SE*6*0001~"
    theirs, others = writer_of(syntax.shown(), "theirs"), writer_of(syntax.shown(), "|>^~")
    ready = at_once(order_of(text, syntax, 6), FORMS[kind], TODAY, theirs, is_short=False)
    assert isinstance(ready, Ready)
    assert ready.segments == 6
    assert at_once(order_of(text, syntax, 6), FORMS[kind], TODAY, others, is_short=False) is None
    small = text.replace(f"{line}*", f"{line.lower()}*")
    assert at_once(order_of(small, syntax, 6), FORMS[kind], TODAY, theirs, is_short=False) is None


def peak_of(warehouse: Warehouse, number: int) -> tuple[float, int]:
    """The most memory, in MB, that it takes to make an answer; how many bytes it has."""
    tracemalloc.start()
    size = sum(map(len, standard_answers.written(warehouse.home, warehouse.database, number).pieces))
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak, size


@pytest.mark.parametrize("answer", ["855", "824:all", "997"])
def test_an_answer_to_very_many_orders_is_never_in_memory_as_a_whole(warehouse: Warehouse, answer: str) -> None:
    """Each third order fails; what is kept of an order more is a place in a file and a few numbers."""
    functional = "997" if answer == "997" else "none"
    keys = f'{OPTIONAL}\nanswer = ["{answer}"]' if answer != "997" else OPTIONAL
    warehouse.partner(
        whole=partner_of("850", edi=f'usage = "live"\nreject = "everything"\nfunctional = "{functional}"', keys=keys)
    )
    peaks, sizes = [], []
    for night, count in enumerate((SOME, MANY), 1):
        orders = [purchase(f"PO-{night}-{each}", "5 EA AB" if each % 3 else "0 EA AB") for each in range(count)]
        warehouse.drop(f"{night}.edi", purchases(*orders, number=night))
        warehouse.work()
        (job,) = (each.job_id for each in warehouse.jobs() if each.name == f"{night}.edi")
        (own,) = standard_answers.of_job(warehouse.database, job)
        peak, size = peak_of(warehouse, own.answer.outbox)
        peaks.append(peak)
        sizes.append(size)
    assert sizes[1] > 3 * sizes[0]
    assert (peaks[1] - peaks[0]) * 1e6 < 400 * (MANY - SOME), peaks
