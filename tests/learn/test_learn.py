"""``crossdock learn`` as a person calls it: a foreign file in, a TOML out, and a dry run with it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crossdock.learn.derived.finding import with_derived
from crossdock.learn.proposal import propose
from crossdock.learn.sample import read_sample
from crossdock.learn.toml_text import Who, feed_toml
from crossdock.partners import registry
from tests.commands import crossdock
from tests.warehouse import Warehouse

GERMAN = """Auftragsnr.;Bestelldatum;Lieferadresse Name;Liefer-Straße;Liefer-PLZ;Liefer-Ort;Lieferland;Pos.;Artikelnr.;Menge;ME;Einzelpreis
A-100;05.01.2026;Anna Roth;Hauptstr. 1;01067;Dresden;Deutschland;1;00815;1.200;Stk;1.012,50
A-100;05.01.2026;Anna Roth;Hauptstr. 1;01067;Dresden;Deutschland;2;00816;5;KG;3,20
A-101;06.01.2026;Bo Lang;Weg 7;20459;Hamburg;Deutschland;1;00815;10;Stk;1.012,50
"""
PURCHASE = """PO #,Vendor,PO Line,Item #,Qty Ordered,UOM,Expected Date
4500001,V-1,1,AB-1,5,EA,2026-11-30
4500001,V-1,2,AB-2,6,EA,2026-11-30
4500002,V-2,1,AB-1,7,EA,2026-12-01
"""
FRENCH = """N° commande;Date commande;Nom livraison;Adresse livraison;Ville livraison;Pays livraison;N° ligne;Code article;Quantité;Unité
C-1;13/01/2026;Ana Petit;1 rue A;Lyon;France;1;X-1;3;EA
C-1;13/01/2026;Ana Petit;1 rue A;Lyon;France;2;X-2;1;EA
C-2;14/01/2026;Luc Roy;2 rue B;Paris;France;1;X-1;2;EA
"""
SPANISH = """Nº pedido;Fecha pedido;Línea;Código artículo;Cantidad;Precio unitario;Moneda
P-1;31/01/2026;1;X-1;3;2,50;EUR
P-1;31/01/2026;2;X-2;1;3,75;EUR
"""
DUTCH = """Ordernummer;Besteldatum;Regel;Artikelcode;Aantal;Eenheid
N-1;31-01-2026;1;X-1;3;EA
N-1;31-01-2026;2;X-2;1;EA
"""


def learned(folder: Path, name: str, text: str, *words: str) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    """The feed that is learned from a file, and the command's result."""
    (folder / name).write_text(text, encoding="utf-8")
    toml = folder / "partners" / "learned.toml"
    toml.parent.mkdir(exist_ok=True)
    result = crossdock(
        "learn", str(folder / name), "--yes", "-o", str(toml), *words, CROSSDOCK_HOME=str(folder / "home")
    )
    assert toml.exists(), result.stderr
    assert registry.load(toml.parent, "UTC").whole()
    return tomllib.loads(toml.read_text(encoding="utf-8"))["feed"][0], result


def imported(folder: Path, name: str) -> dict[str, Any]:
    """The order A-1 after an import with what was learned."""
    home = {"CROSSDOCK_HOME": str(folder / "home"), "CROSSDOCK_PARTNERS": str(folder / "partners")}
    result = crossdock("import", str(folder / name), "--quiet", **home)
    assert result.returncode == 0, result.stdout
    return dict(json.loads(crossdock("show", "sales_order", "A-1", "--json", **home).stdout))


