"""What domestic owners hold and pay across the border: families on their way, and contracts that run.

Both sleep in bins by the month in which something happens to them next. A *family* is an invention whose first
anniversary is to come (its priority still stands), then one record a destination until the office there decides. A
*contract* is a licence across the border, abroad or from abroad; it wakes once a year and pays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.rights import bins

# compiled-constants
PAST = 120
"""Months before January 2017 from which families and contracts of the start state may date."""
ABROAD_SLOTS = PAST + LAST_END + 130
PRIORITY, PENDING = range(2)
"""Why a family wakes: its first anniversary, or the decision of a foreign office."""

FAMILY = np.dtype(
    [
        ("owner", "i4"), ("log_value", "f4"), ("filed", "i2"), ("serial", "u2"), ("field", "u1"), ("place", "u1"),
        ("spare", "u2"),
    ]
)  # fmt: skip

CONTRACT = np.dtype(
    [
        ("owner", "i4"), ("royalty", "f4"), ("origin", "i2"), ("start", "i2"), ("serial", "u2"), ("place", "u1"),
        ("flags", "u1"),
    ]
)  # fmt: skip

FROM_ABROAD = 255
"""The place of a contract by which a domestic firm pays; else the destination in which a family is licensed."""
C_SEP, C_DISPUTED = 1, 2


class Families(NamedTuple):
    """Bins of families of one owner block: bin ``why * ABROAD_SLOTS + month + PAST``."""

    records: NDArray[np.void]  # of FAMILY
    follows: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    filled: NDArray[np.int32]
    book: NDArray[np.int64]

    @classmethod
    def empty(cls) -> Families:
        """Return a table without families."""
        return cls(*bins.Bins.empty(FAMILY, 2 * ABROAD_SLOTS))

    def with_room(self, extra: int) -> Families:
        """Return a table with room for ``extra`` more records."""
        table: Families = bins.with_room(self, extra)
        return table


class Contracts(NamedTuple):
    """Bins of contracts of one owner block, by the month of their next payment: bin ``month + PAST``."""

    records: NDArray[np.void]  # of CONTRACT
    follows: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    filled: NDArray[np.int32]
    book: NDArray[np.int64]

    @classmethod
    def empty(cls) -> Contracts:
        """Return a table without contracts."""
        return cls(*bins.Bins.empty(CONTRACT, ABROAD_SLOTS))

    def with_room(self, extra: int) -> Contracts:
        """Return a table with room for ``extra`` more contracts."""
        table: Contracts = bins.with_room(self, extra)
        return table
