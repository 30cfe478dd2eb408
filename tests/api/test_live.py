"""A partner that comes, changes or has a mistake while the server runs: nobody starts the server again for it."""

from __future__ import annotations

import pytest

from crossdock.api.door import live
from crossdock.api.door.state import Options
from crossdock.partners import registry
from tests.api.conftest import Api, serving
from tests.api.pages.conftest import Site
from tests.api.test_singles import ORDERS, order
from tests.warehouse import Warehouse


def test_partners_are_as_their_files_are_now(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.0)
    folder = warehouse.home / "partners"
    warehouse.partner("acme")
    with serving(warehouse, Options(source=(lambda: folder, lambda: registry.load_each(folder, "UTC")))) as url:
        api, site = Api(warehouse, url), Site(warehouse, url)
        assert api.client.post(ORDERS, json=order()).status_code == 201
        warehouse.partner("later")
        with api.of(api.key("later")) as theirs:
            assert theirs.post(ORDERS, json=order("SO-2")).status_code == 201
            assert "later/sales_order" in site.person("later").client.get("/ui/upload").text
            warehouse.partner("later", top="sharde = true")
            assert theirs.get(ORDERS).status_code == 503
            warehouse.partner("later", keys='api = true\nvalues = { "orderLines.skuId" = { "A-B" = "AB" } }')
            line = {"customerLineNumber": "1", "skuId": "A-B", "quantity": 5}
            mapped = {"data": [order("SO-3")["data"] | {"orderLines": [line]}]}
            ended = theirs.post(f"{ORDERS}/bulk", json=mapped, headers={"Prefer": "wait=30"})
            assert ended.json()["data"]["status"] == "COMPLETED", ended.text
            assert theirs.get(f"{ORDERS}/SO-3").json()["data"]["orderLines"][0]["skuId"] == "AB"
        (folder / "later.toml").unlink()
        assert api.of(api.key("later")).get(ORDERS).status_code == 401
        assert api.client.get(ORDERS).status_code == 200
        api.client.close()
