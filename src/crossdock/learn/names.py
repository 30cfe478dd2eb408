"""What people call our fields: the shipped table of synonyms, and how similar a heading is to them.

``synonyms.csv`` has a synonym, our field and a language in each row. A field that ends with a dot is the beginning of a
heading: ``shipTo.`` of an address, ``line.`` of anything on a line. One that begins with a dot is a part of an address.
Both are combined, in either order, so ``Ship To Zip``, ``Liefer-PLZ`` and ``Ville livraison`` need no row of their own.
"""

from __future__ import annotations

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from crossdock.schema.document import Document, Field, Kind
from crossdock.schema.names import bare, fold

OWN, SYNONYM, BARE_PART = 1.0, 0.9, 0.75
"""How much a name proves: our own name; a synonym; a part of an address that does not say which address."""
OF_TITLE = 0.74
"""How much the title of an item proves that a column is a note: it may be left out."""
APART = 0.05
"""How much less a name proves for the field of that name on another level."""
SIMILAR = 84
"""The least similarity, in percent, of a name that is only similar."""
WEIGHT_OF_SIMILAR = 0.65
_ADDRESS = re.compile(r"^(.+)\.(address1)$")
_LINE = "line."
TITLE = "title"
"""What the table of names calls the title of an item, which is read as a note of its line."""


@dataclass(frozen=True)
class NameEvidence:
    """How far a heading names a field, from 0 to 1, and why, in words."""

    weight: float
    why: str

    @property
    def exact(self) -> bool:
        """Whether it is a name of the field, and not only similar to one."""
        return self.weight >= BARE_PART


@cache
def _table() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Bare synonym → its rows: field, language, the synonym as written."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    with Path(__file__).with_name("synonyms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(bare(row["synonym"]), []).append((row["field"], row["language"], row["synonym"]))
    return {name: tuple(each) for name, each in rows.items()}


@cache
def values_of(listed: str) -> dict[str, str]:
    """What partners write for the codes of a list: theirs in lower case → ours."""
    with Path(__file__).with_name("values.csv").open(encoding="utf-8", newline="") as file:
        return {row["theirs"].casefold(): row["ours"] for row in csv.DictReader(file) if row["list"] == listed}


def meant_by(field: Field) -> dict[str, str]:
    """What partners write in a field for its codes: theirs in lower case → ours."""
    return values_of(field.codes if field.codes == "unit" else field.name)


_FIRST = re.compile(r"(?<!\d)1(?!\d)")


class _Names(Mapping[str, Kind], ABC):
    """Headings as a reader looks them up: each that is one is text, so that its cells stay as they were sent."""

    @abstractmethod
    def _has(self, name: str) -> bool:
        """Whether a text is a heading."""

    def __getitem__(self, name: str) -> Kind:
        if not self._has(name):
            raise KeyError(name)
        return Kind.TEXT

    def __iter__(self) -> Iterator[str]:
        return iter(())  # nobody could count them

    def __len__(self) -> int:
        return 0


class KnownNames(_Names):
    """The headings that are known, our names and all synonyms: a reader finds the header row by them."""

    def _has(self, name: str) -> bool:
        return bool(_meanings(bare(name)) or bare(name) in _own())


class AnyNames(_Names):
    """Any words as headings, for a file none of whose headings is known."""

    def _has(self, name: str) -> bool:
        return bool(re.search(r"[^\W\d_]", name)) and len(name) <= 60 and not re.match(r"^\d", name)


@cache
def _own() -> frozenset[str]:
    from crossdock.documents import DOCUMENTS  # the table of all documents is large

    return frozenset(bare(name) for document in DOCUMENTS.values() for name in document.spellings)


@lru_cache(maxsize=10_000)
def _meanings(name: str) -> tuple[tuple[str, str, str], ...]:
    """What a bare heading may mean: fields (``*.city`` where no address is said), languages, synonyms as written."""
    table = _table()
    meant = [row for row in table.get(name, ()) if not row[0].endswith(".")]
    for cut in range(2, len(name) - 1):
        for begins, rest in ((name[:cut], name[cut:]), (name[cut:], name[:cut])):
            for prefix, language, written in table.get(begins, ()):
                if prefix.endswith(".") and prefix != _LINE:
                    parts = [row for row in table.get(rest, ()) if row[0].startswith(".")]
                    meant += [(prefix[:-1] + part, language, f"{written} + {name_}") for part, _, name_ in parts]
                elif prefix == _LINE and begins == name[:cut]:
                    inner = [row for row in table.get(rest, ()) if "." not in row[0]]
                    meant += [(_LINE + field, language, f"{written} + {name_}") for field, _, name_ in inner]
    return tuple(meant)


