"""Guides: how a set becomes columns, as data (``data/guides/x12_940.toml`` …).

A guide says which segments a set has, in which loops, which of them begins a record, and from which paths the fields of
our documents come. The reader knows no set; one more set is one more file. ``[feed.columns]`` adds paths of a partner.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from crossdock import bundled
from crossdock.formats.format import Options, listed
from crossdock.formats.guides.dictionary import FOLDER, Dictionary, Spot, dictionary

_LINE = re.compile(r"( *)(\w+)(!?)(\??)(?: (\d+))?")
_PATH = re.compile(
    r"(?:(?P<loop>[A-Z0-9]{2,3})(?:\*(?P<of>[^.]+))?\.)?(?:(?P<level>[A-Z]):)?"
    r"(?P<segment>[A-Z][A-Z0-9]{1,2}?)(?:(?P<element>\d\d)(?:-(?P<component>\d+))?|(?P<star>\*)(?P<but>!?)(?P<is>[^.:]*)(?::(?P<beside>\d+))?)"
)
STANDARD = re.compile(r"(x12|edifact)_(\w+)")


@dataclass(frozen=True)
class Node:
    """A segment of a set, or the loop that it begins: how often it may stand there, and what stands in it.

    ``most``: None where there is no limit. ``assumed``: what stands in the loop stands in one also where this segment
    is missing.
    """

    segment: str
    must: bool = False
    most: int | None = None
    inner: tuple[Node, ...] = ()
    assumed: bool = False

    def all(self) -> Iterator[Node]:
        """Itself and those in it, at any depth."""
        yield self
        for each in self.inner:
            yield from each.all()

    def holds(self, segment: str) -> bool:
        """Whether a segment is its own, or stands in it at any depth."""
        return any(each.segment == segment for each in self.all())


@dataclass(frozen=True)
class Path:
    """Where a value stands: ``W0502``, ``DTM*002``, ``N1*ST.N104``, ``P:MAN*GM``.

    ``loop``: the segment that begins the loop, ``of``: its first element. ``level``: of a tree (HL, CPS) the level.
    ``element``: its place, 0 for the one that ``is`` tells; ``component``: within it, from 1; 0 for the element whole.
    ``but``: any qualifier but ``is``. ``beside``: another component of the element that the qualifier tells of
    (EDIFACT), another element of its segment (X12).
    """

    text: str
    segment: str
    element: int = 0
    component: int = 0
    loop: str = ""
    of: str = ""
    level: str = ""
    qualifiers: tuple[str, ...] = ()
    but: bool = False
    beside: int = 0

    @cached_property
    def spot(self) -> Spot:
        """The place of its element in the segment."""
        return Spot(self.element, self.component)


@cache
def path_of(text: str) -> Path | None:
    """The path that a text is; None if it is none.

    >>> path_of("N1*ST.N104").element, path_of("DTM*002").qualifiers, path_of("Order number")
    (4, ('002',), None)
    """
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    return Path(
        text=text,
        segment=match["segment"],
        element=int(match["element"] or 0),
        component=int(match["component"] or 0),
        loop=match["loop"] or "",
        of=(match["of"] or "").upper(),
        level=match["level"] or "",
        qualifiers=tuple(each for each in (match["is"] or "").upper().split(",") if each),
        but=bool(match["but"]),
        beside=int(match["beside"] or 0),
    )


ADDRESS = ("name", "address1", "address2", "address3", "city", "state", "country", "postalCode", "email", "phoneNumber",
           "faxNumber", "attentionTo", "locationId")  # fmt: skip
"""The fields of an address, behind its prefix."""

ELSEWHERE = frozenset(("beyond", "nth", "agree", "lines", "rest", "where", "anywhere"))
"""Keys of a source whose value doesn't need a segment of the record's own loops."""


@dataclass(frozen=True)
class Source:
    """Where a column comes from.

    ``paths``: the first that isn't blank counts. ``how``: what is done with them, and what that needs:

    - ``values``: theirs → ours; ``purpose``: X12's purpose codes, or 1225 of EDIFACT.
    - ``all``: every occurrence, joined by line breaks. ``compose``: the paths, joined by ``join``; zeros are blank;
      ``then``: paths of the whole where the first has no value.
    - ``party``: roles of N1 or NAD, in their order; it fills the fields of an address.
    - ``unit``: a unit by the standard's list; ``alike_in``: paths of the units of all quantities that it is of: several
      are a failure. ``price``: divided by what ``basis`` says; ``per``: where its unit is,
      and that of the quantity, without which it is none; ``counted``: the unit of the quantity, which some write where
      the basis belongs; ``pack``: where a unit is that may be of several pieces. ``hash``: of quantities.
    - ``one``: a number, of paths that mean the same; a range of them is none, and several are too many. ``alike``:
      likewise, but of several, or of a range, none counts, and a warning names them. ``or``: paths that count one after
      the other where those have no value; ``anywhere``: then paths in any loop of the set; ``alone``: then paths of a
      package around that holds no other record, of one that does none counts, and a warning names them.
    - ``same``: its paths mean the same, but for those of ``or``: of days, or texts, that differ the first counts, and a
      warning names them.
    - ``day``: a moment's day. ``number``: with a point; ``unsigned``: and without a minus.
    - ``packed``, ``loose``: a quantity of a package, of a line. ``cartons``: of TD1, PAC. ``equipment``: of TD3.
      ``loops``: a count of lines, or of loops.
    - ``say``: a sentence with two gaps, of ``paths`` and ``then``. ``else``: a path that counts where each is unique.
    - ``time``: paths of the time of day that is put behind a day. ``sum``: of all values of the first; ``single``: each
      of its qualifiers has one.
    - ``which``: the word of ``as`` for the first path that is there.
    - ``agree``: a path that counts where all records of the set have one value there; ``then``: paths after it.
    - ``lines``: of a header; where that doesn't say it, all records say alike. Else a warning names what they say.
    - ``nth``: the number of the record behind it. ``signed``: less than zero where an element of ``minus`` says so.
    - ``measured``: of a sum, where its units are, and the one that they must have.
    - ``added``: of all values of all paths. ``unless``: of ``else``, a path that speaks against it.
    - ``filled``: SHIPPED, SHORT or CANCELLED, of what is shipped and what is ordered. ``first``, ``behind``: a text
      up to so many letters, at a blank, and what is left of it.

    ``values`` may stand beside others. ``beyond``: a record's column that the set's header may say, too.
    ``with``: it counts only where one of these paths is there; ``without``: where none is. ``beside``: the paths of
    ``or`` count only where one of these is there, else a warning names what they say. ``where``: by path, the values
    that its loop has. ``demanded``: by path, the codes with which a blank is missing.
    """

    column: str
    paths: tuple[Path, ...]
    how: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The segments without all of which it has no value."""
        others = [self.how[name] for name in ("cartons", "equipment") if name in self.how]
        others += ["N1", "NAD"] if "party" in self.how else []
        paths = [*self.paths, *filter(None, [path_of(self.how["else"]) if "else" in self.how else None])]
        return frozenset([*others, *(path.loop or path.segment for path in paths)])

    @cached_property
    def further(self) -> tuple[Path, ...]:
        """Further paths from which something of it may come."""
        texts = [*self.how.get("then", ()), *self.how.get("time", ()), self.how.get("agree", "")]
        return tuple(path for text in texts if (path := path_of(text)) is not None)

    @cached_property
    def elsewhere(self) -> bool:
        """Whether its value may come from elsewhere than its record's loops, or be there without any segment."""
        return not ELSEWHERE.isdisjoint(self.how) or any(path.level for path in self.paths)

    @cached_property
    def is_qualified(self) -> bool:
        """Whether a path of its own is about what stands behind a qualifier."""
        return any(path.qualifiers and not path.loop and not path.beside for path in self.paths)

    @cached_property
    def plain(self) -> tuple[Path, ...]:
        """Its paths that mean an element of a segment, whatever stands beside it."""
        joined = self.how.keys() & {"all", "sum", "added", "one", "alike"}
        return () if joined else tuple(path for path in self.paths if path.element and not path.loop)

    def columns(self) -> tuple[str, ...]:
        """The columns that it fills: those of an address, or its own."""
        return tuple(f"{self.column}.{each}" for each in ADDRESS) if "party" in self.how else (self.column,)

    @property
    def texts(self) -> tuple[str, ...]:
        """Its paths as a guide writes them."""
        return tuple(path.text for path in self.paths)


