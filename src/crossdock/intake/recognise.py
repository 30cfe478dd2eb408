"""What a file is, before it is read: a drop of one feed, or an archive of drops. Every door uses this, so all agree.

The feed is the one that a fix-workbook's stamp names, the one that was named by hand, or the one that claims the file's
name. The identity is taken once: here, or when the job was booked. A manifest's size and digest are compared here, its
count of records when the file is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats.edi.parts import Envelopes
from crossdock.formats.fix_stamp import Stamp
from crossdock.formats.retained import head_of
from crossdock.intake import archives, completeness, files, interchanges
from crossdock.intake.files import Identity
from crossdock.intake.interchanges import RefusedInterchange
from crossdock.model.drop import Drop
from crossdock.model.interchange import Opened
from crossdock.partners.asked import MARK
from crossdock.partners.edi_keys import EVERYBODY
from crossdock.partners.feed import Feed
from crossdock.partners.file_order import FileOrder
from crossdock.partners.registry import UTC, Misconfigured, Partners


@dataclass(frozen=True)
class Archive:
    """A file that contains drops: each of its members is a drop of its own.

    ``partner``: the id of the members' partner, or ''. ``feed``: the one that was named for all of them, or None.
    ``box``: the interchanges, where the members are parts of some. ``mixed``: the interchanges of several partners,
    which are the members. ``sequence``: its place among the partner's files, by the date or the numbers in its name.
    """

    path: Path
    partner: str
    feed: str | None
    box: Opened | None = None
    mixed: Envelopes | None = None
    sequence: str = ""

    def members(self, into: Path) -> Iterator[Path]:
        """Unpack it into a folder, with one numbered folder per member; yields each path when it is complete.

        Raises ``Refused`` where a limit is passed or a member can't be unpacked.
        """
        if self.mixed is not None:
            return interchanges.wholes(self.path, self.mixed, into)
        return (
            archives.members(self.path, into) if self.box is None else interchanges.members(self.path, self.box, into)
        )

    def summary(self, members: int) -> str:
        """The sentence on it, once it is unpacked."""
        if self.mixed is not None:
            return f"taken apart: {members:,} interchanges"
        return archives.summary(members) if self.box is None else interchanges.summary(self.box)


class BrokenPromise(Refused):
    """A file that doesn't match its manifest. Its feed is known: it is answered as the ``drop`` that it would be."""

    def __init__(self, drop: Drop, refused: Refused) -> None:
        Exception.__init__(self, refused.sentence)
        self.drop, self.code, self.sentence = drop, refused.code, refused.sentence


def open_drop(
    path: Path,
    partners: Partners,
    *,
    feed: str | None = None,
    partner: str = "",
    name: str | None = None,
    identity: Identity | None = None,
    replays: bool = False,
) -> Drop | Archive:
    """The drop, or the archive of drops, that a file is. The file is not moved or changed.

    ``feed``: ``partner/document`` that was named by hand; None: the feed that claims the file's name. ``partner``: the
    id of its folder's partner; '': every partner's feed may claim it; ``EVERYBODY``: it must be interchanges, and is
    whoever's their ids say. ``name``: the file's name, where ``path`` is a
    copy; a manifest is beside ``path`` under this name. ``identity``: as it was when its job was booked; None: it is
    taken now. ``replays``: the file has records that a job has kept (only the booking knows that); its feed is that
    job's.

    Raises ``Refused`` where there is no regular file, no such feed, or several, or the stamp has another feed or
    partner; ``BrokenPromise`` where a manifest can't be read, or the file doesn't match it; ``OSError`` where the file
    can't be read.
    """
    identity = identity or files.identify(path)
    name = name or path.name
    if replays:
        head = head_of(path)
        of_job = partners.named(head.feed, head.name).on(identity.received)
        return Drop(path, head.name, of_job, identity.digest, identity.size, identity.received, replays=head.job)
    if archives.is_archive(path):
        owner = partner or _partner_of(partners, feed, name)
        return Archive(path, owner, feed, sequence=_place_of(name, partners, owner))
    envelopes = formats.envelopes(path)
    if envelopes is not None:
        named = "" if partner == EVERYBODY else partner or (feed or "").partition("/")[0]
        owner = named or interchanges.owner_of(envelopes, partners)
        if not owner:
            return Archive(path, partner, feed, mixed=envelopes, sequence=_place_of(name, partners, partner))
        box = interchanges.opened(envelopes, partners, owner)
        return _of_interchanges(path, name, box, partners, feed, identity)
    if partner == EVERYBODY:
        raise Refused("only_interchanges")
    own_feed, stamp = _feed_of(path, partners, feed, partner, name)
    drop = Drop(path, name, own_feed.on(identity.received), identity.digest, identity.size, identity.received, stamp)
    return replace(drop, expected=_promised(drop, identity))


