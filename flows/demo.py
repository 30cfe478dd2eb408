"""``make demo``: the main job, on the sample drops, under a Prefect server of its own.

Shows progress while it works and ends with what a person wants to see: a line a drop, the failures of the worst one
in words, where the reports are, what to type next, and, where a person is there, the address of the pages.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from crossdock import bundled
from crossdock.app import open_site, read_settings
from crossdock.database import open_read_only
from crossdock.delivery.answer_files import shelf
from crossdock.flows.programs.pages import pages
from crossdock.flows.programs.server import ended_by, free_port, server
from crossdock.jobs import queries
from crossdock.model.report import Report
from crossdock.registers import keys
from crossdock.reports import text as full
from crossdock.reports.text import line

SECONDS_BETWEEN_LOOKS = 0.2
SHOWN = 1_000


def say(text: str = "") -> None:
    """A line for the person who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def following(url: str) -> Iterator[None]:
    """Say how far the jobs are while something else works on them."""
    ended = threading.Event()
    before = len(reports_of(url))

    def follow() -> None:
        last_words: dict[str, str] = {}
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            for report in reports_of(url)[before:]:
                words = f"  {report.name}: {report.progress.processed:,} of {report.progress.total:,} documents"
                if last_words.get(report.job) != words:
                    last_words[report.job] = words
                    say(words)

    watcher = threading.Thread(target=follow, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def reports_of(url: str) -> list[Report]:
    """The jobs there are, oldest first."""
    books = open_read_only(url)
    if books is None:
        return []
    try:
        return [job.report for job in reversed(queries.recent(books, SHOWN))]
    finally:
        books.close()


def main() -> None:
    """Drop the samples, run the flow, tell."""
    os.environ.setdefault("CROSSDOCK_SETTLE_SECONDS", "0")  # the samples are complete
    ended_by(signal.default_int_handler)  # the server and the pages end with this
    here = read_settings()
    samples = sorted((bundled.CHECKOUT / "data" / "samples").glob("sales_orders_*"))
    inbox = here.home / "inbox" / "house"
    inbox.mkdir(parents=True, exist_ok=True)
    for sample in samples:
        shutil.copyfile(sample, inbox / sample.name)
    say(f"{len(samples)} sample drops lie in {inbox}")
    say("starting a Prefect server (about 20 seconds) …")
    with server(here.home / "prefect", free_port()):
        from crossdock.flows.import_inbox import import_inbox  # only now it knows its server

        say("running the flow import_inbox …")
        with following(here.url):
            ended = import_inbox(linger=0, return_state=True)
        say(f"the flow ended as: {ended.name}")
    with open_site(here) as at:
        names = {sample.name for sample in samples}
        jobs = [job for job in queries.recent(at.database, len(samples)) if job.name in names]
        say()
        for job in reversed(jobs):
            say(line(job.report))
        worst = max(jobs, key=lambda job: _badness(job.report), default=None)
        if worst is None:
            raise SystemExit("the flow imported nothing; see the server's log")
        say()
        for each in full.text(worst, at.database):
            say(each)
        say()
        say(f"reports   {shelf(here.home, worst).parent}/<job>/")
        say(f"answers   {here.home / 'outbox' / 'house'}, fix-workbooks to open in Excel among them")
        say(f"database  {here.url}")
        say()
        say("next      make prefect                      Prefect's UI with the run you just saw, and the pages")
        say("          make serve                        the pages alone")
        say("          .venv/bin/crossdock jobs          what ran")
        say(f"          .venv/bin/crossdock report {worst.job_id} --format ack")
        key = keys.add(at.database, "", keys.OPERATOR, name="the demo")[1] if sys.stdin.isatty() else None
    if key is not None:  # somebody is there to end it
        with pages(here.home, free_port(), works=True) as address:
            say()
            say(f"the page  {address}: sign in with the key {key}, and look at what you just saw; Ctrl-C ends it")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()


def _badness(report: Report) -> tuple[int, int]:
    return report.exit_code, report.failing


if __name__ == "__main__":
    main()
