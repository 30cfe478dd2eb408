"""An object → its own cells under dotted names, and its arrays of lines.

What a list of objects is, that is neither, is remembered: one of them may be the object's lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Array, Arrays, Clues
from crossdock.formats.objects.stream import Number
from crossdock.frames.numerals import expanded
from crossdock.schema.document import NUMBERS, Kind
from crossdock.schema.names import ELEMENT, Qualifier, fold

BESIDE = 18
"""The bits of a record's number for its place in one array; those above are the number of the array in the object."""
ALONE = (1 << BESIDE) - 1
"""The place of an object that is where an array may be."""
KEPT_DIGITS = 15
"""How many digits of a number every program keeps that has made one with a point of it (IEEE 754 binary64)."""
_PLAIN = re.compile("-?[0-9]+")
_PLACE = re.compile(r"\[(\d{1,3})\]")
Cells = dict[str, str]
"""A cell has no value of JSON but text; null is a blank, and a missing member has no cell."""


@dataclass(frozen=True)
class Lines:
    """An array of lines in an object: the names that lead to it, its elements, what it is.

    ``alone``: an object is in its place.
    """

    names: tuple[str, ...]
    elements: list[Any]
    array: Array
    alone: bool

    @property
    def prefix(self) -> str:
        """What stands before the names of the members of its elements."""
        return self.array.path or f"{'.'.join(self.names)}."

    @property
    def column(self) -> str:
        """What stands before the names of members of its one object, as a feed names an array that is among them."""
        own = f"{'.'.join(self.names)}."
        around = self.array.path[: -len(own)].rstrip(".")
        return f"{around}{ELEMENT}.{own}" if around else own


@dataclass
class Split:
    """An object in parts: its cells, its arrays of lines in their order, and what is wrong with it, in words."""

    cells: Cells = field(default_factory=dict)
    lines: list[Lines] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def unkeyed(value: Mapping[str, Any], arrays: Arrays, above: str = "") -> Mapping[str, Any]:
    """An object in which each array of lines that is written as an object of them by number (``keyed``) is an array."""
    if dict not in map(type, value.values()):
        return value
    lists: dict[str, Any] = {}
    for name, each in value.items():
        folded = f"{above}{fold(name)}"
        if type(each) is not dict or not any(key.startswith(folded) for key in arrays):
            continue
        elements = keyed(each) if folded in arrays else None
        lists[name] = unkeyed(each, arrays, folded) if elements is None else elements
    return {**value, **lists} if lists else value


def keyed(value: Mapping[str, Any]) -> list[Any] | None:
    """The elements of an object that is a list: as PHP writes one whose places have gaps, or are ids.

    >>> keyed({"17": {"sku": "A"}, "18": {"sku": "B"}}), keyed({"17": "A"}), keyed({})
    ([{'sku': 'A'}, {'sku': 'B'}], None, None)
    """
    numbered = bool(value) and all(name.isascii() and name.isdigit() for name in value)
    return list(value.values()) if numbered and all(isinstance(each, dict) for each in value.values()) else None


def arrays_of(value: Mapping[str, Any], arrays: Arrays, around: Arrays) -> Arrays:
    """Which arrays of lines an object has: its own, or those ``around`` its lines (as of ``Clues``)."""
    if not around:
        return arrays
    lists = {fold(name): each for name, each in value.items() if isinstance(each, list | dict)}
    if any(name in arrays and name not in around for name in lists):
        return arrays
    for name, array in around.items():
        each = lists.get(name)
        if isinstance(each, list) and any(isinstance(one, dict) and _holds(one, array.inside) for one in each):
            return around
    return arrays


def _holds(value: Mapping[str, Any], arrays: Arrays) -> bool:
    return any(isinstance(each, list) and fold(name) in arrays for name, each in value.items())


