"""Text → typed columns, and a failure for every cell that doesn't fit its field.

pandera never coerces: a cell that can't become its type is null from here on and has its failure.
Money and quantities are decimals, never floats; a number is checked by pattern before it is cast, because a cast
refuses the whole column for one cell. Only distinct values are parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.frames import dates, no_dates
from crossdock.frames.columns import Cells, all_match, is_blank, mask, taken
from crossdock.frames.distinct import OfRows, Wrong, by_distinct
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.schema.document import Document, Field, Kind, Level

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_CONTROL_OR_BREAK = r"[\x00-\x1f]"
"""What no text may contain, and what no id or code may contain."""
_DAY, _MOMENT = rf"^{dates.DAY}$", rf"^{dates.DAY}{dates.MOMENT}$"
"""Days and moments as nearly all are written: Arrow reads them."""


def parse(assembled: Assembled, feed: Feed) -> tuple[Assembled, Failures]:
    """The same documents with typed columns (the Arrow types of ``document.ARROW``), and the failures."""
    document = feed.document
    levels: dict[str, Cells] = {}
    failures = []
    for level in document.levels:
        rows = assembled.rows[level.title]
        fields = document.of(level)
        columns = {}
        for name, sent in rows.cells.items():
            columns[name], wrong = column(sent, fields[name], feed.zone)
            failures += [feed.failures(rows.lines[places], name, code, details) for code, places, details in wrong]
        levels[level.title] = columns
    for level in document.inner:
        levels[level.title] = _summed(levels, level, assembled, document)
    return assembled.with_cells(levels), Failures.merge(*failures)


def _summed(levels: Mapping[str, Cells], level: Level, assembled: Assembled, document: Document) -> Cells:
    """A level with the sums of the rows below it, where it has no value: a line's quantity is its cartons' sum."""
    cells, size = dict(levels[level.title]), len(assembled.rows[level.title])
    for field in level.fields:
        for child in document.children(level) if field.sums else ():
            ours, theirs = document.qualified(level, field), document.qualified(child, child.field(str(field.sums)))
            below = assembled.rows[child.title]
            if theirs not in levels[child.title] or not len(below):
                continue
            table = pa.table({"row": below.parent, "value": levels[child.title][theirs]})
            sums = table.group_by("row").aggregate([("value", "sum")])
            place = np.full(size, -1, dtype=np.int64)
            place[sums.column("row").to_numpy()] = np.arange(sums.num_rows)
            total = taken(sums.column("value_sum").combine_chunks().cast(field.arrow), place)
            cells[ours] = pc.coalesce(cells[ours], total) if ours in cells else total
    return cells


def column(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, OfRows]:
    """A column of text in our notation as its field's Arrow type, null where it doesn't fit; the failures: code, places
    of the rows, and details.

    ``zone``: of timestamps without offset. Timestamps become UTC, microseconds.
    """
    if field.kind in (Kind.TEXT, Kind.ID, Kind.CODE):
        return _texts(values, _CONTROL if field.kind is Kind.TEXT else _CONTROL_OR_BREAK)
    return by_distinct(values, lambda distinct: _KINDS[field.kind](distinct, field, zone))


def _texts(values: pa.Array, control: str) -> tuple[pa.Array, OfRows]:
    """Text without control characters: PostgreSQL can't store NUL, and no label can print the others."""
    data = values.buffers()[2]
    if data is None or is_blank(values) or not (np.frombuffer(data, dtype=np.uint8) < 32).any():
        return values, []
    bad = mask(pc.match_substring_regex(values, control))
    places = np.flatnonzero(bad)
    if not len(places):
        return values, []
    shown = [re.search(control, values[int(place)].as_py()) for place in places]
    details = [{"character": f"U+{ord(hit[0]):04X}" if hit else ""} for hit in shown]
    return pc.if_else(pa.array(bad), pa.scalar(None, pa.string()), values), [("control_character", places, details)]


