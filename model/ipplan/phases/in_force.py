"""Steps 8 and 9: the life of a right in force, from its entry on the register on, at the months it wakes.

A patent wakes at its anniversary (``patent_year``) and at candidate months in between (``chances``), a mark after ten
years and by chance in between. Patents that wake for the same reason lie in the same bin.
"""

from __future__ import annotations

import math

from ipplan.compiled import inlined, kernel
from ipplan.ledger import LAPSED, OVERSEAS_FAMILY, RENEWALS_DUE, count
from ipplan.phases import (
    brand_licences,
    cancellation,
    chances,
    infringement,
    invalidation,
    joint,
    open_offer,
    patent_year,
    squatting,
    tiers,
)
from ipplan.phases import market as mk
from ipplan.phases.holdings import counts_abroad, exchange, hold, official_value
from ipplan.phases.patent_year import WHEN_FILED
from ipplan.phases.sleep import MARK_EVENTS_PER_YEAR, MARK_TERM, life_draws, mark_wakes, patent_bin, patent_sleeps
from ipplan.rights import bins, loans
from ipplan.rights.register import (
    PATENT_YEARS,
    R_BAD,
    R_CHALLENGED,
    R_LATENT,
    R_OVERSEAS,
    R_SEI,
    R_TOUCHED,
    R_USED,
    WAKE_SLOTS,
    WEIGHING,
)
from ipplan.world import FOREIGN, INVENTION, N_KINDS, TRADEMARK

# compiled-constants
BAD_USE_AT_GRANT = 0.2
"""Use at grant of what was filed in bad faith, against an honest patent of its quality (assumed)."""

READS = (
    *chances.READS, *patent_year.READS, "use.at_grant.*", "renewal.trademark_keep", "renewal.trademark_keep_bad",
    "overseas.start_share.*", "finance.offered_share", "tagging.latent_cut", "definition.filed_per_granted",
    *squatting.READS, *brand_licences.READS,
)  # fmt: skip
USE_AT_GRANT, KEEP_MARK, KEEP_BAD_MARK, OVERSEAS_SHARE, OFFERED_SHARE, LATENT_CUT, FILED_PER_GRANTED, OF_MARKS = range(
    len(chances.READS) + len(patent_year.READS), len(chances.READS) + len(patent_year.READS) + 8
)
"""The last of several (``squatting``, ``cancellation``)."""
OF_LICENCES = OF_MARKS + len(squatting.READS)
"""The first of those of ``brand_licences``."""


@inlined
def enter_register(month, owner, filed, granted, serial, right, field, bad, labelled, quality, log_value, v, w, x,
                   cell, theta, market_theta, rates, owners, register, tally):
    """Put a right on the register; uniforms: use at grant (``v``), a family abroad (``w``), the first sleep (``x``).

    Returns 1 if it is truly valuable, which is told of inventions.
    """
    if right == TRADEMARK:
        enter_mark(month, owner, filed, granted, serial, bad, labelled, quality, log_value, v, x, cell, theta, register,
                   tally)
        return 0
    return enter_patent(month, owner, filed, granted, serial, right, field, bad, labelled, quality, log_value, v, w, x,
                        cell, theta, market_theta, rates, owners, register, tally)


@inlined
def enter_mark(month, owner, filed, granted, serial, bad, labelled, quality, log_value, v, x, cell, theta, register,
               tally):
    """Put a mark on the register."""
    flags = R_BAD * bad | cancellation.enters_in_use(month, granted, bad, labelled, quality, v, theta, OF_MARKS, cell)
    record = register.marks.records[bins.add(register.marks, mark_wakes(month, granted, bad, x))]
    record.owner = owner
    record.filed = filed
    record.granted = granted
    record.serial = serial
    record.flags = flags
    record.log_value = log_value
    hold(TRADEMARK, 0, flags, cell, 1, tally)


