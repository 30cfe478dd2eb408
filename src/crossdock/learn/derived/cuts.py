"""Columns whose text is several fields: a postal code and a city, a quantity and a unit, an item and a lot.

A way to cut is proposed only if it fits every value of the column, each part fits its field, and no other column is
proved to be one of them. It is proved if the heading names a part of it too, and nothing else could be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crossdock.learn.columns import Column
from crossdock.learn.derived.places import PLACES, Place, one_state_or_country
from crossdock.learn.fitting import Fit, fit
from crossdock.learn.grouping import Repetition
from crossdock.learn.names import SYNONYM, FieldNames, NameEvidence, values_of
from crossdock.learn.proposal import Derivation, Match, Proposal
from crossdock.learn.value_names import counts_lines
from crossdock.partners.derived import Cut
from crossdock.schema.codes import units
from crossdock.schema.document import Kind
from crossdock.schema.roles import Role

SEPARATORS = ("|", ";", "#", "~", "^", "/", ":", "+", ",", " - ")
"""What may stand between the parts of a text."""
RARE = ("|", "#", "~", "^")
"""Separators that no code has inside of it."""
IDS = (Kind.ID, Kind.TEXT, Kind.CODE)
MOST_PARTS = 4
FEWEST_VALUES = 2
"""With fewer distinct values nothing shows that a text has parts."""
REPEATS = 0.4
"""The least evidence of repetition for the number of a document."""
NAMED = NameEvidence(SYNONYM, "a part of the heading")
_MEASURED = r"([-+]?[\d.,]+) *([^\W\d].*)"
_BEFORE_LINE = r"(.+)[-/_.]\d+"
_FLOAT = r"(\d+)(?:\.0)?"
_NUMBERED = r"(.+)[-/_.](\d+)"


def of_columns(proposal: Proposal) -> Iterator[Derivation]:
    """The columns that are cut, each in the best way; none where no way fits."""
    columns = {each.column.heading: each.column for each in proposal.matches}
    columns |= {each.heading: each for each in proposal.left_over}
    search = _Search(proposal, columns)
    taken: set[str] = set()
    for heading in proposal.sample.columns:
        column = columns.get(heading)
        derivation = search.best(column) if column is not None and len(column.distinct) >= FEWEST_VALUES else None
        if derivation is not None and not taken & set(derivation.fields):
            taken |= set(derivation.fields)
            yield derivation


@dataclass(frozen=True)
class _Parted:
    """A text that is cut. ``pieces``: by field, the column of its parts."""

    cut: Cut
    pieces: dict[str, Column]


class _Search:
    """The ways to cut the columns of one proposal."""

    def __init__(self, proposal: Proposal, columns: dict[str, Column]) -> None:
        self._proposal, self._columns = proposal, columns
        self._names = FieldNames(proposal.document)
        self._sure = {each.field: each.column.heading for each in proposal.proved}
        self._derived = {field for each in proposal.derived if each.proved for field in each.fields}

    def best(self, column: Column) -> Derivation | None:
        """The best way to cut a column; None if there is none."""
        ways = (
            self._of_float,
            self._with_line,
            self._measured,
            self._numbered,
            self._named,
            self._placed,
            self._with_lot,
        )
        return next((each for cut in ways if (each := cut(column)) is not None), None)

    def _exact(self, heading: str) -> set[str]:
        """The fields that a heading is a name of."""
        return {name for name, each in self._names.of(heading).items() if each.exact}

    def _free(self, column: Column, fields: Sequence[str]) -> bool:
        """Whether fields are of the document, and no other column is proved to be one of them."""
        known = self._proposal.document.fields
        return all(
            each in known and each not in self._derived and self._sure.get(each, column.heading) == column.heading
            for each in fields
        )

    def _parted(self, column: Column, cut: Cut) -> _Parted | None:
        """The parts of a column; None if a value has other parts, or one that is blank."""
        parts = {each: cut.parts(each) for each in column.distinct}
        if not all(each and all(each) for each in parts.values()):
            return None
        pieces = {}
        for place, field in enumerate(cut.fields):
            values = [(parts[each] or ())[place] if each is not None else None for each in column.values]
            pieces[field] = Column(f"{column.heading} ({field})", values)
        return _Parted(cut, pieces)

    def _fits(self, parted: _Parted) -> bool:
        """Whether the parts are values of their fields, as a column of them would be."""
        document, groups = self._proposal.document, self._proposal.groups
        return all(
            (fitting := fit(piece, document, field, NAMED, groups)) is not None and not fitting.doubtful
            for field, piece in parted.pieces.items()
        )

    def _derivation(self, column: Column, parted: _Parted, why: str, *, proved: bool) -> Derivation:
        cut = parted.cut
        entry: dict[str, str | list[str]] = {"separator": cut.separator} if cut.separator else {"pattern": cut.pattern}
        entry["into"] = list(cut.fields)
        parts = tuple(
            Match(piece, field, Fit(1.0, (why,), exact=True), proved) for field, piece in parted.pieces.items()
        )
        return Derivation("split", column.heading, entry, (column.heading,), parts, why, proved, tuple(cut.fields))

    def _of_float(self, column: Column) -> Derivation | None:
        """An id that a program has made a number: ``17850.0``."""
        if not all(re.fullmatch(r"\d+\.0", each) for each in column.distinct):
            return None
        fields = self._proposal.document.fields
        named = [each for each in sorted(self._exact(column.heading)) if each in fields and fields[each][1].kind in IDS]
        if len(named) != 1 or not self._free(column, named):
            return None
        parted = self._parted(column, Cut(pattern=_FLOAT, into=tuple(named)))
        if parted is None or not self._fits(parted):
            return None
        why = f"every value is an id that a program has made a number, such as {column.distinct[0]!r}"
        return self._derivation(column, parted, why, proved=True)

    def _measured(self, column: Column) -> Derivation | None:
        """A quantity and its unit: ``12 EA``."""
        roles = {
            field.role: name
            for name, (level, field) in self._proposal.document.fields.items()
            if level is self._proposal.document.lines or self._proposal.document.lines is None
        }
        fields = [roles.get(Role.QUANTITY, ""), roles.get(Role.MEASURE, "")]
        named = {*self._exact(column.heading), *(name for each in _words(column.heading) for name in self._exact(each))}
        if fields[0] not in named or not self._free(column, fields):
            return None
        parted = self._parted(column, Cut(pattern=_MEASURED, into=tuple(fields)))
        if parted is None or parted.pieces[fields[0]].numbers is None:
            return None
        known, codes = values_of("unit"), units()
        if not all(each.casefold() in known or each.upper() in codes for each in parted.pieces[fields[1]].distinct):
            return None
        shown = ", ".join(parted.pieces[fields[1]].examples)
        why = f"every value is a number and a known unit ({shown}), such as {column.distinct[0]!r}"
        return self._derivation(column, parted, why, proved=True)

    def _with_line(self, column: Column) -> Derivation | None:
        """The number of a document with that of its line behind it, which another column has, too: ``SO-1/10``."""
        document = self._proposal.document
        line = next((each.column for each in self._proposal.proved if each.field == document.numbering), None)
        if line is None or document.number not in self._exact(column.heading):
            return None
        matches = [re.fullmatch(_NUMBERED, each or "") for each in column.values]
        behind = [match[2].lstrip("0") if match else None for match in matches]
        if behind != [(each or "").lstrip("0") for each in line.values] or not self._free(column, (document.number,)):
            return None
        parted = self._parted(column, Cut(pattern=_BEFORE_LINE, into=(document.number,)))
        if parted is None or len(parted.pieces[document.number].distinct) == len(column.values):
            return None
        why = f"{line.heading!r} stands behind the last mark in every row, such as {column.distinct[0]!r}"
        return self._derivation(column, parted, why, proved=True)

    def _named(self, column: Column) -> Derivation | None:
        """Parts that the heading names one by one: ``SKU|LOT``, ``Item/Lot``."""
        for separator in SEPARATORS:
            counts = {each.count(separator) for each in column.distinct}
            if len(counts) != 1 or not 0 < (count := counts.pop()) < MOST_PARTS:
                continue
            words = _parts_of_heading(column.heading, separator, count + 1)
            meant = [sorted(self._exact(each) & self._proposal.document.fields.keys()) for each in words]
            fields = [self._best(each) for each in meant]
            if not words or not any(fields) or len(set(filter(None, fields))) < len(list(filter(None, fields))):
                continue
            whole = all(fields)
            cut = (
                Cut(separator=separator.strip() or separator, into=tuple(fields))
                if whole
                else Cut(pattern=_of_some(separator, fields), into=tuple(filter(None, fields)))
            )
            parted = self._parted(column, cut) if self._free(column, cut.fields) else None
            if parted is not None and self._fits(parted):
                why = f"every value has {count + 1} parts by {separator!r}, as the heading has"
                unknown = [word for word, field in zip(words, fields, strict=True) if not field]
                if unknown:
                    why += f"; {', '.join(unknown)} is no field of {self._proposal.document.name} and is left out"
                return self._derivation(column, parted, why, proved=whole)
        return None

    def _best(self, names: Sequence[str]) -> str:
        """The one of several fields that a name means: of the lines before the header."""
        document = self._proposal.document
        return max(names, key=lambda name: (document.fields[name][0] is document.lines, -names.index(name)), default="")

    def _numbered(self, column: Column) -> Derivation | None:
        """The number of a document and of its line: ``SO-1-2``."""
        document = self._proposal.document
        fields = (document.number, document.numbering)
        if document.lines is None or document.numbering is None or not self._free(column, fields):
            return None
        parted = self._parted(column, Cut(pattern=_NUMBERED, into=fields))
        if parted is None:
            return None
        number, line = parted.pieces.values()
        columns = {name: each for name, each in self._columns.items() if name != column.heading}
        repetition = Repetition(columns | {number.heading: number, line.heading: line})
        groups = repetition.groups(number)
        if groups is None or not groups.repeat or groups.count < FEWEST_VALUES or not counts_lines(line, groups):
            return None
        words = _words(column.heading)
        named = len(words) == len(fields) and all(
            field in self._exact(word) for field, word in zip(fields, words, strict=True)
        )
        own = document.number in self._exact(column.heading) and repetition.evidence(number) >= REPEATS
        if not named and not own:
            return None
        why = f"behind the last mark each begins anew at {line.distinct[0]} and counts, such as {column.distinct[0]!r}"
        return self._derivation(column, parted, why, proved=named)

    def _placed(self, column: Column) -> Derivation | None:
        """Parts of an address: ``12345 Berlin``."""
        address, named = self._address(column.heading)
        for place in PLACES if address else ():
            fields = tuple(f"{address}.{part}" for part in place.parts)
            if f"{address}.address1" in named and "address1" not in place.parts:
                continue  # a house number in front of a street is no postal code
            if not self._free(column, fields):
                continue
            parted = self._parted(column, Cut(pattern=place.pattern, into=fields))
            if parted is None:
                continue
            state = self._state(place, parted, address)
            if state is None:
                continue
            names_it = bool(named & set(fields)) and not (place.loose and len(named & set(fields)) < 2)
            why = f"every value is {place.words}, such as {column.distinct[0]!r}"
            return self._derivation(column, parted, why + state, proved=names_it and not state)
        return None

    def _state(self, place: Place, parted: _Parted, address: str) -> str | None:
        """'' if codes of two letters are what the place says; a doubt in words; None if they are something else."""
        column = next((each for field, each in parted.pieces.items() if field.endswith((".state", ".country"))), None)
        if column is None:
            return ""
        other = self._proposal.by_field.get(f"{address}.country")
        return one_state_or_country(place, column.distinct, other.column.distinct if other is not None else [])

    def _address(self, heading: str) -> tuple[str, set[str]]:
        """The address that a heading may be of, and its fields that the heading names, alone or word by word."""
        words = _words(heading)
        named = {each for each in self._exact(heading) if "." in each}
        for begin in range(len(words)):
            for word in words[begin:]:
                named |= {each for each in self._exact(" ".join((*words[:begin], word))) if "." in each}
        addresses = [name.rpartition(".")[0] for name in self._proposal.document.fields if name.endswith(".postalCode")]
        own = [address for address in addresses if any(each.startswith(f"{address}.") for each in named)]
        explicit = [address for address in own if address != addresses[0]]
        return (explicit or own or addresses[:1] or [""])[0], named

    def _with_lot(self, column: Column) -> Derivation | None:
        """An item, and something behind a mark that no item has."""
        document = self._proposal.document
        item = next((n for n, (level, each) in document.fields.items() if each.role is Role.ITEM), "")
        if item not in self._exact(column.heading) or not self._free(column, (item,)):
            return None
        for separator in RARE:
            if {each.count(separator) for each in column.distinct} != {1}:
                continue
            lot = "lotNumber" if self._free(column, ("lotNumber",)) else ""
            cut = (
                Cut(separator=separator, into=(item, lot))
                if lot
                else Cut(pattern=_of_some(separator, [item, ""]), into=(item,))
            )
            parted = self._parted(column, cut)
            if parted is not None:
                behind = f"is it {lot}?" if lot else "what is behind it is left out"
                why = f"every value has {separator!r} once, such as {column.distinct[0]!r}; {behind}"
                return self._derivation(column, parted, why, proved=False)
        return None


def _of_some(separator: str, fields: Sequence[str]) -> str:
    """A pattern of which only those parts are groups that have a field.

    >>> _of_some("|", ["skuId", ""])
    '([^|]+)\\\\|[^|]+'
    """
    mark = separator.strip() or separator
    cell = f"[^{re.escape(mark) if mark in '^-]' else mark}]+"
    return re.escape(mark).join(f"({cell})" if each else cell for each in fields)


def _words(heading: str) -> list[str]:
    return re.findall(r"[^\W_]+\.?", heading)


def _parts_of_heading(heading: str, separator: str, count: int) -> list[str]:
    """The names of the parts in a heading, by the separator of the values or a usual one; none if it has others."""
    for mark in (re.escape(separator.strip()), r"[|/;,+&]", r"\s-\s", r"[\s_-]+"):
        words = [each.strip() for each in re.split(mark, heading)]
        if len(words) == count and all(words):
            return words
    return []
