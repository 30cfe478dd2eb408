"""A partner whose TOML has a mistake: its keys are right, so nobody is told that they are not."""

from __future__ import annotations

import pytest

from crossdock.registers import keys
from tests.api.conftest import Api, serving
from tests.api.pages.conftest import Site
from tests.api.test_singles import ORDERS, order
from tests.commands import crossdock
from tests.warehouse import Warehouse

MISTAKE = "partners/acme.toml:5: there is no key 'sharde', did you mean 'shared'?"


@pytest.fixture
def paused(warehouse: Warehouse) -> Warehouse:
    warehouse.partner("acme", top="sharde = true")
    return warehouse


def test_a_caller_is_told_to_come_again_and_not_that_its_key_is_wrong(paused: Warehouse) -> None:
    with serving(paused) as url:
        api = Api(paused, url)
        for answer in (api.client.get(ORDERS), api.client.post(ORDERS, json=order())):
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "paused for a mistake" in answer.json()["detail"]
        assert api.client.get(f"/API/SO/Get/{api.key(kind=keys.ERP)}?soNo=1").status_code == 503
        site = Site(paused, url)
        page = site.visitor().sign_in(api.secret)
        assert (page.status_code, "paused for a mistake" in page.text, "opens nothing" in page.text) == (
            503,
            True,
            False,
        )
        assert site.operator().client.get("/ui/partners").status_code == 200
        assert "paused" not in api.of("cd_wrong").get(ORDERS).text
        api.client.close()


def test_a_command_that_names_it_says_the_mistake(paused: Warehouse) -> None:
    for words in (("keys", "add", "acme"), ("open", "--partner", "acme")):
        done = crossdock(*words)
        assert done.returncode == 2
        assert MISTAKE in done.stderr
        assert "there is no partner" not in done.stderr
