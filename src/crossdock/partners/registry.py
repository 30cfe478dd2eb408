"""The partners: one TOML each, read and checked.

A mistake in a TOML is a mistake of ours, not of the partner: all mistakes of all files are reported together, each with
file, line and the nearest valid key. A partner whose file has one is paused until it is corrected; the others continue.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from crossdock import bundled
from crossdock.documents import DOCUMENTS, Document
from crossdock.failures.refusals import Refused
from crossdock.partners import asked, code_lists
from crossdock.partners.asked import Asked
from crossdock.partners.code_lists import CodeList, WrongList
from crossdock.partners.config_errors import located, mistakes_of, reason
from crossdock.partners.edi_keys import EdiKeys
from crossdock.partners.feed import Feed
from crossdock.partners.feed_config import DROP, Keys
from crossdock.partners.partner_config import AT_ONCE, PartnerKeys, Post
from crossdock.schema.names import fold

BUILT_IN = "house"
"""The partner that writes our own names; only its zone may come from the settings."""
JSON = "json"
"""The format of what comes by a request."""
REQUESTS_KEPT = 256
"""How many feeds of requests are kept."""
MOST_NAMED = 12
"""How many feeds a sentence names."""


UTC = ZoneInfo("UTC")


class Misconfigured(Exception):
    """Mistakes in the partners' TOML files: the message has one line per mistake."""


@dataclass(frozen=True)
class Partner:
    """A partner and its feeds. ``zone``: of its times; ``business_units``: which it may write; ``shared``, ``master``:
    as its TOML says.
    """

    id: str
    name: str
    feeds: tuple[Feed, ...]
    paused: bool = False
    pick_up: str = AT_ONCE
    at_once: int = 1
    outbox: str | None = None
    post: Post | None = None
    zone: ZoneInfo = UTC
    business_units: tuple[str, ...] = ()
    shared: bool = False
    master: bool = False
    edi: EdiKeys = field(default_factory=EdiKeys)


