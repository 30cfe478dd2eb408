"""Every code of the catalogue has its codes in the standards, or can't come of an interchange."""

from __future__ import annotations

from crossdock.failures.catalogue import CODES, HOLDS
from crossdock.failures.refusals import REFUSALS
from crossdock.reports.edi.writing.codes import OTHERS, answer_codes

OF_OTHER_FORMATS = frozenset(
    ("torn_row", "cut_row", "row_in_quotes", "counted_in_bytes", "beside_headings", "broken_quote", "quote_across_cells",
     "unclosed_quote", "record_too_long", "product_beside",
     "tab_in_line", "outside_columns", "line_too_long", "cut_line", "unknown_record_type", "no_line_above",
     "not_of_line_above", "bad_json", "lines_elsewhere", "answer_in_part", "not_an_object", "merged_cells", "name_twice", "error_cell", "not_calculated",
     "no_record", "struck_row", "struck_out", "partly_struck", "date_in_id", "flag_in_id", "rounded_id", "scientific_id", "other_currency", "unit_beside", "ambiguous_date", "serial_date",
     "not_json", "prefix_range", "not_of_this_fix", "row_of_another_fix", "newer_on_hold", "moved_on")
)  # fmt: skip
"""Contract edi.md §11: they come of a row, a cell of a sheet, an object, a workbook on its way back, If-Match."""
ERC = 8
"""Characters of 9321."""


def test_every_error_has_its_codes() -> None:
    named = {code for code, _ in answer_codes()}
    errors = {name for name, code in CODES.items() if code.severity == "error"}
    assert errors - named == OF_OTHER_FORMATS
    assert "file_held" in HOLDS.keys() & named


def test_a_row_is_about_a_code_that_there_is() -> None:
    """Of a failure, a fault of the reader, or a refusal."""
    faults = {"stray_text", "envelope_code", "group_number_twice", "bad_time", "split_destinations", OTHERS, *HOLDS}
    assert {code for code, _ in answer_codes()} <= {*CODES, *REFUSALS, *faults}


def test_a_row_says_what_each_standard_needs() -> None:
    for (code, why), row in answer_codes().items():
        if row["level"] in ("syntax", "business") and code != "file_held":
            assert all((row["contrl"], row["contrl_at"])), (code, why)
            assert bool(row["element"]) == (row["segment"] == "8"), (code, why)
            assert row["segment"] or row["set"], (code, why)
        if row["level"] == "business":
            assert row["application"], (code, why)
            assert 0 < len(row["error"]) <= ERC, (code, why)
