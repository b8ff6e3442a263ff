"""The register: rights in force. Each sleeps until its next event, an anniversary or a chance to be used.

Like the docket, one table and one linked list a month. A right of a patent kind wakes at the anniversary of its
filing (renew or lapse) and at candidate months drawn from a dominating rate (use, deal: thinning is exact under
rates that measures change); a mark wakes after ten years.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.columns import grown, roomy

# compiled-constants
RIGHT = np.dtype(
    [
        ("owner", "i4"), ("filed", "i2"), ("granted", "i2"), ("serial", "u2"), ("wake", "i2"),
        ("log_value", "f4"), ("quality", "f4"), ("flags", "u2"), ("right", "u1"), ("field", "u1"),
    ]
)  # fmt: skip

# The first twelve flags are stocks of the ledger, in its order from "in_force_bad" on.
R_BAD, R_USED, R_LICENSED, R_TRADED, R_IDLE, R_OVER_10Y = 1, 2, 4, 8, 16, 32
R_HIGH_VALUE, R_LATENT, R_SEI, R_LISTED, R_OVERSEAS, R_PLEDGED = 64, 128, 256, 512, 1024, 2048
STOCK_FLAGS = 4095
R_AWARD, R_TOUCHED = 4096, 8192

WAKE_SLOTS = LAST_END + 130
"""A wake month is its own slot: rights wake after the start of the run, at most ten years ahead."""


class Register(NamedTuple):
    """Columns of the register of one owner block."""

    rights: NDArray[np.void]  # [row] of RIGHT
    next: NDArray[np.int32]
    wake: NDArray[np.int32]  # [month] heads of the lists of rights that wake
    book: NDArray[np.int64]  # free row list head, rows in use (once), rows freed

    @classmethod
    def empty(cls) -> Register:
        """Return a register without rights."""
        return cls(
            np.zeros(0, RIGHT), np.zeros(0, np.int32), np.full(WAKE_SLOTS, -1, np.int32), np.array([-1, 0, 0], np.int64)
        )

    def with_room(self, extra: int) -> Register:
        """Return a register with room for ``extra`` more rights."""
        used = int(self.book[1])
        if used + extra - int(self.book[2]) <= len(self.rights):
            return self
        capacity = roomy(used, extra)
        return self._replace(rights=grown(self.rights, capacity), next=grown(self.next, capacity))