def test_a_german_file_imports_with_what_was_learned(tmp_path: Path) -> None:
    feed, result = learned(tmp_path, "auftraege_2026.csv", GERMAN, "--currency", "EUR", "--zone", "Europe/Berlin")
    assert result.returncode == 0, result.stderr
    assert "2 inserted, 0 on hold" in result.stderr
    assert feed["document"] == "sales_order"
    assert feed["columns"] == {
        "Auftragsnr.": "customerOrderNumber",
        "Bestelldatum": "orderCreatedDate",
        "Lieferadresse Name": "shipTo.name",
        "Liefer-Straße": "shipTo.address1",
        "Liefer-PLZ": "shipTo.postalCode",
        "Liefer-Ort": "shipTo.city",
        "Lieferland": "shipTo.country",
        "Pos.": "customerLineNumber",
        "Artikelnr.": "skuId",
        "Menge": "quantity",
        "ME": "quantityMeasure",
        "Einzelpreis": "unitPrice",
    }
    assert (feed["dates"], feed["decimal"], feed["thousands"]) == (["%d.%m.%Y"], ",", ".")
    assert feed["options"]["delimiter"] == ";"
    assert feed["values"] == {"quantityMeasure": {"Stk": "PC"}, "shipTo.country": {"Deutschland": "DE"}}
    imported = crossdock(
        *("import", str(tmp_path / "auftraege_2026.csv"), "--quiet"),
        CROSSDOCK_HOME=str(tmp_path / "home"),
        CROSSDOCK_PARTNERS=str(tmp_path / "partners"),
    )
    assert imported.returncode == 0, imported.stdout


@pytest.mark.parametrize(
    ("text", "document", "columns"),
    [
        (PURCHASE, "purchase_order", {"PO #": "purchaseOrderNumber", "Item #": "skuId", "Qty Ordered": "quantity"}),
        (FRENCH, "sales_order", {"N° commande": "customerOrderNumber", "Ville livraison": "shipTo.city", "Quantité": "quantity", "Date commande": "orderCreatedDate"}),
        (SPANISH, "sales_order", {"Nº pedido": "customerOrderNumber", "Cantidad": "quantity", "Moneda": "currency", "Precio unitario": "unitPrice"}),
        (DUTCH, "sales_order", {"Ordernummer": "customerOrderNumber", "Aantal": "quantity", "Artikelcode": "skuId", "Eenheid": "quantityMeasure"}),
    ],
)  # fmt: skip
def test_five_languages_are_known(text: str, document: str, columns: dict[str, str], tmp_path: Path) -> None:
    feed, result = learned(tmp_path, "sample.csv", text)
    assert feed["document"] == document
    assert columns.items() <= feed["columns"].items()
    assert result.returncode == 0, result.stderr


def test_a_date_that_has_two_readings_is_a_comment(tmp_path: Path) -> None:
    text = "Order,Order Date,Line,SKU,Qty\nA1,03/04/2026,1,X,5\nA1,03/04/2026,2,Y,5\nA2,05/04/2026,1,X,1\n"
    feed, _ = learned(tmp_path, "o.csv", text)
    assert "Order Date" not in feed["columns"]
    assert "dates" not in feed
    written = (tmp_path / "partners" / "learned.toml").read_text(encoding="utf-8")
    assert "'03/04/2026' may be %d/%m/%Y or %m/%d/%Y" in written


def test_what_a_program_writes_for_no_date_is_mapped_to_nothing(tmp_path: Path) -> None:
    text = "Order,Not before,Line,SKU,Qty\nA1,13.04.2026,1,X,5\nA2,31.12.9999,1,X,1\nA3,00.00.0000,1,X,1\n"
    feed, result = learned(tmp_path, "o.csv", text)
    assert feed["values"] == {"customerDates.doNotShipBefore": {"31.12.9999": ""}}
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("document", "text", "columns"),
    [
        ("inventory", "sku,qty,is_in_stock\nAB,5.0000,1\nCD,0.0000,0\n", {"sku": "skuId", "qty": "onHand"}),
        ("inventory", "|Material|Plnt|Unrestricted|BUn|\n|AB|N1|12|EA|\n|CD|N1|7|EA|\n",
         {"Material": "skuId", "Plnt": "buildingId", "Unrestricted": "onHand", "BUn": "quantityMeasure"}),
        ("inventory", "Product/Internal Reference,Quantity\nAB,5.00\nCD,8.00\n",
         {"Product/Internal Reference": "skuId", "Quantity": "onHand"}),
        ("receipt", "GRN,Posting Date,Material,Quantity\nR1,2026-11-29,AB,5\nR2,2026-11-29,CD,7\n",
         {"GRN": "receiptNumber", "Posting Date": "receiptDate", "Material": "skuId", "Quantity": "quantityReceived"}),
    ],
)  # fmt: skip
def test_a_quantity_of_a_stock_list_or_a_receipt_is_known_by_its_plain_name(
    tmp_path: Path, document: str, text: str, columns: dict[str, str]
) -> None:
    feed, _ = learned(tmp_path, "list.csv", text, "--document", document)
    assert feed["columns"] == columns


