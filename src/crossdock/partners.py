"""The partners: one TOML each, read and checked.

A mistake in a TOML is a mistake of ours, not of the partner: it is named with file, line and the nearest valid key,
all mistakes of all files at once, before any drop is touched.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from rapidfuzz import process

from crossdock.documents import DOCUMENTS
from crossdock.documents.document import Document, Kind
from crossdock.documents.document import Field as DocumentField
from crossdock.documents.names import fold
from crossdock.failures import CODES, Refused
from crossdock.feeds import Feed, Keys, Options

BUILT_IN = "house"
"""The partner that writes our own names; the only one that may leave its zone to the settings."""


DIRECTIVES = "dmYyHIMSpfbB"
"""What a date format may hold."""


class Misconfigured(Exception):
    """Mistakes in the partners' TOML files, a sentence each."""


class _PartnerKeys(BaseModel):
    """The keys at the top of a partner's TOML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    name: str = ""
    zone: str | None = None
    business_units: Annotated[tuple[str, ...], Field(min_length=1)]
    mode: Literal["live", "test", "paused"] = "live"
    shared: bool = False
    master: bool = False
    feed: tuple[Keys, ...] = ()


@dataclass(frozen=True)
class Partner:
    """Who sends."""

    id: str
    name: str
    feeds: tuple[Feed, ...]


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
        """The one feed that claims a file of that name, among the partner's where its folder names one."""
        found = [feed for feed in self.feeds() if feed.claims(file) and partner in (None, feed.partner)]
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
        keys = _PartnerKeys.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return None, [f"{path}: {error}"]
    except ValidationError as error:
        return None, [_told(path, text, each["loc"], _reason(each)) for each in error.errors()]
    mistakes = [_told(path, text, place, reason) for place, reason in _mistakes(keys)]
    named = keys.zone or (zone if keys.id == BUILT_IN else None)
    if named is None:
        mistakes.append(f'{path}: zone is missing: timestamps without an offset need one, such as "Europe/Berlin"')
    try:
        read = ZoneInfo(named or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mistakes.append(_told(path, text, ("zone",), f"{named!r} is not a time zone"))
    if mistakes:
        return None, mistakes
    feeds = tuple(
        Feed(keys.id, read, keys.business_units, keys.shared, DOCUMENTS[feed.document], _qualified(feed))
        for feed in keys.feed
    )
    return Partner(keys.id, keys.name or keys.id, feeds), []


def _reason(error: Any) -> str:
    key = str(error["loc"][-1])
    if error["type"] != "extra_forbidden":
        return f"{key}: {error['msg'][0].lower()}{error['msg'][1:]}"
    inside = [part for part in error["loc"] if isinstance(part, str)]
    model = Options if "options" in inside[:-1] else Keys if "feed" in inside[:-1] else _PartnerKeys
    return f"there is no key {key!r}{_nearest(key, model.model_fields)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    by_fold = {fold(each): each for each in names}
    found = process.extractOne(fold(name), list(by_fold), score_cutoff=50)
    return f", did you mean {by_fold[found[0]]!r}?" if found else f", there are: {', '.join(sorted(names))}"


Place = tuple[str | int, ...]


def _mistakes(keys: _PartnerKeys) -> Iterator[tuple[Place, str]]:
    """What the types can't see: names that no document has, and what is not possible yet."""
    if keys.mode != "live":
        yield ("mode",), f"mode = {keys.mode!r} is not possible yet"
    if keys.master:
        yield ("master",), "master = true is not possible yet"
    for number, feed in enumerate(keys.feed):
        at: Place = ("feed", number)
        document = DOCUMENTS.get(feed.document)
        if document is None:
            reason = f"there is no document {feed.document!r}{_nearest(feed.document, DOCUMENTS)}"
            yield (*at, "document"), reason
            continue
        if feed.version:
            yield (*at, "version"), "version is not possible yet"
        for answer in feed.answer:
            if answer != "file":
                yield (*at, "answer"), f"answer {answer!r} is not possible yet"
        yield from (((*at, *place), reason) for place, reason in _unknown_names(feed, document))
        yield from (((*at, *place), reason) for place, reason in _wrong_severities(feed))
        yield from (((*at, *place), reason) for place, reason in _wrong_notation(feed))
        yield from (((*at, *place), reason) for place, reason in _wrong_kinds(feed, document))
        unit = feed.constants.get("businessUnitId", keys.business_units[0])
        if unit not in keys.business_units:
            yield (*at, "constants", "businessUnitId"), f"{unit!r} is not among business_units"


def _wrong_severities(feed: Keys) -> Iterator[tuple[Place, str]]:
    for code in feed.severity:
        if code not in CODES:
            yield ("severity", code), f"there is no code {code!r}{_nearest(code, CODES)}"
        elif CODES[code].fixed and feed.severity[code] == "warning":
            yield ("severity", code), f"{code} can't be lowered: a wrong value could be stored"


def _wrong_notation(feed: Keys) -> Iterator[tuple[Place, str]]:
    if feed.thousands == feed.decimal:
        yield ("thousands",), f"thousands and decimal are both {feed.decimal!r}"
    for pattern in feed.dates:
        used = re.findall(r"%(.)", pattern)
        strange = [each for each in used if each not in DIRECTIVES]
        if strange:
            yield (
                ("dates",),
                f"{pattern!r}: %{strange[0]} is not possible; use {' '.join('%' + each for each in DIRECTIVES)}",
            )
        elif not ({"d"} <= set(used) and {"m", "b", "B"} & set(used) and {"Y", "y"} & set(used)):
            yield ("dates",), f"{pattern!r} needs a day, a month and a year, such as %d.%m.%Y"
    folded: dict[str, str] = {}
    for theirs in feed.columns:
        if fold(theirs) in folded:
            yield ("columns", theirs), f"{theirs!r} and {folded[fold(theirs)]!r} are the same column"
        folded[fold(theirs)] = theirs


def _wrong_kinds(feed: Keys, document: Document) -> Iterator[tuple[Place, str]]:
    for name, way in feed.agree.items():
        field = _field(document, name)
        if field and way != "first" and field.kind not in (Kind.DATE, Kind.TIMESTAMP):
            yield ("agree", name), f"{name} is no date, so there is no {way} of it"
    for name in feed.optional:
        field = _field(document, name)
        if field and field.required:
            yield ("optional",), f"{name} can't be optional: nothing can be stored without it"


def _field(document: Document, name: str) -> DocumentField | None:
    found = document.fields.get(document.spellings.get(fold(name), ""))
    return found[1] if found else None


def _unknown_names(feed: Keys, document: Document) -> Iterator[tuple[Place, str]]:
    known = document.spellings
    names = list(document.fields) + [level.array for level in document.levels if level.array]
    for key in ("agree", "pad", "constants", "defaults", "values", "optional"):
        for name in getattr(feed, key):
            if fold(name) not in known:
                place = (key,) if key == "optional" else (key, name)
                yield place, f"{document.name} has no field {name!r}{_nearest(name, names)}"
    for theirs, ours in feed.columns.items():
        if fold(ours) not in known and fold(ours) not in document.arrays:
            yield ("columns", theirs), f"{document.name} has no field {ours!r}{_nearest(ours, names)}"
    lists = sorted({field.refers for _, field in document.fields.values() if field.refers})
    for name in feed.references:
        if name not in lists:
            yield ("references", name), f"{document.name} refers to no list {name!r}{_nearest(name, lists)}"


def _qualified(feed: Keys) -> Keys:
    """The same keys with every field under its qualified name."""
    document = DOCUMENTS[feed.document]
    known = document.spellings | {name: level.array for level in document.levels for name in [fold(level.array)]}

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
            "optional": tuple(known[fold(name)] for name in feed.optional),
            "columns": {theirs: known[fold(ours)] for theirs, ours in feed.columns.items()},
        }
    )


_TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")


def _told(path: Path, text: str, place: Place, reason: str) -> str:
    line = _line(text, place)
    return f"{path}:{line}: {reason}" if line else f"{path}: {reason}"


def _line(text: str, place: Place) -> int | None:
    """The line of a TOML on which a key stands; of its table, where the key itself is not found."""
    names = [part for part in place if isinstance(part, str)]
    wanted = next((part for part in place if isinstance(part, int)), None)
    feed, inside, nearest = -1, [""], None
    for number, line in enumerate(text.splitlines(), 1):
        table = _TABLE.match(line)
        if table:
            inside = [part.strip().strip('"') for part in table[1].split(".")]
            feed += line.lstrip().startswith("[[")
        if wanted is not None and feed != wanted:
            continue
        key = re.match(r"""^\s*["']?(.+?)["']?\s*=""", line)
        if table and inside[-1] == names[-1]:
            return number
        if key and key[1] == names[-1] and (len(names) < 2 or inside[-1] in (names[-2], "")):
            return number
        if (key and key[1] in names) or (table and nearest is None and inside == names[: len(inside)]):
            nearest = number
    return nearest
