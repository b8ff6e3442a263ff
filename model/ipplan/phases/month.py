"""The order of a month (mechanisms 2.0): what each phase does with the state of the system, in a few lines each.

A phase that works on owners and their rights runs block by block (``each_block``), one that works on the whole
(the office, agencies, beliefs) runs between, so results do not depend on blocks or threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.agents.applicants import FIELD_SHARES
from ipplan.ledger import FILED, FILED_BAD
from ipplan.phases import (
    agency_market,
    conclusion,
    cross_border,
    examination,
    families,
    filing,
    in_force,
    inflow,
    intake,
    invention,
    learning,
    market,
    renewal,
)
from ipplan.rights.docket import Filed
from ipplan.world import N_CELLS, N_FIELDS, N_KINDS, TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

QUICK_MONTHS = 4.0
"""Months to the end of a quick case, as applicants reckon (fast grants take three to six)."""


@dataclass
class Memory:
    """What one month leaves to the next: evidence, smoothed counts, tables owners reckon with."""

    pseudo: NDArray[np.float64]  # [caught | cases, patents | marks, cell]
    chances_patent: NDArray[np.float64] = field(default_factory=lambda: np.zeros((N_CELLS, 2, 2)))
    chances_mark: NDArray[np.float64] = field(default_factory=lambda: np.zeros((N_CELLS, 2, 2)))
    pull: NDArray[np.float64] = field(default_factory=lambda: np.full(N_CELLS, 0.12))
    filed: NDArray[np.float64] = field(default_factory=lambda: np.zeros(N_KINDS))
    filed_bad: NDArray[np.float64] = field(default_factory=lambda: np.zeros(N_KINDS))
    patents_last_month: float = 280_000.0
    marks_last_month: float = 350_000.0
    neighbours: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))
    rates: NDArray[np.float64] = field(default_factory=lambda: np.zeros(N_FIELDS))
    staff_free: NDArray[np.float64] = field(default_factory=lambda: np.ones(N_CELLS))
    staff_demand: NDArray[np.float64] = field(default_factory=lambda: np.zeros(()))
    tables_of: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    happened: NDArray[np.float64] = field(default_factory=lambda: np.zeros(12))
    wait_years: float = 1.8

    @classmethod
    def fresh(cls, system: IPSystem) -> Memory:
        """Return the memory of the end of 2016."""
        theta = system.tables["learning"].at(0)
        cases = theta[0] + theta[1]
        stationary = cases / theta[2]  # pseudo cases where evidence and forgetting balance
        pseudo = np.zeros((2, 2, N_CELLS))
        pseudo[1] = stationary
        pseudo[0] = stationary * theta[9]
        return cls(pseudo=pseudo)


def look_around(system: IPSystem, month: int) -> None:
    """Owners and the office look at the world: chances of detection, fees, neighbours' agencies."""
    memory = system.memory
    memory.chances_patent, memory.chances_mark = learning.detection_chances(
        system.tables["learning"].at(month), memory.patents_last_month, memory.marks_last_month
    )
    memory.neighbours = system.applicants.agency.copy()
    if month % 6 == 0:  # owners look at fees and status twice a year
        theta = system.tables["renewal"].at(month)
        if not np.array_equal(theta, memory.tables_of):
            system.waiting, system.values = renewal.keeping_tables(theta)
            memory.tables_of = theta
    rows = len(system.agencies.model)
    for block in system.blocks:
        if block.load.shape[1] != rows:
            block.load = np.zeros((2, rows), np.int64)


