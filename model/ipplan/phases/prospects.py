"""What filers of marks expect: squatters of squatting, brand owners of squatters, both of a law that is announced.

**Deterrence.** The payoff of a squatted mark in the choice for bad faith is what it may be expected to bring
(``squatting``) if it survives opposition; portfolio refusal and sanctions enter there too.

**Defence.** Brand owners file n = n0 (1 + phi m E / E0) marks, E the squatting they see (smoothed), over the level
1 + phi of 2017 (Fink, Helmers & Ponce 2018).

**Rush.** An announced law makes filing worse by dG yuan from some day on. Of the filings of the coming months a share
1 - exp(-dG / scale) would then no longer be worth it (the logit where bad faith is rare); of these, a number of months'
worth is brought forward each month until the law works, and is missing later: what is brought forward is a debt that is
repaid over some months,

    multiplier = 1 + f - D / repay,   D <- D + f - D / repay,   f = pull (1 - exp(-dG+ / scale)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import inlined, kernel
from ipplan.phases import squatting, stakes
from ipplan.phases.opposition import right_decision, worth_opposing
from ipplan.phases.portfolio import refusal
from ipplan.tables import MARK_FILERS, Layer, Table
from ipplan.world import N_CELLS

# compiled-constants
READS = (
    *squatting.READS, "squatting.discount_rate", "opposition.watch_rate", "opposition.window_months",
    "opposition.cost", "opposition.discrimination", "opposition.conflict_share", "opposition.malicious_share",
    "fabrication.success.trademark", "sanction.trademark", "belief.prior_detection", "belief.prior_weight",
    "fabrication.logit_scale", "examination.portfolio_severity", "examination.need_shown",
    "squatting.defensive_response", "squatting.exposure_reference", "rush.pull", "rush.repay_months",
)  # fmt: skip
(
    DISCOUNT, WATCH, WINDOW, COST, DISCRIMINATION, CONFLICT, MALICE, SUCCESS, SANCTION, PRIOR, PRIOR_WEIGHT, SCALE,
    SEVERITY, NEED_SHOWN, RESPONSE, REFERENCE, PULL, REPAY,
) = range(len(squatting.READS), len(squatting.READS) + 18)  # fmt: skip

PAYOFF, FOUNDED, BAD, MALICIOUS, RUSH, DEFENCE, DEFENSIVE, LATER = range(8)
"""Columns of the terms: a squatted mark's payoff (yuan); chances that an approved mark is opposed: honest with ground,
bad, honest without; multipliers of squatters' batches and of brand needs; share of brand needs that is defensive; the
payoff that an announced law leaves."""
MOVED = (stakes.RESALE, stakes.BULK_TM, stakes.DEFENSIVE)
"""Rows of the table of filing that prospects decide."""
RESALE, BATCH, DEFENSIVE_SHARE = range(len(MOVED))
HOARD = 2.0
"""Recent filings over the normal need of those who think about the law's effect on portfolios."""


