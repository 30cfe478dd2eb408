"""What is different in a file from the last good one of its feed: columns that are gone, new, moved, written otherwise.

A person who knows what has changed knows what to do: a renamed column is one line in the TOML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.failures.sentences import of_file
from crossdock.formats.format import Block, Note
from crossdock.frames import dates, measures, signs
from crossdock.frames.columns import mask, trimmed
from crossdock.learn.names import named_so, values_of
from crossdock.model.layout import Layout, examples_of, marks, shapes_of
from crossdock.partners.feed import Feed
from crossdock.schema.codes import units
from crossdock.schema.document import NUMBERS, Document, Field, Kind
from crossdock.schema.names import fold
from crossdock.schema.roles import Role

RECORDS = 2_000
"""How many records at the beginning of a file show how its cells are written."""
SIMILAR = 70
"""From which similarity (0 to 100) two headings may be one that was renamed."""
HEADINGS = ("column_gone", "column_new")
"""The notes about single headings."""
LACKS_A_COLUMN = ("no_key_column", "no_rule_column")
"""Refusals of files in which a column is not there."""
TIMES = (Kind.DATE, Kind.TIMESTAMP)
PIECES = ("EA", "PC", "ST")
"""Units of one piece: whoever writes one of them means no other quantity. ``ST`` is a set, and German for a piece."""
FEW, MORE = 10, 100
"""How many different values a column of units, currencies or a status has at most at the beginning of a file, and in a
block below it.
"""
UNIT_PRICES = ("unitPrice", "unitCost", "price")
"""Fields that are the price of one."""
_DAY = re.compile("[0-9]{2}")


class LayoutReader:
    """Reads the layout of a file from the blocks that pass. ``compared``: whether it is compared with other files; only
    then it has examples. ``known``: folded, the columns that the feed reads.
    """

    def __init__(self, form: str, known: Container[str], *, compared: bool) -> None:
        self._format, self._known, self._compared = form, known, compared
        self._headings: dict[str, None] = {}
        self._examples: dict[str, tuple[str, ...]] = {}
        self._as_numbers: dict[str, str] = {}
        self._few: dict[str, list[str]] = {}
        self._presence = _Presence() if compared and formats.names_members({"format": form}) else None

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The same blocks."""
        for block in blocks:
            first = not self._headings
            new = [name for name in block.cells.column_names if name and name not in self._headings]
            self._headings |= dict.fromkeys(new)
            if self._presence is not None:
                self._presence.add(block)
            if self._compared and (first or self._presence is not None):
                beginning = block.cells.slice(0, RECORDS)
                for name in new:
                    distinct = pc.unique(trimmed(beginning.column(name).combine_chunks())).drop_null()
                    self._examples[name] = examples_of(distinct.to_pylist())
                    if 0 < len(distinct) <= FEW:
                        self._few[name] = distinct.to_pylist()
                    if _all_as_numbers(distinct):
                        self._as_numbers[name] = distinct[0].as_py()
            self._look_on(block, new)
            yield block

    def _look_on(self, block: Block, new: Container[str]) -> None:
        """Add what unread columns of few values say further down: the only return may be the last row of a file."""
        for name in self._few.keys() & set(block.cells.column_names):
            texts = self._few[name]
            if len(texts) > FEW or fold(name) in self._known:
                continue
            below = block.cells.column(name).slice(RECORDS if name in new else 0)
            distinct = pc.unique(below) if len(below) else below
            if 0 < len(distinct) <= MORE:
                others = trimmed(distinct).drop_null().to_pylist()
                texts += [each for each in dict.fromkeys(others) if each not in texts]

    @property
    def layout(self) -> Layout:
        """The layout so far."""
        steady = self._presence.steady if self._presence is not None else frozenset()
        return Layout("", self._format, tuple(self._headings), self._examples, steady)

    def notes(self, feed: Feed, read: Mapping[str, str]) -> list[Note]:
        """A note on each column of ids of which a program has made numbers, and on what the file says of a unit, a
        currency, a sign or a cancellation, and nobody reads. ``read``: our names → the headings of the columns that
        are read.
        """
        ids = [(name, example) for name, example in self._as_numbers.items() if feed.kinds.get(fold(name)) is Kind.ID]
        as_numbers = [Note("id_as_number", name, 1, {"example": example}) for name, example in ids]
        if not self._compared:
            return as_numbers
        doubts = self._currencies(feed, read), self._units(feed, read), self._sizes(feed), self._price_units(feed)
        unread = self._cancels(feed), self._returns(feed), self._signs(feed, read), self._other_stock(feed)
        return [*as_numbers, *chain(*doubts), *chain(*unread)]

    def _currencies(self, feed: Feed, read: Container[str]) -> Iterator[Note]:
        """A heading of amounts, or a column that is not read, that names another currency than the feed's."""
        amounts = [name for name in self._headings if feed.kinds.get(fold(name)) is Kind.MONEY]
        if not amounts or not feed.currency or feed.of_currency in read:
            return
        for name in self._headings:
            named = measures.currency_of(name) if name in amounts else ""
            if self._is_left_out(name, feed, feed.of_currency):
                named = next((each for each in self._few[name] if not measures.is_currency(each, feed.currency)), "")
            if named and not measures.is_currency(named, feed.currency):
                yield Note("currency_in_doubt", name, 1, {"example": named, "taken": feed.currency})

    def _units(self, feed: Feed, read: Container[str]) -> Iterator[Note]:
        """A heading of quantities, or a column that is not read, that names another unit than the usual one; where the
        feed says a unit itself, only such a column.
        """
        level = feed.document.lines or feed.document.header
        quantity, field = (feed.document.playing(role, level) for role in (Role.QUANTITY, Role.MEASURE))
        if not field or field in read:
            return
        named_by_feed = (feed.keys.defaults | feed.keys.constants).get(field, "")
        taken = named_by_feed or feed.document.fields[field][1].default or ""
        for name in self._headings:
            unit = measures.unit_of(name) if not named_by_feed and feed.field_of(name) == quantity else ""
            named = unit if _unit(unit) else ""
            if self._is_left_out(name, feed, field):
                named = next((each for each in self._few[name] if _unit(each) != _unit(taken)), "")
            if named and _unit(named) != _unit(taken):
                yield _other_unit(name, named, "the quantities of the file", taken)

    def _sizes(self, feed: Feed) -> Iterator[Note]:
        """A heading of weights or lengths that names another unit than the feed, or the file's column of units."""
        fields = {name: feed.field_of(name) for name in self._headings}
        for name, field in fields.items():
            named = measures.size_of(name)
            unit_in = feed.document.fields[field][1].unit_in if named and field in feed.document.fields else None
            if unit_in is None:
                continue
            own = (feed.keys.defaults | feed.keys.constants).get(unit_in)
            columns = (each for each, mapped in fields.items() if mapped == unit_in)
            taken = next((self._few.get(each, []) for each in columns), [own] if own else [])
            if all(measures.size_unit(each) not in ("", measures.size_unit(named)) for each in taken):
                yield from (_other_unit(name, named, "its values", each) for each in taken[:1])

    def _price_units(self, feed: Feed) -> Iterator[Note]:
        """A heading of prices, or a column that nobody reads, that says that they are for more than one."""
        fields = {name: feed.field_of(name).rpartition(".")[2] for name in self._headings}
        prices = [name for name, field in fields.items() if field in UNIT_PRICES]
        for name in self._headings if prices else ():
            example = measures.per_many(name) if name in prices else ""
            if not example and fold(name) not in feed.kinds:
                example = measures.price_unit_in(name, self._few.get(name, ()))
            if example:
                yield Note("price_unit_in_doubt", name, 1, {"example": example})

    def _other_stock(self, feed: Feed) -> Iterator[Note]:
        """A column that nobody reads and that says of stock that it can't be shipped: it counts like the rest."""
        for name in self._unread(feed) if feed.document.mode == "snapshot" else ():
            example = signs.withheld_in(self._few.get(name, ()))
            if example:
                yield Note("stock_status_unread", name, 1, {"example": example})

    def _returns(self, feed: Feed) -> Iterator[Note]:
        """A column that nobody reads and that says of goods that they come back, in a document whose goods never do."""
        for name in self._unread(feed) if feed.document.one_way else ():
            example = signs.return_in(name, self._few.get(name, ()))
            if example:
                yield Note("returns_unread", name, 1, {"example": example, "glob": example})

    def _signs(self, feed: Feed, read: Mapping[str, str]) -> Iterator[Note]:
        """A column that nobody reads and that is the sign of quantities which have none themselves."""
        document = feed.document
        counted = [heading for name, heading in read.items() if name in document.fields and _counts(document, name)]
        examples = chain.from_iterable(self._examples.get(heading, ()) for heading in counted)
        if not counted or any("-" in each or "(" in each for each in examples):
            return
        for name in self._unread(feed):
            few = self._few.get(name, ())
            example = signs.minus_in(name, few) or (signs.leaving_in(few) if document.mode == "append" else "")
            if example:
                yield Note("sign_unread", name, 1, {"example": repr(example)})

    def _unread(self, feed: Feed) -> Iterator[str]:
        """The columns that neither a field nor a rule of the feed reads."""
        of_rules = {fold(name) for rules in (feed.keys.skip, feed.keys.only, feed.keys.cancel) for name in rules}
        return (name for name in self._headings if fold(name) not in feed.kinds and fold(name) not in of_rules)

    def _cancels(self, feed: Feed) -> Iterator[Note]:
        """A column that nobody reads and that says of documents that they are cancelled."""
        for name in self._unread(feed) if feed.document.can_be_cancelled else ():
            few = self._few.get(name, ())
            word = signs.cancelled_in(few)
            example = word or signs.cancelled_at(name, few or self._examples.get(name, ()))
            if example:
                any_day = not word and _DAY.search(example) is not None
                yield Note("cancels_unread", name, 1, {"example": example, "glob": "?*" if any_day else example})

    def _is_left_out(self, name: str, feed: Feed, field: str) -> bool:
        """Whether nobody reads a column of few values that has a name of a field; a member inside another, its own."""
        own = feed.document.fields[field][1].name
        unread = name in self._few and fold(name) not in feed.kinds
        return unread and (named_so(name, own) or named_so(name.rpartition(".")[2], own))


