"""Step 11: the infringer answers that the right is not valid, and the office decides; a right that falls is struck.

A defendant searches and sees the right's quality with noise; it asks for invalidation where the chance to strike the
right is worth the cost. The office's decision falls some months later: wholly invalid where quality plus noise lies
below the standard of the kind of right, partly invalid in a band above it. The right carries the ruling to its month
(its ``bound`` is free while it is challenged: nothing else happens to it, and its annuities are paid).
"""

from __future__ import annotations

from ipplan.compiled import helper, inlined
from ipplan.ledger import (
    INVALIDATED,
    INVALIDATED_PARTLY,
    INVALIDATED_WHOLLY,
    INVALIDATION_DECIDED,
    INVALIDATION_MOOT,
    INVALIDATION_REQUESTED,
    PENDING_INVALIDATION,
    count,
    move,
)
from ipplan.phases.claims import (
    INVALIDATION_COST,
    INVALIDATION_MONTHS,
    INVALIDATION_NOISE,
    PARTIAL_BAND,
    STANDARD,
)
from ipplan.rights.disputes import D_CHALLENGED, D_NARROWED, D_STRUCK
from ipplan.rights.keys import filing_key
from ipplan.rights.register import R_CHALLENGED
from ipplan.streams import Stream, normal_cdf, normal_quantile, uniforms

# compiled-constants
_INVALIDATION = int(Stream.INVALIDATION)

MAINTAINED, PARTLY, WHOLLY = range(3)
MONTHS_AHEAD = 512
"""A ruling is written as month + 512 x outcome; months stay below."""


@helper
def ruled(quality, noise, standard, band):
    """Return the decision on a right of some quality."""
    found = quality + noise
    if found < standard:
        return WHOLLY
    return PARTLY if found < standard + band else MAINTAINED


@inlined
def request(seed, month, record, right, quality, cell, at_stake, theta, tally):
    """Ask for invalidation where that is worth its cost; returns (the ruling, flags of the dispute), or zeros."""
    u, v, w, x = uniforms(seed, _INVALIDATION, record.owner, filing_key(record.serial, record.filed), month, 0)
    noise, standard = theta[INVALIDATION_NOISE, cell], theta[STANDARD + right, cell]
    chance = normal_cdf((standard - quality - noise * normal_quantile(u)) / noise)
    if chance * at_stake <= theta[INVALIDATION_COST, cell]:
        return 0, 0
    decided = month + max(1, int(theta[INVALIDATION_MONTHS, cell] * (0.5 + v) + w))
    outcome = ruled(quality, noise * normal_quantile(x), standard, theta[PARTIAL_BAND + right, cell])
    count(tally, INVALIDATION_REQUESTED, right, cell, 1)
    move(tally, PENDING_INVALIDATION, right, cell, 1)
    flags = D_CHALLENGED + (D_STRUCK if outcome == WHOLLY else 0) + (D_NARROWED if outcome == PARTLY else 0)
    return decided + MONTHS_AHEAD * outcome, flags


@inlined
def begin(record, ruling):
    """Let a patent sleep until a challenge to it is ruled on."""
    record.flags |= R_CHALLENGED
    record.bound = ruling


@inlined
def ruling_month(record):
    """Return the month in which the challenge of a right is decided."""
    return record.bound % MONTHS_AHEAD


@inlined
def rule(month, record, cell, tally):
    """Decide on a challenged right if the month has come; True where it is struck."""
    if month < ruling_month(record):
        return False
    outcome = record.bound // MONTHS_AHEAD
    record.flags &= ~R_CHALLENGED
    move(tally, PENDING_INVALIDATION, record.right, cell, -1)
    count(tally, INVALIDATION_DECIDED, record.right, cell, 1)
    if outcome == WHOLLY:
        count(tally, INVALIDATED_WHOLLY, record.right, cell, 1)
        count(tally, INVALIDATED, record.right, cell, 1)
        return True
    if outcome == PARTLY:
        count(tally, INVALIDATED_PARTLY, record.right, cell, 1)
    return False


@inlined
def moot(record, cell, tally):
    """Close the challenge of a right whose term has ended."""
    if record.flags & R_CHALLENGED:
        move(tally, PENDING_INVALIDATION, record.right, cell, -1)
        count(tally, INVALIDATION_MOOT, record.right, cell, 1)
