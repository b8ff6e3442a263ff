"""Step 7, its end: cases are concluded, grants are registered, refusals may go to re-examination.

A grant that is registered joins the register at once: whether it is in use from the start, whether it carries a
family abroad, and when it wakes first, are drawn by the identity of the filing.
"""

from __future__ import annotations

from ipplan.compiled import helper, inlined, kernel
from ipplan.ledger import (
    ALLOWED as F_ALLOWED,
)
from ipplan.ledger import (
    CONCLUDED,
    FIXED_POINT,
    FLAWED_CONCLUDED,
    FLAWED_GRANTED,
    GRANTED,
    GRANTED_BAD,
    LATENT_GRANTED,
    MAX_WAIT,
    NEVER_REQUESTED,
    PENDING_DECISION,
    PENDING_REEXAM,
    PENDING_REQUEST,
    QUALITY_GRANTED,
    REEXAM_CONCLUDED,
    REEXAM_REQUESTED,
    REEXAM_REVERSED,
    SOUND_CONCLUDED,
    SOUND_REFUSED,
    STRUCK_EXAMINATION,
    STRUCK_HONEST,
    UNREGISTERED,
    VALUE_GRANTED,
    WITHDRAWN,
    count,
    flow,
    move,
)
from ipplan.ledger import (
    REFUSED as F_REFUSED,
)
from ipplan.phases import opposition
from ipplan.phases.examination import around_mean
from ipplan.phases.in_force import enter_register
from ipplan.phases.intake import fetch_memory, remember
from ipplan.rights import bins
from ipplan.rights.docket import (
    ALLOWED,
    BAD,
    BEFORE,
    DECIDED,
    EXPIRING,
    LABELLED,
    REFUSED,
    REPAIRED,
    SLOTS,
    SOUND,
    STRUCK,
    TO_REEXAM,
    Docket,
)
from ipplan.streams import Stream, uniforms
from ipplan.world import INVENTION, N_RIGHTS, TRADEMARK, UTILITY_MODEL

# compiled-constants
_REGISTRATION = int(Stream.REGISTRATION)

READS = (
    "examination.unregistered", "examination.repair_value", "examination.reexam_reversal",
    "examination.reexam_months", "belief.own_weight", "belief.forgetting", "sanction.blacklist_months",
    "examination.lag_spread", "examination.reexam_sound_miss", *opposition.READS,
)  # fmt: skip
(
    UNREGISTERED_SHARE, REPAIR_VALUE, REVERSAL, REEXAM_MONTHS, OWN_WEIGHT, FORGETTING, BLACKLIST, LAG_SPREAD,
    SOUND_MISS, OPPOSITION,
) = range(10)  # fmt: skip

"""The last of three (``opposition``)."""

PORTFOLIO, PORTFOLIO_HONEST = flow("refused_portfolio"), flow("refused_portfolio_honest")
REEXAMINED = 3
"""Value of the lane field of a case in re-examination plus this: its second conclusion is not counted again."""


@helper
def wait_lane(right, lane):
    """Return the class of the waiting-time histogram."""
    if right == INVENTION:
        return lane
    return 4 if right == UTILITY_MODEL else 5


@inlined
def grant(seed, month, case, cell, theta, force_theta, market_theta, rates, owners, register, tally):
    """Register an allowed case, or let it fall where the fee is not paid."""
    u, v, w, x = uniforms(seed, _REGISTRATION, case.owner, case.serial, case.filed, 0)
    right = case.right
    bad = 1 if case.flags & BAD else 0
    if u < theta[UNREGISTERED_SHARE, cell]:
        count(tally, UNREGISTERED, right, cell, 1)
        return
    value = case.log_value
    if case.flags & REPAIRED:
        value += theta[REPAIR_VALUE, cell] - 1.0
    count(tally, GRANTED, right, cell, 1)
    count(tally, GRANTED_BAD, right, cell, bad)
    count(tally, QUALITY_GRANTED, right, cell, round(case.quality * FIXED_POINT))
    count(tally, VALUE_GRANTED, right, cell, round(value * FIXED_POINT))
    latent = enter_register(month, case.owner, case.filed, month, case.serial, right, case.field, bad,
                            1 if case.flags & LABELLED else 0, case.quality, value, v, w, x, cell, force_theta,
                            market_theta, rates, owners, register, tally)
    count(tally, LATENT_GRANTED, right, cell, latent)


@inlined
def expire(month, docket, owners, tally):
    """Cases never requested leave after 36 months."""
    where = EXPIRING + month + BEFORE
    chunk = bins.take_out(docket, where)
    while chunk >= 0:
        behind, n = bins.read_on(docket, chunk, where)
        for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            cell = owners.cell[docket.records[place].owner]
            count(tally, NEVER_REQUESTED, INVENTION, cell, 1)
            move(tally, PENDING_REQUEST, INVENTION, cell, -1)
        bins.give_back(docket, chunk)
        chunk = behind


