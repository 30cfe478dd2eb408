"""Lines ↔ the lines of another document that they ship, receive, announce or send back (contract A6, B).

One question a batch fetches the documents that are meant and everything that counts against them already; each line of
the batch finds its target by number, else by item; sums are taken over all uncancelled documents in their latest form,
those of the batch once. What is found was read at a revision that the writing transaction looks at again
(``Checked.leaned``), so two confirmations of one order can't both slip through.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from crossdock.columns import plain
from crossdock.documents import DOCUMENTS
from crossdock.documents.document import Against, Document, Level
from crossdock.failures import EMPTY, failures, together
from crossdock.feeds import Feed
from crossdock.model import Gathered, Leaned, Stored
from crossdock.recall import CANCELLED, Recalled

LINE, SKU, QUANTITY, UNIT = "line", "sku", "quantity", "unit"
BASE = "EA"
"""The unit of a quantity that has none (contract B), and the base of an item that doesn't list it."""
ZERO = Decimal(0)
SHOWN = 5
"""Lines that a sentence lists."""
PLACES = Decimal("0.000001")


def against(gathered: Gathered, recalled: Recalled, feed: Feed, stored: Stored, failing: np.ndarray) -> pd.DataFrame:
    """What is wrong between the lines of a batch and the documents that they are held against.

    ``failing``: documents that won't be taken in any case; nothing is added up with them.
    """
    if feed.document.lines is None or not len(gathered.levels[feed.document.lines.title]):
        return EMPTY
    return together(*(_held(each, gathered, recalled, feed, stored, failing) for each in feed.document.against))


def leaned(gathered: Gathered, feed: Feed, stored: Stored) -> tuple[Leaned, ...]:
    """The stored documents that this batch was held against and changes the state of, as they are."""
    found = []
    for way in feed.document.against if feed.document.lines is not None else ():
        target = DOCUMENTS[way.document]
        rows = _lines(way, gathered, feed.document)
        if way.moves and len(rows):
            asked = _asked(rows, target)
            heads = plain(stored.existing(target.header, asked, ["revision"]))
            found.append(Leaned(way.document, asked, tuple(sorted(heads.itertuples(index=False, name=None)))))
    return tuple(found)


def moving(
    gathered: Gathered, recalled: Recalled, outcomes: pd.DataFrame, feed: Feed
) -> tuple[tuple[str, pd.DataFrame], ...]:
    """By document type, the documents (business_unit_id, number) whose shipped or received quantities may change."""
    document = feed.document
    taken = outcomes["taken"].to_numpy(dtype=bool)
    found = []
    if document.moved is not None:
        own = gathered.key[["businessUnitId", document.number]][taken].fillna("")
        found.append((document.name, own.set_axis(["business_unit_id", "number"], axis=1)))
    for way in document.against if document.lines is not None else ():
        if way.moves:
            rows = _lines(way, gathered, document)
            now = rows[taken[rows["document"].to_numpy(dtype=np.int64)]][["unit_id", "number"]]
            both = pd.concat([now.set_axis(["business_unit_id", "number"], axis=1), _before(way, recalled, document)])
            found.append((way.document, both))
    return tuple((name, rows.astype(object).drop_duplicates(ignore_index=True)) for name, rows in found if len(rows))


def _before(way: Against, recalled: Recalled, document: Document) -> pd.DataFrame:
    """What the stored form of the batch's documents meant."""
    level = document.lines
    rows = recalled.header if level is None or not _has(level, way.number) else recalled.rows[level.title]
    field = (document.header if rows is recalled.header or level is None else level).field(way.number)
    if rows.empty:
        return pd.DataFrame(columns=["business_unit_id", "number"])
    if way.where is not None and level is not None:
        rows = rows[(rows[level.field(way.where[0]).column] == way.where[1]).to_numpy(dtype=bool)]
    return rows[["business_unit_id", field.column]].dropna().set_axis(["business_unit_id", "number"], axis=1)


