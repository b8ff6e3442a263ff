"""What people think is done: the norm of good faith, which moves slowly.

The norm n of a cell is the log of its moral cost against 2017. It drifts towards what culture campaigns teach and what
is seen to be done, which erodes it where bad faith spreads and lets enforcement crowd it in where bad faith recedes
(descriptive norms: Cialdini, Reno & Kallgren 1990; as a stock: tax morale),

    n' = n* + (n - n*) exp(-h t),    n* = culture - culture(2017) - J (seen - seen in 2017),    h = ln 2 / half-life.

The first year is the yardstick: until it is over there is nothing to compare with. Moral cost is multiplied by exp(n),
the pull of others by exp(-c n), the cost of beginning an infringement by exp(c' n): buyers shun fakes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

READS = ("norms.culture", "norms.response", "norms.half_life", "norms.contagion", "norms.infringement")
CULTURE, RESPONSE, HALF_LIFE, CONTAGION, INFRINGEMENT = range(5)
YARDSTICK_MONTHS = 12
"""The first year, whose seen share of bad faith is the reference."""

Floats = NDArray[np.float64]


def equilibrium(theta: Floats, start: Floats, seen: Floats, reference: Floats) -> Floats:
    """Return n* [cell]."""
    found: Floats = theta[CULTURE] - start[CULTURE] - theta[RESPONSE] * (seen - reference)
    return found


def drifted(norm: Floats, aim: Floats, half_life: Floats, months: float) -> Floats:
    """Return the norm [cell] after some months; ``half_life`` in months."""
    found: Floats = aim + (norm - aim) * np.exp(-math.log(2.0) * months / half_life)
    return found
