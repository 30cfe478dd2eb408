"""A partner's codes as a CSV beside its TOML, which may mean something else from a day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crossdock.partners import code_lists
from crossdock.partners.registry import Misconfigured
from crossdock.pipeline.import_drop import import_drop
from tests.warehouse import Warehouse, csv, drop_of

KEYS = '[feed.code_lists]\nskuId = "items.csv"\n'
ITEMS = "theirs,ours,valid_from\nA1,B1,\nA1,B2,2026-07-01\nNEW,N1,2027-01-01\n"


def items(warehouse: Warehouse, text: str = ITEMS) -> Path:
    path = warehouse.home / "partners" / "items.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("day", "skus"), [("2026-06-30", "B1 NEW X"), ("2026-07-01", "B2 NEW X"), ("2027-01-01", "B2 N1 X")]
)
def test_a_code_means_what_it_meant_on_the_day_of_the_file(warehouse: Warehouse, day: str, skus: str) -> None:
    items(warehouse)
    path = warehouse.file(csv("S-1,1,A1,5", "S-1,2,NEW,5", "S-1,3,X,5"), "orders.csv")
    drop = drop_of(path, warehouse.feed(KEYS))
    moment = datetime.fromisoformat(f"{day}T12:00:00+00:00").astimezone(UTC)
    import_drop(replace(drop, received=moment, feed=drop.feed.on(moment)), warehouse.database)
    query = "SELECT sku_id FROM sales_order_lines ORDER BY customer_line_number"
    assert " ".join(sku for (sku,) in warehouse.rows(query)) == skus


def test_values_of_the_toml_come_first_and_a_list_that_changed_is_read_again(warehouse: Warehouse) -> None:
    items(warehouse, "theirs,ours\nA1,B1\nA2,B2\n")
    feed = warehouse.feed(f'{KEYS}[feed.values.skuId]\nA2 = "OWN"\n')
    assert (feed.codes("skuId"), feed.codes("quantity")) == ({"A1": "B1", "A2": "OWN"}, {})
    items(warehouse, "theirs,ours\nA1,B9\n")
    again = warehouse.feed(KEYS)
    assert again.codes("skuId") == {"A1": "B9"}
    assert again.digest != feed.digest


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a,b\n", "items.csv: its headings are theirs, ours, valid_from, and not a, b"),
        ("theirs,ours,valid_from\nA,B\n", "items.csv:2: the row has 2 cells where the headings have 3"),
        ("theirs,ours,valid_from\nA,B,1.1.2026\n", "items.csv:2: valid_from '1.1.2026' is not a date like 2026-12-31"),
        ("theirs,ours\nA,B\n\nA,C\n", "items.csv:4: 'A' has another meaning from the same day on"),
        ("theirs,ours\nA\xe9,B\n", "items.csv: 'utf-8' codec can't decode"),
        (None, "items.csv: No such file or directory"),
    ],
)
def test_a_wrong_list_is_a_mistake_of_the_toml(warehouse: Warehouse, text: str | None, mistake: str) -> None:
    if text is not None:
        items(warehouse).write_bytes(text.encode("latin-1"))
    with pytest.raises(Misconfigured) as raised:
        warehouse.feed(KEYS)
    assert mistake in str(raised.value)
    assert "acme.toml:" in str(raised.value)


def test_a_blank_means_nothing(warehouse: Warehouse) -> None:
    path = items(warehouse, "theirs,ours\nn/a,\n")
    assert code_lists.read(path).on(date(2026, 1, 1)) == {"n/a": ""}