def _held(
    way: Against, gathered: Gathered, recalled: Recalled, feed: Feed, stored: Stored, failing: np.ndarray
) -> pd.DataFrame:
    document, target = feed.document, DOCUMENTS[way.document]
    rows = _lines(way, gathered, document)
    if rows.empty:
        return EMPTY
    meant = Meant(target, _asked(rows, target), stored)
    known = pd.MultiIndex.from_frame(meant.heads[["unit_id", "number"]])
    of_known = pd.MultiIndex.from_frame(rows[["unit_id", "number"]]).isin(known)
    number = document.spelled(way.number, document.lines) or document.spelled(way.number, document.header)
    found = [_unknown(way, rows[~of_known], number, feed, stored)]
    rows = rows[of_known]
    if rows.empty:
        return together(*found)
    rows = rows.assign(place=meant.find(rows)[0], several=meant.find(rows)[1])
    shut = meant.shut(rows, way.shut)
    lost = rows[(rows["place"] < 0) & ~rows["several"] & ~shut]
    several = rows[rows["several"]]
    code = "several_matches" if way.moves else "several_lines"
    called = {"document": target.called}
    found += [
        failures(several.index, number, code, ({**called, "items": meant.listed(each)} for each in several["number"])),
        _lost(way, lost, document, called),
        failures(rows.index[shut], number, "document_shut",
                 ({**called, "state": state} for state in meant.states(rows[shut]))),
        _disagreeing(way, rows, gathered, meant, document),
    ]  # fmt: skip
    hit = rows[rows["place"] >= 0]
    if len(hit):
        found.append(_other_item(way, hit, meant))
        counted = hit[~failing[hit["document"].to_numpy(dtype=np.int64)]]
        found.append(_over(way, counted, meant, gathered, recalled, feed, stored) if len(counted) else EMPTY)
    return together(*found)


def _unknown(way: Against, rows: pd.DataFrame, number: str, feed: Feed, stored: Stored) -> pd.DataFrame:
    """Lines whose document nobody knows, where it must be one that is known (contract A7)."""
    mode = feed.keys.references.get(way.document, "warn")
    if not way.refers or mode == "off" or rows.empty:
        return EMPTY
    loaded = {unit: stored.loaded(way.document, unit) for unit in set(rows["unit_id"])}
    lines = rows.index[[loaded[unit] for unit in rows["unit_id"]]]
    code = "unknown_document" if mode == "fail" else "unknown_reference"
    return failures(lines, number, code, [{"list": DOCUMENTS[way.document].called}] * len(lines))


def _lost(way: Against, rows: pd.DataFrame, document: Document, called: dict[str, str]) -> pd.DataFrame:
    """Lines that their document doesn't have, by their number where they name one, else by their item."""
    by_number = rows[LINE].notna()
    line, item = rows[by_number], rows[~by_number]
    of_line = (
        {**called, "number": number, "which": f"line {each!r}"}
        for number, each in zip(line["number"], line[LINE], strict=True)
    )
    of_item = (
        {**called, "number": number, "which": f"item {each!r}"}
        for number, each in zip(item["number"], item[SKU], strict=True)
    )
    return together(
        failures(line.index, way.line or "skuId", way.unlisted, of_line),
        failures(item.index, "skuId", way.unlisted, of_item),
    )


def _lines(way: Against, gathered: Gathered, document: Document) -> pd.DataFrame:
    """The lines that count, indexed by line: document, unit_id, number, line, sku, quantity, unit, own (number)."""
    level = document.lines
    if level is None:
        return pd.DataFrame()
    title = level.title
    lines, header, owner = gathered.levels[title], gathered.levels["header"], gathered.document[title]

    def values(name: str) -> np.ndarray:
        qualified = document.spelled(name, level)
        if qualified in lines:
            return lines[qualified].to_numpy(dtype=object, na_value=None)
        above = document.spelled(name, document.header)
        if above in header:
            return header[above].to_numpy(dtype=object, na_value=None)[owner]
        return np.full(len(lines), None, dtype=object)

    made = pd.DataFrame(
        {
            "document": owner,
            "unit_id": values("businessUnitId"),
            "number": values(way.number),
            LINE: values(way.line) if way.line else None,
            SKU: values("skuId"),
            QUANTITY: values(way.counts),
            UNIT: values("quantityMeasure"),
            "own": lines[document.numbering].to_numpy(dtype=object, na_value=None),
        },
        index=lines.index,
    )
    live = (gathered.actions("header") != "cancel")[owner] & (gathered.actions(title) != "cancel")
    live &= made["number"].notna().to_numpy() & made["unit_id"].notna().to_numpy()
    if way.where is not None:
        live &= values(way.where[0]) == way.where[1]
    return made[live]


def _asked(rows: pd.DataFrame, target: Document) -> pd.DataFrame:
    asked = pd.DataFrame(
        {"business_unit_id": rows["unit_id"], target.header.field(target.number).column: rows["number"]}, dtype=object
    )
    return asked.drop_duplicates(ignore_index=True)


