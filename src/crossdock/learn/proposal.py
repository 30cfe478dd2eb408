"""The proposal: which document a sample is, and for each of its columns the field, with the evidence.

Each document is tried: its number is sought, the columns are assigned to its fields, and what they cover is counted. A
column is *proved* if its name is a name of the field, its values fit, and neither another column nor another field
competes; or if its check digits leave no doubt. Else it is *unsure*, or it is left over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from crossdock.documents import DOCUMENTS
from crossdock.frames.dates import contradiction
from crossdock.learn import grouping
from crossdock.learn.assignment import assign
from crossdock.learn.columns import Column
from crossdock.learn.fitting import NO_NAME, Fit, fit
from crossdock.learn.grouping import Groups, Repetition
from crossdock.learn.names import FieldNames, NameEvidence, numbered
from crossdock.learn.notations import marks_of
from crossdock.learn.sample import Sample
from crossdock.learn.value_names import name_beside_address, names_by_values
from crossdock.schema.document import NUMBERS, Document, Kind

LEAST = 0.5
"""The least score of a column that is proposed."""
APART = 0.03
"""Two scores that are nearer than this compete."""
CLEARLY = 1.12
"""How many times better the best document is than the next one, if there is no doubt."""
REQUIRED, MISSING = 2.0, 1.5
"""How much a required field counts, and how much it costs if it has no column."""
ADDRESS_PARTS = ("name", "address1", "city", "country")
"""Parts of the first address of an order that are required of a feed that does not call them optional."""


@dataclass(frozen=True)
class Match:
    """A column and its field (qualified name): how sure, and why. ``rivals``: other fields that it may be;
    ``columns_too``: other columns that may be this field."""

    column: Column
    field: str
    fit: Fit
    proved: bool
    rivals: tuple[str, ...] = ()
    columns_too: tuple[Column, ...] = ()

    @property
    def why(self) -> str:
        """The evidence in words, and what speaks against it."""
        named = ", ".join(repr(each.heading) for each in self.columns_too)
        doubt = [f"{named} may be it as well"] if named else []
        if not self.proved and not named and self.rivals and self.fit.exact:
            doubt = [f"it may be {self.rivals[0]} as well"]
        return "; ".join((*self.fit.why, *doubt))


@dataclass(frozen=True)
class Derivation:
    """Fields that a feed makes of columns, or of the file's name: an entry of one of its tables, and why.

    ``table``: ``join``, ``split``, ``multiply``, ``from_name``; ``key``, ``entry``: as in the TOML; ``sources``:
    headings. ``parts``: columns whose texts show how what it makes is written, each with its field.
    """

    table: str
    key: str
    entry: str | list[str] | dict[str, str | list[str]]
    sources: tuple[str, ...]
    parts: tuple[Match, ...]
    why: str
    proved: bool
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """What a sample is thought to be. ``others``: documents that it may be as well, the next one first.

    ``matches``: best first column by column; ``left_over``: columns that no field wants. ``groups``: rows by document.
    ``derived``: what is made of columns; those of a proved one are among neither. ``meant``: the rules for
    rows, each as its key and its column, that somebody has said are right.
    """

    sample: Sample
    document: Document
    matches: tuple[Match, ...]
    left_over: tuple[Column, ...]
    groups: Groups | None
    score: float = 0.0
    others: tuple[str, ...] = ()
    currency: str = ""
    pattern: str = ""
    marks: tuple[str, str] = (".", "")
    doubts: dict[str, str] = field(default_factory=dict)
    derived: tuple[Derivation, ...] = ()
    meant: frozenset[tuple[str, str]] = frozenset()

    @property
    def proved(self) -> tuple[Match, ...]:
        """The matches that are proved."""
        return tuple(each for each in self.matches if each.proved)

    @property
    def unsure(self) -> tuple[Match, ...]:
        """The matches that are not."""
        return tuple(each for each in self.matches if not each.proved)

    @property
    def certain(self) -> tuple[Derivation, ...]:
        """The derivations that are proved."""
        return tuple(each for each in self.derived if each.proved)

    @property
    def read(self) -> tuple[Match, ...]:
        """What is read as proved: columns, and the parts that are made of some."""
        return (*self.proved, *(part for each in self.certain for part in each.parts))

    @property
    def covered(self) -> set[str]:
        """The fields that are proved, by a column or made of some."""
        return {each.field for each in self.proved} | {name for each in self.certain for name in each.fields}

    @cached_property
    def by_field(self) -> dict[str, Match]:
        """The matches by field."""
        return {each.field: each for each in self.matches}

    def by_heading(self, headings: Iterable[str]) -> list[Match]:
        """The matches of some columns."""
        wanted = set(headings)
        return [each for each in self.matches if each.column.heading in wanted]

    def decided(self, choices: dict[str, str]) -> Proposal:
        """The proposal after somebody has decided: heading → field, or '' to leave the column out."""
        kept = [
            each for each in self.matches if each.column.heading not in choices and each.field not in choices.values()
        ]
        columns = self._columns
        sure = Fit(1.0, ("you said so",), exact=True)
        said_so = [Match(columns[name], ours, sure, proved=True) for name, ours in choices.items() if ours]
        matches = tuple(sorted((*kept, *said_so), key=lambda each: list(columns).index(each.column.heading)))
        used = {each.column.heading for each in matches}
        left = tuple(column for name, column in columns.items() if name not in used)
        return _with_notations(replace(self, matches=matches, left_over=left))

    @property
    def _columns(self) -> dict[str, Column]:
        """The columns that are matched or left over, by heading."""
        matched = {each.column.heading: each.column for each in self.matches}
        return matched | {each.heading: each for each in self.left_over}

    def with_derived(self, derivations: Iterable[Derivation]) -> Proposal:
        """The proposal with derivations; proved ones take their columns and their fields."""
        derivations = tuple(derivations)
        if not derivations:
            return self
        changed = _with_notations(replace(self, derived=(*self.derived, *derivations)))
        taken = {heading for each in changed.certain for heading in each.sources}
        fields = {name for each in changed.certain for name in each.fields}
        columns = {heading: column for heading, column in changed._columns.items() if heading not in taken}
        matches = tuple(each for each in changed.matches if each.column.heading in columns and each.field not in fields)
        used = {each.column.heading for each in matches}
        left = tuple(column for heading, column in columns.items() if heading not in used)
        return replace(changed, matches=matches, left_over=left)

    def confirmed(self, derivation: Derivation) -> Proposal:
        """The proposal after somebody has said that a derivation is right."""
        others = tuple(each for each in self.derived if each is not derivation)
        return replace(self, derived=others).with_derived([replace(derivation, proved=True)])


def propose(sample: Sample, name: str, document: str | None = None) -> Proposal:
    """The best proposal for a sample. ``name``: of the file; ``document``: the type, if it is known already."""
    columns = {heading: Column(heading, values) for heading, values in sample.columns.items()}
    types = [DOCUMENTS[document]] if document else list(DOCUMENTS.values())
    repetition = Repetition(columns)
    tried = sorted((_tried(sample, repetition, each, name) for each in types), key=lambda each: -each.score)
    best = tried[0]
    near = [each.document.name for each in tried[1:] if best.score < CLEARLY * each.score or best.score <= 0]
    return _with_notations(_with_headings(_with_person(replace(best, others=tuple(near)))))


def _with_person(proposal: Proposal) -> Proposal:
    """The proposal in which a column of names beside an address may be the address's name."""
    person = name_beside_address(proposal.document, proposal.left_over, proposal.by_field, proposal.groups)
    if person is None:
        return proposal
    column, ours = person
    named = Match(
        column, ours, Fit(LEAST, ("names of people or firms, beside an address that has none",), exact=False), False
    )
    matches = [*proposal.matches, named]
    places = list(proposal.sample.columns)
    return replace(
        proposal,
        matches=tuple(sorted(matches, key=lambda each: places.index(each.column.heading))),
        left_over=tuple(each for each in proposal.left_over if each is not column),
    )


