"""What a document may not do to the stored one: overwrite a newer one, change what is cancelled or shipped.

Contract A5 (actions, versions) and A6 (states). The failures depend on a revision that the writing transaction checks
again, so no other import can change it in between.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.failures.sentences import quoted
from crossdock.frames.columns import mask
from crossdock.frames.rows import LevelMatch
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.lookup.target_lines import among
from crossdock.pipeline.lookup.versions import outdated, readable
from crossdock.pipeline.reconcile.change_doubts import doubtful_changes, shown
from crossdock.pipeline.reconcile.differences import Differences, comes_whole, compared_fields
from crossdock.schema.relations import Moved
from crossdock.schema.roles import Role

AFTERWARDS = "changed_afterwards"
"""The warning of what may change when a document is shipped or received."""


def refused_changes(
    assembled: Assembled,
    stored_side: StoredSide,
    differing: Differences,
    contents: list[str],
    feed: Feed,
    behind: np.ndarray,
) -> Failures:
    """The failures of forbidden changes: an insert of a stored document with other content; anything for one that is
    cancelled; other content for one that is shipped, of the same version, appended, or not the fix-workbook's own.

    ``contents``: the content hash of each document. ``behind``: as ``overtaken`` returns it.
    """
    lines = assembled.header_lines
    differs = stored_side.exists & differing.any
    inserts = assembled.acts("insert") & differs & (assembled.version is None)
    appended = differs & (feed.document.mode == "append")
    closed = stored_side.cancelled & ~assembled.cancels & ~differing.state & ~inserts
    closed &= ~outdated(assembled, stored_side, feed.document)
    strange = np.array([job is not None for job in behind], dtype=bool) & differing.any
    again = _same_version(assembled, stored_side) & differing.any & ~closed
    return Failures.merge(
        feed.failures(lines[inserts], "", "already_exists"),
        feed.failures(lines[appended], "", "append_only", [{"job": job} for job in stored_side.job[appended]]),
        feed.failures(lines[closed & ~again], "", "cancelled"),
        feed.failures(lines[strange], "", "not_of_this_fix", [{"job": job} for job in behind[strange]]),
        feed.failures(lines[again], "", "version_again", [{"job": job} for job in stored_side.job[again]]),
        _stale(assembled, stored_side, feed),
        _moved(assembled, stored_side, differing, feed),
        _confirms_another(assembled, stored_side, feed),
        _other_lines(differing, feed),
        *doubtful_changes(assembled, stored_side, differing, feed),
        *_other_items(assembled, differing, feed),
        _reverted(assembled, stored_side, differing, contents, feed),
    )


def _same_version(assembled: Assembled, stored_side: StoredSide) -> np.ndarray:
    if assembled.version is None:
        return np.zeros(assembled.size, dtype=bool)
    pairs = zip(assembled.version, stored_side.version, strict=True)
    again = np.array([now is not None and now == then for now, then in pairs], dtype=bool)
    return stored_side.exists & again & ~stored_side.short  # what was taken without lines may be completed


def _stale(assembled: Assembled, stored_side: StoredSide, feed: Feed) -> Failures:
    """Documents that are older than what is stored. Of a version it is said, and no job: one that left every row of
    the document as it is has changed the version alone.
    """
    stale = np.flatnonzero(outdated(assembled, stored_side, feed.document))
    own = assembled.version or [None] * assembled.size
    newer_ones = [
        f"what is stored, version {readable(then)}"
        if version is not None and then is not None and version < then
        else f"that of job {job}"
        if job
        else "a later one of this file"
        for version, then, job in zip(own, stored_side.version, stored_side.later, strict=True)
    ]
    return feed.failures(assembled.header_lines[stale], "", "stale", ({"known": newer_ones[each]} for each in stale))


def _moved(assembled: Assembled, stored_side: StoredSide, differing: Differences, feed: Feed) -> Failures:
    """Changes to what is shipped or received (contract A6).

    Lines may be added, raised while they are open, and set to what is shipped or received; what is no goods, no address
    and no date of them may change.
    """
    moved, level = feed.document.moved, feed.document.lines
    if moved is None or level is None or not len(stored_side.levels[level.title].stored):
        return Failures.none()
    changes = differing.levels[level.title]
    match, stored, lines = changes.match, changes.match.stored, assembled.header_lines
    some_done = mask(pc.greater(pc.fill_null(stored.cells[moved.column], 0), 0))
    cancels = assembled.cancels & stored.any_per_document(some_done) & ~stored_side.cancelled
    header = stored_side.levels["header"]
    finished = header.sent_of(header.stored.values("state") == moved.done) & differing.header
    dropped = changes.dropped & some_done & ~stored.of_documents(assembled.cancels)
    numbers = stored.values(level.field(level.key[-1]).column)[dropped]
    changed = changes.changed & match.sent_of(some_done) & ~assembled.cancels_rows(level.title)
    what = ({"what": f"line {number!r} is not in the file"} for number in numbers)
    return Failures.merge(
        feed.failures(lines[cancels], "", moved.code, {"what": "the document can't be cancelled any more"}),
        feed.failures(lines[stored.document[dropped]], "", moved.code, what),
        *_changed_values(header, finished, feed, moved),
        *_changed_values(match, changed, feed, moved),
        _changed_quantity(match, changed, feed, moved),
    )


def _confirms_another(assembled: Assembled, stored_side: StoredSide, feed: Feed) -> Failures:
    """Confirmations that leave a document that they shipped or received, and name another one (contract A6).

    Numbers that begin anew each year would take back silently what was confirmed under them.
    """
    document = feed.document
    failures = []
    for name in sorted({relation.number for relation in document.against if relation.moves}):
        level = document.level_of(name)
        field, spelled = level.field(name), document.spelled(name, level)
        match = stored_side.levels[level.title]
        if spelled not in match.sent.cells or not len(match.stored):
            continue
        live = (~assembled.cancels & ~stored_side.cancelled)[match.sent.document] & ~assembled.cancels_rows(level.title)
        now = _named(match.sent.document, match.sent.values(spelled))[live].dropna()
        named = _named(match.stored.document, match.stored.values(field.column))
        before = named[match.stored.is_open].dropna()
        changed = ~feed.whole(assembled.extents)[match.stored.document]
        stays = pd.concat([now, named[changed & ~match.stored_by(match.both)]])
        left = before[~among(before, stays)].drop_duplicates("document").set_index("document")["number"]
        new = now[~among(now, before) & now["document"].isin(left.index).to_numpy()]
        was = ({"was": quoted(each)} for each in left.reindex(new["document"]))
        failures.append(feed.failures(match.sent.lines[new.index], spelled, "confirms_another", was))
    return Failures.merge(*failures)


def _other_lines(differing: Differences, feed: Feed) -> Failures:
    """Lines that would take the number of a stored one, and are another by a field that never changes."""
    level = feed.document.lines
    fixed = [] if level is None else [each for each in level.fields if each.fixed]
    if level is None or not fixed:
        return Failures.none()
    match, failures = differing.levels[level.title].match, []
    for field in fixed:
        name = feed.document.qualified(level, field)
        if name not in match.sent.cells:
            continue
        before = match.stored_values(field.column)
        known = mask(pc.is_valid(match.sent.cells[name])) & mask(pc.is_valid(before))
        other = match.differs(name, field) & known
        was = ({"was": quoted(each)} for each in before.filter(pa.array(other)).to_pylist())
        failures.append(feed.failures(match.sent.lines[other], name, "another_line", was))
    return Failures.merge(*failures)


def _other_items(assembled: Assembled, differing: Differences, feed: Feed) -> Iterator[Failures]:
    """Lines of changes, and cancels of a line, that name another item than the line that is stored under their number:
    perhaps another line is meant. Where a document is whole, its other lines are what they are now.
    """
    whole = feed.whole(assembled.extents) | assembled.acts("replace") | assembled.positional
    for changes in differing.levels.values():
        match, level = changes.match, changes.match.sent.level
        item, name = level.role(Role.ITEM), feed.document.playing(Role.ITEM, level)
        if item is None or item.name in level.key or name not in match.sent.cells:
            continue
        before = match.stored_values(item.column)
        known = mask(pc.is_valid(match.sent.cells[name])) & mask(pc.is_valid(before))
        now = match.sent.of_documents(whole) & ~assembled.cancels_rows(level.title)
        other = match.both & match.differs(name, item) & known & ~now
        was = ({"was": quoted(each)} for each in before.filter(pa.array(other)).to_pylist())
        yield feed.failures(match.sent.lines[other], name, "item_changed", was)


def _reverted(
    assembled: Assembled, stored_side: StoredSide, differing: Differences, contents: list[str], feed: Feed
) -> Failures:
    """Whole documents with the very content that the stored one had before changes came for it: perhaps an old copy,
    which takes these back. With a version, or a revision that a request names, an old copy is known already.
    """
    doubtful = stored_side.exists & ~stored_side.cancelled & differing.any
    doubtful &= comes_whole(assembled, feed) & ~assembled.cancels
    if assembled.version is not None or feed.revision is not None or not doubtful.any():
        return Failures.none()
    before = stored_side.levels["header"].stored_values("changed_from")
    again = np.flatnonzero(doubtful & mask(pc.equal(before, pa.array(contents))))
    if not len(again):  # as mostly
        return Failures.none()
    jobs = _changed_by(stored_side, differing).reindex(again).dropna()
    return feed.failures(assembled.header_lines[jobs.index], "", "change_reverted", jobs)


def _changed_by(stored_side: StoredSide, differing: Differences) -> pd.Series:
    """By document a failure's details: the jobs that have brought the rows which differ."""
    header = stored_side.levels["header"]
    own = [(header, header.stored_row[differing.header])]
    for each in differing.levels.values():
        changed = np.concatenate([each.match.stored_row[each.changed], np.flatnonzero(each.dropped)])
        own.append((each.match, changed))
    jobs = pd.concat(_named(match.stored.document[rows], match.stored.values("job")[rows]) for match, rows in own)
    return jobs.groupby("document")["number"].agg(lambda of: {"jobs": ", ".join(dict.fromkeys(of))})


