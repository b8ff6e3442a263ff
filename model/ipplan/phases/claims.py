"""Step 11: what a dispute over an infringed right is worth, and how likely the owner is to win it.

A claim has a strength (*merit*); a decision compares it with a threshold, with noise, so the owner wins with
Phi((merit - threshold) / noise), less the local bias against owners from elsewhere. Each party knows the strength up
to an error of its own: from these errors come the suits, the settlements and the trials (Landes 1971, Priest & Klein
1984).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import helper, inlined
from ipplan.ledger import ADMINISTRATIVE, ARBITRATION, CENTRE, FORUMS
from ipplan.rights.disputes import D_OUTSIDER
from ipplan.streams import Stream, normal_cdf, normal_quantile, uniforms
from ipplan.world import TRADEMARK

# compiled-constants
_MERIT = int(Stream.MERIT)

RIGHTS_READS = ("invention", "utility_model", "design")
READS = (
    *(f"infringement.occasions.{right}" for right in (*RIGHTS_READS, "trademark")),
    *(f"infringement.stake.{right}" for right in (*RIGHTS_READS, "trademark")),
    "infringement.years", "infringement.gain_ratio", "infringement.gain_log_sd", "infringement.entry_cost",
    "infringement.local_share", "infringement.wilful_share", "infringement.belief_noise", "belief.ambiguity_sd",
    "enforcement.detection", "enforcement.merit_mean", "enforcement.belief_noise", "enforcement.logit_scale",
    "enforcement.effort", "enforcement.letter_heeded", "enforcement.letter_cost",
    *(f"forum.capacity.{forum}" for forum in FORUMS), *(f"forum.months.{forum}" for forum in FORUMS),
    *(f"forum.cost.{forum}" for forum in FORUMS), "forum.productivity_response", "forum.mark_cost_ratio",
    "forum.stake_cost", "judgment.threshold", "judgment.noise", "judgment.local_bias_court",
    "judgment.local_bias_administrative", "damages.ratio", "damages.floor", "damages.cap", "damages.punitive_share",
    "damages.punitive_multiple", "appeal.reversal", "mediation.success", "mediation.narrowing", "arbitration.consent",
    "centres.coverage", "invalidation.cost", "invalidation.months", "invalidation.noise",
    *(f"invalidation.standard.{right}" for right in RIGHTS_READS),
    *(f"invalidation.partial_band.{right}" for right in RIGHTS_READS),
    "belief.peer_weight", "belief.public_weight", "belief.forgetting", "belief.prior_weight",
    "infringement.prior_sanction", "forum.line", "satisfaction.level", "satisfaction.lasting",
    "satisfaction.surprise", "satisfaction.adaptation", "market.value_kept",
)  # fmt: skip
(
    OCCASIONS, _O1, _O2, _O3, STAKE, _T1, _T2, _T3, YEARS, GAIN_RATIO, GAIN_SD, ENTRY_COST, LOCAL_SHARE, WILFUL_SHARE,
    INFRINGERS_NOISE, AMBIGUITY, DETECTION, MERIT_MEAN, BELIEF_NOISE, LOGIT_SCALE, EFFORT, LETTER_HEEDED, LETTER_COST,
    CAPACITY, _C1, _C2, _C3, _C4, _C5, MONTHS, _M1, _M2, _M3, _M4, _M5, COST, _K1, _K2, _K3, _K4, _K5, PRODUCTIVITY,
    MARK_COST, STAKE_COST, THRESHOLD, NOISE, BIAS_COURT, BIAS_ADMINISTRATIVE, DAMAGES_RATIO, DAMAGES_FLOOR,
    DAMAGES_CAP, PUNITIVE_SHARE, PUNITIVE_MULTIPLE, REVERSAL, MEDIATION_SUCCESS, NARROWING, CONSENT, COVERAGE,
    INVALIDATION_COST, INVALIDATION_MONTHS, INVALIDATION_NOISE, STANDARD, _S1, _S2, PARTIAL_BAND, _P1, _P2,
    PEER_WEIGHT, PUBLIC_WEIGHT, FORGETTING, PRIOR_WEIGHT, PRIOR_SANCTION, LINE, LEVEL, LASTING, SURPRISE, ADAPTATION,
    VALUE_KEPT,
) = range(78)  # fmt: skip
"""Rows of the table ``protection``; forums and rights follow the first of theirs in order."""

STOPPED_SHARE = 0.5
"""Part of an infringer's gain that is lost to it where it is stopped: it is stopped half-way, on average (assumed)."""


class Climate(NamedTuple):
    """What owners and infringers reckon with this month."""

    theta: NDArray[np.float64]  # [read, cell] the table ``protection``
    delay: NDArray[np.float64]  # [forum, province] months to an end, as seen last month
    belief: NDArray[np.float64]  # [patents | marks, province] infringers' chance to be made to stop or pay
    reach: NDArray[np.float64]  # [province] cumulative shares of would-be infringers


@helper
def venue_cell(province):
    """Return the cell whose primitives a province's forums follow."""
    return province * 6 + 1


@inlined
def loss_of(log_value, age_months, right, theta, cell):
    """Return what an owner loses, in yuan, if an infringement goes on to its end."""
    value = math.exp(min(log_value, 20.0))
    if right != TRADEMARK:
        value *= theta[VALUE_KEPT, cell] ** (age_months / 12.0)
    return value * theta[STAKE + right, cell] * theta[YEARS, cell]


@inlined
def still_to_lose(loss, months, theta, cell):
    """Return what is left of a loss after some months."""
    return loss * max(0.0, 1.0 - months / (12.0 * theta[YEARS, cell]))


@inlined
def damages(loss, theta, cell):
    """Return damages in yuan: a share of the loss, between the statutory bounds."""
    return min(theta[DAMAGES_CAP, cell], max(theta[DAMAGES_FLOOR, cell], theta[DAMAGES_RATIO, cell] * loss))


@inlined
def cost_of(forum, right, stake, theta, cell):
    """Return what a party spends on a case at a forum, yuan: a sum, and a share of what is at stake."""
    fixed = theta[COST + forum, cell] * (theta[MARK_COST, cell] if right == TRADEMARK else 1.0)
    return fixed + (theta[STAKE_COST, cell] * stake if forum >= ARBITRATION else 0.0)


@inlined
def winning(merit, forum, flags, theta, cell):
    """Return the owner's chance at a forum of the cell's province, given the strength of the claim."""
    chance = normal_cdf((merit - theta[THRESHOLD, cell]) / theta[NOISE, cell])
    if flags & D_OUTSIDER and forum != CENTRE:
        chance -= theta[BIAS_ADMINISTRATIVE, cell] if forum == ADMINISTRATIVE else theta[BIAS_COURT, cell]
    return max(0.0, chance)


@inlined
def merits(seed, owner, key, opened, theta, cell):
    """Return the strength of a claim, and what owner and infringer take it for."""
    u, v, w, _ = uniforms(seed, _MERIT, owner, key, opened, 0)
    merit = theta[MERIT_MEAN, cell] + normal_quantile(u)
    return (merit, theta[BELIEF_NOISE, cell] * normal_quantile(v),
            theta[INFRINGERS_NOISE, cell] * normal_quantile(w))


@helper
def settles(owners_chance, infringers_chance, at_stake, costs):
    """Tell whether a bargain exists: p_P J - C_P <= p_D J + C_D (Landes 1971); ``costs`` are both parties'."""
    return (owners_chance - infringers_chance) * at_stake <= costs
