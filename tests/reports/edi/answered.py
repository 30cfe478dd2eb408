"""Interchanges that are brought in, and the acknowledgements that lie in the outbox afterwards."""

from __future__ import annotations

import re
from pathlib import Path

from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from tests.warehouse import Warehouse

GOLDEN = Path(__file__).parent / "golden"
MOMENTS = (
    (re.compile(r"(?m)^(ISA(.)(?:[^\n]*?\2){8})\d{6}\2\d{4}"), r"\g<1>261128\g<2>1200"),
    (re.compile(r"(?m)^(BAK(.)(?:[^\n]*?\2){8})\d{8}"), r"\g<1>20261128"),
    (re.compile(r"(?m)^(GS(.)(?:FA|AG|PR|CA)\2[^\n]*?)\d{8}\2\d{4}\2"), r"\g<1>20261128\g<2>1200\g<2>"),
    (re.compile(r"(?m)^(UNB\+[^+]*\+[^+]*\+[^+]*\+)\d{6,8}:\d{4}"), r"\g<1>261128:1200"),
)
"""When an acknowledgement was made: in golden files it is always the same moment."""


def masked(text: str) -> str:
    """An acknowledgement as if it had been made at that moment."""
    for pattern, moment in MOMENTS:
        text = pattern.sub(moment, text)
    return text


def outbox(warehouse: Warehouse, partner: str = "acme") -> dict[str, str]:
    """The acknowledgements in a partner's outbox, by the name of their file."""
    paths = sorted((warehouse.home / "outbox" / partner).glob("*.edi"))
    return {path.name: masked(path.read_text(encoding="utf-8")) for path in paths}


def answered(warehouse: Warehouse, content: bytes, toml: str, name: str = "x.edi") -> dict[str, str]:
    """Bring an interchange in; the acknowledgements that are in the outbox then, by the name of their file."""
    warehouse.partner(whole=toml)
    warehouse.drop(name, content)
    warehouse.work()
    attempts = courier.deliver(warehouse.site, Wire())
    assert all(each.delivered for each in attempts), attempts
    return outbox(warehouse)


def golden(name: str) -> str:
    """A golden file."""
    return (GOLDEN / f"{name}.edi").read_text(encoding="utf-8")
