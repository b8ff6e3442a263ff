"""Steps 12 and 14 in the order of a month: filing abroad, royalties, value added."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.phases import economy, families, inflow, royalties
from ipplan.phases.families import Terms
from ipplan.rights.abroad import ABROAD_SLOTS, PAST, PENDING, PRIORITY
from ipplan.rights.bins import room_of
from ipplan.world import N_DESTINATIONS, N_KINDS

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

Floats = NDArray[np.float64]


def note_families(system: IPSystem, block: Block, month: int, cut: Floats) -> None:
    """Note this month's filings that may go abroad at their first anniversary: above ``cut`` (see ``Terms``)."""
    assert block.filed is not None
    block.families = block.families.with_room(int(block.filed.book[0]))
    families.note(month, block.filed, system.applicants.cell, cut, block.families)


def go_abroad(system: IPSystem, month: int) -> None:
    """Step 12: families are filed abroad, granted there and licensed; royalties cross the border."""
    terms = system.memory.abroad
    gdp = float(system.drivers["gdp"][month])
    research = float(system.drivers["rd_expenditure"][month]) / gdp
    system.each_block(lambda block: block_month(system, block, month, terms, gdp, research))


def block_month(system: IPSystem, block: Block, month: int, terms: Terms, gdp: float, research: float) -> None:
    """Live a month of an owner block's families and contracts; ``gdp`` and R&D over GDP against 2017.

    Before 2017 (the start state is laid) the month is negative, and the terms are those of January 2017.
    """
    seed, cells, tally = system.seed, system.applicants.cell, block.tally
    theta = system.tables["families"].at(max(month, 0))
    licences = system.tables["royalties"].at(max(month, 0))
    expected = room_of(block.families, PRIORITY * ABROAD_SLOTS + month + PAST) * N_DESTINATIONS
    block.families = block.families.with_room(expected)
    granted = room_of(block.families, PENDING * ABROAD_SLOTS + month + PAST)
    counted = expected // N_DESTINATIONS if terms.counts_when_filed else 0
    block.register = block.register.with_families(granted + counted)
    abroad = block.register.granted_abroad
    families.decide(seed, month, block.families, cells, theta, *terms[:3], abroad, tally)
    block.contracts = block.contracts.with_room(granted)
    families.conclude_abroad(
        seed, month, block.families, block.contracts, cells, theta, licences, terms.worth, gdp, abroad, tally
    )
    make_contracts(system, block, month, licences, research)
    royalties.pay(seed, month, block.contracts, cells, licences, gdp, tally)


def make_contracts(system: IPSystem, block: Block, month: int, theta: Floats, research: float) -> None:
    """Let the firms of a block make contracts with licensors abroad, in a table with room for them."""
    drawn = max(system.scale, 1.0 / royalties.LEAST)
    enforcement = float(theta[royalties.ENFORCEMENT, 0]) ** float(theta[royalties.SUPPLY_ENFORCEMENT, 0])
    supply = research ** float(theta[royalties.SUPPLY_RD, 0]) * enforcement
    high = min(block.high, system.buyer_rows)
    left = max(0, high - block.low)
    while left:
        block.contracts = block.contracts.with_room(0)
        left = royalties.license_in(
            system.seed, month, high - left, high, drawn, system.scale / drawn, supply, system.applicants, theta,
            block.contracts,
        )  # fmt: skip


def save_hours(system: IPSystem, month: int) -> float:
    """Return the share of examiner hours on inventions that work shared with other offices saves this month."""
    waiting = np.zeros(N_KINDS, np.int64)
    for block in system.blocks:
        inflow.add_waiting(block.tally.stocks, waiting)
    return inflow.hours_saved(waiting, system.tables["inflow"].at(month))


def grow(system: IPSystem, month: int) -> None:
    """Step 14: patent-intensive industries grow with the patents their firms put to use; paths of the economy."""
    theta = system.tables["economy"].at(month)[:, 0]
    in_use = reduce(add, (block.tally.in_use for block in system.blocks))
    share = economy.patent_intensive_share(system.industries, in_use, theta)
    gauges = system.ledger.gauges
    for name in ("gdp", "rd_expenditure"):
        gauges[name][month] = system.paths_of[name][month]
    gauges["patent_intensive_va"][month] = share / 100.0 * gauges["gdp"][month]
    believed = gauges["belief_infringement"]
    deterrence = float(believed[month] / believed[0])
    gauges["copyright_va_share"][month] = economy.copyright_share(
        system.industries, system.seed, month, theta, deterrence
    )