class Splitter:
    """Splits the objects of a file, as its feed reads them."""

    def __init__(self, clues: Clues) -> None:
        self.decimal = clues.decimal
        self._kinds = clues.kinds
        self._qualifiers = _by_list(clues.qualifiers)
        self._places = _places(clues.kinds)

    def split(self, value: Mapping[str, Any], arrays: Arrays, prefix: str) -> Split:
        """The parts of an object; ``arrays``: those that it may have; ``prefix``: what stands before its names."""
        parts = Split()
        inside: dict[int, Lines] = {}
        texts: dict[int, str] = {}
        for names, each in self._opened(value, arrays, ()):
            name = ".".join(names)
            array = arrays.get(fold(name))
            is_one = array is not None and array.only != "" and isinstance(each, str) and each.strip() != ""
            if array is not None and (isinstance(each, list | dict) or is_one):
                if array.beside in inside:
                    parts.wrong.append(f"{name} and {'.'.join(inside[array.beside].names)} are both its lines")
                elements = each if isinstance(each, list) else [each]
                if len(elements) >= ALONE:
                    raise Refused("document_too_large", records=len(elements), limit=ALONE - 1)
                inside[array.beside] = Lines(names, elements, array, not isinstance(each, list))
            else:
                parts.wrong += self._flat(parts.cells, f"{prefix}{name}", each)
                if array is not None and type(each) is str and each.strip():
                    texts.setdefault(array.beside, name)
        lacking = (name for beside, name in texts.items() if beside not in inside)
        parts.wrong += [f"{name} is a text where a list of objects belongs" for name in lacking]
        parts.lines = [inside[beside] for beside in sorted(inside)]
        return parts

    def is_read(self, name: str) -> bool:
        """Whether the feed reads a column."""
        return fold(name) in self._kinds

    def is_number(self, name: str) -> bool:
        """Whether a column is of a number, so that its text is rewritten in the feed's notation."""
        return self._kinds.get(fold(name)) in NUMBERS

    def is_id(self, name: str) -> bool:
        """Whether a column is of ids, so that a number in it is rewritten as its digits."""
        return self._kinds.get(fold(name)) in (Kind.ID, Kind.CODE)

    def lists(self, value: Mapping[str, Any], prefix: str) -> Iterator[str]:
        """The names of the lists of objects in an object, and of those in their objects; of lists in lists in lists,
        which nothing reads, the innermost.
        """
        for name, each in value.items():
            path = f"{prefix}{name}"
            if isinstance(each, dict) and not self._is_object(path):
                yield from self.lists(each, f"{path}.")
            elif fold(path) in self._qualifiers:
                continue
            elif _is_list_of_objects(each):
                inner = dict(_lists_in(each))
                deep = [f"{path}{ELEMENT}.{name}{ELEMENT}.{own}" for name in inner for own, _ in _lists_in(inner[name])]
                yield from deep or (path, *(f"{path}{ELEMENT}.{name}" for name in inner))

    def _is_object(self, name: str) -> bool:
        return self._kinds.get(fold(name)) is Kind.OBJECT

    def _opened(
        self, value: Mapping[str, Any], arrays: Arrays, above: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], Any]]:
        """The members of an object with their names; of an object in which an array of lines may be, its members."""
        for name, each in value.items():
            names = (*above, name)
            folded = fold(".".join(names))
            begins = isinstance(each, dict) and any(key.startswith(folded) and key != folded for key in arrays)
            leads = begins and (folded not in arrays or _leads(each, folded, arrays))
            if leads and not self._is_object(".".join(names)):
                yield from self._opened(each, arrays, names)
            else:
                yield names, each

    def _flat(self, cells: Cells, name: str, value: Any) -> list[str]:
        """Put a member into ``cells``; of a list that columns tell apart (``partners[role=ST]``), the objects that they
        name. Returns the mistakes.
        """
        if self._qualifiers and isinstance(value, dict) and not self._is_object(name):
            leading = fold(name)
            if any(each.startswith(leading) for each in self._qualifiers if each != leading):
                return [wrong for inner, each in value.items() for wrong in self._flat(cells, f"{name}.{inner}", each)]
        qualifiers = self._qualifiers.get(fold(name), ())
        elements = value if isinstance(value, list) else [value]
        if not qualifiers or not all(isinstance(each, dict) for each in elements):
            return self._flatten(cells, name, value)
        wrong: list[str] = []
        for each in elements:
            for qualifier in qualifiers:
                if qualifier.fits(_shown(each.get(qualifier.key))):
                    others = {inner: one for inner, one in each.items() if inner != qualifier.key}
                    wrong += self._flatten(cells, qualifier.text, others)
        return wrong

    def _flatten(self, cells: Cells, name: str, value: Any) -> list[str]:
        """Put a member into ``cells``, nested objects under dotted names; returns the mistakes."""
        if isinstance(value, dict) and self._is_object(name):
            try:
                cells[name] = json.dumps(_numbers(value), ensure_ascii=False, allow_nan=False)
            except ValueError:  # more digits than Python reads, or a larger number than there is
                cells[name] = json.dumps(value, ensure_ascii=False)
                return [f"{name} holds a number that can't be kept"]
            return []
        if isinstance(value, dict):
            inside = (self._flatten(cells, f"{name}.{inner}", each) for inner, each in value.items())
            return [wrong for each in inside for wrong in each]
        if isinstance(value, list) and (wanted := self._places.get(fold(name))):
            one = (self._flatten(cells, f"{name}[{at}]", value[at]) for at in wanted if at < len(value))
            return [wrong for each in one for wrong in each]
        wrong = [f"{name} stands twice"] if name in cells else []
        if isinstance(value, list) and fold(name) in self._kinds:
            if len(value) > 1 or isinstance(next(iter(value), None), list | dict):
                wrong.append(f"{name} is a list where one value belongs")
            else:
                value = value[0] if value else None
        if isinstance(value, Number) and self.is_id(name):
            cells[name] = digits(value)
        elif value is None or isinstance(value, str):
            cells[name] = number(value, self.decimal) if value and self.is_number(name) else value or ""
        elif isinstance(value, bool):
            cells[name] = "true" if value else "false"
        else:
            cells[name] = json.dumps(value, ensure_ascii=False)
        return wrong


