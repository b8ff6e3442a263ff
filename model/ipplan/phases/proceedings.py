"""Step 11: cases before courts, mediators, arbitrators and administrative offices, from filing to their end.

What was filed is given a place in its province's line (first in, first out) and sleeps until its stage ends. Then it is
settled, decided or sent on: a failed mediation to court where that is worth it, a judgment to appeal where the loser
thinks so. While validity is challenged, a court waits for the ruling on a utility model or a design (these are granted
without examination of substance); a claim on a right that has fallen is dismissed.
"""

from __future__ import annotations

from ipplan.compiled import inlined, kernel
from ipplan.ledger import (
    ADMINISTRATIVE,
    APPEAL,
    APPEALS_REVERSED,
    ARBITRAL_AWARDS,
    ARBITRATION,
    CENTRE,
    CLOSED_MEDIATION,
    COURT,
    COURT_DISMISSED,
    COURT_JUDGED,
    COURT_SETTLED,
    COURT_WON,
    DAMAGES_AWARDED,
    DISPUTES_MEDIATION,
    FORUM_LANES,
    INFRINGERS_SANCTIONED,
    MAX_WAIT,
    MEDIATED,
    MEDIATION,
    PUNITIVE_AWARDS,
    STOP_ORDERS,
    count,
    move,
)
from ipplan.phases.claims import (
    MEDIATION_SUCCESS,
    MONTHS,
    NARROWING,
    PUNITIVE_MULTIPLE,
    PUNITIVE_SHARE,
    REVERSAL,
    cost_of,
    damages,
    merits,
    settles,
    still_to_lose,
    venue_cell,
    winning,
)
from ipplan.phases.enforcement import file_case, value_of
from ipplan.rights import bins
from ipplan.rights.disputes import (
    D_CHALLENGED,
    D_NARROWED,
    D_STRUCK,
    D_WILFUL,
    D_WON,
    DISPUTE_SLOTS,
    INBOX,
)
from ipplan.rights.keys import filing_key
from ipplan.streams import Stream, uniforms
from ipplan.world import INVENTION, TRADEMARK

# compiled-constants
_FORUM, _JUDGMENT, _APPEAL = int(Stream.FORUM), int(Stream.JUDGMENT), int(Stream.APPEAL)

TRIAL_COST = 0.5
"""Part of a case's cost that is still to be spent before the trial, and so saved by a settlement (assumed)."""


@kernel
def proceed(seed, month, line, climate, disputes, cells, tally):
    """Give what was filed its place in ``line`` [ahead | this month's, forum, province], and end stages that are due.

    ``line`` is in months of work: what stands before this month's filings, and what they are themselves. ``cells``
    [owner] are those of the owners.
    """
    chunk = bins.take_out(disputes, INBOX)
    while chunk >= 0:
        behind, n = bins.read_on(disputes, chunk, INBOX)
        for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            take_up(seed, month, disputes.records[place], line, climate, disputes)
        bins.give_back(disputes, chunk)
        chunk = behind
    chunk = bins.take_out(disputes, month)
    while chunk >= 0:
        behind, n = bins.read_on(disputes, chunk, month)
        for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            end_stage(seed, month, disputes.records[place], climate, disputes, cells, tally)
        bins.give_back(disputes, chunk)
        chunk = behind


@inlined
def take_up(seed, month, dispute, line, climate, disputes):
    """Give a case its place in the line: a random one among this month's, behind what was filed before."""
    forum, province = dispute.forum, dispute.province
    u, v, w, _ = uniforms(seed, _FORUM, dispute.owner, filing_key(dispute.serial, dispute.filed), month, forum)
    wait = line[0, forum, province] + u * line[1, forum, province]
    heard = climate.theta[MONTHS + forum, venue_cell(province)] * (0.5 + v)
    ends = min(DISPUTE_SLOTS - 1, month + max(1, int(wait + heard + w)))
    disputes.records[bins.add(disputes, ends)] = dispute


@inlined
def end_stage(seed, month, dispute, climate, disputes, cells, tally):
    """End the stage of a case: it is decided, settled, sent on, or it waits for the ruling on validity."""
    theta, forum, right, flags = climate.theta, dispute.forum, dispute.right, dispute.flags
    cell, venue = cells[dispute.owner], venue_cell(dispute.province)
    if forum == COURT and flags & D_CHALLENGED and month < dispute.ruling and right != INVENTION:
        disputes.records[bins.add(disputes, min(DISPUTE_SLOTS - 1, dispute.ruling))] = dispute
        return
    key = filing_key(dispute.serial, dispute.filed)
    u, v, w, x = uniforms(seed, _JUDGMENT, dispute.owner, key, month, forum)
    count(tally, CLOSED_MEDIATION + forum, right, cell, 1)
    move(tally, DISPUTES_MEDIATION + forum, right, cell, -1)
    tally.waits[FORUM_LANES + forum, min(MAX_WAIT - 1, month - dispute.since)] += 1
    ruled = flags & D_CHALLENGED and month >= dispute.ruling
    fallen = ruled and flags & D_STRUCK
    loss = dispute.loss * (0.5 if ruled and flags & D_NARROWED else 1.0)
    if forum == MEDIATION:
        mediate(seed, month, dispute, key, loss, u, cell, venue, theta, climate, disputes, tally)
    elif forum == COURT:
        hear(seed, month, dispute, key, loss, fallen, u, v, w, x, cell, venue, theta, disputes, tally)
    elif forum == APPEAL:
        decide_appeal(seed, dispute, key, fallen, month, cell, venue, theta, disputes, tally)
    elif not fallen and u < winning(dispute.merit, forum, flags, theta, venue):
        if forum == ARBITRATION:
            count(tally, ARBITRAL_AWARDS, right, cell, 1)
        else:
            count(tally, STOP_ORDERS, right, cell, 1)
        sanction(dispute, cell, disputes, tally)


