"""Marks filed abroad for a subsidy at home: where bad faith may go when it is watched at home.

Some occasions for bad faith come from somebody who files marks in other countries for clients. Local funds at home pay
for a mark registered abroad, nobody at home examines it, and scruple is less. The alternative joins the logit of
``bad_faith``: with g its gain in scales and T the sum of what home offers, nothing included,

    P(abroad) = exp(g) / (T + exp(g)),      g scale = success subsidy - cost - moral + pull

and who does not go abroad chooses as if there were no abroad (independence of irrelevant alternatives). So the draw of
a choice at home is the same with and without it, and what governance takes out of T moves abroad in part. What becomes
of these marks, and marks filed abroad in good faith, are not followed.
"""

from __future__ import annotations

import math

from ipplan.compiled import called, inlined
from ipplan.ledger import count, flow
from ipplan.phases import stakes as st
from ipplan.streams import poisson
from ipplan.world import TRADEMARK

# compiled-constants
FILED_ABROAD = flow("marks_filed_abroad")

MOST_BATCH = 16
FARTHEST = 600.0
"""Gains beyond this many scales are certainty; keeps exp finite."""


@inlined
def goes_abroad(w, x, home, moral, pull, theta, cell):
    """Tell whether an occasion leads to marks abroad; uniforms ``w`` and ``x``, ``home`` the sum T of exponentials."""
    if w >= theta[st.ABROAD_REACH, cell] * (1.0 - theta[st.FOR_STATUS, cell]):
        return False
    gain = (theta[st.ABROAD_SUCCESS, cell] * theta[st.ABROAD_SUBSIDY, cell] - theta[st.ABROAD_COST, cell]
            - theta[st.ABROAD_MORAL, cell] * moral + pull)
    weight = math.exp(min(FARTHEST, gain / theta[st.FAKE_SCALE, cell]))
    return x * (home + weight) < weight


@called
def file(v, theta, cell, filed, tally):
    """File a batch of marks abroad, as many as the month's budget pays for; ``v`` is a uniform."""
    n = min(MOST_BATCH, 1 + poisson(v, theta[st.BULK, cell] - 1.0))
    cost = theta[st.ABROAD_COST, cell]
    n = int(min(float(n), filed.purse[0] / cost))
    filed.purse[0] -= n * cost
    count(tally, FILED_ABROAD, TRADEMARK, cell, n)
