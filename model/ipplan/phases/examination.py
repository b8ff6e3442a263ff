"""Steps 6 and 7: the office plans the month, examiners take cases in order, and search.

Planning: the hours of a group of examiners divided by the hours a case gets. The hours per case fall when
pendency stands above its aim (the quota goes up), within bounds; in preliminary examination (utility models and
designs), whose aims nobody announces, by the line of the past months (adaptive planning, Sterman 2000).
Fast and priority cases go first, up to a quota of hours; what they do not use flows down. Order within a queue is
first in, first out, over all owner blocks.

Search (one gate): a flawed claim - below the standard, or in bad faith - is found with probability
1 - exp(-k d T) (k productivity per hour, d the examiner, T hours), otherwise granted; in the limit of long search
the grant rate is one minus the flawed share (test V10). What is found may be saved by narrowing, else it is
refused or withdrawn. Sound cases are lost at a small rate. Draws belong to the filing, not to its place in line.
"""

from __future__ import annotations

import math

from ipplan.agents.examiners import FEWEST
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
    N_GROUPS,
    N_KINDS,
    N_QUEUES,
    NORMAL,
    SERVED_LANES,
    TRADEMARK,
    TRADEMARK_QUEUE,
    UTILITY_MODEL,
)

# compiled-constants
MARK_LANE = 6
"""Class of marks in the waiting-time histogram."""
PRODUCTIVITY_HOURS = 24.0
"""The unit of search productivity: per hour of a case whose reference is 24 hours (no more than a yardstick)."""
SHORTEST_WAIT = 0.05
"""Months below which an expected wait counts as this: keeps its ratio to the aim finite (bounds bind first)."""
_CAREER, _EXAM = int(Stream.EXAMINER_CAREER), int(Stream.EXAMINATION)

PLAN_READS = (
    "examination.hours_per_case.invention", "examination.hours_per_case.utility_model",
    "examination.hours_per_case.design", "examination.hours_per_case.trademark", "examination.quota_response",
    "examination.fewest_hours", "examination.most_hours", "examination.fast_quota", "examination.fast_time",
    "examination.experience_gain", "examination.attrition", "examination.target_months.utility_model",
    "examination.target_months.design", "examination.prosecution_months.normal", "examination.hours_per_month",
    "examination.newcomer_readiness", "examination.training_months", "examination.experience_offset",
    "examination.experience_reference", "examination.planning_months",
)  # fmt: skip
(
    HOURS_INVENTION, HOURS_UM, HOURS_DESIGN, HOURS_TM, RESPONSE, FEWEST_HOURS, MOST_HOURS, FAST_QUOTA, FAST_TIME,
    EXPERIENCE_GAIN, ATTRITION, AIM_UM, AIM_DESIGN, LAG_NORMAL_PLAN, MONTH_HOURS, READINESS, TRAINING,
    EXPERIENCE_OFFSET, EXPERIENCE_REFERENCE, PLANNING,
) = range(20)  # fmt: skip

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
def work_month(seed, month, examiners, staff, theta, cell):
    """Examiners gain experience, leave and are replaced, groups grow to plan; sets the groups' effective hours.

    ``staff`` [group] is the group's head count at the scale of the run (it may be a fraction of a person); hours of
    the rows present are scaled to it. The hours of a newcomer in training count in part.
    """
    attrition, gain, per_head = theta[ATTRITION, cell], theta[EXPERIENCE_GAIN, cell], theta[MONTH_HOURS, cell]
    offset, reference = theta[EXPERIENCE_OFFSET, cell], theta[EXPERIENCE_REFERENCE, cell]
    ready, training = theta[READINESS, cell], theta[TRAINING, cell]
    for group in range(N_GROUPS):
        first, present = examiners.first[group], examiners.present[group]
        room = (examiners.first[group + 1] if group + 1 < N_GROUPS else len(examiners.skill)) - first
        wanted = min(room, max(present if staff[group] >= present else FEWEST, int(staff[group] + 0.5)))
        for row in range(first + present, first + wanted):
            examiners.experience[row] = 0.0
        present = wanted
        examiners.present[group] = present
        effective = 0.0
        for row in range(first, first + present):
            if uniforms(seed, _CAREER, row, 1, month, 0)[0] < attrition / 12.0:
                examiners.experience[row] = 0.0
            experience = examiners.experience[row] + 1.0
            examiners.experience[row] = experience
            examiners.search[row] = examiners.skill[row] * (1.0 + gain * math.log((experience + offset) / reference))
            effective += min(1.0, ready + (1.0 - ready) * experience / training)
        examiners.hours[group] = effective / present * staff[group] * per_head


@kernel
def open_requests(docket, month, tally):
    """Inventions whose request falls in this month join the examination queue (counted by cell, none touched)."""
    for cell in range(N_CELLS):
        n = docket.requests[month + BEFORE, cell]
        if n > 0:
            move(tally, PENDING_REQUEST, INVENTION, cell, -n)
            move(tally, PENDING_EXAM, INVENTION, cell, n)
            count(tally, REQUESTED, INVENTION, cell, n)


