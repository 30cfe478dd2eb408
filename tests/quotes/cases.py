"""Quotes that were calculated by hand: a request, and what it must come to.

The rate card is beside this file in ``card/``. What a case doesn't say is that of ``REQUEST``: 200 kg on one pallet,
from Leeds to London, shipped on Monday 2026-11-30, by FAST's service Standard. A quote is rate, linehaul, fuel, total,
day of delivery.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

REQUEST: dict[str, Any] = {
    "origin": {"countryCode": "GB", "postalCode": "LS9 9ZZ"},
    "destination": {"countryCode": "GB", "postalCode": "SW1A 1AA"},
    "containers": [{"type": "Pallet", "weight": 200, "quantity": "1"}],
    "shipmentType": "LTL",
    "weightUom": "KG",
    "carrierCodes": ["FAST"],
    "serviceLevel": "Standard",
    "requestedShipDate": "2026-11-30T08:00:00Z",
}
Row = tuple[str, float, float, float, str | None]


@dataclass(frozen=True)
class Case:
    name: str
    changes: dict[str, Any]
    quotes: list[Row] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def request(self) -> dict[str, Any]:
        return {**REQUEST, **self.changes}


def of_weight(weight: float, unit: str = "KG", **others: Any) -> dict[str, Any]:
    return {"containers": [{"type": "Pallet", "weight": weight, "quantity": "1"}], "weightUom": unit, **others}


def between(carrier: str, country: str, origin: str, destination: str, **others: Any) -> dict[str, Any]:
    return {
        "origin": {"countryCode": country, "postalCode": origin},
        "destination": {"countryCode": country, "postalCode": destination},
        "carrierCodes": [carrier],
        "serviceLevel": "",
        **others,
    }


def coast(origin: str = "10001", **others: Any) -> dict[str, Any]:
    return between("LBS", "US", origin, "90210", **others)


def inside(*carriers: str, **others: Any) -> dict[str, Any]:
    return {"carrierCodes": list(carriers), "serviceLevel": "", **others}


CASES = (
    # 200 × 0.42 = 84.00; 12.5 % of it = 10.50; Monday + 2 = Wednesday
    Case("per kilogram", {}, [("F1", 84, 10.5, 94.5, "2026-12-02")]),
    # 100 × 0.42 = 42.00, less than 45.00; 12.5 % of 45.00 = 5.625, half up 5.63
    Case("minimum charge", of_weight(100), [("F1", 45, 5.63, 50.63, "2026-12-02")]),
    # 107.142857 × 0.42 = 44.99999994 is less than the minimum as well; 107.15 × 0.42 = 45.003 is not: 45.00, fuel 5.625
    Case("just under the minimum", of_weight(107.142857), [("F1", 45, 5.63, 50.63, "2026-12-02")]),
    Case("just over the minimum", of_weight(107.15), [("F1", 45, 5.63, 50.63, "2026-12-02")]),
    # at 500 both breaks fit, the higher one counts: 500 × 0.385125 = 192.5625 → 192.56; fuel 24.07; 216.63
    Case("on the weight break", of_weight(500), [("F2", 192.56, 24.07, 216.63, "2026-12-02")]),
    # 499.999 × 0.42 = 209.99958 → 210.00; fuel 26.25
    Case("just under the weight break", of_weight(499.999), [("F1", 210, 26.25, 236.25, "2026-12-02")]),
    # 1000 × 0.385125 = 385.125 → half up 385.13; 12.5 % of 385.13 = 48.14125 → 48.14
    Case("half a penny goes up", of_weight(1000), [("F2", 385.13, 48.14, 433.27, "2026-12-02")]),
    # 4 × 50.25 = 201; × 0.42 = 84.42; fuel 10.5525 → 10.55
    Case(
        "four containers",
        {"containers": [{"type": "Box", "weight": 50.25, "quantity": "4"}]},
        [("F1", 84.42, 10.55, 94.97, "2026-12-02")],
    ),
    # 150 + 50 = 200 as above; without a quantity it is one
    Case(
        "two kinds of containers",
        {"containers": [{"weight": 150}, {"weight": "50", "quantity": "1"}]},
        [("F1", 84, 10.5, 94.5, "2026-12-02")],
    ),
    # 440 lb × 0.45359237 = 199.5806428 kg; × 0.42 = 83.823869976 → 83.82; fuel 10.4775 → 10.48
    Case("pounds on a rate per kilogram", of_weight(440, "LB"), [("F1", 83.82, 10.48, 94.3, "2026-12-02")]),
    # 1102.311310 lb = 499.99999965 kg, under the break: × 0.42 = 209.99999985 → 210.00; fuel 26.25
    Case("pounds just under 500 kg", of_weight(1102.31131, "LB"), [("F1", 210, 26.25, 236.25, "2026-12-02")]),
    # 1102.311311 lb = 500.00000010 kg, over it: × 0.385125 = 192.56250004 → 192.56; fuel 24.07
    Case("pounds just over 500 kg", of_weight(1102.311311, "LB"), [("F2", 192.56, 24.07, 216.63, "2026-12-02")]),
    # 100 kg = 220.462262185 lb; × 0.35 = 77.16179… → 77.16 (S2 is the later one); 9 working days after Monday 30th
    Case("kilograms on a rate per pound", inside("SLOW", **of_weight(100)), [("S2", 77.16, 0, 77.16, "2026-12-11")]),
    # before June S1 counts: 220.462262185 × 0.30 = 66.13867… → 66.14; Monday 2026-03-02 + 10 = Monday 16th
    Case(
        "the rate of before",
        inside("SLOW", **of_weight(100), requestedShipDate="2026-03-02"),
        [("S1", 66.14, 0, 66.14, "2026-03-16")],
    ),
    # 450 lb are in both breaks, L2 has the higher one: 4.5 × 28.75 = 129.375 → 129.38; 20 % = 25.876 → 25.88
    Case("overlapping breaks", coast(**of_weight(450, "LB")), [("L2", 129.38, 25.88, 155.26, "2026-12-04")]),
    # 3.99 × 31.20 = 124.488 → 124.49; 20 % = 24.898 → 24.90
    Case("under the overlap", coast(**of_weight(399, "LB")), [("L1", 124.49, 24.9, 149.39, "2026-12-04")]),
    # 4 × 28.75 = 115.00; 20 % = 23.00
    Case("where the overlap begins", coast(**of_weight(400, "LB")), [("L2", 115, 23, 138, "2026-12-04")]),
    # 200 kg = 440.92452437 lb = 4.4092452437 cwt; × 28.75 = 126.7658… → 126.77; 20 % = 25.354 → 25.35
    Case(
        "kilograms on a rate per hundredweight", coast(**of_weight(200)), [("L2", 126.77, 25.35, 152.12, "2026-12-04")]
    ),
    # 1 × 31.20, less than 80.00; 20 % = 16.00
    Case("minimum per hundredweight", coast(**of_weight(100, "LB")), [("L1", 80, 16, 96, "2026-12-04")]),
    # 10 × 28.75 = 287.50; 20 % = 57.50
    Case("the last pound of a break", coast(**of_weight(1000, "LB")), [("L2", 287.5, 57.5, 345, "2026-12-04")]),
    Case(
        "over the last break",
        coast(**of_weight(1000.01, "LB")),
        reasons={"LBS": "no rate there for 1000.01 LB"},
    ),
    # 01101 begins with 01, not with 1: Massachusetts. 250 × 0.355 = 88.75; Monday + 5 = Monday
    Case(
        "zeros of a postal code count",
        coast("01101-1234", **of_weight(250, "LB")),
        [("L3", 88.75, 0, 88.75, "2026-12-07")],
    ),
    # LS1 4AP: of *, LS and ls1 4 the last is the longest, and nothing goes from there
    Case(
        "longest prefix wins",
        {"origin": {"countryCode": "gb", "postalCode": "ls14ap"}},
        reasons={"FAST": "no rate from zone CITY to zone SOUTH"},
    ),
    Case(
        "no zone",
        {"destination": {"countryCode": "FR", "postalCode": "75001"}},
        reasons={"FAST": "no zone for FR 75001"},
    ),
    Case(
        "two zones of one prefix",
        {**inside("TWIN"), "origin": {"countryCode": "GB", "postalCode": "SW1A 1AA"}},
        reasons={"TWIN": "several zones for GB SW1A 1AA: A, B"},
    ),
    # F1 ends on this day, which is included; Thursday + 2 working days = Monday
    Case(
        "the last day of a rate",
        {"requestedShipDate": "2026-12-31T23:30:00-05:00"},
        [("F1", 84, 10.5, 94.5, "2027-01-04")],
    ),
    # a day later only F2 is valid: 600 × 0.385125 = 231.075 → 231.08; fuel 28.885 → 28.89
    Case(
        "a day later",
        of_weight(600, requestedShipDate="2027-01-01"),
        [("F2", 231.08, 28.89, 259.97, "2027-01-05")],
    ),
    Case(
        "a day later, and light",
        {"requestedShipDate": "2027-01-01"},
        reasons={"FAST": "no rate there for 200 KG"},
    ),
    # F1 begins on this day: 84.00 and 10.50; Thursday + 2 = Monday
    Case("the first day of a rate", {"requestedShipDate": "2026-01-01"}, [("F1", 84, 10.5, 94.5, "2026-01-05")]),
    # the day before F0 counts, which has no fuel: 200 × 0.40 = 80.00; Wednesday + 2 = Friday
    Case("the day before", {"requestedShipDate": "2025-12-31"}, [("F0", 80, 0, 80, "2026-01-02")]),
    Case(
        "before all rates",
        {"requestedShipDate": "2024-12-31"},
        reasons={"FAST": "no rate there is valid on 2024-12-31"},
    ),
    # 3 × 65.25 = 195.75; 10 % = 19.575 → 19.58; Monday + 3 = Thursday
    Case(
        "per pallet",
        inside("PAL", containers=[{"type": "PALLET", "weight": 10, "quantity": "3"}, {"type": "Box", "weight": 1}]),
        [("P1", 195.75, 19.58, 215.33, "2026-12-03")],
    ),
    Case(
        "per pallet without a pallet",
        inside("PAL", containers=[{"type": "Box", "weight": 10, "quantity": "3"}]),
        reasons={"PAL": "the rates there are per pallet, and no container is a pallet"},
    ),
    # 94.50 + 2 × 35.00 + 12.3456 → 12.35 = 176.85
    Case(
        "accessorials",
        {"accesorials": [{"code": "LIFTGATE"}, {"code": "CODAMT_LTL"}, {"code": "LIFTGATE"}]},
        [("F1", 84, 10.5, 176.85, "2026-12-02")],
    ),
    Case(
        "an accessorial that the carrier hasn't",
        {"accesorials": [{"code": "LIFTGATE"}, {"code": "INSIDE"}]},
        reasons={"FAST": "no charge in GBP for accessorial INSIDE"},
    ),
    Case(
        "an accessorial in another currency",
        inside("PAL", accesorials=[{"code": "LIFTGATE"}]),
        reasons={"PAL": "no charge in GBP for accessorial LIFTGATE"},
    ),
    # 100.7 × 85.5 = 8609.85 → 8610, the yen has no smaller unit; 8.35 % of 8610 = 718.935 → 719; no transit days
    Case(
        "a currency without decimals",
        between("YEN", "JP", "100-0001", "530-0001", **of_weight(100.7)),
        [("Y1", 8610, 719, 9329, None)],
    ),
    # 120.00 flat, whatever the mode; the rates of Standard are for LTL only
    Case(
        "a rate for every mode",
        {"shipmentMode": "Air", "serviceLevel": ""},
        [("F3", 120, 0, 120, "2026-12-01")],
    ),
    Case("no rate of a mode", {"shipmentMode": "Air"}, reasons={"FAST": "no rate there of service level Standard"}),
    Case(
        "no rate of a type of shipment",
        {**inside("PAL"), "shipmentType": "FTL"},
        reasons={"PAL": "no rate there for FTL"},
    ),
    # of one service both count; 94.50 is less than 120.00
    Case(
        "two services, cheapest first",
        {"serviceLevel": ""},
        [("F1", 84, 10.5, 94.5, "2026-12-02"), ("F3", 120, 0, 120, "2026-12-01")],
    ),
    # Saturday + 1 working day = Monday
    Case(
        "shipped on a Saturday",
        {"serviceLevel": "express", "requestedShipDate": "2026-11-28"},
        [("F3", 120, 0, 120, "2026-11-30")],
    ),
    # Friday + 1 = Monday
    Case(
        "shipped on a Friday",
        {"serviceLevel": "EXPRESS", "requestedShipDate": "2026-11-27T17:00:00"},
        [("F3", 120, 0, 120, "2026-11-30")],
    ),
    # four quotes of 50.00 (TB: 40.00 and 25 % fuel): the earlier delivery first, then by carrier and service; the
    # euro is another currency, and comes before the pound by its name only
    Case(
        "ties, and another currency",
        inside("TIE-C", "EUR", "TIE-A", "TIE-B", "NOBODY"),
        [
            ("EU", 60, 0, 60, "2026-12-02"),
            ("TB", 40, 10, 50, "2026-12-02"),
            ("TD", 50, 0, 50, "2026-12-02"),
            ("TC", 50, 0, 50, "2026-12-02"),
            ("TA", 50, 0, 50, "2026-12-03"),
        ],
        {"NOBODY": "the list carrier_rate has no rate of this carrier"},
    ),
)
