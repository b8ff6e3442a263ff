"""The books of a run: where filings and rights are, by which flows they leave, and that both sides agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ipplan import ledger as L
from ipplan.ledger import Ledger
from ipplan.world import N_KINDS, N_RIGHTS

RAN_MONTHS = 48
"""Months that the fixture ``ran`` has run."""
AT_HOME = (L.PENDING_REQUEST, L.PENDING_EXAM, L.PENDING_DECISION, L.PENDING_REEXAM, L.PENDING_OPPOSITION)
"""Where a filing waits."""
LEFT = (
    L.GRANTED, L.REFUSED, L.WITHDRAWN, L.NEVER_REQUESTED, L.FLAG_WITHDRAWN, L.CONTESTED, L.UNREGISTERED,
    L.STRUCK_EXAMINATION, L.flow("formality_abandoned"),
)  # fmt: skip
"""How a filing leaves; a contest that is won brings it back."""
ENDED = (L.LAPSED, L.EXPIRED, L.INVALIDATED, L.flow("nonuse_granted"), L.flow("nonuse_ex_officio"))
"""How a right ends."""


def monthly_stocks(ledger: Ledger) -> NDArray[np.int64]:
    """Stocks at the end of each month, with the start in front: [month, stock, right, kind]."""
    start = ledger.stocks_start.reshape(L.N_STOCKS, N_RIGHTS, -1, N_KINDS).sum(axis=2)
    return np.concatenate([start[None], ledger.stocks_monthly])


def ends(ledger: Ledger) -> NDArray[np.int64]:
    """Rights that ended, [month, right]; of all kinds of owners, as a sale changes the kind."""
    found: NDArray[np.int64] = ledger.flows_monthly[:, ENDED].sum(axis=(1, 3))
    return found


def assert_filings_balance(ledger: Ledger) -> None:
    """A filing is pending or has left for a reason: every month, by right and kind of applicant."""
    flows = ledger.flows_monthly
    out = flows[:, LEFT].sum(axis=1) - flows[:, L.CONTEST_WON]
    change = np.diff(monthly_stocks(ledger)[:, AT_HOME].sum(axis=1), axis=0)
    np.testing.assert_array_equal(flows[:, L.FILED], change + out)


def assert_rights_balance(ledger: Ledger) -> None:
    """A right in force was granted and has not ended: every month, by right."""
    change = np.diff(monthly_stocks(ledger)[:, L.IN_FORCE].sum(axis=2), axis=0)
    np.testing.assert_array_equal(change, ledger.flows_monthly[:, L.GRANTED].sum(axis=2) - ends(ledger))
