"""Steps 6 and 7: requests join the queues, examiners take the cases of the month's plan in order, and search.

Search (one gate): a flawed claim - below the standard, or in bad faith - is found with probability
1 - exp(-k d T) (k productivity per hour, d the examiner, T hours), otherwise granted; in the limit of long search
the grant rate is one minus the flawed share (test V10). What is found may be saved by narrowing, else it is
refused or withdrawn. Sound cases are lost at a small rate. Draws belong to the filing, not to its place in line.
"""

from __future__ import annotations

import math

from ipplan.compiled import helper, inlined, kernel
from ipplan.ledger import MAX_WAIT, PENDING_DECISION, PENDING_EXAM, PENDING_REQUEST, REQUESTED, count, move
from ipplan.phases import opposition, portfolio
from ipplan.phases.new_field import NEW_FIELD, is_new, note
from ipplan.rights import bins
from ipplan.rights.docket import (
    ALLOWED,
    BAD,
    BEFORE,
    DECIDED,
    LABELLED,
    REFUSED,
    REPAIRED,
    SLOTS,
    SOUND,
    STRUCK,
    TO_REEXAM,
)
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import (
    DESIGN,
    FOREIGN,
    INVENTION,
    N_CELLS,
    N_FIELDS,
    N_KINDS,
    N_QUEUES,
    NORMAL,
    SERVED_LANES,
    TRADEMARK,
    UTILITY_MODEL,
)

# compiled-constants
MARK_LANE = 6
"""Class of marks in the waiting-time histogram."""
PRODUCTIVITY_HOURS = 24.0
"""The unit of search productivity: per hour of a case whose reference is 24 hours (no more than a yardstick)."""
_EXAM = int(Stream.EXAMINATION)

READS = (
    "examination.standard.invention", "examination.standard.utility_model", "examination.standard.design",
    "examination.search_productivity", "examination.false_refusal", "examination.repair",
    "examination.refusal_share", "examination.reexam_request", "examination.prosecution_months.normal",
    "examination.prosecution_months.fast", "examination.prosecution_months.utility_model",
    "examination.prosecution_months.design", "examination.prosecution_months.trademark",
    "examination.utility_model_pass", "examination.design_pass", "examination.trademark_pass",
    "examination.abandonment", "examination.foreign_persistence", "examination.lag_spread",
    "examination.portfolio_severity", "examination.mark_need", "examination.need_shown",
    "new_field.share", "new_field.uncertainty", "new_field.opening",
)  # fmt: skip
(
    STANDARD, STANDARD_UM, STANDARD_DESIGN, PRODUCTIVITY, FALSE_REFUSAL, REPAIR, REFUSAL_SHARE, REEXAM_REQUEST,
    LAG_NORMAL, LAG_FAST, LAG_UM, LAG_DESIGN, LAG_TM, PASS_UM, PASS_DESIGN, PASS_TM, ABANDONMENT,
    PERSISTENCE, LAG_SPREAD, SEVERITY, MARK_NEED, NEED_SHOWN, NEW_SHARE, UNCERTAINTY, OPENING,
) = range(25)  # fmt: skip


@kernel
def open_requests(docket, month, tally):
    """Inventions whose request falls in this month join the examination queue (counted by cell, none touched)."""
    for cell in range(N_CELLS):
        n = docket.requests[month + BEFORE, cell]
        if n > 0:
            move(tally, PENDING_REQUEST, INVENTION, cell, -n)
            move(tally, PENDING_EXAM, INVENTION, cell, n)
            count(tally, REQUESTED, INVENTION, cell, n)


@inlined
def mark_outcome(month, case, owners, u, v, x, theta, cell, strike):
    """Return the flags of the outcome of a mark: struck, refused on other grounds, or approved and perhaps opposed.

    It is struck for bad faith, or for its owner's portfolio (then also ``REFUSED``).
    """
    bad = case.flags & BAD
    found = strike[cell, bad]
    if u < found:
        return STRUCK
    hoard = portfolio.recent(owners, case.owner, month)
    need = portfolio.normal_need(owners, case.owner, theta[MARK_NEED, cell])
    if hoard > need:
        refused = portfolio.refusal(hoard, need, theta[SEVERITY, cell])
        if u < found + (1.0 - found) * refused * (1.0 if bad else 1.0 - theta[NEED_SHOWN, cell]):
            return STRUCK | REFUSED
    if v >= theta[PASS_TM, cell]:
        return REFUSED
    return ALLOWED | (0 if bad else SOUND) | opposition.opposed(case, x, strike, cell)


