"""What is deployed from this checkout: everything of crossdock's, and what is yours.

``make prefect`` deploys this list on this machine, ``crossdock prefect set-up --deployments flows/deployments.py`` on
the server that ``PREFECT_API_URL`` names. To add one of your own, write a flow into a file of this folder and name it
here, as ``flows/outside.py`` would be::

    YOURS = [
        Deployed(
            "flows/outside.py:outside",
            "weekly",
            "What is still outside, on one page.",
            schedules=(Cron("0 7 * * 1", timezone="Europe/Berlin", slug="monday"),),
            folder=bundled.CHECKOUT,
        )
    ]

``folder`` is the checkout, which then must lie in the same place on every machine; a flow of a package that is
installed there is named by its module instead (``"acme.flows.letters.monday"``) and needs none.
"""

from __future__ import annotations

from crossdock.flows import deployments as house
from crossdock.flows.deployments import Deployed
from crossdock.partners.registry import Partners
from crossdock.settings import Settings

YOURS: list[Deployed] = []


def deployments(settings: Settings, partners: Partners) -> list[Deployed]:
    """Everything that is deployed here, by the settings and the partners."""
    return [*house.deployments(settings, partners), *YOURS]
