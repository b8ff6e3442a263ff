"""What domestic owners hold and pay across the border: families on their way, and contracts that run.

Both sleep in bins by the month in which something happens to them next. A *family* is an invention whose first
anniversary is to come (its priority still stands), then one record a destination until the office there decides. A
*contract* is a licence across the border, abroad or from abroad; it wakes once a year and pays.
"""

from __future__ import annotations

import numpy as np

from ipplan.clock import LAST_END
from ipplan.rights.bins import Bins

# compiled-constants
PAST = 120
"""Months before January 2017 from which families and contracts of the start state may date."""
ABROAD_SLOTS = PAST + LAST_END + 130
PRIORITY, PENDING = range(2)
"""Why a family wakes: its first anniversary, or the decision of a foreign office."""

FAMILY = np.dtype(
    [
        ("owner", "i4"), ("log_value", "f4"), ("filed", "i2"), ("serial", "u2"), ("field", "u1"), ("place", "u1"),
    ],
    align=True,
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


def no_families() -> Bins:
    """Return bins of families of one owner block, all empty: bin ``why * ABROAD_SLOTS + month + PAST``."""
    return Bins.empty(FAMILY, 2 * ABROAD_SLOTS)


def no_contracts() -> Bins:
    """Return bins of contracts of one owner block, by the month of their next payment: bin ``month + PAST``."""
    return Bins.empty(CONTRACT, ABROAD_SLOTS)
