"""What of a server belongs to a home; with a real server in ``test_by_itself``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crossdock.flows.homes import carried, pool
from crossdock.settings import Settings


def test_the_pool_is_named_after_the_home_and_no_two_homes_share_one(tmp_path: Path) -> None:
    first, second = (pool(Settings(home=tmp_path / name)) for name in ("a-b/home", "a/b/home"))
    assert re.fullmatch(r"crossdock-a-b-home-[0-9a-f]{6}", first)
    assert re.fullmatch(r"crossdock-b-home-[0-9a-f]{6}", second)
    same_words = {pool(Settings(home=tmp_path / name)) for name in ("a-b/c", "a/b-c", "x/a b/c")}
    assert len(same_words) == 3


def test_a_deployment_carries_where_its_runs_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    variables = carried(Settings(home=Path("home"), partners=Path("toml"), nightly="0 1 * * *"))
    assert variables == {
        "CROSSDOCK_HOME": str(tmp_path / "home"),
        "CROSSDOCK_DATABASE_URL": f"sqlite:///{tmp_path / 'home' / 'crossdock.db'}",
        "CROSSDOCK_PARTNERS": str(tmp_path / "toml"),
    }


@pytest.mark.parametrize("url", ["postgresql://me:s3cret@db/crossdock", "postgresql://me@db/crossdock?password=s3cret"])
def test_a_deployment_carries_no_password(url: str) -> None:
    assert list(carried(Settings(home=Path("/srv"), database_url=url))) == ["CROSSDOCK_HOME"]
    without = url.replace(":s3cret", "").removesuffix("?password=s3cret")
    assert carried(Settings(database_url=without))["CROSSDOCK_DATABASE_URL"] == without
