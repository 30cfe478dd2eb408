"""What becomes of sales orders, in plain Python: a model of contract A5 and A6 beside which whole nights are compared.

An order is a dictionary of lines; a file is a list of documents. Nothing of crossdock is used here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

BAD = "5x"
"""A quantity that is none."""


@dataclass(frozen=True)
class SentLine:
    """A line as it is sent: '' is a blank cell."""

    number: str
    sku: str
    quantity: str
    cancels: bool = False


@dataclass(frozen=True)
class Sent:
    """A document as it is sent; ``notes``: None where the file has no such column."""

    number: str
    action: str
    notes: str | None
    lines: tuple[SentLine, ...]


@dataclass(frozen=True)
class Line:
    """A stored line."""

    sku: str
    quantity: int
    open: bool = True
    shipped: int = 0


@dataclass(frozen=True)
class Order:
    """A stored order."""

    notes: str = ""
    cancelled: bool = False
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def shipped(self) -> bool:
        return any(line.shipped for line in self.lines.values())


@dataclass(frozen=True)
class Terms:
    """The keys of a feed."""

    sends: Literal["whole", "changes"] = "whole"
    hold: Literal["document", "line", "file"] = "document"
    reopen: bool = False


class NotTaken(Exception):
    """The document is held."""


def taken(sent: Sent, stored: Order | None, terms: Terms, *, held: bool) -> tuple[Order, bool]:
    """The order as it is stored afterwards, and whether it is taken whole. ``held``: a copy of it is on hold.

    Raises ``NotTaken``.
    """
    if sent.action == "cancel":
        return _cancelled(stored, held=held), True
    if stored is None and sent.action == "update":
        raise NotTaken("there is none to update")
    if stored is not None and stored.cancelled and not terms.reopen:
        raise NotTaken("it is cancelled")
    whole = sent.action == "replace" or terms.sends == "whole"
    before = stored or Order()
    lines, failing = _lines(sent, before, terms, whole=whole)
    if whole and not all(each.cancels for each in sent.lines):
        lines = _without_others(lines, {each.number for each in sent.lines})
    if not lines or failing == len(sent.lines):
        raise NotTaken("no line is left of it")
    notes = before.notes if sent.notes is None or (sent.notes == "" and not whole) else sent.notes
    after = Order(notes, False, lines)
    if sent.action == "insert" and stored is not None and after != stored:
        raise NotTaken("it is there with other content")
    return after, not failing


def _lines(sent: Sent, before: Order, terms: Terms, *, whole: bool) -> tuple[dict[str, Line], int]:
    """The lines afterwards, those that are not sent as they were; how many of the sent ones fail."""
    lines, failing = dict(before.lines), 0
    for each in sent.lines:
        try:
            changed = _line(each, lines.get(each.number), clears=whole)
        except NotTaken:
            if terms.hold != "line":
                raise
            failing += 1
        else:
            lines |= {each.number: changed} if changed is not None else {}
    return lines, failing


def _without_others(lines: dict[str, Line], sent: set[str]) -> dict[str, Line]:
    """The lines, of which those that a whole document doesn't mention are cancelled."""
    others = {number: line for number, line in lines.items() if number not in sent and line.open}
    if any(line.shipped for line in others.values()):
        raise NotTaken("a shipped line is missing")
    return lines | {number: replace(line, open=False) for number, line in others.items()}


def _cancelled(stored: Order | None, *, held: bool) -> Order:
    if stored is None and held:
        return Order(cancelled=True)
    if stored is None:
        raise NotTaken("there is none to cancel")
    if stored.cancelled:
        return stored
    if stored.shipped:
        raise NotTaken("it is shipped")
    return replace(stored, cancelled=True, lines={n: replace(line, open=False) for n, line in stored.lines.items()})


def _line(sent: SentLine, stored: Line | None, *, clears: bool) -> Line | None:
    """A line as it is stored afterwards, None: not at all. Raises ``NotTaken`` where the line fails."""
    if sent.cancels:
        return replace(stored, open=False) if stored else None
    if sent.quantity == BAD:
        raise NotTaken("no number")
    sku = sent.sku or ("" if clears or stored is None else stored.sku)
    quantity = int(sent.quantity) if sent.quantity else (0 if clears or stored is None else stored.quantity)
    if not sku or not quantity:
        raise NotTaken("required")
    shipped = stored.shipped if stored else 0
    if stored is not None and shipped:
        if sku != stored.sku or quantity < shipped:
            raise NotTaken("shipped already")
        if quantity > stored.quantity and shipped >= stored.quantity:
            raise NotTaken("nothing of it is open")
    return Line(sku, quantity, True, shipped)


def shipped(order: Order, line: str, quantity: int) -> Order:
    """The order when so much more of a line is shipped."""
    before = order.lines[line]
    return replace(order, lines=order.lines | {line: replace(before, shipped=before.shipped + quantity)})