def invent_and_file(system: IPSystem, month: int) -> None:
    """Steps 2 to 5: arrivals, the choice what to do with them, the agency, intake screening, the docket."""
    memory = system.memory
    drivers = {name: float(path[month]) for name, path in system.drivers.items()}
    rates = invention.rates_of_month(system.tables["invention"].at(month), drivers, month, system.scale)
    rates = inflow.with_inflow(rates, system.tables["inflow"].at(month))
    theta = system.tables["filing"].at(month)
    choice, intake_theta = system.tables["representation"].at(month), system.tables["intake"].at(month)
    discount = float(system.tables["renewal"].at(month)[renewal.DISCOUNT, 0])
    gain_fast = 1.0 - discount ** max(0.0, memory.wait_years - QUICK_MONTHS / 12.0)
    most = float(theta[filing.BATCH].max())
    abroad = families.terms(system.tables["families"].at(month))

    def work(block: Block) -> None:
        hits, arrived = block.arrive(system, month, rates)
        fakes = int((block.hit_stream[:hits] == invention.OCCASION) @ block.hit_number[:hits].astype(np.int64))
        most_filed = arrived + fakes * min(filing.MOST_BATCH, 1 + int(8 * most))
        block.docket = block.docket.with_room(most_filed)
        block.filed = Filed.with_room(block.filed, most_filed)
        filing.decide(
            system.seed, month, hits, block.hit_owner, block.hit_stream, block.hit_number, system.applicants,
            memory.neighbours, system.agencies, theta, choice, system.values, memory.wait_years, discount,
            memory.pseudo, memory.pull, block.filed, block.tally,
        )  # fmt: skip
        intake.receive(
            system.seed, month, block.filed, system.applicants, system.agencies, memory.chances_patent, gain_fast,
            intake_theta, block.load, block.docket, block.tally,
        )  # fmt: skip
        cross_border.note_families(system, block, month, abroad.cut)

    system.each_block(work)


def examine(system: IPSystem, month: int) -> None:
    """Steps 6 and 7: requests, the office's plan, search, conclusions, registration."""
    for block in system.blocks:
        examination.open_requests(block.docket, month, block.tally)
    takes = system.office.plan(month)
    system.memory.wait_years = system.office.expected_wait / 12.0  # announced; applicants reckon with it next month
    theta, conclude_theta = system.tables["examination"].at(month), system.tables["conclusion"].at(month)
    force, market_theta = system.tables["in_force"].at(month), system.tables["market"].at(month)
    chances = system.memory.chances_mark
    strike = np.ascontiguousarray(chances[:, 0, :] * chances[:, 1, :])

    def work(block: Block) -> None:
        number = system.blocks.index(block)
        block.docket = block.docket.with_room(int(takes[number].sum()))
        examination.examine(
            system.seed, month, takes[number], block.docket, system.applicants, system.examiners, theta,
            system.office.reference, strike, block.tally,
        )  # fmt: skip
        block.register = block.register.with_room(conclusion.due(block.docket, month))
        conclusion.conclude(
            system.seed, month, block.docket, system.applicants, block.register, conclude_theta, force, market_theta,
            system.memory.rates, block.tally,
        )  # fmt: skip

    system.each_block(work)


def live(system: IPSystem, month: int) -> None:
    """Steps 8 and 9: rights in force that wake are renewed or lapse, come into use, are licensed or sold."""
    memory = system.memory
    theta = system.tables["market"].at(month)
    unused = sum((block.tally.unused for block in system.blocks), np.zeros((N_FIELDS, N_KINDS), np.int64))
    firms = system.firms * float(system.drivers["enterprise_population"][month])
    market.set_rates(theta, unused, firms, FIELD_SHARES, memory.rates)
    asked = sum((block.tally.asked for block in system.blocks), np.zeros(N_CELLS, np.int64))
    memory.staff_free = market.staff_free(theta, asked, system.scale, memory.staff_demand)
    force, fees = system.tables["in_force"].at(month), system.tables["renewal"].at(month)

    def work(block: Block) -> None:
        block.tally.asked[:] = 0
        block.register = block.register.with_room(0)
        in_force.wake(
            system.seed, month, block.register, system.applicants, force, fees, theta, system.waiting, memory.rates,
            memory.staff_free, system.buyer_rows, block.tally,
        )  # fmt: skip

    system.each_block(work)


