"""What a partner says of what we have sent: its 997, 999, TA1, 824, CONTRL, APERAK (contract edi.md §4).

Only what is confirmed or refused as a whole is read: an interchange, a group, a message of ours, by its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from crossdock.formats.edi.interchange import Confirmation, Interchange
from crossdock.formats.edi.syntax import Syntax, segments

OF_INTERCHANGE, OF_GROUP = "interchange", "group"
"""What a number is of."""
ACCEPTED, PARTLY, REFUSED = "A", "P", "R"
Segments = Iterable[Sequence[str]]
"""The parts of each segment, the id first; behind the last there are blank ones."""
_BLANK = ("",) * 12


def confirmations(path: Path, syntax: Syntax, interchange: Interchange) -> Iterator[Confirmation]:
    """What the acknowledgements of an interchange say, in their order; of other sets nothing."""
    for each in (record for group in interchange.groups if READ.keys() & group.sets.types for record in group.sets):
        if each.type in READ:
            tokens = islice(segments(path, each.start, syntax), each.segments)
            parts = ([*map(syntax.sent, syntax.elements(text)), *_BLANK] for _, text in tokens)
            for level, number, verdict in READ[each.type](parts, syntax):
                yield Confirmation(each.type, level, number.strip(), verdict)


Said = Iterator[tuple[str, str, str]]
"""What is meant, its number, the verdict."""


def _technical(parts: Segments, _: Syntax) -> Said:
    for each in parts:
        if each[0] == "TA1":
            yield OF_INTERCHANGE, each[1], each[4]


def _functional(parts: Segments, _: Syntax) -> Said:
    number = ""
    for each in parts:
        if each[0] == "AK1":
            number = each[2]
        elif each[0] == "AK9":
            yield OF_GROUP, number, each[1]


def _application(parts: Segments, _: Syntax) -> Said:
    for each in parts:
        if each[0] == "OTI":
            yield OF_GROUP, each[8], REFUSED if each[1].endswith("R") else ACCEPTED


def _control(parts: Segments, _: Syntax) -> Said:
    number, actions = "", []
    for each in parts:
        if each[0] == "UCI":
            number = each[1]
        if each[0] in ("UCI", "UCF", "UCM"):
            actions.append(each[{"UCI": 4, "UCF": 4, "UCM": 3}[each[0]]])
    whole, *inner = actions or [""]
    if number:
        yield OF_INTERCHANGE, number, REFUSED if whole == "4" else PARTLY if "4" in inner else ACCEPTED


def _error(parts: Segments, syntax: Syntax) -> Said:
    verdict = ""
    for each in parts:
        if each[0] == "BGM":
            verdict = REFUSED if each[3] == "27" else ACCEPTED
        elif each[0] == "RFF":
            qualifier, *number = syntax.components(each[1])
            if qualifier == "ACW" and number:
                yield OF_INTERCHANGE, number[0], verdict


READ: Mapping[str, Callable[[Segments, Syntax], Said]] = {
    "TA1": _technical,
    "997": _functional,
    "999": _functional,
    "824": _application,
    "CONTRL": _control,
    "APERAK": _error,
}
"""The types of sets that answer ours, and how each is read."""