def _with_headings(proposal: Proposal) -> Proposal:
    """The proposal in which columns without a heading bear the name of their field, where that is proved."""
    unnamed = proposal.sample.shape.unnamed
    names = {each.column.heading: each.field for each in proposal.proved if each.column.heading in unnamed}
    if not names:
        return proposal
    sample = proposal.sample
    columns = {names.get(heading, heading): values for heading, values in sample.columns.items()}

    def renamed(match: Match) -> Match:
        heading = names.get(match.column.heading, match.column.heading)
        return replace(match, column=Column(heading, match.column.values))

    return replace(
        proposal,
        sample=replace(sample, columns=columns, shape=sample.shape.renamed(names)),
        matches=tuple(map(renamed, proposal.matches)),
    )


def _tried(sample: Sample, repetition: Repetition, document: Document, name: str) -> Proposal:
    columns = repetition.columns
    names, first = FieldNames(document), numbered(columns)
    named = {
        heading: _named(names, heading, first, sample.array if heading.startswith(f"{sample.array}.") else "")
        for heading in columns
    } | names_by_values(
        document,
        repetition,
        sample.shape.unnamed & columns.keys(),
        grouping.groups_of_objects(sample.objects) if sample.objects is not None else None,
        by_places=sample.shape.by_places,
    )
    groups = _groups(sample, repetition, document, named)
    fits: dict[tuple[str, str], Fit] = {}
    for heading, column in columns.items():
        nested = bool(sample.array) and heading.startswith(f"{sample.array}.")
        for ours, (level, _) in document.fields.items():
            if sample.array and nested != (level is not document.header) and document.lines is not None:
                continue
            one = fit(column, document, ours, named[heading].get(ours, NO_NAME), groups)
            if one is not None:
                fits[heading, ours] = _with_repetition(one, column, ours, document, repetition, groups)
    matches = _assigned(
        columns, list(document.fields), {pair: each for pair, each in fits.items() if each.score >= LEAST}
    )
    used = {each.column.heading for each in matches}
    left = tuple(column for heading, column in columns.items() if heading not in used)
    return Proposal(sample, document, matches, left, groups, _covered(document, matches, groups, name))


