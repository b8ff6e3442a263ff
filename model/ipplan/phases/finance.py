"""Step 10, its order: which rights come up as security, who lends on them, what becomes of the pledges.

A right may lie in another owner block than its owner (it was sold), so what a block's register brings up is listed in
the order of identity, dealt with by the block of the owner, and written back to the register it came from.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import fetch_ahead, kernel
from ipplan.ledger import IN_FORCE, IN_FORCE_BAD, standing
from ipplan.phases import in_force, lending
from ipplan.phases.holdings import exchange, official_value
from ipplan.phases.sleep import life_draws
from ipplan.rights import bins
from ipplan.rights.loans import AHEAD, BEFORE, IDENTITIES, OFFER, identify, tell
from ipplan.rights.register import R_LICENSED, R_USED, WAKE_SLOTS, WEIGHING
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import INDIVIDUAL, N_CELLS, N_KINDS, N_PROVINCES, SME, TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
_CYCLE = int(Stream.CREDIT_CYCLE)
TIMES = BEFORE // 12
"""Times at most that a right came up before the start."""
RESALE_MONTHS = 24
"""Months in which a bank looks for a buyer of the security (assumed)."""


def chance_of_sale(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chance [field] that a security meets a buyer in time; ``rates`` [field] meetings a month."""
    sold: NDArray[np.float64] = -np.expm1(-RESALE_MONTHS * rates)
    return sold


def with_credit(theta: NDArray[np.float64], credit: float) -> NDArray[np.float64]:
    """Return the table with firms seeking as banks lend to small firms at large; ``credit`` over that of 2017."""
    found = theta.copy("K")
    follow_credit(found, credit)
    return found


@kernel
def follow_credit(theta, credit):
    """Let the rate at which firms seek loans follow ``credit``."""
    for cell in range(N_CELLS):
        theta[lending.SEEK_RATE, cell] *= credit ** theta[lending.CREDIT, cell]


@kernel
def draw_cycle(seed, month, spread, cycle):
    """Draw the credit cycle of the year, in logits, for each province; ``spread`` [cell]."""
    for province in range(N_PROVINCES):
        u = uniforms(seed, _CYCLE, province, 0, month, 0)[0]
        cycle[province] = spread[province * N_KINDS + SME] * normal_quantile(u)


@kernel
def write_back(offers, register, cells, tally):
    """Give the rights of a block's register the flags that lending left on the offers from there; ``cells`` [owner]."""
    for i in range(len(offers)):
        fetch_ahead(register.records, offers[min(i + AHEAD, len(offers) - 1)].place)
        record = register.records[offers[i].place]
        before, cell = record.flags, cells[record.owner]
        record.flags = offers[i].flags
        official_value(record, cell)
        if record.flags != before:
            exchange(record.right, record.field, before, record.flags, cell, tally)


@kernel
def came_up(seed, register, owners, shares, places, months):
    """List the patents of the start that came up as security in the years before it, and when; returns how many.

    Use of today stands for use then. ``places`` have room for ``TIMES`` each; ``shares`` [cell].
    """
    n = 0
    for where in range(WEIGHING * WAKE_SLOTS):
        chunk = register.first[where]
        while chunk >= 0:
            behind, held = bins.read_on(register, chunk, where)
            for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + held):
                record = register.records[place]
                cell = owners.cell[record.owner]
                if cell % N_KINDS >= INDIVIDUAL or record.flags & (R_USED | R_LICENSED) == 0:
                    continue
                latest = -1 - (-1 - record.filed) % 12
                for years in range(TIMES):
                    month = latest - 12 * years
                    if month <= record.granted:
                        break
                    if life_draws(seed, record.owner, record.serial, record.filed, month)[1] < shares[cell]:
                        places[n] = place
                        months[n] = month
                        n += 1
            chunk = behind
    return n