@inlined
def outcome(case, hours, search, theta, cell, reference, moved, u, v, w, x):
    """Return the flags of a patent case's outcome, by uniforms that belong to the filing.

    ``u`` decides whether a flaw is found, ``v`` on refusal, ``w`` on repair, ``x`` on passing and being abandoned.
    ``moved`` is how far the examiner's bar lies from the standard (``new_field``).
    """
    bad = case.flags & BAD
    right = case.right
    standard = theta[STANDARD, cell]
    passes = 1.0
    lost = theta[FALSE_REFUSAL, cell]
    if right == UTILITY_MODEL:
        standard, passes, lost = theta[STANDARD_UM, cell], theta[PASS_UM, cell], 0.0
    elif right == DESIGN:
        standard, passes, lost = theta[STANDARD_DESIGN, cell], theta[PASS_DESIGN, cell], 0.0
    sound = SOUND if bad == 0 and case.quality >= standard else 0
    if right == INVENTION:
        given_up = theta[ABANDONMENT, cell]
        if cell % N_KINDS == FOREIGN:
            given_up *= 1.0 - theta[PERSISTENCE, cell]
        if x < given_up:
            return sound
    # Bad faith below the level of the standard is not a flaw an examiner can find where only forms are checked.
    flawed = case.quality < standard + moved or (bad != 0 and right == INVENTION)
    if flawed:
        if u >= 1.0 - math.exp(-theta[PRODUCTIVITY, cell] * search * hours * (PRODUCTIVITY_HOURS / reference)):
            return ALLOWED if x < passes else REFUSED
        if bad == 0 and w < theta[REPAIR, cell]:
            return ALLOWED | REPAIRED
    else:
        if u >= lost and x < passes:
            return ALLOWED | sound
    if v >= theta[REFUSAL_SHARE, cell]:
        return sound
    refused = REFUSED | sound
    if right == INVENTION and (v / theta[REFUSAL_SHARE, cell]) < theta[REEXAM_REQUEST, cell]:
        refused |= TO_REEXAM
    return refused


@helper
def around_mean(spread, u):
    """Return a duration against its mean: uniform, ``spread`` wide."""
    return 1.0 - 0.5 * spread + spread * u


@inlined
def lag_of(case, theta, cell):
    """Return the mean months from being taken up to the conclusion."""
    if case.right == INVENTION:
        return theta[LAG_NORMAL, cell] if case.lane >= NORMAL else theta[LAG_FAST, cell]
    if case.right == UTILITY_MODEL:
        return theta[LAG_UM, cell]
    return theta[LAG_DESIGN, cell] if case.right == DESIGN else theta[LAG_TM, cell]


@kernel
def examine(seed, month, takes, docket, owners, examiners, theta, reference, strike, tally):
    """Take this month's share of each queue, search, and set the month of the conclusion.

    ``takes`` [queue] cases of this block; ``strike`` [cell, honest | bad] chances that a mark is refused for bad
    faith, with those of opposition as further columns (``Prospects``); ``reference`` [right] reference hours per case.
    """
    for queue in range(N_QUEUES):
        slot = docket.oldest[queue]
        group = min(queue // SERVED_LANES, N_FIELDS) if queue < N_FIELDS * SERVED_LANES else (
            N_FIELDS + queue - N_FIELDS * SERVED_LANES)
        hours = examiners.case_hours[group]
        first, present = examiners.first[group], examiners.present[group]
        right = max(INVENTION, group - N_FIELDS + 1)
        decided = DECIDED + right * SLOTS + month + BEFORE
        left = takes[queue]
        while left > 0:
            where = queue * SLOTS + slot
            chunk, start = docket.first[where], docket.taken[where]
            if chunk < 0:
                slot += 1
                continue
            behind, n = bins.read_on(docket, chunk, where)
            stop = min(n, start + left)
            left -= stop - start
            docket.length[queue, slot] -= stop - start
            for place in range(chunk * bins.CHUNK + start, chunk * bins.CHUNK + stop):
                case = docket.records[place]
                cell = owners.cell[case.owner]
                u, v, w, x = uniforms(seed, _EXAM, case.owner, case.serial, case.filed, 0)
                if right == TRADEMARK:
                    result, y = mark_outcome(month, case, owners, u, v, x, theta, cell, strike), w
                else:
                    e, y, z, _ = uniforms(seed, _EXAM, case.owner, case.serial, case.filed, 1)
                    examiner = first + min(present - 1, int(e * present))
                    new = right == INVENTION and case.field == NEW_FIELD and (
                        is_new(seed, case.owner, case.serial, case.filed, theta[NEW_SHARE, cell]))
                    moved = theta[UNCERTAINTY, cell] * normal_quantile(z) - theta[OPENING, cell] if new else 0.0
                    result = outcome(case, hours, examiners.search[examiner], theta, cell, reference[right], moved,
                                     u, v, w, x)
                    if new:
                        note(result, cell, tally)
                case.flags = (case.flags & (BAD | LABELLED)) | result
                lag = max(1, int(lag_of(case, theta, cell) * around_mean(theta[LAG_SPREAD, cell], y) + 0.5))
                docket.records[bins.add(docket, decided + lag)] = case
                move(tally, PENDING_EXAM, right, cell, -1)
                move(tally, PENDING_DECISION, right, cell, 1)
                if right == TRADEMARK:  # the office states the time of examination proper, before opposition
                    tally.waits[MARK_LANE, min(MAX_WAIT - 1, month - case.due)] += 1
            docket.taken[where] = stop
            if stop == n:
                docket.first[where] = behind
                docket.taken[where] = 0
                if behind < 0:
                    docket.last[where] = -1
                bins.give_back(docket, chunk)
        docket.oldest[queue] = slot


assert SLOTS > BEFORE
