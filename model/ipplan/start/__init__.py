"""The state at the end of 2016, derived from observed stocks and flows; what has no observation is a primitive.

Nothing is warmed up from zero: rights in force (``register``), cases on their way (``docket``), and families and
contracts abroad (``families``) are laid as they stood. Applicants, agencies and examiners come from ``agents``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ipplan.columns import whole
from ipplan.start import docket, families, register
from ipplan.start.reads import BRAND_SHARE, DESIGN_SHARE, TRAITS
from ipplan.world import N_CELLS, N_KINDS

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

__all__ = ["lay"]


def lay(system: IPSystem) -> None:
    """Lay the start state on every block of the system, and forget the events of doing so."""
    theta = system.tables["start"].at(0).copy("K")
    for row in (BRAND_SHARE, DESIGN_SHARE):
        theta[row] = np.tile(whole(theta[row, :N_KINDS]), N_CELLS // N_KINDS)
    traits = system.paths.table(TRAITS, 1).at(0)
    force = register.in_force_at_start(system, theta)

    def lay_block(block: Block) -> None:
        register.lay(system, block, theta, force, traits)
        docket.lay(system, block, theta, traits)
        families.lay(system, block)
        block.tally.flows[:] = 0

    system.each_block(lay_block)
