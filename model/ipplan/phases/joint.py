"""Step 9: university patents owned jointly with a firm: easier to use, harder to sell.

Which of a university's patents have a firm as co-owner follows from the patent's identity alone, so it costs no state
and is the same in every scenario. A co-owner may use the invention itself and license it plainly without asking; a
sale needs the consent of all (Patent Law, article 14). The primitive hazards of use are means over a university's
patents: joint ones are used ``ratio`` times as often as the others, and both together as often as the mean says.
"""

from __future__ import annotations

from ipplan.compiled import helper, inlined
from ipplan.ledger import count, flow
from ipplan.rights.keys import SPREAD, whole_id
from ipplan.rights.register import R_USED
from ipplan.world import INVENTION, UNIVERSITY

# compiled-constants
KEPT, KEPT_USED = flow("joint_kept"), flow("joint_used")

SHARE_2017 = 0.06
"""The share of joint patents in 2017: the mean hazards are of this mix, a matter of units."""
PARTS = 1048576
"""Shares are told apart to one in so many."""


@inlined
def owned_jointly(owner, serial, filed, share):
    """Tell whether a university's patent has a firm as co-owner, for a ``share`` of them."""
    return (((whole_id(owner, serial, filed) * SPREAD) >> 40) & (PARTS - 1)) < share * PARTS


@helper
def relative_use(joint, ratio):
    """Return the hazard of use of a joint patent or of another, over the mean of both."""
    others = 1.0 / (1.0 + SHARE_2017 * (ratio - 1.0))
    return ratio * others if joint else others


@inlined
def ease(kind, owner, serial, filed, share, ratio):
    """Return the factor on the hazard of own use: 1 unless the owner is a university."""
    if kind != UNIVERSITY:
        return 1.0
    return relative_use(owned_jointly(owner, serial, filed, share), ratio)


@inlined
def note_year(record, kind, cell, share, tally):
    """Count a joint invention that is kept for another year, and whether it is in use: a census over the year."""
    if kind != UNIVERSITY or record.right != INVENTION:
        return
    if owned_jointly(record.owner, record.serial, record.filed, share):
        count(tally, KEPT, INVENTION, cell, 1)
        if record.flags & R_USED:
            count(tally, KEPT_USED, INVENTION, cell, 1)