def agencies_act(system: IPSystem, month: int) -> None:
    """Step 12: agencies earn, grow, imitate, are inspected, close, enter, return."""
    memory = system.memory
    load = np.sum([block.load for block in system.blocks], axis=0)
    rows = int(system.agencies.book[0])
    system.agencies = system.agencies.with_room(rows // 20 + 16)
    agency_market.agency_month(
        system.seed, month, system.agencies, load[0], load[1], 1.0 / (system.scale * system.stands_for),
        system.stands_for, system.tables["agencies"].at(month), np.zeros(3), np.zeros(3), memory.happened,
    )  # fmt: skip
    # Screening follows the record without screening more in all: the mean over filings of the intensity is one.
    filed = load[0][:rows]
    if filed.any():
        system.agencies.risk[:rows] /= max(1e-6, float(filed @ system.agencies.risk[:rows]) / float(filed.sum()))
    for block in system.blocks:
        block.load[:] = 0


def learn(system: IPSystem, month: int) -> None:
    """Step 12: peers' experience and the share of bad faith that is seen; gauges of the month."""
    memory = system.memory
    tallies = [block.tally for block in system.blocks]
    filed, bad = system.ledger.this_month(tallies, FILED), system.ledger.this_month(tallies, FILED_BAD)
    gross = 1.0 / system.scale
    memory.patents_last_month = 0.7 * memory.patents_last_month + 0.3 * float(filed[:TRADEMARK].sum()) * gross
    memory.marks_last_month = 0.7 * memory.marks_last_month + 0.3 * float(filed[TRADEMARK].sum()) * gross
    memory.filed = memory.filed * (11 / 12) + filed.sum(axis=0) * gross
    memory.filed_bad = memory.filed_bad * (11 / 12) + bad.sum(axis=0) * gross
    theta = system.tables["learning"].at(month)
    patents, marks = memory.chances_patent, memory.chances_mark
    detection = np.stack([patents[:, 0, 1] * patents[:, 1, 1], marks[:, 0, 1] * marks[:, 1, 1]])
    learning.learn(theta, memory.pseudo, detection, system.cell_weights)
    memory.pull = learning.seen_bad_share(memory.filed_bad, memory.filed)
    record_gauges(system, month, detection)


def record_gauges(system: IPSystem, month: int, detection: NDArray[np.float64]) -> None:
    """Note this month's levels that are not counts of events."""
    gauges, memory, weights = system.ledger.gauges, system.memory, system.cell_weights
    happened, gross = memory.happened, system.stands_for
    for name, place in (
        ("agencies", agency_market.ALIVE), ("agencies_honest", agency_market.N_HONEST),
        ("agencies_mixed", agency_market.N_MIXED), ("agencies_volume", agency_market.N_VOLUME),
        ("agents", agency_market.AGENTS), ("agencies_revoked", agency_market.REVOKED),
        ("agencies_suspended", agency_market.SUSPENDED), ("agencies_entered", agency_market.ENTERED),
        ("agencies_closed", agency_market.CLOSED), ("agencies_returned", agency_market.RETURNED),
        ("agencies_sanctioned", agency_market.SANCTIONED),
    ):  # fmt: skip
        gauges[name][month] = happened[place] * gross
    gauges["agency_fee_mean"][month] = happened[agency_market.FEES] / max(happened[agency_market.AGENTS], 1e-9)
    belief = learning.belief(system.tables["learning"].at(month), memory.pseudo) @ weights
    gauges["belief_patent"][month], gauges["belief_trademark"][month] = belief
    gauges["detection_patent"][month], gauges["detection_trademark"][month] = detection @ weights
    gauges["screened_share_patent"][month] = memory.chances_patent[:, 0, 1] @ weights
    gauges["screened_share_trademark"][month] = memory.chances_mark[:, 0, 1] @ weights
    groups = system.examiners.case_hours[:N_FIELDS]
    gauges["hours_per_invention"][month] = groups.mean()
    gauges["examiners_invention"][month] = system.staff[month, :N_FIELDS].sum() / system.scale
    productivity = system.tables["examination"].at(month)[examination.PRODUCTIVITY, 0]
    gauges["search_recall"][month] = 1.0 - np.exp(-productivity * groups.mean() * 24.0 / system.office.reference[0])
    gauges["transfer_staff_load"][month] = float(memory.staff_demand) / float(
        system.tables["market"].at(month)[market.STAFF, 0]
    )
    gauges["perceived_bad_share"][month] = memory.pull @ weights


PHASES: tuple[Callable[[IPSystem, int], None], ...] = (
    look_around, invent_and_file, examine, live, cross_border.go_abroad, agencies_act, learn, cross_border.grow,
)  # fmt: skip
"""The month in order."""