def _decimal(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Wrong]:
    kind = field.arrow
    digits = kind.precision - kind.scale
    if all_match(values, rf"^-?[0-9]{{1,{digits}}}(\.[0-9]{{1,{kind.scale}}})?$"):
        return values.cast(kind), {}
    parts = pc.extract_regex(values, r"^-?(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]+))?$")
    whole, part = pc.struct_field(parts, "whole"), pc.struct_field(parts, "part")
    number = mask(pc.is_valid(parts))
    large = mask(pc.greater(pc.utf8_length(whole), digits))
    fine = mask(pc.greater(pc.utf8_length(part), kind.scale))
    wrong: Wrong = {}
    for place in np.flatnonzero(~number | large | fine).tolist():
        if not number[place]:
            wrong[place] = ("not_a_number", {"example": "1234.56"})
        elif large[place]:
            wrong[place] = ("number_too_large", {"digits": digits})
        else:
            wrong[place] = ("too_many_decimals", {"places": kind.scale})
    good = pc.if_else(pa.array(number & ~large & ~fine), values, pa.scalar(None, pa.string()))
    return good.cast(kind), wrong


def _whole(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Wrong]:
    wrong: Wrong = {}
    texts = values.to_pylist()
    for place, value in enumerate(texts):
        if value is None or re.fullmatch(r"-?[0-9]{1,18}", value):
            continue
        whole = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value)
        too_large = whole is not None and "." not in value
        code = "number_too_large" if too_large else "not_whole" if whole else "not_a_number"
        wrong[place] = (code, {"digits": 18, "example": "12"})
        texts[place] = None
    return pa.array([None if text is None else int(text) for text in texts], pa.int64()), wrong


def _enum(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Wrong]:
    """Case and blanks don't matter; an unknown value stays, and pandera reports it."""
    by_fold = {" ".join(each.casefold().split()): each for each in field.values}
    by_fold |= {theirs.casefold(): ours for theirs, ours in field.synonyms}
    texts = values.to_pylist()
    wrong: Wrong = {}
    remarked = {theirs.casefold() for theirs, _ in field.synonyms} if field.remarked else set()
    folded = [" ".join(text.casefold().split()) for text in texts]
    for place, text in enumerate(folded):
        if text in remarked:
            wrong[place] = ("other_spelling", {"meant": by_fold[text]})
    return pa.array([by_fold.get(fold, text) for fold, text in zip(folded, texts, strict=True)], pa.string()), wrong


def _object(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Wrong]:
    """A JSON object, kept as text with sorted members."""
    wrong: Wrong = {}
    texts = values.to_pylist()
    for place, text in enumerate(texts):
        try:
            read = json.loads(text)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, dict):
            texts[place] = json.dumps(read, ensure_ascii=False, sort_keys=True)
        else:
            wrong[place], texts[place] = ("not_json", {}), None
    return pa.array(texts, pa.string()), wrong


def _flag(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Wrong]:
    flags = {"true": True, "false": False}
    texts = values.to_pylist()
    wrong: Wrong = {place: ("not_a_flag", {}) for place, text in enumerate(texts) if text not in flags}
    return pa.array([flags.get(text) for text in texts], pa.bool_()), wrong


def _moments(texts: pa.Array) -> np.ndarray:
    """The wall-clock times of ISO texts without offset (datetime64[us]), NaT where there is no such day or time."""
    read = pd.to_datetime(pd.Series(texts.to_pylist(), dtype=object), format="ISO8601", errors="coerce")
    return read.to_numpy().astype("datetime64[us]")


