"""Licences of marks: who else would sell under a brand, and what its owner asks for (bargaining: Nash 1950).

At candidate months of a mark a firm may turn up that would use the brand elsewhere. With V the brand's worth to its
owner, it would earn g V exp(s z) a year under it; the owner must supervise the quality of what is sold (Trademark Law,
article 43), which costs c a year. They agree where there is a surplus, and split it (Nash):

    licence  iff  g V exp(s z) > c;       royalty a year = c + share (g V exp(s z) - c)

So it is the valuable brands that are licensed. A mark under licence is in use, and stays so; the licence ends with the
mark's term of ten years, or with the mark. Royalties between firms at home are no part of the balance of payments.
"""

from __future__ import annotations

import math

from ipplan.compiled import called, helper, inlined
from ipplan.ledger import USED_STARTED, count, flow
from ipplan.phases.holdings import move_flags
from ipplan.rights.register import R_LICENSED, R_USED
from ipplan.streams import normal_quantile
from ipplan.world import TRADEMARK

# compiled-constants
MET, LICENSED, ROYALTIES = flow("brands_met"), flow("brands_licensed"), flow("brand_royalties")

READS = (
    "brand.licensee_rate", "brand.licence_gain", "brand.licence_log_sd", "brand.licence_cost", "brand.licensor_share",
)  # fmt: skip
RATE, GAIN, SPREAD, COST, SHARE = range(5)

MOST_LOG_EARNED = 30.0
"""Log yuan a year that a brand earns elsewhere at most: keeps sums within 64 bits."""


@helper
def royalty(earned, cost, share):
    """Return the yearly royalty in yuan where a licensee earns ``earned`` a year; 0 where there is no surplus."""
    return cost + share * (earned - cost) if earned > cost else 0.0


@inlined
def chance_event(record, cell, u, theta, at, tally):
    """Let a would-be licensee turn up at a candidate month, by the uniform ``u`` in events a year."""
    rate = theta[at + RATE, cell]
    if u < rate and record.flags & R_LICENSED == 0:
        offer(record, cell, u / rate, theta, at, tally)


@called
def offer(record, cell, w, theta, at, tally):
    """A licensee turns up: the mark is licensed, and comes into use if it was idle, or nothing happens.

    The uniform ``w`` says what it would earn.
    """
    count(tally, MET, TRADEMARK, cell, 1)
    earned = record.log_value + math.log(theta[at + GAIN, cell]) + theta[at + SPREAD, cell] * normal_quantile(w)
    paid = royalty(math.exp(min(MOST_LOG_EARNED, earned)), theta[at + COST, cell], theta[at + SHARE, cell])
    if paid <= 0.0:
        return
    count(tally, LICENSED, TRADEMARK, cell, 1)
    count(tally, ROYALTIES, TRADEMARK, cell, int(paid))
    started = 0 if record.flags & R_USED else R_USED
    record.flags |= R_LICENSED | R_USED
    move_flags(TRADEMARK, R_LICENSED | started, record.flags, cell, 1, tally)
    count(tally, USED_STARTED, TRADEMARK, cell, 1 if started else 0)


@inlined
def end_with_term(record, cell, tally):
    """End the licence of a mark whose term ends; a new one may follow in the next term."""
    if record.flags & R_LICENSED:
        record.flags &= ~R_LICENSED
        move_flags(TRADEMARK, R_LICENSED, record.flags, cell, 1, tally)
