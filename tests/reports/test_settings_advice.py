"""What the report says can be set in the TOML: set there, it settles the failure."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from crossdock import bundled
from crossdock.failures.catalogue import CODES
from crossdock.jobs import queries
from crossdock.partners import registry
from crossdock.partners.feed import Feed
from crossdock.reports.settings_advice import AND, OPEN, OR
from crossdock.reports.wording import wording_of
from crossdock.schema import codes
from crossdock.schema.document import Kind
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.samples import INPUTS, feed_of, thinned
from tests.warehouse import HEADER, PARTNER, Result, Warehouse, csv

OF_PARTNER = ("business_units", "shared")
"""Keys of a partner, not of its feed."""
OF_BOTH = {"belongs_to_other"}
"""Settled only where another partner says the same."""


def proposed() -> list[tuple[str, str, Path]]:
    """Each setting that a report of a sample proposes, with its code: the first sample of each kind of setting."""
    met: dict[tuple[str, str], tuple[str, Path]] = {}
    for path in INPUTS:
        golden = json.loads(path.with_name(path.name + ".golden").read_text(encoding="utf-8"))
        for failure in golden["report"]["failures"]:
            for setting in (failure["setting"] or "").split(OR):
                kind = setting if failure["code"] == "blank_key" else re.sub(r'"[^"]*"|\d+|\.\w+', "", setting)
                met.setdefault((failure["code"], kind), (setting, path)) if setting else None
    return [(code, setting, path) for (code, _), (setting, path) in sorted(met.items())]


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for name, value in other.items():
        both[name] = merged(both.get(name, {}), value) if isinstance(value, dict) else value
    return both


def with_setting(of: Feed, setting: str, folder: Path) -> Feed:
    """The feed of a shipped partner whose TOML says that, too."""
    whole = tomllib.loads((bundled.folder("partners") / f"{of.partner}.toml").read_text(encoding="utf-8"))
    more = tomllib.loads("\n".join(setting.split(AND)))
    whole |= {name: more.pop(name) for name in OF_PARTNER if name in more}
    mine = (of.document.name, of.keys.files)
    feeds = []
    for each in whole.pop("feed"):
        files = [each["files"]] if isinstance(each["files"], str) else each["files"]
        feeds.append(merged(each, more) if (each["document"], tuple(files)) == mine else each)
    (folder / "partners").mkdir(exist_ok=True)
    (folder / "partners" / f"{of.partner}.toml").write_text(written(whole, feeds), encoding="utf-8")
    return registry.load(folder / "partners", "UTC").named(of.name, of.keys.files[0].replace("*", "x"))


def written(whole: dict[str, Any], feeds: list[dict[str, Any]]) -> str:
    """The TOML of a partner."""
    text = "\n".join(f"{name} = {toml(value)}" for name, value in whole.items() if not isinstance(value, dict))
    for each in feeds:
        text += "\n[[feed]]\n" + "\n".join(f"{name} = {toml(value)}" for name, value in each.items())
    return text + "\n"


def filled(setting: str, of: Feed, field: str | None) -> str:
    """A setting with what the operator knows."""
    entry = of.document.fields.get(field or "")
    if entry is None:
        return setting.replace(
            OPEN, next(name for name, (_, each) in reversed(of.document.fields.items()) if each.kind is Kind.TEXT)
        )
    listed = codes.LISTS[entry[1].codes]() if entry[1].codes in codes.LISTS else ()
    return setting.replace(OPEN, next(iter([*entry[1].values, *listed, "true" if entry[1].kind is Kind.FLAG else "X"])))


@pytest.mark.stocked
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("code", "setting", "path"), thinned(*proposed(), every=6), ids=lambda each: getattr(each, "name", str(each))[:60]
)
def test_what_is_proposed_settles_the_failure(
    warehouse: Warehouse, code: str, setting: str, path: Path, tmp_path: Path
) -> None:
    golden = json.loads(path.with_name(path.name + ".golden").read_text(encoding="utf-8"))["report"]["failures"]
    alike = [each for each in golden if each["code"] == code and setting in (each["setting"] or "").split(OR)]
    of = feed_of(path)
    result = warehouse.run(path, with_setting(of, filled(setting, of, alike[0]["field"]), tmp_path))
    assert result.report.refused is None
    left = [
        (each["line"], each["field"], each["code"])
        for each in result.failures
        if each["severity"] == alike[0]["severity"]
    ]
    assert (alike[0]["line"], alike[0]["field"], code) not in left


@pytest.mark.parametrize(
    ("unit", "word", "ours"),
    [("Kartn", "Karton", "CT"), ("ctn", "Karton", "CT"), ("Stk", "PC", "PC"), ("EAA", "EA", "EA")],
    ids=["like the partner's word", "a usual word for it", "a usual word, none of the partner's", "like ours"],
)
def test_a_hint_has_the_partners_word_and_the_setting_our_code(
    warehouse: Warehouse, unit: str, word: str, ours: str
) -> None:
    """``Kartn`` was to be set to ``Karton``, which is no code, and the warning stayed; ``ctn`` had the hint ``CT``."""

    def imported(*settings: str) -> Result:
        line = csv(f"SO-1,1,AB,5,{unit}", header=f"{HEADER},quantityMeasure")
        return warehouse.run(line, warehouse.feed("\n".join(settings)))

    own = 'values.quantityMeasure."Karton" = "CT"'
    (failure,) = (each for each in imported(own).failures if each["code"] == "unknown_code")
    assert failure["setting"] == f'values.quantityMeasure."{unit}" = "{ours}"'
    assert f"did you mean {word}?" in failure["message"]
    assert "unknown_code" not in [each["code"] for each in imported(own, failure["setting"]).failures]


NAMED = f"{HEADER},shipTo.name,shipTo.city"


UNSAMPLED: list[tuple[str, str | bytes]] = [
    ("quote_across_cells", csv('SO-1,1,AB,5,Ann Lee"2 Low St, Dock 4",York', header=NAMED)),
    ("unclosed_quote", csv('SO-1,1,AB,5,"Ann Lee,York', "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("cancels_unread", csv("SO-1,1,AB,5,Storniert", "SO-2,1,AB,5,Open", header=f"{HEADER},Status")),
    ("returns_unread", csv("SO-1,1,AB,5,Shipment", "SO-2,1,AB,5,Refund", header=f"{HEADER},Transaction Type")),
    ("cancels_unread", csv("SO-1,1,AB,5,2026-01-05 10:00", "SO-2,1,AB,5,", header=f"{HEADER},Cancelled at")),
    ("broken_quote", csv(r'SO-1,1,AB,5,"Ann \"Bo\" Lee",York', r'SO-2,1,AB,5,"Bo",Ely', header=NAMED)),
    ("broken_quote", csv('SO-1,1,AB,5,"Ann" Lee,York', "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("torn_row", csv("SO-1,1,AB,5,Ann,York", "SO-2,1,AB,5,Bo,Ely", "(7 rows affected)", header=NAMED)),
    ("in_apostrophes", csv("SO-1,1,AB,5,'Ann O''Neil',York", "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("unknown_reference", csv("SO-1,1,AB,5")),
    ("no_record", csv("Retouren,,,", "SO-1,1,AB,5")),
    ("no_record", csv("Order number,Line,Item,How many", "SO-1,1,AB,5")),
    ("means_nothing", csv("SO-1,1,AB,5,null,York", "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("like_a_date", csv("SO-1,1,05-Jan,5,Ann,York", "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("scientific_text", csv("SO-1,1,AB,5,4.5E+09", "SO-2,1,AB,5,PO-2", header=f"{HEADER},buyerOrderNumber")),
    ("like_a_flag", csv("SO-1,1,TRUE,5,Ann,York", "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("product_beside", csv("SO-1,1,AB,5,CD,3", header=f"{HEADER},skuId2,quantity2")),
    ("web_code", csv("SO-1,1,R&amp;D,5,Ann,York", "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("garbled_text", csv("SO-1,1,AB,5,JÃ¶rg,York", "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    ("look_alike", csv("SO-1,1,AB–1,5,Ann,York", "SO-2,1,AB,5,Bo,Ely", header=NAMED)),
    (
        "lost_zero",
        csv("SO-1,1,AB,5,US,2134", "SO-2,1,AB,5,AT,2134", header=f"{HEADER},shipTo.country,shipTo.postalCode"),
    ),
    ("encoding_not_told", csv("SO-1,1,AB,5,Jörg Müller,Köln", header=NAMED).encode("cp1252")),
    ("encoding_not_told", csv("SO-1,1,AB,5,Иван Петров,Москва", header=NAMED).encode("koi8_r")),
    ("point_in_doubt", csv("SO-1,1,AB,12", "SO-2,1,AB,1.000")),
    ("not_a_number", csv('SO-1,1,AB,"1.234,5"')),
    ("not_a_number", csv("SO-1,1,AB,1 234")),
    ("not_a_date", csv("SO-1,1,AB,5,31.12.2026", header=f"{HEADER},customerDates.cancelAfter")),
    ("means_no_date", csv("SO-1,1,AB,5,9999-12-31", header=f"{HEADER},customerDates.cancelAfter")),
    ("short_year", csv("SO-1,1,AB,5,31.12.26", header=f"{HEADER},customerDates.cancelAfter")),
    ("other_currency", csv("SO-1,1,AB,5,$9.50", header=f"{HEADER},unitPrice")),
    ("ambiguous_date", csv("SO-1,1,AB,5,03/04/2026", header=f"{HEADER},customerDates.cancelAfter")),
]
FIRST = {"unknown_reference": 'references = { sku = "fail" }', "short_year": 'dates = ["%d.%m.%Y"]'}
"""What the feed of such a file says before it is asked."""


@pytest.mark.parametrize(("code", "content"), UNSAMPLED)
def test_it_settles_what_no_sample_has(warehouse: Warehouse, code: str, content: str | bytes) -> None:
    warehouse.load("sku", "XY,BU1,Y")
    failed = [
        each for each in warehouse.run(content, warehouse.feed(FIRST.get(code, ""))).failures if each["code"] == code
    ]
    for setting in failed[0]["setting"].split(OR):
        whole = tomllib.loads(PARTNER.format(name="acme", top="", keys=""))
        first, *others = whole.pop("feed")
        feeds = [merged(first, tomllib.loads("\n".join(setting.split(AND)))), *others]
        result = warehouse.run(content, warehouse.feed(whole=written(whole, feeds)), name="again.csv")
        assert result.report.refused is None
        assert (failed[0]["line"], code) not in [(each["line"], each["code"]) for each in result.failures
                                                 if each["severity"] == failed[0]["severity"]]  # fmt: skip


RECEIPT = (
    "receiptNumber,receiptDate,receiptType,buildingId,lineNumber,documentType,documentNumber,skuId,quantityReceived"
)


def with_keys(warehouse: Warehouse, document: str, keys: str) -> Feed:
    return warehouse.feed(
        whole=f"""