@inlined
def enter_patent(month, owner, filed, granted, serial, right, field, bad, labelled, quality, log_value, v, w, x, cell,
                 theta, market_theta, rates, owners, register, tally):
    """Put a patent on the register; returns 1 if it is a truly valuable invention."""
    flags = R_BAD * bad
    latent = 0
    use = theta[USE_AT_GRANT, cell] * math.exp(0.5 * theta[chances.USE_QUALITY, cell] * quality)
    if bad:
        use *= BAD_USE_AT_GRANT
    ease = chances.ease_of(cell, owners.tier[owner], owner, serial, filed, market_theta)
    use *= ease
    if v < min(0.98, use):
        flags |= R_USED | R_TOUCHED
    if right == INVENTION:
        if labelled:
            flags |= R_SEI
        if filed >= 0 and cell % N_KINDS != FOREIGN:
            abroad = counts_abroad(register.granted_abroad, owner, serial, filed, theta[WHEN_FILED, cell])
        else:
            share = theta[OVERSEAS_SHARE, cell]
            if theta[WHEN_FILED, cell] > 0.5 and cell % N_KINDS != FOREIGN:
                share *= theta[FILED_PER_GRANTED, cell]
            abroad = w < share * (0.1 if bad else 1.0) * math.exp(min(1.5, 0.4 * quality))
        if abroad:
            flags |= R_OVERSEAS
            count(tally, OVERSEAS_FAMILY, right, cell, 1)
        if log_value > theta[LATENT_CUT, cell]:
            flags |= R_LATENT
            latent = 1
    bound = chances.bound_on(month - granted, flags, quality, field, ease, cell, theta, market_theta, rates)
    record = register.records[bins.add(register, patent_sleeps(month, filed, bound, x))]
    record.owner = owner
    record.filed = filed
    record.granted = granted
    record.serial = serial
    record.bound = bound
    record.log_value = log_value
    record.quality = quality
    record.right = right
    record.field = field
    record.flags = flags
    official_value(record, cell)
    hold(right, field, record.flags, cell, 1, tally)
    return latent


@inlined
def mark_event(month, record, cell, u, v, w, firms, owners, theta, tally):
    """A mark wakes: something happens to it by chance, or it is renewed after ten years. True where it stays."""
    bad = record.flags & R_BAD
    if (month - record.granted) % MARK_TERM != 0:
        if bad:
            return squatting.chance_event(month, record, cell, u * MARK_EVENTS_PER_YEAR, v, w, firms, owners, theta,
                                          OF_MARKS, tally)
        stays = cancellation.chance_event(month, record, cell, u * infringement.MARK_EVENTS_PER_YEAR, v, theta,
                                          OF_MARKS, tally)
        if stays:
            brand_licences.chance_event(record, cell, w * infringement.MARK_EVENTS_PER_YEAR, theta, OF_LICENCES, tally)
        return stays
    count(tally, RENEWALS_DUE, TRADEMARK, cell, 1)
    brand_licences.end_with_term(record, cell, tally)
    if u < (theta[KEEP_BAD_MARK, cell] if bad else theta[KEEP_MARK, cell]):
        return True
    count(tally, LAPSED, TRADEMARK, cell, 1)
    return False


@kernel
def wake(seed, month, register, owners, theta, renewal_theta, market_theta, waiting, rates, staff_free, firms,
         borrowers, offers, climate, disputes, tally):
    """Wake the rights whose month has come; ``rates`` [field] meetings a month, ``firms`` rows that can buy.

    ``offers`` lists those that come up as security, of those ``borrowers`` who seek a loan or have one.
    """
    for why in range(WEIGHING):
        where = why * WAKE_SLOTS + month
        chunk = bins.take_out(register, where)
        while chunk >= 0:
            behind, n = bins.read_on(register, chunk, where)
            for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
                wake_patent(seed, month, register, register.records[place], why, owners, theta, renewal_theta,
                            market_theta, waiting, rates, staff_free, firms, borrowers, offers, climate, disputes,
                            tally)
            bins.give_back(register, chunk)
            chunk = behind
    marks = register.marks
    chunk = bins.take_out(marks, month)
    while chunk >= 0:
        behind, n = bins.read_on(marks, chunk, month)
        for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            wake_mark(seed, month, marks, marks.records[place], firms, owners, theta, climate, disputes, tally)
        bins.give_back(marks, chunk)
        chunk = behind