@dataclass
class Prospects:
    """What filers of marks reckon with this month, and what the last months left to it."""

    like: NDArray[np.int64]
    """The first cell that no measure tells from each."""
    layer: Layer
    """Over the table of filing: ``MOVED`` rows."""
    terms: NDArray[np.float64] = field(default_factory=lambda: np.zeros((N_CELLS, 8)))
    debt: NDArray[np.float64] = field(default_factory=lambda: np.zeros((N_CELLS, 2)))
    """Filings brought forward and not yet missing, in months of filings: [cell, squatters | brand owners]."""

    @classmethod
    def fresh(cls, like: NDArray[np.int64], filing: Table) -> Prospects:
        """Return filers who have thought about nothing yet, with a layer over the table ``filing``."""
        layer = filing.lay(MARK_FILERS, MOVED)
        layer.factor[[RESALE, DEFENSIVE_SHARE]] = 0.0  # replaced, whatever the schedule has there
        return cls(like, layer)

    def look_ahead(
        self, theta: NDArray[np.float64], announced: NDArray[np.float64], pseudo: NDArray[np.float64], exposure: float
    ) -> None:
        """Reckon with what holds this month and what is announced (see ``reckon``); filing follows that."""
        reckon(theta, announced, pseudo, exposure, self.terms, self.debt, self.like)
        self.layer.shift[RESALE] = self.terms[:, PAYOFF]
        self.layer.factor[BATCH] = self.terms[:, RUSH]
        self.layer.shift[DEFENSIVE_SHARE] = self.terms[:, DEFENSIVE]
        self.layer.settle()

    def chances(self, screening: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chances [cell, column] that a mark is struck, honest and bad, and then those of opposition.

        ``screening`` are chances of being flagged, see ``learning.detection_chances``.
        """
        chances = np.empty((N_CELLS, 2 + MALICIOUS + 1 - FOUNDED))
        set_chances(screening, self.terms, chances)
        return chances


@kernel
def set_chances(screening, terms, chances):
    """Set the chances of a mark before the office, [cell, struck honest | struck bad | opposed (see the terms)]."""
    for cell in range(N_CELLS):
        for faith in range(2):
            chances[cell, faith] = screening[1, cell, 0, faith] * screening[1, cell, 1, faith]
        for column in range(FOUNDED, MALICIOUS + 1):
            chances[cell, 2 + column - FOUNDED] = terms[cell, column]


@inlined
def opposed(theta, cell, terms):
    """Set the chances that an approved mark is opposed; returns the chance that a squatted one survives."""
    log_stake, spread = squatting.log_stake(theta, 0, cell), theta[squatting.STAKE_SD, cell]
    right, cost = right_decision(theta[DISCRIMINATION, cell]), theta[COST, cell]
    notice = 1.0 - math.exp(-theta[WATCH, cell] * theta[WINDOW, cell])
    founded = notice * worth_opposing(log_stake, spread, cost, right)
    terms[cell, FOUNDED] = theta[CONFLICT, cell] * founded
    terms[cell, BAD] = founded
    terms[cell, MALICIOUS] = theta[MALICE, cell] * notice * worth_opposing(log_stake, spread, cost, 1.0 - right)
    return 1.0 - founded * right


@inlined
def gain(theta, cell, payoff, belief):
    """Return the part of a squatter's expected utility that laws move, yuan; it hoards ``HOARD`` times its need."""
    kept = 1.0 - refusal(HOARD, 1.0, theta[SEVERITY, cell])
    return (1.0 - belief) * theta[SUCCESS, cell] * kept * payoff - belief * theta[SANCTION, cell]


@inlined
def bring_forward(cell, who, share, theta, debt):
    """Return the multiplier of this month's filings, and book what is brought forward and what is missing."""
    forward = theta[PULL, cell] * share
    repaid = debt[cell, who] / theta[REPAY, cell]
    debt[cell, who] += forward - repaid
    return 1.0 + forward - repaid


@kernel
def reckon(theta, announced, pseudo, exposure, terms, debt, like):
    """Set this month's ``terms`` [cell, column]; ``announced`` is the table as announced laws will have it.

    ``pseudo`` [caught | cases, patents | marks, cell] is the evidence from peers on being caught; ``like`` [cell]
    is the first cell that no measure tells from this one: what is alike is reckoned once.
    """
    for cell in range(len(terms)):
        first = like[cell]
        if first < cell:
            for column in range(FOUNDED, MALICIOUS + 1):
                terms[cell, column] = terms[first, column]
            terms[cell, PAYOFF], terms[cell, LATER] = terms[first, PAYOFF], terms[first, LATER]
        else:
            discount = theta[DISCOUNT, cell]
            terms[cell, LATER] = opposed(announced, cell, terms) * squatting.expected_resale(
                announced, 0, cell, discount)
            terms[cell, PAYOFF] = opposed(theta, cell, terms) * squatting.expected_resale(theta, 0, cell, discount)
        weight = theta[PRIOR_WEIGHT, cell]
        belief = (weight * theta[PRIOR, cell] + pseudo[0, 1, cell]) / (weight + pseudo[1, 1, cell])
        worse = gain(theta, cell, terms[cell, PAYOFF], belief) - gain(announced, cell, terms[cell, LATER], belief)
        share = 1.0 - math.exp(-worse / theta[SCALE, cell]) if worse > 0.0 else 0.0
        terms[cell, RUSH] = bring_forward(cell, 0, share, theta, debt)
        harder = refusal(HOARD, 1.0, announced[SEVERITY, cell]) - refusal(HOARD, 1.0, theta[SEVERITY, cell])
        rush = bring_forward(cell, 1, max(0.0, harder) * (1.0 - theta[NEED_SHOWN, cell]), theta, debt)
        response = theta[RESPONSE, cell]
        defensive = response * rush * exposure / theta[REFERENCE, cell]
        terms[cell, DEFENCE] = (1.0 + defensive) / (1.0 + response)
        terms[cell, DEFENSIVE] = defensive / (1.0 + defensive)
