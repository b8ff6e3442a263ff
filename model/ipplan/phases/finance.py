"""Step 10, its order: which rights come up as security, who lends on them, what becomes of the pledges.

A right may lie in another owner block than its owner (it was sold), so what a block's register brings up is listed,
put in the order of identity, dealt with by the block of the owner, and written back to the register it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import kernel
from ipplan.ledger import CONTRACTS_OPEN, IN_FORCE, IN_FORCE_BAD
from ipplan.phases import in_force, lending
from ipplan.phases.holdings import exchange, official_value
from ipplan.rights.bins import CHUNK, USED_CHUNKS
from ipplan.rights.loans import BEFORE, IDENTITY, listed
from ipplan.rights.register import R_LICENSED, R_USED
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import INDIVIDUAL, N_KINDS, N_PROVINCES, SME, TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
_CYCLE = int(Stream.CREDIT_CYCLE)
RESALE_MONTHS = 24
"""Months in which a bank looks for a buyer of the security (assumed)."""


def chance_of_sale(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chance [field] that a security meets a buyer in time; ``rates`` [field] meetings a month."""
    sold: NDArray[np.float64] = -np.expm1(-RESALE_MONTHS * rates)
    return sold


@kernel
def draw_cycle(seed, month, spread, cycle):
    """Draw the credit cycle of the year, in logits, for each province; ``spread`` [cell]."""
    for province in range(N_PROVINCES):
        u = uniforms(seed, _CYCLE, province, 0, month, 0)[0]
        cycle[province] = spread[province * N_KINDS + SME] * normal_quantile(u)


@kernel
def write_back(offers, number, register, owners, tally):
    """Give the rights of block ``number`` the flags that lending left on the offers."""
    for i in range(len(offers)):
        if offers[i].block != number:
            continue
        record = register.records[offers[i].place]
        before, cell = record.flags, owners.cell[record.owner]
        record.flags = offers[i].flags
        official_value(record, cell)
        if record.flags != before:
            exchange(record.right, record.field, before, record.flags, cell, tally)


@kernel
def came_up(seed, register, owners, shares, places, months):
    """List the rights of the start that came up as security in the years before it, and when; returns how many.

    Use of today stands for use then. With no room in ``places`` it only counts. ``shares`` [cell].
    """
    n = 0
    for place in range(register.book[USED_CHUNKS] * CHUNK):
        record = register.records[place]
        cell = owners.cell[record.owner]
        if cell % N_KINDS >= INDIVIDUAL or record.right == TRADEMARK or record.flags & (R_USED | R_LICENSED) == 0:
            continue
        latest = -1 - (-1 - record.filed) % 12
        for years in range(BEFORE // 12):
            month = latest - 12 * years
            if month <= record.granted:
                break
            v = in_force.life_draws(seed, record.owner, record.serial, record.filed, month)[1]
            if v < shares[cell]:
                if n < len(places):
                    places[n] = place
                    months[n] = month
                n += 1
    return n


def lend(system: IPSystem, month: int, offers: NDArray[np.void]) -> None:
    """Let banks lend in a month, before the start by the values of its first; ``offers`` of all blocks."""
    theta = system.tables["finance"].at(max(month, 0))
    if month % 12 == 0:
        draw_cycle(system.seed, month, theta[lending.CYCLE_SD], system.banking.cycle)
    offers = offers[np.lexsort(tuple(offers[name] for name in reversed(IDENTITY)))]
    sold = chance_of_sale(system.memory.rates)
    marks = sum(
        int(block.tally.stocks[:, TRADEMARK, IN_FORCE].sum() - block.tally.stocks[:, TRADEMARK, IN_FORCE_BAD].sum())
        for block in system.blocks
    )
    edges = np.searchsorted(offers["owner"], [block.low for block in system.blocks] + [len(system.applicants)])

    def work(block: Block) -> None:
        number = system.blocks.index(block)
        mine = offers[edges[number] : edges[number + 1]]
        decisions = (block.high - block.low) // 12 + 1
        block.loans = block.loans.with_room(2 * len(mine) + decisions)
        lending.lend(
            system.seed, month, block.low, block.high, mine, float(marks), system.row_weights, system.applicants,
            system.borrowers, block.loans, theta, sold, system.banking.guaranteed, system.banking.cycle,
            system.waiting, block.tally,
        )  # fmt: skip

    def record(block: Block) -> None:
        write_back(offers, system.blocks.index(block), block.register, system.applicants, block.tally)

    system.each_block(work)
    system.each_block(record)


def offered(system: IPSystem) -> NDArray[np.void]:
    """Return the offers of the month, of all blocks."""
    return np.concatenate([
        listed(block.offers, block.register.records, number) for number, block in enumerate(system.blocks)
    ])  # fmt: skip


def lay(system: IPSystem) -> None:
    """Lay the contracts of the end of 2016: lending in the years before it, on the rights that are still in force."""
    shares = system.tables["in_force"].at(0)[in_force.OFFERED_SHARE]
    past: list[tuple[NDArray[np.int32], NDArray[np.int16]]] = []
    for block in system.blocks:
        places, months = np.zeros(0, np.int32), np.zeros(0, np.int16)
        n = came_up(system.seed, block.register, system.applicants, shares, places, months)
        places, months = np.zeros(n, np.int32), np.zeros(n, np.int16)
        came_up(system.seed, block.register, system.applicants, shares, places, months)
        past.append((places, months))
    for month in range(-BEFORE, 0):
        for block, (places, months) in zip(system.blocks, past, strict=True):
            now = places[months == month]
            block.offers = block.offers.with_room(len(now))
            block.offers.places[: len(now)] = now
            block.offers.book[0] = len(now)
        lend(system, month, offered(system))
    for block in system.blocks:
        block.tally.flows[:] = 0


def sme_borrowers(system: IPSystem, month: int) -> float:
    """Return the share of small and medium firms that have a pledge loan at a month's end, percent."""
    held = int(system.ledger.stocks_monthly[month, CONTRACTS_OPEN, :, SME].sum())
    return 100.0 * held / float(system.numbers[SME])
