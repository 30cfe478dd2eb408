"""Every example of the vendor's page: the request, and the answer byte for byte, but for keys and ids of sessions.

A file of ``golden/`` has the request (its line, its body) and, behind ``===``, the answer: status and bytes. ``seed.json``
has the answers as the page prints them. ``pytest --golden`` writes the answers anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock.partners.asked import UNIT, Asked
from crossdock.registers import keys
from tests.api.conftest import NOBODY, Api
from tests.patience import PATIENCE
from tests.warehouse import house

HERE = Path(__file__).parent
PAIRS = sorted((HERE / "golden").glob("*.http"))
SEED: dict[str, Any] = json.loads((HERE / "seed.json").read_text(encoding="utf-8"))["answers"]
SESSION = re.compile(r'(?<="SessionId":")[a-z0-9]{24}(?=")')
CUSTOMERS = "customerNumber,name,status\n0000000008,Analytical Engines,Active\n"
ITEM = {"uniq_key": "_44Y0WP6H4", "w_key": "_4500WBEBA", "ord_qty": "20", "soDet_Desc": "Loud", "trans_days": "1",
        "fstduedt": "2014-11-13", "status": "Standard"}  # fmt: skip
ORDER = {
    "soNo": "789", "custNo": "8", "orderDate": "10-23-2014", "blinkAdd": "_4560WJU2L", "slinkAdd": "_4560WL0MU",
    "FOB": "ORIGIN-CUST P/U", "ShipVia": "UPS-GRND TRACK", "shipCharge": "PREPAY/BILL CUS", "DELIV_TIME": "15:30",
    "TERMS": "NET 15",
    "items": [
        {"lineNo": "1", "UNIQUELN": "ABDMRI2RMQ", "uOfMeas": "EACH", "eachQty": "2", "deliFreq": "MO", **ITEM},
        {"lineNo": "2", "UNIQUELN": "A6WDVN62YM", "uOfMeas": "each", **ITEM},
    ],
}  # fmt: skip
"""The order of the page's Get, as far as an order can be stored."""
DIFFERENT = {
    "ORDERDATE": "an order's date has no time",
    "SAVEINT": "the ERP's users are not ours",
    "SAVEDT": "the same",
    "SOAMOUNT": "the ERP computes amounts, from prices that are not stored here",
    "CATEGORY": "nothing is stored for it",
    "ORD_QTY": "a line of nothing can't be stored",
    "BALANCE": "the page's 10 of 20 has no reason; nothing is shipped, so all of it is open",
}
"""The keys whose values are not the page's, each with the reason."""


@pytest.fixture
def erp(api: Api) -> Api:
    """A server with the page's customer and orders, and a key for the ERP's API."""
    warehouse = api.warehouse
    warehouse.run(CUSTOMERS, house("customer"), name="customers.csv")
    feed = warehouse.site.partners.of_request(Asked("acme/erp_sales_order", {UNIT: "BU1"}))
    orders = {"data": [ORDER, {"soNo": "790", "custNo": "8", "PoNo": "4711"}]}
    assert warehouse.run(json.dumps(orders), feed, name="erp_sales_orders.json").report.exit_code == 0
    api.secret = api.key(kind=keys.ERP)
    return api


def ask(url: str, text: str, key: str) -> str:
    """The status and the bytes that a request is answered with."""
    line, _, body = text.replace("{KEY}", key).partition("\n\n")
    method, _, path = line.partition(" ")
    answer = httpx.request(
        method, url + path, content=body.strip(), headers={"Host": "localhost"}, timeout=PATIENCE, verify=NOBODY
    )
    return f"{answer.status_code}\n{SESSION.sub('{SESSION}', answer.text).replace(key, '{KEY}')}\n"


@pytest.mark.both(slow=True)
def test_every_example_is_answered_as_its_page_says(erp: Api, request: pytest.FixtureRequest) -> None:
    wrong = []
    for path in PAIRS:
        call, _, golden = path.read_text(encoding="utf-8").partition("\n===\n")
        answer = ask(erp.url, call, erp.secret)
        if request.config.getoption("--golden"):
            path.write_text(f"{call}\n===\n{answer}", encoding="utf-8")
        elif answer != golden:
            wrong.append(f"{path.name}: {answer}\nand not {golden}")
    assert not wrong, "\n".join(wrong)


def answer_of(name: str) -> str:
    """The bytes of a golden answer."""
    return (HERE / "golden" / f"{name}.http").read_text(encoding="utf-8").partition("\n===\n")[2].splitlines()[1]


@pytest.mark.parametrize("name", [name for name in SEED if name != "get"])
def test_the_answers_are_the_pages_own(name: str) -> None:
    printed = {**SEED[name], **({"SessionId": "{SESSION}"} if SEED[name].get("SessionId") else {})}
    assert answer_of(name) == json.dumps(printed, separators=(",", ":"))


def test_a_get_is_the_pages_own_but_for_what_is_listed() -> None:
    ours, page = json.loads(answer_of("get")), SEED["get"]
    assert list(ours) == list(page)
    pairs = [(ours["ResponseObject"], page["ResponseObject"])]
    pairs += zip(ours["ResponseObject"]["SODETAILList"], page["ResponseObject"]["SODETAILList"], strict=True)
    different = set()
    for one, other in pairs:
        assert list(one) == list(other)
        inner = [name for name in one if name != "SODETAILList"]
        assert [type(one[name]) for name in inner if name != "SAVEDT"] == [
            type(other[name]) for name in inner if name != "SAVEDT"
        ]
        different |= {name for name in inner if one[name] != other[name]}
    assert different == set(DIFFERENT)


def test_the_same_by_query_string_and_by_json() -> None:
    for name in ("add", "edit", "get"):
        assert answer_of(name) == answer_of(f"{name}_json")