def _named(document: np.ndarray, number: np.ndarray) -> pd.DataFrame:
    """Which document of the batch names which other one, a row each, indexed by its place."""
    return pd.DataFrame({"document": document, "number": number})


def _changed_values(match: LevelMatch, rows: np.ndarray, feed: Feed, moved: Moved) -> Iterator[Failures]:
    """Each field of some sent rows that differs from the stored one: a failure, a warning where it may change."""
    document, level = feed.document, match.sent.level
    quantity = level.role(Role.QUANTITY)
    for name, field in compared_fields(document, level).items() if rows.any() else ():
        if field is quantity or name not in match.sent.cells:
            continue
        code = AFTERWARDS if field.free else moved.changed
        wrong = rows & match.differs(name, field)
        if wrong.any():
            before = shown(match.stored_values(field.column), wrong, feed.zone)
            yield feed.failures(match.sent.lines[wrong], name, code, ({"was": each} for each in before))


def _changed_quantity(match: LevelMatch, rows: np.ndarray, feed: Feed, moved: Moved) -> Failures:
    """Lines of less than is shipped or received, and lines of still more though nothing of them is open."""
    field, name = match.sent.level.role(Role.QUANTITY), feed.document.playing(Role.QUANTITY, match.sent.level)
    if field is None or name not in match.sent.cells or not rows.any():
        return Failures.none()
    before, done = match.stored_values(field.column), pc.fill_null(match.stored_values(moved.column), 0)
    now = match.sent.cells[name]
    less = rows & mask(pc.less(now, done))
    closed = rows & mask(pc.greater(now, done)) & mask(pc.greater_equal(done, before))
    numbers = zip(shown(before, less, feed.zone), shown(done, less, feed.zone), strict=True)
    full = shown(before, closed, feed.zone)
    return Failures.merge(
        feed.failures(match.sent.lines[less], name, moved.less, ({"was": was, "done": it} for was, it in numbers)),
        feed.failures(match.sent.lines[closed], name, moved.changed, ({"was": was} for was in full)),
    )
