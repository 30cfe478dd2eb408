"""The rows of one number → one header and the rows of its lower levels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sent import HEADER, Sent, brief, details, feed, plain, sent

NAMED = f"{HEADER},shipTo.name"
CARTONS = "asnNumber,vendorNumber,lineNumber,skuId,quantity,cartonId"
UNNUMBERED = "customerOrderNumber,skuId,quantity"


def test_rows_of_one_number_are_one_document_wherever_they_stand() -> None:
    assembled, failures = sent("SO-1,1,AB,5", "SO-2,1,AB,1", "SO-1,2,AC,7").assembled
    assert plain(assembled.header.cells, "customerOrderNumber") == [("SO-1",), ("SO-2",)]
    assert assembled.header_lines.tolist() == [2, 3]
    lines = assembled.rows["line"]
    assert plain(lines.cells, "customerLineNumber", "skuId", "quantity") == [
        ("1", "AB", "5"),
        ("1", "AB", "1"),
        ("2", "AC", "7"),
    ]
    assert (lines.document.tolist(), lines.of_record.tolist()) == ([0, 1, 0], [0, 1, 2])
    assert not len(failures)


def test_a_header_is_what_its_first_row_with_a_value_says() -> None:
    assembled, failures = sent("SO-1,1,AB,5,", "SO-1,2,AB,5,Ada", header=NAMED).assembled
    assert plain(assembled.header.cells, "shipTo.name") == [("Ada",)]
    assert not len(failures)


def test_a_row_that_says_otherwise_of_the_header_is_a_failure_of_that_row() -> None:
    assembled, failures = sent("SO-1,1,AB,5,Ada", "SO-1,2,AB,5,", "SO-1,3,AB,5,Bob", header=NAMED).assembled
    assert plain(assembled.header.cells, "shipTo.name") == [("Ada",)]
    assert brief(failures) == [(4, "shipTo.name", "header_conflict")]
    assert details(failures) == [{"other": "'Ada'", "line": 2, "what": "header"}]


@given(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(["", "Ada", "Bob"])), min_size=1, max_size=6))
def test_what_each_row_says_of_its_header_counts_however_the_rows_stand(rows: list[tuple[str, str]]) -> None:
    texts = [f"SO-{order},{line},AB,5,{name}" for line, (order, name) in enumerate(rows)]
    assembled, failures = sent(*texts, header=NAMED).assembled
    names: dict[str, str] = {}
    for order, name in rows:
        names[order] = names.get(order) or name
    assert plain(assembled.header.cells, "shipTo.name") == [(name or None,) for name in names.values()]
    others = [line for line, (order, name) in enumerate(rows, 2) if name not in ("", names[order])]
    assert [line for line, *_ in brief(failures)] == others


@pytest.mark.parametrize(
    ("agree", "day"), [("first", "2026-11-20"), ("earliest", "2026-11-19"), ("latest", "2026-11-21")]
)
def test_the_feed_says_which_of_several_values_counts(agree: str, day: str) -> None:
    of = feed(agree={"orderCreatedDate": agree})
    rows = [f"SO-1,{line},AB,5,2026-11-{number}" for line, number in ((1, 20), (2, 21), (3, 19))]
    assembled, failures = sent(*rows, header=f"{HEADER},orderCreatedDate", of=of).assembled
    assert plain(assembled.header.cells, "orderCreatedDate") == [(day,)]
    assert not len(failures)


@pytest.mark.parametrize(
    ("actions", "of_header", "of_lines"),
    [
        (("cancel", "cancel"), "cancel", ["upsert", "upsert"]),
        (("cancel", "upsert"), "upsert", ["cancel", "upsert"]),
        (("replace", ""), "replace", ["upsert", "upsert"]),
        (("cancel", ""), "upsert", ["cancel", "upsert"]),
    ],
)
def test_a_bare_action_is_the_lines_where_it_differs_between_them(
    actions: tuple[str, str], of_header: str, of_lines: list[str]
) -> None:
    rows = [f"SO-1,{line},AB,5,{action}" for line, action in enumerate(actions, 1)]
    assembled, _ = sent(*rows, header=f"{HEADER},action").assembled
    assert plain(assembled.header.cells, "header.action") == [(of_header,)]
    assert [value for (value,) in plain(assembled.rows["line"].cells, "line.action")] == of_lines


def test_lines_without_numbers_are_numbered_by_their_place_in_the_document() -> None:
    assembled, failures = sent("SO-1,AB,5", "SO-1,AC,5", "SO-2,AB,1", header=UNNUMBERED).assembled
    assert assembled.positional
    assert plain(assembled.rows["line"].cells, "customerLineNumber") == [("1",), ("2",), ("1",)]
    assert not len(failures)


def test_lines_without_numbers_must_stand_together() -> None:
    _, failures = sent("SO-1,AB,5", "SO-2,AB,1", "SO-1,AC,5", header=UNNUMBERED).assembled
    assert brief(failures) == [(2, "customerOrderNumber", "scattered_lines")]


def test_a_row_without_any_cell_of_a_line_is_a_document_without_lines() -> None:
    assembled, _ = sent("SO-1,,,,Ada", "SO-2,1,AB,5,Bob", header=NAMED).assembled
    assert assembled.rows["line"].document.tolist() == [1]
    assert assembled.rows["line"].of_record.tolist() == [-1, 0]


def test_rows_of_one_line_with_other_cartons_are_one_line_and_its_packages() -> None:
    rows = ["A1,V1,1,AB,3,340123450000000017", "A1,V1,1,AB,4,340123450000000024", "A1,V1,2,AC,5,"]
    assembled, failures = sent(*rows, header=CARTONS, of=feed("asn")).assembled
    lines, packages = assembled.rows["line"], assembled.rows["package"]
    assert plain(lines.cells, "lineNumber", "skuId", "line.quantity") == [("1", "AB", None), ("2", "AC", "5")]
    assert plain(packages.cells, "cartonId", "package.quantity") == [
        ("340123450000000017", "3"),
        ("340123450000000024", "4"),
    ]
    assert (packages.parent.tolist(), packages.document.tolist()) == ([0, 0], [0, 0])
    assert lines.of_record.tolist() == [0, 0, 1]
    assert not len(failures)


def test_cartons_of_one_line_that_disagree_about_it_are_a_failure_of_the_later_row() -> None:
    rows = ["A1,V1,1,AB,3,340123450000000017", "A1,V1,1,AC,4,340123450000000024"]
    _, failures = sent(*rows, header=CARTONS, of=feed("asn")).assembled
    assert brief(failures) == [(3, "skuId", "line_conflict")]


def test_a_line_has_the_purchase_order_of_its_header_where_it_says_none() -> None:
    header = "asnNumber,lineNumber,skuId,quantity,header.purchaseOrderNumber,line.purchaseOrderNumber"
    rows = ["A1,1,AB,3,PO-1,", "A1,2,AB,3,PO-1,PO-2"]
    assembled, _ = sent(*rows, header=header, of=feed("asn")).assembled
    assert plain(assembled.rows["line"].cells, "line.purchaseOrderNumber") == [("PO-1",), ("PO-2",)]


def test_a_torn_record_says_nothing_but_that_it_is_torn() -> None:
    torn = {3: ("torn_row", {"found": 2, "expected": 5})}
    assembled, failures = sent("SO-1,1,AB,5,Ada", "SO-1,2,,,Bob", header=NAMED, faults=torn).assembled
    assert plain(assembled.rows["line"].cells, "customerLineNumber") == [("1",)]
    assert plain(assembled.header.cells, "shipTo.name") == [("Ada",)]
    assert brief(failures) == [(3, "", "torn_row")]
    assert details(failures) == [{"found": 2, "expected": 5}]


def test_constants_stand_where_there_is_no_column_and_defaults_where_a_cell_is_blank() -> None:
    of = feed(
        constants={"businessUnitId": "BU1", "currency": "EUR", "customerSku": "X"},
        defaults={"shipTo.name": "Nobody"},
    )
    assembled, _ = sent("SO-1,1,AB,5,,Y", "SO-2,1,AB,5,Ada,", header=f"{NAMED},customerSku", of=of).assembled
    assert plain(assembled.header.cells, "currency", "shipTo.name") == [("EUR", "Nobody"), ("EUR", "Ada")]
    assert plain(assembled.rows["line"].cells, "customerSku") == [("Y",), (None,)]


@pytest.mark.parametrize("blanks", ["clear", "keep"])
def test_blank_cells_are_remembered_as_they_were_sent(blanks: str) -> None:
    of = feed(blanks=blanks, defaults={"shipTo.name": "Nobody"})
    assembled, _ = sent("SO-1,1,AB,5,", "SO-2,1,AB,5,Ada", header=NAMED, of=of).assembled
    assert assembled.blank["shipTo.name"].tolist() == [True, False]
    assert assembled.blank_as_sent("shipTo.name", 2).tolist() == [True, False]
    assert assembled.blank_as_sent("unitPrice", 2).tolist() == [True, True]


def test_what_the_file_has_no_column_for_is_absent() -> None:
    assembled, _ = sent("SO-1,1,AB,5").assembled
    assert {"shipTo.name", "unitPrice"} < assembled.absent
    assert not assembled.absent & {"skuId", "businessUnitId"}


def objects(*rows: str, header: str, groups: list[int]) -> Sent:
    return sent(*rows, header=header, groups=groups, nested=True)


def test_members_that_an_object_does_not_have_are_lacking() -> None:
    assembled, _ = objects("SO-1,1,AB,,Ada", "SO-1,2,AC,5,", "SO-2,1,AB,5,", header=NAMED, groups=[1, 1, 2]).assembled
    assert assembled.lacking["shipTo.name"].tolist() == [False, True]
    assert assembled.lacking["quantity"].tolist() == [True, False, False]


def test_objects_of_one_key_are_documents_of_their_own() -> None:
    assembled, failures = objects("SO-1,1,AB,5,Ada", "SO-1,1,AB,5,Bob", header=NAMED, groups=[1, 2]).assembled
    assert plain(assembled.header.cells, "customerOrderNumber", "shipTo.name") == [("SO-1", "Ada"), ("SO-1", "Bob")]
    assert not len(failures)


def test_two_keys_in_one_group_are_a_bug_that_is_raised() -> None:
    with pytest.raises(AssertionError, match="two keys fell into one document"):
        _ = sent("SO-1,1,AB,5", "SO-2,1,AB,5", groups=[1, 1]).assembled
