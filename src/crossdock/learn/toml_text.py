"""The proposal as a TOML that says why: what is proved as keys, what is unsure as comments.

The text is valid TOML of a partner whatever was proved, so that ``crossdock feeds`` shows the next step.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crossdock.frames import dates
from crossdock.learn import options_text
from crossdock.learn.columns import Column
from crossdock.learn.names import meant_by
from crossdock.learn.notations import NO_DATE
from crossdock.learn.proposal import ADDRESS_PARTS, Derivation, Match, Proposal
from crossdock.learn.suggestions import added_up, places_apart, row_rules, totals
from crossdock.partners import as_toml
from crossdock.schema.codes import countries
from crossdock.schema.document import NUMBERS, Document, Kind
from crossdock.schema.names import fold
from crossdock.schema.roles import Role

WIDTH = 44
"""Characters of a key before its comment."""
WIDEST = 118
"""Characters of a line of comments."""


@dataclass(frozen=True)
class Who:
    """What the file does not say: the partner's id, its business unit, and its time zone."""

    partner: str
    business_unit: str
    zone: str
    currency: str = ""


def feed_toml(proposal: Proposal, file: str, who: Who) -> str:
    """The text of the partner's TOML. ``file``: the name of the sample."""
    return "\n".join((*_lines(proposal, file, who), ""))


def _lines(proposal: Proposal, file: str, who: Who) -> Iterator[str]:
    sample, document = proposal.sample, proposal.document
    yield f"# Proposed by crossdock learn from {file}: {sample.records:,} records" + (
        "." if sample.whole else ", the first ones of the file."
    )
    unsure = len(_open(proposal, who)) + len(proposal.derived) - len(proposal.certain)
    yield f"# Proved: {len(columns_read(proposal, who))} columns. Not sure: {unsure}, as comments below."
    yield f"id = {as_toml.text(who.partner)}"
    yield _commented(f"zone = {as_toml.text(who.zone)}", "for timestamps without an offset")
    units = as_toml.value(_business_units(proposal, who))
    yield _commented(f"business_units = {units}", "what this partner may write")
    yield ""
    yield "[[feed]]"
    yield f"document = {as_toml.text(document.name)}"
    yield _commented(
        f"files = {as_toml.text(_pattern_of(_without_values(proposal, file)))}", "which files are of this feed, by name"
    )
    yield f"format = {as_toml.text(sample.format)}"
    options = options_text.options_of(sample)
    if options and not options_text.is_deep(options):
        line = f"options = {as_toml.table(options)}"
        yield _commented(line, "; ".join(sample.shape.evidence)) if sample.shape.evidence else line
    yield from _notation(proposal)
    constants = _constants(proposal, who)
    if constants:
        yield _commented(f"constants = {as_toml.table(constants)}", "where the file has no such column")
    missing = _missing(proposal, who)
    optional = [name for name, required in missing if not required]
    if optional:
        yield _commented(
            f"optional = {as_toml.value(optional)}", "required by us, and the file has no proved column of it"
        )
    yield from (
        f"# missing: {name} is required: give it a column below, or a value in constants"
        for name, required in missing
        if required
    )
    yield from _beside(proposal)
    if document.lines is not None and document.numbering not in proposal.covered:
        yield f"# {document.numbering}: no column is proved, so lines are numbered by their position"
    yield from _rules(proposal)
    total = added_up(proposal)
    if total is not None:
        line = f"add_up = {as_toml.value(total.fields)}"
        yield _commented(line, total.why) if total.proved else f"# {line}   # {_comment(total.why)}"
    places = places_apart(proposal)
    yield from _places(places)
    yield from (f"# {each}" for each in sample.shape.remarks)
    if options_text.is_deep(options):
        yield ""
        yield from options_text.table_of(options)
    yield ""
    yield from _columns(proposal, who, places)
    yield from _values(proposal, who)
    yield from _derived(proposal)
    used = {heading for each in proposal.derived for heading in each.sources} | places.keys()
    left = [each for each in proposal.left_over if each.heading not in used]
    if left:
        yield ""
        yield "# Columns that nobody reads:"
        yield from (f"#   {_comment(each.heading)}{_examples(each)}" for each in left if each.distinct)
        blank = [_comment(each.heading) for each in left if not each.distinct]
        if blank:
            yield from textwrap.wrap(f"#   blank: {', '.join(blank)}", WIDEST, subsequent_indent="#     ")


