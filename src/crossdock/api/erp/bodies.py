"""The body of the drop that a call is: one document ``erp_sales_order``, as its feed reads JSON."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from crossdock.api.erp.calls import LINE_KEY, LINE_NUMBER, NUMBER
from crossdock.api.erp.parameters import Value

KEY_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KEY_LENGTH = 10
"""The ERP's own keys: ten characters (erp.md §1.4)."""

Body = dict[str, object]


def added(values: Mapping[str, Value]) -> Body:
    """A new order."""
    return {"action": "insert", **values}


def edited(values: Mapping[str, Value]) -> Body:
    """An order that must be there."""
    return {"action": "update", **values}


def item_added(values: Mapping[str, Value], line_number: str) -> Body:
    """A new line of an order, with a key of its own: no line that is stored has it."""
    key = "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))
    return _with_item(values, line_number, {**_of_item(values), LINE_KEY: key})


def item_edited(values: Mapping[str, Value], line_number: str) -> Body:
    """A line of an order with what changes."""
    return _with_item(values, line_number, _of_item(values))


def item_deleted(values: Mapping[str, Value], line_number: str) -> Body:
    """A line of an order that is cancelled."""
    return _with_item(values, line_number, {"action": "cancel"})


def _with_item(values: Mapping[str, Value], line_number: str, item: Mapping[str, Value]) -> Body:
    return {"action": "update", NUMBER: values[NUMBER], "items": [{LINE_NUMBER: line_number, **item}]}


def _of_item(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name not in (NUMBER, LINE_NUMBER, LINE_KEY)}
