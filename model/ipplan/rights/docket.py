"""The docket: filings that wait - for a request, an examiner, a decision, a re-examination.

Cases sleep in bins (see ``bins``), one for each queue and month (the month in which a case may be served), so
first-in-first-out needs no sorting and a month costs only the cases that move. A bin of a queue is in exact order of
(month filed, applicant).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.columns import roomy
from ipplan.compiled import inlined
from ipplan.rights import bins
from ipplan.world import N_CELLS, N_QUEUES, N_RIGHTS

# compiled-constants
CASE = np.dtype(
    [
        ("owner", "i4"), ("filed", "i2"), ("due", "i2"), ("serial", "u2"), ("agency", "u2"),
        ("quality", "f4"), ("log_value", "f4"), ("right", "u1"), ("field", "u1"), ("lane", "u1"), ("flags", "u1"),
    ]
)  # fmt: skip

BAD, LABELLED, ALLOWED, REFUSED, TO_REEXAM, REPAIRED, SOUND, STRUCK = 1, 2, 4, 8, 16, 32, 64, 128

BEFORE = 60
"""Months before January 2017 that a case may date from."""
SLOTS = BEFORE + LAST_END + 100


FILING = np.dtype(
    [
        ("owner", "i4"), ("quality", "f4"), ("log_value", "f4"), ("worth", "f4"), ("serial", "u2"), ("agency", "u2"),
        ("right", "u1"), ("field", "u1"), ("flags", "u1"),
    ],
    align=True,
)  # fmt: skip


class Filed(NamedTuple):
    """This month's filings of a block, on their way from the applicant to the office."""

    filings: NDArray[np.void]  # [n] of FILING
    book: NDArray[np.int64]  # how many
    purse: NDArray[np.float64]  # what the applicant at hand has left for filing this month, yuan

    @classmethod
    def with_room(cls, filed: Filed | None, n: int) -> Filed:
        """Return a buffer for at least ``n`` filings."""
        if filed is not None and len(filed.filings) >= n:
            return filed
        return cls(np.empty(roomy(n, 0), FILING), np.zeros(1, np.int64), np.zeros(1))


DECIDED, EXPIRING = N_QUEUES * SLOTS, (N_QUEUES + N_RIGHTS) * SLOTS
"""Bins of cases by right and the month in which they are concluded, and by the month in which they leave unrequested;
before them one a queue and month."""


class Docket(NamedTuple):
    """Bins of cases of one owner block (see ``bins``), and what is counted of its queues."""

    records: NDArray[np.void]  # of CASE
    follows: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    written: NDArray[np.int32]
    book: NDArray[np.int64]
    taken: NDArray[np.int32]  # [bin] records of its first chunk that are already taken up
    length: NDArray[np.int32]  # [queue, slot]
    oldest: NDArray[np.int32]  # [queue] the oldest slot that may hold a case
    requests: NDArray[np.int32]  # [slot, cell] inventions whose request falls in a month

    @classmethod
    def empty(cls) -> Docket:
        """Return a docket without cases."""
        n = EXPIRING + SLOTS
        return cls(
            *bins.Bins.empty(CASE, n),
            np.zeros(n, np.int32),
            np.zeros((N_QUEUES, SLOTS), np.int32),
            np.zeros(N_QUEUES, np.int32),
            np.zeros((SLOTS, N_CELLS), np.int32),
        )

    def with_room(self, extra: int) -> Docket:
        """Return a docket with room for ``extra`` more cases."""
        table: Docket = bins.with_room(self, extra)
        return table


@inlined
def enqueue(docket, queue, slot):
    """Put a case at the end of a queue's bin for a month; return its place."""
    docket.length[queue, slot] += 1
    return bins.add(docket, queue * SLOTS + slot)
