"""The delivery of answers: every answer that is due is sent at least once, each partner's in their order.

A partner that is down delays only its own answers: they wait in the database, are tried again after longer and longer
pauses, and are delivered in their order when it is back. An answer that a partner has read and refused is tried
``TRIES`` times, then set aside and named in ``crossdock status``, and the next one is sent.
"""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from crossdock.delivery import answer_files, standard_answers
from crossdock.delivery.http import NotSent, Wire
from crossdock.errors import Outage, Stopped
from crossdock.jobs import answer_queue, leases, queries
from crossdock.logs import LOG, of_job
from crossdock.model.job import JobRecord, QueuedAnswer
from crossdock.partners.partner_config import Post
from crossdock.reports import acknowledgement
from crossdock.site import Site

TRIES = 5
SIDE_BY_SIDE = 8
"""How many partners are answered at once: one that hangs delays only its own answers."""


@dataclass(frozen=True)
class Sent:
    """One attempt to deliver an answer; ``said``: the reply, or why it failed."""

    job: str
    partner: str
    channel: str
    delivered: bool
    said: str


class Courier:
    """Delivers in the background: one line per partner and channel, and none waits for another."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._stop = threading.Event()
        self._pools = {
            channel: ThreadPoolExecutor(SIDE_BY_SIDE, f"crossdock-{channel}")
            for channel in (answer_queue.FILE, answer_queue.POST, answer_queue.EDI)
        }
        self._busy: dict[tuple[str, str], Future[list[Sent]]] = {}

    def round(self, site: Site) -> list[Sent]:
        """Begin the deliveries that are due; returns the attempts of earlier rounds that have finished."""
        done = [self._busy.pop(line) for line in [line for line, work in self._busy.items() if work.done()]]
        sent = [each for work in done for each in _result(work)]
        queue_progress(site)
        for head in answer_queue.heads(site.database):
            line = (head.partner, answer_queue.line(head.channel))
            if line not in self._busy:
                self._busy[line] = self._pools[line[1]].submit(_line, site, self._wire, head, self._stop)
        return sent

    def close(self) -> None:
        """Wait until the attempts that have begun are finished, and end."""
        self._stop.set()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)


def deliver(site: Site, wire: Wire) -> list[Sent]:
    """One round: deliver every answer that is due, each partner's line until one of its answers fails; the attempts."""
    with ThreadPoolExecutor(SIDE_BY_SIDE, "crossdock-outbox") as pool:
        lines = [pool.submit(_line, site, wire, head) for head in answer_queue.heads(site.database)]
        return [sent for line in lines for sent in _result(line)]


def _result(work: Future[list[Sent]]) -> list[Sent]:
    """The attempts of a line; a fault of ours must not stop the other lines or the imports, so it is logged."""
    error = work.exception()
    if error is None:
        return work.result()
    LOG.error("an answer could not be noted: %s", error, exc_info=error)
    return []


def deliver_files(site: Site, partner: str) -> None:
    """Write a partner's due answers into its outbox folder, in order, until one fails."""
    of_standard = () if _posted_to(site, partner) else (answer_queue.EDI,)
    for channel in (answer_queue.FILE, *of_standard):
        head = answer_queue.head(site.database, partner, channel)
        if head is not None:
            _line(site, Wire(), head)


def _line(site: Site, wire: Wire, head: QueuedAnswer, stop: threading.Event | None = None) -> list[Sent]:
    """Deliver the answers of one partner and channel, from ``head`` on, until one fails."""
    done: list[Sent] = []
    following: QueuedAnswer | None = head
    while following is not None and not (stop and stop.is_set()):
        deliverer = secrets.token_hex(8)
        if not answer_queue.take(site.database, following.number, deliverer):
            return done
        with of_job(following.job_id):
            sent = _attempt(site, wire, following, deliverer)
            LOG.info("answer to %s by %s: %s", sent.partner, sent.channel, sent.said)
        done.append(sent)
        if not sent.delivered:
            return done
        following = answer_queue.head(site.database, head.partner, head.channel)
    return done


