"""Agencies: who drafts and files for applicants. Honest, mixed or volume, by what they live on.

A row stands for ``Agencies.stands_for`` agencies of the nation at small scales (a minimum of rows is kept) and
its capacity is scaled so that the totals agree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.columns import grown, whole
from ipplan.streams import Stream, uniform_column
from ipplan.world import N_PROVINCES

# compiled-constants
HONEST, MIXED, VOLUME = 0, 1, 2
NEVER = -1000
FEWEST = 120
"""Rows at the smallest scales: a matter of resolution, totals do not depend on it."""
MOST = 60_000
"""Rows at most: an applicant knows its agency by 16 bits."""
GOLDEN = 0.6180339887498949

READS = (
    "start.agencies.number", "start.agencies.attorneys", "start.agencies.size_exponent",
    "start.agencies.share.honest", "start.agencies.share.mixed", "start.agencies.share.volume",
    "start.agencies.drafting_spread", "start.agencies.capital", "agencies.drafting.honest", "agencies.drafting.mixed",
    "agencies.drafting.volume",
)  # fmt: skip
NUMBER, ATTORNEYS, SIZE_EXPONENT, SHARE, _, _, DRAFTING_SPREAD, CAPITAL, DRAFTING, _, _ = range(11)
"""Read once, for the nation, when the agencies are laid out."""


class Agencies(NamedTuple):
    """Columns of agencies; a row number is a permanent id, a closed agency keeps its row."""

    model: NDArray[np.uint8]
    alive: NDArray[np.uint8]
    province: NDArray[np.uint8]
    owner: NDArray[np.int32]  # who is behind it; survives a change of name
    agents: NDArray[np.float32]
    quality: NDArray[np.float32]
    suspended_until: NDArray[np.int16]
    returns: NDArray[np.int16]  # month a revoked owner comes back, NEVER if not
    filed: NDArray[np.float32]  # remembered filings and flags (forgotten like beliefs)
    flagged: NDArray[np.float32]
    load: NDArray[np.float32]  # smoothed cases a month, national units per agency
    profit: NDArray[np.float32]  # smoothed profit per agent and month, yuan
    capital: NDArray[np.float32]  # yuan
    fee: NDArray[np.float32]  # yuan per invention filing
    accepts: NDArray[np.float32]  # chance to take a new case, from capacity
    risk: NDArray[np.float32]  # relative intensity of screening of its filings
    reach: NDArray[np.float64]  # running total of sizes, for draws by size
    book: NDArray[np.int64]  # rows in use, owners so far

    def with_room(self, extra: int) -> Agencies:
        """Return a table with room for ``extra`` more agencies."""
        need = int(self.book[0]) + extra
        if need <= len(self.model):
            return self
        capacity = need + need // 2
        return self._replace(**{f: grown(getattr(self, f), capacity) for f in self._fields if f != "book"})


def rows_at_start(scale: float, theta: NDArray[np.float64]) -> int:
    """Return how many agency rows a run starts with."""
    return max(FEWEST, round(float(theta[NUMBER, 0]) * scale))


def establish(
    seed: int, scale: float, province_shares: NDArray[np.float64], fees: NDArray[np.float64], theta: NDArray[np.float64]
) -> Agencies:
    """Return the agencies at the end of 2016; ``fees`` [3] are yuan per invention filing by model.

    ``theta`` [read, cell] is the table of ``READS``.
    """
    n = rows_at_start(scale, theta)
    value = theta[:, 0]
    ids = np.arange(n)
    u = [uniform_column(seed, Stream.AGENCY_TRAITS, ids, 0, 0, draw) for draw in range(4)]
    spread = np.clip(np.modf((ids + 0.5) * GOLDEN + u[0][0])[0], 0.5 / n, 1 - 0.5 / n)
    size = (1 - spread) ** (-1 / float(value[SIZE_EXPONENT]))
    model = np.searchsorted(np.cumsum(whole(value[SHARE : SHARE + 3])), u[1]).clip(0, 2)
    province = np.searchsorted(np.cumsum(province_shares), u[2] * province_shares.sum()).clip(0, N_PROVINCES - 1)
    zeros = np.zeros(n, np.float32)
    return Agencies(
        model=model.astype(np.uint8),
        alive=np.ones(n, np.uint8),
        province=province.astype(np.uint8),
        owner=ids.astype(np.int32),
        agents=(size * value[ATTORNEYS] / value[NUMBER] / size.mean()).astype(np.float32),
        quality=(value[DRAFTING : DRAFTING + 3][model] + value[DRAFTING_SPREAD] * (u[3] - 0.5)).astype(np.float32),
        suspended_until=np.full(n, NEVER, np.int16),
        returns=np.full(n, NEVER, np.int16),
        filed=zeros.copy(),
        flagged=zeros.copy(),
        load=zeros.copy(),
        profit=zeros.copy(),
        capital=np.full(n, value[CAPITAL], np.float32),
        fee=fees[model].astype(np.float32),
        accepts=np.ones(n, np.float32),
        risk=np.ones(n, np.float32),
        reach=np.cumsum(size),
        book=np.array([n, n], np.int64),
    )
