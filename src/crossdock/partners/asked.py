"""The feed that somebody names: ``partner/document``, or with what a request says of its body beside it.

A body that comes by a request is read by the partner's feed for it, and the request itself says a part: the business
unit of the path, what is to be done (``acme/sales_order?businessUnitId=BU1&action=insert``). That text is booked with
the job, so every worker that takes it reads the body alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode

MARK = "?"
"""What stands between a feed and what a request says."""
REVISION = "@revision"
"""What a request may give besides fields: the revision that its document must have."""
SENDS = "@sends"
"""The feed's key of that name: what a call of a part of a document sends are changes, whatever the feed says."""
UNIT = "businessUnitId"
"""The field that a request's path names: the body may name no other."""


@dataclass(frozen=True)
class Asked:
    """A feed by name (``partner/document``), and the values that a request gives, by field."""

    feed: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.feed}{MARK}{urlencode(self.values, quote_via=quote)}"


def lasting(text: str) -> str:
    """What a request asked for, without the revision: that was meant for one moment.

    >>> lasting("acme/sales_order?businessUnitId=BU1&action=replace&%40revision=3")
    'acme/sales_order?businessUnitId=BU1&action=replace'
    """
    request = read(text)
    if request is None:
        return text
    return str(Asked(request.feed, {name: value for name, value in request.values.items() if name != REVISION}))


def read(text: str) -> Asked | None:
    """What a request asked for, of its text; None where the text names a feed of files.

    >>> read("acme/sales_order?businessUnitId=BU1&action=insert")
    Asked(feed='acme/sales_order', values={'businessUnitId': 'BU1', 'action': 'insert'})
    >>> read("acme/sales_order")
    """
    feed, mark, values = text.partition(MARK)
    return Asked(feed, dict(parse_qsl(values, keep_blank_values=True))) if mark else None
