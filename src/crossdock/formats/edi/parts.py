"""An interchange is taken apart: each group of X12, the messages of one type of EDIFACT, is one of its own.

A part has the header of its interchange, its own sets byte for byte, and a trailer that counts them; what was wrong
with its group stays wrong. Acknowledgements that a partner sends are no parts: they are about what we sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from crossdock.formats.edi.confirmations import READ, confirmations
from crossdock.formats.edi.envelope import Opening, interchanges
from crossdock.formats.edi.interchange import X12, Confirmation, GroupRecord, Interchange, SetRecords
from crossdock.formats.edi.syntax import Syntax, segments

ACKNOWLEDGEMENTS = frozenset(READ)
"""The types of sets that answer ours."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Part:
    """A part of an interchange: the one that it would be alone, with one group; ``types``: of its sets, each once.

    ``first``: the ordinal in the group of its first set, from 1, where the group has other sets, too; else 0.
    ``again``: how many groups before it have its number.
    """

    opening: Opening
    interchange: Interchange
    types: tuple[str, ...]
    first: int = 0
    again: int = 0

    @property
    def group(self) -> GroupRecord:
        """Its group."""
        return self.interchange.groups[0]

    @property
    def name(self) -> str:
        """``000009221-9221``, ``807-ORDERS``: the interchange, and its group or the type of its messages.

        ``807-2-ORDCHG`` where there are others: parts of one feed are imported in the order of their names. A
        second group of one number is ``000009221-9221-2``.
        """
        group = self.group
        own = group.number if self.interchange.standard == X12 and group.marked else "-".join(self.types)
        first, again = [str(self.first)] if self.first else [], [str(self.again + 1)] if self.again else []
        return "-".join([self.interchange.number, *first, own, *again])


class Envelopes:
    """The interchanges of one file, as they are; nothing of what is wrong with them is judged here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = list(interchanges(path))

    @property
    def interchanges(self) -> tuple[Interchange, ...]:
        """Every interchange with its groups and sets."""
        return tuple(interchange for _, interchange in self._read)

    def confirmations(self, interchange: Interchange) -> tuple[Confirmation, ...]:
        """What one of them says of ours."""
        of_each = (confirmations(self.path, opening.syntax, own) for opening, own in self._read if own is interchange)
        return tuple(each for of_one in of_each for each in of_one)

    def write(self, interchange: Interchange, target: BinaryIO) -> None:
        """Write one of them, byte for byte."""
        _copy(self.path, interchange.start, interchange.end, target)

    def parts(self, interchange: Interchange) -> tuple[Part, ...]:
        """The parts of one of them."""
        return tuple(part for opening, own in self._read if own is interchange for part in _parts_of(opening, own))


def _parts_of(opening: Opening, interchange: Interchange) -> Iterator[Part]:
    """The parts of an interchange in their order, without acknowledgements."""
    numbers: Counter[str] = Counter()
    for group in interchange.groups:
        again = numbers[group.number] if group.marked else 0
        numbers[group.number] += 1
        for own in _runs(group, interchange.standard):
            if not ACKNOWLEDGEMENTS.issuperset(own.types):
                part = replace(interchange, groups=(replace(group, sets=own),))
                first = 0 if len(own) == len(group.sets) else group.sets.index(own[0]) + 1
                yield Part(opening, part, own.types, first, again)


def _runs(group: GroupRecord, standard: str) -> Iterator[SetRecords]:
    """The sets of a group that are one part."""
    types = group.sets.types
    if standard == X12 or len(types) < 2:
        yield group.sets
        return
    for type_ in types:
        yield SetRecords(each for each in group.sets if each.type == type_)


def write_part(path: Path, part: Part, target: BinaryIO) -> None:
    """Write a part of the interchange that is in a file as an interchange of its own."""
    interchange, syntax, group = part.interchange, part.opening.syntax, part.group
    _copy(path, interchange.start, interchange.opening, target)
    if not part.first and not syntax.wrapped and group.end:
        _copy(path, group.start, group.end, target)
    else:
        _segments(path, part, target)
    trailer = "IEA" if interchange.standard == X12 else "UNZ"
    count = len(group.sets) if interchange.standard != X12 and not group.marked else 1
    _write(target, syntax, [trailer, str(count), interchange.closing])


def _copy(path: Path, start: int, end: int, target: BinaryIO) -> None:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(left, _CHUNK))):
            target.write(chunk)
            left -= len(chunk)


def _segments(path: Path, part: Part, target: BinaryIO) -> None:
    """The sets of a part segment by segment, with the header of their group and a trailer that counts them."""
    syntax, group = part.opening.syntax, part.group
    if group.marked:
        _write(target, syntax, list(group.header))
    for each in group.sets:
        for start, text in segments(path, each.start, syntax):
            if start >= each.end:
                break
            target.write((syntax.sent(text) + syntax.terminator).encode("latin-1"))
    if group.marked:
        trailer = "GE" if part.interchange.standard == X12 else "UNE"
        _write(target, syntax, [trailer, str(len(group.sets)), group.number])


def _write(target: BinaryIO, syntax: Syntax, parts: Sequence[str]) -> None:
    target.write((syntax.element.join(parts) + syntax.terminator).encode("latin-1"))
