"""EDIFACT text: segments with the partner's separators, in an interchange whose ids are theirs swapped."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from crossdock.formats.edi.edifact_envelope import CHARSETS, REPEATS_FROM, USUAL
from crossdock.formats.edi.interchange import Interchange, Party
from crossdock.model.edi_answer import AnswerTerms, EdiAnswer
from crossdock.reports.edi.writing.plain_text import BASIC_ONLY, UTF8, folded

Element = str | tuple[str, ...]
"""An element, or the components of a composite."""
Segment = Sequence[Element]
"""A segment: its tag, then its elements."""
LEVEL_A = "UNOA"
"""The charset of capitals."""
TEST = "1"


class EdifactWriter:
    """Writes one interchange that answers another."""

    def __init__(self, answered: Interchange, terms: AnswerTerms, answer: EdiAnswer) -> None:
        self._answered, self._answer = answered, answer
        self._moment = answer.made_at.astimezone(ZoneInfo(terms.zone))
        self._charset = answered.charset if answered.charset in CHARSETS else "UNOB"
        self._encoding = CHARSETS[self._charset]
        self._characters = BASIC_ONLY if self._charset == LEVEL_A else UTF8
        component, element, decimal, release, repetition, terminator = list(USUAL)
        marks = answered.separators
        self._component, self._element = marks.get("component") or component, marks.get("element") or element
        self._terminator = marks.get("terminator") or terminator
        self._release, self._repetition = marks.get("release", release), marks.get("repetition") or repetition
        self._decimal = marks.get("decimal") or decimal
        own = {self._component, self._element, self._terminator, self._release, self._repetition} - {"", " "}
        self._marks = str.maketrans({mark: self._release + mark if self._release else " " for mark in own})

    @property
    def is_fourth(self) -> bool:
        """Whether the partner writes syntax version 4 or later."""
        return self._answered.version >= REPEATS_FROM

    def interchange(self, messages: Sequence[tuple[tuple[str, ...], Sequence[Segment]]]) -> bytes:
        """The whole interchange; ``messages``: the components of S009, and the segments between UNH and UNT."""
        lines = [self._advice(), self._unb()]
        for number, (identifier, segments) in enumerate(messages, 1):
            lines.append(self._line(("UNH", str(number), identifier)))
            lines += map(self._line, segments)
            lines.append(self._line(("UNT", str(len(segments) + 2), str(number))))
        lines.append(self._line(("UNZ", str(len(messages)), str(self._answer.control))))
        return "".join(lines).encode(self._encoding, errors="replace")

    def _advice(self) -> str:
        """UNA, where the separators are not the usual ones."""
        reserved = self._repetition if self.is_fourth else " "
        marks = self._component + self._element + self._decimal + (self._release or " ") + reserved + self._terminator
        return "" if marks == USUAL else f"UNA{marks}\n"

    def _unb(self) -> str:
        answered, moment = self._answered, self._moment
        date = f"{moment:%Y%m%d}" if self.is_fourth else f"{moment:%y%m%d}"
        test = TEST if answered.usage == "T" else ""
        return self._line(("UNB", (self._charset, answered.version), _identity(answered.receiver),
                           _identity(answered.sender), (date, f"{moment:%H%M}"), str(self._answer.control),
                           *[""] * 5, test))  # fmt: skip

    def _line(self, segment: Segment) -> str:
        elements = [self._text(each) for each in segment]
        while not elements[-1]:
            elements.pop()
        return self._element.join(elements) + self._terminator + ("" if self._terminator in "\r\n" else "\n")

    def _text(self, element: Element) -> str:
        components = (element,) if isinstance(element, str) else element
        texts = [folded(each, self._characters, self._encoding).rstrip().translate(self._marks) for each in components]
        while len(texts) > 1 and not texts[-1]:
            texts.pop()
        return self._component.join(texts)


def _identity(party: Party) -> tuple[str, ...]:
    return party.id, party.qualifier, party.routing
