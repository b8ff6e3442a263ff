"""The people behind every capacity: trained slowly, lost steadily, drawn from one body to another.

The nation's IP talent is a stock, told relative to the path it would have had (at that path it is exactly 1). Training
reaches it after years of study; a part of those trained hold the credential without the craft. With attrition a,

    H' = T + (H - T) exp(-a t),    T = training(t - L) (1 - nominal(t - L)), relative to January 2017.

Bodies share the stock by what they pay (logit of wage premiums, approached at a rate m: mobility), so what one body
gains others lose. A body's capacity follows its people to the power of an elasticity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BODIES = ("office", "agencies", "transfer", "forums", "firms")
OFFICE, AGENCIES, TRANSFER, FORUMS, FIRMS = range(5)
N_BODIES = len(BODIES)
READS = (
    "talent.training", "talent.nominal", "talent.lag_months", "talent.attrition", "talent.mobility",
    "talent.wage_response", "talent.fee_elasticity", "talent.cost", *(f"talent.wage.{body}" for body in BODIES),
    *(f"talent.share.{body}" for body in BODIES), *(f"talent.elasticity.{body}" for body in BODIES),
)  # fmt: skip
TRAINING, NOMINAL, LAG, ATTRITION, MOBILITY, RESPONSE, FEE_ELASTICITY, COST, WAGE = range(9)
SHARE, ELASTICITY = WAGE + N_BODIES, WAGE + 2 * N_BODIES

Floats = NDArray[np.float64]


def inflow(trained: Floats, start: Floats) -> float:
    """Return training of a month that counts, over that of January 2017; both are tables [read]."""
    skilled = trained[TRAINING] * (1.0 - trained[NOMINAL])
    return float(skilled / (start[TRAINING] * (1.0 - start[NOMINAL])))


def stock_after(stock: float, arriving: float, attrition: float, years: float) -> float:
    """Return the relative stock after some years of a relative ``arriving`` inflow; ``attrition`` is per year."""
    return float(arriving + (stock - arriving) * np.exp(-attrition * years))


def drawn(theta: Floats, start: Floats) -> Floats:
    """Return the places [body] that people tend to, relative to 2017: a logit of wage premiums."""
    shares = start[SHARE : SHARE + N_BODIES]
    pull = np.exp(theta[RESPONSE] * (theta[WAGE : WAGE + N_BODIES] - start[WAGE : WAGE + N_BODIES]))
    places: Floats = pull * (shares.sum() / (shares * pull).sum())
    return places


def places_after(places: Floats, theta: Floats, start: Floats, years: float) -> Floats:
    """Return where people are after some years, relative to 2017."""
    aim = drawn(theta, start)
    found: Floats = aim + (places - aim) * np.exp(-theta[MOBILITY] * years)
    return found


def capacities(stock: float, places: Floats, theta: Floats) -> Floats:
    """Return the factor of each body's capacity."""
    found: Floats = (stock * places) ** theta[ELASTICITY : ELASTICITY + N_BODIES]
    return found
