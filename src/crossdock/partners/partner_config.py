"""The keys of a partner in its TOML."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crossdock.partners.edi_keys import EdiKeys
from crossdock.partners.feed_config import Keys

CRON = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""The least and the greatest value of each field of a cron line."""


AT_ONCE, NIGHTLY = "at once", "nightly"
"""When a partner's files are picked up, if not at a time of its own."""


class Post(BaseModel):
    """The keys of ``[post]``: where a partner receives its answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@]+(/\S*)?$")] = Field(
        description="where answers are posted, such as `https://wms.acme.example/salesOrderAck`; a host that the "
        "settings allow (`post_hosts`), http only to this machine"
    )
    auth: Literal["none", "bearer", "basic", "hmac"] = Field(
        "none", description="`bearer`: the secret as a token; `basic`: `user` and the secret; `hmac`: signed with it"
    )
    user: str = Field("", description="for `basic`")
    secret: Annotated[str, StringConstraints(pattern=r"^(env:[A-Za-z_]\w*|block:[a-z0-9-]+)$")] | None = Field(
        None,
        description="where the secret is: `env:NAME` of the environment, or `block:name`, a Secret block of Prefect",
    )
    progress: Annotated[int, Field(ge=1)] | None = Field(
        None, description="seconds between posts of the progress of a job that runs; else only its end is posted"
    )


class PartnerKeys(BaseModel):
    """The keys at the top of a partner's TOML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] = Field(
        description="who: a-z, 0-9, `-`, `_`; also its folder in inbox and outbox"
    )
    name: str = Field("", description="for people; else the id")
    zone: str | None = Field(
        None, description="time zone of timestamps without an offset, required; of `house` the settings' is meant"
    )
    business_units: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        description="what this partner may write; anything else is a failure"
    )
    mode: Literal["live", "test", "paused"] = Field(
        "live", description="`live`; `paused`: its files wait; `test` is not possible yet"
    )
    pick_up: str = Field(
        AT_ONCE,
        description='when its files are picked up: `"at once"`, when they are complete; `"nightly"`; or a time of its '
        "own, as cron in the settings' zone",
    )
    at_once: Annotated[int, Field(ge=1)] = Field(
        1, description="imports side by side; with 1 they come one after the other, in their order"
    )
    outbox: str | None = Field(None, description="the folder of its answers; else `outbox/<partner>`")
    post: Post | None = Field(None, description="where answers are posted, see below")
    edi: EdiKeys | None = Field(None, description="how its interchanges are taken, see below")
    shared: bool = Field(False, description="its documents may be written by another partner too, if both say so")
    master: bool = Field(
        False, description="may write the lists that everybody reads: business_unit, building, unit, carrier_…"
    )
    feed: tuple[Keys, ...] = Field((), description="its feeds, each `[[feed]]`")


def is_cron(text: str) -> bool:
    """Whether a text is a time as cron: minute, hour, day, month, day of the week; numbers, ``*``, ``,``, ``-``, ``/``.

    >>> is_cron("30 3 * * 1-5"), is_cron("30 25 * * *"), is_cron("daily")
    (True, False, False)
    """
    fields = text.split(" ")
    if len(fields) != len(CRON) or not all(re.fullmatch(r"[0-9*/,-]+", each) for each in fields):
        return False
    return all(
        least <= int(number) <= most
        for each, (least, most) in zip(fields, CRON, strict=True)
        for number in re.findall(r"(?<!/)\b\d+", each)
    )