def _named(names: FieldNames, heading: str, first: Mapping[str, str], array: str) -> dict[str, NameEvidence]:
    """What a heading names; one that is the first of several (``numbered``) and no name itself, without its number."""
    own = names.of(heading, array)
    return own if heading not in first or any(each.exact for each in own.values()) else names.of(first[heading], array)


def _groups(
    sample: Sample, repetition: Repetition, document: Document, named: dict[str, dict[str, NameEvidence]]
) -> Groups | None:
    """The rows by document: by the column that is most like its number; None if there is none, or no lines."""
    if document.lines is None:
        return None
    if sample.objects is not None:
        return grouping.groups_of_objects(sample.objects)
    best, most = None, 0.0
    for heading, column in repetition.columns.items():
        named_so = named[heading].get(document.number)
        groups = repetition.groups(column) if named_so else None
        if named_so is None or groups is None:
            continue
        weight = named_so.weight + repetition.evidence(column) * 0.5
        if weight > most:
            best, most = groups, weight
    return best


def _with_repetition(
    one: Fit, column: Column, ours: str, document: Document, repetition: Repetition, groups: Groups | None
) -> Fit:
    """A fit with what the repetition of values says of a document's or a line's number."""
    if ours == document.number and document.lines is not None and groups is not None:
        own = repetition.groups(column)
        if own is None:
            return replace(one, score=one.score - 0.4)
        weight = repetition.evidence(column) if not groups.above or own.above else 0.0
        why = ("it repeats, and the header's values with it",) if weight else ()
        return replace(one, score=one.score + 0.4 * weight - (0.15 if own.above else 0), why=(*one.why, *why))
    if ours == document.numbering and groups is not None:
        if groups.repeat and len(document.levels) == 2 and not groups.differ_inside(column):
            return replace(one, score=0.0)
        if groups.numbers_lines(column):
            return replace(one, score=one.score + 0.2, why=(*one.why, "it starts anew in each document"))
        if column.filled < 1:
            return replace(one, score=one.score - 0.3)
    return one


def _assigned(columns: dict[str, Column], fields: list[str], fits: dict[tuple[str, str], Fit]) -> tuple[Match, ...]:
    headings = list(columns)
    scores = np.zeros((len(headings), len(fields)))
    places = {name: place for place, name in enumerate(fields)}
    for (heading, ours), one in fits.items():
        scores[headings.index(heading), places[ours]] = one.score
    pairs = assign(scores)
    taken_by, taken_at = {column: row for row, column in pairs}, dict(pairs)
    matches = []
    for row, column in pairs:
        heading, ours = headings[row], fields[column]
        one = fits[heading, ours]
        near = one.score - APART
        rivals = [at for at in np.argsort(-scores[row]).tolist() if at != column and scores[row, at] > 0]
        other_fields = [
            fields[at]
            for at in rivals
            if scores[row, at] > near and not (at in taken_by and scores[taken_by[at], at] > scores[row, at] + APART)
        ]
        other_columns = [
            headings[at]
            for at in range(len(headings))
            if at != row
            and scores[at, column] > near
            and fits[headings[at], ours].exact
            and not (at in taken_at and scores[at, taken_at[at]] > scores[at, column] + APART)
        ]
        own = one.name >= 1
        strong = one.exact and bool(columns[heading].distinct or own)
        sound = own or not (one.doubtful or other_fields)  # our own names are read whatever a feed says
        proved = (strong or one.decisive) and sound and not other_columns
        others = tuple(fields[at] for at in rivals[:3])
        matches.append(
            Match(columns[heading], ours, one, proved, others, tuple(map(columns.__getitem__, other_columns)))
        )
    return tuple(matches)