def _places(places: Mapping[str, str]) -> Iterator[str]:
    """The question whether an order that goes to several places is several. ``places``: of ``places_apart``."""
    if places:
        named = " and ".join(repr(heading) for heading in places)
        why = f"an order for each place? one order has several of {named}; then read them as below, too"
        yield f"# split_by = {as_toml.value(list(places.values()))}   # {_comment(why)}"


def _columns(proposal: Proposal, who: Who, places: Mapping[str, str]) -> Iterator[str]:
    """Which column is which field; as comments those that are not sure."""
    array, lines = proposal.sample.array, proposal.document.lines
    yield "[feed.columns]                             # theirs = ours"
    if array and lines is not None and array != lines.array:
        yield _commented(f"{as_toml.key(array)} = {as_toml.text(lines.array)}", "the array of lines")
    for each in kept(proposal, who):
        yield _commented(f"{as_toml.key(each.column.heading)} = {as_toml.text(_target(proposal, each))}", each.why)
    for each, why in _open(proposal, who):
        key, field = as_toml.key(each.column.heading), as_toml.text(_target(proposal, each))
        yield f"# {key} = {field}   # {each.fit.percent} %: {why}"
    for heading, name in places.items():
        yield f"# {as_toml.key(heading)} = {as_toml.text(name)}   # with split_by"


def kept(proposal: Proposal, who: Who) -> list[Match]:
    """The matches that the TOML has as keys: proved ones; amounts only where the currency is known."""
    return [each for each in proposal.proved if _currency_known(proposal, who) or not _is_money(proposal, each)]


def _only_totals_are_blank(proposal: Proposal) -> bool:
    number = proposal.by_field.get(proposal.document.number)
    blank = [place for place, value in enumerate(number.column.values) if value is None] if number else []
    return set(blank) <= set(totals(proposal))


def columns_read(proposal: Proposal, who: Who) -> set[str]:
    """The headings of columns that the TOML reads, alone or with others."""
    alone = {each.column.heading for each in kept(proposal, who)}
    return alone | {heading for each in proposal.certain for heading in each.sources}


def _open(proposal: Proposal, who: Who) -> list[tuple[Match, str]]:
    """The matches that the TOML has as comments, each with what is open."""
    unsure = [(each, proposal.doubts.get(each.column.heading) or each.why) for each in proposal.unsure]
    money = [
        (each, "the file does not say the currency: add currency to constants")
        for each in proposal.proved
        if _is_money(proposal, each) and not _currency_known(proposal, who)
    ]
    return unsure + money


def _is_money(proposal: Proposal, match: Match) -> bool:
    return proposal.document.fields[match.field][1].kind is Kind.MONEY and bool(_currency_field(proposal))


def _currency_field(proposal: Proposal) -> str:
    fields = proposal.document.fields.items()
    return next((name for name, (_, field) in fields if field.codes == "currency"), "")


def _currency_known(proposal: Proposal, who: Who) -> bool:
    return bool(who.currency or proposal.currency) or _currency_field(proposal) in {e.field for e in proposal.proved}


def needs_currency(proposal: Proposal) -> bool:
    """Whether the file has amounts and nothing says in which currency."""
    money = any(_is_money(proposal, each) for each in proposal.proved)
    return money and not _currency_known(proposal, Who("", "", ""))


def _business_units(proposal: Proposal, who: Who) -> list[str]:
    column = next((each.column for each in proposal.proved if each.field == "businessUnitId"), None)
    return column.distinct if column is not None and column.distinct else [who.business_unit]


