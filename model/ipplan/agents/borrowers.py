"""What each owner stands for with a bank: whether it seeks a pledge loan, on what security, and its contract.

Rows are applicants. An owner has one contract at a time, however many rights secure it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# compiled-constants
NO_CONTRACT = -1
FAR_PAST = -30_000


class Borrowers(NamedTuple):
    """Columns of owners as borrowers."""

    seeks_until: NDArray[np.int16]  # brings rights in use to the bank before this month
    barred_until: NDArray[np.int16]  # gets no new loan before this month, after a default
    contract: NDArray[np.int32]  # place of its contract among the loans of its block, -1 where it has none
    appraised: NDArray[np.int64]  # what its security was appraised at, yuan
    worth: NDArray[np.int64]  # what the same security would be appraised at without error, yuan

    @classmethod
    def without_loans(cls, n: int) -> Borrowers:
        """Return ``n`` owners who have no loan and seek none."""
        past = np.full(n, FAR_PAST, np.int16)
        return cls(past, past.copy(), np.full(n, NO_CONTRACT, np.int32), np.zeros(n, np.int64), np.zeros(n, np.int64))
