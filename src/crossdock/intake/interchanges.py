"""The interchanges of a file: whose they are, what their envelopes forbid, and the parts that are imported.

The partner is that of the folder, or of the feed that was named, or the one whose ids fit. What is wrong with an
envelope keeps out an interchange, or a group of it, as the partner's ``[edi]`` says (contract edi.md §4); all of it is
in ``model.interchange.Opened``, so that it can be acknowledged.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from crossdock.failures.refusals import Refused
from crossdock.formats.edi import envelope
from crossdock.formats.edi.interchange import OF_TRAILERS, GroupRecord, Interchange
from crossdock.formats.edi.parts import ACKNOWLEDGEMENTS, Envelopes, Part, write_part
from crossdock.formats.edi.syntax import CHUNK
from crossdock.model.drop import Drop
from crossdock.model.interchange import Judged, Opened
from crossdock.partners.edi_keys import EdiKeys
from crossdock.partners.registry import Partners

MARK = "#"
"""What stands between a file's name and that of its part."""
_PLAIN = re.compile(r"[^\w.-]")


class RefusedInterchange(Refused):
    """An interchange that isn't taken: what it was is known, so that it can be acknowledged.

    ``drop``: what it would be, None if no feed takes it.
    """

    def __init__(self, opened: Opened, refused: Refused, drop: Drop | None = None) -> None:
        Exception.__init__(self, refused.sentence)
        self.opened, self.drop, self.code, self.sentence = opened, drop, refused.code, refused.sentence


def copied(path: Path, copy: Path) -> None:
    """Note that a file was copied: what was read of its interchanges is what the copy holds."""
    envelope.copied(path, copy)


def opened(envelopes: Envelopes, partners: Partners, owner: str) -> Opened:
    """The interchanges of a file, judged. ``owner``: whose they are."""
    known = partners.by_id.get(owner)
    keys = known.edi if known else EdiKeys()
    return Opened(owner, tuple(_judged(envelopes, each, owner, keys) for each in envelopes.interchanges))


def owner_of(envelopes: Envelopes, partners: Partners) -> str:
    """The partner whose ids fit every interchange of a file; '' where some may be of others.

    Raises ``Refused`` where all have the same ids, and these are not those of just one partner.
    """
    by_ids = {(each.sender, each.receiver): each for each in envelopes.interchanges}
    fitting = [_fitting(each, partners) for each in by_ids.values()]
    common = set(fitting[0]).intersection(*fitting)
    if len(common) == 1:
        return common.pop()
    if len(by_ids) > 1:
        return ""
    first = envelopes.interchanges[0]
    ids = {"sender": first.sender.as_key, "receiver": first.receiver.as_key}
    if common:
        raise Refused("several_owners", partners=" and ".join(fitting[0]), **ids)
    raise Refused("nobodys_interchange", **ids)


def _fitting(interchange: Interchange, partners: Partners) -> list[str]:
    return [each.id for each in partners.by_id.values() if each.edi.theirs and _fits(interchange, each.edi)]


def _fits(interchange: Interchange, keys: EdiKeys) -> bool:
    sender, receiver = interchange.sender, interchange.receiver
    return keys.knows_sender(sender.qualifier, sender.id) and keys.knows_receiver(receiver.qualifier, receiver.id)


def _judged(envelopes: Envelopes, interchange: Interchange, partner: str, keys: EdiKeys) -> Judged:
    for refused in _faults(interchange, partner, keys):
        return Judged(interchange, (), refused)
    return Judged(interchange, envelopes.parts(interchange), said=envelopes.confirmations(interchange))


