"""An order that the feed splits: parts of it that are stored, and that the file doesn't bring any more."""

from __future__ import annotations

import numpy as np

from crossdock.failures.failures import Failures
from crossdock.frames.columns import distinct, filled, has_value, key_texts, length, rows_at
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import folds, whole_key, whole_numbers
from crossdock.pipeline.lookup.stored_side import StoredSide, askable
from crossdock.schema.relations import CANCELLED, CLOSED


def check_order_parts(assembled: Assembled, stored_side: StoredSide, feed: Feed, stored: Stored) -> Failures:
    """Orders of which a part is new or changes while another one, which is stored and open, is not in the file: its
    lines may be in the first one now, and would be shipped twice. One warning an order.

    Documents with an action say themselves what is to be done with them.
    """
    document = feed.document
    key = whole_key(assembled, feed)
    sent = ~stored_side.same & (assembled.actions("header") == "upsert")
    sent &= has_value(key, document.number) & askable(key)
    if not feed.keys.split_by or not sent.any():
        return Failures.none()
    own_folds = folds(key, document)
    of_sent = rows_at(own_folds, np.flatnonzero(sent))
    alike = stored.similar(document, rows_at(of_sent, distinct(of_sent)), feed.partner)
    if not length(alike):
        return Failures.none()
    units, numbers = own_folds["unit"].to_pylist(), filled(key, document.number).tolist()
    in_file = set(key_texts(assembled.key).to_pylist())
    stored_numbers, stored_keys, states = (alike[name].to_pylist() for name in ("number", "key", "state"))
    orders = whole_numbers(stored_numbers, key, document)
    ended = {CANCELLED, CLOSED} | ({document.moved.done} if document.moved else set())
    left = {
        (unit, order): number
        for unit, order, number, stored_key, state in zip(
            alike["unit"].to_pylist(), orders, stored_numbers, stored_keys, states, strict=True
        )
        if stored_key not in in_file and state not in ended
    }
    places, others = [], []
    for place in np.flatnonzero(sent).tolist():
        other = left.pop((units[place], numbers[place]), None)
        if other is not None:
            places.append(place)
            others.append({"other": other.removeprefix(feed.number_prefix)})
    return feed.failures(assembled.header.lines[places], "", "other_parts", others)
