"""The interchanges of a file: as they are opened, with what keeps them out; and as a job keeps them.

What is kept is enough to acknowledge them, and to know their numbers again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crossdock.failures.refusals import Refused
from crossdock.formats.edi.interchange import Confirmation, Interchange
from crossdock.formats.edi.parts import Part
from crossdock.model.edi_answer import AnswerTerms


@dataclass(frozen=True)
class Judged:
    """An interchange: the parts of it that are imported, or why none is; ``said``: what it says of ours."""

    interchange: Interchange
    parts: tuple[Part, ...]
    refused: Refused | None = None
    said: tuple[Confirmation, ...] = ()


@dataclass(frozen=True)
class Opened:
    """The interchanges of a file, and whose they are."""

    partner: str
    judged: tuple[Judged, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that is imported."""
        return tuple(part for each in self.judged for part in each.parts)

    @property
    def refusals(self) -> tuple[Refused, ...]:
        """Why interchanges are refused."""
        return tuple(each.refused for each in self.judged if each.refused is not None)

    @property
    def is_test(self) -> bool:
        """Whether it is one interchange that says that it is a test."""
        return len(self.judged) == 1 and self.judged[0].interchange.is_test


@dataclass(frozen=True)
class PartRecord:
    """A part of an interchange: ``job`` imports it ('' if none does); ``refused``: its code."""

    place: int
    job: str
    refused: str = ""


@dataclass(frozen=True)
class InterchangeRecord:
    """An interchange as it was booked.

    ``job``: of its file; ``place``: its place there, from 1. ``partner``: whose it is. ``interchange``: with its groups
    and their sets, each set with its faults. ``parts``: one for each of its groups, in their order. ``refused``: the
    code that keeps all of it out, or ''. ``twice``: the job that had its number before, with other content. ``terms``:
    how it is answered. ``confirmations``: what it says of ours, where it was booked just now.
    """

    job: str
    place: int
    partner: str
    booked_at: datetime
    interchange: Interchange
    parts: tuple[PartRecord, ...] = ()
    refused: str = ""
    twice: str | None = None
    terms: AnswerTerms = field(default_factory=AnswerTerms)
    confirmations: tuple[Confirmation, ...] = ()

    @property
    def verdict(self) -> str:
        """Of its envelope: ``A`` taken, ``E`` taken with errors, ``R`` refused (005010, I17)."""
        if self.refused:
            return "R"
        wrong = self.twice is not None or any(each.code not in HARMLESS for each in self.interchange.faults)
        return "E" if wrong else "A"

    @property
    def group_keys(self) -> tuple[tuple[str, str, str], ...]:
        """Sender, receiver and release of its groups, each once: ours that answer them are as many."""
        keys = [(each.sender, each.receiver, release_of(each.version)) for each in self.interchange.groups]
        return tuple(dict.fromkeys(keys))


HARMLESS = ("isa_size", "small_letters")
"""Faults of an envelope that nobody needs to know."""
RELEASE = "004010"
"""The release of a group that says none."""


def release_of(version: str) -> str:
    """The release by GS08.

    >>> release_of("004010VICS"), release_of("")
    ('004010', '004010')
    """
    return version[:6] if version[:6].isdecimal() and len(version) >= len(RELEASE) else RELEASE