def review(system: IPSystem, month: int) -> None:
    """Let banks look back on the year that ended before ``month``, a January."""
    year = system.ledger.flows_yearly[month // 12 - 1, list(lending.BOOKS)].sum(axis=1)  # [flow, cell]
    books: NDArray[np.int64] = year.reshape(len(lending.BOOKS), -1, N_KINDS).sum(axis=2)
    books[:, -1] = books.sum(axis=1)
    lending.review(books, system.tables["finance"].at(month), system.banking)


def lend(system: IPSystem, month: int) -> None:
    """Let banks lend in a month, before the start by the values of its first."""
    now = max(month, 0)
    theta = with_credit(system.tables["finance"].at(now), float(system.drivers["inclusive_credit"][now]))
    if month % 12 == 0:
        draw_cycle(system.seed, month, theta[lending.CYCLE_SD], system.banking.cycle)
    ends = list(accumulate((int(block.offers.book[0]) for block in system.blocks), initial=0))
    parts = [slice(*pair) for pair in pairwise(ends)]  # of all offers: those in the register of each block
    offers, identities = np.empty(ends[-1], OFFER), np.empty(ends[-1], np.int64)
    sold = chance_of_sale(system.memory.rates)
    marks = sum(
        standing(block.tally.stocks, TRADEMARK, IN_FORCE) - standing(block.tally.stocks, TRADEMARK, IN_FORCE_BAD)
        for block in system.blocks
    )

    def bring_up(block: Block) -> None:
        part, places, records = parts[system.blocks.index(block)], block.offers.noted(), block.register.records
        identify(places, records, identities[part])
        order = np.argsort(identities[part], kind="stable")
        identities[part] = identities[part][order]
        tell(places[order], records, offers[part])

    def work(block: Block) -> None:
        mine = owned_by(block, parts, identities)
        decisions = (block.high - block.low) // 12 + 1
        block.loans = block.loans.with_room(2 * len(mine) + decisions)
        lending.lend(
            system.seed, month, block.low, block.high, offers, mine, float(marks), system.row_weights,
            system.applicants, system.borrowers, block.loans, theta, sold, system.banking.guaranteed,
            system.banking.cycle, system.waiting, block.tally,
        )  # fmt: skip

    def record(block: Block) -> None:
        write_back(offers[parts[system.blocks.index(block)]], block.register, system.applicants.cell, block.tally)

    system.each_block(bring_up)
    system.each_block(work)
    system.each_block(record)


def owned_by(block: Block, parts: list[slice], identities: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the offers of a block's owners by identity, out of ``parts`` of them that are each in that order."""
    if len(parts) == 1:
        return np.arange(len(identities))
    bounds = np.array([block.low, block.high]) * IDENTITIES
    mine = np.concatenate([part.start + np.arange(*np.searchsorted(identities[part], bounds)) for part in parts])
    return mine[np.argsort(identities[mine], kind="stable")]


def lay(system: IPSystem) -> None:
    """Lay the contracts of the end of 2016: lending in the years before it, on the rights that are still in force."""
    shares = system.tables["in_force"].at(0)[in_force.OFFERED_SHARE]
    past = [(np.empty(0, np.int32), np.empty(0, np.int16))] * len(system.blocks)

    def look_back(block: Block) -> None:
        most = TIMES * sum(bins.room_of(block.register, where) for where in range(WEIGHING * WAKE_SLOTS))
        places, months = np.empty(most, np.int32), np.empty(most, np.int16)
        n = came_up(system.seed, block.register, system.applicants, shares, places, months)
        past[system.blocks.index(block)] = places[:n].copy(), months[:n].copy()

    system.each_block(look_back)
    for month in range(-BEFORE, 0):
        for block, (places, months) in zip(system.blocks, past, strict=True):
            now = places[months == month]
            block.offers = block.offers.with_room(len(now))
            block.offers.places[: len(now)] = now
            block.offers.book[0] = len(now)
        lend(system, month)
    for block in system.blocks:
        block.tally.flows[:] = 0
