"""Marks on the register: in use or not (latent), and cancellation for three years of non-use.

Whoever is blocked by a mark that seems unused may ask for its cancellation; some ask in bad faith against marks in
use, and the office may act of its own accord where the law lets it. The owner must prove use: one in use may fail to,
one that is idle may get through with token use. What happens is drawn at a mark's candidate months, and decided in
the same month.
"""

from __future__ import annotations

import math

from ipplan.compiled import called, inlined
from ipplan.ledger import USED_STARTED, USED_STOPPED, count, flow
from ipplan.phases.holdings import move_flags
from ipplan.rights.register import R_BAD, R_LICENSED, R_USED
from ipplan.world import TRADEMARK

# compiled-constants
REQUESTED, GRANTED = flow("nonuse_requested"), flow("nonuse_granted")
MALICIOUS, FOUND = flow("nonuse_malicious"), flow("nonuse_malice_found")
GRANTED_USED, EX_OFFICIO = flow("nonuse_granted_used"), flow("nonuse_ex_officio")

NONUSE_MONTHS = 36
"""Months without use after which a mark may be cancelled (Trademark Law, article 49)."""

READS = (
    "brand.use_at_grant", "brand.use_loading", "brand.use_start", "brand.use_stop", "brand.defensive_use",
    "squatting.use_share", "cancellation.request_rate", "cancellation.mistaken_ratio", "cancellation.malicious_rate",
    "cancellation.ex_officio_rate", "cancellation.proof", "cancellation.token_use", "cancellation.malice_found",
)  # fmt: skip
(
    USE_AT_GRANT, USE_LOADING, START, STOP, DEFENSIVE_USE, SQUATTED_USE, REQUEST, MISTAKEN, MALICE, BY_OFFICE,
    PROOF, TOKEN_USE, MALICE_FOUND,
) = range(13)  # fmt: skip


@inlined
def enters_in_use(month, granted, bad, defensive, quality, v, theta, at, cell):
    """Return the flags of use of a mark that joins the register (or joined it in ``granted``), by the uniform ``v``.

    A brand of more value is more often used; marks filed for defence or in bad faith rarely are.
    """
    use = theta[at + USE_AT_GRANT, cell] * math.exp(theta[at + USE_LOADING, cell] * quality)
    if bad:
        use = theta[at + SQUATTED_USE, cell]
    elif defensive:
        use *= theta[at + DEFENSIVE_USE, cell]
    if month > granted:
        use *= math.exp(-theta[at + STOP, cell] * (month - granted) / 12.0)
    return R_USED if v < use else 0


@inlined
def rate_idle(theta, at, cell):
    """Return the yearly rate at which an idle mark past its third year is attacked."""
    return theta[at + REQUEST, cell] + theta[at + BY_OFFICE, cell]


@inlined
def rate(month, record, theta, at, cell):
    """Return the yearly rate at which a mark is attacked for non-use: none in its first three years."""
    if month - record.granted < NONUSE_MONTHS:
        return 0.0
    if record.flags & R_USED:
        return theta[at + REQUEST, cell] * theta[at + MISTAKEN, cell] + theta[at + MALICE, cell]
    return rate_idle(theta, at, cell)


@called
def cancelled(record, cell, u, v, theta, at, tally):
    """Decide on an attack; ``u``, below its yearly rate, says who attacks. True where the mark falls."""
    if record.flags & R_USED == 0:
        by_office = u >= theta[at + REQUEST, cell]
        falls = v >= theta[at + TOKEN_USE, cell]
        count(tally, EX_OFFICIO, TRADEMARK, cell, 1 if by_office and falls else 0)
        count(tally, REQUESTED, TRADEMARK, cell, 0 if by_office else 1)
        count(tally, GRANTED, TRADEMARK, cell, 1 if falls and not by_office else 0)
        return falls
    count(tally, REQUESTED, TRADEMARK, cell, 1)
    if u >= theta[at + REQUEST, cell] * theta[at + MISTAKEN, cell]:
        count(tally, MALICIOUS, TRADEMARK, cell, 1)
        found = theta[at + MALICE_FOUND, cell]
        if v < found:
            count(tally, FOUND, TRADEMARK, cell, 1)
            return False
        v = (v - found) / (1.0 - found)
    if v < theta[at + PROOF, cell]:
        return False
    count(tally, GRANTED, TRADEMARK, cell, 1)
    count(tally, GRANTED_USED, TRADEMARK, cell, 1 if record.flags & R_BAD == 0 else 0)
    return True


@inlined
def chance_event(month, record, cell, u, v, theta, at, tally):
    """What happens to an honest mark at a candidate month, ``u`` in events a year. True where the mark stays.

    It is attacked for non-use, or comes into use, or its use ends (not while it is licensed).
    """
    attacked = rate(month, record, theta, at, cell)
    if u < attacked:
        return not cancelled(record, cell, u, v, theta, at, tally)
    u -= attacked
    used = record.flags & R_USED
    if u < theta[at + (STOP if used else START), cell] and record.flags & R_LICENSED == 0:
        record.flags ^= R_USED
        move_flags(TRADEMARK, R_USED, record.flags, cell, 1, tally)
        count(tally, USED_STOPPED if used else USED_STARTED, TRADEMARK, cell, 1)
    return True
