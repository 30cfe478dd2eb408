"""X12 text: segments with the partner's separators, in an interchange whose ids are theirs swapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from crossdock.formats.edi.interchange import Interchange
from crossdock.formats.edi.syntax import Syntax
from crossdock.model.edi_answer import AnswerTerms, EdiAnswer
from crossdock.model.interchange import release_of
from crossdock.reports.edi.writing.plain_text import BASIC, BASIC_ONLY, PRINTABLE, UTF8, encoded, folded

Element = str | tuple[str, ...]
"""An element, or the components of a composite."""
Segment = Sequence[Element]
"""A segment: its id, then its elements."""
VALUE = "0" * 50
"""What stands for a value in segments that are written once for each of many; in nothing else."""
USUAL = {"element": "*", "component": ">:<^", "repetition": "^!<", "terminator": "~"}
"""What separates where the partner's own interchange doesn't say it; the first that is free."""
REPEATS_FROM = "00402"
"""From this version of ISA12 on ISA11 is the repetition separator (contract edi.md §2)."""
VERSIONS = ("00200", "00201", "00204", "00300", "00301", "00302", "00303", "00304", "00305", "00306", "00307",
            "00400", "00401", "00402", "00403", "00404", "00405", "00406", "00500", "00501", "00502", "00503",
            "00504", "00505", "00600", "00601", "00602", "00603", "00604", "00605", "00700", "00701", "00702",
            "00703", "00704", "00705", "00800", "00801", "00802", "00803")  # fmt: skip
"""ISA12 (005010, I11): another one isn't sent back."""
USAGES = "ITP"


class Ready(NamedTuple):
    """Segments that are written already: their lines, and how many they are."""

    lines: str
    segments: int


@dataclass(frozen=True)
class Group:
    """A functional group to be written: GS01–GS03, GS08, and its sets, each without ST and SE.

    ``version``: of ST03, '' where a set has none.
    """

    code: str
    sender: str
    receiver: str
    release: str
    type: str
    sets: Iterable[Iterable[Segment | Ready] | Ready]
    version: str = ""


@dataclass(frozen=True)
class Marks:
    """The four separators."""

    element: str
    component: str
    repetition: str
    terminator: str

    @property
    def all(self) -> str:
        """All of them."""
        return self.element + self.component + self.repetition + self.terminator


def _marks_of(interchange: Interchange, terms: AnswerTerms) -> Marks:
    if terms.separators != "theirs":
        return Marks(*terms.separators)
    marks = {name: interchange.separators.get(name, "") for name in USUAL}
    for name, usual in USUAL.items():
        taken = set(marks.values())
        marks[name] = marks[name] or next(each for each in usual if each not in taken)
    return Marks(**marks)


