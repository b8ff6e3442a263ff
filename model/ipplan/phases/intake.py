"""Step 5: the office screens new patent filings for bad faith, and what passes joins the docket.

Signal detection: a filing in bad faith scores N(d', 1), an honest one N(0, 1); a screened filing is flagged above
the threshold. Screening is limited by staff: the share screened is min(1, capacity / filings), more for agencies
with a record. A flagged filer withdraws or contests, guilty or not, by what the right is worth against the cost
of the contest: withdrawal is not precision.
"""

from __future__ import annotations

import math

from ipplan.compiled import fetch_ahead, helper, inlined, kernel
from ipplan.ledger import (
    CONTEST_WON,
    CONTEST_WON_HONEST,
    CONTESTED,
    CONTESTED_HONEST,
    ENTERED_DEFERRED,
    ENTERED_FAST,
    ENTERED_PRIORITY,
    FILED,
    FILED_BAD,
    FLAG_WITHDRAWN,
    FLAG_WITHDRAWN_HONEST,
    FLAGGED,
    FLAGGED_BAD,
    PENDING_EXAM,
    PENDING_REQUEST,
    count,
    flow,
    move,
)
from ipplan.phases import portfolio
from ipplan.phases.burden import GONE, in_form
from ipplan.rights import bins
from ipplan.rights.docket import BAD, BEFORE, EXPIRING, LABELLED, enqueue
from ipplan.streams import Stream, uniforms
from ipplan.world import (
    DEFERRED,
    DESIGN,
    DESIGN_QUEUE,
    FAST,
    INVENTION,
    NORMAL,
    PRIORITY,
    SERVED_LANES,
    TRADEMARK,
    TRADEMARK_QUEUE,
    UTILITY_MODEL_QUEUE,
)

# compiled-constants
_SCREENING, _LANE = int(Stream.SCREENING), int(Stream.LANE)

READS = (
    "screening.contest_cost", "screening.contest_scale", "screening.win_honest", "screening.win_bad",
    "sanction.blacklist_months", "belief.own_weight", "belief.forgetting", "examination.request_immediate",
    "examination.request_months", "examination.never_requested", "examination.fast_coverage.*",
    "examination.fast_fee", "examination.deferred_share", "examination.centre_share", "examination.deferral_months",
    "examination.deferral_range", "examination.quick_months", "formality.error.*", "formality.abandonment",
    "formality.months",
)  # fmt: skip
(
    CONTEST_COST, CONTEST_SCALE, WIN_HONEST, WIN_BAD, BLACKLIST, OWN_WEIGHT, FORGETTING, REQUEST_NOW,
    REQUEST_MONTHS, NEVER_REQUESTED, FAST_COVERAGE, FAST_FEE, DEFERRED_SHARE, CENTRE_SHARE, DEFERRAL, DEFERRAL_RANGE,
    QUICK_MONTHS, FORM_ERROR, FORM_ABANDONED, FORM_MONTHS,
) = range(20)  # fmt: skip

FILED_DEFENSIVE = flow("filed_defensive")
REQUEST_TERM = 36
"""Months within which examination of an invention must be requested (Patent Law, article 35: three years)."""


@inlined
def remember(owners, owner, month, channel, forgetting, tried, caught):
    """Add an outcome to an applicant's memory, after forgetting the months since the last (lazy decay)."""
    keep = (1.0 - forgetting) ** (month - owners.remembered[owner])
    for c in range(2):
        owners.tried[owner, c] *= keep
        owners.caught[owner, c] *= keep
    owners.remembered[owner] = month
    owners.tried[owner, channel] += tried
    owners.caught[owner, channel] += caught


@inlined
def fetch_memory(owners, owner):
    """Fetch what an applicant remembers before ``remember`` asks for it: each column is a trip to memory."""
    fetch_ahead(owners.remembered, owner)
    fetch_ahead(owners.tried, 2 * owner)
    fetch_ahead(owners.caught, 2 * owner)


@inlined
def screened(month, owner, u, v, w, right, bad, worth, cell, risk, chances, theta, owners, load, agency, tally):
    """Screen one patent filing; True where it goes on. ``chances`` [cell, honest | bad] are flags per filing."""
    if u >= min(1.0, chances[cell, 0, bad] * risk) * chances[cell, 1, bad]:
        return True
    count(tally, FLAGGED, right, cell, 1)
    count(tally, FLAGGED_BAD, right, cell, bad)
    load[1, agency] += 1
    win = theta[WIN_BAD, cell] if bad else theta[WIN_HONEST, cell]
    gain = (win * worth - theta[CONTEST_COST, cell]) / theta[CONTEST_SCALE, cell]
    if v < 1.0 / (1.0 + math.exp(-min(max(gain, -30.0), 30.0))):
        count(tally, CONTESTED, right, cell, 1)
        count(tally, CONTESTED_HONEST, right, cell, 1 - bad)
        if w < win:
            count(tally, CONTEST_WON, right, cell, 1)
            count(tally, CONTEST_WON_HONEST, right, cell, 1 - bad)
            return True
    else:
        count(tally, FLAG_WITHDRAWN, right, cell, 1)
        count(tally, FLAG_WITHDRAWN_HONEST, right, cell, 1 - bad)
    if bad:
        weight = theta[OWN_WEIGHT, cell]
        remember(owners, owner, month, 0, theta[FORGETTING, cell], 0.0, weight)
    owners.sanctioned_until[owner] = month + int(theta[BLACKLIST, cell] + 0.5)
    return False


