"""The standard acknowledgements of interchanges (contract edi.md §10): what a partner wants, and what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crossdock.formats.edi import interchange

TA1, F997, F999 = interchange.TECHNICAL, interchange.FUNCTIONAL, interchange.NEWER_FUNCTIONAL
CONTRL, RECEIPT = interchange.CONTROL, interchange.RECEIPT
"""The kinds; ``RECEIPT`` is a CONTRL that says only that an interchange came."""
F824, APERAK = "824", "APERAK"
"""The kinds that a feed names in ``answer``: which documents are not taken, or not whole."""
F855, F865, ORDRSP = "855", "865", "ORDRSP"
"""The kinds that a feed of orders names in ``answer``: what becomes of each order, line by line."""
OF_ORDERS = (F855, F865, ORDRSP)
OF_DOCUMENTS = (F824, APERAK, *OF_ORDERS)
"""The kinds about documents; they are sent again when a fix, a replay or a dismissal changes what was answered."""


def kinds_of(answer: Iterable[str]) -> Mapping[str, str]:
    """What a feed's ``answer`` names, each with what stands behind its colon, or ''.

    >>> kinds_of(["file", "855:short"])
    {'file': '', '855': 'short'}
    """
    return {kind: how for kind, _, how in (each.partition(":") for each in answer)}


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
    ``group``: of its own group, of the first if it has several. ``cause``: the later job whose verdict it answers with,
    '' where that of the interchange's own jobs. ``dismissed``: the number of the document of ``cause`` that was
    dismissed, or ''.
    """

    outbox: int
    job: str
    place: int
    kind: str
    control: int
    group: int
    made_at: datetime
    cause: str = ""
    dismissed: str = ""
