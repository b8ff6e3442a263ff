"""Step 11: the lines before forums, first in, first out, in months of work.

A forum whose line is long works faster (``forum.productivity_response``). A province's load is its count of cases where
it has many, and its share of the nation's where a run at a small scale has few.
"""

from __future__ import annotations

from ipplan.compiled import kernel
from ipplan.ledger import N_FORUMS
from ipplan.phases.claims import CAPACITY, MONTHS, PRODUCTIVITY, venue_cell
from ipplan.world import N_PROVINCES

# compiled-constants
FEW = 100.0
"""Cases a month (and cases remembered in a province) below which counts give way to shares and to the mean."""
RUSH = 6.0
"""Months of cases in line beyond which a forum works no faster (assumed)."""
KEPT = 11 / 12
"""What is remembered of a load after a month."""


@kernel
def queue(asked, theta, scale, shares, ahead, seen, mean_load, line, delay):
    """Put a month's cases, ``asked`` [forum, province], in line and serve a month; ``shares`` [province] of forums.

    ``ahead``, ``seen`` [forum, province] and ``mean_load`` [forum] move on by a month. ``line`` [ahead | this month's,
    forum, province] is set to what the cases found, ``delay`` to the months to an end that parties reckon with next.
    """
    for forum in range(N_FORUMS):
        total, remembered = 0.0, 0.0
        for province in range(N_PROVINCES):
            total += asked[forum, province]
            seen[forum, province] = KEPT * seen[forum, province] + asked[forum, province]
            remembered += seen[forum, province]
        sure = total / (total + FEW)
        load = sure * total + (1.0 - sure) * mean_load[forum]
        mean_load[forum] = KEPT * mean_load[forum] + (1.0 - KEPT) * total
        for province in range(N_PROVINCES):
            cell, before = venue_cell(province), ahead[forum, province]
            share = (seen[forum, province] + FEW * shares[province]) / (remembered + FEW)
            pace = 1.0 + theta[PRODUCTIVITY, 0] * min(before, RUSH)
            batch = load * share / (theta[CAPACITY + forum, cell] * shares[province] * scale * pace)
            line[0, forum, province] = before
            line[1, forum, province] = batch
            ahead[forum, province] = max(0.0, before + batch - 1.0)
            delay[forum, province] = ahead[forum, province] + theta[MONTHS + forum, cell]
