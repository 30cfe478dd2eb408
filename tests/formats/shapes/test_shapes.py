"""What is read by its shape is what the guide would have read, whatever stands in it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.edi import edifact
from bench.edi_imports import as_interchange
from crossdock.formats.edi.reader import Reader
from crossdock.formats.format import Clues
from crossdock.formats.shapes import moulds, shapes
from crossdock.formats.shapes.templates import Template, Unlike, marker, template
from crossdock.schema.names import fold

SETS = 60
RATES = (0.0, 0.02, 0.06)
"""How many of the elements of a set are another value than they were."""
MARKS = {"x12": ("~", "*", ">", ""), "edifact": ("'", "+", ":", "?")}
TYPES = ("940", "850", "ORDERS")
DAYS = {"850": ("PO1", "DTM*010*{}"), "ORDERS": ("QTY", "DTM+2:{}:102")}
"""Where the lines of an order name a day, and how."""
STANDARDS = {"940": "x12", "850": "x12", "ORDERS": "edifact"}
ENDS = ("SE", "GE", "IEA", "UNT", "UNZ", "UNS")
SERVICE = ("ISA", "GS", "ST", "UNB", "UNH", *ENDS)


def segments_of(type_: str) -> list[str]:
    """The segments of an interchange of such sets, without terminators."""
    if type_ == "940":
        return list(as_interchange(SETS))
    sent = as_interchange(SETS, "850")
    if type_ == "ORDERS":
        sent = (each for text in edifact(SETS) for each in text.rstrip("'").split("'\n"))
    return _counted(list(_with_days(sent, *DAYS[type_])), MARKS[STANDARDS[type_]][1])


def _with_days(segments: Iterable[str], behind: str, day: str) -> Iterator[str]:
    """The same orders, whose days stand in their lines, ``behind`` which segment; in some of them one line has another
    day, or none, and some name it themselves, too, or have none at all.
    """
    number = line = 0
    for segment in segments:
        if segment.startswith(("ST", "UNH")):
            number, line = number + 1, 0
        of_order = segment.startswith(day.partition("{")[0])
        if not of_order or number % 10 == 0:
            yield segment
        if segment.startswith(behind) and number % 6:
            line += 1
            if not (line == 2 and number % 7 == 3):
                yield day.format(20261202 if line == 2 and number % 7 == 5 else 20261201)


def another(value: str, chance: random.Random, release: str, element: str) -> str:
    """Another value than that: right or wrong, longer or shorter, of other letters, or none."""
    others = [value[::-1], f"{value}X", f"{value} ", f" {value}", "Ünï\ue005", "\x07", "", "20260230", "261105", "1.50",
              "-3", "1,5", ".", "0", "004010", "EA", f"{release}{element}{release}{release}x" if release else "y"]  # fmt: skip
    return chance.choice(others)


def changed(segments: list[str], standard: str, chance: random.Random) -> str:
    """The interchange with other values here and there, with segments that are twice there, or gone."""
    terminator, element, component, release = MARKS[standard]
    lines: list[str] = []
    for segment in segments:
        name, *values = segment.split(element)
        if name in ("ST", "UNH"):
            rate = chance.choice(RATES)
        if name not in SERVICE:
            for place, value in enumerate(values):
                pieces = value.split(component)
                has_released = bool(release) and release in value
                if not has_released and chance.random() < rate:
                    at = chance.randrange(len(pieces))
                    pieces[at] = another(pieces[at], chance, release, element)
                    values[place] = component.join(pieces)
            if chance.random() < rate / 4:
                continue
        lines += [element.join([name, *values])] * (2 if name not in SERVICE and chance.random() < rate / 4 else 1)
    return f"{terminator}\n".join(_counted(lines, element)) + terminator


def _counted(lines: list[str], element: str) -> list[str]:
    """The segments, with the counts in the trailers of sets that are right."""
    start = 0
    for place, line in enumerate(lines):
        if line.startswith(("ST", "UNH")):
            start = place
        elif line.startswith(("SE", "UNT")):
            name, _, *rest = line.split(element)
            lines[place] = element.join([name, str(place - start + 1), *rest])
    return lines


def read(path: Path, type_: str) -> Any:
    """All that a reader says of a file of such sets."""
    paths = {"W0105": False, "N9*ZZ": True, "RFF*ON": True}
    names = {fold(each): each for each in paths}
    reader = Reader(path, STANDARDS[type_], Clues({}, document="sales_order", sets=(type_,), paths=paths, names=names))
    blocks = [
        [block.cells.to_pydict(), block.lines.tolist(), block.objects.tolist(), block.sets]
        + [each.to_pylist() for each in (block.faults, block.details, block.spoiled) if each is not None]
        for block in reader.blocks()
    ]
    return blocks, reader.written, list(map(repr, reader.notes))


def same_by_shape(path: Path, type_: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Read an interchange that chance makes with shapes, with moulds of them, and without; how many sets were read by
    their shape, and how many of these by a mould.
    """
    path.write_text(changed(segments_of(type_), STANDARDS[type_], random.Random(seed)), encoding="utf-8")
    real, kept = shapes.Shapes.reading, []

    def counted(self: shapes.Shapes, *sent: Any) -> Any:
        reading = real(self, *sent)
        kept.extend([] if reading is None else [isinstance(reading.sent, re.Match)])
        return reading

    with monkeypatch.context() as patch:
        patch.setattr(shapes, "TRIES", 0)
        expected = read(path, type_)
    with monkeypatch.context() as patch:
        patch.setattr(moulds, "MOST", 0)
        assert read(path, type_) == expected
    with monkeypatch.context() as patch:
        patch.setattr(shapes.Shapes, "reading", counted)
        patch.setattr(moulds, "OFTEN", 1)
        assert read(path, type_) == expected
    return len(kept), sum(kept)


