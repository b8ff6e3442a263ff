"""Who considers filing, lending or licensing at all: awareness, learned from peers and taught.

Of the owners of a cell a share A considers the IP system when it has an idea. The aware tell others (contagion), forget
or leave, and assistance reaches some; among those it reaches, owners that are aware already are over-represented by
their interest (omega): the dead weight z,

    dA/dt = l A (1 - A) - d A + s (1 - z),    z = omega A / (omega A + 1 - A),

with l such that A stays where it was in 2017 at the assistance of 2017. So without a measure nothing changes, in no
bit. Owners newly aware bring ideas, search loans and deals, and notice infringements, in part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

READS = (
    "awareness.share.*", "awareness.decay", "assistance.rate", "assistance.selection", "assistance.window_dressing",
    "awareness.filing", "awareness.finance", "awareness.market", "awareness.detection", "assistance.cost",
)  # fmt: skip
SHARE, DECAY, RATE, SELECTION, DRESSING, FILING, FINANCE, MARKET, DETECTION, COST = range(10)

Floats = NDArray[np.float64]


def dead_weight(aware: Floats, selection: Floats) -> Floats:
    """Return the share of assisted owners that were aware before."""
    interested: Floats = selection * aware
    return interested / (interested + 1.0 - aware)


def contagion(theta: Floats, decay: Floats, taught: Floats) -> Floats:
    """Return l per year, at which the share of 2017 stays; ``taught`` is s (1 - z) of 2017."""
    share = theta[SHARE]
    found: Floats = np.maximum(0.0, decay / (1.0 - share) - taught / (share * (1.0 - share)))
    return found


def advanced(aware: Floats, start: Floats, now: Floats, years: float) -> Floats:
    """Return the aware share [cell] after some time; ``start`` and ``now`` are tables of 2017 and of the month.

    It is reckoned as a difference from the flows of 2017, so that a share at rest stays the same number; a step of the
    exponential Euler rule, which is stable however fast the share returns.
    """
    first = start[SHARE]
    taught = start[RATE] * (1.0 - dead_weight(first, start[SELECTION]))
    spread = contagion(start, start[DECAY], taught)
    gone = spread * (1.0 - first) + taught / first  # the decay at which the first share is at rest
    teaching = now[RATE] * (1.0 - dead_weight(aware, now[SELECTION])) - taught
    flow = (aware - first) * (spread * (1.0 - aware - first) - gone) + teaching
    flow = flow - (now[DECAY] - start[DECAY]) * aware
    pace = np.maximum(gone - spread * (1.0 - 2.0 * aware), now[DECAY])  # of the return, a year
    moved: Floats = np.clip(aware - flow * np.expm1(-years * pace) / pace, 0.0, 1.0)
    return moved


def participation(aware: Floats, first: Floats, weight: Floats) -> Floats:
    """Return by how much more of something owners do, [cell]: who is newly aware does ``weight`` of what others do."""
    factor: Floats = 1.0 + weight * (aware / first - 1.0)
    return factor
