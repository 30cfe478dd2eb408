"""What is in the drop folders: whose each file is, and why it is not taken. Nothing is moved here.

What can't be read is one more thing that is there, with its reason: it never keeps the others from being seen.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.intake import completeness
from crossdock.intake.files import there
from crossdock.intake.listing import can_be_read, cannot, regular, subfolders
from crossdock.jobs.arrivals import Looked, Lying, Reason, Seen
from crossdock.model.job import FAILS, SETTLES, WAITS
from crossdock.partners.edi_keys import EDI_FOLDER, EVERYBODY
from crossdock.partners.feed import Feed
from crossdock.partners.partner_config import AT_ONCE, NIGHTLY
from crossdock.partners.registry import Partner, Partners
from crossdock.site import Site

LATER = Reason(WAITS, "waits to be taken")


@dataclass(frozen=True)
class Present:
    """What is in a drop folder: the feed that claims its name, or None; why it can't be taken, if that is known."""

    lying: Lying
    feed: Feed | None = None
    reason: Reason | None = None


def folders(partners: Partners, home: Path, edi_folder: Path = EDI_FOLDER) -> list[tuple[Path, str]]:
    """The drop folders, each with its partner's id: ``inbox/<partner>``, those that feeds name, and the one for
    everybody's interchanges, where somebody's can be known by their ids.
    """
    inbox = home / "inbox"
    named = [(home / feed.keys.folder, feed.partner) for feed in partners.feeds() if feed.keys.folder]
    named += [(home / edi_folder, EVERYBODY)] if _is_known_by_ids(partners) else []
    shared = {folder for folder, _ in named}
    try:
        below = subfolders(inbox)
    except OSError:  # what is in it may be within reach all the same
        below = [inbox / partner for partner in partners.by_id]
    own = [(path, path.name) for path in below if path not in shared]
    return list(dict.fromkeys([*own, *named]))


def _is_known_by_ids(partners: Partners) -> bool:
    return any(each.edi.theirs for each in partners.by_id.values())


def present(site: Site, odd: list[str]) -> tuple[list[Present], Looked]:
    """What is in the drop folders (of a feed's folder only its own files), with the done-files without their file;
    and where that is. Sentences on what is odd are added to ``odd``.
    """
    entries, away = _unreachable(site), [site.home / "work"]
    everywhere = folders(site.partners, site.home, site.edi_folder)
    twice: set[Path] = set()
    odd.extend(f"{each}; the files of {name} wait" for name, wrong in site.partners.broken.items() for each in wrong)
    for folder, partner in everywhere:
        listing = regular(folder, site.unfinished)
        for path, error in listing.failing.items():
            entries.setdefault(path, _failing(path, partner, error, "looked into" if path == folder else "read"))
        if folder in listing.failing:
            away.append(folder)
        for each in _files(site, folder, partner, listing.files):
            path = each.lying.path
            if path in entries and each.reason is not None:
                continue
            if path in entries and entries[path].reason is None and entries[path].lying.partner != partner:
                odd.append(
                    f"{path} is claimed by feeds of {entries[path].lying.partner} and {partner}: it is not imported"
                )
                twice.add(path)
            entries[path] = each
    looked = Looked(site.home, [folder for folder, _ in everywhere], away)
    return [each for path, each in entries.items() if path not in twice], looked


def _unreachable(site: Site) -> dict[Path, Present]:
    """The inbox, or the folders of partners in it, that can't be made or looked into."""
    inbox = site.home / "inbox"
    try:
        inbox.mkdir(parents=True, exist_ok=True)
        subfolders(inbox)
    except OSError as error:
        return {inbox: _failing(inbox, "", error, "looked into")}
    entries: dict[Path, Present] = {}
    own = {inbox / partner: partner for partner in site.partners.by_id}
    own |= {site.home / site.edi_folder: EVERYBODY} if _is_known_by_ids(site.partners) else {}
    for feed in site.partners.feeds():
        named = site.home / feed.keys.folder if feed.keys.folder else inbox
        if not there(named):  # a share that is not mounted; only its owner can make it
            gone = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            entries[named] = _failing(named, feed.partner, gone, "looked into")
    for folder, partner in own.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            entries[folder] = _failing(folder, partner, error, "looked into")
    return entries


