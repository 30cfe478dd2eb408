"""The partners: one TOML each, read and checked.

A mistake in a TOML is a mistake of ours, not of the partner: it is named with file, line and the nearest valid key,
all mistakes of all files at once, before any drop is touched.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from crossdock.documents import DOCUMENTS
from crossdock.failures.refusals import Refused
from crossdock.partners.config_errors import mistakes_of, reason, told
from crossdock.partners.feed import Feed
from crossdock.partners.feed_config import DROP, Keys
from crossdock.partners.partner_config import AT_ONCE, PartnerKeys, Post
from crossdock.schema.names import fold

BUILT_IN = "house"
"""The partner that writes our own names; the only one that may leave its zone to the settings."""


class Misconfigured(Exception):
    """Mistakes in the partners' TOML files, a sentence each."""


@dataclass(frozen=True)
class Partner:
    """Who sends."""

    id: str
    name: str
    feeds: tuple[Feed, ...]
    paused: bool = False
    pick_up: str = AT_ONCE
    at_once: int = 1
    outbox: str | None = None
    post: Post | None = None


@dataclass(frozen=True)
class Partners:
    """All partners that are known, and which of their feeds a file is of."""

    by_id: dict[str, Partner]

    def feeds(self) -> Iterator[Feed]:
        """Every feed, partner by partner."""
        for partner in self.by_id.values():
            yield from partner.feeds

    def named(self, name: str, file: str = "") -> Feed:
        """The feed ``partner/document``; where a partner has several of a document, the one that claims ``file``."""
        found = [feed for feed in self.feeds() if feed.name == name]
        if len(found) > 1:
            found = [feed for feed in found if feed.claims(file)] or found
        return _one(found, "unknown_feed", feed=name, name=file, known=self._known())

    def claim(self, file: str, partner: str | None = None) -> Feed:
        """The feed that claims a file of that name, among the partner's where its folder names one.

        Of several the one whose pattern says most of the name; where two say as much, the file is refused.
        """
        said = [(feed.says(file), feed) for feed in self.feeds() if partner in (None, feed.partner)]
        most = max((much for much, _ in said), default=0)
        found = [feed for much, feed in said if much == most and feed.claims(file)]
        return _one(found, "no_feed", name=file, known=self._known(partner))

    def _known(self, partner: str | None = None) -> str:
        told = [
            f"{feed.name} claims {' '.join(feed.keys.files)}"
            for feed in self.feeds()
            if partner in (None, feed.partner)
        ]
        return "; ".join(told) or "no feed is known"


def _one(found: list[Feed], none: str, **details: str) -> Feed:
    if not found:
        raise Refused(none, **details)
    if len(found) > 1:
        raise Refused("several_feeds", name=details["name"], feeds=", ".join(feed.name for feed in found))
    return found[0]


def load(folder: Path, zone: str) -> Partners:
    """Read every ``*.toml`` of a folder. ``zone`` is for the built-in partner only.

    Raises ``Misconfigured`` with every mistake of every file.
    """
    if not folder.is_dir():
        raise Misconfigured(f"{folder}: there is no such folder of partners")
    mistakes: list[str] = []
    partners: dict[str, Partner] = {}
    for path in sorted(folder.glob("*.toml")):
        partner, wrong = _read(path, zone)
        mistakes += wrong
        if partner is None:
            continue
        if partner.id in partners:
            mistakes.append(f"{path}: the partner {partner.id!r} has another file already")
        partners[partner.id] = partner
    if mistakes:
        raise Misconfigured("\n".join(mistakes))
    return Partners(partners)


def _read(path: Path, zone: str) -> tuple[Partner | None, list[str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return None, [f"{path}: the file is not UTF-8 ({error.reason} at byte {error.start})"]
    try:
        keys = PartnerKeys.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return None, [f"{path}: {error}"]
    except ValidationError as error:
        return None, [told(path, text, each["loc"], reason(each)) for each in error.errors()]
    mistakes = [told(path, text, place, why) for place, why in mistakes_of(keys)]
    named = keys.zone or (zone if keys.id == BUILT_IN else None)
    if named is None:
        mistakes.append(f'{path}: zone is missing: timestamps without an offset need one, such as "Europe/Berlin"')
    try:
        read = ZoneInfo(named or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mistakes.append(told(path, text, ("zone",), f"{named!r} is not a time zone"))
    if mistakes:
        return None, mistakes
    feeds = tuple(
        Feed(keys.id, read, keys.business_units, keys.shared, DOCUMENTS[feed.document], _qualified(feed))
        for feed in keys.feed
    )
    made = Partner(
        keys.id, keys.name or keys.id, feeds, keys.mode == "paused", keys.pick_up, keys.at_once, keys.outbox, keys.post
    )
    return made, []


def _qualified(feed: Keys) -> Keys:
    """The same keys with every field under its qualified name."""
    document = DOCUMENTS[feed.document]
    known = document.spellings | {name: level.array for level in document.inner for name in [fold(level.array)]}

    def renamed(mapping: dict[str, Any]) -> dict[str, Any]:
        return {known[fold(name)]: value for name, value in mapping.items()}

    def of_header(mapping: dict[str, Any]) -> dict[str, Any]:
        floating = set(document.floating)
        return {f"header.{name}" if name in floating else name: value for name, value in renamed(mapping).items()}

    return feed.model_copy(
        update={
            "agree": renamed(feed.agree),
            "pad": renamed(feed.pad),
            "constants": of_header(feed.constants),
            "defaults": of_header(feed.defaults),
            "values": renamed(feed.values),
            "version": tuple(name if name == DROP else known[fold(name)] for name in feed.version),
            "optional": tuple(known[fold(name)] for name in feed.optional),
            "columns": {theirs: known[fold(ours)] for theirs, ours in feed.columns.items()},
        }
    )
