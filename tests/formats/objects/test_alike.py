"""Objects that are written alike are read at once, and as each of them is read by itself."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Array, Clues
from crossdock.formats.objects import alike
from crossdock.formats.objects.cutting import Cut, cut
from crossdock.formats.objects.reader import Json, JsonOptions
from crossdock.formats.objects.records import Records
from crossdock.schema.document import Kind
from crossdock.schema.names import Qualifier, fold

KINDS = {
    fold("number"): Kind.ID,
    fold("quantity"): Kind.QUANTITY,
    fold("lines.quantity"): Kind.QUANTITY,
    fold("lines.sku"): Kind.ID,
    fold("extra"): Kind.OBJECT,
    fold("to.name"): Kind.TEXT,
    fold("note"): Kind.TEXT,
    fold("lines.note"): Kind.TEXT,
}
NESTED = {fold("lines"): Array(0, "lines", moved={fold("lines.sku"): "sku"}), fold("units"): Array(1, "units")}
DEEP = {fold("lines"): Array(0, "lines", {fold("cartons"): Array(0, "cartons")})}
CLUES = {
    "nested": Clues(KINDS, NESTED, inherited=frozenset([fold("note")])),
    "decimal comma": Clues(KINDS, NESTED, decimal=","),
    "deep": Clues(KINDS, DEEP),
    "flat": Clues(KINDS, {}),
    "qualified": Clues(KINDS, NESTED, qualifiers=(Qualifier("partners", "role", "ST", "partners[role=ST]"),)),
    "around": Clues(KINDS, NESTED, around={fold("units"): Array(0, "units", NESTED)}),
}


TEXTS = ["", "a", " b ", "1.5", "1E2", 'x": {', '\\"', "\\\\", "Gdańsk", "[{", "}, {", "\x7f", "A-17", "2026-11-30"]
ODD_TEXTS = ["half \ud800", "\t", "😀"]
NUMBERS = ["1", "0", "-1.50", "12", "815.0", "12345678901234567890", "1.5E+2", "2e3", "9" * 400, "1e-7"]
BROKEN = ["01", "1.", ".5", "-", "1e", "+1", "NaN", "tru", "", '"a', "'a'", "{", "]", '"a\\x"', '12"x"', "[{}]"]
NAMES = ["number", "quantity", "note", "sku", "to", "extra"]
ODD_NAMES = ["units", "partners", "a{b", 'c"d', "e]", "ü", "", "17", "18", "lines@odata.nextLink", "cartons", "role"]


class Writer:
    """Writes objects of a few shapes as a program writes them, now and then a little otherwise."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.odd = self.chance.choice([0, 0, 0.01, 0.1])
        self.form = self.chance.choice(["array", "data", "lines"])
        self.is_ascii = self.chance.random() < 0.5
        marks = [(",", ":")] if self.form == "lines" else [(",", ":"), (" , ", " : "), (",\n", ": ")]
        self.comma, self.colon = self.chance.choice([(", ", ": "), (", ", ": "), *marks])
        self.indent = "" if self.form == "lines" else self.chance.choice(["", "", "\n  "])

    def text(self) -> str:
        """The text of a file."""
        shapes, of_lines = [self.shape() for _ in range(2)], [self.shape() for _ in range(2)]
        name = self.chance.choice(["lines", "lines", "Lines", "units", "others", "17"])
        written = [self.document(self.chance.choice(shapes), of_lines, name) for _ in range(self.chance.randint(1, 40))]
        if self.form == "lines":
            return "\n".join(written) + self.chance.choice(["", "\n"])
        end = "," if self.is_odd else self.chance.choice(["", " "])
        together = f"[{self.indent}{f'{self.comma}{self.indent}'.join(written)}{end}]"
        return together if self.form == "array" else f'{{"total": 7, "data": {together}, "next": null}}'

    @property
    def is_odd(self) -> bool:
        """Whether something unusual stands here."""
        return self.chance.random() < self.odd

    def shape(self) -> dict[str, Any]:
        """The kind of each member."""
        names = self.chance.sample(NAMES, self.chance.randint(0, 5))
        names += [self.chance.choice(ODD_NAMES)] if self.chance.random() < 0.2 else []
        kinds = ["text", "text", "number", "number", "null", "true"]
        shape: dict[str, Any] = {name: self.chance.choice(kinds) for name in names}
        if "to" in shape:
            shape["to"] = {name: self.chance.choice(kinds) for name in ("name", "note")}
        return shape

    def document(self, shape: dict[str, Any], of_lines: list[dict[str, Any]], name: str) -> str:
        """An object with or without lines."""
        if self.is_odd:
            return self.chance.choice(BROKEN)
        members = self.members(shape)
        if self.chance.random() < 0.9:
            lines = [self.line(self.chance.choice(of_lines)) for _ in range(self.chance.choice([0, 1, 1, 2, 3]))]
            array = f"[{self.indent}{f'{self.comma}{self.indent}'.join(lines)}{self.indent}]"
            members.insert(self.chance.choice([len(members), len(members), 0]), f'"{name}"{self.colon}{array}')
        return self.braced(members)

    def line(self, shape: dict[str, Any]) -> str:
        """A line, now and then with lines of its own."""
        return self.braced([*self.members(shape), *(['"cartons": [{"a": "1"}]'] if self.is_odd else [])])

    def members(self, shape: dict[str, Any]) -> list[str]:
        """The members of an object, each as text."""
        return [f"{self.string(name)}{self.colon}{self.value(kind)}" for name, kind in shape.items()]

    def value(self, kind: Any) -> str:
        """A value of a kind."""
        if isinstance(kind, dict):
            return self.braced(self.members(kind))
        if self.is_odd:
            return self.chance.choice([*BROKEN, "true", '["a", 1]', "[]", "{}", *map(self.string, ODD_TEXTS)])
        return {"number": self.chance.choice(NUMBERS), "text": self.string(self.chance.choice(TEXTS))}.get(kind, kind)

    def braced(self, members: list[str]) -> str:
        """An object of these members."""
        return f"{{{self.indent}{f'{self.comma}{self.indent}'.join(members)}{self.indent}}}"

    def string(self, text: str) -> str:
        """A string."""
        written = json.dumps(text, ensure_ascii=self.is_ascii)
        return written.encode("utf-8", "backslashreplace").decode()


