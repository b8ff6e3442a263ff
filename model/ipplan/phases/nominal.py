"""Step 9: deals on paper: recorded for points in an evaluation, at no price, and used by nobody.

Universities and institutes are evaluated by counts of patents and, with the rest of the weight, by conversions. Now and
then a patent offers an occasion to record a licence to somebody obliging. The points are worth ``points`` yuan at full
weight; they are taken where that is above the cost and the risk, as owners see it (a logit around the cost):

    rate = occasions / (1 + exp(-(points (1 - weight_counts) - cost) / spread))

So an evaluation that turns from patents to conversions gets more deals of both kinds. A nominal licence is counted
among licences, ends the patent's being idle on paper, and moves nothing latent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import inlined
from ipplan.ledger import LICENSED, count, flow
from ipplan.phases import market as mk
from ipplan.rights.register import R_IDLE, R_TOUCHED
from ipplan.world import INSTITUTE, N_KINDS, UNIVERSITY

# compiled-constants
NOMINAL_LICENSED = flow("nominal_licensed")

COUNTS_2017 = 0.85
"""Weight of counts in 2017: what holding a patent is worth to a university then is its unit."""

Floats = NDArray[np.float64]


def rate(occasions: Floats, worth: Floats, cost: Floats, spread: Floats) -> Floats:
    """Return nominal deals a year per patent: ``occasions`` a year, taken by those to whom they are worth the cost."""
    found: Floats = 0.5 * occasions * (1.0 + np.tanh(0.5 * (worth - cost) / spread))  # the logit, without overflow
    return found


def reckon(market: Floats) -> None:
    """Turn occasions into nominal deals a year in the market's table [month, read, cell]."""
    for kind in range(N_KINDS):
        cells = slice(kind, None, N_KINDS)
        if kind not in (UNIVERSITY, INSTITUTE):
            market[:, mk.NOMINAL, cells] = 0.0
            continue
        worth = market[:, mk.POINTS, cells] * (1.0 - market[:, mk.WEIGHT_COUNTS, cells])
        market[:, mk.NOMINAL, cells] = rate(market[:, mk.NOMINAL, cells], worth, market[:, mk.NOMINAL_COST, cells],
                                            market[:, mk.NOMINAL_SPREAD, cells])  # fmt: skip


def hold_for_counts(renewal: Floats, holding: int, weight_counts: int) -> None:
    """Scale what holding a patent is worth to universities and institutes with the weight their evaluation gives it."""
    for kind in (UNIVERSITY, INSTITUTE):
        cells = slice(kind, None, N_KINDS)
        renewal[:, holding, cells] *= renewal[:, weight_counts, cells] / COUNTS_2017


@inlined
def license_on_paper(record, cell, tally):
    """Record a nominal licence."""
    count(tally, LICENSED, record.right, cell, 1)
    count(tally, NOMINAL_LICENSED, record.right, cell, 1)
    record.flags = (record.flags | R_TOUCHED) & ~R_IDLE