ITEM, PLACES, PIECE = "skuId", "places", "piece"
"""The column of the item; the option of a guide that says where the places of a line stand, if they are orders; and the
one of a line each of whose pieces is a line: the columns of the quantity, of what was ordered in all (``rest``) and of
what became of it (``status``), and the one without which they are no such lines (``unless``).
"""
ORDERS = "orders"


class Deviations(Options):
    """How a partner writes sets otherwise than most: the options of a feed that reads interchanges."""

    item: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")], ...],
                    BeforeValidator(listed)] = Field(
        (), description="the qualifiers of the ids that name our item, the first that is there counts, such as "
        '`["VN", "VP"]`; behind them those of the guide'
    )  # fmt: skip
    release: Literal["join", "ignore"] = Field(
        "join", description="the number of a release (BEG04, BCH04, PRF02) is part of the order's number, or left out"
    )
    sdq: Literal["fail", "orders"] = Field(
        "fail", description="a line for several places (SDQ) fails, or is a line of one order for each place"
    )
    damaged: Literal["within", "besides"] = Field(
        "within", description="944: what is damaged (W1301) is part of what is received (W0701), or comes on top"
    )
    line: Annotated[tuple[Literal["LI", "LX"], ...], BeforeValidator(listed)] = Field(
        ("LI",), description='945: the number of the line is `N9*LI`; `["LI", "LX"]`: or LX01, where that is no carton'
    )

    def values(self, option: str) -> tuple[str, ...]:
        """What a feed says for an option, as the guides name it."""
        value = getattr(self, option)
        return value if isinstance(value, tuple) else (value,)


