"""Changes of stored documents that may not be meant: only beside the stored value it shows.

What a partner's program writes otherwise since last night (the order of days and months, the decimal mark, the unit)
is right in form, cell by cell. So these are warnings; a feed's ``severity`` may refuse them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.failures.sentences import plain_number, quoted
from crossdock.frames.columns import mask
from crossdock.frames.rows import LevelMatch
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.reconcile.differences import Differences, compared_fields
from crossdock.schema.document import Field, Kind
from crossdock.schema.roles import Role
from crossdock.times import exact

HUNDRED, THOUSAND = 2, 3
"""From how many places on a mark counts as moved: of amounts, weights and lengths; of other quantities, which people
change from 1 to 100.
"""


def doubtful_changes(
    assembled: Assembled, stored_side: StoredSide, differing: Differences, feed: Feed
) -> Iterator[Failures]:
    """The warnings of changes that may not be meant."""
    yield from _kept_units(assembled, differing, feed)
    yield from _kept_units_of_sizes(assembled, stored_side, differing, feed)
    header = stored_side.levels["header"], differing.header
    for match, changed in (header, *((each.match, each.changed) for each in differing.levels.values())):
        rows = changed & match.both
        for name, field in compared_fields(feed.document, match.sent.level).items() if rows.any() else ():
            if name not in match.sent.cells:
                continue
            if field.kind in (Kind.DATE, Kind.TIMESTAMP):
                yield _turned_days(match, rows, name, field, feed)
            elif field.kind in (Kind.MONEY, Kind.QUANTITY):
                yield _moved_marks(match, rows, name, field, feed)


def _kept_units(assembled: Assembled, differing: Differences, feed: Feed) -> Iterator[Failures]:
    """Quantities that change in a file without units: each keeps the stored unit (contract A5), which may be another
    one than its sender means.
    """
    for changes in differing.levels.values():
        match, level = changes.match, changes.match.sent.level
        quantity, unit = level.role(Role.QUANTITY), level.role(Role.MEASURE)
        name, measure = (feed.document.playing(role, level) for role in (Role.QUANTITY, Role.MEASURE))
        if quantity is None or unit is None or name not in match.sent.cells or measure not in assembled.absent:
            continue
        units = match.stored_values(unit.column)
        kept = changes.changed & match.differs(name, quantity)
        kept &= mask(pc.not_equal(units, unit.default or ""))
        kept &= ~assembled.with_item.get(measure, np.zeros(len(kept), dtype=bool))
        details = ({"unit": each} for each in units.filter(pa.array(kept)).to_pylist())
        yield feed.failures(match.sent.lines[kept], name, "unit_kept", details)


def _kept_units_of_sizes(
    assembled: Assembled, stored_side: StoredSide, differing: Differences, feed: Feed
) -> Iterator[Failures]:
    """Weights and lengths of the header that change in a file without their unit: 200 g over 0.2 KG are 200 KG."""
    level, match = feed.document.header, stored_side.levels["header"]
    for field in level.fields:
        name = feed.document.qualified(level, field)
        if field.unit_in is None or name not in match.sent.cells or field.unit_in not in assembled.absent:
            continue
        units = match.stored_values(level.field(field.unit_in).column)
        kept = differing.header & match.differs(name, field) & mask(pc.is_valid(match.sent.cells[name]))
        kept &= mask(pc.is_valid(units)) & ~assembled.cancels
        details = ({"unit": each} for each in units.filter(pa.array(kept)).to_pylist())
        yield feed.failures(match.sent.lines[kept], name, "unit_kept", details)


def _turned_days(match: LevelMatch, rows: np.ndarray, name: str, field: Field, feed: Feed) -> Failures:
    """Days that are the stored ones with day and month the other way round: 03/12 over December 3 is March 12."""
    places, *values = match.other_values(rows, name, field)
    if not len(places):
        return Failures.none()
    now, was = values
    if field.kind is Kind.TIMESTAMP:
        now, was = (pc.local_timestamp(each.cast(pa.timestamp("us", feed.zone.key))) for each in values)
    turned = pc.and_(pc.equal(pc.day(now), pc.month(was)), pc.equal(pc.month(now), pc.day(was)))
    turned = pc.and_(turned, pc.equal(pc.year(now), pc.year(was)))
    wrong = mask(pc.and_(turned, pc.not_equal(pc.day(now), pc.month(now))))
    before = shown(was.cast(pa.date32()), wrong, feed.zone)
    return feed.failures(match.sent.lines[places[wrong]], name, "day_turned", ({"was": each} for each in before))


def _moved_marks(match: LevelMatch, rows: np.ndarray, name: str, field: Field, feed: Feed) -> Failures:
    """Numbers that are the stored ones with the decimal mark elsewhere: cents are sent for euros, grams for kilograms.

    Each is judged alone, so it doesn't matter with which others it is in a batch.
    """
    at, *values = match.other_values(rows, name, field)
    if not len(at):
        return Failures.none()
    now, was = (each.cast(pa.float64()).to_numpy() for each in values)
    places = np.zeros(len(now))
    alike = now * was > 0
    places[alike] = np.rint(np.log10(now[alike] / was[alike]))
    least = HUNDRED if field.kind is Kind.MONEY or field.unit_in else THOUSAND
    moved = (abs(places) >= least) & np.isclose(now, was * 10**places, rtol=1e-12, atol=0)
    powers = (int(each) for each in places[moved])
    times = (f"{10**each:,} times" if each > 0 else f"a {10**-each:,}th of" for each in powers)
    before = shown(values[1], moved, feed.zone)
    details = ({"times": each, "was": own} for each, own in zip(times, before, strict=True))
    return feed.failures(match.sent.lines[at[moved]], name, "mark_moved", details)


def shown(values: pa.Array, rows: np.ndarray, zone: ZoneInfo) -> list[str]:
    """The stored values of some rows (a mask) as sentences show them; times as in the feed's zone."""
    return [_in_words(each, zone) for each in values.filter(pa.array(rows)).to_pylist()]


def _in_words(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, datetime):
        return quoted(exact(value, zone))
    return quoted(None if value is None else str(value))