@dataclass(frozen=True)
class Partners:
    """All known partners, and the choice of the feed of a file.

    ``broken``: id → the mistakes in its TOML, of partners that are paused for it. Files that could be theirs are for
    nobody else: ``named`` and ``claim`` raise ``Misconfigured``.
    """

    by_id: dict[str, Partner]
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _of_requests: dict[str, Feed] = field(default_factory=dict, repr=False, compare=False)

    @property
    def mistakes(self) -> list[str]:
        """Every mistake of every TOML, one line each."""
        return [each for mistakes in self.broken.values() for each in mistakes]

    def whole(self) -> Partners:
        """The same, if no TOML has a mistake; else raises ``Misconfigured``."""
        self._must_be_whole(None)
        return self

    def knows(self, partner: str) -> bool:
        """Whether there is such a partner, perhaps one whose TOML has a mistake."""
        return partner in self.by_id or partner in self.broken

    def unknown(self, partner: str) -> str:
        """What is said of a partner that there is not."""
        known = ", ".join([*self.by_id, *self.broken]) or "none"
        return f"there is no partner {partner!r}; there are: {known}"

    def of(self, partner: str) -> Partner | None:
        """The partner of an id, None if there is none. Raises ``Misconfigured`` if its TOML is wrong."""
        self._must_be_whole(partner)
        return self.by_id.get(partner)

    def feeds(self) -> Iterator[Feed]:
        """Every feed, partner by partner."""
        for partner in self.by_id.values():
            yield from partner.feeds

    def stored_numbers(self, number: str) -> list[tuple[Feed | None, str]]:
        """A document's number as it is (None: of any feed), and as feeds with a ``prefix`` store it."""
        return [(None, number), *((feed, prefix + number) for feed, prefix in self._prefixes())]

    def sent_numbers(self, number: str) -> list[tuple[Feed | None, str]]:
        """A document's number as it is (None: of any feed), and as it was sent to feeds that store it so."""
        prefixes = [(feed, prefix) for feed, prefix in self._prefixes() if number.startswith(prefix)]
        return [(None, number), *((feed, number.removeprefix(prefix)) for feed, prefix in prefixes)]

    def splitting(self) -> Iterator[Feed]:
        """The feeds that split an order into several documents."""
        return (feed for feed in self.feeds() if feed.keys.split_by)

    def _prefixes(self) -> list[tuple[Feed, str]]:
        return [(feed, feed.number_prefix) for feed in self.feeds() if feed.number_prefix]

    def named(self, name: str, file: str = "") -> Feed:
        """The feed ``partner/document``; if a partner has several of a document, the one that claims ``file``. What a
        request asked for is the feed of its body.

        Raises ``Refused`` if there is no such feed, or more than one, ``Misconfigured`` if the partner's TOML is wrong.
        """
        self._must_be_whole(name.partition("/")[0])
        request = asked.read(name)
        if request is not None:
            return self.of_request(request)
        feeds = [feed for feed in self.feeds() if feed.name == name]
        if len(feeds) > 1:
            feeds = [feed for feed in feeds if feed.claims(file)] or feeds
        return _one(feeds, "unknown_feed", feed=name, name=file, known=self._claims_near(name))

    def of_request(self, request: Asked) -> Feed:
        """The feed that reads the body of a request, as JSON: the partner's own with ``api = true``, else its only one
        of JSON, else the shipped feed of our own names. What the request gives is as a constant of it, and of the
        partner's business units only the request's may be named; its ``api`` is true, so bodies are not compared.

        Raises ``Refused`` if there is no such partner or document.
        """
        text = str(request)
        feed = self._of_requests.get(text)  # most ask for the same, and what a feed works out it keeps
        if feed is None:
            if len(self._of_requests) >= REQUESTS_KEPT:
                self._of_requests.clear()
            feed = self._of_requests[text] = self._for(request)
        return feed

    def _for(self, request: Asked) -> Feed:
        partner = self.by_id.get(request.feed.partition("/")[0])
        document = DOCUMENTS.get(request.feed.partition("/")[2])
        if partner is None or document is None:
            raise Refused("unknown_feed", feed=request.feed, name=request.feed, known=self._claims_near(request.feed))
        own = [feed for feed in partner.feeds if feed.document is document]
        of_json = [feed for feed in own if feed.keys.format == JSON]
        feeds = [feed for feed in own if feed.keys.api] or (of_json if len(of_json) == 1 else [])
        feed = feeds[0] if feeds else _of_our_names(partner, document)
        unit = request.values.get(asked.UNIT)
        of_header = {
            f"header.{name}" if name in document.floating else document.spelled(name, document.header): value
            for name, value in request.values.items()
            if name not in (asked.REVISION, asked.SENDS)
        }
        revision = request.values.get(asked.REVISION)
        sends = request.values.get(asked.SENDS, feed.keys.sends)
        constants = dict(feed.keys.constants) | of_header
        keys = {"format": JSON, "constants": constants, "sends": sends, "api": True}
        units = tuple(each for each in feed.business_units if unit in (None, each))
        return replace(feed, keys=feed.keys.model_copy(update=keys), business_units=units, others=(),
                       revision=int(revision) if revision is not None else None)  # fmt: skip

    def claim(self, file: str, partner: str | None = None) -> Feed:
        """The feed that claims a file of that name; only one of ``partner``, if its folder names a partner.

        Of several it is the one whose pattern has the most characters of the name (``Feed.says``). Raises ``Refused``
        if none claims it, or if two patterns have as many, ``Misconfigured`` if a partner with a wrong TOML may.
        """
        self._must_be_whole(partner)
        lengths = [(feed.says(file), feed) for feed in self.feeds() if partner in (None, feed.partner)]
        most = max((length for length, _ in lengths), default=0)
        feeds = [feed for length, feed in lengths if length == most and feed.claims(file)]
        return _one(feeds, "no_feed", name=file, known=self._claims(file, partner))

    def taking(self, standard: str, sets: Iterable[str], partner: str, receivers: Collection[str], file: str) -> Feed:
        """The feed of a partner that takes sets of those types; of several by the receiver, or the file's name.

        Raises ``Refused`` if none takes one of them, or more than one does, ``Misconfigured`` if the TOML is wrong.
        """
        self._must_be_whole(partner)
        wanted = list(sets)
        own = [feed for feed in self.feeds() if feed.partner == partner]
        feeds = [feed for feed in own if feed.takes(standard).intersection(wanted)]
        feeds = [feed for feed in feeds if feed.keys.receiver in ("", *receivers)]
        feeds = [feed for feed in feeds if feed.keys.receiver] or feeds
        if len(feeds) > 1:
            feeds = [feed for feed in feeds if feed.claims(file)] or feeds
        known = ", ".join(sorted({each for feed in own for each in feed.takes(standard)})) or "none"
        return _one(feeds, "no_feed_of_set", name=file, sets=", ".join(wanted), partner=partner, known=known)

    def _must_be_whole(self, partner: str | None) -> None:
        """That the TOML of a partner, or of all, has no mistake; else raises ``Misconfigured``."""
        wrong = self.mistakes if partner is None else self.broken.get(partner, ())
        if wrong:
            raise Misconfigured("\n".join(wrong))

    def _claims_near(self, feed: str) -> str:
        """As ``_claims``, for the name of a feed that is not known: of its partner alone, if that is known."""
        partner = feed.partition("/")[0]
        return self._claims(feed, partner if partner in self.by_id else None)

    def _claims(self, name: str, partner: str | None) -> str:
        """``_claims_of`` the feeds of a partner, or of all."""
        feeds = [feed for feed in self.feeds() if partner in (None, feed.partner)]
        return _claims_of(feeds, name) or "no feed is known"


