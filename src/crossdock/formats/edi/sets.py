"""The sets of an interchange, one after the other: the tree of each by its guide, and everything that is wrong with it.

One pass over the bytes; a set is in memory while it is looked at, and no longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.formats.edi.envelope import Opening
from crossdock.formats.edi.interchange import X12, Fault, GroupRecord, Interchange, SetRecord
from crossdock.formats.edi.places import MOST
from crossdock.formats.edi.syntax import segments
from crossdock.formats.guides.check import Checker
from crossdock.formats.guides.dictionary import dictionary
from crossdock.formats.guides.guide import Guide
from crossdock.formats.guides.tree import Tree, tree_of
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop, Placed, Structure, Walk

RELEASES = {"003": "4010", "004": "4010"}
"""The release of X12 by the first characters of GS08; later ones are read as 005010."""
SERVICE = ("ST", "SE", "UNH", "UNT")


@dataclass(frozen=True)
class ReadSet:
    """A set: its envelope with all faults, its ordinal from 1, its tree (None without a guide) and values."""

    record: SetRecord
    group: GroupRecord
    ordinal: int
    values: Values
    root: Loop | None = None
    tree: Tree | None = None


def _release_of(group: GroupRecord, record: SetRecord, standard: str) -> str:
    """The release of a group's segments: ``4010``, ``5010``; of a message ``96A``, ``01B``."""
    if standard == X12:
        return RELEASES.get(group.version[:3], "5010")
    parts = record.version.split(":")
    release = parts[2] if len(parts) > 2 else ""
    return "96A" if release[:1] == "9" else "01B"


def sets_of(path: Path, opening: Opening, interchange: Interchange, guides: Mapping[str, Guide]) -> Iterator[ReadSet]:
    """The sets of an interchange in their order. ``guides``: by the type of a set; one without is not looked into.

    Raises ``Refused`` if a set has more segments than one may have.
    """
    tokens = segments(path, interchange.opening, opening.syntax)
    structures = {name: Structure(guide) for name, guide in guides.items()}
    checkers: dict[str, tuple[Checker, Values]] = {}
    ordinal = 0
    for group in interchange.groups:
        for record in group.sets:
            ordinal += 1
            if record.segments > MOST:
                raise Refused("document_too_large", records=f"{record.segments:,}", limit=f"{MOST:,}")
            release = _release_of(group, record, interchange.standard)
            if release not in checkers:
                defined = dictionary(interchange.standard).of(release)
                checkers[release] = (Checker(defined, opening.syntax), Values(opening.syntax, defined))
            checker, values = checkers[release]
            own = (text for start, text in tokens if start >= record.start)
            placed = _placed(own, record, opening)
            structure = structures.get(record.type)
            if structure is None:
                yield ReadSet(_skipped(record, placed), group, ordinal, values)
            else:
                yield _walked(record, group, ordinal, placed, structure, checker, values)


def _placed(texts: Iterator[str], record: SetRecord, opening: Opening) -> Iterator[Placed]:
    elements = opening.syntax.elements
    for position in range(1, record.segments + 1):
        parts = elements(next(texts, ""))
        parts[0] = parts[0].strip().upper()
        yield Placed(position, parts)


def _skipped(record: SetRecord, placed: Iterator[Placed]) -> SetRecord:
    for _ in placed:
        pass
    return replace(record, faults=(Fault("unknown_set", segment="ST", position=1, value=record.type), *record.faults))


def _place(fault: Fault) -> tuple[int, int, int]:
    return fault.position, fault.element, fault.component


def _walked(
    record: SetRecord,
    group: GroupRecord,
    ordinal: int,
    placed: Iterator[Placed],
    structure: Structure,
    checker: Checker,
    values: Values,
) -> ReadSet:
    walk, faults = Walk(structure), []
    for segment in placed:
        if segment.id in SERVICE:
            continue
        walk.add(segment)
        faults += checker.faults(segment, "")
    walk.end(record.segments)
    tree = tree_of(walk.root, structure.guide, values)
    own = sorted([*walk.faults, *faults, *tree.faults], key=_place)
    whole = replace(record, faults=(*record.faults, *own)) if own else record
    return ReadSet(whole, group, ordinal, values, walk.root, tree)
