"""Patent navigation of state-funded projects, and what provinces tell each other.

A state-funded project duplicates prior art with chance d0; where a share nu of projects is navigated before it starts,

    d(nu) = d0 (1 - eta nu) (1 + herding nu),     mean quality += state-funded share x (loss (d0 - d(nu)) + dq nu)

as a mean over the ideas of a cell: single projects are not followed. The second factor is the race that navigation to
the same fields brings.

When an owner of an agency that lost its licence comes back elsewhere, it is recognised with p + omega (p_home - p).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def duplication(d0: float, power: float, herding: float, navigated: Floats) -> Floats:
    """Return the chance that a state-funded project duplicates prior art, by share of navigated projects."""
    found: Floats = d0 * (1.0 - power * navigated) * (1.0 + herding * navigated)
    return found


def quality_gain(state_funded: Floats, d0: float, now: Floats, loss: float, better: float, navigated: Floats) -> Floats:
    """Return the shift of the mean quality of ideas in sd; exactly nought where nothing is navigated."""
    found: Floats = state_funded * (loss * (d0 - now) + better * navigated)
    return np.where(navigated == 0.0, 0.0, found)


def recognised(here: Floats, passing: Floats, moving: float, at_home: float) -> Floats:
    """Return what passing on adds to the chance that a returning owner is recognised where it opens again."""
    found: Floats = passing * moving * np.maximum(0.0, at_home - here)
    return found
