"""The register: rights in force. Each sleeps until its next event, an anniversary or a chance to be used.

Like the docket it is made of bins, one for each month and reason to wake: a patent's anniversary (renew or lapse), a
month in which something may happen to it, a mark's term, a month under an open licence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.rights import bins, keys

# compiled-constants
RIGHT = np.dtype(
    [
        ("owner", "i4"), ("filed", "i2"), ("granted", "i2"), ("serial", "u2"), ("bound", "u2"),
        ("log_value", "f4"), ("quality", "f4"), ("flags", "u2"), ("right", "u1"), ("field", "u1"),
    ]
)  # fmt: skip

# The first twelve flags are stocks of the ledger, in its order from "in_force_bad" on.
R_BAD, R_USED, R_LICENSED, R_TRADED, R_IDLE, R_OVER_10Y = 1, 2, 4, 8, 16, 32
R_HIGH_VALUE, R_LATENT, R_SEI, R_LISTED, R_OVERSEAS, R_PLEDGED = 64, 128, 256, 512, 1024, 2048
STOCK_FLAGS = 4095
R_AWARD, R_TOUCHED, R_PLEDGED_HIGH, R_CHALLENGED = 4096, 8192, 16384, 32768
"""``R_CHALLENGED``: an invalidation request is pending; ``bound`` then holds the ruling (see ``invalidation``)."""

PATENT_YEARS, PATENT_CHANCES, MARKS, WEIGHING, OPEN = range(5)
"""Why a right wakes; a patent under an open licence, or whose owner weighs one, lies in bins of its own."""
WAKE_SLOTS = LAST_END + 130
"""Months in which a right may wake: after the start of the run, at most ten years ahead."""


class Register(NamedTuple):
    """Bins of rights of one owner block, by why and when they wake: bin ``why * WAKE_SLOTS + month``."""

    records: NDArray[np.void]  # of RIGHT
    follows: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    written: NDArray[np.int32]
    book: NDArray[np.int64]
    granted_abroad: keys.Filings  # families with a right abroad

    @classmethod
    def empty(cls) -> Register:
        """Return a register without rights."""
        return cls(*bins.Bins.empty(RIGHT, 5 * WAKE_SLOTS), keys.Filings.empty())

    def with_room(self, extra: int) -> Register:
        """Return a register with room for ``extra`` more rights."""
        table: Register = bins.with_room(self, extra)
        return table

    def with_families(self, extra: int) -> Register:
        """Return a register with room for ``extra`` more families that have a right abroad."""
        wider = keys.with_room(self.granted_abroad, extra)
        return self if wider is self.granted_abroad else self._replace(granted_abroad=wider)