def _split(values: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Wall-clock part and offset of ISO texts."""
    shape = r"^(?P<day>.{10})(?:[T ](?P<clock>[0-9:.,]+))?\s?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?$"
    parts = pc.extract_regex(values, shape)
    day, clock, offset = (pc.struct_field(parts, name) for name in ("day", "clock", "offset"))
    clock = pc.replace_substring(pc.if_else(pc.equal(clock, ""), "00:00:00", clock), ",", ".")
    walls = pc.binary_join_element_wise(day, clock, "T")
    return pc.fill_null(walls, ""), np.array(pc.fill_null(offset, "").to_pylist(), dtype=object)


def _nowhere(walls: pa.Array, moments: np.ndarray) -> Wrong:
    """Days and times that there are not, by place."""
    places = np.flatnonzero(np.isnat(moments)).tolist()
    why = {place: no_dates.reason(no_dates.numbers(walls[place].as_py(), no_dates.ISO)) for place in places}
    return {place: ("no_such_date", {"why": words} if words else {}) for place, words in why.items()}


def _date(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Wrong]:
    with suppress(pa.ArrowInvalid):  # of days that there are not the reason is sought
        if all_match(values, _DAY):
            return values.cast(pa.date32()), {}
    walls, _ = _split(values)
    moments = _moments(walls)
    wrong = _nowhere(walls, moments)
    days = moments.astype("datetime64[D]")
    for place in np.flatnonzero(~np.isnat(moments) & (days.astype(moments.dtype) != moments)).tolist():
        wrong[place] = ("not_midnight", {})
        days[place] = np.datetime64("NaT")
    return pa.array(days, pa.date32()), wrong


def _timestamp(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Wrong]:
    with suppress(pa.ArrowInvalid):
        if all_match(values, _MOMENT):
            return values.cast(pa.timestamp("us", "UTC")), {}
    walls, offsets = _split(values)
    moments = _moments(walls)
    wrong = _nowhere(walls, moments)
    zoned = offsets != ""
    utc = moments.copy()
    for offset in set(offsets[zoned]):
        utc[offsets == offset] -= _offset(offset)
    local = np.flatnonzero(~zoned & ~np.isnat(moments))
    utc[local], clock_changes = _localised(moments[local], zone)
    for place, change in clock_changes.items():
        wrong[int(local[place])] = change
    return pa.array(utc, pa.timestamp("us")).cast(pa.timestamp("us", "UTC")), wrong


def _offset(text: str) -> np.timedelta64:
    if text == "Z":
        return np.timedelta64(0, "us")
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return np.timedelta64((-1 if text[0] == "-" else 1) * minutes, "m").astype("timedelta64[us]")


def _localised(walls: np.ndarray, zone: ZoneInfo) -> tuple[np.ndarray, Wrong]:
    """Wall-clock times of a zone in UTC. Times that a clock change skips or doubles are NaT, with both readings.

    Midnight is where its day begins, as a day without a time is meant: in Chile, Egypt and Lebanon summer begins then.
    """
    index = pd.DatetimeIndex(walls)
    everywhere = np.ones(len(index), dtype=bool)
    readings = [
        index.tz_localize(zone, ambiguous=everywhere if summer else ~everywhere, nonexistent=shift)
        for summer, shift in ((True, "shift_forward"), (False, "shift_backward"))
    ]
    early, late = (reading.tz_convert("UTC").tz_localize(None).to_numpy().copy() for reading in readings)
    midnight = walls == walls.astype("datetime64[D]")
    differ = np.flatnonzero((early != late) & ~midnight)
    wrong: Wrong = {}
    for place in differ.tolist():
        one, other = (str(reading[place].isoformat()) for reading in readings)
        skipped = readings[0][place].tz_localize(None).to_numpy() != walls[place]
        if skipped:
            before = timezone(readings[1][place].utcoffset())
            one, other = readings[0][place].to_pydatetime().astimezone(before).isoformat(), one
        wrong[place] = ("skipped_time" if skipped else "doubled_time", {"zone": zone.key, "one": one, "other": other})
        early[place] = np.datetime64("NaT")
    return early.astype("datetime64[us]"), wrong


_KINDS: dict[Kind, Callable[[pa.Array, Field, ZoneInfo], tuple[pa.Array, Wrong]]] = {
    Kind.QUANTITY: _decimal,
    Kind.MONEY: _decimal,
    Kind.WHOLE: _whole,
    Kind.ENUM: _enum,
    Kind.FLAG: _flag,
    Kind.DATE: _date,
    Kind.TIMESTAMP: _timestamp,
    Kind.OBJECT: _object,
}
