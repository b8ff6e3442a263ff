"""Step 9b: the life of a patent under an open licence, month by month: takers, annuities at a relief, withdrawal.

An owner that weighs an open licence does so at the anniversary of a patent that nobody uses (``open_offer``). A patent
that is declared lies in a bin of its own and is looked at each month: a meeting may bring a taker at the posted price,
licences and use end. At each anniversary the annuity is due, less the relief (whichever is better for the owner: it is
not granted on top of another), and the owner weighs the declaration anew. Whoever would use the patent takes the
licence, so it is not infringed; it passes to no related party and secures no loan while it is open.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import inlined, kernel
from ipplan.ledger import LICENSED, PRICE_PAID, USED_STARTED, USED_STOPPED, count, flow, move, stock
from ipplan.phases import chances, joint, open_offer, tiers
from ipplan.phases import market as mk
from ipplan.phases.holdings import exchange, hold, official_value
from ipplan.phases.patent_year import live_year, note_family
from ipplan.phases.renewal import FEE_LEVEL, RELIEF, RELIEF_YEARS, annuity
from ipplan.phases.sleep import life_draws, patent_sleeps
from ipplan.rights import bins
from ipplan.rights.keys import filing_key
from ipplan.rights.register import OPEN, R_IDLE, R_LICENSED, R_TOUCHED, R_USED, WAKE_SLOTS, WEIGHING
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import N_CELLS, N_KINDS

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
_OPEN = int(Stream.OPEN_LICENCE)
DECLARED, NOMINAL, WITHDRAWN, LAPSED = (
    flow("open_declared"), flow("open_nominal"), flow("open_withdrawn"), flow("open_lapsed"),
)  # fmt: skip
TAKEN, REVENUE, FEES_SPARED = flow("open_taken"), flow("open_revenue"), flow("open_relief")
IN_FORCE_OPEN = stock("open_licences")


NEVER = 1_000_000
NOBODY = 1e-6
"""Attention below this is none: nobody weighs what the law does not have."""

Floats = NDArray[np.float64]


class Prices:
    """The posted prices by value, drawn up anew when what owners know of buyers changes."""

    def __init__(self, market: Floats) -> None:
        """Take the market's table [month, read, cell]: before anybody weighs an open licence there is nothing to do."""
        weigh = np.flatnonzero(market[:, mk.ATTENTION].max(axis=1) > NOBODY)
        self.opens = int(weigh[0]) if len(weigh) else NEVER
        self.posted: Floats = np.zeros((3, open_offer.NODES))
        self.buyers: tuple[float, float, float] | None = None

    def at(self, theta: Floats) -> Floats:
        """Return the prices for a month's market table."""
        if self.buyers != (found := open_offer.buyers(theta)):
            open_offer.post(*found, self.posted)
            self.buyers = found
        return self.posted


def live(system: IPSystem, block: Block, month: int, theta: Floats, force: Floats, fees: Floats) -> None:
    """Live a month of a block's open licences, where the law has them."""
    if month < system.posted_prices.opens:
        return
    block.register = block.register.with_room()
    wake_open(
        system.seed, month, block.register, system.applicants, force, fees, theta, system.waiting,
        system.memory.rates, system.memory.staff_free, system.posted_prices.posted, np.empty_like(fees),
        block.disputes.patentee, block.tally,
    )  # fmt: skip


@inlined
def with_relief(renewal_theta, market_theta, fees):
    """Set ``fees`` to the renewal table of patents under an open licence: the better of two reliefs, never both."""
    for read in range(len(fees)):
        for cell in range(N_CELLS):
            fees[read, cell] = renewal_theta[read, cell]
    for cell in range(N_CELLS):
        spared = market_theta[mk.OPEN_RELIEF, cell]
        fees[FEE_LEVEL, cell] *= 1.0 - spared
        fees[RELIEF, cell] = max(0.0, (renewal_theta[RELIEF, cell] - spared) / (1.0 - spared))


@inlined
def fee(month, record, kind, cell, table):
    """Return the annuity of the year that begins."""
    year = (month - record.filed) // 12 + 1
    return annuity(record.right, year, (month - record.granted) / 12.0, kind, table[FEE_LEVEL, cell],
                   table[RELIEF, cell], table[RELIEF_YEARS, cell])


@kernel
def wake_open(seed, month, register, owners, theta, renewal_theta, market_theta, waiting, rates, staff_free, posted,
              fees, patentee, tally):
    """Let owners weigh open licences, and live a month of the patents that are open.

    ``patentee`` is a column of owners; ``fees`` is scratch.
    """
    with_relief(renewal_theta, market_theta, fees)
    for why in range(WEIGHING, OPEN + 1):
        where = why * WAKE_SLOTS + month
        chunk = bins.take_out(register, where)
        while chunk >= 0:
            behind, n = bins.read_on(register, chunk, where)
            for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
                live_open(seed, month, register, register.records[place], why == OPEN, owners, theta, renewal_theta,
                          market_theta, waiting, rates, staff_free, posted, fees, patentee, tally)
            bins.give_back(register, chunk)
            chunk = behind