def _counts(document: Document, name: str) -> bool:
    """Whether a field is a number of goods, and no size and no price."""
    field = document.fields[name][1]
    return field.kind is Kind.QUANTITY and field.unit_in is None and not field.is_price


def _other_unit(column: str, named: str, what: str, taken: str) -> Note:
    """What a column names, and as what the numbers are taken all the same."""
    return Note("unit_in_doubt", column, 1, {"example": named, "what": what, "taken": taken})


def _unit(written: str) -> str:
    """The code of a unit, one of all pieces; '' if a text is no known unit."""
    code = values_of("unit").get(written.casefold(), written.upper())
    return PIECES[0] if code in PIECES else code if code in units() else ""


def _all_as_numbers(column: pa.Array) -> bool:
    """Whether all values, of which there are some, are like ``13349.0``."""
    return len(column) > 0 and bool(pc.all(pc.match_substring_regex(column, r"^[0-9]+\.0$")).as_py())


class _Presence:
    """Counts of objects that name their members themselves: how many there are, and how many have each member."""

    def __init__(self) -> None:
        self._documents = 0
        self._times: Counter[str] = Counter()

    def add(self, block: Block) -> None:
        """Count the objects of a block: each is whole in it."""
        ids = np.abs(block.objects)
        self._documents += len(np.unique(ids[ids > 0]))
        for name in block.cells.column_names:
            there = mask(pc.is_valid(block.cells.column(name).combine_chunks())) & (ids > 0)
            self._times[name] += len(np.unique(ids[there]))

    @property
    def steady(self) -> frozenset[str]:
        """The members that each object has."""
        return frozenset(name for name, times in self._times.items() if times == self._documents)


