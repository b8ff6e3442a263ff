"""Step 14: rights beside patents and marks - geographical indications, layout designs, data - live a month.

They stand for the nation whatever the scale of the run, in one block; copyright is a declared path (``economy``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.agents import holders, producers
from ipplan.agents.holders import Holders
from ipplan.agents.producers import Producers
from ipplan.ledger import OTHER_RIGHT_GAUGES, gauge
from ipplan.phases import indications, registrations

if TYPE_CHECKING:
    from ipplan.system import IPSystem


class OtherRights:
    """Producer groups, holders, and the gauges they are seen by: [month, gauge], columns of the ledger."""

    def __init__(self, system: IPSystem) -> None:
        self.producers: Producers = producers.establish(system.seed, system.tables["gi_at_start"].at(0))
        shares = np.array([province.kind_shares[1] for province in system.provinces])
        self.holders: Holders = holders.establish(system.tables["holders_at_start"].at(0), shares)
        self.layouts_at_start = self.holders.cohorts["issued"][holders.LAYOUT].astype(np.float64)
        first = gauge(OTHER_RIGHT_GAUGES[0])
        self.seen: NDArray[np.float64] = system.ledger.levels[:, first : first + len(OTHER_RIGHT_GAUGES)]


def other_rights(system: IPSystem, month: int) -> None:
    """Step 14: indications, layout designs and data rights live a month."""
    other, tables = system.other_rights, system.tables
    indications.month_of_groups(
        system.seed, month, float(system.drivers["gdp"][month]), other.producers.groups, other.producers.displaced,
        tables["gi"].at(month), other.seen,
    )  # fmt: skip
    registrations.month_of_cohorts(
        system.seed, month, float(system.drivers["enterprise_population"][month]), other.holders.cohorts,
        other.holders.expiring, tables["registration"].at(month), tables["finance"].at(month),
        system.banking.guaranteed, system.memory.marks.like, other.seen, indications.N_GAUGES,
    )  # fmt: skip
