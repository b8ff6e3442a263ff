"""Squatted marks: what a squatter may expect of one, and what happens when the brand owner turns up.

An owner whose brand is worth V (lognormal, yuan) turns up at a rate. Where it is willing to deal, the price is that of
bargaining with an outside option (Binmore, Rubinstein & Wolinsky 1986): the squatter's share b of V, unless asking for
invalidation (won with chance s, at cost C) leaves the owner better off,

    P = min(b V, (1 - s) V + C).

Else it asks for invalidation where s V > C. A squatter knows all this, and what the law says (Becker 1968): what it
may expect of a registered mark is the price times the chance that an owner comes before the mark is lost, discounted,

    R = rate w E[P] [a(k1, 3) + exp(-3 k1) a(k2, 7)],     a(k, T) = (1 - exp(-k T)) / k,

w the willing, k1 the discount rate plus the hazards of loss, k2 those plus cancellation for non-use after three years.
"""

from __future__ import annotations

import math

from ipplan.compiled import called, helper, inlined
from ipplan.ledger import INVALIDATED, count, flow
from ipplan.phases import cancellation
from ipplan.phases.holdings import hold
from ipplan.rights.register import R_BAD, R_USED
from ipplan.streams import normal_cdf, normal_quantile
from ipplan.world import TRADEMARK

# compiled-constants
MET, SOLD, PRICE = flow("squatters_met"), flow("squatted_sold"), flow("squatted_price")
REQUESTED, GRANTED = flow("mark_invalidation_requested"), flow("mark_invalidation_granted")

READS = (
    *cancellation.READS, "fabrication.resale_value", "squatting.stake_ratio", "squatting.stake_log_sd",
    "squatting.owner_rate", "squatting.willing", "squatting.bargaining_share", "squatting.invalidation_success",
    "squatting.invalidation_cost", "screening.mark_invalidation",
)  # fmt: skip
"""Rows of two tables (lives in force, prospects), from a row ``at`` on."""
N_CANCELLATION = len(cancellation.READS)
(
    RESALE, STAKE_RATIO, STAKE_SD, OWNER_RATE, WILLING, BARGAINING, SUCCESS, COST, EX_OFFICIO,
) = range(N_CANCELLATION, N_CANCELLATION + 9)  # fmt: skip

YEARS_SAFE, YEARS_OPEN = 3.0, 7.0
"""A term of ten years: three in which non-use is no ground, and the rest (Trademark Law, articles 39 and 49)."""


@helper
def price(stake, bargaining, success, cost):
    """Return what a brand owner pays for a squatted mark, in yuan."""
    return min(bargaining * stake, (1.0 - success) * stake + cost)


@helper
def mean_price(log_stake, spread, bargaining, success, cost):
    """Return the mean price over lognormal stakes, in yuan."""
    mean = math.exp(log_stake + 0.5 * spread * spread)
    ahead = bargaining - (1.0 - success)
    if ahead <= 0.0:
        return bargaining * mean
    at = (math.log(cost / ahead) - log_stake) / spread
    below = normal_cdf(at - spread)
    return mean * (bargaining * below + (1.0 - success) * (1.0 - below)) + cost * normal_cdf(-at)


@helper
def annuity(rate, years):
    """Return the value of one a year over some years at a rate above zero."""
    return (1.0 - math.exp(-rate * years)) / rate


@inlined
def log_stake(theta, at, cell):
    """Return the log of the median stake of an owner that turns up, in yuan."""
    return math.log(theta[at + RESALE, cell] * theta[at + STAKE_RATIO, cell])


@inlined
def expected_resale(theta, at, cell, discount):
    """Return what a squatter may expect of a registered mark, in yuan."""
    median, spread = log_stake(theta, at, cell), theta[at + STAKE_SD, cell]
    success, cost, willing = theta[at + SUCCESS, cell], theta[at + COST, cell], theta[at + WILLING, cell]
    asks = normal_cdf((median - math.log(cost / success)) / spread)
    rate = theta[at + OWNER_RATE, cell]
    k = discount + theta[at + EX_OFFICIO, cell] + rate * (willing + (1.0 - willing) * asks * success)
    open_to = k + cancellation.rate_idle(theta, at, cell) * (1.0 - theta[at + cancellation.TOKEN_USE, cell])
    years = annuity(k, YEARS_SAFE) + math.exp(-k * YEARS_SAFE) * annuity(open_to, YEARS_OPEN)
    return rate * willing * mean_price(median, spread, theta[at + BARGAINING, cell], success, cost) * years


@inlined
def chance_event(month, record, cell, u, v, w, firms, owners, theta, at, tally):
    """What happens to a squatted mark at a candidate month, ``u`` in events a year. True where the mark stays.

    It is struck ex officio, meets a brand owner, or is attacked for non-use.
    """
    if u < theta[at + EX_OFFICIO, cell]:
        count(tally, INVALIDATED, TRADEMARK, cell, 1)
        return False
    u -= theta[at + EX_OFFICIO, cell]
    if u < theta[at + OWNER_RATE, cell]:
        return owner_turns_up(record, cell, u / theta[at + OWNER_RATE, cell], v, w, firms, owners, theta, at, tally)
    u -= theta[at + OWNER_RATE, cell]
    if u < cancellation.rate(month, record, theta, at, cell):
        return not cancellation.cancelled(record, cell, u, v, theta, at, tally)
    return True


@called
def owner_turns_up(record, cell, u, v, w, firms, owners, theta, at, tally):
    """Let a brand owner buy the mark, ask for its invalidation, or leave it. True where the mark stays."""
    count(tally, MET, TRADEMARK, cell, 1)
    stake = math.exp(log_stake(theta, at, cell) + theta[at + STAKE_SD, cell] * normal_quantile(v))
    success, cost = theta[at + SUCCESS, cell], theta[at + COST, cell]
    if w < theta[at + WILLING, cell]:
        count(tally, SOLD, TRADEMARK, cell, 1)
        count(tally, PRICE, TRADEMARK, cell, int(price(stake, theta[at + BARGAINING, cell], success, cost)))
        hold(TRADEMARK, 0, record.flags, cell, -1, tally)
        record.flags = (record.flags & ~R_BAD) | R_USED
        record.owner = min(firms - 1, int(u * firms))  # enterprises are the first rows of the population
        hold(TRADEMARK, 0, record.flags, owners.cell[record.owner], 1, tally)
        return True
    if success * stake <= cost:
        return True
    count(tally, REQUESTED, TRADEMARK, cell, 1)
    if u >= success:
        return True
    count(tally, GRANTED, TRADEMARK, cell, 1)
    count(tally, INVALIDATED, TRADEMARK, cell, 1)
    return False
