"""Which document each record is part of, found while blocks go by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from crossdock.formats.format import Block
from crossdock.model.drop import Drop
from crossdock.partners.feed import Feed
from crossdock.pipeline.staging.grouping import GroupedBlock, Grouper
from tests.sent import HEADER, cells, feed


def block(*rows: str, header: str = HEADER, first: int = 2, torn: str = "", objects: list[int] | None = None,
          spoiled: Mapping[int, Mapping[str, Any]] | None = None, **more: Any) -> Block:  # fmt: skip
    """Rows from line ``first`` on; ``torn``: x where one is; ``objects``: of which object each is part."""
    size = len(rows)
    faults = ["torn_row" if each == "x" else None for each in torn.ljust(size, ".")]
    cell_faults = [spoiled.get(place) for place in range(size)] if spoiled else None
    return Block(
        cells=pa.table({name: pa.array(each, pa.string()) for name, each in cells(*rows, header=header).items()}),
        lines=np.arange(first, first + size),
        objects=np.array(objects or [0] * size, dtype=np.int64),
        faults=pa.array(faults, pa.string()),
        details=pa.nulls(size, pa.string()),
        spoiled=None
        if cell_faults is None
        else pa.array([each and json.dumps(each) for each in cell_faults], pa.string()),
        **more,
    )


def grouper(of: Feed | None = None, replays: str | None = None) -> Grouper:
    return Grouper(Drop(Path("orders.csv"), "orders.csv", of or feed(), "", 0, datetime.now(UTC), replays=replays))


def documents(*grouped: GroupedBlock) -> list[int]:
    """The document of each record, numbered as they come."""
    groups = [number for each in grouped for number in each.table.column("@group").to_pylist()]
    return [list(dict.fromkeys(groups)).index(number) for number in groups]


def numbers(grouped: GroupedBlock, part: str = "customerOrderNumber") -> list[str | None]:
    return list(grouped.table.column(f"@key {part}").to_pylist())


def held(of: Grouper, *blocks: Block) -> dict[int, tuple[str, int]]:
    """By the line of a record, why its document is held and the line to blame."""
    grouped = [of.group(each) for each in blocks]
    holds = {group: why for each in grouped for group, why in each.holds.items()}
    records = [pair for each in grouped for pair in zip(each.table.column("@line").to_pylist(),
               each.table.column("@group").to_pylist(), strict=True)]  # fmt: skip
    return {line: holds[group] for line, group in records if group in holds}


def test_records_of_one_key_are_one_document_however_it_is_written() -> None:
    of = feed(values={"customerOrderNumber": {"first": "SO-1"}}, pad={"customerOrderNumber": 4})
    key_grouper = grouper(of)
    one, two = block("SO-1,1,A,1", " first ,2,A,1", "7,1,A,1"), block("0007,2,A,1", "SO-1,3,A,1", first=5)
    assert documents(key_grouper.group(one), key_grouper.group(two)) == [0, 0, 1, 1, 0]


def test_keys_that_are_alike_fall_into_one_batch() -> None:
    grouped = grouper().group(block("so-1,1,A,1", "SO-1,1,A,1", "SO -1,1,A,1", "7,1,A,1", "007,1,A,1"))
    for of_partition in (grouped.partition_hash.tolist(), grouped.table.column("@hash").to_pylist()):
        assert len(set(of_partition[:3])) == len(set(of_partition[3:])) == 1
        assert of_partition[0] != of_partition[3]


def test_neighbours_fall_into_one_batch() -> None:
    grouped = grouper().group(block("SO-1001,1,A,1", "SO-1099,1,A,1", "SO-1100,1,A,1", "7,1,A,1", ",1,A,1"))
    near, far, *others = grouped.partition_hash.tolist()
    assert near == far
    assert len({near, *others}) == 4
    assert len(set(grouped.table.column("@hash").to_pylist())) == 5


def test_the_hash_of_a_key_never_changes() -> None:
    """FNV-1a of its folded parts: a job that continues meets the batches that it began with."""

    def fnv(text: bytes) -> int:
        number = 0xCBF29CE484222325
        for byte in text:
            number = (number ^ byte) * 0x100000001B3 % (1 << 64)
        return number

    grouped = grouper().group(block("SO-123,1,A,1"))
    assert grouped.partition_hash.tolist() == [fnv(b"bu1\x1fso-1")]
    assert grouped.table.column("@hash").to_pylist() == [fnv(b"bu1\x1fso-123")]


def test_a_blank_number_is_a_document_of_its_own() -> None:
    grouped = grouper().group(block(",1,A,1", ",2,A,1"))
    assert (documents(grouped), numbers(grouped)) == ([0, 1], [None, None])


def test_a_blank_number_means_the_row_above_also_across_blocks() -> None:
    key_grouper = grouper(feed(blank_key="above"))
    one, two = (
        key_grouper.group(block("SO-1,1,A,1", ",2,A,1")),
        key_grouper.group(block(",3,A,1", "SO-2,1,A,1", first=4)),
    )
    assert documents(one, two) == [0, 0, 0, 1]
    assert numbers(two) == ["SO-1", "SO-2"]


def test_a_torn_row_has_nothing_from_the_row_above() -> None:
    grouped = grouper(feed(blank_key="above")).group(block("SO-1,1,A,1", ",,,", ",2,A,1", torn=".x."))
    assert numbers(grouped) == ["SO-1", None, "SO-1"]


def test_a_blank_number_ends_the_file() -> None:
    key_grouper = grouper(feed(blank_key="end"))
    one, two = (
        key_grouper.group(block("SO-1,1,A,1", ",,,", "printed on Friday,,,")),
        key_grouper.group(block("SO-2,1,A,1", first=5)),
    )
    assert (one.below, two.below, one.ignored) == ([3, 4], [5], 2)
    assert (one.table.num_rows, two.table.num_rows) == (1, 0)


def test_a_row_of_totals_is_left_out_unless_it_names_an_item() -> None:
    grouped = grouper().group(block("SO-1,1,A,1", "Total,,,7", "Sum,1,A,1"))
    assert (grouped.totals, documents(grouped)) == ([3], [0, 1])


def test_headings_that_are_not_ours_are_named_where_they_hold_anything() -> None:
    rows = ("SO-1,1,A,1,,", "SO-1,2,A,1,red,", "SO-1,3,A,1,red,")
    assert grouper().group(block(*rows, header=f"{HEADER},colour,size")).unknown == {"colour": (3, 2)}


def test_documents_beside_a_torn_row_whose_number_is_lost_are_held() -> None:
    rows = ("SO-1,1,A,1", ",,,", "SO-2,1,A,1", "SO-3,1,A,1")
    beside = ("beside_torn_line", 3)
    assert held(grouper(), block(*rows, torn=".x..")) == {2: beside, 4: beside}
    assert held(grouper(), block(*rows[:2], torn=".x"), block(*rows[2:], first=4)) == {2: beside, 4: beside}
    assert held(grouper(), block(rows[0]), block(*rows[1:], first=3, torn="x..")) == {2: beside, 4: beside}
    assert held(grouper(), block(",,,", torn="x"), block(*rows[2:], first=4)) == {4: ("beside_torn_line", 2)}


def test_a_torn_row_that_says_its_number_holds_no_neighbour() -> None:
    assert held(grouper(), block("SO-1,1,A,1", "SO-2,,,", "SO-3,1,A,1", torn=".x.")) == {}


def test_a_torn_row_of_a_list_holds_no_neighbour() -> None:
    of = feed("unit", constants={})
    assert held(grouper(of), block("BX,box", ",", "CS,case", header="code,title", torn=".x.")) == {}


def test_what_an_open_quote_swallowed_is_held_also_in_later_blocks() -> None:
    rows = ("SO-1,1,A,1", "SO-2,1,A,1", "SO-3,1,A,1")
    swallowed = ("swallowed", 2)
    assert held(grouper(), block(*rows, stretches=((2, 3),))) == {3: swallowed}
    later = block("SO-4,1,A,1", "SO-5,1,A,1", first=5)
    assert held(grouper(), block(*rows, stretches=((2, 5),)), later) == {3: swallowed, 4: swallowed, 5: swallowed}


def test_a_number_that_the_format_could_not_read_is_torn() -> None:
    spoiled = {1: {"customerOrderNumber": ["error_cell", {}]}}
    reasons = held(grouper(feed(blank_key="above")), block("SO-1,1,A,1", ",2,A,1", "SO-2,1,A,1", spoiled=spoiled))
    assert reasons == {2: ("beside_torn_line", 3), 4: ("beside_torn_line", 3)}


def test_in_what_was_held_once_the_rows_say_themselves_by_what() -> None:
    key_grouper = grouper(feed(blank_key="above"), replays="J1")
    rows = block("SO-1,1,A,1", ",,,", "SO-2,1,A,1", torn=".x.", held=((2, "swallowed", 9),))
    assert held(key_grouper, rows) == {4: ("swallowed", 9)}


def test_records_of_an_object_have_the_number_of_its_first_also_across_blocks() -> None:
    key_grouper = grouper()
    one = key_grouper.group(block("SO-1,1,A,1", ",2,A,1", "SO-1,1,A,1", objects=[1, 1, 2]))
    two = key_grouper.group(block(",2,A,1", ",1,A,1", first=5, objects=[2, 3]))
    assert documents(one, two) == [0, 0, 1, 1, 2]
    assert (numbers(one), numbers(two)) == (["SO-1", "SO-1", "SO-1"], ["SO-1", None])


def test_objects_without_nested_lines_are_rows_unless_they_say_nothing_of_a_line() -> None:
    rows = ("SO-1,1,A,1", "SO-1,2,A,1", "SO-1,,,", "SO-1,,,")
    assert documents(grouper().group(block(*rows, objects=[-1, -2, -3, -4]))) == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("actions", "ranks"), [(("cancel", "", "05"), [2, 0, 1]), (("update", "insert", "create"), [1, 0, 0])]
)
def test_objects_of_one_key_follow_one_another_by_what_they_do(actions: tuple[str, ...], ranks: list[int]) -> None:
    rows = [f"SO-1,1,A,1,{action}" for action in actions]
    assert grouper().group(block(*rows, header=f"{HEADER},action", objects=[1, 2, 3])).rank.tolist() == ranks


def test_an_objects_rank_is_that_of_its_first_record() -> None:
    rows = ("SO-1,1,A,1,cancel", ",2,A,1,", "SO-2,1,A,1,")
    assert grouper().group(block(*rows, header=f"{HEADER},action", objects=[1, 1, 2])).rank.tolist() == [2, 2, 0]


def test_rows_without_a_number_are_one_document_where_they_share_a_placeholder() -> None:
    rows = (",a,1", ",b,1", ",a,2", ",,1", ",,2")
    of = feed("erp_sales_order")
    assert documents(grouper(of).group(block(*rows, header="soNo,placeholder,lineNo"))) == [0, 1, 0, 2, 3]


def test_two_spellings_of_a_moment_are_one_key() -> None:
    of = feed("inventory", constants={"businessUnitId": "BU1"})
    moment = next(name for name in of.document.key if "Time" in name or "asOf" in name or "At" in name)
    others = [name for name in of.document.key if name not in ("businessUnitId", moment)]
    header = ",".join([*others, moment])
    same = ",".join(["X"] * len(others))
    grouped = grouper(of).group(
        block(f"{same},2026-11-20T12:00+01:00", f"{same},2026-11-20T11:00Z", f"{same},soon", header=header)
    )
    assert numbers(grouped, moment) == ["2026-11-20T11:00:00.000000Z"] * 2 + [None]


def test_a_constant_of_the_key_is_that_of_objects_without_such_a_member() -> None:
    rows = ("SO-1,BU2", "SO-2,", "SO-3,")
    grouped = grouper().group(block(*rows, header="customerOrderNumber,businessUnitId", objects=[1, 2, 3]))
    assert numbers(grouped, "businessUnitId") == ["BU2", "BU1", "BU1"]


def test_a_torn_row_below_a_text_may_be_the_rest_of_it_also_in_the_next_block() -> None:
    widths = pa.array([None, '{"found": 2, "expected": 4}', None])
    rows = ("SO-1,1,A,leave it", "at the back,left,,", "SO-2,1,A,1")
    whole = replace(block(*rows, torn=".x."), details=widths)
    beside = {2: ("beside_torn_line", 3), 4: ("beside_torn_line", 3)}
    assert held(grouper(), whole) == beside
    assert held(grouper(), block(rows[0]), replace(block(*rows[1:], first=3, torn="x"), details=widths[1:])) == beside
    assert held(grouper(), replace(block(*rows[1:], first=3, torn="x"), details=widths[1:])) == {}