id = "acme"
zone = "UTC"
business_units = ["BU1"]

[[feed]]
document = "{document}"
files = "*"
constants = {{ businessUnitId = "BU1" }}
{keys}
"""
    )


LEANING = [
    ("unknown_document", 'references = { asn = "fail" }', ["R-1,2026-11-22,N,B1,1,asn,A-1,AB,5"]),
    (
        "over_quantity",
        'over = "fail"',
        [f"R-{number},2026-11-22,N,B1,1,purchase_order,PO-1,AB,6" for number in (1, 2)],
    ),
]


@pytest.mark.parametrize(("code", "keys", "rows"), LEANING)
def test_it_settles_what_leans_on_other_documents(warehouse: Warehouse, code: str, keys: str, rows: list[str]) -> None:
    order = csv("PO-1,V1,1,AB,10", header="purchaseOrderNumber,vendorNumber,lineNumber,skuId,quantity")
    assert not warehouse.run(order, with_keys(warehouse, "purchase_order", ""), name="orders.csv").errors
    content = csv(*rows, header=RECEIPT)
    failed = [
        each
        for each in warehouse.run(content, with_keys(warehouse, "receipt", keys), name="receipts.csv").failures
        if each["code"] == code
    ]
    for number, setting in enumerate(failed[0]["setting"].split(OR)):
        key = setting.partition(" = ")[0]
        kept = "" if keys.startswith(f"{key} =") else keys
        result = warehouse.run(
            content, with_keys(warehouse, "receipt", f"{kept}\n{setting}"), name=f"again{number}.csv"
        )
        assert not result.errors


def test_it_settles_lines_of_places_and_of_types(warehouse: Warehouse) -> None:
    records = 'format = "records"\ncolumns = { N = "customerOrderNumber", L = "customerLineNumber", I = "skuId", Q = "quantity" }\n'
    of_types = 'options.records = { H = ["N"], D = ["L", "I", "Q"] }\noptions.ignore = ["T"]\n'
    content = "H|SO-1\nD|1|AB|5\nX|9\nT|2\n"
    (failure,) = warehouse.run(content, warehouse.feed(records + of_types), name="orders.txt").failures
    assert failure["setting"] == 'options.ignore = ["T", "X"]'
    settled = records + of_types.replace('options.ignore = ["T"]', failure["setting"])
    assert not warehouse.run(content, warehouse.feed(settled), name="orders.txt").failures

    fixed = records.replace('"records"', '"fixed"')
    at = 'options.columns_at = { N = "1-4", L = "5-6", I = "7-8", Q = "9-10" }'
    content = "SO-21 AB 5  note\n"
    (failure,) = warehouse.run(content, warehouse.feed(fixed + at), name="orders2.txt").failures
    assert failure["setting"] == "options.columns_at = { … }"
    more = at.replace(" }", ', "" = "13-16" }')
    assert not warehouse.run(content, warehouse.feed(fixed + more), name="orders2.txt").failures


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("set_count", b"SE*8*0001", b"SE*9*0001"),
        ("set_number", b"SE*8*0001", b"SE*8*0003"),
        ("set_number_twice", b"*0002~", b"*0001~"),
    ],
)
def test_it_settles_what_counts_and_numbers_sets(warehouse: Warehouse, code: str, old: bytes, new: bytes) -> None:
    content = interchange(order("SO-1", "5 EA AB"), order("SO-2", "7 EA CD")).replace(old, new)
    warehouse.partner(whole=partner_of("940", edi='usage = "live"', keys=OPTIONAL))
    warehouse.drop("x.edi", content)
    (report,) = warehouse.reports()
    (failure,) = [each for each in Result(report, warehouse.database, report.job).failures if each["code"] == code]
    settled = f"{OPTIONAL}\n{failure['setting']}"
    warehouse.partner(whole=partner_of("940", edi='usage = "live"\nduplicates = "off"', keys=settled))
    warehouse.drop("again.edi", content)
    again = warehouse.reports()[-1]
    assert not Result(again, warehouse.database, again.job).errors


@pytest.mark.parametrize(
    ("price", "currency"), [("£9.50", "GBP"), ("9.50 CHF", "CHF"), ("$9.50", "USD"), ("9.50 kr", None)]
)
def test_it_settles_another_currency(warehouse: Warehouse, price: str, currency: str | None) -> None:
    """Three crowns are written kr: nobody says which one is meant."""
    content = csv(f"PO-1,1,AB,5,{price}", header="purchaseOrderNumber,lineNumber,skuId,quantity,unitCost")
    with_keys(warehouse, "purchase_order", "")
    written = (warehouse.home / "partners" / "acme.toml").read_text()
    inline = 'constants = { businessUnitId = "BU1" }'
    assert inline in written

    def with_currency(key: str) -> Feed:
        return warehouse.feed(whole=written.replace(inline, f'constants.businessUnitId = "BU1"\n{key}'))

    (failure,) = warehouse.run(content, with_currency('constants.currency = "EUR"'), name="orders.csv").failures
    assert failure["code"] == "other_currency"
    assert failure["setting"] == (currency and f'constants.currency = "{currency}"')
    if currency:
        assert not warehouse.run(content, with_currency(failure["setting"]), name="again.csv").errors


def test_it_settles_merged_cells(warehouse: Warehouse) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in ([*HEADER.split(",")], ["SO-1", "1", "AB", 5], [None, "2", "AC", 6]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    workbook.save(warehouse.home / "orders.xlsx")
    failed = warehouse.run(warehouse.home / "orders.xlsx")
    assert {each["code"] for each in failed.failures} == {"merged_cells"}
    (setting,) = {each["setting"] for each in failed.failures}
    assert not warehouse.run(warehouse.home / "orders.xlsx", warehouse.feed(setting)).errors


def test_it_settles_what_is_struck_out(warehouse: Warehouse) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in ([*HEADER.split(",")], ["SO-1", "1", "AB", 5], ["SO-2", "1", "AC", 6]):
        sheet.append(row)
    for address in ("A2", "B2", "C2", "D2", "D3"):
        sheet[address].font = Font(strike=True)
    workbook.save(warehouse.home / "orders.xlsx")
    failed = warehouse.run(warehouse.home / "orders.xlsx")
    settings = {each["code"]: each["setting"] for each in failed.failures}
    row = warehouse.run(warehouse.home / "orders.xlsx", warehouse.feed(settings["struck_row"]))
    assert row.errors == [(3, "quantity", "struck_out")]
    assert not warehouse.run(warehouse.home / "orders.xlsx", warehouse.feed(settings["struck_out"])).errors


def test_it_settles_a_document_of_another_partner_where_both_say_so(warehouse: Warehouse) -> None:
    def of(name: str, setting: str) -> Feed:
        keys = f"""