@kernel
def waiting(lengths, first, month, eligible):
    """Sum cases that may be served: ``lengths`` [queue, slot] of one block into ``eligible`` [queue]."""
    for queue in range(N_QUEUES):
        start = first[queue]
        while start < month + BEFORE and lengths[queue, start] == 0:
            start += 1
        first[queue] = start
        for slot in range(start, month + BEFORE + 1):
            eligible[queue] += lengths[queue, slot]


@helper
def hours_for(reference, waited, aim, response, fewest, most):
    """Return hours per case: the reference times (aim / expected wait)^response, within bounds."""
    ratio = (aim / max(waited, SHORTEST_WAIT)) ** response
    return reference * min(most, max(fewest, ratio))


@kernel
def plan_month(examiners, theta, cell, aims, eligible, served):
    """Set the hours per case of each group and the number of cases each queue gets this month.

    ``aims`` [invention, mark] in months; ``eligible`` and ``served`` [queue] in cases. Hours not used (too few
    cases) are lost; fractions of a case are carried over.
    """
    fewest, most, response = theta[FEWEST_HOURS, cell], theta[MOST_HOURS, cell], theta[RESPONSE, cell]
    for group in range(N_GROUPS):
        hours = examiners.hours[group]
        if group >= N_FIELDS:
            right = group - N_FIELDS
            reference = theta[HOURS_UM + right, cell]
            aim = aims[1] if right == 2 else theta[AIM_UM + right, cell]
            queue = N_FIELDS * SERVED_LANES + right
            wait = eligible[queue] * reference / hours
            if right < 2:
                planned = examiners.planned_wait[group]
                planned = wait if planned < 0.0 else planned + (wait - planned) / theta[PLANNING, cell]
                examiners.planned_wait[group] = planned
                wait = planned
            examiners.case_hours[group] = hours_for(reference, wait, aim, response, fewest, most)
            budget = hours / examiners.case_hours[group] + examiners.carry[group]
            served[queue] = min(eligible[queue], int(budget))
            examiners.carry[group] = budget - int(budget) if served[queue] == int(budget) else 0.0
            continue
        reference = theta[HOURS_INVENTION, cell]
        base = group * SERVED_LANES
        total = eligible[base] + eligible[base + 1] + eligible[base + 2]
        wait = total * reference / hours + theta[LAG_NORMAL_PLAN, cell]
        per_case = hours_for(reference, wait, aims[0], response, fewest, most)
        examiners.case_hours[group] = per_case
        left = hours + examiners.carry[group] * per_case
        quick = per_case * theta[FAST_TIME, cell]
        # A case is begun while any of the quota is left and the rest is owed next month: else rare cases would starve.
        kept = theta[FAST_QUOTA, cell] * hours + examiners.fast_carry[group]
        for lane in range(2):
            n = min(eligible[base + lane], max(0, math.ceil(kept / quick)), int(left / quick))
            served[base + lane] = n
            kept -= n * quick
            left -= n * quick
        short = served[base] + served[base + 1] < eligible[base] + eligible[base + 1]
        examiners.fast_carry[group] = min(kept, quick) if short else min(kept, 0.0)
        n = min(eligible[base + 2], int(left / per_case))
        served[base + 2] = n
        left -= n * per_case
        for lane in range(2):  # hours the normal lane does not need go back to the fast lanes
            more = min(eligible[base + lane] - served[base + lane], int(left / quick))
            served[base + lane] += more
            left -= more * quick
        done = served[base] + served[base + 1] + served[base + 2]
        examiners.carry[group] = min(1.0, max(0.0, left / per_case)) if done < total else 0.0


@kernel
def share_out(lengths, month, served, takes, margins):
    """Cut the queues first in, first out: ``lengths`` [block, queue, slot] -> ``takes`` [block, queue].

    Requests of one month stand in the order of (month filed, applicant). Where only some of them are served,
    ``margins`` [queue] = (slot, cases still to take) asks for a closer look; else slot is -1.
    """
    for queue in range(N_QUEUES):
        left = served[queue]
        slot = 0
        margins[queue, 0] = -1
        while left > 0 and slot <= month + BEFORE:
            total = 0
            for block in range(len(lengths)):
                total += lengths[block, queue, slot]
            if total > left:
                margins[queue, 0] = slot
                margins[queue, 1] = left
                break
            for block in range(len(lengths)):
                takes[block, queue] += lengths[block, queue, slot]
            left -= total
            slot += 1


@kernel
def filed_when(docket, queue, slot, months):
    """Count the cases of one bin by the month they were filed: ``months`` [slot] is added to."""
    if queue == TRADEMARK_QUEUE:  # marks do not wait for a request or lose months over forms: all filed in this month
        months[slot] += docket.length[queue, slot]
        return
    where = queue * SLOTS + slot
    chunk, start = docket.first[where], docket.taken[where]
    while chunk >= 0:
        behind, n = bins.read_on(docket, chunk, where)
        for place in range(chunk * bins.CHUNK + start, chunk * bins.CHUNK + n):
            months[docket.records[place].filed + BEFORE] += 1
        chunk, start = behind, 0


@kernel
def share_margin(months, left, queue, takes):
    """Share ``left`` cases of a month's bins over blocks, by month filed, then applicant: ``months`` [block, slot]."""
    for slot in range(months.shape[1]):
        for block in range(len(months)):
            n = min(left, months[block, slot])
            takes[block, queue] += n
            left -= n
        if left == 0:
            return


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
