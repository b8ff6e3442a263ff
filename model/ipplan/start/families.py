"""Families and contracts on their way at the end of 2016: ten years of filing abroad, lived through before the start.

Nothing else of these years is simulated: filings of domestic inventions arrive by the quarter at a rate that grows
towards the published one, with the returns of the model's own filings of 2017, and go through the same kernels under
the terms of January 2017. What they count is forgotten; what is still on its way stays. Domestic rights filed in these
years are not tied to these families: a share of them has one (``overseas.start_share``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ipplan.compiled import kernel
from ipplan.phases import cross_border, families
from ipplan.phases.stakes import drawn_field
from ipplan.rights.abroad import ABROAD_SLOTS, PAST, PRIORITY
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import FOREIGN, N_CELLS, N_KINDS

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
_PIPELINE = int(Stream.PIPELINE)
READS = ("invention.value_log_median", "overseas.past_filings", "overseas.past_growth", "invention.own_field")
MEDIAN, FILINGS, GROWTH, OWN_FIELD = range(4)

ABOVE = np.array([2.05, 0.52, 0.17, 1.2, 1.26, 0.0])
SPREAD = np.array([1.17, 1.61, 1.55, 1.36, 1.09, 1.0])
"""Log return of what is filed honestly, by kind, as the model's own filings of 2017 have it: mean above the median of
ideas, and deviation of the upper tail. A choice that the years before are not asked to make again."""
SHARES = np.array([0.40, 0.17, 0.04, 0.20, 0.05, 0.0])
"""Honest filings of domestic inventions by kind, of all; the rest is in bad faith and goes nowhere (as in 2017)."""
FIRST_SERIAL = 49_152
STEP = 3
"""Months of filings that are laid at once."""


@kernel
def note_past(seed, month, hits, hit_owner, hit_number, owners, theta, cut, table):
    """Draw the values of a past quarter's filings and note those for which some destination might pay."""
    where = PRIORITY * ABROAD_SLOTS + month + families.PRIORITY_MONTHS + PAST
    for i in range(hits):
        owner = hit_owner[i]
        cell = owners.cell[owner]
        for j in range(hit_number[i]):
            u, w, _, _ = uniforms(seed, _PIPELINE, owner, j, month, 0)
            log_value = theta[MEDIAN, cell] + ABOVE[cell % N_KINDS] + SPREAD[cell % N_KINDS] * normal_quantile(u)
            if log_value > cut[cell]:
                field = drawn_field(owners.field[owner], w, theta[OWN_FIELD, cell])
                families.add(table, where, owner, log_value, month, FIRST_SERIAL + j, field, 0)


def lay(system: IPSystem, block: Block) -> None:
    """Live the years before 2017 through for the families and contracts of a block."""
    theta = system.tables["families_at_start"].at(0)
    terms = system.tables["families"].drawn_up(0, families.terms)
    for month in range(-PAST, 0):
        if month % STEP == 0:
            rates = np.zeros((4, N_CELLS))
            growth = float(np.exp(theta[GROWTH, 0] * (month + 6) / 12.0))
            rates[0] = np.tile(SHARES, N_CELLS // N_KINDS) * theta[FILINGS, 0] * growth * STEP / 12.0 * system.scale
            hits, arrived = block.arrive(system, month - 2000, rates)
            block.families = block.families.with_room(arrived)
            note_past(system.seed, month, hits, block.hit_owner, block.hit_number, system.applicants, theta, terms.cut,
                      block.families)
        cross_border.block_month(system, block, month, terms, 1.0, 1.0)


assert SHARES[FOREIGN] == 0.0
