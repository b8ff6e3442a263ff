"""Step 12a: where a domestic invention is filed abroad, and what becomes of it there.

At the first anniversary, when the right of priority ends, the owner files in destination c if and only if

    V_c p_c (1 - r (1 - g) l) > kappa_c (1 - s),      V_c = v A m_c exp(sd z_c)

with v the invention's first-year return, A = sum of (discount x (1 - decay))^t over the years 4 to 19 that a right
abroad lives, m_c the worth of the market against home, z_c the fit of the invention to it (cut at two and a half
deviations), p_c the chance that a right can be enforced, r the risk of a dispute, g what guidance takes off its loss l,
kappa_c the cost and s the share of it that subsidies bear. Where no destination pays, but the official high-value mark
is rewarded by more than the best one loses, the family goes there alone: it is filed for the label.

A case enters a foreign office after twelve months, or after thirty through the PCT, is pending there, and is granted or
refused. Until then it sleeps in a bin; most inventions are worth too little for any destination and are never noted.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import helper, inlined, kernel
from ipplan.ledger import (
    FAMILIES_FILED,
    FAMILIES_GRANTED,
    FILED_ABROAD,
    GRANTED_ABROAD,
    PENDING_ABROAD,
    REFUSED_ABROAD,
    count,
    flow,
    move,
)
from ipplan.phases.royalties import license_abroad
from ipplan.rights import bins, keys
from ipplan.rights.abroad import ABROAD_SLOTS, PAST, PENDING, PRIORITY
from ipplan.rights.keys import filing_key
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import DESTINATIONS, FOREIGN, INVENTION, N_CELLS, N_DESTINATIONS, N_KINDS

# compiled-constants
_FAMILY, _OFFICE = int(Stream.FAMILY), int(Stream.FOREIGN_OFFICE)
DISPUTES, GUIDED = flow("disputes_abroad"), flow("disputes_abroad_guided")
LOSS, AVERTED = flow("disputes_abroad_loss"), flow("disputes_abroad_averted")

READS = (
    *(f"overseas.{what}.{place}" for what in ("market", "enforcement", "cost", "pendency", "grant_rate")
      for place in DESTINATIONS),
    "overseas.market_spread", "overseas.subsidy", "overseas.label_benefit", "overseas.pct_share",
    "overseas.dispute_risk", "overseas.dispute_loss", "overseas.guidance", "overseas.work_sharing",
    "renewal.discount", "renewal.decay.invention", "definition.family_when_filed",
)  # fmt: skip
MARKET, ENFORCEMENT, COST, PENDENCY, GRANT_RATE = (step * N_DESTINATIONS for step in range(5))
(
    SPREAD, SUBSIDY, LABEL, PCT_SHARE, DISPUTE_RISK, DISPUTE_LOSS, GUIDANCE, WORK_SHARING, DISCOUNT, DECAY,
    WHEN_FILED,
) = range(5 * N_DESTINATIONS, 5 * N_DESTINATIONS + 11)  # fmt: skip

FIRST_YEAR, LAST_YEAR = 4, 19
"""Years from filing in which a right abroad earns: from a typical grant to the end of its term."""
PRIORITY_MONTHS, PCT_MONTHS = 12, 30
"""Months from filing in which other offices can be entered: Paris Convention art. 4; PCT art. 22."""
WORST_FIT = 2.5
"""The fit to a market is cut at so many deviations, so that what is worth too little everywhere is known at filing."""
MOST_LOG_WORTH = 30.0
"""Log yuan at stake in a dispute at most: keeps sums within 64 bits."""
HEADROOM = 0.25
"""Log points by which terms may improve within a year before a family is missed that was not noted at filing."""


class Terms(NamedTuple):
    """What a month offers those who file abroad: [destination, cell] unless said otherwise."""

    worth: NDArray[np.float64]  # log of what a yuan of first-year return is worth, at an average fit
    cost: NDArray[np.float64]  # yuan, what subsidies leave to the owner
    benefit: NDArray[np.float64]  # [cell] yuan, reward for the label
    cut: NDArray[np.float64]  # [cell] log first-year return below which no fit makes a family pay
    counts_when_filed: bool  # whether a family counts as one from its filing on, anywhere


def terms(theta: NDArray[np.float64]) -> Terms:
    """Return the terms of a month from the table of this phase, [read, cell]."""
    places = np.arange(N_DESTINATIONS)
    keep = theta[DISCOUNT] * (1.0 - theta[DECAY])
    years = (keep**FIRST_YEAR - keep ** (LAST_YEAR + 1)) / (1.0 - keep)
    undisputed = 1.0 - theta[DISPUTE_RISK] * (1.0 - theta[GUIDANCE]) * theta[DISPUTE_LOSS]
    worth = np.log(years * undisputed * theta[MARKET + places] * theta[ENFORCEMENT + places])
    cost = theta[COST + places] * (1.0 - theta[SUBSIDY])
    need = np.log(np.maximum(cost - theta[LABEL], 1e-9)) - worth
    cut = need.min(axis=0) - WORST_FIT * theta[SPREAD] - HEADROOM
    cut[np.arange(N_CELLS) % N_KINDS == FOREIGN] = np.inf  # foreigners' families begin at home, abroad
    return Terms(worth, cost, theta[LABEL].copy(), cut, bool(theta[WHEN_FILED].any()))


@kernel
def note(month, filed, cells, cut, families):
    """Note this month's inventions for their first anniversary, where some destination might pay; ``cells`` [owner]."""
    where = PRIORITY * ABROAD_SLOTS + month + PRIORITY_MONTHS + PAST
    for i in range(filed.book[0]):
        filing = filed.filings[i]
        if filing.right == INVENTION and filing.log_value > cut[cells[filing.owner]]:
            add(families, where, filing.owner, filing.log_value, month, filing.serial, filing.field, 0)


