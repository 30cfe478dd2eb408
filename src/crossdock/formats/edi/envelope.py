"""A file → its interchanges with their groups and sets, and what is wrong with the envelopes (contract edi.md §2–§4).

One streaming pass looks at the service segments only; what stands between them is counted. Nothing here decides what
a fault leads to: that is the partner's and the intake's. A file may hold interchanges of several standards, each with
its own separators.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from crossdock.formats.edi import edifact_envelope, x12_envelope
from crossdock.formats.edi.interchange import (
    TECHNICAL,
    X12,
    Fault,
    GroupRecord,
    Interchange,
    SetRecord,
    SetRecords,
)
from crossdock.formats.edi.syntax import (
    BETWEEN,
    Skimmed,
    Syntax,
    begins,
    gap_of,
    pieces,
    read,
    segments,
    skimmed,
    wrapping,
)
from crossdock.formats.text import decoded, decodes

STANDARDS: dict[str, ModuleType] = {"x12": x12_envelope, "edifact": edifact_envelope}
"""What names the envelope of each standard: ``HEADER``, ``GROUP``, ``SET`` and their ends."""
HEAD = 8 << 10
"""Bytes in which an interchange's header must end."""


@dataclass(frozen=True)
class Opening:
    """Where an interchange begins: its separators, itself without groups, and the byte behind its header."""

    syntax: Syntax
    interchange: Interchange
    behind: int


def starts(head: bytes) -> str:
    """The standard of a file by its first bytes, '' if it is no interchange; a BOM and blanks may stand before it."""
    return begins(head.removeprefix(codecs.BOM_UTF8).decode("latin-1").lstrip(BETWEEN))


def interchanges(path: Path) -> Iterator[tuple[Opening, Interchange]]:
    """Each interchange of a file, whole, with its groups, sets and faults.

    What the last file holds is kept until ``forget``: it is asked when a file is recognised, and again when it is read.
    Raises ``Refused`` if a header can't be read, or if the file holds bytes that are no text in its encoding. Text
    before the first interchange is not looked at: ``starts`` has.
    """
    file = _known_as(path)
    kept = _KEPT.get(file)
    if kept is not None:
        yield from kept
        return
    whole = []
    for each in _read(path):
        whole.append(each)
        yield each
    _KEPT.clear()
    _KEPT[file] = whole


_KEPT: dict[tuple[int, ...], list[tuple[Opening, Interchange]]] = {}
"""The interchanges of one file, and of its copy, by what the system knows of them; a file that is moved is the same."""


def copied(path: Path, copy: Path) -> None:
    """What was read of a file is what its copy holds, if neither has changed: both have its size and its time."""
    about = copy.stat()
    for *_, size, changed in [file for file in _KEPT if file == _known_as(path)]:
        if (size, changed) == (about.st_size, about.st_mtime_ns):
            _KEPT[_known_as(copy)] = _KEPT[_known_as(path)]


def _known_as(path: Path) -> tuple[int, ...]:
    about = path.stat()
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns


def forget() -> None:
    """Nobody asks for the interchanges of the last file again."""
    _KEPT.clear()


def _read(path: Path) -> Iterator[tuple[Opening, Interchange]]:
    checked = {"utf-8"} if (is_utf8 := decodes(path, "utf-8")) else set()
    start = _first(path)
    while start is not None:
        opening = _open_at(path, start, is_utf8=is_utf8)
        if (encoding := opening.syntax.encoding) not in checked:
            _check_encoding(path, encoding)
            checked.add(encoding)
        reading = _Reading(opening)
        start = reading.through(skimmed(path, opening.behind, opening.syntax, reading.marks, reading.together))
        yield opening, reading.whole()