def _leads(value: Mapping[str, Any], above: str, arrays: Arrays) -> bool:
    """Whether members of an object lead to one of the arrays. ``above``: its own folded name."""
    folded = {f"{above}{fold(name)}": each for name, each in value.items()}
    return any(
        name in arrays or (isinstance(each, dict) and _leads(each, name, arrays)) for name, each in folded.items()
    )


def _lists_in(objects: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """The lists of objects in objects, under their names."""
    return ((name, each) for one in objects for name, each in one.items() if _is_list_of_objects(each))


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def as_id(value: object) -> str:
    """A value as the text of a cell of an id; a list of one is that one.

    >>> as_id(["SO-1"]), as_id(Number("815.0")), as_id(True), as_id(None)
    ('SO-1', '815', 'true', '')
    """
    if isinstance(value, list) and len(value) < 2:
        value = value[0] if value else None
    if isinstance(value, Number):
        return digits(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def number(value: str, decimal: str) -> str:
    """A number in the feed's notation; a text has it already, and may have an exponent if the decimal mark is ``.``."""
    if isinstance(value, Number):
        return expanded(value).replace(".", decimal)
    return expanded(value) if decimal == "." else value


def digits(value: str) -> str:
    """A JSON number that stands where an id belongs: ``815.0`` and ``8.15e2`` are 815, as a program writes it that has
    made a number of it. One of more digits than such a number keeps has an exponent, which no id may have.

    >>> digits("815.0"), digits("8.15e2"), digits("81.5"), digits("12345678901234567"), digits("12345678901234567.0")
    ('815', '815', '81.5', '12345678901234567', '1.2345678901234567E+16')
    """
    if _PLAIN.fullmatch(value):
        return value
    whole, _, part = expanded(value).partition(".")
    if part.strip("0"):
        return value
    if len(whole.lstrip("-")) <= KEPT_DIGITS:
        return "0" if whole == "-0" else whole
    first, rest = whole.lstrip("-")[0], whole.lstrip("-")[1:]
    return f"{first}.{rest.rstrip('0') or '0'}E+{len(rest)}"


def _by_list(qualifiers: Iterable[Qualifier]) -> dict[str, list[Qualifier]]:
    """The qualifiers by the folded name of the list whose objects they tell apart."""
    by_list: dict[str, list[Qualifier]] = {}
    for each in qualifiers:
        by_list.setdefault(fold(each.of), []).append(each)
    return by_list


def _places(read: Iterable[str]) -> dict[str, list[int]]:
    """The places of lists that the feed reads by their number (``partner_id[0]``), by the folded name of the list."""
    places: dict[str, list[int]] = {}
    for name in read:
        for match in _PLACE.finditer(name):
            of_list = places.setdefault(name[: match.start()], [])
            of_list += [] if int(match[1]) in of_list else [int(match[1])]
    return places


def _shown(value: Any) -> str:
    """A plain value as text; '' for what is none."""
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else ""


def _numbers(value: Any) -> Any:
    """A JSON value in which each ``Number`` is a number again."""
    if isinstance(value, dict):
        return {name: _numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    return json.loads(value) if isinstance(value, Number) else value
