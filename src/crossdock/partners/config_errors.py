"""The mistakes in a partner's TOML as sentences, with file, line and the nearest valid key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from encodings.aliases import aliases
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from crossdock import formats
from crossdock.documents import DOCUMENTS
from crossdock.failures.catalogue import CODES
from crossdock.frames import dates
from crossdock.frames.numerals import exact
from crossdock.partners.edi_keys import EdiKeys
from crossdock.partners.feed_config import DROP, Keys
from crossdock.partners.file_order import ARRIVAL, NAME, SHAPES
from crossdock.partners.partner_config import AT_ONCE, NIGHTLY, PartnerKeys, Post, is_cron
from crossdock.schema.document import NUMBERS, TEXTS, Document, Kind
from crossdock.schema.document import Field as DocumentField
from crossdock.schema.names import ELEMENT, fold

PLAIN = {
    "tuple_type": 'write a list, such as ["a", "b"] (and [[feed]] in double brackets)',
    "string_pattern_mismatch": "this is not how it is written; docs/feeds.md says how",
    "string_too_short": "it is empty",
}
"""Some of pydantic's error types as sentences for people who write TOML."""


def reason(error: Any) -> str:
    """One error of pydantic (``ValidationError.errors()``) as a sentence, with the nearest valid key."""
    key = str(error["loc"][-1])
    if error["type"] != "extra_forbidden":
        message = error["msg"].removeprefix("Value error, ")
        plain = PLAIN.get(error["type"], f"{message[0].lower()}{message[1:]}")
        return f"{error['loc'][-2] if key.isdigit() else key}: {plain}"
    inside = [part for part in error["loc"] if isinstance(part, str)]
    inner: dict[str, type[BaseModel]] = {"options": formats.options(), "feed": Keys, "post": Post, "edi": EdiKeys}
    model: type[BaseModel] = next((inner[part] for part in reversed(inside[:-1]) if part in inner), PartnerKeys)
    return f"there is no key {key!r}{_nearest(key, model.model_fields)}"


def _nearest(name: str, valid: Iterable[str]) -> str:
    names = list(valid)
    by_fold = {fold(each): each for each in names}
    from rapidfuzz import process  # TOMLs are usually right

    match = process.extractOne(fold(name), list(by_fold), score_cutoff=50)
    return f", did you mean {by_fold[match[0]]!r}?" if match else f", there are: {', '.join(sorted(names))}"


Place = tuple[str | int, ...]


def mistakes_of(keys: PartnerKeys) -> Iterator[tuple[Place, str]]:
    """Mistakes that the types don't show, as place and reason: names that no document has, what is not possible yet."""
    if keys.mode == "test":
        yield ("mode",), f"mode = {keys.mode!r} is not possible yet"
    if keys.pick_up not in (AT_ONCE, NIGHTLY) and not is_cron(keys.pick_up):
        yield ("pick_up",), f'pick_up = {keys.pick_up!r}: write "at once", "nightly" or a time as cron, "30 2 * * *"'
    if keys.post and keys.post.auth != "none" and not keys.post.secret:
        yield ("post", "auth"), f'auth = {keys.post.auth!r} needs a secret, such as secret = "env:ACME_TOKEN"'
    yield from _wrong_sets(keys)
    for number, feed in enumerate(keys.feed):
        at: Place = ("feed", number)
        document = DOCUMENTS.get(feed.document)
        if document is None:
            reason = f"there is no document {feed.document!r}{_nearest(feed.document, DOCUMENTS)}"
            yield (*at, "document"), reason
            continue
        if document.master and not keys.master:
            yield (*at, "document"), f"{document.name} is everybody's: only a partner with master = true may write it"
        for answer in feed.answer:
            if answer == "post" and keys.post is None:
                yield (*at, "answer"), "answer 'post' needs a [post] with the partner's url"
            elif answer not in (known := _answers(feed, document)):
                whole = "; acknowledgements of whole interchanges are asked for under [edi] (docs/edi_answers.md)"
                here = f"; here are: {', '.join(sorted(known))}{whole if formats.is_enveloped(feed.format) else ''}"
                yield (*at, "answer"), f"answer {answer!r} is not possible{here}"
        yield from (((*at, *place), reason) for place, reason in _unknown_names(feed, document))
        yield from (((*at, *place), reason) for place, reason in _wrong_severities(feed))
        yield from (((*at, *place), reason) for place, reason in _wrong_notation(feed))
        yield from (((*at, *place), reason) for place, reason in _wrong_format(feed))
        yield from (((*at, *place), reason) for place, reason in _wrong_kinds(feed, document))
        yield from (((*at, *place), reason) for place, reason in _wrong_sources(feed, document))
        yield from (((*at, *place), reason) for place, reason in _wrong_order(feed))
        unit = feed.constants.get("businessUnitId", keys.business_units[0])
        if document.owned and unit not in keys.business_units:
            yield (*at, "constants", "businessUnitId"), f"{unit!r} is not among business_units"