def test_one_date_above_twelve_proves_the_format_of_the_others(tmp_path: Path) -> None:
    text = (
        "Order,Order Date,Delivery Date,Line,SKU,Qty\nA1,03/04/2026,13/04/2026,1,X,5\nA2,05/04/2026,06/04/2026,1,X,1\n"
    )
    feed, _ = learned(tmp_path, "o.csv", text)
    assert feed["dates"] == ["%d/%m/%Y"]
    assert feed["columns"]["Order Date"] == "orderCreatedDate"


def test_a_number_that_has_two_readings_is_a_comment(tmp_path: Path) -> None:
    text = 'Order,Line,SKU,Qty\nA1,1,X,"1,200"\nA1,2,Y,"5,000"\n'
    feed, result = learned(tmp_path, "o.csv", text)
    assert "Qty" not in feed["columns"]
    assert result.returncode == 4
    assert "quantity is missing" in result.stderr


def test_a_blank_number_means_the_row_above(tmp_path: Path) -> None:
    text = "Order,City,Line,SKU,Qty\nA1,Lyon,1,X,5\n,,2,Y,5\nA2,Rome,1,X,1\n"
    feed, result = learned(tmp_path, "o.csv", text)
    assert feed["blank_key"] == "above"
    assert result.returncode == 0, result.stderr


def test_check_digits_prove_a_column_whatever_it_is_called(tmp_path: Path) -> None:
    text = "Order,Line,SKU,Qty,zzz\nA1,1,X,5,4006381333931\nA1,2,Y,5,96385074\nA2,1,Z,1,5012345678900\n"
    feed, _ = learned(tmp_path, "o.csv", text)
    assert feed["columns"]["zzz"] == "upc"


def test_an_array_of_lines_in_json_is_named(tmp_path: Path) -> None:
    orders = [{"orderNo": f"A{n}", "shipTo": {"city": "Lyon"}, "items": [{"sku": "X", "qty": 5}, {"sku": "Y", "qty": 1}]} for n in range(3)]  # fmt: skip
    feed, result = learned(tmp_path, "o.json", json.dumps({"total": 3, "orders": orders}))
    assert feed["options"] == {"path": "orders"}
    assert feed["columns"]["items"] == "orderLines"
    assert feed["columns"]["items.qty"] == "quantity"
    assert result.returncode == 0, result.stderr


def test_a_workbook_is_learned_with_its_header_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Purchase list"], [], ["Order", "Line", "Item", "Qty"], ["A1", 1, "X", 5], ["A1", 2, "Y", 6]):
        sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    result = crossdock(
        "learn", str(tmp_path / "list.xlsx"), "--yes", "--document", "sales_order", CROSSDOCK_HOME=str(tmp_path)
    )
    feed = tomllib.loads(result.stdout)["feed"][0]
    assert feed["columns"]["Qty"] == "quantity"
    assert result.returncode == 0, result.stderr


TWO_COLUMNS = """Order Number,Order Date,Financial Status,{0}First Name,{0}Last Name,{0}Street,{0}House Number,{0}City,{0}Country,SKU,Quantity
A-1,2026-11-20,paid,Ann,Ray,Mill Lane,12,Leipzig,DE,TEA-100,2
A-1,2026-11-20,paid,Ann,Ray,Mill Lane,12,Leipzig,DE,CUP-01,4
A-2,2026-11-21,paid,Bo,Lang,Hafenstrasse,8a,Hamburg,DE,TEA-100,1
"""


@pytest.mark.parametrize("begin", ["", "Shipping "])
def test_a_name_and_a_street_that_are_written_in_two_columns_are_joined(begin: str, tmp_path: Path) -> None:
    feed, result = learned(tmp_path, "orders.csv", TWO_COLUMNS.format(begin))
    assert "2 inserted, 0 on hold" in result.stderr
    assert feed["join"] == {
        "shipTo.name": [f"{begin}First Name", f"{begin}Last Name"],
        "shipTo.address1": [f"{begin}Street", f"{begin}House Number"],
    }
    assert "optional" not in feed
    stored = imported(tmp_path, "orders.csv")
    assert (stored["shipTo"]["name"], stored["shipTo"]["address1"]) == ("Ann Ray", "Mill Lane 12")