def _faults(interchange: Interchange, partner: str, keys: EdiKeys) -> Iterator[Refused]:
    """Why an interchange is refused, the worst first."""
    number, sender, receiver = interchange.number, interchange.sender, interchange.receiver
    groups = [each for each in interchange.groups if each.marked]
    counted = len(groups) or sum(len(each.sets) for each in interchange.groups)
    for fault in interchange.faults:
        if fault.code in OF_TRAILERS and keys.trailers == "warn":
            continue
        if fault.code == "interchange_numbers":
            yield Refused("interchange_numbers", number=number, found=interchange.closing)
        elif fault.code == "interchange_counts":
            yield Refused("interchange_counts", number=number, promised=interchange.promised, found=counted)
        elif fault.code in ("interchange_cut", "mixed_groups", "long_interchange_number"):
            yield Refused(fault.code, number=number)
    if not keys.knows_sender(sender.qualifier, sender.id):
        yield Refused("unknown_sender", number=number, sender=sender.name, partner=partner, known=_listed(keys.theirs))
    if not keys.knows_receiver(receiver.qualifier, receiver.id):
        yield Refused("other_receiver", number=number, receiver=receiver.name, known=_listed(keys.ours))
    if interchange.is_test and keys.usage == "refuse":
        yield Refused("test_interchange", number=number)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def refusal_of(group: GroupRecord, partner: str, keys: EdiKeys) -> Refused | None:
    """Why a group is refused; None if it isn't."""
    for fault in group.faults:
        if fault.code in OF_TRAILERS and keys.trailers == "warn":
            continue
        if fault.code == "group_numbers":
            return Refused("group_numbers", number=group.number, found=fault.value)
        if fault.code == "group_counts":
            return Refused("group_counts", number=group.number, promised=group.promised, found=len(group.sets))
        if fault.code == "group_cut":
            return Refused("group_cut", number=group.number)
        if fault.code == "group_version":
            return Refused("group_version", number=group.number, found=fault.value or "none")
        if fault.code == "stray_text":
            return Refused("stray_group_text", number=group.number, found=repr(fault.value))
    pair = f"{group.sender}:{group.receiver}"
    if keys.groups and group.marked and pair not in keys.groups:
        known = _listed(keys.groups)
        return Refused("unknown_group", number=group.number, found=pair, partner=partner, known=known)
    return None


def alone(box: Opened) -> Part | None:
    """The only part of a file that holds nothing else; None if there is more in it."""
    if len(box.judged) != 1 or len(box.parts) != 1:
        return None
    part = box.parts[0]
    return part if sum(len(each.sets) for each in box.judged[0].interchange.groups) == len(part.group.sets) else None


def receivers_of(part: Part) -> tuple[str, ...]:
    """What a part calls its receiver: the interchange's, and its group's."""
    return part.interchange.receiver.name, part.group.receiver


def content_of(path: Path, interchange: Interchange) -> bytes:
    """What tells whether two interchanges of a file are the same: the hash of the bytes of one."""
    left, content = interchange.end - interchange.start, hashlib.sha256()
    with path.open("rb") as file:
        file.seek(interchange.start)
        while left > 0 and (chunk := file.read(min(left, CHUNK))):
            content.update(chunk)
            left -= len(chunk)
    return content.digest()


def members(path: Path, box: Opened, into: Path) -> Iterator[Path]:
    """Write each part of a file as a file of its own into a numbered folder; yields each path when it is complete."""
    for number, part in enumerate(box.parts):
        folder = into / str(number)
        with _member(path, part.name, folder) as file:
            write_part(path, part, file)
        yield Path(file.name)


@contextmanager
def _member(path: Path, name: str, folder: Path) -> Iterator[BinaryIO]:
    """A file of a part of a file, complete at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.name.partition(MARK)[0]}{MARK}{_PLAIN.sub('_', name)}"
    with target.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def wholes(path: Path, envelopes: Envelopes, into: Path) -> Iterator[Path]:
    """As ``members``: each interchange of a file as a file of its own."""
    for number, each in enumerate(envelopes.interchanges):
        with _member(path, each.number, into / str(number)) as file:
            envelopes.write(each, file)
        yield Path(file.name)


def summary(box: Opened) -> str:
    """The sentence on a file that was taken apart."""
    parts, refused = len(box.parts), [each.sentence for each in box.refusals]
    acknowledgements = sum(
        each.type in ACKNOWLEDGEMENTS
        for judged in box.judged
        for group in judged.interchange.groups
        for each in group.sets
    )
    sentences = [f"taken apart: {parts:,} part{'s' if parts != 1 else ''}"] if parts else []
    sentences += [f"acknowledgements: {acknowledgements:,}"] if acknowledgements else []
    forgiven = [f"{each} is forgiven" for own in box.judged if own.parts for each in own.interchange.wrong_trailers]
    return "; ".join([*(sentences or ["nothing to import"]), *refused, *forgiven])
