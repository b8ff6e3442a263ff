"""Step 14: what patents in use do to the economy, and the paths beside it that nothing here moves, or hardly.

An *industry* is a technical field; whether it counts as patent-intensive stands in the classification (2019, seven
groups), not in its patents. The firms of an industry, large and small apart, grow with GDP, and faster where they put
patents to use: value added over GDP follows the stock of patents in use to the power of an elasticity, with a lag,

    share(t) = share(2017) sum_g w_g (S_g(t) / S_g(0))^elasticity / sum_g w_g,     dS_g = (used_g - S_g) / lag

over the groups g of firms in patent-intensive industries. GDP itself is a dated path. The share of copyright industries
is *declared near-exogenous*: an autoregression around a trend, with a weak link to enforcement - at home, as infringers
see it (so judicial and administrative protection reach it), and as holders abroad see it. No work, author or licence
of copyright is modelled, and nothing else moves the share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import kernel
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import FIELDS, LARGE, N_FIELDS, SME

# compiled-constants
_COPYRIGHT = int(Stream.COPYRIGHT)

READS = (
    "economy.patent_intensive_share", "economy.use_elasticity", "economy.lag_years", "economy.large_share",
    *(f"economy.industry_weight.{field}" for field in FIELDS), "economy.copyright_share", "economy.copyright_trend",
    "economy.copyright_persistence", "economy.copyright_noise", "economy.copyright_link", "foreign.enforcement",
)  # fmt: skip
SHARE, ELASTICITY, LAG, LARGE_SHARE, WEIGHT = range(5)
CR_SHARE, CR_TREND, CR_PERSISTENCE, CR_NOISE, CR_LINK, ENFORCEMENT = range(WEIGHT + N_FIELDS, WEIGHT + N_FIELDS + 6)

FIRM_KINDS = slice(LARGE, SME + 1)
FLOOR = 0.5
"""Patents in use that a group of firms is reckoned to have at least, at the scale of the run."""

Floats = NDArray[np.float64]


@dataclass
class Industries:
    """Patents in use by industry and kind of firm: at the start, and as firms have adapted to them."""

    base: Floats  # [field, large | sme]
    adapted: Floats
    copyright_gap: float = 0.0
    """Percentage points by which the copyright share stands off its path."""

    @classmethod
    def start(cls, in_use: NDArray[np.int64]) -> Industries:
        """Return industries as they stand at the end of 2016; ``in_use`` [field, kind] patents in use."""
        base = np.maximum(in_use[:, FIRM_KINDS].astype(np.float64), FLOOR)
        return cls(base, base.copy())


def patent_intensive_share(industries: Industries, in_use: NDArray[np.int64], theta: Floats) -> float:
    """Let firms adapt to the patents in use for a month; return the share of patent-intensive industries in GDP, %."""
    return float(adapt(industries.base, industries.adapted, in_use, theta))


@kernel
def adapt(base, adapted, in_use, theta):
    """Let firms adapt for a month; ``base`` and ``adapted`` [field, large | sme], ``theta`` [read]."""
    grown, total = 0.0, 0.0
    for field in range(N_FIELDS):
        for kind in range(LARGE, SME + 1):
            used = max(float(in_use[field, kind]), FLOOR)
            adapted[field, kind] += (used - adapted[field, kind]) / (12.0 * theta[LAG])
            weight = theta[WEIGHT + field] * (theta[LARGE_SHARE] if kind == LARGE else 1.0 - theta[LARGE_SHARE])
            grown += weight * (adapted[field, kind] / base[field, kind]) ** theta[ELASTICITY]
            total += weight
    return theta[SHARE] * grown / total


@kernel
def copyright_noise(seed, month):
    """Return the noise of a month, standard normal."""
    return normal_quantile(uniforms(seed, _COPYRIGHT, 0, 0, month, 0)[0])


def copyright_share(industries: Industries, seed: int, month: int, theta: Floats, deterrence: float = 1.0) -> float:
    """Return the share of copyright industries in GDP, %: trend, weak link to enforcement, autoregressive noise.

    ``deterrence`` is infringers' believed chance to be made to stop or pay, over that of January 2017.
    """
    shock = theta[CR_NOISE] * math.sqrt(1.0 - theta[CR_PERSISTENCE] ** 2) * copyright_noise(seed, month)
    industries.copyright_gap = float(theta[CR_PERSISTENCE] * industries.copyright_gap + shock)
    path = theta[CR_SHARE] + theta[CR_TREND] * (month - 5.5) / 12.0
    return float(path + theta[CR_LINK] * math.log(theta[ENFORCEMENT] * deterrence) + industries.copyright_gap)
