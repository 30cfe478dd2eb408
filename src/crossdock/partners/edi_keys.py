"""The keys of a partner's ``[edi]``: who it is in interchanges, and how they are taken (contract edi.md §4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identity = Annotated[str, StringConstraints(pattern=r"^[^:\s]{1,4}:\S.{0,34}$")]
"""``qualifier:id``, ``*:id`` for any qualifier."""
ANY = "*"


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

    def knows_sender(self, qualifier: str, identifier: str) -> bool:
        """Whether a sender is one of ``theirs``."""
        return not self.theirs or _is_among(self.theirs, qualifier, identifier)

    def knows_receiver(self, qualifier: str, identifier: str) -> bool:
        """Whether a receiver is one of ``ours``."""
        return not self.ours or _is_among(self.ours, qualifier, identifier)


def _is_among(identities: Iterable[str], qualifier: str, identifier: str) -> bool:
    pairs = (each.partition(":") for each in identities)
    return any(name in (ANY, qualifier) and own == identifier for name, _, own in pairs)