@inlined
def wake_mark(seed, month, marks, record, firms, owners, theta, climate, disputes, tally):
    """A mark wakes: it goes, or sleeps on."""
    cell = owners.cell[record.owner]
    u, v, w, x = life_draws(seed, record.owner, record.serial, record.filed, month)
    if mark_event(month, record, cell, u, v, w, firms, owners, theta, tally):
        cell = owners.cell[record.owner]  # it may have been sold
        if record.flags & R_BAD == 0 and (month - record.granted) % MARK_TERM:
            infringement.occasion(seed, month, record, TRADEMARK, 0.0, cell, climate, disputes, tally)
        marks.records[bins.add(marks, mark_wakes(month, record.granted, record.flags & R_BAD, x))] = record
    else:
        hold(TRADEMARK, 0, record.flags, cell, -1, tally)


@inlined
def wake_patent(seed, month, register, record, why, owners, theta, renewal_theta, market_theta, waiting, rates,
                staff_free, firms, borrowers, offers, climate, disputes, tally):
    """A patent wakes at its anniversary or at a candidate month: it goes, or sleeps on under a new bound."""
    cell = owners.cell[record.owner]
    right, field, flags, kind = record.right, record.field, record.flags, cell % N_KINDS
    u, v, w, x = life_draws(seed, record.owner, record.serial, record.filed, month)
    owner_cell = cell
    if flags & R_CHALLENGED and invalidation.rule(month, record, cell, tally):
        hold(right, field, flags, cell, -1, tally)
        return
    if why == PATENT_YEARS:
        if not patent_year.live_year(month, record, kind, cell, u, v, w, theta, renewal_theta, waiting, tally):
            invalidation.moot(record, cell, tally)
            hold(right, field, flags, cell, -1, tally)
            return
        patent_year.note_family(record, cell, register.granted_abroad, theta, tally)
        tiers.note_year(record, kind, owners.tier[record.owner], cell, tally)
        joint.note_year(record, kind, cell, market_theta[mk.JOINT_SHARE, cell], tally)
        disputes.patentee[record.owner] = 1
        if record.flags & R_USED:
            ruling = infringement.occasion(seed, month, record, right, record.quality, cell, climate, disputes, tally)
            if ruling > 0:
                invalidation.begin(record, ruling)
    elif flags & R_CHALLENGED == 0:
        owner_cell = chances.chance_event(seed, month, record, kind, cell, u, v, w, theta, market_theta, rates,
                                          staff_free, firms, owners, tally)
    if owner_cell != cell:
        hold(right, field, flags, cell, -1, tally)
        hold(right, field, record.flags, owner_cell, 1, tally)
    elif record.flags != flags:
        exchange(right, field, flags, record.flags, cell, tally)
    if record.flags & R_CHALLENGED:  # until the ruling nothing else happens to it
        where = patent_bin(month, record.filed, invalidation.ruling_month(record))
    else:
        ease = chances.ease_of(owner_cell, owners.tier[record.owner], record.owner, record.serial, record.filed,
                               market_theta)
        record.bound = chances.bound_on(month - record.granted, record.flags, record.quality, field, ease, owner_cell,
                                        theta, market_theta, rates)
        where = patent_sleeps(month, record.filed, record.bound, x)
        if why == PATENT_YEARS and open_offer.weighs(record, w, market_theta, cell):
            where = WEIGHING * WAKE_SLOTS + month
    place = bins.add(register, where)
    register.records[place] = record
    if why == PATENT_YEARS and loans.comes_up(month, record, v, theta[OFFERED_SHARE, cell], borrowers):
        loans.note(offers, place)