def _covered(document: Document, matches: Iterable[Match], groups: Groups | None, name: str) -> float:
    """How well columns cover a document: what is covered, less the required fields that have no column."""
    covered = {each.field: each.fit for each in matches}
    score = sum(min(each.score, 1.2) * (1.0 if each.exact else 0.5) for each in covered.values())
    for ours, (level, each) in document.fields.items():
        if not each.required or each.default or ours in ("businessUnitId", document.numbering):
            continue
        needed = level is document.header or level is document.lines
        if ours in covered:
            score += (REQUIRED - 1) * covered[ours].score
        elif needed:
            score -= MISSING
    if document.number not in covered:
        score -= 2 * MISSING
    if document.lines is not None and groups is not None and groups.repeat:
        score += 0.5
    words = document.name.replace("_", " ").split()
    score += 0.75 if all(word in name.casefold() for word in words) else 0.0
    return score


def _with_notations(proposal: Proposal) -> Proposal:
    """The proposal with the notations of its columns; a column whose notation is not proved is unsure."""
    doubts: dict[str, str] = {}
    matched = [*proposal.matches, *(part for each in proposal.certain for part in each.parts)]
    dated = [each for each in matched if each.column.dates and _kind(proposal, each) in (Kind.DATE, Kind.TIMESTAMP)]
    proved = list(
        dict.fromkeys(each.column.dates.proved for each in dated if each.column.dates and each.column.dates.proved)
    )
    patterns: list[str] = []
    for each in dated:
        read = each.column.dates
        if read is None or read.proved == "":
            continue
        if read.proved is None:
            alike = [pattern for pattern in proved if pattern in read.readings]
            own = [pattern for pattern in proposal.document.dates if pattern in read.readings]
            if len(alike) == 1:
                patterns += alike
            elif len(own) == 1 and not proved:
                continue  # the document says how its dates are written
            else:
                doubts[each.column.heading] = (
                    f"{each.column.distinct[0]!r} may be {' or '.join(list(read.readings)[:3])}"
                )
        else:
            patterns.append(read.proved)
    numeric = [each for each in matched if each.column.numbers and _kind(proposal, each) in NUMBERS]
    read_as = [each.column.numbers for each in numeric if each.column.numbers]
    marks, sure = marks_of(read_as)
    if proposal.sample.plain and marks == (".", ""):
        sure = True
    if read_as and not sure:
        for each in numeric:
            if (each.column.numbers and len(set(each.column.numbers.readings.values())) > 1) or marks is None:
                example = max(each.column.distinct, key=len)
                doubts[each.column.heading] = f"{example!r} may be two numbers: say decimal and thousands"
    if contradiction(list(dict.fromkeys(patterns))) is not None:
        for each in dated:
            doubts.setdefault(
                each.column.heading, f"dates are written in several ways: {', '.join(sorted(set(patterns)))}"
            )
    codes = [set(each.currencies) for each in read_as if each.currencies]
    meant = set.intersection(*codes) if codes else set()
    matches = tuple(
        replace(each, proved=each.proved and each.column.heading not in doubts) for each in proposal.matches
    )
    derived = tuple(
        replace(each, proved=each.proved and not any(part.column.heading in doubts for part in each.parts))
        for each in proposal.derived
    )
    return replace(
        proposal,
        matches=matches,
        derived=derived,
        pattern="\n".join(dict.fromkeys(patterns)),
        marks=marks or (".", ""),
        doubts=doubts,
        currency=next(iter(meant)) if len(meant) == 1 else "",
    )


def _kind(proposal: Proposal, match: Match) -> Kind:
    return proposal.document.fields[match.field][1].kind
