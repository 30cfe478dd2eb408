"""A feed: one kind of file that one partner sends, and how to read it.

``Feed`` has the keys of the TOML (``feed_config.Keys``), checked with its document, and what the partner says of all
its feeds. It answers how the partner writes: which header is which of our names, and what a value is after it is
trimmed, mapped and padded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock import formats
from crossdock.documents import Document
from crossdock.failures.catalogue import CODES, Scope, Severity
from crossdock.failures.failures import Details, Failures
from crossdock.failures.refusals import Refused
from crossdock.formats.fix_stamp import Stamp
from crossdock.formats.format import Array, Arrays, Clues
from crossdock.frames.columns import trimmed
from crossdock.frames.distinct import Wrong, by_distinct
from crossdock.frames.numerals import Spelling, signs_of
from crossdock.partners import as_toml
from crossdock.partners.code_lists import CodeList
from crossdock.partners.derived import Derived, OfName, derived_of
from crossdock.partners.feed_config import PICK_UP, FeedSnapshot, KeptKeys, Keys, scope_in
from crossdock.partners.file_order import FileOrder
from crossdock.partners.row_rules import RowRule, rules_of
from crossdock.schema.codes import SPLIT, of_three_letters, zero_spellings
from crossdock.schema.document import NUMBERS, Kind, Level
from crossdock.schema.document import Field as DocumentField
from crossdock.schema.fields import CHANGES, PURPOSES, WHOLE
from crossdock.schema.names import ELEMENT, fold, is_text, qualifier

CANCELS = "cancels, by its feed"
"""The heading of the column that shows which rows cancel (``cancel`` of a feed)."""


@dataclass(frozen=True)
class Feed:
    """One feed of one partner, ready for reading. ``keys`` has our qualified names throughout.

    ``others``: the patterns of the files of the partner's other feeds of this document. ``code_lists``: by field, the
    partner's codes; ``day``: on which they are read. ``revision``: what the stored document must be at, where a request
    says so.
    """

    partner: str
    zone: ZoneInfo
    business_units: tuple[str, ...]
    shared: bool
    document: Document
    keys: Keys
    others: tuple[str, ...] = ()
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    day: date = date.max
    revision: int | None = None

    def on(self, moment: datetime) -> Feed:
        """The feed as it reads a file that arrives then: codes may mean something else from a day on, in its zone."""
        return replace(self, day=moment.astimezone(self.zone).date()) if self.code_lists else self

    def codes(self, name: str) -> Mapping[str, str]:
        """Theirs → ours of a field (qualified name); empty if its values are written as ours.

        What is said of ``header.action`` counts for a column ``action``, too, and the other way round.
        """
        bare = name.rpartition(".")[2]
        if bare not in self.document.floating:
            return self._codes.get(name, {})
        names = [bare, name] if bare != name else [*(f"{each.title}.{bare}" for each in self.document.levels), bare]
        return {theirs: ours for each in names for theirs, ours in self._codes.get(each, {}).items()}

    @cached_property
    def _codes(self) -> Mapping[str, Mapping[str, str]]:
        values = self.keys.values
        listed = {name: each.on(self.day) | values.get(name, {}) for name, each in self.code_lists.items()}
        return values | listed

    @property
    def of_interchanges(self) -> bool:
        """Whether it reads interchanges, whose standards have countries of three letters, too."""
        return self.keys.format is not None and formats.FORMATS[self.keys.format].enveloped

    @property
    def name(self) -> str:
        """``partner/document``, as the command line names it."""
        return f"{self.partner}/{self.document.name}"

    @cached_property
    def text(self) -> str:
        """Everything that decides what a file of this feed means, as JSON; it is stored with the job."""
        snapshot = FeedSnapshot(
            partner=self.partner,
            zone=self.zone.key,
            business_units=self.business_units,
            shared=self.shared,
            version=self.document.version,
            lists=" ".join(each.digest for each in self.code_lists.values()),
            feed=KeptKeys.model_validate(self.keys.model_dump(exclude=PICK_UP)),
        )
        return snapshot.text

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of ``text``, in hex: it changes if anything changes that decides what a file means."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def file_order(self) -> FileOrder:
        """The order of its files."""
        return FileOrder(self.keys.order, self.dates, self.zone)

    def claims(self, name: str) -> bool:
        """Whether a file of that name is of this feed."""
        return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in self.keys.files)

    def takes(self, standard: str) -> frozenset[str]:
        """The types of sets that it takes out of interchanges of a standard."""
        keys = self.keys
        own = keys.format == standard and formats.sets_taken(standard, self.document.name, keys.sets)
        return frozenset(own or ())

    def says(self, name: str) -> int:
        """How many characters besides ``*`` and ``?`` the pattern has that claims a file's name; 0 if none does."""
        return _claim(self.keys.files, name)

    def is_of_another(self, name: str) -> bool:
        """Whether a file of that name is of another feed of this partner for this document."""
        return _claim(self.others, name) > self.says(name)

    def severity(self, code: str, field: str = "") -> Severity:
        """The severity of a failure of this feed: the catalogue's, changed per code, per list, per check digit."""
        if code == "unknown_reference" and field in self._strict:
            return "error"
        if code == "wrong_sscc" and self.keys.sscc == "warn":
            return "warning"
        return self.keys.severity.get(code, CODES[code].severity)

    @property
    def hold(self) -> str:
        """What a failing line holds: ``line``, ``document`` or ``file``; always ``document`` if it has no lines."""
        return "document" if self.keys.hold == "line" and self.document.lines is None else self.keys.hold

    def scope(self, code: str, field: str = "") -> Scope:
        """What a failure of this feed is about; ``field``: our qualified name, or ''."""
        return scope_in(self.document, code, field)

    def failures(
        self,
        lines: Iterable[int] | np.ndarray,
        field: str,
        code: str,
        details: Details = None,
    ) -> Failures:
        """Failures of one code in one field (our qualified name, or ''), one per line, with the severity of this feed.

        ``lines``: whole numbers (int64). ``details``: what the sentence needs besides column and value, one mapping per
        line or one for all.
        """
        return Failures.of(lines, field, code, self.severity(code, field), self.scope(code, field), details)

    @cached_property
    def _strict(self) -> frozenset[str]:
        """The qualified names of the fields whose value must be in its list."""
        strict = {listed for listed, mode in self.keys.references.items() if mode == "fail"}
        fields = self.document.fields.items()
        return frozenset(name for name, (_, field) in fields if field.refers and (field.must or field.refers in strict))

    def clears(self, extents: np.ndarray) -> np.ndarray:
        """In which documents a blank cell clears the stored value, bool. ``extents``: as for ``whole``."""
        blanks = self.keys.blanks
        return self.whole(extents) if blanks is None else np.full(len(extents), blanks == "clear")

    def whole(self, extents: np.ndarray) -> np.ndarray:
        """Which documents are whole, bool: the lines that they leave out are cancelled; the others are changes.

        ``extents``: what each document says it is, or None (``Assembled.extents``); the feed's ``sends`` overrules it.
        """
        overruled = bool(self.keys.version or self.keys.sends)
        silent = np.full(len(extents), self.sends == WHOLE)
        return silent if overruled else np.where(extents == None, silent, extents == WHOLE)  # noqa: E711

    @property
    def dates(self) -> tuple[str, ...]:
        """The formats of dates besides ISO: the feed's, else its format's, else the document's."""
        own = formats.FORMATS[self.keys.format].dates if self.keys.format else ()
        return self.keys.dates or own or self.document.dates

    @property
    def sends(self) -> str:
        """What a document is that doesn't say it: ``whole`` or ``changes``; with a version, whole (contract A5)."""
        if self.keys.version:
            return WHOLE
        changes = self.document.is_list or formats.are_changes(self.keys.sets)
        return self.keys.sends or (CHANGES if changes else WHOLE)

    @cached_property
    def derived(self) -> tuple[Derived, ...]:
        """The columns that it makes of others."""
        return derived_of(self.keys.join, self.keys.split, self.keys.multiply, self.keys.factors)

    @cached_property
    def of_name(self) -> tuple[OfName, ...]:
        """The columns that it takes from a file's name."""
        return tuple(OfName(ours, pattern) for ours, pattern in self.keys.from_name.items())

    @cached_property
    def row_rules(self) -> tuple[RowRule, ...]:
        """Which rows are meant, and which cancel."""
        return tuple(rules_of(skip=self.keys.skip, only=self.keys.only, cancel=self.keys.cancel))

    @cached_property
    def sources(self) -> frozenset[str]:
        """The folded headings that are read although they are no field of ours: for rules, and to make others of."""
        derived = {fold(source) for each in self.derived for source in each.sources}
        return frozenset(derived | {fold(rule.column) for rule in self.row_rules} | {fold(CANCELS)})

    @property
    def _named(self) -> Iterable[str]:
        """The headings that its TOML names."""
        derived = (source for each in self.derived for source in each.sources)
        return (*self.keys.columns, *derived, *(rule.column for rule in self.row_rules))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        theirs = {fold(theirs.replace(ELEMENT, "")): ours for theirs, ours in self.keys.columns.items()}
        derived = {fold(each.heading): each.ours for each in self.derived}
        of_name = {fold(each.heading): each.ours for each in self.of_name}
        own = theirs | derived | of_name
        return self.document.spellings | self._in_arrays(frozenset(own.values())) | own

    def _in_arrays(self, named: frozenset[str]) -> dict[str, str]:
        """Our names of the members of arrays that the feed names, except the fields that it names itself: an array of
        lines under another name has lines like ours.
        """
        arrays = {level.array: level for level in self.document.levels if level.array}
        return {
            fold(f"{array.replace(ELEMENT, '')}.{spelled}"): ours
            for array, of in self.keys.columns.items()
            if of in arrays
            for ours, (level, field) in self.document.fields.items()
            if level is arrays[of] and ours not in named
            for spelled in (field.name, *field.aliases)
        }

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Folded header → kind of its cells, for every header of this feed; a reader finds the header row with them."""
        fields = self.document.fields
        numbers = {fold(source) for each in self.derived if each.ours in self.keys.multiply for source in each.sources}
        sources = {header: Kind.QUANTITY if header in numbers else Kind.TEXT for header in self.sources}
        return sources | {
            header: fields[ours][1].kind if ours in fields else Kind.ENUM for header, ours in self._spellings.items()
        }

    def clues(self, stamp: Stamp | None) -> Clues:
        """What the format of a file may know of this feed; ``stamp``: of a fix-workbook."""
        return replace(self._clues, stamp=stamp) if stamp else self._clues

    @cached_property
    def _clues(self) -> Clues:
        document = self.document
        unnamed = {
            theirs: ours not in document.fields or document.fields[ours][0] is document.header
            for theirs, ours in self.keys.columns.items()
        }
        return Clues(
            kinds=self.kinds,
            arrays=self.arrays,
            around=self._around,
            decimal=self.keys.decimal,
            stamp=None,
            document=document.name,
            sets=self.keys.sets,
            paths=unnamed,
            names=self._spellings,
            codes={name: codes for name in {*self._spellings.values()} if (codes := self.codes(name))},
            qualifiers=tuple(dict.fromkeys(each for name in self._named if (each := qualifier(name)))),
            inherited=frozenset(theirs for theirs, ours in self._spellings.items() if self._is_inherited(ours)),
            signs=frozenset(map(str.casefold, signs_of(self.currency))) if self.currency else None,
            currencies=frozenset(theirs for theirs, ours in self._spellings.items() if ours == self.of_currency),
        )

    def _is_inherited(self, ours: str) -> bool:
        """Whether a field of lines may be said once for all of them: no number, of the line or of anything else."""
        level, field = self.document.fields.get(ours, (self.document.header, None))
        return (
            level is not self.document.header
            and field is not None
            and field.kind not in NUMBERS
            and ours != self.document.numbering
        )

    @cached_property
    def arrays(self) -> Arrays:
        """The arrays in which JSON objects nest lines, by folded name."""
        return self._arrays_under(self.document.header)

    def _arrays_under(self, level: Level) -> Arrays:
        arrays: dict[str, Array] = {}
        for beside, child in enumerate(self.document.children(level)):
            own = (name.partition(ELEMENT)[0] for name, ours in self.keys.columns.items() if ours == child.array)
            names = [child.array, *own]
            only = child.fields[0].name if len(child.fields) == 1 else ""
            array = Array(beside, child.array, self._arrays_under(child), only)
            arrays |= {fold(name): array for name in names}
        return arrays

    @cached_property
    def _around(self) -> Arrays:
        """The arrays that may stand around the lines: those of a level below the lines, such as cartons that hold their
        lines, and those that the feed names (``cartons[].items``). A line's quantity there is what its carton holds.
        """
        level, arrays = self.document.lines, self.arrays
        if level is None:
            return {}
        (lines,) = {array.beside: array for array in arrays.values() if array.title == level.array}.values()
        sums = {ours: self.document.fields[part] for ours, part in self.document.summed.items()}
        moved = {
            theirs: f"{sums[ours][0].array}.{sums[ours][1].name}"
            for theirs, ours in self._spellings.items()
            if ours in sums
        }
        beside, below = (len({array.beside for array in each.values()}) for each in (arrays, lines.inside))
        inner = replace(lines, beside=below, inside={}, moved=moved)
        of_lines = {name: inner for name, array in arrays.items() if array is lines}
        around = {name: replace(each, beside=beside, inside=of_lines) for name, each in lines.inside.items()}
        for theirs, ours in self.keys.columns.items():
            outer, between, own = theirs.partition(f"{ELEMENT}.")
            if ours == level.array and between:
                path = f"{outer}.{own.replace(ELEMENT, '')}."
                around[fold(outer)] = Array(beside, outer, {fold(own): replace(inner, path=path)})
        return around

    def names_of(self, members: Mapping[str, object]) -> dict[str, object]:
        """The values of an object's members by the plain names of our fields; those that are none are left out."""
        named = {name: self._spellings.get(fold(name)) for name in members}
        return {ours.rpartition(".")[2] if ours.startswith("header.") else ours: members[name]
                for name, ours in named.items() if ours}  # fmt: skip

    def columns(self, headers: Sequence[str]) -> dict[str, str]:
        """Our qualified name → the header as sent, for every column that is known.

        Raises ``Refused`` if no column is known, two columns are the same field, or the document's number has no
        column.
        """
        columns: dict[str, str] = {}
        for header in headers:
            ours = self._spellings.get(fold(header))
            if ours is None or fold(ours) in self.document.arrays:
                continue
            if ours in columns:
                raise Refused(
                    "header_twice", first=columns[ours], second=header, column=ours, advice="one of them is enough"
                )
            columns[ours] = header
        number = self.document.number
        if not columns:
            raise Refused("no_header", header=", ".join(headers)[:200])
        if number not in columns and number not in self.keys.constants and not self.document.auto:
            theirs = next((theirs for theirs, ours in self.keys.columns.items() if ours == number), "")
            raise Refused("no_key_column", column=f"{number} ('{theirs}' in the feed)" if theirs else number)
        return columns

    def canonical(self, name: str, values: pa.Array) -> pa.Array:
        """A column of strings as this partner means it: trimmed, NFC, blanks null, values mapped, ids padded, prefixed.
        Who asks over HTTP sees numbers as they are stored, so one that has its prefix already keeps it there.

        ``name``: our qualified name. Returns an Arrow array of strings of the same length.
        """
        clean = trimmed(values)
        mapping = self.codes(name)
        if mapping:
            clean = _mapped(clean, mapping)
        if name.endswith("action"):
            clean = _mapped(pc.utf8_lower(clean), PURPOSES)
        _, field = self.document.fields.get(name, (None, None))
        if field is not None and field.codes == "sscc":
            clean = _bare_sscc(clean)
        if field is not None and field.codes == "country" and self.of_interchanges:
            clean = _mapped(clean, of_three_letters())
        width = self.keys.pad.get(name) or (field.pad if field else None)
        if width:
            digits = pc.match_substring_regex(clean, r"^[0-9]+$")
            clean = pc.if_else(digits, pc.utf8_lpad(clean, width, "0"), clean)
        prefix = self.keys.prefix.get(name)
        if not prefix:
            return clean
        whole = pc.binary_join_element_wise(prefix, clean, "")
        return pc.if_else(pc.starts_with(clean, prefix), clean, whole) if self.keys.api else whole

    def meant(self, name: str, text: str) -> str:
        """One text as ``canonical`` means it, '' where nothing is left; as it is where no database can hold it."""
        return self.canonical(name, pa.array([text], pa.string()))[0].as_py() or "" if is_text(text) else text

    def split_number(self, number: pa.Array, parts: Iterable[pa.Array]) -> pa.Array:
        """The number of the document that rows with these values of ``split_by`` are; the number itself for blanks."""
        for part in parts:
            number = pc.coalesce(pc.binary_join_element_wise(number, part, SPLIT), number)
        return number

    def whole_number(self, number: str, parts: Iterable[str | None]) -> str:
        """The number of the order that a document is a part of. ``parts``: its values of ``split_by``."""
        for part in reversed([SPLIT + each for each in parts if each]):
            number = number.removesuffix(part)
        return number

    def sent_number(self, number: str, parts: Iterable[str | None]) -> str:
        """A document's number as its partner calls it. ``parts``: its values of ``split_by``."""
        return self.whole_number(number, parts).removeprefix(self.number_prefix)

    def means(self, stored: str, number: str, parts: Iterable[str | None]) -> bool:
        """Whether a document that is stored as ``stored`` is sent, or stored, under a number, but for leading zeros.

        ``parts``: its values of ``split_by``.
        """
        sent, own = self.sent_number(stored, parts), zero_spellings(number)
        return sent in own or f"{self.number_prefix}{sent}" in own

    @property
    def number_prefix(self) -> str:
        """What stands before the numbers of its documents as they are stored, and before none as they are sent."""
        return self.keys.prefix.get(self.document.number, "")

    def rereads(self, before: FeedSnapshot, *, plain: bool) -> tuple[str, str, str] | None:
        """The first key whose change makes this feed read a text as another value; its old and its new value as TOML.

        None if there is none. A notation that was added after the others changes no value, and a grouping mark can only
        turn a number into a failure. ``plain``: numbers have the format's own marks.
        """
        kept, keys, dates = before.feed, self.keys, before.feed.dates or self.document.dates
        notation: dict[str, tuple[Any, Any, bool]] = {
            "zone": (before.zone, self.zone.key, before.zone != self.zone.key),
            "dates": (dates, self.dates, self.dates[: len(dates)] != dates),
            "decimal": (kept.decimal, keys.decimal, kept.decimal != keys.decimal and not plain),
            "implied_decimals": (
                kept.implied_decimals,
                keys.implied_decimals,
                kept.implied_decimals != keys.implied_decimals,
            ),
            "overpunch": (kept.overpunch, keys.overpunch, not set(kept.overpunch) <= set(keys.overpunch)),
            "prefix": (kept.prefix, keys.prefix, kept.prefix != keys.prefix),
            "split_by": (kept.split_by, keys.split_by, kept.split_by != keys.split_by),
            "percent": (kept.percent, keys.percent, kept.percent not in ("fail", keys.percent)),
        }
        changed = ((key, was, now) for key, (was, now, differs) in notation.items() if differs)
        return next(((key, _toml(was), _toml(now)) for key, was, now in changed), None)

    def spelling(self, field: DocumentField, columns: Container[str], *, plain: bool) -> Spelling:
        """How the numbers of a field are written.

        ``columns``: our names of the columns of the file: an amount may name the feed's currency if no column has the
        currency. ``plain``: the format writes all numbers with its own marks.
        """
        is_amount = field.kind is Kind.MONEY or field.is_price
        alone = is_amount and not plain and self.of_currency not in columns
        own = (name for name in self._of_digits if self.document.fields[name][1] is field)
        return replace(self.notation(plain=plain, name=next(own, "")), currency=self.currency if alone else "")

    @cached_property
    def of_currency(self) -> str:
        """The field that says in which currency the amounts are; '' if there is none."""
        return next((name for name, (_, each) in self.document.fields.items() if each.codes == "currency"), "")

    @cached_property
    def currency(self) -> str:
        """The currency of amounts where no column says it; '' if the feed doesn't say it either."""
        return (self.keys.defaults | self.keys.constants).get(self.of_currency, "").upper()

    @cached_property
    def _of_digits(self) -> frozenset[str]:
        """The fields whose numbers are digits only (qualified names)."""
        return frozenset((*self.keys.implied_decimals, *self.keys.overpunch))

    def field_of(self, heading: str) -> str:
        """The qualified name of the field that a heading is, theirs or ours; '' if it is none."""
        return self._spellings.get(fold(heading), "")

    def notation(self, *, plain: bool, name: str = "") -> Spelling:
        """How numbers are written, of a field (qualified name) or of none. ``plain``: the format writes them with its
        own marks.
        """
        keys = self.keys
        if name in self._of_digits and not plain:
            return Spelling(implied=keys.implied_decimals.get(name, 0), overpunched=name in keys.overpunch)
        marks: dict[str, Any] = (
            {} if plain else {"decimal": keys.decimal, "thousands": keys.thousands, "grouping": keys.grouping}
        )
        return Spelling(**marks, parentheses=keys.parentheses, percent=keys.percent, bare=plain)

    def key(self, table: pa.Table, columns: Mapping[str, str]) -> list[pa.Array]:
        """The parts of the document's key as Arrow arrays of strings, one value per record; null where blank.

        ``columns``: qualified name → header in ``table``. The parts are in the order of ``Document.key``, trimmed,
        mapped and padded; constants and defaults are filled in, but no default of the number.
        """
        parts = []
        for name in self.document.key:
            header = columns.get(name)
            values = table.column(header).combine_chunks() if header in table.column_names else None
            if values is None and header is not None:
                values = pa.nulls(table.num_rows, pa.string())
            constant = self.keys.constants.get(name)
            if values is None:
                clean = pa.repeat(pa.scalar(constant, pa.string()), table.num_rows)
            else:
                clean = self.canonical(name, values)
            default = self.keys.defaults.get(name) or self.document.header.field(name).default
            parts.append(clean if default is None or name == self.document.number else pc.fill_null(clean, default))
        return parts

    def show(self) -> dict[str, Any]:
        """The feed as ``crossdock feeds`` shows it."""
        return {
            "feed": self.name,
            "files": list(self.keys.files),
            "format": self.keys.format or "by content",
            "zone": self.zone.key,
            "businessUnits": list(self.business_units),
        }


