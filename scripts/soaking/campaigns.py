"""All campaigns, by name, in the order in which they are carried out."""

from __future__ import annotations

from . import computations, exits, mailboxes, plotters, records, starvation, updates, viewers
from .outcome import Campaign

CAMPAIGNS: dict[str, Campaign] = {
    campaign.name: campaign
    for campaign in (
        viewers.CAMPAIGN,
        computations.CAMPAIGN,
        exits.CAMPAIGN,
        plotters.CAMPAIGN,
        starvation.CAMPAIGN,
        records.CAMPAIGN,
        mailboxes.CAMPAIGN,
        *updates.CAMPAIGNS,
    )
}
