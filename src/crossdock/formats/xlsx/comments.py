"""The comments that people put on cells ("cancel this line"): the reader of a workbook returns none of them."""

from __future__ import annotations

import posixpath
import re

from crossdock.formats.xlsx.sheet_scan import Place, column
from crossdock.formats.xlsx.zip_xml import Package, parse, relations

_KINDS = ("comments", "threadedComment")
"""Members with comments: as Excel wrote them until 2019, and since, when the old ones say only where to read them."""
_ADDRESS = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")


def comments_of(archive: Package, sheet: str) -> dict[Place, str]:
    """The comments on the cells of a sheet, which is this member, in one line each."""
    folder, name = posixpath.split(sheet)
    if posixpath.join(folder, "_rels", f"{name}.rels") not in archive:
        return {}
    members = {each.kind: each.member for each in relations(archive, sheet) if each.member in archive}
    scan = _Comments()
    for kind in _KINDS:
        if kind in members:
            with archive.open(members[kind]) as file:
                parse(file, scan.start, scan.end, scan.text)
    return scan.comments


class _Comments:
    """Collects comments; a later one on the same cell counts."""

    def __init__(self) -> None:
        self.comments: dict[Place, str] = {}
        self._at: Place | None = None
        self._reads = False
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("comment", "threadedComment"):
            address = _ADDRESS.fullmatch(attributes.get("ref", ""))
            self._at = (int(address[2]) - 1, column(address[1])) if address else None
            self._text = ""
        self._reads = name in ("t", "text")

    def text(self, text: str) -> None:
        if self._reads:
            self._text += text

    def end(self, name: str) -> None:
        self._reads = False
        if name in ("comment", "threadedComment") and self._at is not None and self._text.strip():
            self.comments[self._at] = " ".join(self._text.split())
