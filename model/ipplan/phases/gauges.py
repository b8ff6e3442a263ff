"""The gauges of a month: levels that are not counts of events, for the whole nation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.phases import agency_market, examination, finance, learning, market
from ipplan.phases.protection import note_protection
from ipplan.world import N_FIELDS, N_PROVINCES

if TYPE_CHECKING:
    from ipplan.system import IPSystem

AGENCY_GAUGES = (
    ("agencies", agency_market.ALIVE), ("agencies_honest", agency_market.N_HONEST),
    ("agencies_mixed", agency_market.N_MIXED), ("agencies_volume", agency_market.N_VOLUME),
    ("agents", agency_market.AGENTS), ("agencies_revoked", agency_market.REVOKED),
    ("agencies_suspended", agency_market.SUSPENDED), ("agencies_entered", agency_market.ENTERED),
    ("agencies_closed", agency_market.CLOSED), ("agencies_returned", agency_market.RETURNED),
    ("agencies_sanctioned", agency_market.SANCTIONED),
)  # fmt: skip
"""Gauges of the agencies, and where the month's happenings hold them."""


def record(system: IPSystem, month: int, found_out: NDArray[np.float64]) -> None:
    """Note this month's levels; ``found_out`` [patents | marks] is the nation's share."""
    gauges, memory, weights = system.ledger.gauges, system.memory, system.cell_weights
    happened, gross = memory.happened, system.stands_for
    for name, place in AGENCY_GAUGES:
        gauges[name][month] = happened[place] * gross
    gauges["agency_fee_mean"][month] = happened[agency_market.FEES] / max(happened[agency_market.AGENTS], 1e-9)
    belief = learning.belief(system.tables["learning"].at(month), memory.pseudo) @ weights
    gauges["belief_patent"][month], gauges["belief_trademark"][month] = belief
    gauges["detection_patent"][month], gauges["detection_trademark"][month] = found_out
    gauges["screened_share_patent"][month] = memory.chances[0, :, 0, 1] @ weights
    gauges["screened_share_trademark"][month] = memory.chances[1, :, 0, 1] @ weights
    hours = system.examiners.case_hours[:N_FIELDS].sum() / N_FIELDS
    gauges["hours_per_invention"][month] = hours
    gauges["examiners_invention"][month] = system.staff[month, :N_FIELDS].sum() / system.scale
    productivity = system.tables["examination"].at(month)[examination.PRODUCTIVITY, 0]
    searched = productivity * hours * examination.PRODUCTIVITY_HOURS
    gauges["search_recall"][month] = 1.0 - np.exp(-searched / system.office.reference[0])
    gauges["transfer_staff_load"][month] = float(memory.staff_demand) / float(
        system.tables["market"].at(month)[market.STAFF, 0]
    )
    gauges["perceived_bad_share"][month] = memory.pull @ weights
    gauges["sme_borrowers"][month] = finance.sme_borrowers(system, month)
    gauges["banks_at_stop_line"][month] = np.count_nonzero(system.banking.guaranteed == 0.0)
    gauges["bank_bad_loans"][month] = 100.0 * (system.banking.bad_share.sum() / N_PROVINCES)
    note_protection(system, month)