class Meant:
    """The stored documents that a batch means, and their open lines."""

    def __init__(self, target: Document, asked: pd.DataFrame, stored: Stored) -> None:
        level = target.lines
        if level is None:
            raise TypeError(f"{target.name} has no lines to be held against")
        self.target, self.level = target, level
        self.keys = ["unit_id", "number", *(target.header.field(name).column for name in target.key
                     if name not in ("businessUnitId", target.number))]  # fmt: skip
        number = target.header.field(target.number).column
        keys = [target.header.field(name).column for name in target.key]
        others = [name for name in keys if name not in asked]
        extra = ["vendor_number"] if "vendor_number" not in keys and _has(target.header, "vendorNumber") else []
        extra += [target.header.field(target.closed[0]).column] if target.closed else []
        self.heads = _named(stored.existing(target.header, asked, [*others, "state", "revision", *extra]), number)
        columns = [*others, level.field(level.key[-1]).column, "sku_id", "quantity", "quantity_measure", "state"]
        columns += [target.moved.column] if target.moved else []
        lines = _named(stored.existing(level, asked, columns), number)
        renamed = {level.field(level.key[-1]).column: LINE, "sku_id": SKU, "quantity_measure": UNIT}
        lines = lines.rename(columns=renamed | ({target.moved.column: "moved"} if target.moved else {}))
        self.lines = lines[lines["state"] != CANCELLED].reset_index(drop=True)

    def find(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """The place of the line that each row means, or -1; whether it may be several.

        By its number, else by its item; of several that bear the number the one that has its item.
        """
        on = ["unit_id", "number"]
        left = rows[[*on, LINE, SKU]].reset_index(drop=True).assign(row=np.arange(len(rows)))
        right = self.lines[[*on, LINE, SKU]].assign(place=np.arange(len(self.lines)))
        pairs = left.merge(right, on=on, suffixes=("", "_theirs"))
        numbered = pairs[LINE].notna()
        alike = (pairs[SKU] == pairs[f"{SKU}_theirs"]).to_numpy(dtype=bool)
        fits = (numbered & (pairs[LINE] == pairs[f"{LINE}_theirs"])).to_numpy(dtype=bool) | (
            ~numbered.to_numpy() & alike
        )
        pairs = pairs.assign(alike=alike)[fits]
        best = pairs.groupby("row")["alike"].transform("max")
        pairs = pairs[pairs["alike"] == best]
        counted = pairs.groupby("row")["place"].agg(["first", "size"])
        place, several = np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows), dtype=bool)
        place[counted.index] = np.where(counted["size"] == 1, counted["first"], -1)
        several[counted.index] = counted["size"] > 1
        return place, several

    def shut(self, rows: pd.DataFrame, states: tuple[str, ...]) -> np.ndarray:
        """Rows whose document is cancelled or closed, all of that number."""
        told = self.heads["state"].isin(states).groupby([self.heads["unit_id"], self.heads["number"]]).all()
        return np.asarray(told.reindex(pd.MultiIndex.from_frame(rows[["unit_id", "number"]])).to_numpy(dtype=bool))

    def states(self, rows: pd.DataFrame) -> list[str]:
        """The state of the document of each row, as a sentence says it."""
        known = self.heads.drop_duplicates(["unit_id", "number"]).set_index(["unit_id", "number"])["state"]
        return [str(each).lower() for each in known.reindex(pd.MultiIndex.from_frame(rows[["unit_id", "number"]]))]

    def listed(self, number: str) -> str:
        """The lines of the documents of a number, as a sentence lists them."""
        lines = self.lines[self.lines["number"] == number]
        names = [" ".join(str(each) for each in (*row[2:], "line", line) if each) for *row, line in
                 lines[[*self.keys, LINE]].itertuples(index=False)]  # fmt: skip
        return ", ".join(names[:SHOWN])


def _has(level: Level, name: str) -> bool:
    return any(field.name == name for field in level.fields)


def _named(rows: pd.DataFrame, number: str) -> pd.DataFrame:
    return plain(rows).rename(columns={"business_unit_id": "unit_id", number: "number"})


