"""Document keys as they are stored, and in the form in which similar keys are equal."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import Cells, array, joined, length, or_else, unit_of
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.schema.codes import SPLIT
from crossdock.schema.document import Document


def stored_keys(key: Cells, document: Document) -> dict[str, pa.Array]:
    """Document keys (one row per document) as SQL columns, '' for a null."""
    return {document.header.field(name).column: or_else(key[name], "") for name in document.key}


def whole_key(assembled: Assembled, feed: Feed) -> Cells:
    """The keys of a batch, in which a part of an order that the feed splits has the number of the order."""
    if not feed.keys.split_by:
        return assembled.key
    number, cells = feed.document.number, assembled.header.cells
    parts = [cells[name].to_pylist() for name in feed.keys.split_by if name in cells]
    whole = [
        each and feed.whole_number(each, [values[place] for values in parts])
        for place, each in enumerate(assembled.key[number].to_pylist())
    ]
    return {**assembled.key, number: pa.array(whole, pa.string())}


def whole_numbers(stored: Iterable[str], key: Cells, document: Document) -> list[str]:
    """Of the numbers of stored documents the numbers of the orders that they are parts of: what stands before a
    ``SPLIT`` and is like a number of ``key``; else they themselves.
    """
    zeros = document.header.field(document.number).zeros_count
    like_ours = set(_folded(key[document.number], zeros=zeros).to_pylist())
    beginnings = [[each[:end] for end, letter in enumerate(each) if letter == SPLIT] + [each] for each in stored]
    folds_of = iter(_folded(pa.array(list(chain.from_iterable(beginnings)), pa.string()), zeros=zeros).to_pylist())
    alike = [[each for each in of_one if next(folds_of) in like_ours] for of_one in beginnings]
    return [some[0] if some else of_one[-1] for some, of_one in zip(alike, beginnings, strict=True)]


def folds(key: Cells, document: Document) -> dict[str, pa.Array]:
    """What is alike in similar document keys: ``key_fold``, and ``unit``, '' where units own no such document."""
    unit = array(unit_of(key)) if document.owned else pa.repeat("", length(key))
    return {"unit": unit, "key_fold": folded(key, document)}


def folded(key: Cells, document: Document) -> pa.Array:
    """Document keys (one row per document) without case, blanks and leading zeros: similar keys are equal then.

    Zeros that count (``Field.zeros_count``) stay.
    """
    names = [name for name in document.key if name != "businessUnitId"] or [document.number]
    return joined(_folded(key[name], zeros=document.header.field(name).zeros_count) for name in names)


def _folded(part: pa.Array, *, zeros: bool) -> pa.Array:
    text = pc.replace_substring(pc.utf8_lower(or_else(part, "")), " ", "")
    return text if zeros else pc.utf8_ltrim(text, "0")
