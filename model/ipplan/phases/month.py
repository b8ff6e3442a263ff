"""The order of a month: what each phase does with the state of the system, in a few lines each.

A phase that works on owners and their rights runs block by block (``each_block``), one that works on the whole
(the office, agencies, beliefs) runs between, so results do not depend on blocks or threads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from ipplan.ledger import FILED, FILED_BAD, PENDING_OPPOSITION, standing
from ipplan.phases import (
    agency_market,
    bad_faith,
    conclusion,
    cross_border,
    examination,
    families,
    filing,
    finance,
    gauges,
    in_force,
    inflow,
    intake,
    invention,
    learning,
    market,
    open_licences,
    opposition,
    other_rights,
    pools,
    prospects,
    provinces,
    provincial,
    renewal,
    services,
    stakes,
)
from ipplan.phases.protection import climate, protect
from ipplan.rights.bins import room_of
from ipplan.rights.docket import Filed
from ipplan.rights.register import PATENT_YEARS, WAKE_SLOTS
from ipplan.world import TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

LOOK_MONTHS = 6
"""Owners look at fees and status benefits this often; a matter of cost, as their tables of values are made anew."""

def look_around(system: IPSystem, month: int) -> None:
    """Owners and the office look at the world: chances of detection, fees, neighbours' agencies."""
    memory = system.memory
    memory.chances = learning.detection_chances(
        system.tables["learning"].at(month), *memory.recent.last_month.tolist()
    )
    memory.neighbours = system.applicants.agency.copy()
    system.status_seekers.shift[0] = system.for_status[month]
    system.status_seekers.settle()
    memory.marks.look_ahead(
        system.tables["prospects"].at(month), system.announced.at(month), memory.pseudo, memory.recent.exposure[0]
    )
    if month % LOOK_MONTHS == 0:
        system.waiting, system.values = system.tables["renewal"].drawn_up(month, renewal.keeping_tables)
    memory.abroad = system.tables["families"].drawn_up(month, families.terms)
    rows = len(system.agencies.model)
    for block in system.blocks:
        if block.load.shape[1] != rows:
            block.load = np.zeros((2, rows), np.int64)


def invent_and_file(system: IPSystem, month: int) -> None:
    """Steps 2 to 5: arrivals, the choice what to do with them, the agency, intake screening, the docket, requests."""
    memory = system.memory
    rates = inflow.with_inflow(system.rates[month], system.tables["inflow"].at(month))
    rates = provinces.arrivals(system, month, rates)
    rates[invention.BRAND_NEED] *= memory.marks.terms[:, prospects.DEFENCE]
    theta, choice = system.tables["filing"].at(month), system.tables["representation"].at(month)
    intake_theta = system.tables["intake"].at(month)
    discount = float(system.tables["renewal"].at(month)[renewal.DISCOUNT, 0])
    gain_fast = 1.0 - discount ** max(0.0, memory.wait_years - float(intake_theta[intake.QUICK_MONTHS, 0]) / 12.0)
    per_occasion = 1 + min(bad_faith.MOST_BATCH, 1 + int(8 * theta[stakes.BULK].max()))

    def work(block: Block) -> None:
        hits, most_filed = block.arrive(system, month, rates, per_occasion)
        block.docket = block.docket.with_room(most_filed)
        block.filed = Filed.with_room(block.filed, most_filed)
        filing.decide(
            system.seed, month, hits, block.hit_owner, block.hit_stream, block.hit_number, system.applicants,
            memory.neighbours, system.agencies, theta, choice, system.values, memory.wait_years, discount,
            memory.pseudo, memory.pull, block.drafts, block.filed, block.tally,
        )  # fmt: skip
        intake.receive(
            system.seed, month, block.filed, system.applicants, system.agencies, memory.chances[0], gain_fast,
            intake_theta, block.load, block.docket, block.tally,
        )  # fmt: skip
        cross_border.note_families(system, block, month, memory.abroad.cut)
        examination.open_requests(block.docket, month, block.tally)

    system.each_block(work)


