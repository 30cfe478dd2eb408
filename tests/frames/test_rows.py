"""The nouns of rows: masks per document, per row, per record."""

from __future__ import annotations

import numpy as np

from crossdock.documents import DOCUMENTS
from crossdock.frames.rows import LevelChanges, LevelMatch, LevelRows, Records, StoredRows
from tests.sent import texts

ORDER = DOCUMENTS["sales_order"]
LINE = ORDER.by_title["line"]


def mask(text: str) -> np.ndarray:
    """``x`` where it holds."""
    return np.array([each == "x" for each in text], dtype=bool)


def shown(mask: np.ndarray) -> str:
    return "".join("x" if each else "." for each in mask)


RECORDS = Records(np.array([2, 3, 5, 9]), np.array([0, 1, 0, 1]), np.zeros(4, dtype=bool), 3)


def test_records_know_their_documents_and_are_found_by_line() -> None:
    assert RECORDS.places(np.array([5, 2])).tolist() == [2, 0]
    assert RECORDS.documents_of(np.array([5, 9])).tolist() == [0, 1]
    assert shown(RECORDS.at(np.array([9, 3]))) == ".x.x"
    assert shown(RECORDS.any_at(np.array([9]))) == ".x."
    assert shown(RECORDS.any_per_document(mask("..x."))) == "x.."
    assert shown(RECORDS.of_documents(mask(".xx"))) == ".x.x"


def sent_rows(*skus: str, of: list[int], records: list[int], documents: int = 2) -> LevelRows:
    cells = texts({"skuId": [sku or None for sku in skus]})
    document = np.array(of)
    return LevelRows(LINE, cells, np.arange(2, 2 + len(skus)), document, document, np.array(records), documents)


ROWS = sent_rows("AB", "", "AC", of=[0, 0, 1], records=[0, 0, 1, -1, 2])


def test_rows_of_a_level_know_their_values_and_records() -> None:
    assert len(ROWS) == 3
    assert ROWS.lines.tolist() == [2, 3, 4]
    assert shown(ROWS.has("skuId")) == "x.x"
    assert shown(ROWS.has("colour")) == "..."
    assert ROWS.values("skuId").tolist() == ["AB", None, "AC"]
    assert ROWS.values("colour").tolist() == [None] * 3
    assert ROWS.count_per_document().tolist() == [2, 1]
    assert ROWS.count_per_document(mask("x..")).tolist() == [1, 0]


def test_a_row_is_chosen_by_any_of_its_records_and_chooses_all_of_them() -> None:
    assert shown(ROWS.of_records(mask(".x.x."))) == "x.."
    assert shown(ROWS.records(mask("x.x"))) == "xx..x"


def stored_rows(*skus: str, of: list[int], states: str, documents: int = 2) -> StoredRows:
    cells = texts(
        {
            "sku_id": [sku or None for sku in skus],
            "upc": ["4006381333931", "04006381333931", None][: len(skus)],
            "state": ["CANCELLED" if each == "x" else "OPEN" for each in states],
            "gift_message": [None] * len(skus),
        }
    )
    return StoredRows(cells, np.array(of), documents)


STORED = stored_rows("AB", "AD", "", of=[0, 1, 1], states="..x")


def test_stored_rows_know_what_is_open_and_what_is_empty() -> None:
    assert shown(STORED.is_open) == "xx."
    assert STORED.values("sku_id").tolist() == ["AB", "AD", None]
    assert STORED.is_empty("gift_message")
    assert not STORED.is_empty("sku_id")


def test_stored_rows_are_named_by_places() -> None:
    assert STORED.texts(["sku_id", "state"], np.array([0, 1])) == [("AB", "OPEN"), ("AD", "OPEN")]


MATCH = LevelMatch(ROWS, STORED, np.array([0, -1, 1]))


def test_a_match_goes_both_ways() -> None:
    assert shown(MATCH.both) == "x.x"
    assert shown(MATCH.stored_by(mask("xx."))) == "x.."
    assert shown(MATCH.sent_of(mask(".xx"))) == "..x"
    assert MATCH.stored_values("sku_id").to_pylist() == ["AB", None, "AD"]


def test_a_row_differs_where_a_column_that_was_sent_is_another_than_the_stored_one() -> None:
    fields = ORDER.of(LINE)
    assert shown(MATCH.differs("skuId", fields["skuId"])) == "..x"
    assert shown(MATCH.any_differs(fields)) == "..x"
    nobody = LevelMatch(ROWS, STORED, np.full(3, -1))
    assert shown(nobody.any_differs(fields)) == "..."


def test_a_gtin_with_and_without_leading_zeros_is_the_same() -> None:
    cells = texts({"upc": ["04006381333931", "4006381333931", "96385074"]})
    rows = LevelRows(LINE, cells, np.arange(2, 5), np.zeros(3, int), np.zeros(3, int), np.arange(3), 1)
    match = LevelMatch(rows, STORED, np.array([0, 1, 2]))
    assert shown(match.differs("upc", ORDER.of(LINE)["upc"])) == "..x"


CHANGES = LevelChanges(
    MATCH,
    new=mask(".x."),
    changed=mask("..x"),
    idle=mask("..."),
    lost=mask("..."),
    dropped=mask("x.x"),
    falling=mask("..x"),
)


def test_changes_know_what_is_written_and_of_which_documents() -> None:
    assert shown(CHANGES.written) == ".xx"
    assert shown(CHANGES.documents) == "xx"


def test_of_changes_is_left_what_is_taken_and_what_need_not_stay() -> None:
    left = CHANGES.of(mask("x.x"), keeping=mask(".x"))
    assert (shown(left.new), shown(left.changed)) == ("...", "..x")
    assert (shown(left.dropped), shown(left.falling)) == ("x..", "...")
