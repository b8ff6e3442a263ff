"""What comes from abroad: foreign inventions follow enforcement, and offices share their work on families.

Foreign ideas are multiplied by enforcement at home (against 2017) to the power of an elasticity. A family that another
office has searched needs (1 - rho) of the hours (patent prosecution highway, shared search); what that saves of a
month's examiner hours goes to the other cases.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import kernel
from ipplan.ledger import PENDING_EXAM
from ipplan.world import FOREIGN, INVENTION, N_CELLS, N_KINDS

# compiled-constants
READS = ("foreign.enforcement", "foreign.inflow_elasticity", "overseas.work_sharing", "overseas.start_share.foreign")
ENFORCEMENT, ELASTICITY, WORK_SHARING, SEARCHED = range(4)

Floats = NDArray[np.float64]


def with_inflow(rates: Floats, theta: Floats) -> Floats:
    """Return arrivals [stream, cell] with foreign ideas as enforcement draws them; the same bits where it is one."""
    found = rates.copy()
    draw_in(theta, found)
    return found


@kernel
def draw_in(theta, rates):
    """Let foreign ideas follow enforcement."""
    for cell in range(FOREIGN, N_CELLS, N_KINDS):
        rates[0, cell] *= theta[ENFORCEMENT, cell] ** theta[ELASTICITY, cell]


@kernel
def add_waiting(stocks, waiting):
    """Add the inventions of a block that wait for examination, by kind of owner."""
    for cell in range(N_CELLS):
        waiting[cell % N_KINDS] += stocks[cell, INVENTION, PENDING_EXAM]


def hours_saved(waiting: NDArray[np.int64], theta: Floats) -> float:
    """Return the share of examiner hours that shared work saves; ``waiting`` [kind] inventions that wait."""
    total = int(waiting.sum())
    if total == 0:
        return 0.0
    return float(theta[WORK_SHARING, 0] * theta[SEARCHED, 0] * waiting[FOREIGN] / total)