def _claims_of(feeds: list[Feed], name: str) -> str:
    """What feeds are called, with the names of files that they claim; of many those that are like a name, and how many
    more there are.
    """
    more = len(feeds) - MOST_NAMED
    nearest = feeds if more <= 0 else _nearest(feeds, name)
    claims = [f"{feed.name} claims {' '.join(feed.keys.files)}" for feed in nearest]
    return "; ".join([*claims, f"and {more:,} more feeds ('crossdock feeds' lists all)"] if more > 0 else claims)


def _nearest(feeds: list[Feed], name: str) -> list[Feed]:
    """The ``MOST_NAMED`` feeds whose names, or those of whose files, are most like a name."""
    from difflib import SequenceMatcher  # few names are claimed by none of so many feeds

    matcher = SequenceMatcher(b=name.casefold())

    def likeness(feed: Feed) -> float:
        ratios = []
        for each in (feed.name, *feed.keys.files):
            matcher.set_seq1(each.casefold())
            ratios.append(matcher.ratio())
        return max(ratios)

    return sorted(feeds, key=likeness, reverse=True)[:MOST_NAMED]


def _one(feeds: list[Feed], none: str, **details: str) -> Feed:
    if not feeds:
        raise Refused(none, **details)
    if len(feeds) > 1:
        raise Refused("several_feeds", name=details["name"], feeds=_claims_of(feeds, details["name"]))
    return feeds[0]


def load(folder: Path, zone: str) -> Partners:
    """The partners of every ``*.toml`` of a folder. ``zone`` (IANA name) is for the built-in partner only.

    Raises ``Misconfigured`` with every mistake of every file, or if there is no such folder.
    """
    return load_each(folder, zone).whole()


def load_each(folder: Path, zone: str) -> Partners:
    """As ``load``, but a partner whose file has a mistake is ``broken``.

    Raises ``Misconfigured`` if there is no such folder, or it can't be read.
    """
    if not folder.is_dir():
        raise Misconfigured(f"{folder}: there is no such folder of partners")
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except OSError as error:
        raise Misconfigured(f"{folder}: the folder of partners can't be read: {error.strerror}") from None
    broken: dict[str, tuple[str, ...]] = {}
    partners: dict[str, Partner] = {}
    for path in paths:
        partner, mistakes = _read(path, zone)
        name = partner.id if partner else _id_in(path)
        if partner is not None and (name in partners or name in broken):
            mistakes = [f"{path}: the partner {name!r} has another file already"]
        if mistakes:
            broken[name] = (*broken.get(name, ()), *mistakes)
        elif partner is not None:
            partners[name] = partner
    return Partners({name: partner for name, partner in partners.items() if name not in broken}, broken)


@cache
def _our_names() -> dict[str, Feed]:
    """The shipped feeds of our own names, by document."""
    shipped = load(bundled.folder("partners"), "UTC").by_id[BUILT_IN]
    return {feed.document.name: feed for feed in shipped.feeds}


def _of_our_names(partner: Partner, document: Document) -> Feed:
    """The feed of our own names as a partner's; its constants are the house's and are left out."""
    feed = _our_names()[document.name]
    keys = feed.keys.model_copy(update={"constants": {}, "defaults": {}, "answer": ()})
    return replace(feed, partner=partner.id, zone=partner.zone, business_units=partner.business_units,
                   shared=partner.shared, keys=keys)  # fmt: skip