@helper
def request_delay(u, immediate, mean):
    """Return months to the request for examination: at once, or geometric with ``mean``, before the term ends."""
    if u < immediate:
        return 0
    rest = (u - immediate) / (1.0 - immediate)
    return min(REQUEST_TERM - 1, 1 + int(math.log(1.0 - rest) / math.log(1.0 - 1.0 / max(mean, 1.01))))


@inlined
def write(docket, place, month, due, lane, filing):
    """Write a case of the docket from a filing."""
    case = docket.records[place]
    case.owner = filing.owner
    case.filed = month
    case.due = due
    case.serial = filing.serial
    case.agency = filing.agency
    case.quality = filing.quality
    case.log_value = filing.log_value
    case.right = filing.right
    case.field = filing.field
    case.lane = lane
    case.flags = filing.flags


@inlined
def place(seed, month, late, filing, gain_fast, theta, cell, docket, tally):
    """Put a filing on the docket: the lane it asks for, and the month from which it may be served.

    ``late`` are months lost over an error of form.
    """
    owner, serial, right, field = filing.owner, filing.serial, filing.right, filing.field
    due, lane = month + late, NORMAL
    if right == INVENTION:
        u, v, w, x = uniforms(seed, _LANE, owner, serial, month, 0)
        if u < theta[NEVER_REQUESTED, cell]:
            until = month + REQUEST_TERM
            write(docket, bins.add(docket, EXPIRING + until + BEFORE), month, until, NORMAL, filing)
            move(tally, PENDING_REQUEST, right, cell, 1)
            return
        due += request_delay(v, theta[REQUEST_NOW, cell], theta[REQUEST_MONTHS, cell])
        if (
            filing.flags & LABELLED
            and w < theta[FAST_COVERAGE, cell]
            and filing.worth * gain_fast > theta[FAST_FEE, cell]
        ):
            lane = FAST if x < theta[CENTRE_SHARE, cell] else PRIORITY
            due = month + late
            count(tally, ENTERED_FAST if lane == FAST else ENTERED_PRIORITY, right, cell, 1)
        elif w > 1.0 - theta[DEFERRED_SHARE, cell]:
            lane = DEFERRED
            due += int(theta[DEFERRAL, cell] + x * theta[DEFERRAL_RANGE, cell])
            count(tally, ENTERED_DEFERRED, right, cell, 1)
        queue = field * SERVED_LANES + min(lane, NORMAL)
        docket.requests[due + BEFORE, cell] += 1
        move(tally, PENDING_REQUEST, right, cell, 1)
    else:
        queue = UTILITY_MODEL_QUEUE
        if right == DESIGN:
            queue = DESIGN_QUEUE
        elif right == TRADEMARK:
            queue = TRADEMARK_QUEUE
        move(tally, PENDING_EXAM, right, cell, 1)
    write(docket, enqueue(docket, queue, due + BEFORE), month, due, lane, filing)


@kernel
def receive(seed, month, filed, owners, agencies, chances, gain_fast, theta, load, docket, tally):
    """Receive this month's filings of one owner block: count, screen patents, put on the docket what goes on.

    ``chances`` [cell, share screened | flag if screened, honest | bad]; ``gain_fast`` is the share of a right's worth
    that an early decision saves; ``load`` [filed | flagged, agency] is added to.
    """
    for i in range(filed.book[0]):
        filing = filed.filings[i]
        owner, right, agency = filing.owner, filing.right, filing.agency
        cell = owners.cell[owner]
        bad, late = 1 if filing.flags & BAD else 0, 0
        count(tally, FILED, right, cell, 1)
        count(tally, FILED_BAD, right, cell, bad)
        if right != TRADEMARK:
            load[0, agency] += 1
            if bad:
                remember(owners, owner, month, 0, theta[FORGETTING, cell], theta[OWN_WEIGHT, cell], 0.0)
            u, v, w, x = uniforms(seed, _SCREENING, owner, filing.serial, month, 0)
            if not screened(month, owner, u, v, w, right, bad, filing.worth, cell, agencies.risk[agency], chances,
                            theta, owners, load, agency, tally):
                continue
            late = in_form(x, right, bad, cell, theta[FORM_ERROR, cell], theta[FORM_ABANDONED, cell],
                           theta[FORM_MONTHS, cell], tally)
            if late == GONE:
                continue
        else:
            portfolio.add(owners, owner, month)
            count(tally, FILED_DEFENSIVE, right, cell, 1 if filing.flags & LABELLED else 0)
        place(seed, month, late, filing, gain_fast, theta, cell, docket, tally)
