"""What dealing with the office costs besides fees: hours, errors of form, and where they fall.

Administrative burden (Herd & Moynihan 2018) is reckoned in yuan: hours times what an hour is worth. A filing handled
at a counter or on paper takes more hours and has more errors of form than one handled online, and counters are more
common in provinces far from the coast. An error of form costs a fee, some hours and a month, and now and then the
filing; each patent filing meets its own (``intake``). With c the share of filings handled at a counter,

    burden = w (hours (1 + extra c)) ratio + error (1 + (r - 1) c) (fee + w hours_to_mend).

The level of 2017 is in the fitted payoffs, so choices answer to the *change* since January 2017, which is added to the
fees of the filer's own table. Relief is for fees, not for hours: with b the change and r the relief,

    fee' = fee + b,    r' = r fee / fee',    so that    fee' (1 - r') = fee (1 - r) + b.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ipplan import data
from ipplan.compiled import inlined
from ipplan.ledger import count, flow
from ipplan.phases import stakes as st
from ipplan.world import FOREIGN, LARGE, N_CELLS, N_KINDS, N_PROVINCES, N_RIGHTS, TRADEMARK

# compiled-constants
READS = (
    "service.hours.*", "service.hour_value", "service.right_ratio.utility_model", "service.right_ratio.design",
    "service.right_ratio.trademark", "service.counter_share.*", "service.remoteness.central",
    "service.remoteness.northeast", "service.remoteness.west", "service.counter_extra", "formality.error.*",
    "formality.counter_ratio", "formality.fee", "formality.hours",
)  # fmt: skip
(
    HOURS, HOUR_VALUE, RATIO, _R1, _R2, COUNTER, REMOTENESS, _P1, _P2, EXTRA, ERROR, COUNTER_RATIO, FEE, MENDING,
) = range(14)  # fmt: skip
REMOTE = ("central", "northeast", "west")
"""Regions whose share of filings at a counter is a multiple of the east's, in the order of the reads."""

ERRORS, ABANDONED, ABANDONED_HONEST = (
    flow(name) for name in ("formality_errors", "formality_abandoned", "formality_abandoned_honest")
)
GONE = -1
"""What ``in_form`` returns for a filing that is given up."""
LEAST_SHARE = 0.01
"""Part of an invention's fee after relief that is left at least, however many hours are saved: keeps costs positive."""
SMALL = 1e-9
"""Keeps a division finite."""

Floats = NDArray[np.float64]


def _relieved() -> Floats:
    kinds = np.arange(N_CELLS) % N_KINDS
    found: Floats = ((kinds != LARGE) & (kinds != FOREIGN)).astype(np.float64)
    return found


RELIEVED = _relieved()
"""[cell] 1 where relief from fees is given (``stakes.fee_relief``)."""


def _regions() -> NDArray[np.int64]:
    """Return the row of the remoteness of each cell, -1 in the east and abroad."""
    found = np.full((N_PROVINCES + 1, N_KINDS), -1)
    for province in data.provinces():
        if province.region in REMOTE:
            found[province.index] = REMOTE.index(province.region)
    return found.ravel()


_REGION = _regions()
IN_REGION = tuple(place == _REGION for place in range(len(REMOTE)))


def counter_share(theta: Floats) -> Floats:
    """Return the share [cell] of filings handled at a counter or on paper."""
    share: Floats = theta[COUNTER].copy()
    for place, here in enumerate(IN_REGION):
        share[here] *= theta[REMOTENESS + place][here]
    found: Floats = np.minimum(share, 1.0)
    return found


def burden(theta: Floats) -> tuple[Floats, Floats]:
    """Return the burden of a filing in yuan, [right, cell], and by how much errors of form exceed those online, [cell].

    Marks are filed by form, without errors that count.
    """
    counter = counter_share(theta)
    spread = 1.0 + (theta[COUNTER_RATIO] - 1.0) * counter
    hours = theta[HOUR_VALUE] * theta[HOURS] * (1.0 + theta[EXTRA] * counter)
    mending = theta[ERROR] * spread * (theta[FEE] + theta[HOUR_VALUE] * theta[MENDING])
    found = np.empty((N_RIGHTS, N_CELLS))
    found[0] = hours
    found[1:] = hours * theta[RATIO : RATIO + N_RIGHTS - 1]
    found[:TRADEMARK] += mending
    return found, spread


def with_burden(fees: Floats, relief: Floats, change: Floats) -> tuple[Floats, Floats]:
    """Return the factors of fees [right, cell] and of relief [cell] that put a ``change`` of the burden into them.

    Exact for who gets relief and for inventions; who has lost it meets the hours of other patents by the same share.
    """
    granted = relief * RELIEVED
    net = fees[:TRADEMARK] * (1.0 - granted)
    net = np.maximum(net + change[:TRADEMARK], LEAST_SHARE * net)
    full = net[0] + fees[0] * granted
    left = fees[0] * granted / full
    factors = np.empty_like(fees)
    factors[:TRADEMARK] = net / ((1.0 - left) * fees[:TRADEMARK])
    factors[TRADEMARK] = np.maximum(1.0 + change[TRADEMARK] / fees[TRADEMARK], LEAST_SHARE)
    same = ~change.any(axis=0)  # what has not changed keeps its bits
    return np.where(same, 1.0, factors), np.where(same | (RELIEVED == 0.0), 1.0, left / np.maximum(granted, SMALL))


@inlined
def in_form(u, right, bad, cell, error, abandonment, months, tally):
    """Return the months an error of form costs a filing, 0 without one, ``GONE`` where it is given up over it."""
    if u >= error:
        return 0
    count(tally, ERRORS, right, cell, 1)
    if u < error * abandonment:
        count(tally, ABANDONED, right, cell, 1)
        count(tally, ABANDONED_HONEST, right, cell, 1 - bad)
        return GONE
    return int(months + 0.5)


assert st.FEE_TM == st.FEE_INVENTION + 3, "fees of the four rights stand together in the table of filing"
