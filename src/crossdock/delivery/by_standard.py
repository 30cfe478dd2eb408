"""Acknowledgements in the standard of an interchange: files in the partner's outbox, or POSTs."""

from __future__ import annotations

from collections.abc import Collection

from crossdock.delivery import answer_files
from crossdock.delivery.http import NotSent, Wire
from crossdock.jobs import answer_queue, edi_answers
from crossdock.model.job import QueuedAnswer
from crossdock.partners.partner_config import Post
from crossdock.scratch import spooled
from crossdock.site import Site


def deliver(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> str:
    """Write or post an acknowledgement; returns the reply, or where it is. Raises ``NotSent``."""
    from crossdock.delivery import standard_answers  # who sends no interchange needs none of it
    from crossdock.reports.edi.answered_orders import FileGone

    text = standard_answers.written(site.home, site.database, answer.number)
    to = _post_of(site, answer.partner, edi_answers.feeds_of(site.database, answer.number))
    try:
        if to is None:
            return f"in {answer_files.acknowledge(site, answer.partner, text)}"
        body = spooled(text.pieces)
    except FileGone as error:
        raise NotSent(str(error), final=True) from error
    with body:
        return wire.send(to, body, f"{answer.job_id}.{answer.number}", text.kind)


def is_file(site: Site, partner: str) -> bool:
    """Whether a partner gets all of them as files."""
    own = site.partners.by_id.get(partner)
    return own is None or all(_post_of(site, partner, [each.name]) is None for each in own.feeds)


def _post_of(site: Site, partner: str, feeds: Collection[str]) -> Post | None:
    """Where acknowledgements about what some feeds have read are posted; None where they are files.

    They go where the answers of these feeds go, and are files if one of these is answered by files. What no feed has
    read, an envelope that is refused, is about all of the partner's.
    """
    own = site.partners.by_id.get(partner)
    if own is None:
        return None
    meant = [each for each in own.feeds if each.name in feeds] or own.feeds
    channels = {each for feed in meant for each in feed.keys.answer}
    is_posted = answer_queue.POST.name in channels and answer_queue.FILE.name not in channels
    return own.post if is_posted else None
