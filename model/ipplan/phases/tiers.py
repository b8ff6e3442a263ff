"""Tiers of small firms: what a micro, a small and a medium firm do differently (China's four classes of enterprises).

The kind ``sme`` is told apart by rank of size: the smallest share are micro firms, the largest are medium ones. Two
things differ by tier. *Own use*: the hazard of putting a patent to use is that of the kind times

    f_t = r_t / sum_s w_s r_s,      w_micro = 1 - (1 - s_micro)^k,   w_medium = s_medium^k,   k = 1 - 1/a,

r_t the ratio to a small firm's, w_t the share of ideas that a Pareto law of sizes with exponent a gives a tier (its
Lorenz curve): in January 2017 the hazards of ``use.*`` are means over the kind's patents, whatever the ratios are.
*Guarantees*: public funds compensate a larger share of a loss the smaller the borrower, g_t = g exp(tilt step_t).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import helper, inlined
from ipplan.ledger import count, flow
from ipplan.rights.register import R_USED
from ipplan.world import FIRM_TIERS, INVENTION, MEDIUM, MICRO, SME

# compiled-constants
READS = (
    "use.tier_ratio.micro", "use.tier_ratio.medium", "tiers.micro_share", "tiers.medium_share",
    "applicants.size_exponent.sme",
)  # fmt: skip
"""In the table ``market``, where ``reckon`` turns the first three rows into the factors of the tiers."""
RATIO_MICRO, RATIO_MEDIUM, MICRO_SHARE, MEDIUM_SHARE, EXPONENT = range(5)

KEPT, USED = flow(f"kept_{FIRM_TIERS[0]}"), flow(f"used_kept_{FIRM_TIERS[0]}")
"""Inventions kept for another year by firms of a tier, and those of them in use; the next tiers follow."""
SMALL_FIRM = 2.0
"""Guarantees are those of a small firm: other tiers lie steps above or below it, large firms one beyond medium ones."""
MOST_GUARANTEED = 0.99

Floats = NDArray[np.float64]


def idea_shares(micro: Floats, medium: Floats, exponent: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the shares of ideas of micro, small and medium firms: a Pareto law's Lorenz curve at shares of firms."""
    k = np.maximum(0.0, 1.0 - 1.0 / exponent)  # with an exponent below one the largest have it all
    low = 1.0 - (1.0 - micro) ** k
    high: Floats = np.minimum(np.minimum(medium, 1.0 - micro) ** k, 1.0 - low)
    return low, 1.0 - low - high, high


def reckon(market: Floats, first: int) -> None:
    """Turn ratios into factors on own use, micro, small and medium, in the market's table [month, read, cell]."""
    rows = market[:, first : first + len(READS)]
    shares = idea_shares(rows[0, MICRO_SHARE], rows[0, MEDIUM_SHARE], rows[0, EXPONENT])
    mean = shares[0] * rows[0, RATIO_MICRO] + shares[1] + shares[2] * rows[0, RATIO_MEDIUM]
    micro, medium = rows[:, RATIO_MICRO] / mean, rows[:, RATIO_MEDIUM] / mean
    rows[:, 0], rows[:, 1], rows[:, 2] = micro, 1.0 / mean, medium


@inlined
def relative_use(tier, market_theta, first, cell):
    """Return the factor on a firm's own use; 1 where tiers are not told apart."""
    return market_theta[first + tier - MICRO, cell] if tier else 1.0


@helper
def guaranteed(share, tilt, tier):
    """Return the part of a loss that is guaranteed to lenders of a firm of a tier; ``share`` is a small firm's."""
    steps = SMALL_FIRM - tier if tier else SMALL_FIRM - MEDIUM - 1.0
    return min(MOST_GUARANTEED, share * math.exp(tilt * steps))


@inlined
def note_year(record, kind, tier, cell, tally):
    """Count an invention that a small firm keeps for another year, and whether it is in use: a census over the year."""
    if kind != SME or record.right != INVENTION or tier == 0:
        return
    count(tally, KEPT + tier - MICRO, INVENTION, cell, 1)
    if record.flags & R_USED:
        count(tally, USED + tier - MICRO, INVENTION, cell, 1)
