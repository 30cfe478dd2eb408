"""What one document does to another: with whose lines its lines are compared, and how its own are moved."""

from __future__ import annotations

from dataclasses import dataclass

OPEN, CANCELLED = "OPEN", "CANCELLED"
"""The states of every document and line; others have more (``Moved``)."""
CLOSED = "CLOSED"
"""The state of a document that its sender ends, where its type has a field for it (``Document.closed``)."""


@dataclass(frozen=True)
class Against:
    """Lines of another document with which the lines of this one are compared (contract A6, B).

    A line finds its target in ``document`` by the target's number in our field ``number`` (of the header or the line),
    and by our ``line`` if it has a value, else by the item if that is unique there. ``where``: our field and the value
    that it must have, else the line is not compared. ``agrees``: fields of both headers that must be equal, ours →
    theirs. ``counts``: our quantity; the sum of all uncancelled lines, this document's in its latest form, is compared
    with what was ordered, or ``shipped``; ``over``: the code if it is more, which the feed's ``over`` makes a failure.
    ``item``, ``unlisted``: the codes of another item on the target's line, and of a line that doesn't exist; ``shut``:
    states of the target in which nothing more may come; ``closed``: those in which what comes has a warning.
    ``moves``: storing this changes the target's state; ``final``: our flag that ends it; ``ends``: our field of a line
    and its value that ends the target's line. ``refers``: a target that doesn't exist is reported, because no field
    refers to it. ``passes``: what is shipped or received of our line counts on the target's line, too (contract A6).
    """

    document: str
    number: str
    line: str | None
    counts: str
    over: str
    where: tuple[str, str] | None = None
    agrees: tuple[tuple[str, str], ...] = ()
    shipped: bool = False
    item: str = ""
    unlisted: str = "not_on_document"
    shut: tuple[str, ...] = (CANCELLED,)
    closed: tuple[str, ...] = ()
    moves: bool = False
    final: str | None = None
    ends: tuple[str, str] | None = None
    refers: bool = False
    passes: bool = False


@dataclass(frozen=True)
class Moved:
    """How the lines of a document are shipped or received.

    ``column``: the SQL column of the sum of each line; ``partly``, ``done``: the states that it brings. The codes of
    what may not be done then: ``code`` (leave out, cancel), ``changed`` (another value), ``less`` (less than is shipped
    or received).
    """

    column: str
    partly: str
    done: str
    code: str
    changed: str
    less: str