def _open_at(path: Path, start: int, *, is_utf8: bool) -> Opening:
    """The opening of the interchange that begins at a byte. Raises ``Refused`` if its header can't be read."""
    head = read(path, start, HEAD)
    if begins(head) == X12:
        syntax, elements, length = x12_envelope.syntax_of(head, "utf-8" if is_utf8 else "cp1252")
        interchange, behind = x12_envelope.interchange_of(elements, syntax, length), start + length
    else:
        syntax, at = edifact_envelope.syntax_of(head, is_utf8=is_utf8)
        unb = next(iter(segments(path, start + at, syntax)), (0, ""))[1]
        interchange = edifact_envelope.interchange_of(syntax.elements(unb), syntax)
        behind = start + at + len(syntax.sent(unb)) + len(syntax.terminator)
    syntax = replace(syntax, wrapped=wrapping(head, syntax.terminator))
    return Opening(syntax, replace(interchange, start=start, opening=behind), behind)


def _first(path: Path) -> int | None:
    head = read(path)
    bare = head.removeprefix(codecs.BOM_UTF8.decode("latin-1")).lstrip(BETWEEN)
    return len(head) - len(bare) if bare else None


def _check_encoding(path: Path, encoding: str) -> None:
    """Raise ``Refused`` where a file holds bytes that are no text in the encoding of its interchange (edi.md §3)."""
    for _ in decoded(path, encoding):
        pass


def _bare_number(number: str) -> str:
    """A control number without its leading zeros: numbers are compared so."""
    return number.lstrip("0") or number[:1]


Step = Callable[[int, str], None]


class _Steps(dict[str, Step | None]):
    """What is done with a segment, by its first three characters in capital letters; None with most.

    ``small``: the first that are no capital letters, or ''.
    """

    small = ""

    def __missing__(self, name: str) -> Step | None:
        self.small = self.small or (name if name != name.upper() else "")
        step = self[name] = self.get(name.upper())
        return step

    def look_for_small(self, pattern: re.Pattern[str], text: str) -> None:
        """The same of segments that nobody looks at one by one."""
        small = pattern.search(text)
        if small is not None:
            self.small = small[1]


class _OpenSet(NamedTuple):
    """A set that has begun; ``is_twice``: another one of its group has its number."""

    type: str
    number: str
    version: str
    start: int
    is_twice: bool


class _Numbers:
    """The numbers of sets that there were: most count up by one, so only the others are kept one by one."""

    def __init__(self) -> None:
        self._run = range(0)
        self._others: set[str] = set()

    def had(self, number: str) -> bool:
        """Whether a number was there; it is now."""
        bare = _bare_number(number)
        value = int(bare) if bare.isdecimal() and bare.isascii() and len(bare) <= DIGITS else -1
        if value in self._run or bare in self._others:
            return True
        if value == self._run.stop or (value >= 0 and not self._run):
            self._run = range(self._run.start if self._run else value, value + 1)
        else:
            self._others.add(bare)
        return False

    def follow(self, numbers: Sequence[str]) -> bool:
        """Whether numbers count up from the last one, as most do; if so, they are there now."""
        digits = "".join(numbers)
        if not (digits.isdecimal() and digits.isascii()) or max(map(len, numbers)) > DIGITS:
            return False
        values = range(self._run.stop, self._run.stop + len(numbers))
        if list(map(int, numbers)) != list(values) or not self._others.isdisjoint(map(str, values)):
            return False
        self._run = range(self._run.start, values.stop)
        return True


DIGITS = 15
"""Longer numbers are kept as they are sent."""