def read(path: Path, clues: Clues) -> Any:
    """All that is read of a file, or why it is refused."""
    reader = Json().reader(path, JsonOptions(), clues)
    rows: list[Any] = []
    names: list[str] = []
    try:
        for block in reader.blocks():
            names += [name for name in block.cells.column_names if name not in names]
            cells = block.cells.to_pylist()
            others = (block.lines.tolist(), block.objects.tolist(), block.faults.to_pylist(), block.details.to_pylist())
            rows += zip(cells, *others, strict=True)
    except Refused as refused:
        return refused.code, str(refused)
    return rows, names, reader.notes, reader.written


def both(text: str, clues: Clues, folder: Path, **limits: int) -> tuple[Any, Any]:
    """A text that is read at once as far as can be, and object by object."""
    path = folder / "objects.json"
    path.write_text(text, encoding="utf-8")
    with patch.multiple(alike, LEAST=1 << 40):
        one_by_one = read(path, clues)
    with patch.multiple(alike, **{"LEAST": 1, "BESIDE_EACH_OTHER": 1, "BY_THEMSELVES": 1, **limits}):
        return read(path, clues), one_by_one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return tmp_path_factory.mktemp("objects")


SEEDS = st.integers(0, 1 << 40)


@given(SEEDS, st.sampled_from(sorted(CLUES)), st.sampled_from([300, 900, 3000]), st.integers(0, 8))
def test_objects_at_once_are_what_they_are_one_by_one(folder: Path, seed: int, of: str, piece: int, wait: int) -> None:
    at_once, one_by_one = both(Writer(seed).text(), CLUES[of], folder, PIECE=piece, BY_THEMSELVES=wait)
    assert at_once == one_by_one


@given(SEEDS, st.data())
def test_a_text_that_is_damaged_is_read_alike_too(folder: Path, seed: int, data: st.DataObject) -> None:
    text = Writer(seed).text()
    place, left_out = data.draw(st.integers(1, len(text))), data.draw(st.integers(0, 2))
    instead = data.draw(st.sampled_from(["", '"', "\\", "{", "}", "[", "]", ",", ":", "0", "\x01", "\n", "\ufeff"]))
    damaged = f"{text[:place]}{instead}{text[place + left_out :]}"
    at_once, one_by_one = both(damaged, CLUES["nested"], folder, PIECE=800)
    assert at_once == one_by_one


@pytest.mark.parametrize("behind", [" x", ' {"number": "SO-0"}', ",", " {", "\u00a0", "  ", "\r"])
def test_a_line_with_more_than_one_object_is_torn(folder: Path, behind: str) -> None:
    lines = [f'{{"number": "SO-{at}", "lines": [{{"sku": "A"}}]}}' for at in range(40)]
    lines[20] += behind
    at_once, one_by_one = both("\n".join(lines), CLUES["nested"], folder)
    assert at_once == one_by_one


@pytest.mark.parametrize("form", ["pages", "torn"])
def test_nothing_is_cut_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Where an array is short, or a line has a bracket too many, what is behind it is not cut once more for each."""
    objects = [f'{{"number": "SO-{at}", "lines": [{{"sku": "A"}}]}}' for at in range(8000)]
    if form == "pages":
        pages = (",".join(objects[at : at + 20]) for at in range(0, len(objects), 20))
        text = "[" + ",".join(f'{{"orders": [{page}]}}' for page in pages) + "]"
    else:
        text = "\n".join([*objects[:20], *(f"{each}}}" for each in objects[20:])])
    path = tmp_path / "o.json"
    path.write_text(text)
    sizes: list[int] = []

    def counted(text: str) -> Cut | None:
        sizes.append(len(text))
        return cut(text)

    monkeypatch.setattr(alike, "cut", counted)
    for _ in Json().reader(path, JsonOptions(path="orders" if form == "pages" else None), CLUES["nested"]).blocks():
        pass
    assert 0 < sum(sizes) < 2 * len(text)


@pytest.mark.parametrize("form", ["array", "lines"])
def test_what_a_program_writes_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """All but the first objects, those with a look that is new, and what is odd."""
    objects = [
        {"number": f"SO-{at}", "to": {"name": "Gdańsk"}, "lines": [{"sku": at, "note": 'a "b"'}] * (at % 4 + 1)}
        for at in range(3000)
    ]
    objects[1000]["lines"] = [{"sku": True}]
    text = json.dumps(objects) if form == "array" else "\n".join(map(json.dumps, objects))
    path = tmp_path / "o.json"
    path.write_text(text)
    by_themselves: list[int] = []
    add = Records.add

    def counted(records: Records, number: int, *others: Any) -> None:
        by_themselves.append(number)
        add(records, number, *others)

    monkeypatch.setattr(Records, "add", counted)
    rows, *_ = read(path, CLUES["nested"])
    assert len(rows) == sum(len(each["lines"]) for each in objects)
    assert 1001 in by_themselves
    assert len(by_themselves) < 400