@inlined
def add(families, where, owner, log_value, filed, serial, field, place):
    """Write a record into a bin."""
    record = families.records[bins.add(families, where)]
    record.owner = owner
    record.log_value = log_value
    record.filed = filed
    record.serial = serial
    record.field = field
    record.place = place


@inlined
def fit_draws(seed, record):
    """Return a family's eight uniforms: its fit to each destination, and its route."""
    second = filing_key(record.serial, record.filed)
    a, b, c, d = uniforms(seed, _FAMILY, record.owner, second, 0, 0)
    e, f, g, h = uniforms(seed, _FAMILY, record.owner, second, 0, 1)
    return a, b, c, d, e, f, g, h


@helper
def fit_of(u):
    """Return the fit to a market in deviations, cut."""
    return min(WORST_FIT, max(-WORST_FIT, normal_quantile(u)))


@helper
def net_gain(log_value, worth, spread, u, cost):
    """Return the gain in yuan of filing in one destination: V_c p_c after disputes, less the cost."""
    return math.exp(log_value + worth + spread * fit_of(u)) - cost


@kernel
def decide(seed, month, families, cells, theta, worth, cost, benefit, granted_abroad, tally):
    """Decide on the families whose first anniversary this is; what is filed sleeps until the office there decides."""
    where = PRIORITY * ABROAD_SLOTS + month + PAST
    chunk = bins.take_out(families, where)
    while chunk >= 0:
        behind, n = bins.read_on(families, chunk, where)
        for row in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            decide_one(seed, month, families, families.records[row], cells, theta, worth, cost, benefit,
                       granted_abroad, tally)
        bins.give_back(families, chunk)
        chunk = behind


@inlined
def decide_one(seed, month, families, record, cells, theta, worth, cost, benefit, granted_abroad, tally):
    """Decide where one invention is filed abroad."""
    cell = cells[record.owner]
    draws = fit_draws(seed, record)
    best, most = 0, -1e300
    for place in range(N_DESTINATIONS):
        gain = net_gain(record.log_value, worth[place, cell], theta[SPREAD, cell], draws[place], cost[place, cell])
        if gain > most:
            best, most = place, gain
    if most <= 0.0 and most + benefit[cell] <= 0.0:
        return
    count(tally, FAMILIES_FILED, INVENTION, cell, 1)
    if theta[WHEN_FILED, cell] > 0.5:
        keys.put(granted_abroad, record.owner, record.serial, record.filed + keys.FAMILY_FILED)
    wait = PCT_MONTHS - PRIORITY_MONTHS if draws[7] < theta[PCT_SHARE, cell] else 0
    for place in range(N_DESTINATIONS):
        gain = net_gain(record.log_value, worth[place, cell], theta[SPREAD, cell], draws[place], cost[place, cell])
        if gain <= 0.0 and (most > 0.0 or place != best):
            continue
        u = uniforms(seed, _OFFICE, record.owner, filing_key(record.serial, record.filed), 0, place)[0]
        pending = theta[PENDENCY + place, cell] * (1.0 - theta[WORK_SHARING, cell]) * (0.5 + u)
        ends = min(month + wait + max(1, int(pending + 0.5)), ABROAD_SLOTS - PAST - 1)
        add(families, PENDING * ABROAD_SLOTS + ends + PAST, record.owner, record.log_value, record.filed,
            record.serial, record.field, place)
        count(tally, FILED_ABROAD + place, INVENTION, cell, 1)
        move(tally, PENDING_ABROAD + place, INVENTION, cell, 1)


@kernel
def conclude_abroad(seed, month, families, contracts, cells, theta, royalty_theta, worth, gdp, granted_abroad, tally):
    """Foreign offices decide: families are granted, and perhaps licensed there, or refused; ``gdp`` against 2017."""
    where = PENDING * ABROAD_SLOTS + month + PAST
    chunk = bins.take_out(families, where)
    while chunk >= 0:
        behind, n = bins.read_on(families, chunk, where)
        for row in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            record = families.records[row]
            cell, place = cells[record.owner], record.place
            _, u, v, w = uniforms(seed, _OFFICE, record.owner, filing_key(record.serial, record.filed), 0, place)
            move(tally, PENDING_ABROAD + place, INVENTION, cell, -1)
            if u >= theta[GRANT_RATE + place, cell]:
                count(tally, REFUSED_ABROAD + place, INVENTION, cell, 1)
                continue
            count(tally, GRANTED_ABROAD + place, INVENTION, cell, 1)
            if keys.put(granted_abroad, record.owner, record.serial, record.filed):
                count(tally, FAMILIES_GRANTED, INVENTION, cell, 1)
            fit = fit_of(fit_draws(seed, record)[place])
            if v < theta[DISPUTE_RISK, cell]:
                log_worth = record.log_value + worth[place, cell] + theta[SPREAD, cell] * fit
                dispute(log_worth, w < theta[GUIDANCE, cell], cell, theta, tally)
            license_abroad(seed, month, record, fit, cell, royalty_theta, gdp, contracts)
        bins.give_back(families, chunk)
        chunk = behind


@inlined
def dispute(log_worth, guided, cell, theta, tally):
    """Count the dispute that a right abroad meets, whether its owner was guided, and the loss it takes or averts.

    Owners reckon with both when they file: a dispute with probability r takes l of the worth, unless (g) guided.
    """
    loss = int(theta[DISPUTE_LOSS, cell] * math.exp(min(log_worth, MOST_LOG_WORTH)))
    count(tally, DISPUTES, INVENTION, cell, 1)
    count(tally, AVERTED if guided else LOSS, INVENTION, cell, loss)
    if guided:
        count(tally, GUIDED, INVENTION, cell, 1)