id = "{name}"
zone = "UTC"
business_units = ["BU1"]
{setting}

[[feed]]
document = "sales_order"
files = "*"
constants = {{ businessUnitId = "BU1", "shipTo.locationId" = "S1" }}
"""
        folder = warehouse.home / f"of_{name}_{bool(setting)}"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.toml").write_text(keys)
        return registry.load(folder, "UTC").named(f"{name}/sales_order", "x")

    warehouse.run(csv("SO-1,1,AB,5"), of("one", ""))
    failed = warehouse.run(csv("SO-1,1,AB,6"), of("two", ""), name="two.csv")
    (failure,) = [each for each in failed.failures if each["code"] == "belongs_to_other"]
    warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5"), of("one", failure["setting"]), name="again.csv")
    result = warehouse.run(csv("SO-2,1,AB,6"), of("two", failure["setting"]), name="two_again.csv")
    assert not result.errors


def test_a_warning_that_asks_what_is_meant_may_be_an_error(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5"))
    noted = warehouse.run(csv("SO-1,1,CD,5"), warehouse.feed('sends = "changes"'), name="changes.csv")
    assert (noted.errors, warehouse.lines()) == ([], {"1": ("CD", 5.0, "OPEN")})
    (setting,) = (each["setting"] for each in noted.failures if each["code"] == "item_changed")
    refused = warehouse.run(csv("SO-1,1,EF,5"), warehouse.feed(f'sends = "changes"\n{setting}'), name="again.csv")
    assert [code for _, _, code in refused.errors] == ["item_changed"]
    assert warehouse.lines() == {"1": ("CD", 5.0, "OPEN")}
    old = warehouse.run(csv("SO-1,1,AB,5"), name="old.csv")
    assert (old.errors, warehouse.lines()) == ([], {"1": ("AB", 5.0, "OPEN")})
    (setting,) = (each["setting"] for each in old.failures if each["code"] == "change_reverted")
    warehouse.run(csv("SO-1,1,AB,6"), warehouse.feed('sends = "changes"'), name="six.csv")
    refused = warehouse.run(csv("SO-1,1,AB,5"), warehouse.feed(setting), name="older.csv")
    assert [code for _, _, code in refused.errors] == ["change_reverted"]
    assert warehouse.lines() == {"1": ("AB", 6.0, "OPEN")}


@pytest.mark.parametrize(
    ("document", "type_", "group", "segments"),
    [
        ("sales_order", "860", "PC", ("BCH*04*NE*PO-1***20261125", "POC*1*QD*0*5*EA***VN*A")),
        ("asn", "856", "SH", ("BSN*00*A-1*20261110*0900", "HL*1**S", "HL*2*1*O", "PRF*PO-1", "HL*3*2*I", "LIN*1*BP*A",
                              "SN1**0*EA", "HL*4*2*I", "LIN*2*BP*B", "SN1**5*EA")),
    ],
)  # fmt: skip
def test_a_line_of_zero_pieces_may_be_a_cancelled_one(
    warehouse: Warehouse, document: str, type_: str, group: str, segments: tuple[str, ...]
) -> None:
    """What it proposes settles it: the line is cancelled."""
    order = ("BEG*00*NE*PO-1**20261101", "PO1*1*10*EA*2.5**VN*A", "PO1*2*5*EA*3**VN*B")
    keys = OPTIONAL if document == "sales_order" else ""
    if document == "sales_order":
        warehouse.partner(whole=partner_of("850", "860"))
        warehouse.drop("0.edi", interchange(order, type_="850", group="PO"))
        assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    setting = ""
    for number, verdict in ((2, "REJECTED"), (3, "ACCEPTED")):
        warehouse.partner(
            whole=partner_of(
                *(("850", "860") if type_ == "860" else (type_,)), document=document, keys=f"{keys}\n{setting}"
            )
        )
        warehouse.drop(f"{number}.edi", interchange(segments, number=number, type_=type_, group=group))
        assert [report.verdict for report in warehouse.reports()] == [verdict]
        (job,) = (each.job_id for each in warehouse.jobs() if each.name == f"{number}.edi")
        record = queries.one(warehouse.database, job)
        for failure in queries.errors(warehouse.database, job):
            setting = wording_of(record).setting(failure)
            assert (failure.code, setting) == ("too_small", 'zero = "cancel"')


def test_partners_never_see_it(warehouse: Warehouse) -> None:
    result = warehouse.run(csv('SO-1,1,AB,5,"1,234"', header=f"{HEADER},orderAmount"))
    assert result.failures[0]["setting"] == 'thousands = "," or decimal = ","'
    assert '[or in the TOML: thousands = "," or decimal' in " ".join(result.text.split())
    assert "thousands" not in json.dumps(result.acks)


def test_every_setting_of_the_catalogue_is_of_the_toml() -> None:
    from crossdock.partners.feed_config import Keys
    from crossdock.reports.settings_advice import SEVERAL

    for code in CODES.values():
        for setting in code.setting.split(OR) if code.setting else ():
            key = re.match(r"<?(\w+)>?", setting)
            assert key is not None
            assert key[1] in {*Keys.model_fields, *OF_PARTNER, *SEVERAL, "lacking"}, code.name


def test_every_setting_is_tried() -> None:
    tried = {code for code, *_ in (*proposed(), *UNSAMPLED, *LEANING)} | {
        "merged_cells", "struck_row", "struck_out", "belongs_to_other", "outside_columns", "unknown_record_type",
        "set_count", "set_number", "set_number_twice", "item_changed", "day_turned", "mark_moved", "change_reverted", "rows_again",
    }  # fmt: skip
    assert {code.name for code in CODES.values() if code.setting} <= tried
