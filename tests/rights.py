"""Rights that bite: tests often run as root, whom no mode stops. Here root gives up what makes it root with files."""

from __future__ import annotations

import ctypes
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

_PAST_RIGHTS = (1 << 1) | (1 << 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of linux/capability.h, as bits."""
_VERSION = 0x20080522
_PR_CAPBSET_DROP = 24
_LIBC = ctypes.CDLL(None, use_errno=True)
ME = pwd.getpwuid(os.geteuid()).pw_name
"""To whom the files of a test belong."""


@contextmanager
def rights_bite() -> Iterator[None]:
    """This thread, and those that it starts, may read only what the modes of files and folders let it read."""
    header, sets = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
    assert _LIBC.capget(header, sets) == 0
    before = sets[0]
    sets[0] = before & ~_PAST_RIGHTS
    assert _LIBC.capset(header, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert _LIBC.capset(header, sets) == 0


def let_rights_bite() -> None:
    """The same for a program that is about to start (``preexec_fn``)."""
    if os.geteuid() == 0:
        for each in (1, 2):
            _LIBC.prctl(_PR_CAPBSET_DROP, each, 0, 0, 0)