class X12Writer:
    """Writes one interchange that answers another."""

    def __init__(self, answered: Interchange, terms: AnswerTerms, answer: EdiAnswer) -> None:
        self._answered, self._terms, self._answer = answered, terms, answer
        self._marks = _marks_of(answered, terms)
        self._encoding = "utf-8" if terms.characters == UTF8 else answered.encoding
        self._moment = answer.made_at.astimezone(ZoneInfo(terms.zone))
        self._blanks = str.maketrans(dict.fromkeys(self._marks.all, " "))
        plain = (BASIC if terms.characters == BASIC_ONLY else PRINTABLE) - set(self._marks.all)
        self._odd = re.compile(f"[^{re.escape(''.join(sorted(plain)))}{re.escape(self._marks.element)}]")
        self._end = self._marks.terminator + ("" if self._marks.terminator in "\r\n" else "\n")

    def interchange(self, groups: Iterable[Group] = (), beside: Sequence[Segment] = ()) -> Iterator[bytes]:
        """The interchange in pieces; ``beside``: segments outside of groups, such as TA1."""
        return encoded(self._lines(groups, beside), self._encoding)

    def _lines(self, groups: Iterable[Group], beside: Sequence[Segment]) -> Iterator[str]:
        yield self._isa()
        yield from map(self.line, beside)
        count = 0
        for count, group in enumerate(groups, 1):
            yield from self._group(group, self._answer.group + count - 1)
        yield self.line(("IEA", str(count), f"{self._answer.control:09}"))

    def text(self, value: str) -> str:
        """A value as it may stand in an element: in the partner's characters, without separators."""
        return folded(value, self._terms.characters).translate(self._blanks).rstrip()

    def is_writable(self, value: str) -> bool:
        """Whether a value can be repeated as it was sent."""
        return self.text(value) == value

    def repeats(self, syntax: Syntax) -> bool:
        """Whether what is written has the separators of a syntax, so that segments can be repeated as they stand."""
        theirs, ours = {syntax.component, syntax.repetition} - {""}, self._marks
        return syntax.element == ours.element and theirs <= {ours.component, ours.repetition}

    def repeated(self, segment: str) -> str:
        """The line of a segment as it stands in a file of such a syntax; '' where it has to be looked at closer."""
        mark = self._marks.element
        if segment[-1:] == " " or f" {mark}" in segment or self._odd.search(segment):
            return ""
        return segment.rstrip(mark) + self._end

    def _isa(self) -> str:
        answered, marks = self._answered, self._marks
        version = answered.version if answered.version in VERSIONS else "00401"
        fields = ["ISA", "00", " " * 10, "00", " " * 10, *_identity(answered.receiver.qualifier, answered.receiver.id),
                  *_identity(answered.sender.qualifier, answered.sender.id), f"{self._moment:%y%m%d}",
                  f"{self._moment:%H%M}", "U" if version < REPEATS_FROM else marks.repetition, version,
                  f"{self._answer.control:09}", "0", answered.usage if answered.usage in USAGES else "P",
                  marks.component]  # fmt: skip
        return marks.element.join(fields) + self._end

    def _group(self, group: Group, number: int) -> Iterator[str]:
        moment = self._moment
        yield self.line(("GS", group.code, group.sender, group.receiver, f"{moment:%Y%m%d}", f"{moment:%H%M}",
                          str(number), "X", group.release))  # fmt: skip
        place = 0
        for place, own in enumerate(group.sets, 1):
            yield self.line(("ST", group.type, f"{place:04}", group.version))
            count = 2
            for each in (own,) if isinstance(own, Ready) else own:
                ready = each if isinstance(each, Ready) else Ready(self.line(each), 1)
                count += ready.segments
                yield ready.lines
            yield self.line(("SE", str(count), f"{place:04}"))
        yield self.line(("GE", str(place), str(number)))

    def of_each(self, values: Sequence[str], segments: Sequence[Segment]) -> Ready:
        """Some segments, one of which holds ``VALUE``, for each of some values in its place."""
        before, value, behind = "".join(map(self.line, segments)).partition(VALUE)
        if value and all(values) and self._as_it_is(values):
            lines = before + (behind + before).join(values) + behind
        else:
            own = [[own if each == VALUE else each for each in segment] for own in values for segment in segments]
            lines = "".join(map(self.line, own))
        return Ready(lines, len(values) * len(segments))

    def line(self, segment: Segment) -> str:
        """A segment as it is written."""
        line = self._as_it_is(segment)
        if line:
            return line + self._end
        elements = [self._element(each) for each in segment]
        while not elements[-1]:
            elements.pop()
        return self._marks.element.join(elements) + self._end

    def _as_it_is(self, segment: Segment) -> str:
        """A segment of which every element can be written as it is, as most can; '' for others."""
        mark = self._marks.element
        try:
            line = mark.join(cast("Sequence[str]", segment))
        except TypeError:  # a composite
            return ""
        clean = line.count(mark) == len(segment) - 1 and line[-1] != " " and f" {mark}" not in line
        return line.rstrip(mark) if clean and not self._odd.search(line) else ""

    def _element(self, element: Element) -> str:
        if isinstance(element, str):
            return self.text(element)
        return self._marks.component.join(map(self.text, element)).rstrip(self._marks.component)


def _identity(qualifier: str, identity: str) -> tuple[str, str]:
    return f"{qualifier:2}"[:2], f"{identity:15}"[:15]


def is_newer(version: str) -> bool:
    """Whether a group's release is 005010 or later, which has more codes.

    >>> is_newer("004010VICS"), is_newer("005010")
    (False, True)
    """
    return release_of(version) >= "005"
