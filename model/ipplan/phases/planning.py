"""Step 6: the office plans the month: how long examiners work, what a case gets, and whose turn it is.

Planning: the hours of a group of examiners divided by the hours a case gets. The hours per case fall when
pendency stands above its aim (the quota goes up), within bounds; in preliminary examination (utility models and
designs), whose aims nobody announces, they follow the line of the past months (adaptive planning, Sterman 2000).
Nor does the office go faster than it has announced: of inventions and marks it begins no more cases than keeps the
months of its aim, over all lanes; hours to spare serve fast and priority cases or go elsewhere. Fast and priority cases
go first, up to a quota of hours; what they do not use flows down, what the normal lane does not need flows back. Order
within a queue is first in, first out, over all owner blocks.
"""

from __future__ import annotations

import math

from ipplan.agents.examiners import FEWEST
from ipplan.compiled import helper, kernel
from ipplan.rights import bins
from ipplan.rights.docket import BEFORE, SLOTS
from ipplan.streams import Stream, uniforms
from ipplan.world import N_FIELDS, N_GROUPS, N_QUEUES, SERVED_LANES, TRADEMARK_QUEUE

# compiled-constants
_CAREER = int(Stream.EXAMINER_CAREER)
SHORTEST_WAIT = 0.05
"""Months below which an expected wait counts as this: keeps its ratio to the aim finite (bounds bind first)."""

READS = (
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
    EXPERIENCE_GAIN, ATTRITION, AIM_UM, AIM_DESIGN, LAG_NORMAL, MONTH_HOURS, READINESS, TRAINING,
    EXPERIENCE_OFFSET, EXPERIENCE_REFERENCE, PLANNING,
) = range(20)  # fmt: skip


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


@helper
def in_time(waiting, months):
    """Return the cases a month that leave a line as long as announced: it has ``months`` of them and this month's."""
    return waiting / (max(0.0, months) + 1.0)


@kernel
def plan_month(examiners, theta, cell, aims, eligible, served):
    """Set the hours per case of each group and the number of cases each queue gets this month.

    ``aims`` [invention, mark] in months; ``eligible`` and ``served`` [queue] in cases. Hours not used (too few
    cases) are lost; fractions of a case are carried over. Returns the months that an invention may expect to wait.
    """
    queued, worked = 0.0, 0.0
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
            budget = hours / examiners.case_hours[group]
            if right == 2:
                budget = min(budget, in_time(eligible[queue], aim))
            budget += examiners.carry[group]
            served[queue] = min(eligible[queue], int(budget))
            examiners.carry[group] = budget - int(budget) if served[queue] == int(budget) else 0.0
            continue
        reference = theta[HOURS_INVENTION, cell]
        base = group * SERVED_LANES
        total = eligible[base] + eligible[base + 1] + eligible[base + 2]
        wait = total * reference / hours + theta[LAG_NORMAL, cell]
        per_case = hours_for(reference, wait, aims[0], response, fewest, most)
        examiners.case_hours[group] = per_case
        due = in_time(total, aims[0] - theta[LAG_NORMAL, cell])
        queued += total * per_case
        worked += min(hours, due * per_case)
        due += examiners.carry[group]
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
        n = min(eligible[base + 2], int(min(left / per_case, max(0.0, due - served[base] - served[base + 1]))))
        served[base + 2] = n
        left -= n * per_case
        for lane in range(2):  # hours the normal lane does not need go back to the fast lanes
            more = min(eligible[base + lane] - served[base + lane], int(left / quick))
            served[base + lane] += more
            left -= more * quick
        done = served[base] + served[base + 1] + served[base + 2]
        over = min(served[base + 2], max(0, done - int(due)))  # with what quick lanes got beyond their quota
        served[base + 2] -= over
        done -= over
        left += over * per_case
        examiners.carry[group] = min(1.0, max(0.0, min(left / per_case, due - done))) if done < total else 0.0
    in_line = queued / worked - 1.0 if queued > 0.0 else 0.0  # a line counts the cases of this month
    return max(0.0, in_line) + theta[LAG_NORMAL, cell]


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
def filed_when(docket, margins, months):
    """Count a block's cases at the margin by the month they were filed: ``months`` [queue, slot] is added to."""
    for queue in range(N_QUEUES):
        slot = margins[queue, 0]
        if slot < 0:
            continue
        if queue == TRADEMARK_QUEUE:  # marks do not wait for a request or lose months over forms: filed in this month
            months[queue, slot] += docket.length[queue, slot]
            continue
        where = queue * SLOTS + slot
        chunk, start = docket.first[where], docket.taken[where]
        while chunk >= 0:
            behind, n = bins.read_on(docket, chunk, where)
            for place in range(chunk * bins.CHUNK + start, chunk * bins.CHUNK + n):
                months[queue, docket.records[place].filed + BEFORE] += 1
            chunk, start = behind, 0


@kernel
def share_margins(months, margins, takes):
    """Share the cases at the margin over blocks, by month filed, then applicant: ``months`` [block, queue, slot]."""
    for queue in range(N_QUEUES):
        left = margins[queue, 1] if margins[queue, 0] >= 0 else 0
        for slot in range(SLOTS):
            if left == 0:
                break
            for block in range(len(months)):
                n = min(left, months[block, queue, slot])
                takes[block, queue] += n
                left -= n
