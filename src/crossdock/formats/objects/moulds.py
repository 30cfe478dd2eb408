"""What a fragment of a text of objects is: the layout of its object, and which of its values goes where.

Strategy: of the fragments of one skeleton the first is read by the decoder and by the rules of ``splitting``. If its
values are those that were cut out of it, in that order, every fragment of that skeleton is such an object: strings
stand for strings, numbers for numbers, and the names are the same. An object whose parts depend on more than that has
no mould, and is read by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Arrays, Clues
from crossdock.formats.objects import paging
from crossdock.formats.objects.cutting import Cut
from crossdock.formats.objects.layouts import KEPT, Layout, Layouts
from crossdock.formats.objects.splitting import Lines, keyed, unkeyed
from crossdock.formats.objects.stream import Number, Source
from crossdock.formats.text import Inspection
from crossdock.schema.names import fold


@dataclass(frozen=True, eq=False)
class Mould:
    """Objects that are written alike.

    ``layout``: of the object. ``order``: the place in its layout of each value, in the order of the text; ``numbers``:
    those that are numbers. ``at``: where its values stand, relative to the beginning of each of its fragments.
    ``lines``: its array of lines, None if it has none. ``is_line``: it is a document where each is a line of the text.
    """

    layout: Layout
    order: Sequence[int]
    numbers: frozenset[int]
    at: Sequence[np.ndarray]
    lines: Lines | None = None
    is_line: bool = False


class Moulds:
    """The moulds of one file. ``envelope``: the member that leads to its documents, and which none of them has."""

    def __init__(self, layouts: Layouts, clues: Clues, envelope: str) -> None:
        self._layouts, self._envelope = layouts, envelope
        self._arrays, self._around = clues.arrays, clues.around
        self._objects: dict[tuple[bytes, ...], Mould] = {}
        self._lines: dict[tuple[int, str, bytes], Mould] = {}

    def of_object(self, cut: Cut, fragments: Sequence[int]) -> Mould | None:
        """The mould of an object: of its only fragment, or of the one before and the one behind its array."""
        key = tuple(cut.skeletons[cut.codes[each]] for each in fragments)
        mould = self._objects.get(key)
        if mould is None and len(self._objects) < KEPT:
            mould = self._object(cut, fragments)
        return self._objects.setdefault(key, mould) if mould else None

    def of_line(self, cut: Cut, fragment: int, lines: Lines) -> Mould | None:
        """The mould of a line; ``lines``: of the mould of its object."""
        key = id(lines.array), lines.prefix, cut.skeletons[cut.codes[fragment]]
        mould = self._lines.get(key)
        if mould is None and len(self._lines) < KEPT:
            mould = self._line(cut, fragment, lines)
        return self._lines.setdefault(key, mould) if mould else None

    def _object(self, cut: Cut, fragments: Sequence[int]) -> Mould | None:
        texts = [cut.raw(each) for each in fragments]
        value = _sound("{},{}".join(texts))  # an array goes on behind the first fragment, whatever is in it
        bare = _sound("".join(texts))
        if not isinstance(value, dict) or not isinstance(bare, dict) or len(_lists(value)) != len(texts) - 1:
            return None
        of_array = [name for name, each in value.items() if each == [{}, {}] and bare[name] == []]
        inner = (fold(name) for name, each in value.items() if isinstance(each, list | dict))
        mould = self._mould(cut, fragments, value, self._arrays, "")
        if mould is None or len(of_array) != len(texts) - 1 or any(each in self._around for each in inner):
            return None
        lines = mould.layout.lines_in(_values(value))
        if [each.names for each in lines] != [(name,) for name in of_array]:
            return None
        if any(paging.says(value, each.names) for each in lines):
            return None
        is_line = self._envelope not in value and keyed(value) is None
        return replace(mould, lines=lines[0] if lines else None, is_line=is_line)

    def _line(self, cut: Cut, fragment: int, lines: Lines) -> Mould | None:
        value, array = _sound(cut.raw(fragment)), lines.array
        if not isinstance(value, dict) or _lists(value):
            return None
        mould = self._mould(cut, [fragment], value, array.inside, lines.prefix)
        if mould is None or mould.layout.lines:
            return None
        layout, _ = self._layouts.moved((mould.layout, ()), array.moved)
        return replace(mould, layout=layout)

    def _mould(
        self, cut: Cut, fragments: Sequence[int], value: Mapping[str, Any], arrays: Arrays, prefix: str
    ) -> Mould | None:
        """The mould of an object without its lines, if its values are those that were cut, in that order."""
        ranges = [range(cut.firsts[each], cut.firsts[each + 1]) for each in fragments]
        at = [cut.at[each.start : each.stop] - cut.places[of] for each, of in zip(ranges, fragments, strict=True)]
        numbers = [bool(cut.is_number[each]) for every in ranges for each in every]
        texts = [cut.values[each].as_py() for every in ranges for each in every]
        order = [(place, each) for place, each in _in_order(value) if isinstance(each, str)]
        if [(each, isinstance(each, Number)) for _, each in order] != list(zip(texts, numbers, strict=True)):
            return None
        layout = self._layouts.met(value, arrays, prefix) if unkeyed(value, arrays) is value else None
        if layout is None or layout.is_cut:
            return None
        of_numbers = frozenset(place for place, each in order if isinstance(each, Number))
        return Mould(layout, [place for place, _ in order], of_numbers, at)


def _sound(text: str) -> Any:
    """The value that a text is; None if anything is wrong with it, or with one of its names."""
    source = Source(iter(()), Inspection("utf-8"), text)
    with suppress(Refused):
        value = source.value()
        source.nothing_follows()
        return None if source.twice or source.wrong else value
    return None


def _lists(value: Mapping[str, Any]) -> list[Any]:
    """All lists in an object, and in the objects in it."""
    return [
        inner
        for each in value.values()
        for inner in ([each] if isinstance(each, list) else _lists(each) if isinstance(each, dict) else ())
    ]


def _values(value: Mapping[str, Any]) -> list[Any]:
    """The values of an object by their places in its layout."""
    inner = [one for each in value.values() if isinstance(each, dict) for one in _values(each)]
    return [*value.values(), *inner]


def _in_order(value: Mapping[str, Any], first: int = 0) -> Iterator[tuple[int, Any]]:
    """The values of an object and of those in it, in the order of the text, with their places in its layout."""
    behind = first + len(value)
    for place, each in enumerate(value.values(), first):
        if isinstance(each, dict):
            yield from _in_order(each, behind)
            behind += len(_values(each))
        else:
            yield place, each
