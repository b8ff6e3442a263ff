"""Steps 8 and 9: the life of a right in force - entry, renewal, what it counts as - at the months it wakes.

A patent wakes at its anniversary, where it is renewed or lapses, and at candidate months in between (``chances``); a
mark wakes after ten years, one in bad faith also by chance. Rights that wake for the same reason lie in the same bin.
"""

from __future__ import annotations

import math

from ipplan.compiled import inlined, kernel
from ipplan.ledger import (
    AWARDED,
    EXPIRED,
    FEES_PAID,
    LAPSED,
    LAPSED_IDLE,
    OVERSEAS_FAMILY,
    RENEWALS_DUE,
    count,
)
from ipplan.phases import (
    brand_licences,
    cancellation,
    chances,
    infringement,
    invalidation,
    joint,
    open_offer,
    squatting,
    tiers,
)
from ipplan.phases import market as mk
from ipplan.phases.filing import keeping_value
from ipplan.phases.holdings import counts_abroad, exchange, hold, official_value, over_ten_years
from ipplan.phases.renewal import (
    DECAY_INVENTION,
    FEE_LEVEL,
    MOST_YEARS,
    RELIEF,
    RELIEF_YEARS,
    SHOCK,
    annuity,
    holding,
    term_years,
)
from ipplan.rights import bins, loans
from ipplan.rights.keys import filing_key
from ipplan.rights.register import (
    MARKS,
    PATENT_CHANCES,
    PATENT_YEARS,
    R_AWARD,
    R_BAD,
    R_CHALLENGED,
    R_IDLE,
    R_LATENT,
    R_LICENSED,
    R_LISTED,
    R_OVER_10Y,
    R_OVERSEAS,
    R_SEI,
    R_TOUCHED,
    R_TRADED,
    R_USED,
    WAKE_SLOTS,
    WEIGHING,
)
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import FOREIGN, INSTITUTE, INVENTION, N_KINDS, TRADEMARK, UNIVERSITY

# compiled-constants
_LIFE = int(Stream.LIFE)

MARK_CANDIDATES_PER_YEAR = 0.25
MARK_EVENTS_PER_YEAR = 12.0 * (1.0 - math.exp(-MARK_CANDIDATES_PER_YEAR / 12.0))
MARK_TERM = 120
BAD_USE_AT_GRANT = 0.2
"""Use at grant of what was filed in bad faith, against an honest patent of its quality (assumed)."""

READS = (
    *chances.READS, "use.at_grant.*", "renewal.use_premium", "renewal.trademark_keep", "renewal.trademark_keep_bad",
    "overseas.start_share.*", "finance.offered_share", "tagging.award_rate",
    "tagging.latent_cut", "market.listing_share", "market.screening_noise", "market.unlisted_release",
    "invention.value_log_median", "invention.value_log_sd", "definition.ten_years_from_grant",
    "definition.family_when_filed", "definition.filed_per_granted", *squatting.READS, *brand_licences.READS,
)  # fmt: skip
(
    USE_AT_GRANT, USE_PREMIUM, KEEP_MARK, KEEP_BAD_MARK, OVERSEAS_SHARE, OFFERED_SHARE, AWARD_RATE,
    LATENT_CUT, LISTING_SHARE, LISTING_NOISE, UNLISTED_RELEASE, VALUE_MEDIAN, VALUE_SD, FROM_GRANT, WHEN_FILED,
    FILED_PER_GRANTED, OF_MARKS,
) = range(4, 21)  # fmt: skip
"""The last of several (``squatting``, ``cancellation``)."""
OF_LICENCES = OF_MARKS + len(squatting.READS)
"""The first of those of ``brand_licences``."""


@inlined
def life_draws(seed, owner, serial, filed, month):
    """Return the four uniforms of a right's month: event, second and third question, next candidate month."""
    return uniforms(seed, _LIFE, owner, filing_key(serial, filed), month, 0)