def _first(own: tuple[str, ...], wanted: tuple[str, ...], column: str) -> tuple[str, ...]:
    """The qualifiers of a column's ids: of the item the partner's first."""
    return tuple(dict.fromkeys((*own, *wanted))) if column == ITEM else wanted


@dataclass(frozen=True)
class SetMapping:
    """How a set becomes records of one document: columns of the header and of a record, ids of items by qualifier.

    ``choices``: by an option of a feed and a value of it, the columns that come from elsewhere then.
    """

    document: str
    header: tuple[Source, ...]
    record: tuple[Source, ...]
    items: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Any]
    choices: Mapping[str, Mapping[str, Mapping[str, Source]]] = field(default_factory=dict)

    def chosen(self, deviations: Deviations) -> SetMapping:
        """The mapping as a partner writes this set."""
        other = {
            column: source
            for option, values in self.choices.items()
            for value in deviations.values(option)
            for column, source in values.get(value, {}).items()
        }
        left_out = () if deviations.sdq == ORDERS else (PLACES,)
        return replace(
            self,
            header=tuple(other.get(each.column, each) for each in self.header),
            record=tuple(other.get(each.column, each) for each in self.record),
            items={name: _first(deviations.item, wanted, name) for name, wanted in self.items.items()},
            options={name: value for name, value in self.options.items() if name not in left_out},
        )

    def columns(self) -> Iterator[str]:
        """Every column that it fills."""
        for each in self.sources():
            yield from each.columns()
        yield from self.items
        if "others" in self.options:
            yield str(self.options["others"])

    def sources(self) -> Iterator[Source]:
        """Every column that comes from a path, the header's first."""
        yield from self.header
        yield from self.record


@dataclass(frozen=True)
class Guide:
    """A set or message: ``type`` as it names itself, its structure, and what it becomes, by document.

    ``records``: the segment that begins a record. ``named``: a feed must name it. ``changes``: it holds
    what changes of a document. ``tree``: its loops are a tree (HL,
    CPS). ``answer``: the type of set that says what becomes of its lines, or ''; ``asks``: where its sender says
    that it wants none (``NO_ANSWER``). ``sums``: paths of what a record may not have where no UNS stands behind the
    last one, because it may be the set's.
    """

    name: str
    standard: str
    type: str
    title: str
    group: str
    structure: tuple[Node, ...]
    records: str
    mappings: Mapping[str, SetMapping]
    named: bool = False
    changes: bool = False
    tree: Mapping[str, Any] = field(default_factory=dict)
    answer: str = ""
    asks: Path | None = None
    sums: tuple[str, ...] = ()

    @cached_property
    def once(self) -> frozenset[str]:
        """The segments that may stand once wherever they may stand."""
        nodes = [each for node in self.structure for each in node.all()]
        return frozenset(each.segment for each in nodes) - {each.segment for each in nodes if each.most != 1}

    @property
    def dictionary(self) -> Dictionary:
        """The segments of its standard."""
        return dictionary(self.standard)


@cache
def guides() -> Mapping[str, Guide]:
    """Every guide by its name, ``x12_940``."""
    paths = sorted(bundled.folder(FOLDER).glob("*_*.toml"))
    return {path.stem: _guide(path.stem, tomllib.loads(path.read_text(encoding="utf-8"))) for path in paths}


def types(standard: str) -> tuple[str, ...]:
    """The types of sets that a standard's guides are of."""
    return tuple(each.type for each in guides().values() if each.standard == standard)


@cache
def records_of(type_: str) -> frozenset[str]:
    """The segments that begin records of a type of set; of all where that isn't known."""
    return frozenset(each.records for each in guides().values() if type_ in ("", each.type))


def answered_by(answer: str) -> frozenset[str]:
    """The types of sets whose lines are answered by sets of a type, such as ``855``."""
    return frozenset(each.type for each in guides().values() if each.answer == answer)


