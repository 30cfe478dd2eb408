"""The delivery of answers: every answer that is due is sent at least once, each partner's in their order.

A partner that is down delays only its own answers: they wait in the database, are tried again after longer and longer
pauses, and are delivered in their order when it is back. An answer that a partner has read and refused is tried
``TRIES`` times, then set aside and named in ``crossdock status``, and the next one is sent. So is one at which the
partner's server fails so often, or which can't be made, where the answer behind it is taken.
"""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from crossdock.delivery import by_file, by_post, by_standard
from crossdock.delivery.http import NotSent, Wire
from crossdock.errors import Outage, Stopped
from crossdock.jobs import answer_queue
from crossdock.logs import LOG, of_job
from crossdock.model.job import QueuedAnswer
from crossdock.site import Site

TRIES = 5
SIDE_BY_SIDE = 8
"""How many partners are answered at once: one that hangs delays only its own answers."""


class Delivery(Protocol):
    """How the answers of a channel are delivered: a module."""

    def deliver(self, site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> str:
        """Deliver an answer; returns the reply, '' where it is outdated. Raises ``NotSent``."""

    def is_file(self, site: Site, partner: str) -> bool:
        """Whether it ends as a file in a partner's outbox, so that whoever imports writes it at once."""


DELIVERIES: dict[str, Delivery] = {
    answer_queue.FILE.name: by_file,
    answer_queue.POST.name: by_post,
    answer_queue.PROGRESS.name: by_post,
    answer_queue.EDI.name: by_standard,
}
"""The delivery of each channel."""


@dataclass(frozen=True)
class Sent:
    """One attempt to deliver an answer; ``said``: the reply, or why it failed; ``stuck``: it has failed ``TRIES`` times
    though the partner's server is there.
    """

    job: str
    partner: str
    channel: str
    delivered: bool
    said: str
    stuck: bool = False


class Courier:
    """Delivers in the background: one line per partner and channel, and none waits for another."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._stop = threading.Event()
        self._pools = {line: ThreadPoolExecutor(SIDE_BY_SIDE, f"crossdock-{line}") for line in answer_queue.LINES}
        self._busy: dict[tuple[str, str], Future[list[Sent]]] = {}

    def round(self, site: Site) -> list[Sent]:
        """Begin the deliveries that are due; returns the attempts of earlier rounds that have finished."""
        done = [self._busy.pop(line) for line in [line for line, work in self._busy.items() if work.done()]]
        sent = [each for work in done for each in _result(work)]
        by_post.queue_progress(site)
        for head in answer_queue.heads(site.database):
            line = (head.partner, answer_queue.CHANNELS[head.channel].line)
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
    fault = None if isinstance(error, Outage) else error
    LOG.error("an answer could not be noted: %s", error, exc_info=fault)
    return []


def deliver_files(site: Site, partner: str) -> None:
    """Write a partner's due answers into its outbox folder, in order, until one fails."""
    for head in answer_queue.heads_of(site.database, partner).values():
        if DELIVERIES[head.channel].is_file(site, partner):
            _line(site, Wire(), head)


def _line(site: Site, wire: Wire, head: QueuedAnswer, stop: threading.Event | None = None) -> list[Sent]:
    """Deliver the answers of one partner and channel, from ``head`` on, until one fails."""
    done: list[Sent] = []
    following: QueuedAnswer | None = head
    while following is not None and not (stop and stop.is_set()):
        sent = _tried(site, wire, following)
        if sent is None:
            return done
        done.append(sent)
        if sent.stuck:
            done += _past(site, wire, following)
        if not done[-1].delivered:
            return done
        following = answer_queue.heads_of(site.database, head.partner).get(answer_queue.CHANNELS[head.channel].line)
    return done


def _past(site: Site, wire: Wire, stuck: QueuedAnswer) -> list[Sent]:
    """Try the answer behind one that is stuck. Where that is taken, and this one still is not, the fault is in this
    one: it is set aside, so that it holds up nobody.
    """
    behind = answer_queue.behind(site.database, stuck)
    passed = _tried(site, wire, behind) if behind else None
    if passed is None or not passed.delivered:
        return [passed] if passed else []
    again = _tried(site, wire, stuck)  # the server may have recovered between the two
    if again is None or again.delivered:
        return [passed, again] if again else [passed]
    deliverer = secrets.token_hex(8)
    if answer_queue.take(site.database, stuck.number, deliverer):
        outcome = f"given up, because the answer behind it is taken: {again.said}"
        answer_queue.end(site.database, stuck, deliverer, answer_queue.GIVEN_UP, outcome)
    return [again, passed]


def _tried(site: Site, wire: Wire, answer: QueuedAnswer) -> Sent | None:
    """One attempt to deliver an answer; None where another deliverer has it."""
    deliverer = secrets.token_hex(8)
    if not answer_queue.take(site.database, answer.number, deliverer):
        return None
    with of_job(answer.job_id):
        sent = _attempt(site, wire, answer, deliverer)
        LOG.info("answer to %s by %s: %s", sent.partner, sent.channel, sent.said)
    return sent


def _attempt(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> Sent:
    """One attempt; its result is noted before the next answer is sent."""
    sent = (answer.job_id, answer.partner, answer.channel)
    often = answer.attempts + 1 >= TRIES
    try:
        _must_be_whole(site, answer.partner)
        outcome = DELIVERIES[answer.channel].deliver(site, wire, answer, deliverer)
    except NotSent as error:
        if error.final and answer.refusals + 1 >= TRIES:
            outcome = f"given up after {TRIES} attempts: {error}"
            answer_queue.end(site.database, answer, deliverer, answer_queue.GIVEN_UP, outcome)
            return Sent(*sent, delivered=False, said=outcome)
        outcome, after = str(error), error.seconds
        answer_queue.put_off(site.database, answer, deliverer, outcome, refusals=int(error.final), after=after)
        return Sent(*sent, delivered=False, said=outcome, stuck=often and error.heard and not error.final)
    except Stopped:
        raise
    except (OSError, Outage) as error:
        answer_queue.put_off(site.database, answer, deliverer, str(error))
        return Sent(*sent, delivered=False, said=str(error))
    except Exception as error:  # noqa: BLE001  # the answers' door: one that can't be made must not stop the others
        outcome = f"{type(error).__name__}: {error}"
        answer_queue.put_off(site.database, answer, deliverer, outcome)
        return Sent(*sent, delivered=False, said=outcome, stuck=often)
    answer_queue.end(
        site.database, answer, deliverer, answer_queue.DELIVERED if outcome else answer_queue.OUTDATED, outcome
    )
    return Sent(*sent, delivered=True, said=outcome or "outdated: its end is posted instead")


def _must_be_whole(site: Site, partner: str) -> None:
    """That nobody guesses where an answer goes while the partner's TOML has a mistake; else raises ``NotSent``."""
    if partner in site.partners.broken:
        raise NotSent(f"the TOML of {partner} has a mistake")
