"""Programs of others, and our own reader, that read our acknowledgements, and what they find wrong in them.

Both know a few sets only: of one that they don't know they are shown the name of one that they do. pyx12 reads no
line breaks as terminators, and no ISA12 but 00401 and 00501.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mockedi.edifact
import mockedi.validate
import mockedi.x12
import pydifact.segmentcollection
import pyx12.params
import pyx12.x12file
import pyx12.x12n_document

from crossdock.formats.edi.envelope import interchanges

UNKNOWN_TO_MOCK_EDI = re.compile(r"(?m)^(AK1.)(?:OW|SH|AR|RE|SW|AN|SC|IB|AW)\b")
UNKNOWN_TO_PYX12 = (
    (re.compile(r"(?<=^.{84})00[24]\d\d"), "00401"),
    (re.compile(r"(?<=^.{32})\d\d|(?<=^.{51})\d\d"), "ZZ"),
    (re.compile(r"(?m)^([AI]K1.)[A-Z]{2}\b"), r"\1HC"),
    (re.compile(r"(?m)^([AI]K2.)\d{3}\b"), r"\g<1>837"),
)


def mock_edi_finds(text: str) -> list[str]:
    """What mock-edi's dictionary has against an interchange."""
    if text.startswith("UN"):
        report = mockedi.validate.validate(mockedi.edifact.parse(text), strict=True)
    else:
        report = mockedi.validate.validate(mockedi.x12.parse(UNKNOWN_TO_MOCK_EDI.sub(r"\1PO", text)), strict=True)
    faults = [each.summary() for each in report.messages if not each.clean]
    return [*faults, *map(str, report.envelope_errors), *map(str, report.interchange_findings)]


def pyx12_finds(text: str) -> list[str]:
    """What pyx12's maps have against a 997 or 999."""
    text = text if text.rstrip("\n")[-1] == text[105] else text.replace("\n", "~\n")
    for pattern, known in UNKNOWN_TO_PYX12:
        text = pattern.sub(known, text)
    report = io.StringIO()
    read = pyx12.x12n_document.x12n_document(
        pyx12.params.ParamsBase(), io.StringIO(text), io.StringIO(), None, None, report
    )
    findings = sorted(_errors(json.loads(report.getvalue())))
    return findings if findings or read else ["it is not valid"]


def pyx12_reads(text: str) -> list[str]:
    """What pyx12's reader has against an interchange of any sets: its segments, envelopes, counts and numbers."""
    text = text.replace("\n", "" if text[105] != "\n" else "~\n")
    for pattern, known in UNKNOWN_TO_PYX12[:2]:
        text = pattern.sub(known, text)
    reader = pyx12.x12file.X12Reader(io.StringIO(text))
    read = [segment.format("~") for segment in reader]
    reader.cleanup()
    sent = [f"{each}~" for each in text.replace("\n", "").split(text[105]) if each]
    return [str(each) for each in reader.pop_errors()] + ([] if read == sent else [f"it reads {read}"])


def pydifact_finds(text: str) -> list[str]:
    """What pydifact says of an interchange of EDIFACT whose messages it reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says of each segment that it has no dictionary of this version
        interchange = pydifact.segmentcollection.Interchange.from_str(text)
    read = [segment.tag for message in interchange.get_messages() for segment in message.segments]
    sent = [line[:3] for line in text.splitlines() if line[:3] not in ("UNA", "UNB", "UNH", "UNT", "UNZ")]
    return [] if read == sent else [f"it reads {read}"]


def own_reader_finds(path: Path) -> list[str]:
    """What our own reader has against the interchanges of a file: their envelopes, groups, counts, numbers."""
    return [
        fault.code
        for _, each in interchanges(path)
        for part in (each, *each.groups, *(record for group in each.groups for record in group.sets))
        for fault in part.faults
        if fault.code != "isa_size"
    ]


def _errors(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "err_str" in part:
            yield part["err_str"]
        for each in part.values():
            yield from _errors(each)
    elif isinstance(part, list):
        for each in part:
            yield from _errors(each)