def _attempt(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> Sent:
    """One attempt; its result is noted before the next answer is sent."""
    sent = (answer.job_id, answer.partner, answer.channel)
    try:
        _must_be_whole(site, answer.partner)
        outcome = _delivered(site, wire, answer, deliverer)
    except NotSent as error:
        if error.final and answer.refusals + 1 >= TRIES:
            outcome = f"given up after {TRIES} attempts: {error}"
            answer_queue.end(site.database, answer, deliverer, answer_queue.GIVEN_UP, outcome)
        else:
            outcome = str(error)
            answer_queue.put_off(site.database, answer, deliverer, outcome, refusals=int(error.final))
        return Sent(*sent, delivered=False, said=outcome)
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001  # the answers' door: one that can't be made must not stop the others
        outcome = str(error) if isinstance(error, OSError | Outage) else f"{type(error).__name__}: {error}"
        answer_queue.put_off(site.database, answer, deliverer, outcome)
        return Sent(*sent, delivered=False, said=outcome)
    answer_queue.end(
        site.database, answer, deliverer, answer_queue.DELIVERED if outcome else answer_queue.OUTDATED, outcome
    )
    return Sent(*sent, delivered=True, said=outcome or "outdated: its end is posted instead")


def _delivered(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> str:
    """Deliver an answer by its channel; how, or '' where it is outdated."""
    if answer.channel == answer_queue.FILE:
        return _filed(site, answer)
    if answer.channel == answer_queue.EDI:
        return _acknowledged(site, wire, answer)
    return _posted(site, wire, answer, deliverer)


def _acknowledged(site: Site, wire: Wire, answer: QueuedAnswer) -> str:
    """Deliver a standard acknowledgement, as a file or by POST."""
    try:
        text = standard_answers.written(site.home, site.database, answer.number)
    except standard_answers.FileGone as error:
        raise NotSent(str(error), final=True) from error
    to = _posted_to(site, answer.partner)
    if to is not None:
        return wire.send(to, text.content, f"{answer.job_id}.{answer.number}", text.kind)
    return f"in {answer_files.acknowledge(site, answer.partner, text)}"


def _posted_to(site: Site, partner: str) -> Post | None:
    """Where a partner's standard acknowledgements are posted: its feeds are answered so, and not by files."""
    own = site.partners.by_id.get(partner)
    channels = {each for feed in own.feeds for each in feed.keys.answer} if own else set()
    is_posted = answer_queue.POST in channels and answer_queue.FILE not in channels
    return own.post if own is not None and is_posted else None


def _filed(site: Site, answer: QueuedAnswer) -> str:
    return f"in {answer_files.answer(site, queries.one(site.database, answer.job_id))}"


def _must_be_whole(site: Site, partner: str) -> None:
    """That nobody guesses where an answer goes while the partner's TOML has a mistake; else raises ``NotSent``."""
    if partner in site.partners.broken:
        raise NotSent(f"the TOML of {partner} has a mistake")


def _key(answer: QueuedAnswer, job: JobRecord, unit: str) -> str:
    """The idempotency key: the same for the same body at every attempt; progress has another body each time."""
    parts = [
        answer.job_id,
        str(answer.number),
        *([str(job.processed)] if answer.channel == answer_queue.PROGRESS else []),
    ]
    return ".".join([*parts, *([quote(unit, safe="")] if unit else [])])


def _posted(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> str:
    """Post the answers of a job, one per business unit; '' where its progress is outdated."""
    partner = site.partners.by_id.get(answer.partner)
    if partner is None or partner.post is None:
        raise NotSent(f"the partner {answer.partner} has no [post] any more")
    job = queries.one(site.database, answer.job_id)
    if answer.channel == answer_queue.PROGRESS and job.verdict is not None:
        return ""
    reply = ""
    for of_unit in acknowledgement.answers(job, site.database):
        body = "".join(acknowledgement.body(job, of_unit, site.database)).encode()
        answer_queue.keep(site.database, answer, deliverer)
        reply = wire.send(partner.post, body, _key(answer, job, of_unit.unit))
    return reply


def queue_progress(site: Site) -> None:
    """Put posts of the progress of running jobs into the outbox, for partners that want them (``post.progress``)."""
    asking = {each.id: each.post.progress for each in site.partners.by_id.values() if each.post and each.post.progress}
    if not asking:
        return
    for job in leases.running(site.database):
        seconds = asking.get(job.partner)
        if seconds and answer_queue.POST in answer_queue.channels(job.feed):
            answer_queue.queue_progress(site.database, job.job_id, job.partner, timedelta(seconds=seconds))