@cache
def of_one_record() -> frozenset[str]:
    """The types of sets of which each record is a document."""
    return frozenset(each.type for each in guides().values()
                     if all(mapping.options.get("each") for mapping in each.mappings.values()))  # fmt: skip


def guides_for(standard: str, document: str, sets: Collection[str]) -> dict[str, Guide]:
    """The guides of a standard by which a feed reads sets, by their type.

    ``sets``: the types that the feed names; none: all that become this document and need not be named.
    """
    types = [name for name, named in possible(standard, document).items() if (name in sets if sets else not named)]
    return {each.type: each for each in guides().values() if each.standard == standard and each.type in types}


def possible(standard: str, document: str) -> dict[str, bool]:
    """The types of sets that may become a document, and whether a feed must name them."""
    own = (each for each in guides().values() if each.standard == standard and document in each.mappings)
    return {each.type: each.named for each in own}


NO_ANSWER = "NA"
"""BEG07 (587), 4343: the sender wants no answer."""
TABLES = ("header", "line", "package", "items", "choices")


def _guide(name: str, fields: Mapping[str, Any]) -> Guide:
    match = STANDARD.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is no guide's name")
    documents = {
        each: table
        for each, table in fields.items()
        if isinstance(table, dict) and isinstance(table.get("header"), dict)
    }
    return Guide(
        name=name,
        standard=match[1],
        type=fields["type"],
        title=fields["title"],
        group=fields.get("group", ""),
        structure=_structure_of(fields["structure"]),
        records=fields["records"],
        mappings={each: _mapping(each, table) for each, table in documents.items()},
        named=fields.get("named", False),
        changes=fields.get("changes", False),
        tree=fields.get("tree", {}),
        answer=fields.get("answer", ""),
        asks=path_of(fields.get("asks", "")),
        sums=tuple(fields.get("sums", ())),
    )


def _structure_of(text: str) -> tuple[Node, ...]:
    """The structure that indented lines describe: ``ID`` with ``!`` where it must be there, ``?`` where it is assumed,
    and how often it may be.

    >>> [node.segment for node in _structure_of("BEG! 1\\nN1 10\\n  N2 2")[1].inner]
    ['N2']
    """
    lines = [line for line in text.splitlines() if line.strip()]
    nodes, rest = _nodes(lines, 0)
    if rest:
        raise ValueError(f"{rest[0]!r} stands too far to the left")
    return nodes


def _nodes(lines: list[str], depth: int) -> tuple[tuple[Node, ...], list[str]]:
    nodes: list[Node] = []
    while lines:
        match = _LINE.fullmatch(lines[0])
        if match is None:
            raise ValueError(f"{lines[0]!r} is no segment")
        if len(match[1]) < depth:
            break
        inner, lines = _nodes(lines[1:], depth + 2)
        most = int(match[5]) if match[5] else None
        nodes.append(Node(match[2], match[3] == "!", most, inner, match[4] == "?"))
    return tuple(nodes), lines


def _mapping(document: str, fields: Mapping[str, Any]) -> SetMapping:
    record = fields.get("line", {}) | fields.get("package", {})
    return SetMapping(
        document=document,
        header=tuple(_source(name, value) for name, value in fields["header"].items()),
        record=tuple(_source(name, value) for name, value in record.items()),
        items={name: tuple(each) for name, each in fields.get("items", {}).items()},
        options={name: value for name, value in fields.items() if name not in TABLES},
        choices={
            option: {
                value: {name: _source(name, each) for name, each in columns.items()}
                for value, columns in values.items()
            }
            for option, values in fields.get("choices", {}).items()
        },
    )


_PATHED = (
    "from", "all", "compose", "unit", "price", "hash", "packed", "loose", "loops", "number", "sum", "nth", "signed",
    "filled", "which", "added", "one", "alike",
)  # fmt: skip
"""Keys of a source that are paths."""


def _source(column: str, value: Any) -> Source:
    fields = value if isinstance(value, dict) else {"from": value}
    named = next((name for name in _PATHED if name in fields), "")
    how = {name: each for name, each in fields.items() if name != "from"}
    further = (path for name in ("or", "anywhere", "alone") for path in _paths(fields.get(name, ())))
    return Source(column, (*_paths(fields.get(named, ())), *further), how)


def _paths(value: str | list[str] | tuple[()]) -> tuple[Path, ...]:
    return tuple(_path(text) for text in ([value] if isinstance(value, str) else value))


def _path(text: str) -> Path:
    path = path_of(text)
    if path is None:
        raise ValueError(f"{text!r} is no path")
    return path
