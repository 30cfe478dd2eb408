"""Columns that are made of others, block by block."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crossdock.failures.refusals import Refused
from crossdock.model.drop import Drop
from crossdock.pipeline.staging.derive import Deriver
from tests.pipeline.staging.test_grouping import block
from tests.sent import feed

HEADER = "First Name,Last Name,Packs"


def deriver(name: str = "orders.csv", **keys: Any) -> Deriver:
    return Deriver(Drop(Path(name), name, feed(**keys), "", 0, datetime.now(UTC)), plain=False)


def test_a_column_is_added_under_a_heading_that_says_what_it_is_made_of() -> None:
    made_of = deriver(join={"shipTo.name": ["first name", "Last Name"]})
    added = made_of.add(block("Ann,Ray,1", ",,2", header=HEADER))
    assert added.cells.column("first name + Last Name").to_pylist() == ["Ann Ray", None]
    assert added.cells.column_names[:3] == HEADER.split(",")
    assert made_of.sources == {"first name + Last Name": ("First Name", "Last Name")}


def test_a_file_without_any_of_the_columns_gets_none() -> None:
    whole = block("Ann,Ray,1", header=HEADER)
    assert deriver(join={"shipTo.name": ["Street"]}).add(whole) is whole


def test_a_fault_of_a_cell_is_that_of_what_is_made_of_it() -> None:
    spoiled = {0: {"Last Name": ("undecodable_cell", {"bytes": "0xE9"})}}
    added = deriver(join={"shipTo.name": ["First Name", "Last Name"]}).add(
        block("Ann,R,1", header=HEADER, spoiled=spoiled)
    )
    assert added.spoiled_codes("First Name + Last Name") == {0: "undecodable_cell"}
    assert added.spoiled_codes("Last Name") == {0: "undecodable_cell"}


def test_a_text_of_other_parts_is_a_fault_of_all_its_parts() -> None:
    cut = {"separator": " ", "into": ["shipTo.name", "shipTo.name2"]}
    added = deriver(split={"First Name": cut}).add(block("Ann Lee,,1", "Ann,,1", ",,1", header=HEADER))
    assert added.cells.column("First Name (shipTo.name)").to_pylist() == ["Ann", None, None]
    assert added.spoiled_codes("First Name (shipTo.name2)") == {1: "not_split"}


def test_the_value_of_a_files_name_is_on_each_row() -> None:
    added = deriver("orders_N1.csv", from_name={"buildingId": "_([A-Z0-9]+)"}).add(
        block("a,b,1", "c,d,2", header=HEADER)
    )
    assert added.cells.column("file name (buildingId)").to_pylist() == ["N1", "N1"]
    with pytest.raises(Refused, match="has no buildingId"):
        deriver("orders.csv", from_name={"buildingId": "_([A-Z0-9]+)"})
