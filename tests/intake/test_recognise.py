"""What a file is, as each door is told: a table of files, names and what was asked. No database."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crossdock.failures.refusals import REFUSALS, Refused
from crossdock.formats.fix_stamp import LINES, SHEET, Stamp
from crossdock.formats.retained import Head, write
from crossdock.intake import completeness, files
from crossdock.intake.files import Identity
from crossdock.intake.recognise import Archive, BrokenPromise, open_drop, try_open
from crossdock.model.drop import Drop
from crossdock.partners import registry
from crossdock.partners.registry import Partners

TOML = """
id = "{name}"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "sales_order"
files = "{name}_orders*"
manifest = "{{name}}.manifest"
[[feed]]
document = "sku"
files = ["{name}_sku*", "both*"]
"""
CONTENT = b"customerOrderNumber,skuId\nSO-1,AB\n"
STAMP = Stamp("261122-AAAAAAAAAA", "acme/sales_order", "acme_orders.csv", "delimited", ("a",), "a", "Problem", "mark")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Partners:
    folder = tmp_path_factory.mktemp("partners")
    for name in ("acme", "beta"):
        (folder / f"{name}.toml").write_text(TOML.format(name=name))
    return registry.load(folder, "UTC")


def stamped(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = LINES
    sheet = book.create_sheet(SHEET)
    for row in STAMP.cells():
        sheet.append(row)
    book.save(path)


def held(path: Path) -> None:
    head = Head("261122-BBBBBBBBBB", "beta/sku", "beta_sku.csv", [], {"format": "delimited"}, plain=False)
    write(path, head, [])


def text(path: Path) -> None:
    path.write_bytes(CONTENT)


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress(CONTENT))


Made = Callable[[Path], None]


@dataclass(frozen=True)
class Opened:
    """What of a drop depends on how it is opened."""

    feed: str
    name: str
    fixes: str | None = None


@pytest.mark.parametrize(
    ("name", "content", "arguments", "expected"),
    [
        ("acme_orders.csv", text, {}, Opened("acme/sales_order", "acme_orders.csv")),
        ("acme_orders.csv", text, {"partner": "acme"}, Opened("acme/sales_order", "acme_orders.csv")),
        ("acme_orders.csv", text, {"feed": "beta/sku"}, Opened("beta/sku", "acme_orders.csv")),
        ("both.csv", text, {"partner": "beta"}, Opened("beta/sku", "both.csv")),
        ("copy.part", text, {"name": "beta_sku.csv"}, Opened("beta/sku", "beta_sku.csv")),
        ("acme_orders.csv", text, {"partner": "beta"}, "no_feed"),
        ("whatever.csv", text, {}, "no_feed"),
        ("both.csv", text, {}, "several_feeds"),
        ("acme_orders.csv", text, {"feed": "acme/asn"}, "unknown_feed"),
        ("acme_orders.csv", text, {"partner": "gamma"}, "no_feed"),
        ("none.csv", None, {}, "not_a_file"),
        ("whatever.xlsx", stamped, {}, Opened("acme/sales_order", "whatever.xlsx", STAMP.job)),
        ("beta_sku.xlsx", stamped, {"partner": "acme"}, Opened("acme/sales_order", "beta_sku.xlsx", STAMP.job)),
        ("whatever.xlsx", stamped, {"feed": "acme/sales_order"}, Opened("acme/sales_order", "whatever.xlsx", STAMP.job)),
        ("whatever.xlsx", stamped, {"feed": "acme/sku"}, "foreign_fix"),
        ("whatever.xlsx", stamped, {"partner": "beta"}, "foreign_fix"),
        ("acme_orders.held.jsonl", held, {"replays": True}, Opened("beta/sku", "beta_sku.csv", "261122-BBBBBBBBBB")),
        ("acme_orders.held.jsonl", held, {}, Opened("acme/sales_order", "acme_orders.held.jsonl")),
        ("acme_orders.gz", packed, {}, ("acme", None)),
        ("night.gz", packed, {}, ("", None)),
        ("night.gz", packed, {"partner": "beta"}, ("beta", None)),
        ("acme_orders.gz", packed, {"feed": "beta/sku"}, ("beta", "beta/sku")),
        ("acme_orders.gz", packed, {"feed": "beta/asn"}, ("", "beta/asn")),
    ],
)  # fmt: skip
def test_what_a_file_is(
    known: Partners, tmp_path: Path, name: str, content: Made | None, arguments: dict[str, Any], expected: object
) -> None:
    """A drop; the code of a refusal; of an archive, whose it is and the feed that was named for its members."""
    path = tmp_path / name
    if content is not None:
        content(path)
    if isinstance(expected, str):
        with pytest.raises(Refused) as error:
            open_drop(path, known, **arguments)
        assert error.value.code == expected
        return
    opened = open_drop(path, known, **arguments)
    assert opened.path == path
    if isinstance(opened, Archive):
        assert (opened.partner, opened.feed) == expected
    else:
        assert Opened(opened.feed.name, opened.name, opened.fixes) == expected
        assert opened.digest == sha256(path.read_bytes()).hexdigest()


RIGHT = {"name": "acme_orders.csv", "size": len(CONTENT), "sha256": sha256(CONTENT).hexdigest()}


@pytest.mark.parametrize(
    ("promise", "expected"),
    [
        (None, None),
        (RIGHT, None),
        (RIGHT | {"count": 7}, 7),  # how many there are is seen when they are read
        (RIGHT | {"size": 1}, "manifest_size"),
        (RIGHT | {"sha256": "0"}, "manifest_digest"),
        (RIGHT | {"name": "other.csv"}, "bad_manifest"),
    ],
)
def test_what_a_manifest_promises(
    known: Partners, tmp_path: Path, promise: dict[str, Any] | None, expected: int | str | None
) -> None:
    """It is beside the file under the name that the file is called by, and a refusal knows the feed."""
    for name in ("acme_orders.csv", "copy.part"):
        path = tmp_path / name
        path.write_bytes(CONTENT)
        if promise is not None:
            (tmp_path / "acme_orders.csv.manifest").write_text(json.dumps(promise))
        seen = try_open(path, known, feed=None, partner="", name="acme_orders.csv", identity=files.identify(path))
        assert isinstance(seen, Drop)
        assert seen.feed.name == "acme/sales_order"
        if isinstance(expected, str):
            with pytest.raises(BrokenPromise) as error:
                open_drop(path, known, name="acme_orders.csv")
            broken = error.value
            assert (broken.code, broken.drop.feed.name) == (expected, "acme/sales_order")
            assert str(broken) == broken.sentence
            assert broken.sentence.startswith(REFUSALS[expected].partition("{")[0])
        else:
            opened = open_drop(path, known, name="acme_orders.csv")
            assert isinstance(opened, Drop)
            assert opened.expected == expected


def test_the_identity_that_a_job_was_booked_with_is_kept(known: Partners, tmp_path: Path) -> None:
    """A writer that still holds the file doesn't change what was taken; its manifest is held against that."""
    path = tmp_path / "acme_orders.csv"
    path.write_bytes(CONTENT)
    taken = Identity(sha256(CONTENT).hexdigest(), len(CONTENT), datetime(2026, 11, 22, tzinfo=UTC))
    (tmp_path / "acme_orders.csv.manifest").write_text(json.dumps(RIGHT))
    path.write_bytes(CONTENT * 2)
    opened = open_drop(path, known, identity=taken)
    assert isinstance(opened, Drop)
    assert Identity(opened.digest, opened.size, opened.received) == taken
    with pytest.raises(BrokenPromise):
        open_drop(path, known)
    with pytest.raises(BrokenPromise):
        open_drop(path, known, identity=replace(taken, size=1))


def test_what_is_refused_without_a_feed_is_nothing_yet(known: Partners, tmp_path: Path) -> None:
    path = tmp_path / "whatever.csv"
    path.write_bytes(CONTENT)
    assert try_open(path, known, feed=None, partner="", name=path.name, identity=files.identify(path)) is None
    assert completeness.companions(None, path) == []
