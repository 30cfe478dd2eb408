"""``crossdock quote``: what is wrong with a request, and a rate card that isn't there."""

from __future__ import annotations

from pathlib import Path

from tests.commands import crossdock


def test_without_a_rate_card_the_empty_lists_are_named(tmp_path: Path) -> None:
    request = Path(__file__).parents[2] / "docs" / "acme" / "quote_request.json"
    done = crossdock("quote", str(request), cwd=tmp_path)
    empty = "the lists carrier_zone, carrier_rate, carrier_accessorial are empty; import a rate card first"
    assert (done.returncode, done.stdout, done.stderr) == (4, "", f"crossdock: {empty}\n")


def test_a_request_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text('{"data": {"origin": {}}}')
    done = crossdock("quote", "request.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "request.json: /data/containers is missing or empty; /data/origin/countryCode is missing" in done.stderr
    assert crossdock("quote", "none.json", cwd=tmp_path).stderr == "crossdock: none.json: No such file or directory\n"
