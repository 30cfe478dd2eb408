"""The standard acknowledgements of interchanges (contract edi.md §10): what a partner wants, and what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

TA1, F997, F999, CONTRL, RECEIPT = "TA1", "997", "999", "CONTRL", "receipt"
"""The kinds; ``RECEIPT`` is a CONTRL that says only that an interchange came."""
F824, APERAK = "824", "APERAK"
"""The kinds that a feed names in ``answer``: which documents are not taken, or not whole."""


@dataclass(frozen=True)
class AnswerTerms:
    """How a partner's interchanges are answered, as its ``[edi]`` says it when they are booked.

    ``technical``: TA1, or the receipt of EDIFACT: ``asked``, ``always``, ``errors``, ``never``. ``functional``:
    ``997``, ``999``, ``CONTRL``, ``none``. ``reject``: ``syntax``, ``everything``. ``separators``: ``theirs``, or four
    characters: element, component, repetition, terminator. ``characters``: ``basic``, ``extended``, ``utf-8``.
    ``zone``: of their dates.
    """

    technical: str = "asked"
    functional: str = "997"
    reject: str = "syntax"
    separators: str = "theirs"
    characters: str = "extended"
    zone: str = "UTC"


@dataclass(frozen=True)
class EdiAnswer:
    """An acknowledgement in the outbox: everything of it that is not in the interchange that it answers.

    ``outbox``: its number there. ``job``, ``place``: of the interchange. ``control``: of its own interchange;
    ``group``: of its own group, of the first if it has several.
    """

    outbox: int
    job: str
    place: int
    kind: str
    control: int
    group: int
    made_at: datetime
