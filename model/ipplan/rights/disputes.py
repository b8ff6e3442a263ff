"""Disputes over infringed rights, from filing with a forum to its end: records that sleep until their stage ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.ledger import N_FORUMS
from ipplan.rights import bins
from ipplan.world import N_PROVINCES

# compiled-constants
DISPUTE = np.dtype(
    [
        ("owner", "i4"), ("filed", "i2"), ("opened", "i2"), ("since", "i2"), ("ruling", "i2"), ("serial", "u2"),
        ("loss", "f4"), ("merit", "f4"), ("right", "u1"), ("province", "u1"), ("forum", "u1"), ("flags", "u1"),
    ]
)  # fmt: skip

D_OUTSIDER, D_WILFUL, D_CHALLENGED, D_STRUCK, D_NARROWED, D_WON = 1, 2, 4, 8, 16, 32
"""Owner from another province; infringed knowingly; validity challenged, the right wholly or partly invalid (known
from the month ``ruling`` on); won at first instance."""

DISPUTE_SLOTS = LAST_END + 130
INBOX = DISPUTE_SLOTS
"""The bin of what was filed since the forums last planned; before it one bin a month in which a stage ends."""


class Disputes(NamedTuple):
    """Bins of disputes of one owner block, and what its infringers, owners and forums' clerks count."""

    records: NDArray[np.void]  # of DISPUTE
    follows: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    written: NDArray[np.int32]
    book: NDArray[np.int64]
    asked: NDArray[np.int64]  # [forum, province] filed since the forums last planned
    tried: NDArray[np.int64]  # [patents | marks, province of the infringer] infringements begun this month
    sanctioned: NDArray[np.int64]  # [patents | marks, province of the infringer] infringers made to stop or pay
    patentee: NDArray[np.uint8]  # [owner] 1 if it kept a patent this calendar year; one column for all blocks
    met: NDArray[np.uint8]  # [owner] 1 if it met infringement of a patent this calendar year; one for all blocks

    @classmethod
    def empty(cls, n_owners: int) -> Disputes:
        """Return a table without disputes, for a population of owners."""
        return cls(
            *bins.Bins.empty(DISPUTE, INBOX + 1),
            np.zeros((N_FORUMS, N_PROVINCES), np.int64), np.zeros((2, N_PROVINCES), np.int64),
            np.zeros((2, N_PROVINCES), np.int64), np.zeros(n_owners, np.uint8), np.zeros(n_owners, np.uint8),
        )  # fmt: skip

    def beside(self) -> Disputes:
        """Return the empty table of another block, with the same columns of owners (blocks only write ones there)."""
        return self.empty(0)._replace(patentee=self.patentee, met=self.met)

    def with_room(self, extra: int) -> Disputes:
        """Return a table with room for ``extra`` more disputes."""
        table: Disputes = bins.with_room(self, extra)
        return table