def _claim(patterns: Iterable[str], name: str) -> int:
    """How many characters besides ``*`` and ``?`` the longest pattern has that fits a file's name; 0 if none does."""
    fitting = (pattern for pattern in patterns if fnmatchcase(name.casefold(), pattern.casefold()))
    return max((sum(each not in "*?" for each in pattern) for pattern in fitting), default=0)


def _bare_sscc(values: pa.Array) -> pa.Array:
    """SSCCs as 18 digits: without blanks, ``(00)`` and a leading ``00`` (contract A2)."""
    digits = pc.replace_substring_regex(values, r"[\s]|^\(00\)", "")
    return pc.replace_substring_regex(digits, r"^00([0-9]{18})$", r"\1")


def _mapped(values: pa.Array, mapping: Mapping[str, str]) -> pa.Array:
    """Values translated by a mapping: by the exact text, else by a text that differs in case and blanks only.

    A value that is mapped to '' becomes null. A value that matches two texts of different meaning is unchanged.
    """
    folded: dict[str, set[str]] = {}
    for theirs, ours in mapping.items():
        folded.setdefault(_bare(theirs), set()).add(ours)
    by_fold = {theirs: ours for theirs, (ours, *others) in folded.items() if not others}

    def meant(distinct: pa.Array) -> tuple[pa.Array, Wrong]:
        mapped = (mapping.get(each, by_fold.get(_bare(each), each)) or None for each in distinct.to_pylist())
        return pa.array(mapped, pa.string()), {}

    return by_distinct(values, meant)[0]


def _toml(value: str | Sequence[str] | Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{as_toml.text(name)} = {as_toml.text(each)}" for name, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return as_toml.value(value)


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()
