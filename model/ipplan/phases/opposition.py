"""After preliminary approval: who holds an earlier right may oppose a mark within the window, and the office decides.

An owner notices a mark with chance 1 - exp(-watch rate x window) and opposes where the chance to win is worth the
cost: a brand owner against a squatted mark, the owner of an earlier right against one too close to it, and, in bad
faith, somebody who wants to be bought off. The office tells founded oppositions from others with discrimination d
(signal detection, threshold in the middle): it decides rightly with Phi(d / 2). Its capacity makes a line: an
opposition waits for the backlog ahead of it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import called, helper, inlined
from ipplan.ledger import PENDING_OPPOSITION, count, flow, move
from ipplan.rights.docket import ALLOWED, BAD, LABELLED, REFUSED, REPAIRED, SOUND, TO_REEXAM
from ipplan.streams import Stream, normal_cdf, uniforms
from ipplan.world import TRADEMARK

# compiled-constants
_OPPOSITION = int(Stream.OPPOSITION)
OPPOSED, DECIDED, UPHELD = flow("opposed"), flow("oppositions_decided"), flow("oppositions_upheld")
OPPOSED_BAD, OPPOSED_MALICIOUSLY = flow("opposed_bad"), flow("opposed_maliciously")
LOST_TO_MALICE, MONTHS_WAITED = flow("lost_to_malicious_opposition"), flow("opposition_months")

F_OPPOSED, F_MALICIOUS = TO_REEXAM, REPAIRED
"""Flags of a case that is a mark, which is neither re-examined nor repaired: opposed, and opposed in bad faith."""

LONGEST = 60
"""Months an opposition takes at most, however long the line: a bound on room."""

READS = ("opposition.months", "opposition.discrimination", "opposition.capacity")
"""Of the table of conclusions, after its own."""


@helper
def right_decision(discrimination):
    """Return the chance that the office decides an opposition as it should."""
    return normal_cdf(0.5 * discrimination)


@helper
def worth_opposing(log_stake, spread, cost, win):
    """Return the share of owners for whom ``win`` x stake exceeds the cost; stakes are lognormal, in yuan."""
    return normal_cdf((log_stake - math.log(cost / win)) / spread)


@inlined
def opposed(case, x, chances, cell):
    """Return the flags of an approved mark that is opposed, by a uniform that belongs to the filing.

    ``chances`` [cell, 2..4]: of an honest mark, with ground; of one in bad faith; of an honest mark, without.
    """
    if case.flags & BAD:
        return F_OPPOSED if x < chances[cell, 3] else 0
    if x >= chances[cell, 2] + chances[cell, 4]:
        return 0
    return F_OPPOSED if x < chances[cell, 2] else F_OPPOSED | F_MALICIOUS


def with_backlog(theta: NDArray[np.float64], first: int, pending: float) -> NDArray[np.float64]:
    """Return the table with the months an opposition takes as the line stands; ``pending`` cases of the nation."""
    found = theta.copy("K")
    np.maximum(theta[first], pending / theta[first + 2], out=found[first])
    return found


@inlined
def begin(month, case, cell, theta, first, tally):
    """Open the opposition to a mark; returns the months until its decision."""
    case.due = month
    count(tally, OPPOSED, TRADEMARK, cell, 1)
    count(tally, OPPOSED_BAD, TRADEMARK, cell, 1 if case.flags & BAD else 0)
    count(tally, OPPOSED_MALICIOUSLY, TRADEMARK, cell, 1 if case.flags & F_MALICIOUS else 0)
    move(tally, PENDING_OPPOSITION, TRADEMARK, cell, 1)
    return min(LONGEST, max(1, int(theta[first, cell] + 0.5)))


@called
def decide(seed, month, case, cell, theta, first, tally):
    """Decide on an opposition: the mark stays (True), or is refused."""
    right = right_decision(theta[first + 1, cell])
    u = uniforms(seed, _OPPOSITION, case.owner, case.serial, case.filed, 0)[0]
    malicious = case.flags & F_MALICIOUS != 0
    upheld = u >= right if malicious else u < right
    move(tally, PENDING_OPPOSITION, TRADEMARK, cell, -1)
    count(tally, DECIDED, TRADEMARK, cell, 1)
    count(tally, MONTHS_WAITED, TRADEMARK, cell, month - case.due)
    outcome = ALLOWED | (case.flags & SOUND)
    if upheld:
        count(tally, UPHELD, TRADEMARK, cell, 1)
        count(tally, LOST_TO_MALICE, TRADEMARK, cell, 1 if malicious else 0)
        outcome = REFUSED
    case.flags = (case.flags & (BAD | LABELLED)) | outcome
    return not upheld
