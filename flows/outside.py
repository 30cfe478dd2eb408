"""An example of a flow of one's own: what is still outside, on one page. See ``flows/deployments.py``."""

from __future__ import annotations

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from crossdock.flows.at_work import at_work
from crossdock.jobs.open_documents import open_documents


@flow(name="outside")
def outside(partner: str | None = None) -> int:
    """Write the page, and give how many documents are on it.

    Args:
        partner: Those of one partner, else of all.
    """
    with at_work("outside") as at:
        lines = [
            f"- {each.number or 'without a number'}: {each.name}, job `{each.job_id}`"
            for each in open_documents(at.site.database, partner=partner)
        ]
    create_markdown_artifact("\n".join([f"# {len(lines):,} documents are outside\n", *lines]), key="outside")
    return len(lines)