def _of_interchanges(
    path: Path, name: str, box: Opened, partners: Partners, feed: str | None, identity: Identity
) -> Drop | Archive:
    """The drop that the only part of a file is, else an archive of its parts.

    Raises ``RefusedInterchange`` where nothing of it can be imported.
    """
    part = interchanges.alone(box)
    if part is None:
        if box.refusals and not box.parts:
            raise RefusedInterchange(box, box.refusals[0])
        return Archive(path, box.partner, feed, box, sequence=_place_of(name, partners, box.partner))
    first_name = name.partition(interchanges.MARK)[0]
    try:
        own = partners.named(feed, first_name) if feed else partners.taking(
            part.interchange.standard, part.types, box.partner, interchanges.receivers_of(part), first_name
        )  # fmt: skip
    except Refused as refused:
        raise RefusedInterchange(box, refused) from None
    keys = partners.by_id[own.partner].edi
    drop = Drop(path, name, own.on(identity.received), identity.digest, identity.size, identity.received,
                rehearsed=box.is_test and keys.usage == "check", box=box)  # fmt: skip
    refused_group = interchanges.refusal_of(part.group, own.partner, keys)
    if refused_group is not None:
        raise RefusedInterchange(box, refused_group, drop)
    return drop


def _place_of(name: str, partners: Partners, owner: str) -> str:
    """The place of an archive among files: no feed says anything on its name."""
    known = partners.by_id.get(owner)
    return FileOrder(None, (), known.zone if known else UTC).sequence(name) or ""


def try_open(
    path: Path, partners: Partners, *, feed: str | None, partner: str, name: str, identity: Identity
) -> Drop | Archive | None:
    """As ``open_to_book``; None, too, where its partner's TOML has a mistake: it waits until that is corrected."""
    try:
        return open_to_book(path, partners, feed=feed, partner=partner, name=name, identity=identity)
    except Misconfigured:
        return None


def open_to_book(
    path: Path, partners: Partners, *, feed: str | None, partner: str, name: str, identity: Identity
) -> Drop | Archive | None:
    """As ``open_drop``, for a caller that only books: None where the file will be refused and its feed is unknown."""
    try:
        return open_drop(path, partners, feed=feed, partner=partner, name=name, identity=identity)
    except (BrokenPromise, RefusedInterchange) as broken:
        return broken.drop
    except Refused:
        return None


def _partner_of(partners: Partners, feed: str | None, name: str) -> str:
    """The partner of an archive: the named feed's, or that of the feed that claims its name; else ''."""
    try:
        return (partners.named(feed, name) if feed else partners.claim(name)).partner
    except (Refused, Misconfigured):
        return ""


def _feed_of(path: Path, partners: Partners, feed: str | None, partner: str, name: str) -> tuple[Feed, Stamp | None]:
    """The feed that reads a file, and the stamp of a fix-workbook."""
    stamp = formats.stamped(path)
    if stamp is None:
        return partners.named(feed, name) if feed else partners.claim(name, partner or None), None
    if feed not in (None, stamp.feed, stamp.feed.partition(MARK)[0]) or partner not in ("", stamp.partner):
        raise Refused("foreign_fix", feed=stamp.feed, asked=feed or partner)
    return partners.named(stamp.feed, stamp.name), stamp


def claimed(path: Path, partners: Partners, feed: str | None) -> tuple[Feed, str]:
    """The feed that reads a file of records, and the name that the file has among those of its feed: a fix-workbook has
    that of the file that it corrects. Raises as ``open_drop`` does.
    """
    own_feed, stamp = _feed_of(path, partners, feed, "", path.name)
    return own_feed, stamp.name if stamp else path.name


def _promised(drop: Drop, identity: Identity) -> int | None:
    """How many records a drop's manifest promises; None without a manifest or a count."""
    pattern = drop.feed.keys.manifest
    manifest = completeness.beside(pattern, drop.path.with_name(drop.name)) if pattern else None
    if manifest is None:
        return None
    try:
        promise = completeness.promise(manifest, drop.name)
        completeness.check_promise(promise, identity)
    except Refused as refused:
        raise BrokenPromise(drop, refused) from None
    return promise.count