@pytest.mark.parametrize("type_", TYPES)
def test_a_shape_reads_what_the_guide_reads(type_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [same_by_shape(tmp_path / "x.edi", type_, seed, monkeypatch) for seed in range(4)]
    assert min(map(sum, zip(*counts, strict=True))) > SETS // 2


@pytest.mark.parametrize("type_", DAYS)
def test_lines_that_say_another_day_than_their_header(
    type_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning names both days, also of an order that looks like many in which they are one day."""
    start = "BEG" if type_ == "850" else "DTM+137"
    day = DAYS[type_][1].replace("*010*", "*064*").replace("+2:", "+64:")
    segments: list[str] = []
    for each in segments_of(type_):
        segments.append(each.replace("DTM*010*", "DTM*064*").replace("DTM+2:", "DTM+64:"))
        if each.startswith(start):
            segments.append(day.format(20261201))
    standard = STANDARDS[type_]
    text = f"{MARKS[standard][0]}\n".join(_counted(segments, MARKS[standard][1])) + MARKS[standard][0]
    (tmp_path / "x.edi").write_text(text)
    with monkeypatch.context() as patch:
        patch.setattr(shapes, "TRIES", 0)
        expected = read(tmp_path / "x.edi", type_)
    assert "first_of_several" in str(expected)
    assert read(tmp_path / "x.edi", type_) == expected


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("type_", TYPES)
def test_shapes_read_what_the_guide_reads(type_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(100, 200):
        same_by_shape(tmp_path / "x.edi", type_, seed, monkeypatch)


@pytest.mark.parametrize("gap", ["", "\n", " \n\n"])
def test_blank_lines_between_segments_are_nothing(gap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = tmp_path / "plain.edi", tmp_path / "x.edi"
    paths[0].write_text("~\n".join(segments_of("940")) + "~\n")
    paths[1].write_text("".join(f"{each}\n{gap}" for each in segments_of("940")))
    monkeypatch.setattr(moulds, "OFTEN", 1)
    assert read(paths[0], "940") == read(paths[1], "940")


def test_a_value_that_is_cut_is_no_template() -> None:
    text = f"for {marker(3)}, {marker(4)}"
    assert template(text, range(3, 5)) == Template(("for ", 0, ", ", 1, ""))
    assert template(text, range(3, 5)).filled(("a", "b")) == "for a, b"
    for wrong in (text[:-3], text[6:], marker(9)):
        with pytest.raises(Unlike):
            template(wrong, range(3, 5))
