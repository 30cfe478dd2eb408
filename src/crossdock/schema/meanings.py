"""What each field means, in a sentence with its source: for ``describe``, templates, the pages and the HTTP API.

``meanings.csv`` has a row for each name, and one more (``document``) where a document means something else by it. An
address is a name (``shipTo``) and a part of it (``.city``); the sentence is made of both.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Meaning:
    """A sentence, and the standard or the contract that it is from."""

    sentence: str
    source: str


@cache
def _rows() -> dict[tuple[str, str], Meaning]:
    """Field (or name or part of an address) and document ('': every) → what it means."""
    with Path(__file__).with_name("meanings.csv").open(encoding="utf-8", newline="") as file:
        return {(row["field"], row["document"]): Meaning(row["meaning"], row["source"]) for row in csv.DictReader(file)}


def meaning(document: str, name: str) -> Meaning:
    """What a field of a document type means; ``name`` is the field's own, such as ``shipTo.city``.

    Raises ``KeyError`` where no row has it.

    >>> meaning("asn", "shipFrom.city")
    Meaning(sentence='Where the goods come from: city or town.', source='Warehouse API; X12 N1 SF')
    """
    rows = _rows()
    own = rows.get((name, document)) or rows.get((name, ""))
    if own is not None:
        return own
    whole, part = rows[address(name), ""], name.rpartition(".")[2]
    return Meaning(f"{whole.sentence}: {rows[f'.{part}', ''].sentence}.", whole.source)


def address(name: str) -> str:
    """The address that a field is a part of; '' where it is of none.

    >>> address("shipFrom.city"), address("primaryContact.email")
    ('shipFrom', '')
    """
    whole, _, part = name.rpartition(".")
    return whole if (name, "") not in _rows() and (f".{part}", "") in _rows() else ""
