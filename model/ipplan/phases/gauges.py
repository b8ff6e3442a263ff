"""The gauges of a month: levels that are not counts of events, for the whole nation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import kernel
from ipplan.ledger import CONTRACTS_OPEN, gauge
from ipplan.phases import examination, learning, market
from ipplan.phases.agency_market import AGENTS, ALIVE, FEES, SANCTIONED
from ipplan.phases.protection import note_protection
from ipplan.world import N_CELLS, N_FIELDS, N_PROVINCES, N_RIGHTS, SME

if TYPE_CHECKING:
    from ipplan.system import IPSystem

# compiled-constants
AGENCIES = gauge("agencies")
"""The first gauge of agencies; what else happened to them follows, in the order of ``agency_market``."""
FEE_MEAN, BELIEF, DETECTION, SCREENED, SEEN, SQUATTING = map(gauge, (
    "agency_fee_mean", "belief_patent", "detection_patent", "screened_share_patent", "perceived_bad_share",
    "squatting_seen",
))  # fmt: skip
"""Of belief, detection and the share screened, those of marks follow."""
HOURS, STAFF, RECALL, LOAD, BORROWERS, STOPPED, BAD_LOANS = map(gauge, (
    "hours_per_invention", "examiners_invention", "search_recall", "transfer_staff_load", "sme_borrowers",
    "banks_at_stop_line", "bank_bad_loans",
))  # fmt: skip


def record(system: IPSystem, month: int, found_out: NDArray[np.float64]) -> None:
    """Note this month's levels; ``found_out`` [patents | marks] is the nation's share."""
    memory, tables, levels, office = system.memory, system.tables, system.ledger.levels[month], system.office
    note_market(memory.happened, system.stands_for, memory.staff_demand, tables["market"].at(month), levels)
    note_beliefs(tables["learning"].at(month), memory.pseudo, memory.chances, memory.pull, memory.recent.exposure,
                 found_out, system.cell_weights, levels)  # fmt: skip
    note_office(system.examiners.case_hours, system.staff[month], system.scale, tables["examination"].at(month),
                office.reference, levels)  # fmt: skip
    note_loans(system.ledger.stocks_monthly[month], system.numbers, system.banking, levels)
    note_protection(system, month)


@kernel
def note_market(happened, stands_for, staff_demand, theta, levels):
    """Note what happened to agencies, and how busy transfer staff are."""
    for place in range(ALIVE, SANCTIONED + 1):
        levels[AGENCIES + place] = happened[place] * stands_for
    levels[FEE_MEAN] = happened[FEES] / max(happened[AGENTS], 1e-9)
    levels[LOAD] = staff_demand[()] / theta[market.STAFF, 0]


@kernel
def note_beliefs(theta, pseudo, chances, pull, exposure, found_out, weights, levels):
    """Note what applicants believe of being caught, how many are, and how common bad faith seems."""
    for channel in range(2):
        believed, screened = 0.0, 0.0
        for cell in range(N_CELLS):
            believed += weights[cell] * learning.mean_belief(
                theta[learning.PRIOR, cell], theta[learning.PRIOR_WEIGHT, cell], pseudo, channel, cell)
            screened += weights[cell] * chances[channel, cell, 0, 1]
        levels[BELIEF + channel] = believed
        levels[DETECTION + channel] = found_out[channel]
        levels[SCREENED + channel] = screened
    seen = 0.0
    for cell in range(N_CELLS):
        seen += weights[cell] * pull[cell]
    levels[SEEN] = seen
    levels[SQUATTING] = 100.0 * exposure[0]


@kernel
def note_office(case_hours, staff, scale, theta, reference, levels):
    """Note the hours of an invention, what a search of them finds, and examiners."""
    hours, heads = 0.0, 0.0
    for field in range(N_FIELDS):
        hours += case_hours[field] / N_FIELDS
        heads += staff[field] / scale
    searched = theta[examination.PRODUCTIVITY, 0] * hours * examination.PRODUCTIVITY_HOURS
    levels[HOURS], levels[STAFF] = hours, heads
    levels[RECALL] = 1.0 - math.exp(-searched / reference[0])


@kernel
def note_loans(stocks, numbers, banking, levels):
    """Note who has a pledge loan, and where banks stand; ``stocks`` [stock, right, kind] at the month's end."""
    contracts = 0
    for right in range(N_RIGHTS):
        contracts += stocks[CONTRACTS_OPEN, right, SME]
    stopped, bad = 0, 0.0
    for province in range(N_PROVINCES):
        stopped += banking.guaranteed[province] == 0.0
        bad += banking.bad_share[province] / N_PROVINCES
    levels[BORROWERS] = 100.0 * contracts / numbers[SME]
    levels[STOPPED], levels[BAD_LOANS] = stopped, 100.0 * bad