def _answers(feed: Keys, document: Document) -> Collection[str]:
    """The answers that a feed may name: by file, by post, those of its document and of its format."""
    of_format = formats.FORMATS[feed.format].answers(document.name, feed.sets) if feed.format else ()
    return {"file", "post", *(["envelope"] if document.envelope else []), *of_format}


def _wrong_sets(keys: PartnerKeys) -> Iterator[tuple[Place, str]]:
    """Sets of two standards in one feed, sets that no guide reads as its document, or that two feeds of one receiver
    take.
    """
    takers: dict[tuple[str, str], int] = {}
    reading = [number for number, feed in enumerate(keys.feed) if formats.is_enveloped(feed.format)]
    mixed = [number for number, feed in enumerate(keys.feed) if feed.sets and feed.format is None]
    for number in mixed:
        first: dict[str | None, str] = {}
        for each in keys.feed[number].sets:
            first.setdefault(formats.of_sets(each), each)
        named = " and ".join(f"{each} of {standard}" for standard, each in first.items())
        yield ("feed", number, "sets"), f"{named} are of two standards: write a feed for each"
    if keys.edi is not None and not reading and not mixed:
        yield ("edi",), 'no feed reads interchanges: a feed with sets = ["…"] is needed'
    for number in reading:
        feed = keys.feed[number]
        at: Place = ("feed", number)
        own = formats.sets_taken(feed.format, feed.document, feed.sets)
        place: Place = (*at, "sets" if feed.sets else "format")
        strange = [each for each in feed.sets if each not in own]
        if strange:
            names = formats.sets_possible(feed.format, feed.document)
            yield place, f"{strange[0]!r} is no {feed.document}{_nearest(strange[0], names) if names else ''}"
        elif not own:
            possible = ", ".join(formats.sets_possible(feed.format, feed.document))
            yield place, f"name the sets that are a {feed.document}: {possible or 'there are none'}"
        for each in own:
            other = takers.setdefault((each, feed.receiver), number)
            if other != number:
                yield place, f"the feed of {keys.feed[other].document} takes {each} already: tell them by receiver"


def _wrong_severities(feed: Keys) -> Iterator[tuple[Place, str]]:
    for code in feed.severity:
        if code not in CODES:
            yield ("severity", code), f"there is no code {code!r}{_nearest(code, CODES)}"
        elif CODES[code].fixed and feed.severity[code] == "warning":
            yield ("severity", code), f"{code} can't be lowered: a wrong value could be stored"


def _wrong_dates(patterns: Sequence[str]) -> Iterator[str]:
    for pattern in patterns:
        if pattern in dates.NAMES:
            continue
        used = re.findall(r"%(.)", pattern)
        strange = [each for each in used if each not in dates.DIRECTIVES]
        needed = f"{pattern!r} needs a day, a month and a year, such as %d.%m.%Y"
        if not used:
            yield f"{needed}; or a name{_nearest(pattern, dates.NAMES)}"
        elif strange:
            possible = " ".join("%" + each for each in dates.DIRECTIVES)
            yield f"{pattern!r}: %{strange[0]} is not possible; use {possible}"
        elif not ({"d"} <= set(used) and {"m", "b", "B"} & set(used) and {"Y", "y"} & set(used)):
            yield needed


