"""Step 9b: what an open licence is worth to an owner, and the price it posts (Patent Law of 2020, articles 50-52).

Whoever pays the posted price may use the patent: no bargaining, no transfer staff, no fear of a low price, but no
exclusivity either. A taker's willingness is W = v exp(-t + s z) over the adoption cost c, t uniform up to the technical
distance, z normal; so the chance that it takes at price P has a closed form, and the owner posts the price that brings
most per meeting, P Pr(W > P + c). It declares where a year of that, and of the relief on the annuity, is worth more
than a year of bargaining, the exclusivity it gives up, and the cost:

    gain = M e^a P* Pr(W > P* + c) + relief - cost - x v e^{s z'} - M g theta E[(W - c - fallback)+]

M meetings a year, a the visibility of a public offer, g the gates of a bargained deal, theta the seller's share.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import helper, inlined, kernel
from ipplan.phases import market as mk
from ipplan.rights.register import R_CHALLENGED, R_LICENSED, R_PLEDGED, R_USED
from ipplan.streams import again, normal_cdf
from ipplan.world import INSTITUTE, UNIVERSITY

# compiled-constants
TAKEN = R_USED | R_LICENSED | R_PLEDGED | R_CHALLENGED
"""A patent that is any of these is not declared open."""

ROOT_TWO_PI = 2.5066282746310002
LOWEST, STEP, NODES = -6.0, 0.25, 73
"""Grid of log values over the adoption cost, -6 to 12."""
LOG_PRICE, CHANCE, BARGAIN = range(3)
"""Rows of the table of posted prices: log price, a taker's chance, and the mean gain of a bargained deal."""
SECTIONS = 48
"""Golden sections of the search for the best price: exact to 1e-8 of it."""
GOLDEN = 0.6180339887498949
MIDPOINTS = 16
NEAR = 1e-5
"""Distances below this are none (the closed form would cancel)."""
FARTHEST = 6.0
"""The best price lies within so many log points of what a taker is willing to pay."""


@helper
def area(y):
    """Return the integral of the normal distribution function up to ``y``."""
    return y * normal_cdf(y) + math.exp(-0.5 * y * y) / ROOT_TWO_PI


@helper
def willing(x, spread, sd):
    """Return Pr(sd z - t > x), t uniform on (0, spread), z standard normal."""
    if spread < NEAR:
        return normal_cdf(-x / sd)
    return sd / spread * (area(-x / sd) - area(-(x + spread) / sd))


@helper
def best_log_price(x, spread, sd):
    """Return the log of the price that brings most per meeting; all in adoption costs, the patent worth exp(x)."""
    low, high = min(x, 0.0) - FARTHEST, max(x, 0.0) + FARTHEST
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_a = math.exp(a) * willing(math.log1p(math.exp(a)) - x, spread, sd)
    at_b = math.exp(b) * willing(math.log1p(math.exp(b)) - x, spread, sd)
    for _ in range(SECTIONS):
        if at_a < at_b:
            low, a, at_a = a, b, at_b
            b = low + GOLDEN * (high - low)
            at_b = math.exp(b) * willing(math.log1p(math.exp(b)) - x, spread, sd)
        else:
            high, b, at_b = b, a, at_a
            a = high - GOLDEN * (high - low)
            at_a = math.exp(a) * willing(math.log1p(math.exp(a)) - x, spread, sd)
    return 0.5 * (low + high)


@helper
def mean_gain(x, spread, sd, fallback):
    """Return E[(W - 1 - fallback v)+] in adoption costs: what a meeting adds where the deal is bargained."""
    least = math.log(1.0 + fallback * math.exp(x))
    total = 0.0
    for k in range(MIDPOINTS):
        middle = x - spread * (k + 0.5) / MIDPOINTS
        over = (middle - least) / sd
        total += math.exp(middle + 0.5 * sd * sd) * normal_cdf(over + sd) - math.exp(least) * normal_cdf(over)
    return max(0.0, total / MIDPOINTS)


@kernel
def post(spread, sd, fallback, posted):
    """Fill ``posted`` [log price | chance | bargain, node]."""
    for node in range(NODES):
        x = LOWEST + node * STEP
        log_price = best_log_price(x, spread, sd)
        posted[LOG_PRICE, node] = log_price
        posted[CHANCE, node] = willing(math.log1p(math.exp(log_price)) - x, spread, sd)
        posted[BARGAIN, node] = mean_gain(x, spread, sd, fallback)


def buyers(theta: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return what owners know of buyers, by the market's table: (spread of distance, sd of absorption, fallback)."""
    return 0.5 / float(theta[mk.FIT_LENGTH, 0]), float(theta[mk.ABSORPTIVE_SD, 0]), float(theta[mk.FALLBACK, 0])


@inlined
def read(posted, row, x):
    """Return a row of the table of posted prices at the log value ``x``, linear between its nodes."""
    place = min(max((x - LOWEST) / STEP, 0.0), NODES - 1.001)
    node = int(place)
    part = place - node
    return (1.0 - part) * posted[row, node] + part * posted[row, node + 1]


@inlined
def weighs(record, w, market_theta, cell):
    """True where the owner of an unused patent weighs an open licence this year (by a uniform that serves twice)."""
    return again(w) < market_theta[mk.ATTENTION, cell] and record.flags & TAKEN == 0


@inlined
def yearly_value(month, record, market_theta, cell):
    """Return what the patent brings a buyer in this year of its life, in yuan, before fit and absorption."""
    years = (month - record.filed) // 12
    return math.exp(min(record.log_value, mk.MOST_LOG_VALUE)) * market_theta[mk.VALUE_KEPT, cell] ** years


@inlined
def gain(met, value, relief, z, kind, cell, market_theta, staff_free, posted):
    """Return the gain of a year under an open licence, in yuan, over a year of bargaining (``z`` the owner's taste)."""
    cost = market_theta[mk.ADOPTION_COST, cell]
    x = math.log(value / cost)
    revenue = math.exp(market_theta[mk.VISIBILITY, cell] + read(posted, LOG_PRICE, x)) * read(posted, CHANCE, x)
    gates = market_theta[mk.SAFETY, cell]
    if kind == UNIVERSITY or kind == INSTITUTE:
        gates *= staff_free[cell] * (1.0 - market_theta[mk.LIABILITY, cell])
    bargaining = gates * market_theta[mk.SELLER_SHARE, cell] * read(posted, BARGAIN, x)
    exclusive = market_theta[mk.EXCLUSIVITY, cell] * value * math.exp(market_theta[mk.EXCLUSIVITY_SD, cell] * z)
    return met * cost * (revenue - bargaining) + relief - market_theta[mk.OPEN_COST, cell] - exclusive
