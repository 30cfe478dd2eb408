"""Bytes → segments: the same as two parsers of others cut, at any chunk, with the byte of each; and any bytes end well."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mockedi import edifact as other_edifact
from mockedi import x12 as other_x12
from mockedi.envelope import split_elements
from pydifact.segmentcollection import RawSegmentCollection

from crossdock.documents import DOCUMENTS
from crossdock.failures.refusals import Refused
from crossdock.formats.edi import envelope, syntax
from crossdock.formats.edi.envelope import interchanges
from crossdock.formats.edi.interchange import EDIFACT, X12, group_of, interchange_of, set_of
from crossdock.formats.edi.parts import Envelopes, write_part
from crossdock.formats.edi.reader import Reader
from crossdock.formats.edi.syntax import Syntax, begins, gap_of, pieces, segments, skimmed
from crossdock.formats.format import Clues
from tests.interchanges import SAMPLES, interchange, order

NAMES = sorted(path.stem for path in SAMPLES.glob("*.edi"))
EASY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
MARKS = Syntax(EDIFACT, "+", ":", "", "'", release="?", encoding="utf-8")


def elements_of(path: Path) -> list[list[str]]:
    """Every segment of a file, each element as it stands, without the headers of interchanges."""
    elements = []
    for opening, whole in interchanges(path):
        for start, text in segments(path, opening.behind, opening.syntax):
            if whole.end and start >= whole.end:
                break
            elements.append([opening.syntax.text(each) for each in opening.syntax.elements(text)])
    return elements


@pytest.mark.parametrize("name", [each for each in NAMES if each.startswith("x12")])
def test_segments_of_x12_are_those_of_another_parser(name: str) -> None:
    path = SAMPLES / f"{name}.edi"
    payload = path.read_bytes().decode().lstrip("\ufeff")
    theirs = []
    for text in other_x12.split(payload):
        marks = other_x12.read_delimiters(text)
        for group in other_x12.parse(text, marks).groups:
            for message in group.messages:
                theirs += [
                    [each.tag, *(each.get(place) for place in range(1, each.width + 1))] for each in message.body
                ]
    ours = [each for each in elements_of(path) if each[0] not in ("GS", "GE", "ST", "SE", "IEA")]
    assert [[each.strip() for each in row] for row in ours] == [[each.strip() for each in row] for row in theirs]


@pytest.mark.parametrize("name", [each for each in NAMES if each.startswith("edifact")])
def test_segments_of_edifact_are_those_of_two_other_parsers(name: str) -> None:
    path = SAMPLES / f"{name}.edi"
    payload = path.read_text(encoding="utf-8")
    ours = elements_of(path)
    marks = other_edifact.read_delimiters(payload)
    body = payload[9:] if payload.startswith("UNA") else payload
    theirs = [split_elements(each, marks) for each in body.replace("\n", "").split("'") if each]
    assert [len(row) - 1 for row in ours] == [len(row) for row in theirs[1:]]  # the other one's are without the tag
    for row, other in zip(ours, theirs[1:], strict=True):
        assert [mine for mine, value in zip(row[1:], other, strict=True) if isinstance(value, str)] == [
            value for value in other if isinstance(value, str)
        ]
    collection = RawSegmentCollection.from_str(payload)
    pydifacts = [each.tag for each in collection.segments if each.tag not in ("UNA", "UNB")]
    assert [row[0] for row in ours] == pydifacts


ELEMENT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co"]), max_size=12)


def written(rows: list[list[str]], marks: Syntax) -> bytes:
    def released(text: str) -> str:
        for mark in (marks.release, marks.terminator, marks.element, marks.component):
            text = text.replace(mark, marks.release + mark)
        return text

    return "".join("+".join(["SEG", *map(released, row)]) + "'" for row in rows).encode()


@EASY
@given(rows=st.lists(st.lists(ELEMENT, min_size=1, max_size=4), min_size=1, max_size=8), chunk=st.integers(1, 40))
def test_what_is_written_is_read_again_in_any_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[list[str]], chunk: int
) -> None:
    path = tmp_path / "x"
    content = written(rows, MARKS)
    path.write_bytes(content)
    monkeypatch.setattr(syntax, "FIRST", chunk)
    monkeypatch.setattr(syntax, "CHUNK", chunk)
    tokens = list(segments(path, 0, MARKS))
    assert [[MARKS.text(each) for each in MARKS.elements(text)[1:]] for _, text in tokens] == [
        [each.rstrip() for each in row] for row in rows
    ]
    for start, text in tokens:
        sent = MARKS.sent(text).encode("latin-1")
        assert content[start : start + len(sent)] == sent


def test_a_part_is_an_interchange_of_its_own(tmp_path: Path) -> None:
    whole = SAMPLES / "x12_940_two_groups.edi"
    envelopes = Envelopes(whole)
    (of_file,) = envelopes.interchanges
    parts = envelopes.parts(of_file)
    assert [part.name for part in parts] == ["000009221-9221", "000009221-9222"]
    for part in parts:
        path = tmp_path / part.name
        with path.open("wb") as file:
            write_part(whole, part, file)
        (alone,) = Envelopes(path).interchanges
        assert alone.faults == of_file.faults == ()
        assert [each.number for each in alone.groups[0].sets] == [each.number for each in part.group.sets]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_of_an_interchange_is_the_same_again(name: str) -> None:
    for _, whole in interchanges(SAMPLES / f"{name}.edi"):
        groups = [group_of(each.as_json(), [set_of(own.as_json()) for own in each.sets]) for each in whole.groups]
        again = interchange_of(whole.as_json(), groups)
        assert again.as_json() == whole.as_json()
        assert [each.as_json() for each in again.groups] == [each.as_json() for each in whole.groups]
        assert [own.as_json() for each in again.groups for own in each.sets] == [
            own.as_json() for each in whole.groups for own in each.sets
        ]


GOOD = interchange(order("SO-1", "5 EA AB"), order("SO-2", "7 CA CD", "1 EA EF"))
PIECES = st.sampled_from(
    [b"~", b"*", b"\n", b"ISA*", b"GS*", b"ST*940*0001~", b"SE*", b"IEA*1*1~", b"\xff", b"'", b"?", b">"]
)


@EASY
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 30), PIECES), max_size=5), st.integers(0, len(GOOD))
)
def test_any_bytes_that_begin_like_an_interchange_are_read_or_refused(
    tmp_path: Path, changes: list[tuple[int, int, bytes]], end: int
) -> None:
    content = GOOD
    for place, length, piece in changes:
        content = content[:place] + piece + content[place + length :]
    _read(tmp_path / "x", content if end % 3 else content[:end])


SEVERAL = (
    Syntax(X12, "*", ">", "", "~"),
    Syntax(X12, "*", ">", "", "\n"),
    MARKS,
    Syntax(X12, "*", ">", "", "\xc2\xa6"),
)


@EASY
@given(st.text("STstE*~+' \n?a\xc2\xa6", max_size=80), st.sampled_from(SEVERAL), st.integers(1, 30), st.booleans())
def test_what_is_skimmed_are_the_segments(tmp_path: Path, text: str, marks: Syntax, chunk: int, as_pairs: bool) -> None:
    """Those with a mark one by one, or two together; the others together, with their number."""
    path = tmp_path / "x"
    path.write_bytes(text.encode("latin-1"))
    wanted = [f"ST{marks.element}", f"SE{marks.element}"]
    bare, together = replace(marks, release=""), []  # what was released is so already
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(syntax, "FIRST", chunk)
        patch.setattr(syntax, "CHUNK", chunk)
        element, end = re.escape(marks.element), re.escape(marks.terminator)
        pair = f"SE{element}a*{end}{gap_of(marks.terminator)}ST{element}a*" if as_pairs else "(?!)"
        for at, piece, several in skimmed(path, 0, marks, wanted, pair):
            if not isinstance(piece, str):
                start = piece[0].start() + 1
                together += pieces([piece[0].string[start : piece[-1].end()]], at + start, bare)
                continue
            own = [*pieces([piece], at, bare)] if several else [(at, piece)]
            assert not several or not [each for _, each in own if each.upper().startswith(tuple(wanted))]
            assert several in (0, len(own))
            together += own
    assert together == [*segments(path, 0, marks)]


NUMBER = st.integers(0, 12).map(str) | st.integers(1, 12).map("{:04}".format) | st.just("A7")


@EASY
@given(st.lists(st.tuples(NUMBER, NUMBER, st.integers(1, 5).map(str)), max_size=4), st.integers(0, 5), st.booleans())
def test_sets_that_are_looked_at_together_are_as_one_by_one(
    tmp_path: Path, odd: list[tuple[str, str, str]], place: int, blank: bool
) -> None:
    """Those that count up, with others among them, of other numbers and counts."""
    numbers = [str(each) for each in range(1, 8)]
    sets = [(number, number, "3") for number in numbers[:place]] + odd + [(each, each, "3") for each in numbers[place:]]
    body = "".join(f"ST*940*{own}~\nW05*N*1~{'~' * blank}\nSE*{count}*{closed}~\n" for own, closed, count in sets)
    header = (
        "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261125*0900*U*00401*000000001*0*P*>~"
    )
    path = tmp_path / "x"
    path.write_text(f"{header}\nGS*OW*A*B*20261125*0900*1*X*004010~\n{body}GE*{len(sets)}*1~\nIEA*1*000000001~\n")
    envelope.forget()
    together = list(interchanges(path))
    envelope.forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope._Reading, "_are_right", lambda *_: False)
        assert list(interchanges(path)) == together


@EASY
@given(st.binary(max_size=300), st.sampled_from([b"ISA*", b"UNA:+.? '", b"UNB+UNOA:1+A+B+1:1+7'", GOOD[:106]]))
def test_any_bytes_behind_a_beginning_are_read_or_refused(tmp_path: Path, rest: bytes, start: bytes) -> None:
    _read(tmp_path / "x", start + rest)


def _read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    standard = begins(content[:10].decode("latin-1").lstrip())
    if not standard:
        return
    names = {each.casefold(): each for each in DOCUMENTS["sales_order"].fields}
    clues = Clues({}, document="sales_order", sets=("940",) if standard == X12 else ("ORDERS",), names=names)
    try:
        records = sum(len(block.lines) for block in Reader(path, standard, clues).blocks())
        sets = sum(len(group.sets) for _, whole in interchanges(path) for group in whole.groups)
    except Refused:
        return
    assert records >= sets
