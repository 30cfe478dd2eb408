"""EDIFACT interchanges: UNB…UNZ. ``edi`` reads them; which set becomes which document is said by the guides."""

from __future__ import annotations

from crossdock.formats.edi.interchange import EDIFACT
from crossdock.formats.edi.interchange_format import InterchangeFormat


class EdifactFormat(InterchangeFormat):
    """EDIFACT interchanges; a document is a message."""

    name = EDIFACT
    medium = "an EDIFACT interchange"
    advice = "APERAK"
