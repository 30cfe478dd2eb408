"""What goes wrong outside of a file: wrong usage, outages, a job that another worker has, a program that is stopped."""

from __future__ import annotations


class Misused(Exception):
    """What was asked for can't be: wrong usage, not an outage."""


class Outage(Exception):
    """Something outside is not as it must be (a lock, a lost lease, an old database): try again, or repair it."""


class Overtaken(Outage):
    """Another worker holds the job now: whatever this one still has of it, it can't write."""


class Stopped(Exception):
    """Somebody asked the worker to stop: the job continues from its last committed batch, here or elsewhere."""