def _disagreeing(
    way: Against, rows: pd.DataFrame, gathered: Gathered, meant: Meant, document: Document
) -> pd.DataFrame:
    """Documents of another vendor than the order's."""
    found = []
    header = gathered.levels["header"]
    for ours, theirs in way.agrees:
        column = meant.target.header.field(theirs).column
        known = meant.heads.drop_duplicates(["unit_id", "number"]).set_index(["unit_id", "number"])[column]
        wanted = known.reindex(pd.MultiIndex.from_frame(rows[["unit_id", "number"]])).to_numpy(dtype=object)
        name = document.spelled(ours, document.header)
        own = header[name].to_numpy(dtype=object, na_value=None)[rows["document"]] if name in header else None
        if own is None:
            continue
        wrong = np.array([bool(a) and isinstance(b, str) and bool(b) and a != b for a, b in
                          zip(own, wanted, strict=True)], dtype=bool)  # fmt: skip
        details = ({"document": meant.target.called, "other": repr(each)} for each in wanted[wrong])
        found.append(failures(rows.index[wrong], name, "other_party", details))
    return together(*found)


def _other_item(way: Against, hit: pd.DataFrame, meant: Meant) -> pd.DataFrame:
    wanted = meant.lines[SKU].to_numpy(dtype=object)[hit["place"]]
    wrong = (hit[SKU].to_numpy(dtype=object) != wanted) & hit[SKU].notna().to_numpy()
    if not way.item or not wrong.any():
        return EMPTY
    return failures(hit.index[wrong], "skuId", way.item, ({"other": repr(each)} for each in wanted[wrong]))


def _over(
    way: Against,
    hit: pd.DataFrame,
    meant: Meant,
    gathered: Gathered,
    recalled: Recalled,
    feed: Feed,
    stored: Stored,
) -> pd.DataFrame:
    """Lines that take the sum beyond what was ordered, or shipped."""
    asked = hit[["unit_id", "number"]].drop_duplicates()
    others = standing(way, feed.document, asked, meant, stored)
    others = others[~_in_batch(others, gathered, recalled, feed)]
    count = Counting(meant, pd.concat([hit, others]), stored)
    share = 1 + Decimal(feed.keys.tolerance.rstrip("% ")) / 100
    limit = meant.lines["moved" if way.shipped else QUANTITY].to_numpy(dtype=object)
    sums = count.sums(others)
    over, details, apart = [], [], []
    for line, place, quantity, of in zip(hit.index, hit["place"], hit[QUANTITY], hit[UNIT], strict=True):
        own = count.counted(place, quantity, of)
        if own is None:
            apart.append((line, {"unit": str(of), "other": str(meant.lines[UNIT].iloc[place])}))
            continue
        sums[place] = sums.get(place, ZERO) + own
        most = _number(limit[place]) * (1 if way.shipped else share)
        if own > 0 and sums[place] > most:
            over.append(line)
            told = {"total": _said(sums[place]), "ordered": _said(_number(limit[place]))}
            details.append(told | {"document": meant.target.called})
    name = feed.document.spelled(way.counts, feed.document.lines)
    code = way.over if feed.keys.over != "fail" or way.shipped else "over_quantity"
    return together(
        failures(over, name, code, details),
        failures([line for line, _ in apart], name, "units_not_compared", [each for _, each in apart]),
    )


def _said(value: Decimal) -> str:
    return format(value.quantize(PLACES).normalize(), "f")


def _number(value: Any) -> Decimal:
    return ZERO if value is None or value is pd.NA or value != value else Decimal(value)