@inlined
def first_end(seed, month, case, cell, theta, tally):
    """Count a first conclusion; returns the months of a re-examination, 0 where the conclusion is final."""
    right = case.right
    move(tally, PENDING_DECISION, right, cell, -1)
    count(tally, CONCLUDED, right, cell, 1)
    if right != TRADEMARK:
        tally.waits[wait_lane(right, case.lane), min(MAX_WAIT - 1, month - case.due)] += 1
    allowed = 1 if case.flags & ALLOWED else 0
    if case.flags & SOUND:
        count(tally, SOUND_CONCLUDED, right, cell, 1)
        count(tally, SOUND_REFUSED, right, cell, 1 - allowed)
    else:
        count(tally, FLAWED_CONCLUDED, right, cell, 1)
        count(tally, FLAWED_GRANTED, right, cell, allowed)
    if case.flags & TO_REEXAM == 0:
        return 0
    if right == TRADEMARK:
        return opposition.begin(month, case, cell, theta, OPPOSITION, tally)
    count(tally, REEXAM_REQUESTED, right, cell, 1)
    move(tally, PENDING_REEXAM, right, cell, 1)
    u = uniforms(seed, _REGISTRATION, case.owner, case.serial, case.filed, 1)[0]
    return max(1, int(theta[REEXAM_MONTHS, cell] * around_mean(theta[LAG_SPREAD, cell], u) + 0.5))


@inlined
def reexamined(seed, case, cell, theta, tally):
    """End a re-examination: a refusal of a sound case is reversed more readily. True where it is."""
    chance = theta[REVERSAL, cell]
    if case.flags & SOUND:
        chance = 1.0 - (1.0 - chance) * theta[SOUND_MISS, cell]
    u = uniforms(seed, _REGISTRATION, case.owner, case.serial, case.filed, 2)[0]
    count(tally, REEXAM_CONCLUDED, case.right, cell, 1)
    move(tally, PENDING_REEXAM, case.right, cell, -1)
    if u < chance:
        count(tally, REEXAM_REVERSED, case.right, cell, 1)
        return True
    return False


@inlined
def learn_of_mark(month, case, cell, struck, theta, owners):
    """The filer of a mark in bad faith learns whether it was found out.

    Who is struck for bad faith, not for a portfolio, is sanctioned.
    """
    if case.flags & BAD:
        weight = theta[OWN_WEIGHT, cell]
        remember(owners, case.owner, month, 1, theta[FORGETTING, cell], weight, weight if struck else 0.0)
    if struck and case.flags & REFUSED == 0:
        owners.sanctioned_until[case.owner] = month + int(theta[BLACKLIST, cell] + 0.5)


@kernel
def conclude(seed, month, docket, owners, register, theta, force_theta, market_theta, rates, tally):
    """Conclude the cases whose month has come, right by right; ``rates`` [field] of meetings a month."""
    expire(month, docket, owners, tally)
    for right in range(N_RIGHTS):
        where = DECIDED + right * SLOTS + month + BEFORE
        chunk = bins.take_out(docket, where)
        while chunk >= 0:
            behind, n = bins.read_on(docket, chunk, where)
            for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
                case = docket.records[place]
                if case.flags & BAD:
                    fetch_memory(owners, case.owner)
            for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
                conclude_case(seed, month, where, right, docket.records[place], docket, owners, register, theta,
                              force_theta, market_theta, rates, tally)
            bins.give_back(docket, chunk)
            chunk = behind


@inlined
def conclude_case(seed, month, where, right, case, docket, owners, register, theta, force_theta, market_theta, rates,
                  tally):
    """Count how a case ends, and register what is granted; a case that is re-examined moves on in time."""
    cell = owners.cell[case.owner]
    allowed = case.flags & ALLOWED != 0
    if case.lane > REEXAMINED:
        allowed = (opposition.decide(seed, month, case, cell, theta, OPPOSITION, tally) if right == TRADEMARK
                   else reexamined(seed, case, cell, theta, tally))
    else:
        months = first_end(seed, month, case, cell, theta, tally)
        if months > 0:
            case.lane += REEXAMINED + 1
            docket.records[bins.add(docket, where + months)] = case
            return
    struck = case.flags & STRUCK != 0
    if right == TRADEMARK:
        learn_of_mark(month, case, cell, struck, theta, owners)
    if struck:
        count(tally, STRUCK_EXAMINATION, right, cell, 1)
        honest = 0 if case.flags & BAD else 1
        count(tally, STRUCK_HONEST, right, cell, honest)
        if case.flags & REFUSED:
            count(tally, PORTFOLIO, right, cell, 1)
            count(tally, PORTFOLIO_HONEST, right, cell, honest)
    elif allowed:
        count(tally, F_ALLOWED, right, cell, 1)
        grant(seed, month, case, cell, theta, force_theta, market_theta, rates, owners, register, tally)
    elif case.flags & REFUSED:
        count(tally, F_REFUSED, right, cell, 1)
    else:
        count(tally, WITHDRAWN, right, cell, 1)


def due(docket: Docket, month: int) -> tuple[int, int]:
    """Return how many cases of patents and of marks are to be concluded: no more can be granted in a month."""
    *patents, marks = (bins.room_of(docket, DECIDED + right * SLOTS + month + BEFORE) for right in range(N_RIGHTS))
    return sum(patents), marks