def _id_in(path: Path) -> str:
    """The partner that a file with mistakes is of: its id if that can be read, else the file's name."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return path.stem
    named = re.search(r"""^\s*id\s*=\s*["']([^"']+)["']""", text, re.MULTILINE)
    return named[1] if named else path.stem


def _read(path: Path, zone: str) -> tuple[Partner | None, list[str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        return None, [f"{path}: the file can't be read: {error.strerror or error}"]
    except UnicodeDecodeError as error:
        return None, [f"{path}: the file is not UTF-8 ({error.reason} at byte {error.start})"]
    try:
        keys = PartnerKeys.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return None, [f"{path}: {error}"]
    except ValidationError as error:
        mistakes = [located(path, text, each["loc"], reason(each)) for each in error.errors()]
        others = _without(tomllib.loads(text), [each["loc"] for each in error.errors()])
        with suppress(ValidationError):  # a key is missing: what else is wrong is said when it is there
            mistakes += [located(path, text, *each) for each in mistakes_of(PartnerKeys.model_validate(others))]
        return None, mistakes
    mistakes = [located(path, text, place, why) for place, why in mistakes_of(keys)]
    named = keys.zone or (zone if keys.id == BUILT_IN else None)
    if named is None:
        mistakes.append(f'{path}: zone is missing: timestamps without an offset need one, such as "Europe/Berlin"')
    try:
        read = ZoneInfo(named or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mistakes.append(located(path, text, ("zone",), f"{named!r} is not a time zone"))
    lists = [_code_lists(path, text, number, feed, mistakes) for number, feed in enumerate(keys.feed)]
    if mistakes:
        return None, mistakes
    feeds = tuple(
        Feed(
            keys.id,
            read,
            keys.business_units,
            keys.shared,
            DOCUMENTS[feed.document],
            _qualified(feed),
            tuple(
                name for each in keys.feed if each is not feed and each.document == feed.document for name in each.files
            ),
            of_feed,
        )
        for feed, of_feed in zip(keys.feed, lists, strict=True)
    )
    partner = Partner(
        keys.id,
        keys.name or keys.id,
        feeds,
        keys.mode == "paused",
        keys.pick_up,
        keys.at_once,
        keys.outbox,
        keys.post,
        read,
        keys.business_units,
        keys.shared,
        keys.master,
        keys.edi or EdiKeys(),
    )
    return partner, []


def _code_lists(path: Path, text: str, number: int, feed: Keys, mistakes: list[str]) -> dict[str, CodeList]:
    """The code lists of a feed by our qualified names; a mistake in one is added to ``mistakes``."""
    spellings = DOCUMENTS[feed.document].spellings if feed.document in DOCUMENTS else {}
    lists = {}
    for name, file in feed.code_lists.items():
        try:
            lists[spellings.get(fold(name), name)] = code_lists.read(path.parent / file)
        except WrongList as wrong:
            mistakes.append(located(path, text, ("feed", number, "code_lists", name), str(wrong)))
    return lists


def _without(toml: dict[str, Any], places: Iterable[tuple[str | int, ...]]) -> dict[str, Any]:
    """A TOML without the keys at those places, so that the others can be looked at."""
    for place in places:
        table: Any = toml
        for part in place[:-1]:
            inside = isinstance(table, list) and isinstance(part, int) and part < len(table)
            table = table[part] if inside or (isinstance(table, dict) and part in table) else None
        if isinstance(table, dict):
            table.pop(place[-1], None)
    return toml


def _qualified(feed: Keys) -> Keys:
    """The same keys with every field under its qualified name."""
    document = DOCUMENTS[feed.document]
    names = document.spellings | {name: level.array for level in document.inner for name in [fold(level.array)]}

    def renamed(mapping: dict[str, Any]) -> dict[str, Any]:
        return {names[fold(name)]: value for name, value in mapping.items()}

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
            "version": tuple(name if name == DROP else names[fold(name)] for name in feed.version),
            "optional": tuple(names[fold(name)] for name in feed.optional),
            "implied_decimals": renamed(feed.implied_decimals),
            "overpunch": tuple(names[fold(name)] for name in feed.overpunch),
            "prefix": renamed(feed.prefix),
            "add_up": tuple(names[fold(name)] for name in feed.add_up),
            "split_by": tuple(names[fold(name)] for name in feed.split_by),
            "join": renamed(feed.join),
            "multiply": renamed(feed.multiply),
            "from_name": renamed(feed.from_name),
            "split": {
                theirs: cut.model_copy(update={"into": tuple(names[fold(ours)] for ours in cut.fields)})
                for theirs, cut in feed.split.items()
            },
            "columns": {theirs: names[fold(ours)] for theirs, ours in feed.columns.items()},
        }
    )