def _constants(proposal: Proposal, who: Who) -> dict[str, str]:
    fields = {each.field for each in proposal.proved}
    constants: dict[str, str] = {}
    if proposal.document.owned and "businessUnitId" not in fields:
        constants["businessUnitId"] = who.business_unit
    currency = who.currency or proposal.currency
    if currency and _currency_field(proposal) and _currency_field(proposal) not in fields:
        constants[_currency_field(proposal)] = currency
    return constants


def _beside(proposal: Proposal) -> Iterator[str]:
    """A comment on products side by side in one row, of which only the first can be read."""
    left = {each.heading for each in proposal.left_over}
    first = [each.column.heading for each in proposal.matches if each.field in _goods(proposal.document)]
    others = [each for each in proposal.sample.columns if each in left and _is_another(each, first)]
    if len(first) > 1 and others:
        named = ", ".join(map(_comment, others))
        yield f"# products side by side: {named} are not read, and a row that has them fails: ask for a row for each"


def _goods(document: Document) -> set[str]:
    return {document.spelled(field.name, document.lines) for field in document.lines.fields
            if field.role in (Role.ITEM, Role.QUANTITY)} if document.lines else set()  # fmt: skip


def _is_another(heading: str, first: Sequence[str]) -> bool:
    """Whether a heading is one of those but for a number, which is not 1."""
    bare = {re.sub(r"\d+", "", each) for each in first if re.search(r"(?<!\d)1(?!\d)", each)}
    return re.sub(r"\d+", "", heading) in bare and re.search(r"[2-9]|1\d", heading) is not None


def _missing(proposal: Proposal, who: Who) -> list[tuple[str, bool]]:
    """Required fields without a proved column, and whether nothing can be stored without."""
    fields = {each.field for each in kept(proposal, who)} | {*_constants(proposal, who)}
    fields |= {name for each in proposal.certain for name in each.fields}
    document = proposal.document
    needed = [
        name
        for name, (level, field) in document.fields.items()
        if field.required and not field.default and level in (document.header, document.lines)
    ]
    missing = [
        (name, name not in document.found_by_item)
        for name in needed
        if name not in fields and name not in (document.numbering, "businessUnitId")
    ]
    if any(rule.__name__ == "ship_to_complete" for rule in document.rules) and "shipTo.locationId" not in fields:
        missing += [(f"shipTo.{part}", False) for part in ADDRESS_PARTS if f"shipTo.{part}" not in fields]
    return missing


def _notation(proposal: Proposal) -> Iterator[str]:
    if proposal.pattern:
        patterns = proposal.pattern.split("\n")
        written = f"dates = {as_toml.value(patterns)}"
        against = dates.contradiction(patterns)
        if against is None:
            yield _commented(written, "every date of the file fits, ISO is always taken")
        else:
            yield _commented(f"# {written}", f"keep one: {against}")
    kinds = {each.field: proposal.document.fields[each.field][1].kind for each in proposal.read}
    numbers = [e.column.numbers for e in proposal.read if kinds[e.field] in NUMBERS and e.column.numbers]
    decimal, thousands = proposal.marks
    if numbers and decimal != ".":
        yield _commented(f"decimal = {as_toml.text(decimal)}", "every number of the file fits")
    if numbers and thousands:
        yield f"thousands = {as_toml.text(thousands)}"
    if any(each.parentheses for each in numbers):
        yield _commented("parentheses = true", "(5) is -5")
    if any(each.percent for each in numbers):
        yield _commented('percent = "number"', '12 % is 12; write "hundredths" where it is 0.12')
    if proposal.groups is not None and proposal.groups.above and not _only_totals_are_blank(proposal):
        yield _commented('blank_key = "above"', "a blank number means the row above's")


def _values(proposal: Proposal, who: Who) -> Iterator[str]:
    """The values that mean a code of ours, by field."""
    for each in (*kept(proposal, who), *(part for one in proposal.certain for part in one.parts)):
        mapping = _mapping(proposal, each)
        if mapping:
            yield ""
            yield f"[feed.values.{as_toml.key(each.field)}]"
            yield from (f"{as_toml.key(theirs)} = {as_toml.text(ours)}" for theirs, ours in mapping.items())


