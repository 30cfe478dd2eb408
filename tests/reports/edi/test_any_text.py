"""Whatever a partner sends as ids, numbers and values: our acknowledgement is an interchange without a fault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.edi.interchange import (
    EDIFACT,
    X12,
    Fault,
    GroupRecord,
    Interchange,
    Party,
    SetRecord,
    SetRecords,
)
from crossdock.model.edi_answer import F997, AnswerTerms, EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.reports.edi import contrl, functional
from crossdock.reports.edi.verdicts import TAKEN, GroupVerdict, SetVerdict, TakenSets
from crossdock.reports.edi.writing.edifact import EdifactWriter
from crossdock.reports.edi.writing.x12 import X12Writer
from tests.reports.edi.foreign import own_reader_finds

TEXT = st.text(max_size=20)
MARKED = st.text(alphabet="*~>^'+:?|A1é\n\x00", max_size=12)
VALUES = TEXT | MARKED
IDS = st.text(alphabet="ABC123 -", min_size=1, max_size=15).filter(str.strip)
FAULTS = st.builds(
    Fault,
    code=st.sampled_from(
        ("element_size", "segment_missing", "not_a_number", "unknown_segment", "set_count", "missing")
    ),
    segment=st.sampled_from(("PO1", "QTY")),
    position=st.integers(0, 40),
    element=st.integers(0, 9),
    component=st.integers(0, 3),
    value=VALUES,
)
SETS = st.builds(SetRecord, type=st.just("850"), number=VALUES, version=st.just("ORDERS:D:96A:UN"), faults=st.just(()))
MOMENT = datetime(2026, 11, 28, 12, tzinfo=UTC)
ANSWER = EdiAnswer(1, "J", 1, F997, 7, 3, MOMENT)
VERDICTS = st.builds(SetVerdict, SETS, st.sampled_from(("A", "E", "R")), st.lists(FAULTS, max_size=4).map(tuple))


NUMBERS = st.lists(st.from_regex(r"[0-9]{1,9}", fullmatch=True) | VALUES, min_size=1, max_size=6)


def group_of(sets: Sequence[SetVerdict | TakenSets], number: str) -> GroupVerdict:
    """The verdict on a group with those sets."""
    record = GroupRecord("PO", "THEM", "US", number=number, version="005010", marked=False)
    return GroupVerdict(record, tuple(sets), (), refused=False, unread=False)


def faults_of(content: bytes) -> list[str]:
    """What our own reader has against a text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.edi"
        path.write_bytes(content)
        return own_reader_finds(path)


@given(st.lists(VERDICTS, min_size=1, max_size=4), IDS, VALUES, st.sampled_from(("*>^~", "|:^\n", "+<!'")))
def test_a_997_is_whole(sets: list[SetVerdict], us: str, number: str, marks: str) -> None:
    interchange = Interchange(X12, Party("ZZ", "THEM"), Party("ZZ", us), "1", version="00501", encoding="cp1252")
    terms = AnswerTerms(separators=marks)
    writer = X12Writer(interchange, terms, ANSWER)
    content = b"".join(writer.interchange(functional.groups([group_of(sets, number)], F997, writer)))
    assert faults_of(content) == []
    assert content.count(b"\nAK2") + content.count(b"\nAK5") == 2 * len(sets)


@given(NUMBERS, st.sampled_from(("*>^~", "|:^\n", "+<!'", "*0^~")), st.sampled_from(("basic", "extended", "utf-8")))
def test_sets_that_are_taken_together_are_written_as_alone(numbers: list[str], marks: str, characters: str) -> None:
    interchange = Interchange(X12, Party("ZZ", "THEM"), Party("ZZ", "US"), "1", version="00501", encoding="cp1252")
    writer = X12Writer(interchange, AnswerTerms(separators=marks, characters=characters), ANSWER)
    records = SetRecords(SetRecord("850", each, "X", 5, "5") for each in numbers)
    alone = [SetVerdict(each, TAKEN, ()) for each in records]
    together = TakenSets(records, range(len(records)))
    texts = [
        b"".join(writer.interchange(functional.groups([group_of(each, "1")], F997, writer)))
        for each in (alone, [together])
    ]
    assert texts[0] == texts[1]


@given(st.lists(VERDICTS, min_size=1, max_size=4), IDS, IDS, st.sampled_from(("UNOA", "UNOC", "UNOY")))
def test_a_contrl_is_whole(sets: list[SetVerdict], us: str, number: str, charset: str) -> None:
    interchange = Interchange(EDIFACT, Party("14", "THEM"), Party("14", us), number, version="3", charset=charset,
                              separators={"release": "?"})  # fmt: skip
    record = InterchangeRecord("J", 1, "acme", MOMENT, interchange)
    writer = EdifactWriter(interchange, record.terms, ANSWER)
    content = b"".join(writer.interchange([(contrl.OLDER, contrl.answer(record, [group_of(sets, "1")]))]))
    assert faults_of(content) == []
    assert content.count(b"\nUCM") == len(sets)