def drift(before: Layout, now: Layout, feed: Feed) -> list[Note]:
    """What is different from the last good file of the feed, as notes on the file; nothing if it had another format.

    A column that is gone is named if the feed reads it, one that is new if it doesn't. Objects may leave out members:
    one is gone if each object had it and none has it now, and new the other way round.
    """
    if before.format != now.format:
        return []
    ended = [Note("line_not_ended", None, 1, {"job": before.job})] if now.is_open and not before.is_open else []
    old, new = ({fold(each): each for each in layout.headings} for layout in (before, now))
    free = formats.names_members({"format": now.format})
    gone = [heading for name, heading in old.items() if name not in new and name in feed.kinds]
    added = [heading for name, heading in new.items() if name not in old]
    if free:
        gone, added = [each for each in gone if each in before.steady], [each for each in added if each in now.steady]
    instead = _renamed(gone, added, before, now)
    notes = ended + [
        Note("column_gone", heading, 1, {"job": before.job, "instead": _instead(instead.get(heading))})
        for heading in gone
    ]
    notes += [
        Note("column_new", heading, 1, {"job": before.job})
        for heading in added
        if heading not in instead.values() and fold(heading) not in feed.kinds
    ]
    if not free and old.keys() == new.keys() and list(old) != list(new):
        notes.append(Note("columns_moved", None, 1, {"job": before.job}))
    return notes + [note for name in new if name in old for note in _rewritten(old[name], new[name], before, now, feed)]