@dataclass
class _Reading:
    """One interchange while it goes by."""

    opening: Opening
    groups: list[GroupRecord] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sets: SetRecords = field(default_factory=SetRecords)
    group: GroupRecord | None = None
    set: _OpenSet | None = None
    count: int = 0
    promised: str | None = None
    closing: str = ""
    closed: int = 0
    end: int = 0

    def __post_init__(self) -> None:
        marks = STANDARDS[self.opening.interchange.standard]
        self._marks, syntax = marks, self.opening.syntax
        steps = {marks.SET: self._set, marks.SET_END: self._set_end, marks.GROUP: self._group,
                 marks.GROUP_END: self._group_end, marks.TRAILER: self._trailer}  # fmt: skip
        self._steps = _Steps({f"{name}{syntax.element}"[:3]: step for name, step in steps.items()})
        if marks is x12_envelope:
            self._steps[TECHNICAL] = self._technical
        self._numbers = _Numbers()
        end = re.escape(syntax.terminator)  # a pattern that begins with a letter is looked for ten times as fast
        self._small = re.compile(rf"{end}[{re.escape(BETWEEN)}]*+([A-Z0-9]{{0,2}}+[a-z][A-Za-z0-9]*)")
        self._bare = replace(syntax, release="")

    @property
    def marks(self) -> Sequence[str]:
        """With what the segments begin that are looked at."""
        return [*dict.fromkeys((*self._steps, *(name for each in STANDARDS.values() for name in each.HEADERS)))]

    @property
    def together(self) -> str:
        """The end of a set and the beginning of the next, which are looked at at once."""
        syntax = self.opening.syntax
        element, component, end = map(re.escape, (syntax.element, syntax.component, syntax.terminator))
        return str(self._marks.between_sets(element, component, end + gap_of(syntax.terminator)))

    def through(self, tokens: Iterator[Skimmed]) -> int | None:
        """Read to the end of the interchange; the byte of the next one, None if there is none."""
        steps, headers, is_next = self._steps, self._marks.HEADERS, self._marks.is_interchange
        for start, text, several in tokens:
            if not isinstance(text, str):
                self._next_sets(start, text)
                continue
            if several:
                self._passed(text, several)
                continue
            self.count += 1
            name = text[:3]
            step = steps[name]
            if step is not None:
                step(start, text)
            elif name in headers and is_next(text):
                return self._cut(start)
            elif self.set is None:
                self._stray(text)
            else:
                continue
            if self.promised is not None:
                break
        return self._behind(tokens)

    def _passed(self, text: str, several: int) -> None:
        """Segments that nobody looks at."""
        self.count += several
        if not self._steps.small:
            self._steps.look_for_small(self._small, self._bare.terminator + text)
        if self.set is None:
            self._strays(text)

    def _behind(self, tokens: Iterator[Skimmed]) -> int | None:
        """What stands behind the trailer; the byte of the next interchange, None if there is none."""
        for start, text, several in tokens:
            if not isinstance(text, str):
                self._strays(text[0].string[text[0].start() : text[-1].end()])
            elif several:
                self._strays(text)
            elif begins(text):
                return start
            else:
                self._stray(text)
        return self._next

    _next: int | None = None

    def whole(self) -> Interchange:
        """The interchange as it is now."""
        if self.promised is None:
            self._cut(self.end)
        if self._steps.small:
            self.faults.append(Fault("small_letters", segment=self._steps.small))
        faults = sorted(self.faults, key=lambda fault: _WORST.get(fault.code, 9))
        return replace(
            self.opening.interchange,
            groups=tuple(self.groups),
            promised=self.promised,
            closing=self.closing,
            closed=self.closed,
            end=self.end,
            faults=(*faults, *self.opening.interchange.faults),
        )

    def _cut(self, start: int) -> int:
        """The next interchange begins, or the file ends, before the trailer."""
        if self.promised is None and not any(each.code == "interchange_cut" for each in self.faults):
            self._close_group(None, "", start)
            self.closed = self.end = start
            self.faults.append(Fault("interchange_cut", segment=self._marks.TRAILER))
        return start

    def _strays(self, text: str) -> None:
        for _, each in pieces([text], 0, self._bare):
            self._stray(each)

    def _stray(self, text: str) -> None:
        place = self.group if self.group is not None else None
        fault = Fault("stray_text", why="group" if place else "interchange", value=text[:40])
        if place is not None:
            self.group = replace(place, faults=(*place.faults, fault))
        elif not any(each.code == "stray_text" for each in self.faults):
            self.faults.append(fault)

    # ---- sets

    def _next_sets(self, start: int, matches: Sequence[re.Match[str]]) -> None:
        """Where sets end, and the next begin; ``start``: as of ``_next_set``."""
        first, *others = matches
        self._next_set(start, first)
        if others and not self._are_right(start, matches):
            for before, match in pairwise(matches):
                text = match.string[before.end() + 1 : match.start() + 1]
                self._passed(text, text.count(self._bare.terminator))
                self._next_set(start, match)

    def _are_right(self, start: int, matches: Sequence[re.Match[str]]) -> bool:
        """Whether nothing is wrong with the sets that begin at some matches and end at the next, as with most; if so,
        they are done. Of the last match only its number is looked at: its set ends elsewhere.
        """
        text, end, own = matches[0].string, self._bare.terminator, self.set
        fields = (match.group("type", "number", "version", "count", "closed") for match in matches)
        types, numbers, versions, counts, closed = zip(*fields, strict=True)
        starts = [match.start("set") for match in matches]
        ends = [match.end("end") for match in matches]
        sizes = [text.count(end, *place) + 1 for place in zip(starts, ends[1:], strict=False)]
        is_right = closed[1:] == numbers[:-1] and counts[1:] == (*map(str, sizes),)
        if not is_right or own is None or own.is_twice or not self._numbers.follow(numbers[1:]):
            return False
        if not self._steps.small:
            self._steps.look_for_small(self._small, text[matches[0].end() : matches[-1].start() + 1])
        kinds = zip(types, (each or "" for each in versions), strict=True)
        places = [start + each for each in starts[:-1]], [start + each + 1 for each in ends[1:]]
        self.sets.add_all(islice(kinds, len(sizes)), numbers[:-1], sizes, *places)
        self.set = _OpenSet(types[-1], numbers[-1], versions[-1] or "", start + starts[-1], is_twice=False)
        return True

    def _next_set(self, start: int, match: re.Match[str]) -> None:
        """A set ends, and another one begins. ``start``: the byte at which the text begins in which they are."""
        self.count += 1
        if self.set is None:
            self._stray(match["end"])
        else:
            self._close_set(match["count"], match["closed"], start + match.end("end") + 1)
        self._begin(match["type"], match["number"], match["version"] or "", start + match.start("set"))

    def _set(self, start: int, text: str) -> None:
        syntax = self.opening.syntax
        elements = [*syntax.elements(text), "", "", ""]
        if self._marks is x12_envelope:
            kind, number, version = elements[1].strip(), elements[2].strip(), elements[3].strip()
        else:
            kind, number, version = (
                syntax.components(elements[2])[0],
                syntax.text(elements[1]),
                ":".join(syntax.components(elements[2])),
            )
        self._begin(kind, number, version, start)

    def _begin(self, kind: str, number: str, version: str, start: int) -> None:
        self._close_set(None, "", start)
        if self.group is None:
            self._open_group(GroupRecord(marked=False, start=start))
        self.count = 1
        self.set = _OpenSet(kind, number, version, start, self._numbers.had(number))

    def _set_end(self, start: int, text: str) -> None:
        elements = self.opening.syntax.elements(text)
        if self.set is None:
            self._stray(text)
            return
        if self._marks is not x12_envelope:
            elements = [self.opening.syntax.text(each) for each in elements]
        count, number = x12_envelope.closing_of(elements)
        self._close_set(count, number, start + len(text) + len(self.opening.syntax.terminator))

    def _close_set(self, promised: str | None, number: str, end: int) -> None:
        if self.set is None:
            return
        (kind, own, version, start, is_twice), self.set = self.set, None
        if promised == str(self.count) and number == own and not is_twice:
            self.sets.add(kind, own, version, self.count, start, end)
            return
        faults = [Fault("set_number_twice", segment=self._marks.SET, position=1, value=own)] if is_twice else []
        counted = self.count if promised is not None else self.count - 1
        if promised is None:
            faults.append(Fault("set_cut", segment=self._marks.SET_END, position=counted))
        else:
            if _bare_number(number) != _bare_number(own):
                faults.append(Fault("set_number", segment=self._marks.SET_END, position=counted, value=number))
            if not promised.isdigit() or int(promised) != counted:
                faults.append(
                    Fault("set_count", segment=self._marks.SET_END, position=counted, element=1, value=promised)
                )
        self.sets.append(SetRecord(kind, own, version, counted, promised, start, end, tuple(faults)))

    # ---- groups

    def _group(self, start: int, text: str) -> None:
        self._close_group(None, "", start)
        syntax = self.opening.syntax
        elements = syntax.elements(text)
        if self._marks is x12_envelope:
            self._open_group(x12_envelope.group_of([syntax.text(each) for each in elements], start))
        else:
            if any(not each.marked for each in self.groups):
                self.faults.append(Fault("mixed_groups", segment=self._marks.GROUP))
            self._open_group(edifact_envelope.group_of(elements, start, syntax))

    def _open_group(self, group: GroupRecord) -> None:
        if not group.marked and any(each.marked and each.code != TECHNICAL for each in self.groups):
            self.faults.append(Fault("mixed_groups", segment=self._marks.SET))
        self.group, self.sets, self._numbers = group, SetRecords(), _Numbers()

    def _group_end(self, start: int, text: str) -> None:
        syntax = self.opening.syntax
        count, number = x12_envelope.closing_of([syntax.text(each) for each in syntax.elements(text)])
        if self.group is None:
            self._stray(text)
            return
        self._close_group(count, number, start + len(text) + len(syntax.terminator))

    def _close_group(self, promised: str | None, number: str, end: int) -> None:
        self._close_set(None, "", end)
        if self.group is None:
            return
        group, faults = self.group, list(self.group.faults)
        if group.marked and any(
            each.marked and _bare_number(each.number) == _bare_number(group.number) for each in self.groups
        ):
            faults.append(Fault("group_number_twice", segment=self._marks.GROUP, value=group.number))
        if group.marked and promised is None:
            faults.append(Fault("group_cut", segment=self._marks.GROUP_END))
        if promised is not None:
            if _bare_number(number) != _bare_number(group.number):
                faults.append(Fault("group_numbers", segment=self._marks.GROUP_END, element=2, value=number))
            if not promised.isdigit() or int(promised) != len(self.sets):
                faults.append(Fault("group_counts", segment=self._marks.GROUP_END, element=1, value=promised))
        whole = replace(group, promised=promised, end=end, sets=self.sets, faults=tuple(faults))
        if self._marks is x12_envelope and group.marked:
            whole = x12_envelope.wrong_code(whole)
        self.groups.append(whole)
        self.group, self.sets = None, SetRecords()

    def _technical(self, start: int, text: str) -> None:
        """A TA1 that stands beside groups."""
        elements = [*self.opening.syntax.elements(text), ""]
        if self.set is None and self.group is None:
            end = start + len(text) + len(self.opening.syntax.terminator)
            record = SetRecord(TECHNICAL, elements[1].strip(), segments=1, promised="1", start=start, end=end)
            sets = SetRecords([record])
            self.groups.append(GroupRecord(code=TECHNICAL, marked=False, start=start, end=end, sets=sets))

    # ---- the trailer

    def _trailer(self, start: int, text: str) -> None:
        syntax = self.opening.syntax
        line = text.splitlines()[0]
        self._close_group(None, "", start)
        count, number = x12_envelope.closing_of([syntax.text(each) for each in syntax.elements(line)])
        self.promised, self.closing, self.closed = count, number, start
        self.end = start + len(line) + (len(syntax.terminator) if line == text else 0)
        behind = text[len(line) :].lstrip(BETWEEN)
        if begins(behind):  # its terminator is missing
            self._next = start + len(text) - len(behind)
        opened = self.opening.interchange
        if _bare_number(number) != _bare_number(opened.number):
            self.faults.append(Fault("interchange_numbers", segment=self._marks.TRAILER, element=2, value=number))
        groups = [each for each in self.groups if each.marked]
        counted = len(groups) if groups or opened.standard == X12 else sum(len(each.sets) for each in self.groups)
        if not count.isdigit() or int(count) != counted:
            self.faults.append(Fault("interchange_counts", segment=self._marks.TRAILER, element=1, value=count))


_WORST = {
    "interchange_cut": 0,
    "interchange_numbers": 1,
    "mixed_groups": 2,
    "interchange_counts": 3,
    "stray_text": 4,
}
"""The order in which the faults of an interchange count."""
