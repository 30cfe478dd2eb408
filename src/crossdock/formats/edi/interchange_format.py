"""What both formats of interchanges are: the guides say which set becomes which document, ``reader`` reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.formats.edi import places
from crossdock.formats.edi.envelope import starts
from crossdock.formats.format import Clues, Format, Written
from crossdock.formats.guides.guide import Deviations, guides_for, of_one_record, possible, types

if TYPE_CHECKING:
    from crossdock.formats.edi.reader import Reader

ALL, SHORT = "all", "short"
"""What may stand behind an answer's colon."""


class InterchangeFormat(Format[Deviations]):
    """Interchanges of the standard ``name``. A record's line is the ordinal of its set and the place of its segment
    in the set.
    """

    options = Deviations
    nested = True
    plain_numbers = True
    has_lines = False
    enveloped = True
    density = 2
    advice = ""
    """The set of its standard that says which documents are not taken, and why."""
    dates = ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m%d%H%M%z", "%Y%m%d%H%M%S%z")

    def sets(self) -> tuple[str, ...]:
        """The types of sets that there is a guide for."""
        return types(self.name)

    def possible(self, document: str) -> Mapping[str, bool]:
        """The types of sets that may become a document, and whether a feed must name them."""
        return possible(self.name, document)

    def answers(self, document: str, sets: Collection[str]) -> Collection[str]:
        """What is not taken, or everything (``:all``); of orders each line, or each order (``:short``)."""
        taken = guides_for(self.name, document, sets).values()
        orders = {each.answer for each in taken if each.answer}
        return [self.advice, f"{self.advice}:{ALL}", *orders, *(f"{each}:{SHORT}" for each in orders)]

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether it begins with the standard's header and a separator: ``ISA``; ``UNA`` or ``UNB``."""
        return starts(head) == self.name

    def reader(self, path: Path, options: Deviations, clues: Clues) -> Reader:
        """A reader of one file."""
        from crossdock.formats.edi.reader import Reader  # it is a fifth of crossdock, and most files are none

        return Reader(path, self.name, clues, options)

    def place(self, line: int, written: Written) -> str:
        """``set 3 (ST 0003), segment 12``; ``message 3 (UNH 3), segment 12``."""
        return places.place(line, written)

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``set 3 (ST 0003), segments 12–19``."""
        return places.span(first, last, written, joined)

    def of_document(self, line: int, written: Written) -> int:
        """The set as a whole; of a set of several documents, the record that each of them is."""
        return line if self.variant(line, written) in of_one_record() else line >> places.SHIFT << places.SHIFT

    def variant(self, line: int, written: Written) -> str:
        """The type of its set."""
        return places.type_of(line, written)

    def spot(self, line: int, column: str, detail: Mapping[str, Any], written: Written) -> dict[str, Any]:
        """The set, its number, and the segment, the element, the component and the qualifier in it (edi.md §9)."""
        return places.spot(line, column, detail, written)

    def column(self, heading: str, written: Written, variant: str) -> str:
        """The element, as the standard names it: ``PO103``, ``LIN 1082``."""
        return places.element_named(heading, variant, written)
