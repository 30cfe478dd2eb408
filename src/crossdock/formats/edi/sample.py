"""A sample interchange of a set: the segments of its guide (``sample``), filled with the document's example."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crossdock.formats.edi.interchange import X12
from crossdock.formats.guides.guide import Guide, guides

RELEASE = "01B"
"""The release of EDIFACT that a sample is of."""
_GAP = re.compile(r"\{([\w.]+)(?::(\w+))?\}")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d))?")
_DAY, _TIME = r"\1\2\3", r"\4\5"
_WAYS = {None: _DAY, "day": _DAY, "time": _TIME, "moment": _DAY + _TIME}
"""What stands behind the colon of a gap: how a moment is written there."""


def sample(guide: Guide, document: str, example: Mapping[str, str]) -> str:
    """An interchange of one set, a segment a line, from THEM to US. Each set and document has a control number of its
    own: all of them can be imported.

    ``document``: the name of what it becomes. ``example``: values by our qualified names, as our templates write them.
    Raises ``KeyError`` if the guide has none of that document.
    """

    def filled(gap: re.Match[str]) -> str:
        return _MOMENT.sub(_WAYS[gap[2]], example[gap[1]])

    body = _GAP.sub(filled, guide.mappings[document].options["sample"]).splitlines()
    number = _number(guide, document)
    return _of_x12(guide, body, number) if guide.standard == X12 else _of_edifact(guide, body, number)


def _number(guide: Guide, document: str) -> int:
    """The control number of the sample of a document."""
    every = [(name, each) for name, own in guides().items() for each in own.mappings]
    return every.index((guide.name, document)) + 1


def _of_x12(guide: Guide, body: list[str], number: int) -> str:
    blank = " " * 10
    isa = ["ISA", "00", blank, "00", blank, "ZZ", f"{'THEM':15}", "ZZ", f"{'US':15}", "261125", "0900", "U", "00401",
           f"{number:09}", "0", "P", ">"]  # fmt: skip
    segments = [
        "*".join(isa),
        f"GS*{guide.group}*THEM*US*20261125*0900*{number}*X*004010",
        f"ST*{guide.type}*0001",
        *body,
        f"SE*{len(body) + 2}*0001",
        f"GE*1*{number}",
        f"IEA*1*{number:09}",
    ]
    return "".join(f"{each}~\n" for each in segments)


def _of_edifact(guide: Guide, body: list[str], number: int) -> str:
    segments = [
        f"UNB+UNOC:3+THEM:14+US:14+261125:0900+{number}",
        f"UNH+1+{guide.type}:D:{RELEASE}:UN",
        *body,
        f"UNT+{len(body) + 2}+1",
        f"UNZ+1+{number}",
    ]
    return "".join(f"{each}'\n" for each in ["UNA:+.? ", *segments])