def examine(system: IPSystem, month: int) -> None:
    """Steps 6 and 7: the office's plan, search, conclusions, registration."""
    takes = system.office.plan(month)
    system.memory.wait_years = system.office.expected_wait / 12.0  # announced; applicants reckon with it next month
    theta, conclude_theta = system.tables["examination"].at(month), system.tables["conclusion"].at(month)
    force, market_theta = system.tables["in_force"].at(month), system.tables["market"].at(month)
    strike = system.memory.marks.chances(system.memory.chances)
    opposed = sum(standing(block.tally.stocks, TRADEMARK, PENDING_OPPOSITION) for block in system.blocks)
    conclude_theta = opposition.with_backlog(conclude_theta, conclusion.OPPOSITION, opposed / system.scale)

    def work(block: Block) -> None:
        number = system.blocks.index(block)
        block.docket = block.docket.with_room(int(takes[number].sum()))
        examination.examine(
            system.seed, month, takes[number], block.docket, system.applicants, system.examiners, theta,
            system.office.reference, strike, block.tally,
        )  # fmt: skip
        block.register = block.register.with_room(*conclusion.due(block.docket, month))
        conclusion.conclude(
            system.seed, month, block.docket, system.applicants, block.register, conclude_theta, force, market_theta,
            system.memory.rates, block.tally,
        )  # fmt: skip

    system.each_block(work)


def live(system: IPSystem, month: int) -> None:
    """Steps 8 and 9: rights in force that wake are renewed or lapse, come into use, are licensed or sold."""
    memory = system.memory
    theta = system.tables["market"].at(month)
    unused = reduce(add, (block.tally.unused for block in system.blocks))
    firms = system.firms * float(system.drivers["enterprise_population"][month])
    market.set_rates(theta, unused, firms, system.field_shares, memory.rates)
    pools.ease_licensing(system, month, memory.rates)
    asked = reduce(add, (block.tally.asked for block in system.blocks))
    memory.staff_free = market.staff_free(theta, asked, system.scale, memory.staff_demand)
    force, fees = system.tables["in_force"].at(month), system.tables["renewal"].at(month)
    now = memory.climate = climate(system, month)
    opens = system.posted_prices.opens
    if month == opens or (month > opens and month % LOOK_MONTHS == 0):
        system.posted_prices.at(theta)

    def work(block: Block) -> None:
        block.tally.asked[:] = 0
        block.register = block.register.with_room()
        looking = room_of(block.register, PATENT_YEARS * WAKE_SLOTS + month)  # patents that may be infringed
        block.offers = block.offers.with_room(looking)
        block.disputes = block.disputes.with_room(looking + room_of(block.register.marks, month))
        in_force.wake(
            system.seed, month, block.register, system.applicants, force, fees, theta, system.waiting, memory.rates,
            memory.staff_free, system.buyer_rows, system.borrowers, block.offers, now, block.disputes, block.tally,
        )  # fmt: skip
        open_licences.live(system, block, month, theta, force, fees)

    system.each_block(work)


def lend(system: IPSystem, month: int) -> None:
    """Step 10: pledge loans fall due, firms seek new ones, banks lend on patents and marks; banks look back yearly."""
    if month % 12 == 0 and month > 0:
        finance.review(system, month)
    finance.lend(system, month)


def agencies_act(system: IPSystem, month: int) -> None:
    """Step 13: agencies earn, grow, imitate, are inspected, close, enter, return."""
    memory = system.memory
    load = reduce(add, (block.load for block in system.blocks))
    system.agencies = system.agencies.with_room(int(system.agencies.book[0]) // 20 + 16)
    agency_market.agency_month(
        system.seed, month, system.agencies, load[0], load[1], 1.0 / (system.scale * system.stands_for),
        system.stands_for, system.tables["agencies"].at(month), np.zeros(3), np.zeros(3), memory.happened,
    )  # fmt: skip
    for block in system.blocks:
        block.load[:] = 0


def close_books(system: IPSystem, month: int) -> None:
    """The month's counts enter the ledger; no count follows before the next month."""
    system.ledger.close_month(month, [block.tally for block in system.blocks])


def learn(system: IPSystem, month: int) -> None:
    """Step 13: peers' experience and the share of bad faith that is seen; gauges of the month."""
    memory, recent = system.memory, system.memory.recent
    theta = system.tables["learning"].at(month)
    filed, bad = system.ledger.flows_monthly[month, FILED : FILED_BAD + 1]  # [right, kind]
    learning.see(theta, filed, bad, 1.0 / system.scale, recent)
    memory.pull = learning.seen_bad_share(recent.bad, recent.filed, float(theta[learning.NATIONAL_WEIGHT, 0]))
    detection = memory.chances[:, :, 0, 1] * memory.chances[:, :, 1, 1]
    found_out = learning.learn(theta, memory.pseudo, detection, system.cell_weights)
    gauges.record(system, month, found_out)


PHASES: tuple[Callable[[IPSystem, int], None], ...] = (
    services.serve,
    provinces.govern,
    look_around,
    invent_and_file,
    examine,
    live,
    lend,
    protect,
    cross_border.go_abroad,
    agencies_act,
    close_books,
    learn,
    services.note,
    cross_border.grow,
    other_rights.other_rights,
    provinces.report,
    provincial.note_provinces,
)
"""The month in order."""
