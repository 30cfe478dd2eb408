"""Orders that the feed splits: their parts that are stored, and what a file leaves unsaid about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from crossdock.failures.failures import Failures
from crossdock.frames.columns import Cells, distinct, filled, has_value, key_texts, length, rows_at
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import folds, whole_key, whole_numbers
from crossdock.pipeline.lookup.stored_side import StoredSide, askable
from crossdock.schema.relations import CANCELLED, CLOSED

NAMED = 5
"""How many parts a failure names."""


class Part(NamedTuple):
    """A stored part of an order that is not ended: its key, and its number as its partner sees it."""

    key: str
    number: str


def check_order_parts(assembled: Assembled, stored_side: StoredSide, feed: Feed, stored: Stored) -> Failures:
    """Orders of which a part is new or changes while another one, which is stored and open, is not in the file: its
    lines may be in the first one now, and would be shipped twice. One warning an order.

    Documents with an action say themselves what is to be done with them.
    """
    if not feed.keys.split_by:
        return Failures.none()
    key = whole_key(assembled, feed)
    sent = ~stored_side.same & assembled.acts("upsert")
    parts = _stored_parts(key, sent, feed, stored)
    in_file = set(key_texts(assembled.key).to_pylist())
    left = {order: [each for each in of_order if each.key not in in_file] for order, of_order in parts.items()}
    return _named("other_parts", assembled, key, sent, left, feed)


def check_whole_cancels(assembled: Assembled, cancels: np.ndarray, feed: Feed, stored: Stored) -> Failures:
    """Cancels of documents that don't exist (a mask), of orders that are stored in parts: they must say which."""
    if not feed.keys.split_by:
        return Failures.none()
    key = whole_key(assembled, feed)
    return _named("cancels_no_part", assembled, key, cancels, _stored_parts(key, cancels, feed, stored), feed)


def _stored_parts(key: Cells, wanted: np.ndarray, feed: Feed, stored: Stored) -> Mapping[tuple[str, str], list[Part]]:
    """Unit and number of the orders (a mask) that the feed splits → their stored parts, without those that are ended.

    ``key``: as ``whole_key`` returns it.
    """
    document = feed.document
    wanted = wanted & has_value(key, document.number) & askable(key)
    if not wanted.any():
        return {}
    of_wanted = rows_at(folds(key, document), np.flatnonzero(wanted))
    alike = stored.similar(document, rows_at(of_wanted, distinct(of_wanted)), feed.partner)
    if not length(alike):
        return {}
    units, numbers, keys, states = (alike[name].to_pylist() for name in ("unit", "number", "key", "state"))
    ended = {CANCELLED, CLOSED} | ({document.moved.done} if document.moved else set())
    parts: dict[tuple[str, str], list[Part]] = defaultdict(list)
    orders = whole_numbers(numbers, key, document)
    for unit, order, number, stored_key, state in zip(units, orders, numbers, keys, states, strict=True):
        if state not in ended:
            parts[unit, order].append(Part(stored_key, number.removeprefix(feed.number_prefix)))
    return parts


def _named(
    code: str,
    assembled: Assembled,
    key: Cells,
    of: np.ndarray,
    parts: Mapping[tuple[str, str], list[Part]],
    feed: Feed,
) -> Failures:
    """A failure of the first document (of a mask) of each order that has such parts, which it names."""
    if not parts:
        return Failures.none()
    units = folds(key, feed.document)["unit"].to_pylist()
    numbers = filled(key, feed.document.number).tolist()
    first: dict[tuple[str, str], int] = {}
    for place in np.flatnonzero(of).tolist():
        first.setdefault((units[place], numbers[place]), place)
    named = {place: sorted(part.number for part in parts.get(order, [])) for order, place in first.items()}
    named = {place: numbers for place, numbers in named.items() if numbers}
    details = ({"other": ", ".join(numbers[:NAMED] + ["…"] * (len(numbers) > NAMED))} for numbers in named.values())
    return feed.failures(assembled.header.lines[list(named)], "", code, details)