@inlined
def live_open(seed, month, register, record, was_open, owners, theta, renewal_theta, market_theta, waiting, rates,
              staff_free, posted, fees, patentee, tally):
    """A month of a patent that is open, or whose owner weighs it: it lapses, is declared, withdrawn or taken."""
    cell = owners.cell[record.owner]
    right, field, flags, kind = record.right, record.field, record.flags, cell % N_KINDS
    key = filing_key(record.serial, record.filed)
    anniversary = (month - record.filed) % 12 == 0
    u, v, w, x = life_draws(seed, record.owner, record.serial, record.filed, month)
    spared = fee(month, record, kind, cell, renewal_theta) - fee(month, record, kind, cell, fees)
    if was_open and anniversary:
        if not live_year(month, record, kind, cell, u, v, w, theta, fees, waiting, tally):
            count(tally, LAPSED, right, cell, 1)
            move(tally, IN_FORCE_OPEN, right, cell, -1)
            hold(right, field, flags, cell, -1, tally)
            return
        count(tally, FEES_SPARED, right, cell, int(spared))
        note_family(record, cell, register.granted_abroad, theta, tally)
        tiers.note_year(record, kind, owners.tier[record.owner], cell, tally)
        joint.note_year(record, kind, cell, market_theta[mk.JOINT_SHARE, cell], tally)
        patentee[record.owner] = 1
    ease = chances.ease_of(cell, owners.tier[record.owner], record.owner, record.serial, record.filed, market_theta)
    value = open_offer.yearly_value(month, record, market_theta, cell)
    met = mk.meetings(field, flags, cell, market_theta, rates)
    stays = was_open
    if anniversary:
        taste = normal_quantile(uniforms(seed, _OPEN, record.owner, key, 0, 1)[0])
        gain = open_offer.gain(met, value, spared, taste, kind, cell, market_theta, staff_free, posted)
        stays = gain > 0.0
        if stays and not was_open:
            count(tally, DECLARED, right, cell, 1)
            move(tally, IN_FORCE_OPEN, right, cell, 1)
            if gain <= spared:
                count(tally, NOMINAL, right, cell, 1)
        if was_open and not stays:
            count(tally, WITHDRAWN, right, cell, 1)
            move(tally, IN_FORCE_OPEN, right, cell, -1)
    where = OPEN * WAKE_SLOTS + month + 1
    if stays:
        live_month(seed, month, record, key, value, met, ease, cell, theta, market_theta, rates, posted, tally)
    else:
        record.bound = chances.bound_on(month - record.granted, record.flags, record.quality, field, ease, cell, theta,
                                        market_theta, rates)
        where = patent_sleeps(month, record.filed, record.bound, x)
    if record.flags != flags:
        exchange(right, field, flags, record.flags, cell, tally)
    register.records[bins.add(register, where)] = record


@inlined
def live_month(seed, month, record, key, value, met, ease, cell, theta, market_theta, rates, posted, tally):
    """A month of an open patent: a taker at the posted price, a licence that ends, use that begins or ends."""
    right = record.right
    a, b, c, d = uniforms(seed, _OPEN, record.owner, key, month, 0)
    _, ending, use, _ = chances.hazards(month - record.granted, record.flags, record.quality, record.field, ease, cell,
                                        theta, market_theta, rates)
    if 12.0 * a < ending:
        record.flags &= ~R_LICENSED
    elif 12.0 * a < ending + use:
        if record.flags & R_USED:
            record.flags &= ~R_USED
            count(tally, USED_STOPPED, right, cell, 1)
        else:
            record.flags = (record.flags | R_USED | R_TOUCHED) & ~R_IDLE
            count(tally, USED_STARTED, right, cell, 1)
    if b < 1.0 - math.exp(-met * math.exp(market_theta[mk.VISIBILITY, cell]) / 12.0):
        cost = market_theta[mk.ADOPTION_COST, cell]
        price = cost * math.exp(open_offer.read(posted, open_offer.LOG_PRICE, math.log(value / cost)))
        fit = math.exp(-0.5 * c / market_theta[mk.FIT_LENGTH, cell])
        absorptive = math.exp(market_theta[mk.ABSORPTIVE_SD, cell] * normal_quantile(d))
        if value * fit * absorptive - cost > price:
            take(seed, month, record, key, price, cell, market_theta, tally)
    official_value(record, cell)


@inlined
def take(seed, month, record, key, price, cell, market_theta, tally):
    """A taker pays the posted price; the licence is recorded, and may lead to use."""
    right = record.right
    count(tally, TAKEN, right, cell, 1)
    count(tally, LICENSED, right, cell, 1)
    count(tally, REVENUE, right, cell, int(price))
    count(tally, PRICE_PAID, right, cell, int(price))
    record.flags = (record.flags | R_LICENSED | R_TOUCHED) & ~R_IDLE
    used = uniforms(seed, _OPEN, record.owner, key, month, 2)[0] < market_theta[mk.USE_AFTER, cell]
    if used:
        count(tally, mk.DEALS_USED, right, cell, 1)
        if record.flags & R_USED == 0:
            record.flags |= R_USED
            count(tally, USED_STARTED, right, cell, 1)