def explain(refused: Refused, before: Layout | None, now: Layout, feed: Feed) -> NoReturn:
    """Raise ``Refused`` again, with what is different from the last good file, if that may be its cause."""
    objects = formats.names_members({"format": now.format})
    if objects:
        refused = refused.of_objects()
    drifts = drift(before, now, feed) if before and refused.code in LACKS_A_COLUMN else []
    notes = [each for each in drifts if each.code in HEADINGS]
    if not notes:
        raise refused
    drifted = "; ".join(of_file(each.code, each.value, each.detail or {}, objects=objects) for each in notes)
    raise Refused("drifted", what=refused.sentence, drift=drifted) from None


def _instead(heading: str | None) -> str:
    return f"; {heading!r} is new and looks the same" if heading else ""


def _renamed(gone: list[str], added: list[str], before: Layout, now: Layout) -> dict[str, str]:
    """Columns that are gone → the new ones that they may be now, the most similar first; each once."""
    from rapidfuzz import fuzz  # files rarely change

    own = _last_name if formats.names_members({"format": now.format}) else fold
    pairs = [
        (max(fuzz.WRatio(own(old), own(new)), SIMILAR * _looks_the_same(before, old, now, new)), old, new)
        for old in gone
        for new in added
    ]
    renamed: dict[str, str] = {}
    for likeness, old, new in sorted(pairs, reverse=True):
        if likeness >= SIMILAR and old not in renamed and new not in renamed.values():
            renamed[old] = new
    return renamed


def _last_name(member: str) -> str:
    """A member's own name: what it is inside of says nothing of it."""
    return fold(member.rpartition(".")[2])


def _looks_the_same(before: Layout, old: str, now: Layout, new: str) -> bool:
    same_place = before.headings.index(old) == now.headings.index(new)
    return same_place and bool(before.shapes(old).keys() & now.shapes(new).keys())


def _rewritten(old: str, new: str, before: Layout, now: Layout, feed: Feed) -> Iterator[Note]:
    """A note where the dates or numbers of a column are written otherwise than before.

    Of the last file only values count that the feed takes: a wrong one shows no format. A sign in front is none.
    """
    kind = feed.kinds.get(fold(new))
    if kind not in TIMES and kind not in NUMBERS:
        return
    good = _taken(before.examples.get(old, ()), feed.field_of(new), feed)
    then, written = shapes_of(good), now.shapes(new)
    if kind in TIMES:
        changed = bool(then) and bool(written) and not then.keys() & written.keys()
        examples = next(iter(then.values()), ""), next(iter(written.values()), "")
    else:
        marked, others = (
            {marks(each.lstrip("-+")): value for each, value in shapes.items() if marks(each.lstrip("-+"))}
            for shapes in (then, written)
        )
        changed = bool(marked) and bool(others) and not marked.keys() & others.keys()
        examples = next(iter(marked.values()), ""), next(iter(others.values()), "")
    if changed:
        yield Note("written_otherwise", new, 1, {"job": before.job, "was": repr(examples[0]), "now": repr(examples[1])})


def _taken(texts: Sequence[str], name: str, feed: Feed) -> list[str]:
    """The texts that a feed takes as days or numbers of a field (qualified name), in its notation or a format's."""
    field = feed.document.fields[name][1]
    if field.kind in TIMES:
        return [each for each in texts if _reads_day(each, field, feed)]
    array = pa.array(texts, pa.string())
    either = (feed.notation(plain=plain, name=name).read(array)[0].to_pylist() for plain in (False, True))
    numbers = [own or plain for own, plain in zip(*either, strict=True)]
    above = field.above
    return [
        text
        for text, number in zip(texts, numbers, strict=True)
        if number is not None and (above is None or Decimal(number) > above)
    ]


def _reads_day(text: str, field: Field, feed: Feed) -> bool:
    days, wrong = dates.read(pa.array([text], pa.string()), feed.dates, feed.zone, days=field.kind is Kind.DATE)
    return not wrong and days[0].is_valid
