"""How a program ends: what asks it to, exit codes, and one sentence with the reason."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

USAGE = 2
INTERRUPTED = 130
STOPPED = "stopped; import the file again to continue, or resume its job"


class Usage(Exception):
    """The command has arguments that can't be used."""


def endings() -> tuple[signal.Signals, ...]:
    """The signals that ask a program to end: Ctrl-C, SIGTERM, a terminal that is closed (SIGHUP; under ``nohup`` it
    stays ignored).
    """
    closed = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    return signal.SIGINT, signal.SIGTERM, *closed


def exit_code(error: Exception) -> tuple[int, str]:
    """The exit code of an error (2: usage, 130: interrupted, 1: try again or a bug), and its sentence."""
    from pydantic import ValidationError

    from crossdock.errors import Misused, Outage, Stopped
    from crossdock.failures.refusals import Refused
    from crossdock.partners.registry import Misconfigured

    if isinstance(error, Stopped):
        return INTERRUPTED, STOPPED
    if isinstance(error, ValidationError):
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}" for each in error.errors()
        )
        return USAGE, f"settings: {wrong}"
    if isinstance(error, OSError) and error.filename:
        return USAGE if isinstance(error, FileNotFoundError) else 1, f"{error.filename}: {error.strerror}"
    if isinstance(error, Usage | Misused | Misconfigured | Refused | FileNotFoundError):
        return USAGE, str(error)
    if isinstance(error, Outage | OSError):
        return 1, f"{error}; try again when that is repaired"
    return 1, f"{type(error).__name__}: {error} (CROSSDOCK_TRACEBACK=1 shows where)"


def fail(error: Exception) -> NoReturn:
    """End the program because of an error: one sentence on standard error, and its exit code.

    With ``CROSSDOCK_TRACEBACK`` set, an error with code 1 is raised instead.
    """
    code, sentence = exit_code(error)
    if code == 1 and os.environ.get("CROSSDOCK_TRACEBACK"):
        raise error
    sys.stderr.write(f"crossdock: {sentence}\n")
    sys.exit(code)
