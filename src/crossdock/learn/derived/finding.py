"""The derivations of a proposal: each kind is sought in turn, among the fields that no column is proved to be."""

from __future__ import annotations

from crossdock.learn.derived import cuts, factors, file_name, joins
from crossdock.learn.proposal import Proposal


def with_derived(proposal: Proposal, name: str) -> Proposal:
    """The proposal with what its columns and the file's name make. ``name``: of the file."""
    for derivations in (joins.of_columns, cuts.of_columns, factors.of_columns):
        proposal = proposal.with_derived(derivations(proposal))
    return proposal.with_derived(file_name.of_name(proposal, name))
