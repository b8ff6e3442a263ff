"""Step 11: an occasion to infringe a right in use, the infringer's choice, detection, and the dispute that follows.

Occasions arise with rights in use: a patent's once a year, a mark's at candidate months. A would-be infringer compares
its gain with the cost of entry and what it believes it will lose if it is made to stop or pay (Becker 1968). The owner
may detect the infringement, and then chooses what to do about it (``enforcement``).
"""

from __future__ import annotations

import math

from ipplan.compiled import helper, inlined
from ipplan.ledger import INFRINGED, INFRINGEMENT_MET, INFRINGEMENT_OCCASIONS, count
from ipplan.phases.claims import (
    AMBIGUITY,
    DETECTION,
    ENTRY_COST,
    GAIN_RATIO,
    GAIN_SD,
    LOCAL_SHARE,
    OCCASIONS,
    PUNITIVE_MULTIPLE,
    PUNITIVE_SHARE,
    STOPPED_SHARE,
    WILFUL_SHARE,
    YEARS,
    damages,
    loss_of,
    venue_cell,
)
from ipplan.phases.enforcement import answer
from ipplan.rights.disputes import D_OUTSIDER, D_WILFUL
from ipplan.rights.keys import filing_key
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import ABROAD, N_KINDS, N_PROVINCES, TRADEMARK

# compiled-constants
_INFRINGEMENT, _ENFORCEMENT = int(Stream.INFRINGEMENT), int(Stream.ENFORCEMENT)

MARK_OCCASIONS_PER_YEAR = 0.04
"""Candidate months of a mark, a year: a bound above what the primitive may be."""
MARK_EVENTS_PER_YEAR = 12.0 * (1.0 - math.exp(-MARK_OCCASIONS_PER_YEAR / 12.0))


@helper
def worth_infringing(gain, entry_cost, belief, sanction):
    """Return the expected yuan of an infringement: gain less entry less what is lost if made to stop or pay."""
    return gain - entry_cost - belief * (sanction + STOPPED_SHARE * gain)


@inlined
def infringers_province(u, home, theta, cell, reach):
    """Return where the would-be infringer sits, and whether the owner is from elsewhere."""
    local = theta[LOCAL_SHARE, cell] if home != ABROAD else 0.0
    if u < local:
        return home, 0
    u = (u - local) / (1.0 - local)
    province = 0
    while province < N_PROVINCES - 1 and u >= reach[province]:
        province += 1
    return province, 0 if province == home else D_OUTSIDER


@inlined
def occasion(seed, month, record, right, quality, cell, climate, disputes, tally):
    """Let somebody consider infringing a right in use; what the owner detects it answers.

    Returns the ruling to come where the defendant challenges the right (see ``invalidation``), otherwise 0.
    """
    theta, key = climate.theta, filing_key(record.serial, record.filed)
    u, v, w, x = uniforms(seed, _INFRINGEMENT, record.owner, key, month, 0)
    if u * (MARK_EVENTS_PER_YEAR if right == TRADEMARK else 1.0) >= theta[OCCASIONS + right, cell]:
        return 0
    count(tally, INFRINGEMENT_OCCASIONS, right, cell, 1)
    group = 1 if right == TRADEMARK else 0
    province, flags = infringers_province(x, cell // N_KINDS, theta, cell, climate.reach)
    venue = venue_cell(province)
    loss = loss_of(record.log_value, month - record.filed, right, theta, cell)
    gain = theta[GAIN_RATIO, venue] * loss * math.exp(theta[GAIN_SD, venue] * normal_quantile(v))
    spread = theta[AMBIGUITY, venue]
    belief = min(0.98, climate.belief[group, province] * math.exp(spread * normal_quantile(w) - 0.5 * spread * spread))
    a, b, c, d = uniforms(seed, _ENFORCEMENT, record.owner, key, month, 0)
    wilful = 1.0 if b < theta[WILFUL_SHARE, venue] else 0.0
    sanction = damages(loss, theta, venue) * (1.0 + wilful * theta[PUNITIVE_SHARE, venue]
                                              * theta[PUNITIVE_MULTIPLE, venue])
    if worth_infringing(gain, theta[ENTRY_COST, venue], belief, sanction) <= 0.0:
        return 0
    count(tally, INFRINGED, right, cell, 1)
    disputes.tried[group, province] += 1
    if a >= 1.0 - math.exp(-12.0 * theta[YEARS, cell] * theta[DETECTION, cell]):
        return 0
    count(tally, INFRINGEMENT_MET, right, cell, 1)
    if right != TRADEMARK:
        disputes.met[record.owner] = 1
    if wilful > 0.0:
        flags |= D_WILFUL
    return answer(seed, month, record, right, quality, cell, province, flags, loss, gain, c, d, climate, disputes,
                  tally)
