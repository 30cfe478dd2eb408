"""Whose a document is and which: blank keys, foreign units and owners, actions, doubles, keys that are too alike.

Contract A3, A4 and A5: what a document's key and action ask of the drop and of what is stored.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crossdock.columns import KEY_SEPARATOR, given, key_text, unit_of
from crossdock.documents.document import Document
from crossdock.failures import EMPTY, failures, together
from crossdock.feeds import Feed
from crossdock.model import Gathered, Stored
from crossdock.recall import Recalled, askable

NEEDS_KEY_ONLY = "cancel"


def identify(gathered: Gathered, recalled: Recalled, contents: list[str], feed: Feed, stored: Stored) -> pd.DataFrame:
    """Every failure of the keys, owners and actions of a batch of typed documents."""
    return together(
        _keys(gathered, recalled, feed),
        _actions(gathered, recalled, feed.document),
        _twice(gathered, contents, feed.document),
        _similar(gathered, recalled, feed, stored),
    )


def _keys(gathered: Gathered, recalled: Recalled, feed: Feed) -> pd.DataFrame:
    """Blank keys, foreign business units, foreign documents."""
    header = gathered.levels["header"]
    number = feed.document.number
    blank = header.index[~given(header, number)] if not feed.document.auto else header.index[:0]
    found = [
        failures(blank, number, "blank_key"),
        failures(header.index[recalled.foreign], "", "belongs_to_other"),
    ]
    if "businessUnitId" in header and feed.document.owned:
        unit = header["businessUnitId"]
        foreign = given(header, "businessUnitId") & ~unit.isin(feed.business_units).to_numpy(dtype=bool)
        allowed = {"allowed": ", ".join(feed.business_units)}
        found.append(failures(header.index[foreign], "businessUnitId", "foreign_unit", [allowed] * int(foreign.sum())))
    return together(*found)


def _actions(gathered: Gathered, recalled: Recalled, document: Document) -> pd.DataFrame:
    """What an action asks of the document: that it exists (not so where versions are told), that it has lines."""
    header = gathered.levels["header"]
    action = gathered.actions("header")
    absent = np.isin(action, ["update", "cancel"]) & ~recalled.exists & (gathered.version is None)
    found = [failures(header.index[absent], "", "does_not_exist", ({"action": each} for each in action[absent]))]
    if document.lines is not None and document.needs_lines:
        title = document.lines.title
        owner = gathered.document[title]
        lines = np.bincount(owner, minlength=gathered.size)
        live = np.bincount(owner[gathered.actions(title) != NEEDS_KEY_ONLY], minlength=gathered.size)
        empty = ((lines == 0) | ((live == 0) & ~recalled.exists)) & ~np.isin(action, ["update", "cancel"])
        found.append(failures(header.index[empty], "", "no_lines"))
    if gathered.version is not None:
        blank = np.array([each is None for each in gathered.version], dtype=bool)
        found.append(failures(header.index[blank], "", "no_version"))
    return together(*found)


def _twice(gathered: Gathered, contents: list[str], document: Document) -> pd.DataFrame:
    """Documents of their own with one key: the same again is a duplicate, different ones contradict each other."""
    header = gathered.levels["header"]
    keys = gathered.key.reset_index(drop=True).astype(object)
    if gathered.version is not None:
        keys["@version"] = gathered.version
    several = (keys.duplicated(keep=False) & keys[document.number].notna()).to_numpy()
    if not several.any():
        return EMPTY
    found = []
    for _, group in keys[several].groupby(list(keys), dropna=False, sort=False):
        places = group.index.to_numpy()
        first, others = places[0], places[1:]
        alike = len({contents[place] for place in places}) == 1
        lines = header.index
        if alike:
            found.append(failures(lines[others], "", "duplicate", [{"line": int(lines[first])}] * len(others)))
            continue
        found.append(failures([lines[first]], "", "document_twice", [{"line": int(lines[others[0]])}]))
        found.append(failures(lines[others], "", "document_twice", [{"line": int(lines[first])}] * len(others)))
    return together(*found)


def folded(key: pd.DataFrame, document: Document) -> pd.Series:
    """Document keys without case, blanks and leading zeros: the form in which similar keys are equal."""
    names = [name for name in document.key if name != "businessUnitId"] or [document.number]
    parts = [key[name].fillna("").str.lower().str.replace(" ", "").str.lstrip("0") for name in names]
    joined = parts[0].astype(object)
    for part in parts[1:]:
        joined = joined + KEY_SEPARATOR + part.astype(object)
    return joined


def _similar(gathered: Gathered, recalled: Recalled, feed: Feed, stored: Stored) -> pd.DataFrame:
    """New keys that differ from a stored one, or an earlier one of the drop, only in leading zeros or spelling (A3)."""
    document = feed.document
    number = document.number
    key = gathered.key.reset_index(drop=True)
    new = ~recalled.exists & given(key, number) & askable(key) & (gathered.actions("header") != NEEDS_KEY_ONLY)
    if not new.any():
        return EMPTY
    asked = pd.DataFrame(
        {
            "unit": unit_of(key) if document.owned else "",
            "key_fold": folded(key, document).to_numpy(dtype=object),
            "number": key[number].to_numpy(dtype=object),
            "key": key_text(key),
            "place": np.arange(gathered.size),
        }
    )
    similar = stored.similar(document, asked.loc[new, ["unit", "key_fold"]].drop_duplicates(), feed.partner)
    earlier = asked[["unit", "key_fold", "number", "key", "place"]]
    crowded = earlier[earlier.duplicated(["unit", "key_fold"], keep=False)]
    others = pd.concat([similar.assign(place=-1), crowded], ignore_index=True)
    if others.empty:
        return EMPTY
    pairs = asked[new].merge(others, on=["unit", "key_fold"], suffixes=("", "_other"))
    pairs = pairs[(pairs["key"] != pairs["key_other"]) & (pairs["place_other"] < pairs["place"])]
    pairs["zeros"] = _bare(pairs["key"]) == _bare(pairs["key_other"])
    pairs = pairs.sort_values(["place", "zeros"], ascending=[True, False], kind="stable").drop_duplicates("place")
    lines = gathered.levels["header"].index
    found = []
    for zeros, code in ((True, "similar_key"), (False, "similar_spelling")):
        part = pairs[pairs["zeros"] == zeros]
        known = np.where(part["place_other"] < 0, "which is stored", "which stands earlier in this file")
        for place, which, row in zip(
            part["place"], known, part[["key", "key_other"]].itertuples(index=False), strict=True
        ):
            field, other = _differing(document, *row)
            found.append(failures([lines[place]], field, code, [{"other": repr(other), "known": which}]))
    return together(*found)


def _bare(keys: pd.Series) -> pd.Series:
    """Keys without the zeros that their parts begin with."""
    return keys.str.replace(r"(^|\x1f)0+", r"\1", regex=True)


def _differing(document: Document, key: str, other: str) -> tuple[str, str]:
    """The part in which two keys differ, the number first; and what it is in the other."""
    pairs = dict(zip(document.key, zip(key.split(KEY_SEPARATOR), other.split(KEY_SEPARATOR), strict=True), strict=True))
    for name in (document.number, *document.key):
        ours, theirs = pairs[name]
        if ours != theirs:
            return name, theirs
    raise AssertionError("keys that are alike don't differ")


def outdated(gathered: Gathered, recalled: Recalled, document: Document) -> np.ndarray:
    """Documents that are older than the stored one, or than another of the same key in this batch (contract A5)."""
    if gathered.version is None:
        return np.zeros(gathered.size, dtype=bool)
    own = np.array([each or "" for each in gathered.version], dtype=object)
    then = np.array([each or "" for each in recalled.version], dtype=object)
    keys = gathered.key.reset_index(drop=True).astype(object).fillna("")
    newest = pd.Series(own).groupby([keys[name] for name in keys], sort=False).transform("max").to_numpy(dtype=object)
    known = (own != "") & gathered.key[document.number].notna().to_numpy(dtype=bool)
    return np.asarray(known & ((recalled.exists & (own < then)) | (own < newest)), dtype=bool)