@inlined
def next_year(month, filed):
    """Return the month of the next anniversary of the filing."""
    return filed + ((month - filed) // 12 + 1) * 12


@inlined
def patent_sleeps(month, filed, bound, u):
    """Return the bin in which a patent sleeps: of its anniversary, or of a candidate month if that is sooner."""
    return patent_bin(month, filed, month + chances.months_to_candidate(bound, u))


@inlined
def patent_bin(month, filed, chance):
    """Return the bin of a patent for which something may happen in the month ``chance``."""
    year = next_year(month, filed)
    return PATENT_CHANCES * WAKE_SLOTS + chance if chance < year else PATENT_YEARS * WAKE_SLOTS + year


@inlined
def mark_wakes(month, granted, bad, u):
    """Return when a mark wakes next: at the end of its term, or sooner by chance (bad faith found out, infringed)."""
    wake = granted + ((month - granted) // MARK_TERM + 1) * MARK_TERM
    rate = MARK_CANDIDATES_PER_YEAR if bad else infringement.MARK_OCCASIONS_PER_YEAR
    wake = min(wake, month + 1 + int(-math.log(u) * 12.0 / rate))
    return min(wake, WAKE_SLOTS - 1)


@inlined
def enter_register(month, owner, filed, granted, serial, right, field, bad, labelled, quality, log_value, v, w, x,
                   cell, theta, market_theta, rates, owners, register, tally):
    """Put a right on the register; uniforms: use at grant (``v``), a family abroad (``w``), the first sleep (``x``).

    Returns 1 if it is truly valuable.
    """
    flags = R_BAD * bad
    latent = 0
    bound = 0
    if right == TRADEMARK:
        flags |= cancellation.enters_in_use(month, granted, bad, labelled, quality, v, theta, OF_MARKS, cell)
        where = MARKS * WAKE_SLOTS + mark_wakes(month, granted, bad, x)
    else:
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
        where = patent_sleeps(month, filed, bound, x)
    record = register.records[bins.add(register, where)]
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
def renews(month, record, kind, cell, u, theta, renewal_theta, waiting):
    """Decide on the annuity of the coming year (shock by the uniform ``u``); returns (keep, fee in yuan)."""
    right = record.right
    age = (month - record.filed) // 12
    fee = annuity(right, age + 1, (month - record.granted) / 12.0, kind, renewal_theta[FEE_LEVEL, cell],
                  renewal_theta[RELIEF, cell], renewal_theta[RELIEF_YEARS, cell])
    hold = holding(renewal_theta, cell, right)
    if (kind == UNIVERSITY or kind == INSTITUTE) and record.flags & R_LISTED == 0:
        hold *= 1.0 - theta[UNLISTED_RELEASE, cell] * min(1.0, theta[LISTING_SHARE, cell] / 0.4)
    log_value = record.log_value
    if record.flags & (R_USED | R_LICENSED):
        log_value += theta[USE_PREMIUM, cell]
    decay = renewal_theta[DECAY_INVENTION + right, cell]
    need = fee - hold - keeping_value(waiting, (kind * 3 + right) * MOST_YEARS + min(age, MOST_YEARS - 1), log_value)
    if need <= 0.0:
        return True, fee
    gain = log_value + age * math.log(1.0 - decay) + renewal_theta[SHOCK, cell] * normal_quantile(u)
    return gain >= math.log(need), fee


@inlined
def new_year(month, record, kind, cell, u, w, theta, tally):
    """Update what a kept patent counts as: age, idleness, award, inventory of universities and institutes."""
    age = (month - record.filed) // 12
    flags = record.flags
    if record.right == INVENTION:
        if over_ten_years(month, record, theta[FROM_GRANT, cell]):
            flags |= R_OVER_10Y
        if u > 1.0 - theta[AWARD_RATE, cell] and record.flags & R_LATENT:
            flags |= R_AWARD
            count(tally, AWARDED, record.right, cell, 1)
    if kind == UNIVERSITY or kind == INSTITUTE:
        share = theta[LISTING_SHARE, cell]
        noise = theta[LISTING_NOISE, cell]
        spread = math.sqrt(theta[VALUE_SD, cell] ** 2 + noise * noise)
        signal = record.log_value - theta[VALUE_MEDIAN, cell] + noise * normal_quantile(w)
        if signal > spread * normal_quantile(1.0 - share):
            flags |= R_LISTED
        else:
            flags &= ~R_LISTED
    if age >= 3 and flags & R_TOUCHED == 0:
        flags |= R_IDLE
    else:
        flags &= ~R_IDLE
    record.flags = flags
    official_value(record, cell)


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


@inlined
def patent_year(month, record, kind, cell, u, v, w, theta, renewal_theta, waiting, tally):
    """An anniversary: the term ends, or the annuity is paid or not. True where the right stays."""
    right = record.right
    count(tally, RENEWALS_DUE, right, cell, 1)
    if (month - record.filed) // 12 >= term_years(right, record.filed):
        count(tally, EXPIRED, right, cell, 1)
        return False
    stays, fee = renews(month, record, kind, cell, u, theta, renewal_theta, waiting)
    if stays or record.flags & R_CHALLENGED:  # a right in dispute is kept
        count(tally, FEES_PAID, right, cell, int(fee))
        new_year(month, record, kind, cell, v, w, theta, tally)
        return True
    count(tally, LAPSED, right, cell, 1)
    if record.flags & R_IDLE:
        count(tally, LAPSED_IDLE, right, cell, 1)
    return False


@inlined
def note_family(record, cell, granted_abroad, theta, tally):
    """Mark an invention whose family has meanwhile got its first right abroad (never after a sale: ids are owners')."""
    if record.right != INVENTION or record.filed < 0 or record.flags & (R_OVERSEAS | R_TRADED) != 0:
        return
    if counts_abroad(granted_abroad, record.owner, record.serial, record.filed, theta[WHEN_FILED, cell]):
        record.flags |= R_OVERSEAS
        count(tally, OVERSEAS_FAMILY, INVENTION, cell, 1)
        official_value(record, cell)


@kernel
def wake(seed, month, register, owners, theta, renewal_theta, market_theta, waiting, rates, staff_free, firms,
         borrowers, offers, climate, disputes, tally):
    """Wake the rights whose month has come; ``rates`` [field] meetings a month, ``firms`` rows that can buy.

    ``offers`` lists those that come up as security, of those ``borrowers`` who seek a loan or have one.
    """
    for why in range(3):
        where = why * WAKE_SLOTS + month
        chunk = bins.take_out(register, where)
        while chunk >= 0:
            behind, n = bins.read_on(register, chunk, where)
            for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
                record = register.records[place]
                if why == MARKS:
                    wake_mark(seed, month, register, record, firms, owners, theta, climate, disputes, tally)
                else:
                    wake_patent(seed, month, register, record, why, owners, theta, renewal_theta, market_theta, waiting,
                                rates, staff_free, firms, borrowers, offers, climate, disputes, tally)
            bins.give_back(register, chunk)
            chunk = behind


@inlined
def wake_mark(seed, month, register, record, firms, owners, theta, climate, disputes, tally):
    """A mark wakes: it goes, or sleeps on."""
    cell = owners.cell[record.owner]
    u, v, w, x = life_draws(seed, record.owner, record.serial, record.filed, month)
    if mark_event(month, record, cell, u, v, w, firms, owners, theta, tally):
        cell = owners.cell[record.owner]  # it may have been sold
        if record.flags & R_BAD == 0 and (month - record.granted) % MARK_TERM:
            infringement.occasion(seed, month, record, cell, climate, disputes, tally)
        until = mark_wakes(month, record.granted, record.flags & R_BAD, x)
        register.records[bins.add(register, MARKS * WAKE_SLOTS + until)] = record
    else:
        hold(TRADEMARK, record.field, record.flags, cell, -1, tally)


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
        if not patent_year(month, record, kind, cell, u, v, w, theta, renewal_theta, waiting, tally):
            invalidation.moot(record, cell, tally)
            hold(right, field, flags, cell, -1, tally)
            return
        note_family(record, cell, register.granted_abroad, theta, tally)
        tiers.note_year(record, kind, owners.tier[record.owner], cell, tally)
        joint.note_year(record, kind, cell, market_theta[mk.JOINT_SHARE, cell], tally)
        disputes.patentee[record.owner] = 1
        if record.flags & R_USED:
            infringement.occasion(seed, month, record, cell, climate, disputes, tally)
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
