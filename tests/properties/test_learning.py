"""What is learned is right, or it is not called proved: our own documents, written in any order and any notation."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from crossdock.learn.proposal import Proposal, propose
from crossdock.learn.sample import read_sample

FIELDS = (
    *("customerOrderNumber", "orderCreatedDate", "shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country"),
    *(
        "shipTo.postalCode",
        "currency",
        "customerLineNumber",
        "skuId",
        "upc",
        "quantity",
        "quantityMeasure",
        "unitPrice",
    ),
)
PATTERNS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%Y/%m/%d", "%d-%b-%Y", "%d %B %Y", "%Y%m%d", "%d.%m.%y")
MARKS = ((".", ""), (",", ""), (",", "."), (".", ","), (".", "'"), (",", " "))
GTINS = ("4006381333931", "96385074", "5012345678900", "012345678905")


def number(amount: float, marks: tuple[str, str]) -> str:
    decimal, thousands = marks
    return f"{amount:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[dict[str, str]], str, tuple[str, str]]:
    """The order of the columns, the rows, the format of dates and the marks of numbers."""
    pattern, marks = draw(st.sampled_from(PATTERNS)), draw(st.sampled_from(MARKS))
    days = draw(st.lists(st.integers(0, 364), min_size=2, max_size=6))
    rows = []
    for order, offset in enumerate(days, 1):
        day = date(2026, 1, 1) + timedelta(offset)
        for line in range(1, draw(st.integers(1, 3)) + 1):
            values = (
                *(f"SO-{order:04}", day.strftime(pattern), f"Ada {'ABCDEF'[order - 1]}", f"{order} Mill Lane", "Leeds"),
                *("GB", f"LS{order} 4DY", "GBP", str(line), f"SKU-{draw(st.integers(100, 999))}"),
                *(draw(st.sampled_from(GTINS)), number(draw(st.integers(1, 9_999)), marks), "EA"),
                number(draw(st.integers(100, 9_999_999)) / 100, marks),
            )
            rows.append(dict(zip(FIELDS, values, strict=True)))
    return draw(st.permutations(FIELDS)), rows, pattern, marks


def proposal(headings: list[str], rows: list[dict[str, str]], names: dict[str, str]) -> Proposal:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([names.get(each, each) for each in headings])
    writer.writerows([[row[each] for each in headings] for row in rows])
    with TemporaryDirectory() as folder:
        path = Path(folder, "sample.csv")
        path.write_text(text.getvalue(), encoding="utf-8")
        return propose(read_sample(path), path.name, "sales_order")


@given(files())
def test_our_own_names_are_learned_back(file: tuple[list[str], list[dict[str, str]], str, tuple[str, str]]) -> None:
    headings, rows, pattern, marks = file
    learned = proposal(headings, rows, {})
    assert {each.column.heading: each.field for each in learned.matches} == {name: name for name in FIELDS}
    open_ = {each.column.heading for each in learned.unsure}
    assert open_ <= {"orderCreatedDate", "quantity", "unitPrice"}  # those whose notation may have two readings
    if "orderCreatedDate" not in open_:
        formats = [each for each in learned.pattern.split("\n") if each]
        read = {date_of(row["orderCreatedDate"], formats[0]) for row in rows} if formats else set()
        assert not formats or read == {date_of(row["orderCreatedDate"], pattern) for row in rows}
    if not open_ & {"quantity", "unitPrice"}:
        prices = [each.column.numbers for each in learned.matches if each.field == "unitPrice"]
        assert prices[0] is not None
        assert prices[0].readings[learned.marks] == prices[0].readings[marks]


def date_of(text: str, pattern: str) -> date:
    from datetime import datetime

    return datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a day


@given(files())
def test_no_wrong_field_is_called_proved(file: tuple[list[str], list[dict[str, str]], str, tuple[str, str]]) -> None:  # fmt: skip
    """Whatever the columns are called: without names, and with the names of other fields left out."""
    headings, rows, _, _ = file
    names = {name: f"column {'abcdefghijklmnop'[place]}" for place, name in enumerate(FIELDS) if place % 2 or place > 9}
    learned = proposal(headings, rows, names)
    ours = {heading: name for name, heading in names.items()}
    assert [
        (each.column.heading, each.field)
        for each in learned.proved
        if ours.get(each.column.heading, each.column.heading) != each.field
    ] == []
