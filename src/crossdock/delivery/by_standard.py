"""Acknowledgements in the standard of an interchange: files in the partner's outbox, or POSTs."""

from __future__ import annotations

from crossdock.delivery import answer_files, standard_answers
from crossdock.delivery.http import NotSent, Wire
from crossdock.jobs import answer_queue
from crossdock.model.job import QueuedAnswer
from crossdock.partners.partner_config import Post
from crossdock.reports.edi.answered_orders import FileGone
from crossdock.scratch import spooled
from crossdock.site import Site


def deliver(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> str:
    """Write or post an acknowledgement; returns the reply, or where it is. Raises ``NotSent``."""
    text = standard_answers.written(site.home, site.database, answer.number)
    to = _post_of(site, answer.partner)
    try:
        if to is None:
            return f"in {answer_files.acknowledge(site, answer.partner, text)}"
        body = spooled(text.pieces)
    except FileGone as error:
        raise NotSent(str(error), final=True) from error
    with body:
        return wire.send(to, body, f"{answer.job_id}.{answer.number}", text.kind)


def is_file(site: Site, partner: str) -> bool:
    """Whether a partner gets them as files."""
    return _post_of(site, partner) is None


def _post_of(site: Site, partner: str) -> Post | None:
    """Where a partner's standard acknowledgements are posted: its feeds are answered so, and not by files."""
    own = site.partners.by_id.get(partner)
    channels = {each for feed in own.feeds for each in feed.keys.answer} if own else set()
    is_posted = answer_queue.POST.name in channels and answer_queue.FILE.name not in channels
    return own.post if own is not None and is_posted else None