def _mapping(proposal: Proposal, match: Match) -> dict[str, str]:
    field = proposal.document.fields[match.field][1]
    values = match.column.distinct
    if field.codes == "country":
        codes = {name: code for code, names in countries().items() for name in names}
        known = {value: codes[value.casefold()] for value in values if value.casefold() in codes}
        return {value: code for value, code in known.items() if value.upper() != code}
    if field.kind in (Kind.DATE, Kind.TIMESTAMP):
        return {value: "" for value in values if NO_DATE.search(value)}  # there is no date
    table = meant_by(field)
    return {value: table[value.casefold()] for value in values if value.casefold() in table}


def _rules(proposal: Proposal) -> Iterator[str]:
    """Rules for rows that are not meant: one table of what is proved, and comments."""
    rules = row_rules(proposal)
    for key in dict.fromkeys(each.key for each in rules):
        proved = [each for each in rules if each.key == key and each.proved]
        entries = {each.heading: each.entry for each in proved}
        if proved:
            yield _commented(f"{key} = {as_toml.table(entries)}", "; ".join(each.why for each in proved))
        for each in (each for each in rules if each.key == key and not each.proved):
            both = "in its place, " if proved else ""
            yield f"# {key} = {as_toml.table(entries | {each.heading: each.entry})}   # {both}{_comment(each.why)}"


def _derived(proposal: Proposal) -> Iterator[str]:
    """What is made of columns and of the file's name: proved entries, and others as comments."""
    for table in dict.fromkeys(each.table for each in proposal.derived):
        yield ""
        yield f"[feed.{table}]"
        for each in (one for one in proposal.derived if one.table == table):
            doubt = next(
                (proposal.doubts[p.column.heading] for p in each.parts if p.column.heading in proposal.doubts), ""
            )
            entry = f"{as_toml.key(each.key)} = {_entry(each)}"
            yield _commented(entry, each.why) if each.proved else f"# {entry}   # {_comment(doubt or each.why)}"


def _entry(derivation: Derivation) -> str:
    return as_toml.table(derivation.entry) if isinstance(derivation.entry, dict) else as_toml.value(derivation.entry)


def _without_values(proposal: Proposal, file: str) -> str:
    """The name of the sample with a star where a value is taken from it."""
    for value in (
        value
        for each in proposal.derived
        if each.table == "from_name"
        for part in each.parts
        for value in part.column.distinct
    ):
        file = file.replace(value, "*")
    return file


def _pattern_of(file: str) -> str:
    """A pattern for the names of files like this one: what has digits may differ.

    >>> _pattern_of("orders_20260105.csv"), _pattern_of("orders.csv"), _pattern_of("20260105.csv")
    ('orders_*.csv', 'orders*.csv', '[0-9]*.csv')
    """
    stem, dot, ending = file.rpartition(".")
    stem = re.sub(r"\d[\d_\-T.:]*", "*", stem if dot else ending)
    pattern = re.sub(r"\*+", "*", stem if "*" in stem else f"{stem}*")
    plain = re.sub(r"[][?]", "?", pattern)
    return f"{'[0-9]*' if plain == '*' else plain}{dot}{ending if dot else ''}"


def partner_of(path: Path) -> str:
    """An id of a partner from the name of a file: its letters.

    >>> partner_of(Path("Shopify orders 2026.csv")), partner_of(Path("7.csv"))
    ('shopify_orders', 'new_partner')
    """
    words = re.findall(r"[a-z]+", path.stem.casefold().encode("ascii", "ignore").decode())
    return "_".join(words)[:40].strip("_") or "new_partner"


def _target(proposal: Proposal, match: Match) -> str:
    """The field's name in the TOML: bare if it is floating, since a column of it may mean the header or the line."""
    spelled = proposal.document.spellings.get(fold(match.column.heading), "")
    return spelled if spelled in proposal.document.floating else match.field


def _examples(column: Column) -> str:
    return f": {_comment(', '.join(column.examples))[:80]}"


def _comment(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _commented(key: str, why: str) -> str:
    return f"{key:{WIDTH}} # {_comment(why)}"