def _wrong_notation(feed: Keys) -> Iterator[tuple[Place, str]]:
    if feed.thousands == feed.decimal:
        yield ("thousands",), f"thousands and decimal are both {feed.decimal!r}"
    if feed.grouping != "thousands" and not feed.thousands:
        yield ("grouping",), f'grouping = {feed.grouping!r} needs the mark that groups, such as thousands = ","'
    wrong = list(_wrong_dates(feed.dates))
    contradiction = None if wrong else dates.contradiction(feed.dates)
    if contradiction is not None:
        wrong.append(f"{contradiction}: keep the one that this feed means, or write a feed for each")
    yield from ((("dates",), reason) for reason in wrong)
    encoding = getattr(feed.options, "encoding", None)
    if encoding is not None and not _is_encoding(encoding):
        encodings = sorted(set(aliases.values()))
        yield ("options", "encoding"), f"{encoding!r} is not an encoding{_nearest(encoding, encodings)}"
    folded: dict[str, str] = {}
    for theirs in feed.columns:
        if fold(theirs) in folded:
            yield ("columns", theirs), f"{theirs!r} and {folded[fold(theirs)]!r} are the same column"
        folded[fold(theirs)] = theirs


def _wrong_sources(feed: Keys, document: Document) -> Iterator[tuple[Place, str]]:
    """Fields that two keys fill, and patterns that are none."""
    sources: dict[str, str] = {}
    places = [(ours, ("columns", theirs)) for theirs, ours in feed.columns.items()]
    places += [
        (ours, (key, ours)) for key in ("join", "multiply", "from_name", "constants") for ours in getattr(feed, key)
    ]
    places += [(ours, ("split", theirs)) for theirs, cut in feed.split.items() for ours in cut.fields]
    for ours, place in places:
        other = sources.setdefault(document.spellings.get(fold(ours), ours), place[0])
        if other != place[0] and {other, place[0]} != {"columns", "constants"}:
            yield place, f"{ours} is in [feed.{other}], too"
    products = {fold(ours) for ours in feed.multiply}
    for key in ("implied_decimals", "overpunch"):
        for ours in getattr(feed, key):
            if fold(ours) in products:
                yield (key,), f"{ours} is a product, whose factors are written with a decimal mark"
    factors = {fold(theirs) for columns in feed.multiply.values() for theirs in columns}
    for theirs, meant in feed.factors.items():
        if fold(theirs) not in factors:
            yield ("factors", theirs), f"no entry of multiply has the column {theirs!r}"
        for number in meant.values():
            if exact(number) is None:
                yield ("factors", theirs), f"{number!r} is not a number; write it like -1"
    for ours, pattern in feed.from_name.items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield ("from_name", ours), f"{pattern!r} is no regular expression: {error}"


def _wrong_order(feed: Keys) -> Iterator[tuple[Place, str]]:
    order = feed.order
    if order == ARRIVAL and DROP in feed.version:
        yield ("order",), 'version = "drop" needs the order of the names, and order = "arrival" has none'
    if feed.api and feed.version[:1] == (DROP,):
        yield ("version",), 'version = "drop" needs names, and the bodies of requests (api = true) have none'
    if order in (None, NAME, ARRIVAL):
        return
    strange = [each for each in re.findall("%(.)", order) if each not in SHAPES]
    if strange:
        possible = " ".join("%" + each for each in SHAPES)
        yield ("order",), f"{order!r}: %{strange[0]} is not possible; use {possible}"
    elif not ({"m", "b", "B"} & set(re.findall("%(.)", order)) and {"Y", "y"} & set(re.findall("%(.)", order))):
        yield ("order",), f'{order!r} is neither a format of a date, such as "%d%m%Y_%H%M", nor "name", nor "arrival"'


