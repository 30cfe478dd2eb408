"""The import of a drop in shares: its spool is in the home folder, which every machine sees."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from crossdock.jobs.leases import Lease
from crossdock.model.drop import Drop
from crossdock.model.job import JobRecord
from crossdock.model.report import Progress
from crossdock.pipeline.import_drop import imported
from crossdock.pipeline.run import terms
from crossdock.site import Site

if TYPE_CHECKING:
    from crossdock.pipeline.shares import Crew

FOLDER = "work/.shares"


def import_in_shares(
    site: Site, drop: Drop, lease: Lease, watch: Callable[[Progress], None], crew: Crew | None
) -> JobRecord:
    """Import a drop as ``imported`` does; its shares are written by the crew, None: by processes beside this one."""
    from crossdock.pipeline.shares import Processes, Sharing  # most workers never divide a drop

    spool = site.home / FOLDER / lease.job
    shutil.rmtree(spool, ignore_errors=True)  # what a worker that was killed has left
    spool.mkdir(parents=True)
    sharing = Sharing(site.shares, crew or Processes(site.database.url.render_as_string(hide_password=False)))
    try:
        inputs = replace(terms(), scratch=spool)
        return imported(drop, site.database, lease=lease, watch=watch, inputs=inputs, sharing=sharing)
    finally:
        with suppress(OSError):  # a successor's is in it
            spool.rmdir()
