"""Step 11: what the owner of an infringed right does: nothing, a letter, or a case at the forum that is worth most.

Expected values in yuan reckon with the delay of the province's forums as it was seen last month, costs, the owner's
own view of its claim, and the bias against owners from elsewhere; the choice is a logit. The infringer's seat decides
on the province. A protection centre serves owners registered with it; arbitration needs the infringer's consent.
"""

from __future__ import annotations

import math

from ipplan.compiled import inlined
from ipplan.ledger import (
    ADMINISTRATIVE,
    APPEAL,
    ARBITRATION,
    CASES_MEDIATION,
    CENTRE,
    COURT,
    DISPUTES_MEDIATION,
    INFRINGEMENT_ANSWERED,
    LETTERS,
    LETTERS_HEEDED,
    MEDIATION,
    count,
    move,
)
from ipplan.phases.claims import (
    CONSENT,
    COVERAGE,
    EFFORT,
    LETTER_COST,
    LETTER_HEEDED,
    LOGIT_SCALE,
    MEDIATION_SUCCESS,
    cost_of,
    damages,
    merits,
    still_to_lose,
    venue_cell,
    winning,
)
from ipplan.phases.invalidation import MONTHS_AHEAD, request
from ipplan.rights import bins
from ipplan.rights.disputes import INBOX
from ipplan.rights.keys import filing_key
from ipplan.rights.register import R_CHALLENGED
from ipplan.streams import Stream, uniforms
from ipplan.world import TRADEMARK

# compiled-constants
_ENFORCEMENT = int(Stream.ENFORCEMENT)

IGNORE, LETTER, FIRST_FORUM = 0, 1, 2
"""What an owner may do; forums from the third on, in the order of ``ledger.FORUMS``."""
CLOSED = -1e12
"""Yuan: a route that is not open."""
DISCOUNT = 0.992
"""A month's discount factor (assumed)."""


@inlined
def value_of(forum, merit, flags, right, loss, delay, theta, venue, owner_cell):
    """Return the expected yuan of a case at a forum to an owner who takes its claim for ``merit`` strong."""
    chance = winning(merit, forum, flags, theta, venue)
    stopped = still_to_lose(loss, delay, theta, owner_cell)
    award = damages(loss, theta, venue)
    cost = cost_of(forum, right, award + stopped, theta, venue)
    if forum == ADMINISTRATIVE or forum == CENTRE:
        return chance * stopped - cost
    if forum == MEDIATION:
        return theta[MEDIATION_SUCCESS, venue] * chance * (award + stopped) - cost
    return chance * (award + stopped) * DISCOUNT**delay - cost


@inlined
def answer(seed, month, record, right, quality, cell, province, flags, loss, gain, u, v, climate, disputes, tally):
    """Choose what to do about a detected infringement (uniform ``u``) and open the dispute; ``v``: who is eligible.

    Returns the ruling to come where the defendant challenges the right, otherwise 0.
    """
    theta, venue = climate.theta, venue_cell(province)
    key = filing_key(record.serial, record.filed)
    merit, owners_error, infringers_error = merits(seed, record.owner, key, month, theta, venue)
    claimed = merit + owners_error
    registered = v < theta[COVERAGE, cell]
    consents = (v * 7919.0) % 1.0 < theta[CONSENT, venue]
    values = (
        0.0,
        theta[LETTER_HEEDED, venue] * loss - theta[LETTER_COST, cell],
        worth(MEDIATION, True, claimed, flags, right, loss, province, climate, cell),
        worth(ADMINISTRATIVE, True, claimed, flags, right, loss, province, climate, cell),
        worth(CENTRE, registered, claimed, flags, right, loss, province, climate, cell),
        worth(ARBITRATION, consents, claimed, flags, right, loss, province, climate, cell),
        worth(COURT, True, claimed, flags, right, loss, province, climate, cell),
    )
    route = choose(values, theta[LOGIT_SCALE, cell], u)
    if route == IGNORE:
        return 0
    count(tally, INFRINGEMENT_ANSWERED, right, cell, 1)
    if route == LETTER:
        count(tally, LETTERS, right, cell, 1)
        heeded = uniforms(seed, _ENFORCEMENT, record.owner, key, month, 1)[0]
        if heeded < theta[LETTER_HEEDED, venue]:
            count(tally, LETTERS_HEEDED, right, cell, 1)
        return 0
    forum = route - FIRST_FORUM
    ruling = 0
    if right != TRADEMARK and (forum == COURT or forum == ADMINISTRATIVE) and record.flags & R_CHALLENGED == 0:
        chance = winning(merit + infringers_error, forum, flags, theta, venue)
        at_stake = chance * (gain + (damages(loss, theta, venue) if forum == COURT else 0.0))
        ruling, challenged = request(seed, month, record, right, quality, cell, at_stake, theta, tally)
        flags |= challenged
    file_case(month, record.owner, record.filed, record.serial, right, province, forum, flags, month,
              ruling % MONTHS_AHEAD, loss, merit, cell, disputes, tally)
    return ruling


@inlined
def worth(forum, open_to_owner, merit, flags, right, loss, province, climate, cell):
    """Return the expected yuan of a case at a forum of a province as it stands, with the effort of a case at all."""
    if not open_to_owner:
        return CLOSED
    theta = climate.theta
    return value_of(forum, merit, flags, right, loss, climate.delay[forum, province], theta, venue_cell(province),
                    cell) - theta[EFFORT, cell]


@inlined
def choose(values, scale, u):
    """Return the option that the uniform falls on: a logit over expected yuan."""
    best = 0.0
    for value in values:
        best = max(best, value)
    total = 0.0
    for value in values:
        total += math.exp((value - best) / scale)
    left = u * total
    for option in range(len(values)):
        left -= math.exp((values[option] - best) / scale)
        if left < 0.0:
            return option
    return IGNORE


@inlined
def file_case(month, owner, filed, serial, right, province, forum, flags, opened, ruling, loss, merit, cell, disputes,
              tally):
    """File a dispute with a forum; it is taken up when the forums next plan."""
    record = disputes.records[bins.add(disputes, INBOX)]
    record.owner = owner
    record.filed = filed
    record.serial = serial
    record.right = right
    record.province = province
    record.forum = forum
    record.flags = flags
    record.opened = opened
    record.since = month
    record.ruling = ruling
    record.loss = loss
    record.merit = merit
    disputes.asked[forum, province] += 1
    count(tally, CASES_MEDIATION + forum, right, cell, 1)
    move(tally, DISPUTES_MEDIATION + forum, right, cell, 1)


assert APPEAL == COURT + 1