def named_so(heading: str, meaning: str) -> bool:
    """Whether the table of names has a heading for a meaning, which may be no field of a document."""
    return any(field == meaning for field, _, _ in _meanings(bare(heading)))


def numbered(headings: Iterable[str]) -> dict[str, str]:
    """The first headings of several that differ in their number alone, ``Item 1`` beside ``Item 2``, without it.

    >>> numbered(["Order", "Item 1", "Qty 1", "Item 2", "Qty 2", "Address 1"])
    {'Item 1': 'Item', 'Qty 1': 'Qty'}
    """
    several = set(headings)
    twins = {each: _FIRST.sub("2", each) for each in several if len(_FIRST.findall(each)) == 1}
    return {each: " ".join(_FIRST.sub(" ", each).split()) for each in headings if twins.get(each) in several}


class FieldNames:
    """How a heading names the fields of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._address = next((match[1] for name in document.fields if (match := _ADDRESS.match(name))), "")
        self._by_own: dict[str, list[str]] = {}
        for name, (_, field) in document.fields.items():
            self._by_own.setdefault(field.name.casefold(), []).append(name)
        self._choices = {bare(spelled): (name, spelled) for name, spelled in self._spelled() if len(bare(spelled)) > 3}

    def _spelled(self) -> Iterator[tuple[str, str]]:
        """Each field's qualified name, with a name to which a heading may be similar."""
        for name, (_, field) in self._document.fields.items():
            for spelled in (field.name, field.title, *field.aliases):
                yield name, spelled
        for rows in _table().values():
            for field_name, _, written in rows:
                yield from ((name, written) for name in self._by_own.get(field_name.casefold(), ()))

    def of(self, heading: str, array: str = "") -> dict[str, NameEvidence]:
        """Qualified name → evidence, for the fields that a heading may name. ``array``: of JSON, in which it is."""
        inside = heading[len(array) + 1 :] if array else heading
        evidence = self._exact(inside)
        if "." in inside and not evidence:
            evidence = {name: NameEvidence(each.weight - 0.05, each.why) for name, each in self._last(inside).items()}
        own = self._document.spellings.get(fold(f"{self._lines_array}.{inside}" if array else inside))
        own = own or self._document.spellings.get(fold(inside))
        if own:
            entry = self._document.fields.get(own)  # None: it is floating, of the header or of the line
            for name in self._by_own[(entry[1].name if entry else own).casefold()]:
                evidence[name] = NameEvidence(OWN if name == own or not entry else OWN - APART, "our own name")
        return evidence or self._similar(inside)

    @property
    def _lines_array(self) -> str:
        return self._document.lines.array if self._document.lines else ""

    def _last(self, heading: str) -> dict[str, NameEvidence]:
        return self._exact(heading.rpartition(".")[2])

    def _exact(self, heading: str) -> dict[str, NameEvidence]:
        evidence: dict[str, NameEvidence] = {}
        for field, language, written in _meanings(bare(heading)):
            if field == TITLE:
                why = f"{written!r} is the title of an item ({language}): is it to be a note?"
                evidence |= {
                    name: NameEvidence(OF_TITLE, why) for name in (f"{_LINE}notes",) if name in self._document.fields
                }
                continue
            of_line, of_address = field.startswith(_LINE), field.startswith(".")
            weight = BARE_PART if of_address else SYNONYM
            own = f"{self._address}{field}" if of_address else field.removeprefix(_LINE)
            for name in self._by_own.get(own.casefold(), ()):
                if not of_line or self._document.fields[name][0] is not self._document.header:
                    part = bare(self._document.fields[name][1].name.rpartition(".")[2])
                    weight = min(weight, SYNONYM) + (APART if bare(heading).endswith(part) else 0)
                    known = evidence.get(name)
                    if known is None or known.weight < weight:
                        evidence[name] = NameEvidence(weight, f"{written!r} in the table of names ({language})")
        return evidence

    def _similar(self, heading: str) -> dict[str, NameEvidence]:
        from rapidfuzz import fuzz, process  # drift asks for names that are known, and for none that is similar

        matches = process.extract(bare(heading), list(self._choices), scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=5)
        evidence: dict[str, NameEvidence] = {}
        for choice, similarity, _ in matches:
            weight = WEIGHT_OF_SIMILAR * similarity / 100
            name, written = self._choices[choice]
            evidence.setdefault(name, NameEvidence(weight, f"the name is similar to {written!r}"))
        return evidence