def _wrong_format(feed: Keys) -> Iterator[tuple[Place, str]]:
    """A format without what it needs; an option of a format that the feed doesn't name."""
    for name, each in formats.FORMATS.items():
        for option in each.needs:
            if name == feed.format and not getattr(feed.options, option):
                yield ("format",), f"format = {name!r} needs {option} in the options"
            elif name != feed.format and getattr(feed.options, option):
                yield ("options", option), f"{option} needs format = {name!r}"


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, UnicodeError):
        return False
    return True


def _wrong_kinds(feed: Keys, document: Document) -> Iterator[tuple[Place, str]]:
    for name, choice in feed.agree.items():
        field = _field(document, name)
        if field and choice != "first" and field.kind not in (Kind.DATE, Kind.TIMESTAMP):
            yield ("agree", name), f"{name} is no date, so there is no {choice} of it"
    for name in feed.optional:
        field = _field(document, name)
        if field and field.required and name not in document.found_by_item:
            yield ("optional",), f"{name} can't be optional: nothing can be stored without it"

    for key, kinds, what in (
        ("prefix", TEXTS, "no text"),
        ("split_by", TEXTS, "no text"),
        ("add_up", NUMBERS, "no number"),
        ("implied_decimals", NUMBERS, "no number"),
        ("overpunch", NUMBERS, "no number"),
    ):
        for name in getattr(feed, key):
            field = _field(document, name)
            if field and field.kind not in kinds:
                yield (key,), f"{name} is {what}"
    for name in feed.split_by:
        if document.of_line(document.spellings.get(fold(name), "")):
            yield ("split_by",), f"{name} is a field of a line: a document is split by a field of its header"
    if feed.cancel and not document.can_be_cancelled:
        yield ("cancel",), f"{document.name} has no action cancel"
    if feed.zero == "cancel" and document.zero_cancels is None:
        yield ("zero",), f"{document.name} has no line with a quantity that can be cancelled"


def _field(document: Document, name: str) -> DocumentField | None:
    entry = document.fields.get(document.spellings.get(fold(name), ""))
    return entry[1] if entry else None


def _unknown_names(feed: Keys, document: Document) -> Iterator[tuple[Place, str]]:
    spellings = document.spellings
    names = list(document.fields) + [level.array for level in document.levels if level.array]
    by_field = (
        "agree",
        "pad",
        "implied_decimals",
        "prefix",
        "constants",
        "defaults",
        "values",
        "code_lists",
        "join",
        "multiply",
        "from_name",
    )
    listed = ("optional", "version", "add_up", "split_by", "overpunch")
    for key in (*by_field, *listed):
        for name in getattr(feed, key):
            if fold(name) not in spellings and (key, name) != ("version", DROP):
                place: Place = (key,) if key in listed else (key, name)
                yield place, f"{document.name} has no field {name!r}{_nearest(name, names)}"
    for theirs, ours in feed.columns.items():
        if fold(ours) not in spellings and fold(ours) not in document.arrays:
            yield ("columns", theirs), f"{document.name} has no field {ours!r}{_nearest(ours, names)}"
        elif fold(ours) in document.arrays and theirs.count(f"{ELEMENT}.") > 1:
            yield ("columns", theirs), f"a list in a list is read, and {theirs!r} stands in two others"
    for theirs, cut in feed.split.items():
        for ours in cut.fields:
            if fold(ours) not in spellings:
                yield ("split", theirs), f"{document.name} has no field {ours!r}{_nearest(ours, names)}"
    lists = {field.refers for _, field in document.fields.values() if field.refers}
    lists |= {other.document for other in document.against if other.refers}
    for name in feed.references:
        if name not in lists:
            yield ("references", name), f"{document.name} refers to no list {name!r}{_nearest(name, sorted(lists))}"


_TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")


def located(path: Path, text: str, place: Place, reason: str) -> str:
    """A mistake as a sentence with its file and, if it is in ``text``, its line."""
    line = _line(text, place)
    return f"{path}:{line}: {reason}" if line else f"{path}: {reason}"


def _line(text: str, place: Place) -> int | None:
    """The number of the line of a TOML that has a key; of the key's table, if no line has the key."""
    names = [part for part in place if isinstance(part, str)]
    wanted = next((part for part in place[1:2] if isinstance(part, int)), None)  # further ones are places in a list
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