@inlined
def sanction(dispute, cell, disputes, tally):
    """Note that an infringer has been made to stop or pay."""
    count(tally, INFRINGERS_SANCTIONED, dispute.right, cell, 1)
    disputes.sanctioned[1 if dispute.right == TRADEMARK else 0, dispute.province] += 1


@inlined
def at_stake(dispute, month, loss, theta, cell, venue):
    """Return what a judgment would move from one party to the other: damages and what is left to lose, yuan."""
    return damages(loss, theta, venue) + still_to_lose(loss, month - dispute.opened, theta, cell)


@inlined
def mediate(seed, month, dispute, key, loss, u, cell, venue, theta, climate, disputes, tally):
    """End a mediation: agreement where both gain and the mediator succeeds, else court or nothing."""
    merit, owners_error, infringers_error = merits(seed, dispute.owner, key, dispute.opened, theta, venue)
    left = 1.0 - theta[NARROWING, venue]
    flags, right = dispute.flags, dispute.right
    stake = at_stake(dispute, month, loss, theta, cell, venue)
    if u < theta[MEDIATION_SUCCESS, venue] and settles(
        winning(merit + left * owners_error, COURT, flags, theta, venue),
        winning(merit + left * infringers_error, COURT, flags, theta, venue),
        stake, 2.0 * cost_of(COURT, right, stake, theta, venue),
    ):
        count(tally, MEDIATED, right, cell, 1)
        sanction(dispute, cell, disputes, tally)
        return
    left_to_lose = still_to_lose(loss, month - dispute.opened, theta, cell)
    if value_of(COURT, merit + owners_error, flags, right, left_to_lose, climate.delay[COURT, dispute.province], theta,
                venue, cell) > 0.0:
        file_case(month, dispute.owner, dispute.filed, dispute.serial, right, dispute.province, COURT, flags,
                  dispute.opened, dispute.ruling, dispute.loss, merit, cell, disputes, tally)


@inlined
def hear(seed, month, dispute, key, loss, fallen, u, v, w, x, cell, venue, theta, disputes, tally):
    """End a case of first instance: dismissed, settled or withdrawn, or judged; the loser may appeal."""
    flags, right = dispute.flags, dispute.right
    if fallen:
        count(tally, COURT_DISMISSED, right, cell, 1)
        return
    merit, owners_error, infringers_error = merits(seed, dispute.owner, key, dispute.opened, theta, venue)
    owners_chance = winning(merit + owners_error, COURT, flags, theta, venue)
    infringers_chance = winning(merit + infringers_error, COURT, flags, theta, venue)
    stake = at_stake(dispute, month, loss, theta, cell, venue)
    if settles(owners_chance, infringers_chance, stake, 2.0 * TRIAL_COST * cost_of(COURT, right, stake, theta, venue)):
        count(tally, COURT_SETTLED, right, cell, 1)
        sanction(dispute, cell, disputes, tally)
        return
    count(tally, COURT_JUDGED, right, cell, 1)
    won = u < winning(merit, COURT, flags, theta, venue)
    if won:
        award = damages(loss, theta, venue)
        if flags & D_WILFUL and v < theta[PUNITIVE_SHARE, venue]:
            award *= 1.0 + theta[PUNITIVE_MULTIPLE, venue]
            count(tally, PUNITIVE_AWARDS, right, cell, 1)
        count(tally, COURT_WON, right, cell, 1)
        count(tally, DAMAGES_AWARDED, right, cell, int(award))
        flags |= D_WON
        stake = max(award, stake)
    hope = 1.0 - infringers_chance if won else owners_chance
    if appeals(hope, stake, cost_of(APPEAL, right, stake, theta, venue), theta[REVERSAL, venue]):
        file_case(month, dispute.owner, dispute.filed, dispute.serial, right, dispute.province, APPEAL, flags,
                  dispute.opened, dispute.ruling, dispute.loss, merit, cell, disputes, tally)
    elif won:
        sanction(dispute, cell, disputes, tally)


@inlined
def appeals(hope, stake, cost, reversal):
    """Tell whether the loser appeals, given what it took for its chance at first instance (``hope``)."""
    return min(1.0, 2.0 * reversal * hope) * stake > cost


@inlined
def decide_appeal(seed, dispute, key, fallen, month, cell, venue, theta, disputes, tally):
    """End an appeal: reversed the more often, the more the claim's strength speaks against the judgment."""
    u = uniforms(seed, _APPEAL, dispute.owner, key, month, 0)[0]
    chance = winning(dispute.merit, APPEAL, dispute.flags, theta, venue)
    won = dispute.flags & D_WON
    against = 1.0 - chance if won else chance
    reversed_ = (fallen and won) or (not fallen and u < min(1.0, 2.0 * theta[REVERSAL, venue] * against))
    if reversed_:
        count(tally, APPEALS_REVERSED, dispute.right, cell, 1)
    if (won and not reversed_) or (not won and reversed_):
        sanction(dispute, cell, disputes, tally)


assert ADMINISTRATIVE < CENTRE < ARBITRATION
