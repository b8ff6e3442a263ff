"""The register: rights in force. Each sleeps until its next event, an anniversary or a chance to be used.

Like the docket it is made of bins: of patents one for each month and reason to wake (an anniversary, a month in which
something may happen, an open licence), of marks, which are two thirds of all rights and need less, one a month.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.rights import bins, keys

# compiled-constants
PATENT = np.dtype(
    [
        ("owner", "i4"), ("filed", "i2"), ("granted", "i2"), ("serial", "u2"), ("bound", "u2"),
        ("log_value", "f4"), ("quality", "f4"), ("flags", "u2"), ("right", "u1"), ("field", "u1"),
    ]
)  # fmt: skip
MARK = np.dtype(
    [("owner", "i4"), ("filed", "i2"), ("granted", "i2"), ("serial", "u2"), ("flags", "u2"), ("log_value", "f4")]
)

# The first twelve flags are stocks of the ledger, in its order from "in_force_bad" on.
R_BAD, R_USED, R_LICENSED, R_TRADED, R_IDLE, R_OVER_10Y = 1, 2, 4, 8, 16, 32
R_HIGH_VALUE, R_LATENT, R_SEI, R_LISTED, R_OVERSEAS, R_PLEDGED = 64, 128, 256, 512, 1024, 2048
STOCK_FLAGS = 4095
R_AWARD, R_TOUCHED, R_PLEDGED_HIGH, R_CHALLENGED = 4096, 8192, 16384, 32768
"""``R_CHALLENGED``: an invalidation request is pending; ``bound`` then holds the ruling (see ``invalidation``)."""

PATENT_YEARS, PATENT_CHANCES, WEIGHING, OPEN = range(4)
"""Why a patent wakes; one under an open licence, or whose owner weighs one, lies in bins of its own."""
WAKE_SLOTS = LAST_END + 130
"""Months in which a right may wake: after the start of the run, at most ten years ahead."""


class Register(NamedTuple):
    """Bins of patents of one owner block, by why and when they wake: bin ``why * WAKE_SLOTS + month``; its marks."""

    records: NDArray[np.void]  # of PATENT
    follows: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    written: NDArray[np.int32]
    book: NDArray[np.int64]
    marks: bins.Bins  # of MARK, by the month in which they wake
    granted_abroad: keys.Filings  # families with a right abroad

    @classmethod
    def empty(cls) -> Register:
        """Return a register without rights."""
        return cls(*bins.Bins.empty(PATENT, 4 * WAKE_SLOTS), bins.Bins.empty(MARK, WAKE_SLOTS), keys.Filings.empty())

    def with_room(self, patents: int = 0, marks: int = 0) -> Register:
        """Return a register with room for so many more rights."""
        table: Register = bins.with_room(self, patents)
        wider = self.marks.with_room(marks)
        return table if wider is self.marks else table._replace(marks=wider)

    def with_families(self, extra: int) -> Register:
        """Return a register with room for ``extra`` more families that have a right abroad."""
        wider = keys.with_room(self.granted_abroad, extra)
        return self if wider is self.granted_abroad else self._replace(granted_abroad=wider)