def test_the_names_of_a_buyer_are_not_those_of_an_address(tmp_path: Path) -> None:
    text = TWO_COLUMNS.format("Shipping ").replace("Shipping First", "First").replace("Shipping Last", "Last")
    feed, _ = learned(tmp_path, "orders.csv", text)
    assert "shipTo.name" not in feed["join"]
    (tmp_path / "partners" / "learned.toml").unlink()
    feed, _ = learned(tmp_path, "others.csv", TWO_COLUMNS.format("Billing "))
    assert "shipTo.name" not in feed.get("join", {})


def test_rows_that_may_not_be_meant_are_comments(tmp_path: Path) -> None:
    more = (
        "A-1,2026-11-20,paid,Ann,Ray,Mill Lane,12,Leipzig,DE,,1\nA-3,2026-11-22,pending,Cy,Doe,Way,7,Bonn,DE,CUP-01,1\n"
    )
    feed, _ = learned(tmp_path, "orders.csv", TWO_COLUMNS.format("") + more)
    assert not {"skip", "only"} & set(feed)
    toml = tmp_path / "partners" / "learned.toml"
    written = toml.read_text(encoding="utf-8")
    assert '# skip = { SKU = "" }   # rows with a quantity and no item: 1; are they goods?' in written
    assert '# only = { "Financial Status" = ["paid"] }   # leaves out pending' in written
    toml.write_text(written.replace("# skip =", "skip =").replace("# only =", "only ="), encoding="utf-8")
    assert imported(tmp_path, "orders.csv")["customerOrderNumber"] == "A-1"
    assert "A-3" not in crossdock("list", "sales_order", CROSSDOCK_HOME=str(tmp_path / "home")).stdout


PARENTS = """Order Number,Order Date,Line,SKU,Product Type,Quantity,Unit
S-1,2026-01-05,1,TEE,configurable,,EA
S-1,2026-01-05,2,TEE-RED,simple,2,EA
S-1,2026-01-05,3,MUG-1,simple,1,EA
S-2,2026-01-06,1,CAP,configurable,0,EA
S-2,2026-01-06,2,CAP-BLUE,simple,3,EA
"""


