"""Hand-calculated quotes, of a rate card that was imported, on both databases."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from crossdock.database.rate_cards import rate_card
from crossdock.quotes.answer import answer
from crossdock.quotes.charges import charged
from crossdock.quotes.measures import days_later, rounded
from crossdock.quotes.quotation import NoRateCard, quotation
from crossdock.quotes.rate_card import Rate, RateCard
from crossdock.quotes.request import Unquotable, shipment_in, shipment_of
from tests.quotes.cases import CASES, REQUEST, Case, of_weight
from tests.warehouse import Warehouse, house

CARD = Path(__file__).parent / "card"
TODAY = date(2026, 11, 22)


def carded(warehouse: Warehouse) -> Warehouse:
    for name in ("carrier_zone", "carrier_rate", "carrier_accessorial"):
        assert warehouse.run(CARD / f"{name}s.csv", house(name)).report.exit_code == 0
    return warehouse


def quoted(warehouse: Warehouse, request: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    shipment = shipment_of(request)
    return answer(quotation(shipment, rate_card(warehouse.database, shipment), TODAY))["data"]


@pytest.mark.both
def test_quotes_are_what_was_calculated_by_hand(warehouse: Warehouse) -> None:
    carded(warehouse)
    for case in CASES:
        data = quoted(warehouse, case.request)
        rows = [tuple(each[name] for name in ("rateId", "linehaul", "fuel", "total", "deliveryDate"))
                for each in data["quotes"]]  # fmt: skip
        reasons = {each["carrierCode"]: each["reason"] for each in data["notQuoted"]}
        assert (rows, reasons) == (case.quotes, case.reasons), case.name


def test_all_carriers_are_quoted_where_none_is_named(warehouse: Warehouse) -> None:
    data = quoted(carded(warehouse), {**REQUEST, "carrierCodes": []})
    assert [each["carrierCode"] for each in data["quotes"]] == ["EUR", *("TIE-B", "TIE-C", "TIE-A", "PAL"), "FAST"]
    assert {each["carrierCode"] for each in data["notQuoted"]} == {"LBS", "SLOW", "TWIN", "YEN"}


def test_a_quote_has_the_members_of_the_contract(warehouse: Warehouse) -> None:
    data = quoted(carded(warehouse), {**REQUEST, "accesorials": [{"code": "CODAMT_LTL"}]})
    assert json.dumps(data["quotes"]) == (
        '[{"carrierCode": "FAST", "serviceLevel": "Standard", "mode": "LTL", "currency": "GBP", "linehaul": 84, '
        '"fuel": 10.5, "accessorials": [{"code": "CODAMT_LTL", "charge": 12.35}], "total": 106.85, "transitDays": 2, '
        '"deliveryDate": "2026-12-02", "rateId": "F1"}]'
    )


@pytest.mark.both
def test_an_empty_list_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(NoRateCard, match="the lists carrier_zone, carrier_rate are empty"):
        quoted(warehouse, REQUEST)
    warehouse.run(CARD / "carrier_zones.csv", house("carrier_zone"))
    with pytest.raises(NoRateCard, match="the list carrier_rate is empty"):
        quoted(warehouse, REQUEST)
    warehouse.run(CARD / "carrier_rates.csv", house("carrier_rate"))
    assert quoted(warehouse, REQUEST)["quotes"]
    with pytest.raises(NoRateCard, match="the list carrier_accessorial is empty"):
        quoted(warehouse, {**REQUEST, "accesorials": [{"code": "LIFTGATE"}]})


def test_a_cancelled_rate_is_out_of_use(warehouse: Warehouse) -> None:
    carded(warehouse)
    warehouse.run("rateId,action\nF1,cancel\n", house("carrier_rate"), name="carrier_rates.csv")
    assert quoted(warehouse, REQUEST)["notQuoted"] == [{"carrierCode": "FAST", "reason": "no rate there for 200 KG"}]


def test_today_is_the_day_where_the_request_names_none(warehouse: Warehouse) -> None:
    request = {name: value for name, value in REQUEST.items() if name != "requestedShipDate"}
    (quote,) = quoted(carded(warehouse), request)["quotes"]
    assert quote["deliveryDate"] == "2026-11-24"  # today is a Sunday: Monday, Tuesday


@pytest.mark.parametrize(
    ("containers", "words"),
    [
        ([{"weight": 1}], []),
        ([{"weight": 1, "height": 10}], ["Dimensional", "Freight class"]),
        ([{"weight": 1, "lines": [{"dimensions": {"width": 2}}]}], ["Dimensional", "Freight class"]),
        ([{"weight": 1, "lines": [{"hazmat": [{"unNumber": "1090"}]}]}], ["Freight class", "Dangerous"]),
    ],
)
def test_the_answer_says_what_is_not_computed(containers: list[object], words: list[str]) -> None:
    notes = quotation(shipment_of({**REQUEST, "containers": containers}), RateCard(carriers=("FAST",)), TODAY).notes
    assert [next(word for word in words if note.startswith(word)) for note in notes] == words


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = [{"weight": each} for each in (0, -1, True, "x", "NaN", "1e999999999", "1e-999999999", 10**5000, "9" * 300)]
    with pytest.raises(Unquotable) as error:
        shipment_of({"containers": [*wrong, {"weight": 1, "quantity": 1.5}, "box"], "weightUom": "STONE",
                     "requestedShipDate": "30.11.2026", "serviceLevel": 7, "carrierCodes": "FAST",
                     "destination": {"countryCode": "ZZ"}, "accesorials": [{}, {"code": "\x00"}] + [{"code": "A"}] * 999})  # fmt: skip
    limits = "must be more than 0 and less than 1000000000000, with at most 20 decimals"
    assert dict(error.value.failures) == {
        "/data/containers/0/weight": limits,
        "/data/containers/1/weight": limits,
        "/data/containers/2/weight": "is not a number",
        "/data/containers/3/weight": "is not a number",
        "/data/containers/4/weight": "is not a number",
        "/data/containers/5/weight": limits,
        "/data/containers/6/weight": limits,
        "/data/containers/7/weight": "is not a number",
        "/data/containers/8/weight": "is not a number",
        "/data/containers/9/quantity": "'1.5' is not a whole number",
        "/data/containers/10": "must be an object",
        "/data/origin": "is missing",
        "/data/destination/countryCode": "'ZZ' is not an ISO 3166 country of two letters",
        "/data/shipmentType": "is missing",
        "/data/weightUom": "'STONE' is none of KG, LB",
        "/data/serviceLevel": "must be text",
        "/data/carrierCodes": "must be an array",
        "/data/accesorials": "has more than 1000 elements",
        "/data/accesorials/0/code": "is missing",
        "/data/accesorials/1/code": "must be text of at most 255 characters, none of them NUL",
        "/data/requestedShipDate": "'30.11.2026' is no date or date-time (ISO 8601)",
    }


@pytest.mark.parametrize(("data", "place"), [(None, "/data"), ([], "/data"), ({}, "/data/containers")])
def test_what_is_no_request(data: object, place: str) -> None:
    with pytest.raises(Unquotable) as error:
        shipment_of(data)
    assert place in dict(error.value.failures)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{'data': {}}", "the request is no JSON: Expecting property name"),
        (b"\xff\xfe{", "the request is no JSON"),
        ("[" * 100_000, "the request is nested too deep"),
        ("[]", "/data is missing"),
        ('{"data": 7}', "/data must be an object"),
    ],
)
def test_what_is_no_json(body: str | bytes, sentence: str) -> None:
    with pytest.raises(Unquotable, match=sentence):
        shipment_in(body)


def test_a_weight_is_read_to_its_last_digit() -> None:
    request = {**REQUEST, "containers": [{"weight": 0}]}
    body = json.dumps({"data": request}).replace('"weight": 0', '"weight": 0.10000000000000000555')
    assert shipment_in(body).weight == Decimal("0.10000000000000000555")


def test_rounding_is_half_up_to_the_smallest_unit() -> None:
    exact = [Fraction("0.005"), Fraction("0.0049999999999999999999"), Fraction(2, 3), Fraction("1.0005")]
    assert [str(rounded(each, "GBP")) for each in exact] == ["0.01", "0.00", "0.67", "1.00"]
    assert [str(rounded(each, "KWD")) for each in exact] == ["0.005", "0.005", "0.667", "1.001"]
    assert [str(rounded(each, "JPY")) for each in exact] == ["0", "0", "1", "1"]


def test_working_days_pass_weekends() -> None:
    friday = date(2026, 11, 27)
    days = [(0, 27), (1, 30), (2, 31), (5, 34), (6, 37), (10, 41)]
    assert [
        (each, (days_later(friday, each) or friday).toordinal() - friday.toordinal() + 27) for each, _ in days
    ] == days
    assert days_later(date(2026, 11, 29), 0) == date(2026, 11, 29)
    assert days_later(friday, 10**7) is None


def test_an_amount_that_no_double_holds_is_text() -> None:
    shipment = shipment_of({**REQUEST, **of_weight(999_999_999_999)})
    rate = Rate("R", "FAST", "S", "A", "B", Decimal("123456.789"), "per_kg", "GBP")
    quote = charged(shipment, rate, (), TODAY)
    assert str(quote.total) == "123456788999876543.21"


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 15
    assert all(isinstance(case, Case) for case in CASES)