class Counting:
    """Adds up lines in the unit of the line that they count against."""

    def __init__(self, meant: Meant, rows: pd.DataFrame, stored: Stored) -> None:
        self._unit = meant.lines[UNIT].to_numpy(dtype=object)
        self._sku = meant.lines[SKU].to_numpy(dtype=object)
        self._factors = self._asked(meant, rows, stored)

    def counted(self, place: int, quantity: Any, unit: Any) -> Decimal | None:
        """How much that is in the target's unit; None where nobody knows."""
        if unit is None or unit is pd.NA or unit == self._unit[place]:
            return _number(quantity)
        ours, theirs = (self._factors.get((self._sku[place], each)) for each in (unit, self._unit[place]))
        return None if ours is None or theirs is None else _number(quantity) * ours / theirs

    def sums(self, rows: pd.DataFrame) -> dict[int, Decimal]:
        """By place of the target, what rows add up to; what can't be converted isn't counted."""
        made: dict[int, Decimal] = {}
        for place, quantity, unit in zip(rows["place"], rows[QUANTITY], rows[UNIT], strict=True):
            made[place] = made.get(place, ZERO) + (self.counted(place, quantity, unit) or ZERO)
        return made

    def _asked(self, meant: Meant, rows: pd.DataFrame, stored: Stored) -> dict[tuple[Any, Any], Decimal]:
        """How many base units a unit of an item is, where a line's unit isn't its target's."""
        theirs = self._unit[rows["place"].to_numpy(dtype=np.int64)]
        other = rows[(rows[UNIT].to_numpy(dtype=object) != theirs) & rows[UNIT].notna().to_numpy()]
        if other.empty:
            return {}
        asked = meant.lines.iloc[other["place"].to_numpy(dtype=np.int64)][["unit_id", SKU]]
        asked = asked.drop_duplicates(ignore_index=True).set_axis(["business_unit_id", "sku_id"], axis=1)
        found = plain(stored.existing(DOCUMENTS["sku"].by_title["unit"], asked, ["unit", "factor", "state"]))
        found = found[found["state"] != CANCELLED]
        made = {(sku, BASE): Decimal(1) for sku in found["sku_id"]}  # the unit that everything is in unless it says so
        return made | dict(zip(zip(found["sku_id"], found["unit"], strict=True), found["factor"], strict=True))


def standing(way: Against, document: Document, asked: pd.DataFrame, meant: Meant, stored: Stored) -> pd.DataFrame:
    """The stored uncancelled lines that count against the documents asked for (unit_id, number).

    Their document's key, ``own`` (their number), ``place`` of the target, ``sku``, ``quantity``, ``unit``, ``final``.
    """
    level = document.lines
    if level is None:
        raise TypeError(f"{document.name} has no lines to count")
    keys = [document.header.field(name).column for name in document.key]
    own = level.field(level.key[-1]).column
    of_header = not _has(level, way.number)
    column = (document.header if of_header else level).field(way.number).column
    final = document.header.field(way.final).column if way.final else None
    sought = asked.set_axis(["business_unit_id", column], axis=1)
    wanted = {SKU: "sku_id", QUANTITY: level.field(way.counts).column, UNIT: "quantity_measure", "own": own}
    if way.line and _has(level, way.line):
        wanted[LINE] = level.field(way.line).column
    if way.where:
        wanted["where"] = level.field(way.where[0]).column
    columns = list(dict.fromkeys([*wanted.values(), "state"]))
    if of_header:
        others = [name for name in [*keys, *([final] if final else [])] if name not in sought]
        heads = plain(stored.existing(document.header, sought, others))
        rows = plain(stored.existing(level, heads[keys].drop_duplicates(ignore_index=True), columns))
        rows = rows.merge(heads, on=keys)
    else:
        others = [name for name in [*keys, *columns] if name not in sought]
        rows = plain(stored.existing(level, sought, others))
    rows = rows[rows["state"] != CANCELLED]
    if way.where:
        rows = rows[rows[wanted["where"]] == way.where[1]]
    made = rows[keys].assign(
        unit_id=rows["business_unit_id"],
        number=rows[column],
        final=rows[final].eq(True) if final else False,
        **{name: rows[wanted[name]] if name in wanted else None for name in (LINE, SKU, QUANTITY, UNIT, "own")},
    )
    made["place"] = meant.find(made)[0]
    return made[made["place"] >= 0]


def _in_batch(rows: pd.DataFrame, gathered: Gathered, recalled: Recalled, feed: Feed) -> np.ndarray:
    """Stored lines that the batch will write anew, or cancel."""
    document = feed.document
    keys = [document.header.field(name).column for name in document.key]
    own = pd.DataFrame({column: gathered.key[name].fillna("").to_numpy(dtype=object)
                        for column, name in zip(keys, document.key, strict=True)})  # fmt: skip
    of_batch = rows[keys].merge(own.drop_duplicates(), how="left", indicator=True)["_merge"].to_numpy() == "both"
    if feed.sends == "whole" or document.lines is None:
        return np.asarray(of_batch, dtype=bool)
    title = document.lines.title
    lines = own.iloc[gathered.document[title]].reset_index(drop=True)
    lines["own"] = gathered.levels[title][document.numbering].to_numpy(dtype=object)
    said = (
        rows[[*keys, "own"]].merge(lines.drop_duplicates(), how="left", indicator=True)["_merge"].to_numpy() == "both"
    )
    return np.asarray(of_batch & said, dtype=bool)
