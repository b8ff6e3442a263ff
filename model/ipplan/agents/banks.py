"""Banks, one a province: each stands for the lenders of its province."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.world import N_PROVINCES


class Banks(NamedTuple):
    """Columns of banks, [province]."""

    bad_share: NDArray[np.float64]  # share of the pledge loans due last year that were not repaid, as reviewed
    guaranteed: NDArray[np.float64]  # 1 while the public guarantee stands, 0 in a year after the stop line
    cycle: NDArray[np.float64]  # logits by which the year's defaults lie above the mean of years

    @classmethod
    def fresh(cls) -> Banks:
        """Return the banks before their first year."""
        return cls(np.zeros(N_PROVINCES), np.ones(N_PROVINCES), np.zeros(N_PROVINCES))
