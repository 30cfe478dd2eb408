"""Business units: the list that a master writes, settings, buildings, sealed keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from crossdock.api.door.state import Options
from crossdock.registers import sealed
from tests.api.conftest import Api, serving
from tests.warehouse import Warehouse

UNITS = "/business_units"
SEALER = sealed.sealer(Fernet.generate_key().decode())


@pytest.fixture
def api(warehouse: Warehouse) -> Any:
    """A server with a key that seals, a master, and a partner that is none."""
    warehouse.partner("master", top="master = true")
    with serving(warehouse, Options(sealer=SEALER)) as url:
        harness = Api(warehouse, url)
        yield harness
        harness.client.close()


@pytest.fixture
def master(api: Api) -> httpx.Client:
    return api.of(api.key("master"))


def unit(number: str, **more: Any) -> dict[str, Any]:
    return {"data": {"businessUnitId": number, "name": f"Unit {number}", **more}}


def building(number: str, serves: str) -> tuple[str, str]:
    return "building", f'buildingId,name,businessUnitIds\n{number},Hall,"{serves}"\n'


@pytest.mark.both(slow=True)
def test_the_list_of_business_units(api: Api, master: httpx.Client) -> None:
    assert api.client.post(UNITS, json=unit("BU1")).status_code == 403
    for number in ("BU1", "BU2", "BU9"):
        created = master.post(UNITS, json=unit(number, type="b2b"))
        assert (created.status_code, created.headers["Location"]) == (201, f"{UNITS}/{number}")
    assert [each["businessUnitId"] for each in api.client.get(UNITS).json()["data"]] == ["BU1", "BU2"]
    assert api.client.get(UNITS).json()["paging"]["total"] == 2
    assert api.client.get(f"{UNITS}/BU1").json()["data"]["type"] == "b2b"
    assert api.client.get(f"{UNITS}/BU9").status_code == 404  # it is there, and not this partner's
    assert master.get(f"{UNITS}/BU9").status_code == 200
    changed = master.put(f"{UNITS}/BU1", json=unit("BU1", name="New", type="b2c"))
    assert (changed.status_code, changed.json()["data"]["name"]) == (200, "New")
    assert master.put(f"{UNITS}/BU1", json=unit("BU2")).status_code == 400
    assert api.client.put(f"{UNITS}/BU1", json=unit("BU1")).status_code == 403


@pytest.mark.both(slow=True)
def test_general_settings(api: Api, master: httpx.Client) -> None:
    path = f"{UNITS}/BU1/settings"
    assert api.client.get(path).status_code == 404
    master.post(UNITS, json=unit("BU1"))
    assert api.client.get(path).json() == {"data": {}}
    values = {"currency": "GBP", "zone": "Europe/London", "hold": "document"}
    stored = master.put(path, json={"data": values})
    assert (stored.status_code, stored.json()) == (200, {"data": values})
    assert api.client.get(path).json() == {"data": values}
    assert api.client.get(f"{UNITS}/BU1").json()["data"]["name"] == "Unit BU1"
    wrong = master.put(path, json={"data": {"currency": "Pfund", "zones": "x", "hold": 1}})
    assert wrong.status_code == 422
    assert wrong.json()["detail"] == (
        "zones is no setting; currency must be a currency of ISO 4217; hold must be document, line or file"
    )
    for wrong_text in ('"a\\u0000"', '"\\ud83d"'):
        content = f'{{"data": {{"contactName": {wrong_text}}}}}'
        answer = master.put(path, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, answer.text
    assert api.client.put(path, json={"data": values}).status_code == 403
    line = {"customerLineNumber": "1", "skuId": "AB", "quantity": 5, "unitPrice": "2.50"}
    order = {"customerOrderNumber": "SO-1", "shipTo": {"locationId": "S1"}, "orderLines": [line]}
    created = api.client.post("/business_units/BU1/sales_orders", json={"data": order})
    assert created.status_code == 201
    assert api.client.get("/business_units/BU1/sales_orders/SO-1").json()["data"]["currency"] == "GBP"


@pytest.mark.both(slow=True)
def test_the_buildings_that_serve_a_unit(api: Api, master: httpx.Client) -> None:
    from tests.warehouse import house

    api.warehouse.run("buildingId,name,businessUnitIds\nN1,Hall,BU2\n", house("building"), name="building.csv")
    with api.warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE buildings SET partner = 'master'")
    path = f"{UNITS}/BU1/buildings"
    assert api.client.get(path).json() == {"data": []}
    assert api.client.put(f"{path}/N1").status_code == 403
    assert master.put(f"{path}/N1").status_code == 200
    assert master.put(f"{path}/N1").status_code == 200
    assert master.put(f"{path}/N9").status_code == 404
    assert [each["businessUnitIds"] for each in api.client.get(path).json()["data"]] == ["BU2,BU1"]
    with ThreadPoolExecutor(4) as pool:  # nobody's change is lost
        several = list(
            pool.map(lambda name: master.put(f"{UNITS}/{name}/buildings/N1").status_code, ["A", "B", "C", "D"])
        )
    assert set(several) <= {200, 503}
    assert sum(code == 200 for code in several) + 2 == len(
        api.client.get(path).json()["data"][0]["businessUnitIds"].split(",")
    )
    removed = master.delete(f"{path}/N1")
    assert "BU1" not in removed.json()["data"]["businessUnitIds"]
    assert master.delete(f"{path}/N1").status_code == 404


@pytest.mark.both(slow=True)
def test_sfp_keys_are_sealed_and_never_given(api: Api) -> None:
    path = f"{UNITS}/BU1/amazon_sfp_keys"
    secret = "amzn1.application-oa2-client.0123456789"  # noqa: S105  # nobody's
    assert api.client.get(path).status_code == 404
    stored = api.client.put(path, json={"data": {"clientId": secret, "short": "12345678"}})
    assert stored.status_code == 200, stored.text
    shown = api.client.get(path)
    assert secret not in shown.text
    assert shown.json()["data"]["clientId"]["lastFour"] == "6789"
    assert shown.json()["data"]["short"]["lastFour"] == ""  # four of eight characters would be half of it
    (kept,) = api.warehouse.rows("SELECT sealed FROM sealed_secrets WHERE name = 'clientId'")
    assert secret not in kept[0]
    assert sealed.opened(api.warehouse.database, "BU1", SEALER)["clientId"] == secret
    for wrong in ({"clientId": 5}, {"": secret}, {"clientId": f"{secret}\x00"}, {"a\x00": secret}, {}):
        assert api.client.put(path, json={"data": wrong}).status_code == 422
    again = {"Idempotency-Key": "k-1"}
    first, late = (api.client.put(path, json={"data": {"clientId": secret}}, headers=again) for _ in range(2))
    assert (first.status_code, late.content, late.headers["Idempotency-Replayed"]) == (200, first.content, "true")
    assert api.client.put(path, json={"data": {"clientId": "other" * 5}}, headers=again).status_code == 422
    assert api.client.delete(path).status_code == 204
    assert api.client.delete(path).status_code == 404
    assert not list(api.warehouse.home.rglob("*clientId*"))
    assert not [path for path in api.warehouse.home.rglob("*.json") if secret in path.read_text()]


def test_without_a_sealing_key_nothing_is_taken(warehouse: Warehouse) -> None:
    with serving(warehouse) as url:
        answer = Api(warehouse, url).client.put(f"{UNITS}/BU1/amazon_sfp_keys", json={"data": {"clientId": "x" * 20}})
        assert answer.status_code == 503
        assert "CROSSDOCK_API_SEALING_KEY" in answer.json()["detail"]


def test_a_unit_in_a_path_is_read_as_one_in_a_body(api: Api, master: httpx.Client) -> None:
    """PUT stored it with the blanks at its ends, and a building served it beside the one that was meant."""
    assert master.post(UNITS, json=unit("BU1")).status_code == 201
    assert master.put(f"{UNITS}/%20BU1%20", json={"data": {"name": "New"}}).json()["data"]["businessUnitId"] == "BU1"
    from tests.warehouse import house

    api.warehouse.run("buildingId,name,businessUnitIds\nB1,Hall,BU1\n", house("building"), name="building.csv")
    with api.warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE buildings SET partner = 'master'")
    served = master.put(f"{UNITS}/%C2%A0BU1/buildings/B1%20")
    assert (served.status_code, served.json()["data"]["businessUnitIds"]) == (200, "BU1"), served.text
