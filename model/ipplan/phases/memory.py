"""What one month leaves to the next: evidence, smoothed counts, tables that owners reckon with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.phases import agency_market, claims, families, learning, prospects
from ipplan.phases.protection import Experience
from ipplan.world import N_CELLS, N_FIELDS, N_KINDS

if TYPE_CHECKING:
    from ipplan.system import IPSystem

Floats = NDArray[np.float64]

READS = (
    "start.filings_per_month.patents", "start.filings_per_month.marks", "start.wait_years", "start.seen_bad_share",
)  # fmt: skip
"""What is remembered when the first month begins."""


@dataclass
class Memory:
    """What one month leaves to the next, by what it is about."""

    # Bad faith: evidence of peers on being caught, and how common it seems.
    pseudo: Floats
    """Cases in pseudo numbers: [caught | cases, patents | marks, cell]."""
    pull: Floats
    """Share of bad faith that is seen, [cell]."""
    chances: Floats = field(default_factory=partial(np.zeros, (2, N_CELLS, 2, 2)))
    """Of being flagged: [patents | marks, cell, share screened | flag if screened, honest | bad]."""
    recent: learning.Recent = field(kw_only=True)
    """Filings, and what screeners and owners of brands have seen of them."""
    wait_years: float = 0.0
    """The wait that the office announces."""
    # What filers reckon with.
    marks: prospects.Prospects = field(kw_only=True)
    protection: Experience = field(kw_only=True)
    climate: claims.Climate = field(init=False)
    """What owners and infringers reckon with this month."""
    neighbours: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))
    """Agency of each applicant, as it was before this month's choices."""
    abroad: families.Terms = field(init=False)
    """What filing abroad offers."""
    # The market for patents, and agencies.
    rates: Floats = field(default_factory=partial(np.zeros, N_FIELDS))
    """Meetings of an unused patent with a buyer, a month, [field]."""
    staff_free: Floats = field(default_factory=partial(np.ones, N_CELLS))
    """Chance that transfer staff are free, [cell]."""
    staff_demand: Floats = field(default_factory=partial(np.zeros, ()))
    """Deals that ask for transfer staff, a month, nation, smoothed."""
    happened: Floats = field(default_factory=partial(np.zeros, agency_market.N_HAPPENED))
    """To agencies this month, in rows of their table."""
    # Provinces.
    filed_by_november: NDArray[np.int64] = field(default_factory=lambda: np.zeros(N_CELLS, np.int64))
    """Filings of the year before December, [cell]."""

    @classmethod
    def fresh(cls, system: IPSystem) -> Memory:
        """Return the memory of the end of 2016."""
        theta = system.tables["learning"].at(0)
        heard = theta[learning.PEER_WEIGHT] + theta[learning.PUBLIC_WEIGHT]
        pseudo = np.zeros((2, 2, N_CELLS))
        pseudo[1] = heard / theta[learning.FORGETTING]  # where what is heard and what is forgotten balance
        pseudo[0] = pseudo[1] * theta[learning.PRIOR]
        patents, marks, wait, seen = (float(x) for x in system.tables["memory"].at(0)[:, 0])
        _, first, group = np.unique(system.paths.strengths(system.end).group, return_index=True, return_inverse=True)
        exposure = float(system.tables["prospects"].at(0)[prospects.REFERENCE, 0])
        return cls(
            pseudo, np.full(N_CELLS, seen), wait_years=wait,
            recent=learning.Recent(np.array([patents, marks]), np.zeros(N_KINDS), np.zeros(N_KINDS),
                                   np.array([exposure])),
            marks=prospects.Prospects.fresh(first[group], system.tables["filing"]),
            protection=Experience.fresh(system.tables["protection"].at(0), system.scale),
        )  # fmt: skip
