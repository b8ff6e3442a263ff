"""Who works with AI: shares of drafts, of fakes, the office's searches and those in the market.

Adoption spreads by trial and by imitation (Bass 1969) from the launch of tools good enough,

    dF/dt = (p + q F) (M - F),    exactly over a step:  y = (M - F) / (p + q F),  y' = y exp(-(p + q M) t),

and is a state: a measure raises p and so brings it forward, for good. What adoption does is log-linear in F: drafting
costs less and capacity grows, while applicants judge their own filings with more noise; a fake costs less to make up
and is harder to tell; examiners find more in an hour and screening tells more; buyers and sellers meet more often.
Whether bad faith or the backlog rises or falls follows from all of these together and is not assumed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

USES = ("drafting", "faking", "office", "matching")
DRAFTING, FAKING, OFFICE, MATCHING = range(4)
READS = (
    "ai.launch", *(f"ai.innovation.{use}" for use in USES), "ai.imitation", "ai.ceiling", "ai.fee_cut",
    "ai.capacity_gain", "ai.judgement_noise", "ai.fake_cost_cut", "ai.fake_stealth", "ai.search_gain",
    "ai.screening_gain", "ai.match_gain",
)  # fmt: skip
LAUNCH, INNOVATION = 0, 1
(
    IMITATION, CEILING, FEE_CUT, CAPACITY_GAIN, NOISE, FAKE_COST_CUT, STEALTH, SEARCH_GAIN, SCREENING_GAIN, MATCH_GAIN,
) = range(5, 15)  # fmt: skip
N_EFFECTS = 7

Floats = NDArray[np.float64]


def adopted(share: Floats, theta: Floats, months: float) -> Floats:
    """Return adoption [use] after some months; ``theta`` [read] holds p and q per month."""
    p, q, most = theta[INNOVATION : INNOVATION + len(USES)], theta[IMITATION], theta[CEILING]
    left = (most - share) / (p + q * share) * np.exp(-(p + q * most) * months)
    found: Floats = np.maximum(share, (most - p * left) / (1.0 + q * left))
    return found


def effects(share: Floats, theta: Floats) -> Floats:
    """Return the factors of [fees, capacity, noise of judgement, cost of a fake, search, discrimination, meetings]."""
    drafting, faking, office, matching = share
    found: Floats = np.exp(np.array([
        -theta[FEE_CUT] * drafting, theta[CAPACITY_GAIN] * drafting, theta[NOISE] * drafting,
        -theta[FAKE_COST_CUT] * faking, theta[SEARCH_GAIN] * office,
        theta[SCREENING_GAIN] * office - theta[STEALTH] * faking, theta[MATCH_GAIN] * matching,
    ]))  # fmt: skip
    return found
