"""What a year's gauges are by province: noted each December for those that can be told apart by place.

Counts of events have their province from the cell they are counted in; these are levels and sums that have none.
Illustrative, like all provincial output. Latent gauges are not among them: what stands here is what a statistical
yearbook could print.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan import ledger as led
from ipplan.agents.holders import DATA, LAYOUT
from ipplan.phases.reckoning import by_province
from ipplan.world import N_KINDS, N_PROVINCES, SME, TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import IPSystem

Floats = NDArray[np.float64]
HERE = slice(0, N_PROVINCES * N_KINDS)
DECEMBER, NOVEMBER = 11, 10
HALF_YEAR = 6
PERCENT = 100.0


def note_provinces(system: IPSystem, month: int) -> None:
    """Note the year's gauges by province in December; the filings up to November a month before."""
    if month % 12 == NOVEMBER:
        system.memory.filed_by_november = reduce(add, (_filed(block.tally.flows) for block in system.blocks))
    if month % 12 == DECEMBER:
        kept = system.ledger.gauges_yearly
        for part in (agencies, finance, services, other_rights, provinces):
            for name, values in part(system, month // 12).items():
                kept[name][month // 12] = values


def _filed(flows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return patent filings by cell; ``flows`` [cell, right, flow]."""
    filed: NDArray[np.int64] = flows[:, :TRADEMARK, led.FILED].sum(axis=1)
    return filed


def agencies(system: IPSystem, year: int) -> Mapping[str, Floats]:
    """Return agencies and their agents by seat."""
    table, rows = system.agencies, int(system.agencies.book[0])
    alive, seat = table.alive[:rows] > 0, table.province[:rows]
    heads = (alive.astype(np.float64), np.where(alive, table.agents[:rows], 0.0).astype(np.float64))
    number, agents = (np.bincount(seat, weight, N_PROVINCES).astype(np.float64) for weight in heads)
    return {"agencies": number * system.stands_for, "agents": agents * system.stands_for}


def finance(system: IPSystem, year: int) -> Mapping[str, Floats]:
    """Return the share of small firms with a pledge loan, percent, and where guarantees were withdrawn."""
    contracts = system.ledger.stocks_yearly[year, led.CONTRACTS_OPEN, :, HERE].sum(axis=0)[SME::N_KINDS]
    firms = system.numbers[SME] * system.services.shares[:N_PROVINCES, SME]
    return {"sme_borrowers": PERCENT * contracts / firms,
            "banks_at_stop_line": (system.banking.guaranteed == 0.0).astype(np.float64)}


def services(system: IPSystem, year: int) -> Mapping[str, Floats]:
    """Return firms assisted, and the burden of the year's filings in yuan a filing (by its mean of two half-years)."""
    state = system.services
    filed = system.ledger.flows_yearly[year, led.FILED, :, HERE]
    burden = filed * state.burdens[:, :, HERE].mean(axis=0)
    total, yuan = (by_province(counts.sum(axis=0)) for counts in (filed, burden))
    return {"assisted_firms": HALF_YEAR * state.assisted.sum(axis=0), "admin_burden": yuan / np.maximum(total, 1.0)}


def other_rights(system: IPSystem, year: int) -> Mapping[str, Floats]:
    """Return geographical indications, layout designs and data rights by seat."""
    groups, cohorts = system.other_rights.producers.groups, system.other_rights.holders.cohorts
    issued = cohorts["issued"].astype(np.float64)
    before = system.ledger.gauges_yearly["layout_issued"][year - 1] if year else system.other_rights.layouts_at_start
    found = {f"gi_{what}": np.bincount(groups["province"], groups[what], N_PROVINCES)
             for what in ("products", "users", "output")}
    return found | {
        "layout_registered": issued[LAYOUT] - before, "layout_issued": issued[LAYOUT], "data_issued": issued[DATA],
        "data_financed": cohorts["financed"][DATA],
        **{f"{name}_in_force": (cohorts["genuine"] + cohorts["paper"])[right].astype(np.float64)
           for name, right in (("layout", LAYOUT), ("data", DATA))},
    }  # fmt: skip


def provinces(system: IPSystem, year: int) -> Mapping[str, Floats]:
    """Return December's share of filings, percent; effort for targets (a province's, in its budgets), targets reached.

    How much of the effort is cosmetic is latent, and told for the nation only.
    """
    state = system.government
    filed = by_province(system.ledger.flows_yearly[year, led.FILED, :TRADEMARK].sum(axis=0))
    december = filed - by_province(system.memory.filed_by_november)
    return {"december_share": PERCENT * december / np.maximum(filed, 1.0), "province_effort": state.spent.sum(axis=1),
            "province_targets_reached": state.reached_here}
