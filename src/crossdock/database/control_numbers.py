"""The control numbers of the interchanges and groups that we send: gapless, for each partner and each pair of ids.

A number is drawn in the transaction that puts its answer into the outbox, under the outbox's lock, which is held until
the commit: so numbers ascend in the order of the commits, and one that is rolled back is drawn again.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from crossdock.database.tables import EDI_NUMBERS

INTERCHANGE, GROUP = "interchange", "group"
LAST = 999_999_999
"""The largest number that ISA13 and GS06 hold; 1 follows."""


def draw(
    connection: Connection, partner: str, standard: str, sender: str, receiver: str, kind: str, many: int = 1
) -> int:
    """The next number, or the first of ``many`` that follow each other; the caller has the outbox's lock.

    ``sender``, ``receiver``: of what we send. ``kind``: ``INTERCHANGE``, ``GROUP``.
    """
    key = {"partner": partner, "standard": standard, "sender": sender, "receiver": receiver, "kind": kind}
    mine = [EDI_NUMBERS.c[name] == value for name, value in key.items()]
    last = connection.execute(select(EDI_NUMBERS.c.last).where(*mine)).scalar()
    if last is None:
        connection.execute(insert(EDI_NUMBERS).values(key | {"last": many}))
        return 1
    first: int = last + 1 if last + many <= LAST else 1
    connection.execute(update(EDI_NUMBERS).where(*mine).values(last=first + many - 1))
    return first


class Counter(NamedTuple):
    """The numbers of a partner and a pair of ids, as of ``draw``; ``last``: the one that was drawn last."""

    partner: str
    standard: str
    sender: str
    receiver: str
    kind: str
    last: int


def leave_out(connection: Connection, many: int) -> list[Counter]:
    """Leave out the next ``many`` numbers of every counter; the counters as they are then. The caller has the outbox's
    lock. After an older database is put back, they may have been given before.
    """
    rows = connection.execute(select(EDI_NUMBERS).order_by(*EDI_NUMBERS.primary_key)).all()
    counters = [Counter(**row._mapping) for row in rows]
    raised = [each._replace(last=(each.last + many - 1) % LAST + 1) for each in counters]
    for each in raised:
        mine = [EDI_NUMBERS.c[column.name] == getattr(each, column.name) for column in EDI_NUMBERS.primary_key]
        connection.execute(update(EDI_NUMBERS).where(*mine).values(last=each.last))
    return raised
