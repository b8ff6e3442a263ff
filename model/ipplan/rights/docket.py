"""The docket: filings that wait - for a request, an examiner, a decision, a re-examination.

Cases live in one table and sleep in linked lists, one list for each queue and month (the month in which a case
may be served), so first-in-first-out needs no sorting and a month costs only the cases that move. Freed rows
are used again. A list is exact first-in-first-out in (request month, applicant) order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.columns import grown, roomy
from ipplan.compiled import inlined
from ipplan.world import N_CELLS, N_QUEUES

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

FREE, USED_ROWS, FREED = 0, 1, 2


FILING = np.dtype(
    [
        ("owner", "i4"), ("quality", "f4"), ("log_value", "f4"), ("worth", "f4"), ("serial", "u2"), ("agency", "u2"),
        ("right", "u1"), ("field", "u1"), ("flags", "u1"), ("spare", "u1"),
    ]
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
        return cls(np.zeros(roomy(n, 0), FILING), np.zeros(1, np.int64), np.zeros(1))


class Docket(NamedTuple):
    """Columns of the docket of one owner block."""

    cases: NDArray[np.void]  # [row] of CASE
    next: NDArray[np.int32]  # [row] the row behind it in its list, -1 at the end
    head: NDArray[np.int32]  # [queue, slot]
    tail: NDArray[np.int32]  # [queue, slot]
    length: NDArray[np.int32]  # [queue, slot]
    first: NDArray[np.int32]  # [queue] the oldest slot that may hold a case
    decided: NDArray[np.int32]  # [slot] heads of the lists of cases to conclude in a month
    expiring: NDArray[np.int32]  # [slot] heads of the lists of never requested cases
    requests: NDArray[np.int32]  # [slot, cell] inventions whose request falls in a month
    book: NDArray[np.int64]  # free row list head, rows in use (once), rows freed

    @classmethod
    def empty(cls) -> Docket:
        """Return a docket without cases."""
        return cls(
            np.zeros(0, CASE),
            np.zeros(0, np.int32),
            np.full((N_QUEUES, SLOTS), -1, np.int32),
            np.full((N_QUEUES, SLOTS), -1, np.int32),
            np.zeros((N_QUEUES, SLOTS), np.int32),
            np.zeros(N_QUEUES, np.int32),
            np.full(SLOTS, -1, np.int32),
            np.full(SLOTS, -1, np.int32),
            np.zeros((SLOTS, N_CELLS), np.int32),
            np.array([-1, 0, 0], np.int64),
        )

    def with_room(self, extra: int) -> Docket:
        """Return a docket with room for ``extra`` more cases."""
        used = int(self.book[USED_ROWS])
        if used + extra - int(self.book[FREED]) <= len(self.cases):
            return self
        capacity = roomy(used, extra)
        return self._replace(cases=grown(self.cases, capacity), next=grown(self.next, capacity))


@inlined
def new_row(book, chain):
    """Return a free row (a freed one first); the table must have room."""
    row = book[FREE]
    if row >= 0:
        book[FREE] = chain[row]
        book[FREED] -= 1
        return row
    row = book[USED_ROWS]
    book[USED_ROWS] = row + 1
    return row


@inlined
def free_row(book, chain, row):
    """Give a row back."""
    chain[row] = book[FREE]
    book[FREE] = row
    book[FREED] += 1


@inlined
def enqueue(docket, queue, slot, row):
    """Put a case at the end of a queue's list for a month."""
    docket.next[row] = -1
    last = docket.tail[queue, slot]
    if last < 0:
        docket.head[queue, slot] = row
    else:
        docket.next[last] = row
    docket.tail[queue, slot] = row
    docket.length[queue, slot] += 1


@inlined
def push(chain, heads, slot, row):
    """Put a row on a month's list (order within the month does not matter)."""
    chain[row] = heads[slot]
    heads[slot] = row
