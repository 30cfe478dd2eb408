"""What ``crossdock learn`` makes of several columns, of one, or of the file's name: proposed, and stored so."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from crossdock.learn.derived.finding import with_derived
from crossdock.learn.proposal import Proposal, propose
from crossdock.learn.sample import read_sample
from crossdock.learn.toml_text import Who, feed_toml
from crossdock.partners import registry
from tests.warehouse import Warehouse

PACKS = """Order No;Pos;Artikel-Nr;Kartons;Stück pro Karton;Straße;PLZ Ort
A-1;1;0815;2;12;Hauptstr. 1;01067 Dresden
A-1;2;0816;1;6;Hauptstr. 1;01067 Dresden
A-2;1;0815;3;12;Weg 7;20459 Hamburg
"""
PARTS = """Order-Line,Order Date,Item/UPC,Qty,City/State/Zip,Address
S-1-1,2026-01-05,A1/4006381333931,12 EA,"Austin, TX 78701",1600 Main St
S-1-2,2026-01-05,A2/96385074,3 CS,"Austin, TX 78701",1600 Main St
S-2-1,2026-01-06,A1/4006381333931,1 EA,"Boston, MA 02110",1700 Elm St
S-2-2,2026-01-06,A3/5012345678900,5 EA,"Boston, MA 02110",1700 Elm St
"""
STOCK = "SKU,On Hand,UOM\nA-1,5,EA\nA-2,7,EA\n"


def learned(name: str, text: str, folder: Path, document: str = "sales_order") -> Proposal:
    sample = folder / name
    sample.write_text(text, encoding="utf-8")
    return with_derived(propose(read_sample(sample), name, document), name)


def written(proposal: Proposal, name: str) -> dict[str, Any]:
    return dict(tomllib.loads(feed_toml(proposal, name, Who("acme", "BU1", "UTC")))["feed"][0])


def stored(proposal: Proposal, sample: Path, columns: str, warehouse: Warehouse) -> list[str]:
    """Some columns of what an import of the sample stores."""
    toml = sample.parent / "learned" / "acme.toml"
    toml.parent.mkdir()
    toml.write_text(feed_toml(proposal, sample.name, Who("acme", "BU1", "UTC")), encoding="utf-8")
    result = warehouse.run(sample, registry.load(toml.parent, "UTC").claim(sample.name))
    assert not result.errors
    return [" ".join(map(str, row)) for row in warehouse.rows(f"SELECT {columns} ORDER BY 1, 2")]


def test_packs_times_pieces_and_a_postal_code_before_a_city(tmp_path: Path, warehouse: Warehouse) -> None:
    proposal = learned("packs.csv", PACKS, tmp_path)
    assert {each.table: each.proved for each in proposal.derived} == {"split": True, "multiply": True}
    columns = (
        "customer_order_number, customer_line_number, CAST(quantity AS INTEGER), ship_to_postal_code, ship_to_city "
        "FROM sales_order_lines JOIN sales_orders USING (business_unit_id, customer_order_number)"
    )
    assert stored(proposal, tmp_path / "packs.csv", columns, warehouse) == [
        "A-1 1 24 01067 Dresden",
        "A-1 2 6 01067 Dresden",
        "A-2 1 36 20459 Hamburg",
    ]


def test_columns_that_are_several_fields_each(tmp_path: Path, warehouse: Warehouse) -> None:
    proposal = learned("parts.csv", PARTS, tmp_path)
    assert {each.key: each.fields for each in proposal.certain} == {
        "Order-Line": ("customerOrderNumber", "customerLineNumber"),
        "Item/UPC": ("skuId", "upc"),
        "Qty": ("quantity", "quantityMeasure"),
        "City/State/Zip": ("shipTo.city", "shipTo.state", "shipTo.postalCode"),
    }
    assert proposal.by_field["shipTo.address1"].column.heading == "Address"
    columns = (
        "customer_order_number, customer_line_number, sku_id, upc, CAST(quantity AS INTEGER), quantity_measure, "
        "ship_to_state FROM sales_order_lines JOIN sales_orders USING (business_unit_id, customer_order_number)"
    )
    assert stored(proposal, tmp_path / "parts.csv", columns, warehouse) == [
        "S-1 1 A1 4006381333931 12 EA TX",
        "S-1 2 A2 96385074 3 CS TX",
        "S-2 1 A1 4006381333931 1 EA MA",
        "S-2 2 A3 5012345678900 5 EA MA",
    ]


def test_the_day_and_the_building_of_a_files_name(tmp_path: Path, warehouse: Warehouse) -> None:
    name = "stock_WH_N1_20261105.csv"
    proposal = learned(name, STOCK, tmp_path, "inventory")
    feed = written(proposal, name)
    assert (feed["dates"], feed["files"]) == (["%Y%m%d"], "stock_WH_*_*.csv")
    assert stored(
        proposal, tmp_path / name, "sku_id, building_id, SUBSTR(CAST(as_of AS TEXT), 1, 10) FROM inventory", warehouse
    ) == [
        "A-1 N1 2026-11-05",
        "A-2 N1 2026-11-05",
    ]


@pytest.mark.parametrize(
    ("text", "before", "after", "says"),
    [
        (PACKS, "Artikel-Nr;Kartons", "Artikel-Nr;Packs", "proved"),
        (PACKS, "0815;3;12", "0815;3;10", "but an item has several sizes"),
        (PACKS, "0815;3;12", "0815;3;1,5", ""),  # no whole pieces
        (PACKS, "Kartons", "Menge", "does 'Menge' count packs, or pieces?"),
        (PACKS, "20459 Hamburg", "Hamburg", ""),
        (PARTS, "S-2-2", "S-2-1", ""),  # two lines of one number
        (PARTS, "3 CS", "3 blue", ""),  # no unit
        (PARTS, "A3/5012345678900", "A3/5/6", ""),
        (PARTS, "MA 02110", "ZZ 02110", ""),  # no state
        (PARTS, "Item/UPC", "Item/Lot", "Lot is no field of sales_order"),
        (PARTS, "Boston, MA", "Wilmington, DE", "proved"),  # TX is no country
    ],
)
def test_what_not_every_value_fits_is_not_proved(text: str, before: str, after: str, says: str, tmp_path: Path) -> None:
    """A derivation that a change of the file concerns is a question with what speaks against it, or none at all."""
    assert before in text
    whole = {each.key for each in learned("o.csv", text, tmp_path).certain}
    proposal = learned("o.csv", text.replace(before, after), tmp_path)
    if says == "proved":
        assert {each.key for each in proposal.certain} == whole
        return
    assert len(proposal.certain) < len(whole)
    assert [each.why for each in proposal.derived if not each.proved and says in each.why] or not says
    assert not says or says in feed_toml(proposal, "o.csv", Who("acme", "BU1", "UTC"))


def test_amounts_prove_that_a_quantity_counts_packs(tmp_path: Path) -> None:
    text = "Order,Line,SKU,Qty,Pack Size,Unit Price,Amount\nA1,1,X,2,12,0.50,12.00\nA1,2,Y,3,6,1.25,22.50\n"
    assert [each.entry for each in learned("o.csv", text, tmp_path).certain] == [["Qty", "Pack Size"]]
    packed = text.replace("Amount", "Amount,UOM").replace("12.00", "12.00,CS").replace("22.50", "22.50,CS")
    assert [each.proved for each in learned("o.csv", packed, tmp_path).derived] == [False]
    pieces = text.replace("12.00", "1.00").replace("22.50", "3.75")
    assert not learned("o.csv", pieces, tmp_path).derived


@pytest.mark.parametrize(
    "name", ["stock.csv", "stock_20261105_20261106.csv", "stock_03042026.csv", "stock_99999999.csv"]
)
def test_a_name_without_one_certain_day_proves_none(name: str, tmp_path: Path) -> None:
    assert "asOf" not in learned(name, STOCK, tmp_path, "inventory").covered


def test_a_name_that_may_be_a_building_is_a_question(tmp_path: Path) -> None:
    proposal = learned("stock_N1.csv", STOCK, tmp_path, "inventory")
    assert [(each.key, each.proved) for each in proposal.derived] == [("buildingId", False)]
    assert proposal.confirmed(proposal.derived[0]).covered >= {"buildingId"}
    assert "# buildingId = 'stock[\\W_]([A-Za-z0-9]+)'" in feed_toml(proposal, "stock_N1.csv", Who("a", "B", "UTC"))


def test_names_of_people_beside_an_address_are_a_question(tmp_path: Path) -> None:
    text = (
        PACKS.replace("PLZ Ort", "PLZ Ort;Kunde")
        .replace("Dresden", "Dresden;Anna Roth")
        .replace("burg", "burg;Bo Lang")
    )
    match = learned("o.csv", text, tmp_path).by_field["shipTo.name"]
    assert (match.column.heading, match.proved) == ("Kunde", False)
    titles = text.replace("Anna Roth", "Tea Pot", 1).replace("Anna Roth", "Blue Cup", 1)  # differ inside of an order
    assert "shipTo.name" not in learned("o.csv", titles, tmp_path).by_field


def test_ids_that_a_program_has_made_numbers(tmp_path: Path) -> None:
    text = "Order,Line,SKU,Qty,CustomerID,Description\nA1,1,X,5,17850.0,Tea\nA1,2,Y,1,17850.0,Cup\nA2,1,X,2,,Tea\nA3,1,X,2,13047.0,Tea\n"
    proposal = learned("o.csv", text, tmp_path)
    entry = {"pattern": r"(\d+)(?:\.0)?", "into": ["customerNumber"]}
    assert [(each.key, each.entry) for each in proposal.certain] == [("CustomerID", entry)]
    assert [each.field for each in proposal.unsure] == ["line.notes"]
    assert not learned("o.csv", text.replace("13047.0", "13047.5"), tmp_path).derived


def test_a_line_behind_its_order_and_letters_in_front_of_a_postal_code(tmp_path: Path) -> None:
    text = "Bestellung;Position;Material;Menge;Lieferort\nB1/10;10;X;1;D-01067 Dresden\nB1/20;20;Y;1;D-01067 Dresden\nB2/10;10;X;1;D-20459 Hamburg\n"
    proposal = learned("o.csv", text, tmp_path)
    parts = {field: part.column.distinct for each in proposal.certain for part in each.parts for field in (part.field,)}
    assert parts == {
        "customerOrderNumber": ["B1", "B2"],
        "shipTo.postalCode": ["01067", "20459"],
        "shipTo.city": ["Dresden", "Hamburg"],
    }
    other = learned("o.csv", text.replace("B2/10", "B2/30").replace("D-20459", "20459 x"), tmp_path)
    assert not other.derived
    assert "shipTo.city" not in other.covered