def _failing(path: Path, partner: str, error: OSError, be: str) -> Present:
    return Present(Lying(path, partner), reason=Reason(FAILS, cannot(be, path, error)))


def _files(site: Site, folder: Path, partner: str, listed: list[tuple[Path, os.stat_result]]) -> list[Present]:
    """The files of a partner in one of its folders."""
    lying = [Lying(path, partner, of.st_size, of.st_mtime_ns, str(of.st_ino)) for path, of in listed]
    if partner in site.partners.broken:
        return [
            Present(each, reason=Reason(WAITS, f"waits for {partner}, whose TOML has a mistake,")) for each in lying
        ]
    if partner != EVERYBODY and not site.partners.knows(partner):
        reason = Reason(FAILS, f"can't be taken: {site.partners.unknown(partner)}")
        return [Present(each, reason=reason) for each in lying]
    patterns = _patterns(site, partner)
    files: list[Lying] = []
    beside: list[Lying] = []
    for each in lying:
        (beside if _is_beside(patterns, each.path) else files).append(each)
    expected = {completeness.name_beside(pattern, each.path).casefold() for pattern in patterns for each in files}
    lonely = [each for each in beside if each.path.name.casefold() not in expected]
    entries = [Present(each, reason=Reason(WAITS, "waits for its file")) for each in lonely]
    for each in files:
        feed = _claiming(site, partner, each.path.name)
        own = site.home / feed.keys.folder if feed and feed.keys.folder else None
        if partner == EVERYBODY or folder in (own, site.home / "inbox" / partner):
            entries.append(Present(each, feed))
    return entries


def is_companion(site: Site, partner: str, name: str) -> bool:
    """Whether a file of that name is a done-file or a manifest, by the feeds of a partner."""
    return _is_beside(_patterns(site, partner), Path(name))


def _patterns(site: Site, partner: str) -> set[str]:
    of_partner = (feed for feed in site.partners.feeds() if feed.partner == partner)
    return {pattern for feed in of_partner for pattern in completeness.patterns(feed)}


def _is_beside(patterns: set[str], path: Path) -> bool:
    return any(completeness.is_companion(pattern, path.name) for pattern in patterns)


def _claiming(site: Site, partner: str, name: str) -> Feed | None:
    try:
        return site.partners.claim(name, partner)
    except Refused:
        return None


def why_not(site: Site, each: Present, seen: Seen, partners: Container[str] | None) -> Reason | None:
    """Why a file is not taken now, or None where it can be; ``partners``: whose files are, None for all."""
    partner, path = site.partners.by_id.get(each.lying.partner), each.lying.path
    if each.reason is not None:
        return each.reason
    if partner is not None and partner.paused:
        return Reason(WAITS, f"waits for {partner.id}, which is paused,")
    if seen.reason.kind == FAILS and (seen.reason.seconds or 0) > 0:
        return seen.reason
    try:
        wait = completeness.wait(path, each.feed, each.lying.size, seen.steady, site.settle)
        if wait.beside:
            return Reason(WAITS, f"waits for {wait.beside}")
        if wait.seconds:
            return Reason(SETTLES, seconds=wait.seconds)
        later = None if partner is None or partners is None or partner.id in partners else _later(partner)
        if later is None or seen.reason != later:  # else an earlier look has read it
            can_be_read(path)
    except FileNotFoundError:  # another worker has it
        return LATER
    except OSError as error:
        return Reason(FAILS, cannot("read", path, error))
    return later


def _later(partner: Partner) -> Reason:
    """Why a complete file of a partner is left for another time."""
    if partner.pick_up == AT_ONCE:
        return LATER
    if partner.pick_up == NIGHTLY:
        return Reason(WAITS, "waits for the night")
    return Reason(WAITS, f"waits for the time of {partner.id} ({partner.pick_up})")
