"""Objects that look alike are split at once, and as each of them is split by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.format import Array, Clues
from crossdock.formats.objects.layouts import Layouts, Part, Stacks
from crossdock.formats.objects.splitting import Cells, Splitter
from crossdock.formats.objects.stream import Number
from crossdock.schema.document import Kind
from crossdock.schema.names import Qualifier, fold

KINDS = {fold("quantity"): Kind.QUANTITY, fold("extra"): Kind.OBJECT, fold("name"): Kind.TEXT}
ARRAYS = {
    fold("lines"): Array(0, "lines", {fold("cartons"): Array(0, "cartons")}),
    fold("body.units"): Array(1, "units"),
}
QUALIFIERS = (Qualifier("partners", "role", "ST", "partners[role=ST]"),)

PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["", "a", "ST", "1.5", "1E2", "half \ud800", "\x01" + "10000000" + "\x02"]),
    st.sampled_from(["1", "1.5", "1.5E+2", "10000000"]).map(Number),
)
NAMES = st.sampled_from(
    ["name", "quantity", "extra", "lines", "body", "units", "cartons", "role", "partners", "a.b", "a"]
)
OBJECTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    NAMES,
    st.recursive(
        PLAIN,
        lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=4)),
        max_leaves=6,
    ),
    max_size=5,
)


def clues(decimal: str) -> Clues:
    return Clues(KINDS, ARRAYS, decimal, qualifiers=QUALIFIERS)


def cells_of(part: Part, decimal: str) -> tuple[Cells, bool]:
    """The cells of one part as a block has them; whether a text holds half of a character."""
    stacks = Stacks(decimal)
    stacks.add([part])
    cells = {name: column[0].as_py() for name, column in stacks.columns().items()}
    return cells, bool(stacks.halved)


@given(st.lists(OBJECTS, min_size=1, max_size=6), st.sampled_from([".", ","]))
def test_every_object_has_the_parts_that_the_rules_give_it(objects: list[dict[str, Any]], decimal: str) -> None:
    splitter = Splitter(clues(decimal))
    layouts = Layouts(splitter)
    for value in (*objects, *objects):  # the second time each look is known
        expected = splitter.split(value, ARRAYS, "")
        part, lines, wrong = layouts.split(value, ARRAYS, "", 0)
        cells, halved = cells_of(part, decimal)
        texts = {
            name: text.encode("utf-8", errors="backslashreplace").decode() for name, text in expected.cells.items()
        }
        assert cells == texts
        assert list(cells) == list(texts)
        assert halved == (texts != expected.cells)
        assert lines == expected.lines
        assert wrong == expected.wrong


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": True, "name": "x"}, {"a": False, "name": "x"}),
        ({"a": True, "name": "x"}, {"a": {"name": "x"}}),
        ({"name": None}, {"name": "x"}),
        ({"partners": [{"role": "ST", "name": "x"}]}, {"partners": [{"role": "BT", "name": "x"}]}),
        ({"extra": {"a": Number("1")}}, {"extra": {"a": Number("2")}}),
        ({"lines": [{}]}, {"lines": {}}),
    ],
)
def test_what_looks_alike_and_is_not(one: dict[str, Any], other: dict[str, Any]) -> None:
    splitter = Splitter(clues("."))
    layouts = Layouts(splitter)
    for value in (one, other, one):
        part, lines, _ = layouts.split(value, ARRAYS, "", 0)
        expected = splitter.split(value, ARRAYS, "")
        assert cells_of(part, ".")[0] == expected.cells
        assert lines == expected.lines


def test_what_is_farther_in_overrules_what_is_around_it() -> None:
    layouts = Layouts(Splitter(clues(".")))
    stacks = Stacks(".")
    for number in ("1", "2"):
        outer, _, _ = layouts.split({"name": f"order {number}", "a": "x"}, ARRAYS, "", 0)
        inner, _, _ = layouts.split({"name": f"line {number}"}, {}, "", 1)
        stacks.add([outer, inner])
        stacks.add([inner])
    columns = {name: column.to_pylist() for name, column in stacks.columns().items()}
    assert columns == {"name": ["line 1", "line 1", "line 2", "line 2"], "a": ["x", None, "x", None]}


def test_a_name_twice_and_a_text_that_looks_like_a_name_are_told_apart(tmp_path: Any) -> None:
    """The quick way to read a value counts its names; a text may hold what looks like one."""
    from crossdock.formats.objects.reader import Json, JsonOptions

    documents = ['{"a" : "1"}', '{"a": "x\\":"}', '{"a" : "1", "a": "2"}', '{"a": "\\":", "b" :"1", "b":"2"}']
    path = tmp_path / "o.json"
    path.write_text(f"[{','.join(documents)}]")
    (block,) = Json().reader(path, JsonOptions(), Clues({})).blocks()
    assert block.faults.to_pylist() == [None, None, "name_twice", "name_twice"]
    assert block.cells.column("a").to_pylist() == ["1", 'x":', "2", '":']
    assert [json.loads(each)["names"] for each in block.details.to_pylist() if each] == ["a", "b"]


def test_what_is_not_learned_is_split_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossdock.formats.objects.layouts.KEPT", 1)
    splitter = Splitter(clues("."))
    layouts = Layouts(splitter)
    for value in ({"name": "x"}, {"a": "y"}, {"name": "z"}, {"a": Number("1.5E+2"), "lines": [{}]}):
        part, lines, _ = layouts.split(value, ARRAYS, "", 0)
        expected = splitter.split(value, ARRAYS, "")
        assert cells_of(part, ".")[0] == expected.cells
        assert lines == expected.lines
