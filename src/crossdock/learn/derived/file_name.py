"""Values that only the file's name has: a day, a building, for a required field that has no column.

A day is proved if it has one reading, the name has no other, and the document requires one that has no column. A
building is proved if a word in front of it says so; else it is a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crossdock.learn.columns import Column
from crossdock.learn.fitting import Fit
from crossdock.learn.proposal import Derivation, Match, Proposal
from crossdock.schema.document import Kind

_DAYS = (
    r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)",
    r"(?<!\d)(\d{2}\.\d{2}\.\d{4})(?!\d)",
    r"(?<!\d)(\d{8}[_-]?\d{4}(?:\d\d)?)(?!\d)",
    r"(?<!\d)(\d{8})(?!\d)",
)
"""How a day is written in a name; the more exact ones first."""
_BUILDING = re.compile(
    r"(building|bldg|warehouse|wh|whs|site|plant|store|lager|werk|entrepot|almacen|magazijn)", re.IGNORECASE
)
_CODE = re.compile(rf"[A-Z]{{1,4}}\d{{1,4}}|(?i:{_BUILDING.pattern})\d+")
_TIMES = (Kind.DATE, Kind.TIMESTAMP)


def of_name(proposal: Proposal, name: str) -> Iterator[Derivation]:
    """The values of a file's name for required fields without a column."""
    covered = proposal.covered | {each.field for each in proposal.matches if each.fit.exact}
    required = [
        (ours, field)
        for ours, (level, field) in proposal.document.fields.items()
        if field.required and not field.default and ours not in covered
    ]
    days = [ours for ours, field in required if field.kind in _TIMES]
    if len(days) == 1:
        yield from _day(name, days[0], times=proposal.document.fields[days[0]][1].kind is Kind.TIMESTAMP)
    if any(ours == "buildingId" for ours, _ in required):
        yield from _building(name, "buildingId")


def _day(name: str, ours: str, *, times: bool) -> Iterator[Derivation]:
    for pattern in _DAYS:
        values = re.findall(pattern, name)
        column = Column(f"file name ({ours})", values)
        if len(values) != 1 or column.dates is None or (column.dates.times and not times):
            continue
        why = f"{ours} is required and has no column; the name has one day, {values[0]!r}"
        part = Match(column, ours, Fit(1.0, (why,), exact=True), proved=True)
        yield Derivation("from_name", ours, pattern, (), (part,), why, proved=True, fields=(ours,))
        return


def _building(name: str, ours: str) -> Iterator[Derivation]:
    words = re.split(r"[\W_]+", name.rpartition(".")[0])
    for before, word in zip(["", *words], words, strict=False):
        named = _BUILDING.fullmatch(before) is not None
        if word and (named or _CODE.fullmatch(word)):
            begin = rf"{re.escape(before)}[\W_]" if before and not before.isdigit() else r"(?:^|[\W_])"
            pattern = rf"{begin}([A-Za-z0-9]+)"
            value = re.search(pattern, name)
            if value is None or value[1] != word:
                continue
            why = f"{ours} is required and has no column; is {word!r} of the name one?"
            if named:
                why = f"{ours} is required and has no column; the name says {before!r} {word!r}"
            part = Match(Column(f"file name ({ours})", [word]), ours, Fit(1.0, (why,), exact=True), named)
            yield Derivation("from_name", ours, pattern, (), (part,), why, named, fields=(ours,))
            return
