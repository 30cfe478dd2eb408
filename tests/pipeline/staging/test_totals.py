"""Rows of totals, in whatever column they say so; and orders that only look like them."""

from __future__ import annotations

import pytest

from tests.pipeline.staging.test_grouping import block, documents, grouper
from tests.sent import HEADER, feed

MORE = f"{HEADER},Remark,header.notes,unitPrice"
ABOVE = "SO-1,1,A,1,,,"


@pytest.mark.parametrize(
    "row",
    [
        "Total,,,7,,,",
        "TOTAL:,,,7,,,",
        "Grand total,,,7,,,",
        "Subtotal,,,7,,,EUR 12.50",
        "Zwischensumme,,,7,,,",
        "SO-1 Total,,,7,,,",
        "SO-1 Ergebnis,,,7,,,",
        "Total SO-1,,,7,,,",
        ",,,7,Subtotal,,",
        ",,,7,,Total,",
        ",,,,Total SO-1,,12.50",
        ",,,,Summe aller Positionen,,12.50 €",
        ",,,,,Printed by Ann,",
        "Printed by Ann,,,,,,",
        "Printed by Ann,,,,2026-01-05,,",
        "Page 1 of 2,,,,,,",
        "Page -1 of 1,,,,,,",
        "Grand Total: 6634,,,,,,",
        ",,,,Seite 2,,",
        ",,,,*** End of report ***,,",
        ",,,,Total,,",
        "*,,,7,,,",  # as SAP marks sums
        "**,,,7,ST,,",
        ",,,7,*,,",
    ],
)
def test_a_row_that_says_so_is_a_total(row: str) -> None:
    grouped = grouper().group(block(ABOVE, row, "SO-2,1,A,1,,,", header=MORE))
    assert (grouped.totals, documents(grouped)) == ([3], [0, 1])


@pytest.mark.parametrize(
    "row",
    [
        "Total,1,A,1,,,",  # an order named so
        ",2,A,7,Total,,",  # a line of the order above, perhaps
        ",,A,7,Total,,",
        "Total 5,,,,,ring twice,",
        "*,,,,,,",
        "*,,,7,ring twice,,",
        "*,1,A,7,,,",
        "SO-2,,,7,Total,,",  # a number of its own
        "SO-2,,,,,Total,",
        "SO-9 Total,,,7,,,",  # not of the order above
        "SO-1 Total,,,7,,ring twice,",  # a text beside it
        ",,,7,Total,ring twice,",
        ",,,7,,Total Energies,",  # a header's text may begin so
        ",,,7,Totally new,,",
        ",,,7,A total of,,",
        ",,,,Total loss of the parcel,,",
        "Printed by Ann,,,,,ring twice,",
        ",,,,Printed by Ann,a,b",
        ",,,7,,,",
    ],
)
def test_what_may_be_an_order_is_none(row: str) -> None:
    assert not grouper().group(block(ABOVE, row, header=MORE)).totals


def test_where_a_blank_number_is_the_one_above_a_header_s_text_is_no_label() -> None:
    """A ship-to that is called Total."""
    of = feed(blank_key="above")
    assert not grouper(of).group(block(ABOVE, ",,,,,Total,", header=MORE)).totals
    assert grouper(of).group(block(ABOVE, ",,,7,Total,,", header=MORE)).totals == [3]


def test_the_number_above_may_be_in_the_block_before() -> None:
    key_grouper = grouper()
    key_grouper.group(block(ABOVE, header=MORE))
    assert key_grouper.group(block("SO-1 Total,,,7,,,", header=MORE, first=3)).totals == [3]