def test_parents_beside_their_children_are_skipped(tmp_path: Path) -> None:
    feed, _ = learned(tmp_path, "shop.csv", PARENTS, "--document", "sales_order")
    assert feed["skip"] == {"Product Type": ["configurable"]}
    written = (tmp_path / "partners" / "learned.toml").read_text(encoding="utf-8")
    assert "'Quantity' is blank or 0 in all 2 of these rows and in no other" in written


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("TEE,configurable,,", "TEE,configurable,1,"),  # one of them has a quantity
        ("MUG-1,simple,1,", "MUG-1,simple,0,"),  # another kind lacks it as well
        ("TEE,configurable", "BAG,configurable"),  # one is nobody's parent
        ("TEE,configurable", "TE,configurable"),  # it begins another item inside of a word
        ("S-2,2026-01-06,2,CAP-BLUE", "S-2,2026-01-06,2,HAT-BLUE"),  # its child is not there
        ("S-2,2026-01-06,1,CAP,configurable,0,EA\n", ""),  # one row proves nothing
    ],
)
def test_rows_that_are_not_proved_to_be_parents_are_not_skipped(before: str, after: str, tmp_path: Path) -> None:
    assert before in PARENTS
    feed, _ = learned(tmp_path, "shop.csv", PARENTS.replace(before, after), "--document", "sales_order")
    assert "skip" not in feed


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(DUTCH, encoding="utf-8")
    (tmp_path / "o.toml").write_text("# mine", encoding="utf-8")
    result = crossdock("learn", "o.csv", "--yes", "-o", "o.toml", cwd=tmp_path, CROSSDOCK_HOME=str(tmp_path))
    assert (result.returncode, (tmp_path / "o.toml").read_text()) == (2, "# mine")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--zone", "Mars"), "'Mars' is not a time zone"),
        (("--partner", "No Id"), "'No Id' is no id of a partner"),
        (("--currency", "EURO"), "'EURO' is no currency"),
        (("--document", "order"), "there is no document 'order'"),
    ],
)
def test_a_wrong_word_is_named(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(DUTCH, encoding="utf-8")
    result = crossdock("learn", "o.csv", "--yes", *words, cwd=tmp_path, CROSSDOCK_HOME=str(tmp_path))
    assert result.returncode == 2
    assert sentence in result.stderr


def test_columns_that_are_of_no_document_are_refused(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("Height,Colour\n1,red\n2,blue\n", encoding="utf-8")
    result = crossdock("learn", "o.csv", "--yes", cwd=tmp_path, CROSSDOCK_HOME=str(tmp_path))
    assert result.returncode == 2
    assert "no document fits" in result.stderr


def test_a_file_that_nobody_claims_is_offered_to_learn(tmp_path: Path) -> None:
    (tmp_path / "strange.csv").write_text(DUTCH, encoding="utf-8")
    for command in ("import", "check"):
        result = crossdock(command, "strange.csv", cwd=tmp_path, CROSSDOCK_HOME=str(tmp_path / "home"))
        assert "let crossdock propose one: crossdock learn strange.csv" in result.stdout
        quiet = crossdock(command, "strange.csv", "--json", cwd=tmp_path, CROSSDOCK_HOME=str(tmp_path / "home"))
        assert "crossdock learn" not in quiet.stdout


def on_terminal(folder: Path, name: str, text: str, answers: str) -> tuple[int, str, dict[str, Any]]:
    """The exit code, the screen and the TOML of learning from a file, with these answers to its questions."""
    (folder / name).write_text(text, encoding="utf-8")
    screen, terminal = pty.openpty()
    environment = {**os.environ, "CROSSDOCK_HOME": str(folder / "home")}
    words = (sys.executable, "-m", "crossdock", "learn", name, "-o", "o.toml")
    process = subprocess.Popen(words, cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    os.write(screen, answers.encode())
    output = b""
    while True:
        try:
            output += os.read(screen, 4096)
        except OSError:
            break
    code = process.wait()
    return code, output.decode(), tomllib.loads((folder / "o.toml").read_text(encoding="utf-8"))


def test_on_a_terminal_it_asks_where_it_is_not_sure(tmp_path: Path) -> None:
    """Enter takes the best, ``-`` leaves a column out, a number or a name takes another field."""
    text = "order_id,order_number,Line,SKU,Qty,Price\n7,1007,1,X,5,2.50\n7,1007,2,Y,5,2.50\n8,1008,1,X,1,2.50\n"
    answers = "acme\nBU7\nEurope/Paris\n-\n\nEUR\n"  # not order_id; Enter: order_number
    code, screen, written = on_terminal(tmp_path, "o.csv", text, answers)
    assert code == 0, screen
    assert (written["id"], written["zone"], written["business_units"]) == ("acme", "Europe/Paris", ["BU7"])
    assert written["feed"][0]["columns"]["order_number"] == "customerOrderNumber"
    assert "order_id" not in written["feed"][0]["columns"]
    assert written["feed"][0]["constants"]["currency"] == "EUR"


def test_on_a_terminal_it_asks_about_products_and_rows(tmp_path: Path) -> None:
    """``y`` takes what columns make together, and leaves rows out that are not meant."""
    text = "Order,Line,SKU|Lot,Qty,Pack Size\nA1,1,X|7,5,12\nA1,2,Y|8,5,6\nA2,1,X|9,-1,12\n"
    code, screen, written = on_terminal(tmp_path, "o.csv", text, "acme\nBU7\nUTC\ny\nn\ny\n")
    assert code == 0, screen
    feed = written["feed"][0]
    assert feed["split"] == {"SKU|Lot": {"pattern": r"([^|]+)\|[^|]+", "into": ["skuId"]}}
    assert (feed["skip"], feed["multiply"]) == ({"Qty": "< 0"}, {})
    assert "quantity" in feed["columns"].values()


TOTALS = "Auftrag;Pos;Artikel;Menge\nA-1;1;X;5\nA-1;2;Y;6\nA-2;1;X;-2\nA-2;2;Y;-1\nA-3;1;X;9\n;;;17\n"


def test_totals_are_skipped_where_their_sums_prove_it_and_credit_notes_are_a_question(tmp_path: Path) -> None:
    feed, result = learned(tmp_path, "o.csv", TOTALS)
    assert feed["skip"] == {"Auftrag": ""}
    assert "blank_key" not in feed
    written = (tmp_path / "partners" / "learned.toml").read_text(encoding="utf-8")
    assert "in its place, 2 of 6 rows have a quantity below 0, all lines of 1 document (A-2)" in written
    assert "6 read = 3 loaded + 2 failed + 1 ignored" in result.stderr


@pytest.mark.parametrize("last", [";;;18", "Summe;;;17"])
def test_rows_that_are_no_sums_or_bear_a_word_for_one_need_no_rule(last: str, tmp_path: Path) -> None:
    feed, _ = learned(tmp_path, "o.csv", TOTALS.replace(";;;17", last))
    assert "skip" not in feed
    written = (tmp_path / "partners" / "learned.toml").read_text(encoding="utf-8")
    assert ("are they goods?" in written) == (last == ";;;18")


STORES = "Order;Line;Item;Qty;shipTo.locationId\n1001;1;MUG;2;NORTH\n1001;2;CUP;4;SOUTH\n1002;1;MUG;1;NORTH\n"


def test_orders_of_several_places_are_a_question_and_split_where_it_is_said_so(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path, toml = tmp_path / "o.csv", tmp_path / "partners" / "acme.toml"
    path.write_text(STORES, encoding="utf-8")
    proposal = with_derived(propose(read_sample(path), path.name, "sales_order"), path.name)
    written = feed_toml(proposal, path.name, Who("acme", "BU1", "UTC"))
    assert '# split_by = ["shipTo.locationId"]   # an order for each place?' in written
    assert "split_by" not in tomllib.loads(written)["feed"][0]
    toml.parent.mkdir()
    toml.write_text(re.sub(r"# (split_by = |.*with split_by$)", r"\1", written, flags=re.MULTILINE), encoding="utf-8")
    report = warehouse.run(path, registry.load(toml.parent, "UTC").claim(path.name)).report
    assert (report.documents.inserted, report.lines.inserted) == (3, 3)


STOCK = "buildingId,skuId,quantityMeasure,onHand,Shelf\nN1,MUG,EA,10,A-1\nN1,CUP,EA,1,A-2\nN1,MUG,EA,5,B-1\n"


def test_stock_of_several_shelves_is_added_up(warehouse: Warehouse, tmp_path: Path) -> None:
    path, toml = tmp_path / "stock_2026-11-28.csv", tmp_path / "partners" / "acme.toml"
    path.write_text(STOCK, encoding="utf-8")
    proposal = with_derived(propose(read_sample(path), path.name, "inventory"), path.name)
    toml.parent.mkdir()
    toml.write_text(feed_toml(proposal, path.name, Who("acme", "BU1", "UTC")), encoding="utf-8")
    written = next(line for line in toml.read_text(encoding="utf-8").splitlines() if line.startswith("add_up"))
    assert written.startswith('add_up = ["onHand"] ')
    assert "1 of 2 keys have several rows with other numbers, each in another 'Shelf'" in written
    assert not warehouse.run(path, registry.load(toml.parent, "UTC").claim(path.name)).errors
    stored = warehouse.rows("SELECT sku_id, on_hand FROM inventory ORDER BY 1")
    assert [(sku, float(amount)) for sku, amount in stored] == [("CUP", 1.0), ("MUG", 15.0)]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (STOCK.replace("Shelf", "Quality"), True),  # blocked stock may not be added to what is free
        (STOCK.replace("B-1", "A-1"), True),  # the shelf does not tell them apart
        (STOCK.replace("EA,5", "EA,10"), False),  # no number differs
        (STOCK.replace("N1,MUG,EA,5", "N1,POT,EA,5"), False),  # no key repeats
    ],
)
def test_stock_that_may_not_be_added_is_a_question_at_most(text: str, asks: bool, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(text, encoding="utf-8")
    written = feed_toml(propose(read_sample(path), path.name, "inventory"), path.name, Who("acme", "BU1", "UTC"))
    assert ('# add_up = ["onHand"]' in written) == asks
    assert "add_up" not in tomllib.loads(written)["feed"][0]


@pytest.mark.parametrize(
    ("heading", "words", "rule"),
    [
        ("Transaction Type", ("Shipment", "Refund"), '# skip = { "Transaction Type" = ["Refund"] }'),
        ("Is Return", ("N", "Y"), '# skip = { "Is Return" = ["Y"] }'),
        ("Type", ("Sale", "Sample"), ""),
        ("Type", ("Return", "Return"), ""),
    ],
)
def test_rows_that_come_back_are_a_question(tmp_path: Path, heading: str, words: tuple[str, str], rule: str) -> None:
    path = tmp_path / "o.csv"
    rows = "".join(f"A{number},1,X,5,{word}\n" for number, word in enumerate(words))
    path.write_text(f"Order,Line,SKU,Qty,{heading}\n{rows}", encoding="utf-8")
    written = feed_toml(propose(read_sample(path), path.name, "sales_order"), path.name, Who("acme", "BU1", "UTC"))
    assert ("do they come back?" in written) is bool(rule)
    assert rule in written
    assert "skip" not in tomllib.loads(written)["feed"][0]


@pytest.mark.slow
def test_a_status_that_cancels_is_a_question(tmp_path: Path) -> None:
    text = TWO_COLUMNS.format("") + "A-3,2026-11-22,voided,Cy,Doe,Way,7,Bonn,DE,CUP-01,1\n"
    answers = "acme\nBU1\nUTC\nn\ny\n"
    code, screen, written = on_terminal(tmp_path, "o.csv", text, answers)
    assert code == 3, screen
    assert "there is no such document to cancel" in screen  # nothing was stored before
    assert "1 of 4 rows: do they cancel what was sent before?" in screen
    assert written["feed"][0]["cancel"] == {"Financial Status": ["voided"]}
    assert "only" not in written["feed"][0]


SIDE_BY_SIDE = """Order ID,Order Date,Customer Name,Address,City,Postcode,Country,Product 1,Qty 1,Product 2,Qty 2
1001,2026-11-28,Ann,1 Low St,York,YO1 7HH,GB,MUG,2,CUP,1
1002,2026-11-28,Bo,2 Low St,York,YO1 7HH,GB,MUG,1,,
1003,2026-11-29,Cy,3 Low St,York,YO1 7HH,GB,POT,3,CUP,6
"""
"""As forms of shops write orders (Google Forms, Jotform); crossdock's own."""
SHIPMENTS = """Order Number,SKU,Qty Ordered,Qty Shipped,Ship Date,Tracking Number,Shipment ID,Status
1001,MUG,2,2,2026-11-28,1Z999AA10123456784,S-1,Shipped
1001,CUP,5,3,2026-11-28,1Z999AA10123456784,S-1,Backordered
1002,POT,1,1,2026-11-29,1Z999AA10123456785,S-2,Shipped
"""
ITEMS = """Item Number,Item Name,Description,Status,UPC,Weight,Weight Unit
A-1,Mug,Blue mug,Active,4006381333931,0.35,KG
A-2,Cup,Red cup,Inactive,4006381333948,0.25,KG
A-3,Pot,Pot,Active,4006381333955,1.25,KG
"""


def test_products_side_by_side_are_named_and_the_first_is_read(tmp_path: Path) -> None:
    feed, result = learned(tmp_path, "orders.csv", SIDE_BY_SIDE)
    assert (feed["columns"]["Product 1"], feed["columns"]["Qty 1"]) == ("skuId", "quantity")
    assert {"Product 2", "Qty 2"}.isdisjoint(feed["columns"])
    assert "# products side by side: Product 2, Qty 2 are not read, and a row that has them fails" in (
        tmp_path / "partners" / "learned.toml"
    ).read_text(encoding="utf-8")
    assert "the row has another product beside the first" in result.stdout + result.stderr


def test_a_status_of_lines_and_of_items_is_known_with_its_words(tmp_path: Path) -> None:
    shipments, _ = learned(tmp_path, "shipments.csv", SHIPMENTS)
    assert shipments["document"] == "ship_confirmation"
    assert shipments["columns"]["Status"] == "lineStatus"
    assert shipments["columns"]["Qty Ordered"] == "quantityOrdered"
    assert shipments["values"]["lineStatus"] == {"Backordered": "SHORT"}
    assert shipments["optional"] == ["customerLineNumber"]
    (tmp_path / "items").mkdir()
    items, _ = learned(tmp_path / "items", "items.csv", ITEMS)
    assert (items["document"], items["columns"]["Status"]) == ("sku", "isActive")
    assert items["values"]["isActive"] == {"Active": "Y", "Inactive": "N"}
    assert items["columns"]["Weight Unit"] == "weightUom"
