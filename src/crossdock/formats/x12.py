"""X12 interchanges: ISA…IEA. ``edi`` reads them; which set becomes which document is said by the guides."""

from __future__ import annotations

from crossdock.formats.edi.interchange import X12
from crossdock.formats.edi.interchange_format import InterchangeFormat


class X12Format(InterchangeFormat):
    """X12 interchanges; a document is a transaction set."""

    name = X12
    medium = "an X12 interchange"
    advice = "824"
