"""General settings of business units, which their feeds take as defaults (contracts/http.md §2).

They are values of the list of business units, so a file may bring them as well as the API: what is no setting, or has
no right value, is no default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.partners.asked import UNIT
from crossdock.partners.feed import Feed
from crossdock.partners.registry import BUILT_IN
from crossdock.schema.codes import currencies


def _is_zone(value: object) -> bool:
    try:
        return type(value) is str and bool(ZoneInfo(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_text(value: object) -> bool:
    return type(value) is str and 0 < len(value) <= 255


@dataclass(frozen=True)
class UnitSetting:
    """A general setting: ``fits`` tells whether a value is one, ``must_be`` says what it must be."""

    fits: Callable[[object], bool]
    must_be: str


SETTINGS = {
    "zone": UnitSetting(_is_zone, "a time zone, such as Europe/Berlin"),
    "currency": UnitSetting(lambda value: isinstance(value, str) and value in currencies(), "a currency of ISO 4217"),
    "hold": UnitSetting(lambda value: value in ("document", "line", "file"), "document, line or file"),
    "acknowledgementUrl": UnitSetting(_is_text, "an address"),
    "acknowledgementEmail": UnitSetting(_is_text, "an address, or several with commas between"),
    "contactName": UnitSetting(_is_text, "a name"),
}
"""By name. Feeds take ``currency`` and ``hold``, those of our own names ``zone``; the others are for people."""


def units_of(feed: Feed) -> tuple[str, ...]:
    """The business units whose documents a feed brings; none where its documents have no unit."""
    if not feed.document.owned:
        return ()
    constant = feed.keys.constants.get(feed.document.spelled(UNIT, feed.document.header))
    return (constant,) if constant else feed.business_units


def with_settings(feed: Feed, of_units: Iterable[Mapping[str, Any]]) -> Feed:
    """The feed with the settings of its business units for what its TOML doesn't say; only those on which all of the
    units agree. ``of_units``: the settings of each.
    """
    first, *others = [
        {name: value for name, value in each.items() if name in SETTINGS and SETTINGS[name].fits(value)}
        for each in of_units
    ] or [{}]
    agreed = {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}
    keys: dict[str, Any] = {}
    if "hold" in agreed and "hold" not in feed.keys.model_fields_set:
        keys["hold"] = agreed["hold"]
    if "currency" in agreed:
        named = {**feed.keys.constants, **feed.keys.defaults}
        of_currency = [name for name, (_, field) in feed.document.fields.items() if field.codes == "currency"]
        defaults = {name: agreed["currency"] for name in of_currency if name not in named}
        keys |= {"defaults": {**feed.keys.defaults, **defaults}} if defaults else {}
    zone = ZoneInfo(agreed["zone"]) if "zone" in agreed and feed.partner == BUILT_IN else feed.zone
    if not keys and zone == feed.zone:
        return feed
    return replace(feed, zone=zone, keys=feed.keys.model_copy(update=keys))
