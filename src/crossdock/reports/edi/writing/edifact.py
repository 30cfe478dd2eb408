"""EDIFACT text: segments with the partner's separators, in an interchange whose ids are theirs swapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from crossdock.formats.edi.edifact_envelope import CHARSETS, REPEATS_FROM, USUAL
from crossdock.formats.edi.interchange import Interchange, Party
from crossdock.model.edi_answer import AnswerTerms, EdiAnswer
from crossdock.reports.edi.writing.plain_text import BASIC_ONLY, UTF8, cut, encoded, folded

Element = str | tuple[str, ...]
"""An element, or the components of a composite."""
Segment = Sequence[Element]
"""A segment: its tag, then its elements."""
Message = tuple[tuple[str, ...], Iterable[Segment]]
"""The components of S009, and the segments between UNH and UNT."""
TEXT, PARTS = 70, 5
"""Characters of 4440, and how many of them an FTX has (D.96A)."""
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

    def interchange(self, messages: Iterable[Message]) -> Iterator[bytes]:
        """The interchange in pieces, its messages one after the other."""
        return encoded(self._lines(messages), self._encoding)

    def _lines(self, messages: Iterable[Message]) -> Iterator[str]:
        yield self._advice()
        yield self._unb()
        number = 0
        for number, (identifier, segments) in enumerate(messages, 1):
            yield self._line(("UNH", str(number), identifier))
            count = 2
            for segment in segments:
                count += 1
                yield self._line(segment)
            yield self._line(("UNT", str(count), str(number)))
        yield self._line(("UNZ", str(number), str(self._answer.control)))

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


def is_newer(version: str) -> bool:
    """Whether a message is of a directory of this century; ``version``: S009 as sent.

    >>> is_newer("ORDERS:D:01B:UN"), is_newer("ORDERS:D:96A:UN")
    (True, False)
    """
    parts = version.split(":")
    return len(parts) > 2 and parts[2].startswith("0")


def message_type(kind: str, version: str) -> tuple[str, ...]:
    """S009 of a message of ours in the directory of the one that it answers."""
    return kind, "D", "01B" if is_newer(version) else "96A", "UN"


def free_text(sentence: str) -> Segment:
    """FTX with a sentence, cut to its size."""
    room = cut(sentence, TEXT * PARTS)
    return ("FTX", "AAO", "", "", tuple(room[start : start + TEXT] for start in range(0, len(room), TEXT)))
