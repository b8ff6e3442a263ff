"""Step 9: what may happen to a patent in force between its anniversaries, and how long it sleeps until it may.

Own use starts or ends, a licence ends, a related party takes it over, a buyer is met: competing hazards. A patent
sleeps until a *candidate* month of a process with a bound above the sum of its hazards; the candidate becomes an
event with probability hazard over bound, as the hazards stand in that month (thinning, Lewis & Shedler 1979). The
bound is drawn up anew, with headroom, each time the patent wakes, at least once a year; so hazards are exact as long
as they do not rise by more than the headroom within one sleep, and a patent costs nothing in the months between.
"""

from __future__ import annotations

import math

import numpy as np

from ipplan.compiled import inlined
from ipplan.ledger import RELATED_TRANSFER, USED_STARTED, USED_STOPPED, count
from ipplan.phases import joint, nominal, tiers
from ipplan.phases import market as mk
from ipplan.phases.holdings import official_value
from ipplan.rights.register import R_BAD, R_IDLE, R_LICENSED, R_LISTED, R_TOUCHED, R_TRADED, R_USED
from ipplan.world import N_KINDS, SME

# compiled-constants
READS = ("use.hazard.*", "use.stop_hazard", "use.quality_loading", "use.young_boost")
USE_HAZARD, STOP_HAZARD, USE_QUALITY, USE_YOUNG = range(4)
"""The first rows of the table ``in_force``; what else chances depend on is in the table ``market``."""

STEPS_PER_EVENT = 16
"""Bounds are whole multiples of 1/16 event a year."""
MONTHS_OF_CHANCE = 11
"""The anniversary is no candidate: eleven months carry a year's hazard."""
HIGHEST = STEPS_PER_EVENT * MONTHS_OF_CHANCE - 1
HEADROOM = 1.25
"""Bounds are this many times the hazards: how far these may rise within a sleep and stay exact; a matter of work."""
GAP = np.array([0.0, *(1.0 / np.log1p(-np.arange(1, HIGHEST + 1) / (STEPS_PER_EVENT * MONTHS_OF_CHANCE)))])
"""Months between candidates for each bound: 1 + floor(GAP log u) is geometric."""


@inlined
def months_to_candidate(bound, u):
    """Return the months to the next candidate month, geometric: each month is one with probability bound / 176."""
    return 1 + int(GAP[bound] * math.log(u))


@inlined
def ease_of(cell, tier, owner, serial, filed, market_theta):
    """Return the factor on the hazard of own use: of a small firm its tier's, of a university its co-owner's."""
    if cell % N_KINDS == SME:
        return tiers.relative_use(tier, market_theta, mk.TIER_USE, cell)
    return joint.ease(cell % N_KINDS, owner, serial, filed, market_theta[mk.JOINT_SHARE, cell],
                      market_theta[mk.JOINT_RATIO, cell])


@inlined
def hazards(months_held, flags, quality, field, ease, cell, theta, market_theta, rates):
    """Return yearly hazards: related-party deals, end of a licence, own use starting or ending, meetings.

    ``ease`` is a factor on own use (see ``ease_of``); nominal deals are among related-party deals (see ``nominal``).
    """
    related = market_theta[mk.RELATED, cell] + market_theta[mk.NOMINAL, cell]
    ending = market_theta[mk.LICENCE_END, cell] if flags & R_LICENSED else 0.0
    if flags & R_USED:
        return related, ending, theta[STOP_HAZARD, cell], 0.0
    young = theta[USE_YOUNG, cell] if months_held < market_theta[mk.YOUNG_MONTHS, cell] else 0.0
    promise = min(market_theta[mk.MOST_PROMISE, cell], theta[USE_QUALITY, cell] * quality + young)
    use = theta[USE_HAZARD, cell] * math.exp(promise) * ease
    if flags & R_BAD:
        use *= market_theta[mk.BAD_USE, cell]
    return related, ending, use, mk.meetings(field, flags, cell, market_theta, rates)


@inlined
def bound_on(months_held, flags, quality, field, ease, cell, theta, market_theta, rates):
    """Return the bound above a patent's hazards as they stand, in steps."""
    related, ending, use, meeting = hazards(months_held, flags, quality, field, ease, cell, theta, market_theta, rates)
    return min(HIGHEST, 1 + int((related + ending + use + meeting) * (HEADROOM * STEPS_PER_EVENT)))


@inlined
def chance_event(seed, month, record, kind, cell, u, v, w, theta, market_theta, rates, staff_free, firms, owners,
                 tally):
    """What happens at a candidate month, by the uniform ``u``: one of the hazards, or nothing. Returns the cell."""
    right = record.right
    ease = ease_of(cell, owners.tier[record.owner], record.owner, record.serial, record.filed, market_theta)
    related, ending, use, meeting = hazards(month - record.granted, record.flags, record.quality, record.field, ease,
                                            cell, theta, market_theta, rates)
    u *= record.bound / STEPS_PER_EVENT
    paper = market_theta[mk.NOMINAL, cell]
    if u < paper:
        nominal.license_on_paper(record, cell, tally)
        return cell
    u -= paper
    related -= paper
    if u < related:
        count(tally, RELATED_TRANSFER, right, cell, 1)
        kind_of_deal = R_LICENSED if u < related * market_theta[mk.RELATED_LICENCE, cell] else R_TRADED
        record.flags = (record.flags | kind_of_deal | R_TOUCHED) & ~R_IDLE
        return cell
    u -= related
    if u < ending:
        record.flags &= ~R_LICENSED
        return cell
    u -= ending
    if u < use:
        if record.flags & R_USED:
            record.flags &= ~R_USED
            count(tally, USED_STOPPED, right, cell, 1)
        else:
            record.flags = (record.flags | R_USED | R_TOUCHED) & ~R_IDLE
            count(tally, USED_STARTED, right, cell, 1)
        return cell
    if u - use >= meeting:
        return cell
    years = (month - record.filed) / 12.0
    value = math.exp(min(record.log_value, mk.MOST_LOG_VALUE)) * market_theta[mk.VALUE_KEPT, cell] ** years
    deal = mk.meet(seed, month, record.owner, record.serial, record.filed, value, kind, right, cell, market_theta,
                   staff_free, tally)
    if deal == mk.NO_DEAL:
        return cell
    record.flags = (record.flags | R_TOUCHED) & ~R_IDLE
    if deal == mk.LICENCE:
        record.flags |= R_LICENSED
    else:
        record.flags = (record.flags | R_TRADED) & ~R_LISTED
        record.owner = min(firms - 1, int(v * firms))  # enterprises are the first rows of the population
        cell = owners.cell[record.owner]
    if w < market_theta[mk.USE_AFTER, cell]:
        record.flags |= R_USED
        count(tally, USED_STARTED, right, cell, 1)
        count(tally, mk.DEALS_USED, right, cell, 1)
    official_value(record, cell)
    return cell
