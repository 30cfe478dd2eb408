"""The keys of a partner's ``[edi]``: who it is in interchanges, and how they are taken (contract edi.md §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

ANY = "*"
"""Any qualifier."""
_IDENTITY = re.compile(r"[^:\s]{1,4}:\S.{0,34}")


def _identity(text: str) -> str:
    if not _IDENTITY.fullmatch(text):
        raise ValueError(
            f'{text!r} is no qualifier and id: write it as the interchange has it, such as "01:004798716" (ISA05 and '
            f'ISA06), or with any qualifier, "{ANY}:{text.rpartition(":")[2] or "ID"}"'
        )
    return text


Identity = Annotated[str, AfterValidator(_identity)]
"""``qualifier:id``, ``*:id`` for any qualifier."""
EVERYBODY = "_edi"
"""Stands for a partner where a file is whoever's its ids say: it lay in the folder for everybody's interchanges."""
EDI_FOLDER = Path("inbox/_edi")
"""That folder below the home folder, where the settings name no other one."""
THEIRS = "theirs"


class EdiKeys(BaseModel):
    """The keys of ``[edi]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theirs: tuple[Identity, ...] = Field(
        (),
        description='who sends, as `qualifier:id` (ISA05:ISA06; UNB S002 0007:0004), such as `"01:004798716"`; '
        '`"*:id"` for any qualifier; none: nobody looks',
    )
    ours: tuple[Identity, ...] = Field((), description="who is meant by the receiver: us; none: nobody looks")
    groups: tuple[str, ...] = Field((), description="`GS02:GS03` of groups; none: nobody looks")
    duplicates: Literal["refuse", "warn", "off"] = Field(
        "refuse", description="an interchange whose number another one had already"
    )
    duplicate_days: Annotated[int, Field(ge=1, le=10_000)] = Field(400, description="for how long numbers are kept")
    trailers: Literal["strict", "warn"] = Field(
        "strict", description="wrong numbers and counts of IEA, GE, UNZ, UNE refuse, or are notes"
    )
    usage: Literal["check", "live", "refuse"] = Field(
        "check", description="a test (ISA15 T, UNB 0035 1) is checked and not stored, is taken as real, or is refused"
    )

    technical: Literal["asked", "always", "errors", "never"] = Field(
        "asked",
        description="TA1, or EDIFACT's receipt: as ISA14, UNB 0031 ask, and where the interchange is refused; always; "
        "where something is wrong; never",
    )
    functional: Literal["997", "999", "CONTRL", "none"] = Field(
        "997", description="the acknowledgement of each set; EDIFACT's CONTRL is sent where UNB 0031 asks for it, too"
    )
    reject: Literal["syntax", "everything"] = Field(
        "syntax",
        description="what rejects a set in it: what the standard forbids, or whatever keeps the document out",
    )
    separators: Annotated[str, StringConstraints(pattern=r"^(theirs|[^\sA-Za-z0-9]{4})$")] = Field(
        "theirs",
        description='separators of our X12: `theirs`, or element, component, repetition, terminator, such as `"*>^~"`',
    )
    characters: Literal["basic", "extended", "utf-8"] = Field(
        "extended", description="what our X12 may hold: capitals only, ASCII, or everything; the rest is folded to it"
    )

    @field_validator("separators")
    @classmethod
    def _unlike(cls, separators: str) -> str:
        """Four separators, each another one."""
        if separators != THEIRS and len(set(separators)) < len(separators):
            raise ValueError("two of the separators are the same")
        return separators

    def knows_sender(self, qualifier: str, identifier: str) -> bool:
        """Whether a sender is one of ``theirs``."""
        return not self.theirs or _is_among(self.theirs, qualifier, identifier)

    def knows_receiver(self, qualifier: str, identifier: str) -> bool:
        """Whether a receiver is one of ``ours``."""
        return not self.ours or _is_among(self.ours, qualifier, identifier)


def _is_among(identities: Iterable[str], qualifier: str, identifier: str) -> bool:
    pairs = (each.partition(":") for each in identities)
    return any(name in (ANY, qualifier) and own == identifier for name, _, own in pairs)
