"""Verdicts, statuses and exit codes."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What became of a drop (X12 AK9 A, P, R)."""

    ACCEPTED = "ACCEPTED"
    PARTIAL = "PARTIAL"
    REJECTED = "REJECTED"


class Status(StrEnum):
    """The state of a job (contract A9)."""

    RECEIVED = "RECEIVED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"


STATUS = {
    Verdict.ACCEPTED: Status.COMPLETED,
    Verdict.PARTIAL: Status.COMPLETED_WITH_ERRORS,
    Verdict.REJECTED: Status.FAILED,
}
EXIT_CODE = {Verdict.ACCEPTED: 0, Verdict.PARTIAL: 3, Verdict.REJECTED: 4}
OUTAGE_EXIT_CODE = 1
"""Exit codes by verdict; the code of an outage has priority over all of them."""
