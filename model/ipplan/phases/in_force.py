"""Steps 8 and 9: the life of a right in force - renewal, use, deals - at the months it wakes.

A patent wakes at its anniversary and at candidate months drawn at a constant rate; at a candidate month an event
(own use starts or ends, a meeting on the market, a related-party transfer) happens with probability hazard over
candidate rate, as it stands that month. This is thinning (Lewis & Shedler 1979): exact under changing hazards, and
a right costs nothing in the months between. A mark wakes after ten years; one in bad faith also by chance.
"""

from __future__ import annotations

import math

from ipplan.compiled import fetch_ahead, inlined, kernel
from ipplan.ledger import (
    AWARDED,
    EXPIRED,
    FEES_PAID,
    IN_FORCE,
    IN_FORCE_BAD,
    INVALIDATED,
    LAPSED,
    LAPSED_IDLE,
    OVERSEAS_FAMILY,
    PLEDGED_FLOW,
    RELATED_TRANSFER,
    RENEWALS_DUE,
    USED_STARTED,
    USED_STOPPED,
    count,
    move,
)
from ipplan.phases import market as mk
from ipplan.phases.filing import keeping_value
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
from ipplan.rights.docket import free_row, new_row, push
from ipplan.rights.register import (
    R_AWARD,
    R_BAD,
    R_HIGH_VALUE,
    R_IDLE,
    R_LATENT,
    R_LICENSED,
    R_LISTED,
    R_OVER_10Y,
    R_OVERSEAS,
    R_PLEDGED,
    R_SEI,
    R_TOUCHED,
    R_TRADED,
    R_USED,
    STOCK_FLAGS,
    WAKE_SLOTS,
)
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import FOREIGN, INDIVIDUAL, INSTITUTE, INVENTION, N_KINDS, TRADEMARK, UNIVERSITY

# compiled-constants
_LIFE = int(Stream.LIFE)

CANDIDATES_PER_YEAR = 0.9
MARK_CANDIDATES_PER_YEAR = 0.25
EVENTS_PER_YEAR = 11.0 * (1.0 - math.exp(-CANDIDATES_PER_YEAR / 12.0))
"""Candidate months a patent has in a year: each month but the anniversary is one by chance. Hazards add up to less."""
MARK_EVENTS_PER_YEAR = 12.0 * (1.0 - math.exp(-MARK_CANDIDATES_PER_YEAR / 12.0))
MARK_TERM = 120

READS = (
    "use.at_grant.*", "use.hazard.*", "use.stop_hazard", "use.quality_loading", "use.young_boost",
    "renewal.use_premium", "renewal.trademark_keep", "renewal.trademark_keep_bad", "screening.mark_invalidation",
    "tagging.overseas.*", "tagging.pledge_rate", "tagging.award_rate", "tagging.latent_cut",
    "market.listing_share", "market.screening_noise", "market.unlisted_release", "invention.value_log_median",
    "invention.value_log_sd",
)  # fmt: skip
(
    USE_AT_GRANT, USE_HAZARD, STOP_HAZARD, USE_QUALITY, USE_YOUNG, USE_PREMIUM, KEEP_MARK, KEEP_BAD_MARK,
    MARK_INVALIDATION, OVERSEAS_SHARE, PLEDGE_RATE, AWARD_RATE, LATENT_CUT, LISTING_SHARE, LISTING_NOISE,
    UNLISTED_RELEASE, VALUE_MEDIAN, VALUE_SD,
) = range(18)  # fmt: skip


@inlined
def holdings(right, field, flags, cell, n, tally):
    """Add (n = 1) or take away (n = -1) a right from every stock it belongs to: a flag is a stock, in order."""
    move(tally, IN_FORCE, right, cell, n)
    if right != TRADEMARK and flags & R_USED == 0:
        tally.unused[field, cell % N_KINDS] += n
    flags &= STOCK_FLAGS
    stock = IN_FORCE_BAD
    while flags:
        if flags & 1:
            move(tally, stock, right, cell, n)
        flags >>= 1
        stock += 1


@inlined
def official_value(record, cell):
    """Set the official high-value mark: a union of five categories, domestic inventions only, each counted once."""
    counted = R_SEI | R_OVERSEAS | R_OVER_10Y | R_PLEDGED | R_AWARD
    if record.right == INVENTION and cell % N_KINDS != FOREIGN and record.flags & counted:
        record.flags |= R_HIGH_VALUE
    else:
        record.flags &= ~R_HIGH_VALUE


@inlined
def life_draws(seed, record, month):
    """Return the four uniforms of a right's month: event, second and third question, next candidate month."""
    return uniforms(seed, _LIFE, record.owner, record.serial + (record.filed + 1024) * 65536, month, 0)


@inlined
def schedule(month, record, row, u, register):
    """Put a right to sleep until its next anniversary or candidate month (by the uniform ``u``), whichever is first."""
    if record.right == TRADEMARK:
        passed = (month - record.granted) // MARK_TERM
        wake = record.granted + (passed + 1) * MARK_TERM
        if record.flags & R_BAD:
            wake = min(wake, month + 1 + int(-math.log(u) * 12.0 / MARK_CANDIDATES_PER_YEAR))
    else:
        years = (month - record.filed) // 12
        wake = record.filed + (years + 1) * 12
        wake = min(wake, month + 1 + int(-math.log(u) * 12.0 / CANDIDATES_PER_YEAR))
    record.wake = wake
    push(register.next, register.wake, min(wake, WAKE_SLOTS - 1), row)


@inlined
def enter_register(seed, month, owner, filed, granted, serial, right, field, bad, labelled, quality, log_value, v, w,
                   x, cell, theta, owners, register, tally):
    """Put a right on the register; uniforms decide on use at grant (``v``) and a family abroad (``w``).

    Returns 1 if it is truly valuable.
    """
    row = new_row(register.book, register.next)
    record = register.rights[row]
    record.owner = owner
    record.filed = filed
    record.granted = granted
    record.serial = serial
    record.log_value = log_value
    record.quality = quality
    record.right = right
    record.field = field
    flags = R_BAD * bad
    latent = 0
    if right != TRADEMARK:
        use = theta[USE_AT_GRANT, cell] * (0.2 if bad else 1.0) * math.exp(0.5 * theta[USE_QUALITY, cell] * quality)
        if v < min(0.98, use):
            flags |= R_USED | R_TOUCHED
        if right == INVENTION:
            if labelled:
                flags |= R_SEI
            if w < theta[OVERSEAS_SHARE, cell] * (0.1 if bad else 1.0) * math.exp(min(1.5, 0.4 * quality)):
                flags |= R_OVERSEAS
                count(tally, OVERSEAS_FAMILY, right, cell, 1)
            if log_value > theta[LATENT_CUT, cell]:
                flags |= R_LATENT
                latent = 1
    record.flags = flags
    official_value(record, cell)
    holdings(right, field, record.flags, cell, 1, tally)
    schedule(month, record, row, life_draws(seed, record, month)[3], register)
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
    """Update what a kept patent counts as: age, idleness, pledge, award, inventory of universities and institutes."""
    age = (month - record.filed) // 12
    flags = record.flags & ~R_PLEDGED
    if record.right == INVENTION:
        if age >= 10:
            flags |= R_OVER_10Y
        if kind < INDIVIDUAL and u < theta[PLEDGE_RATE, cell]:
            flags |= R_PLEDGED | R_TOUCHED
            count(tally, PLEDGED_FLOW, record.right, cell, 1)
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
def chance_event(seed, month, record, kind, cell, u, v, w, theta, market_theta, rates, staff_free, firms, owners,
                 tally):
    """What happens at a candidate month: own use starts or ends, a meeting, a related-party transfer, or nothing."""
    right = record.right
    u *= EVENTS_PER_YEAR
    related = market_theta[mk.RELATED, cell]
    if u < related:
        count(tally, RELATED_TRANSFER, right, cell, 1)
        kind_of_deal = R_LICENSED if u < related * market_theta[mk.RELATED_LICENCE, cell] else R_TRADED
        record.flags = (record.flags | kind_of_deal | R_TOUCHED) & ~R_IDLE
        return cell
    u -= related
    if record.flags & R_LICENSED:
        if u < market_theta[mk.LICENCE_END, cell]:
            record.flags &= ~R_LICENSED
            return cell
        u -= market_theta[mk.LICENCE_END, cell]
    if record.flags & R_USED:
        if u < theta[STOP_HAZARD, cell]:
            record.flags &= ~R_USED
            count(tally, USED_STOPPED, right, cell, 1)
        return cell
    young = theta[USE_YOUNG, cell] if month - record.granted < 36 else 0.0
    use = theta[USE_HAZARD, cell] * math.exp(min(1.5, theta[USE_QUALITY, cell] * record.quality + young))
    if record.flags & R_BAD:
        use *= 0.1
    if u < use:
        record.flags = (record.flags | R_USED | R_TOUCHED) & ~R_IDLE
        count(tally, USED_STARTED, right, cell, 1)
        return cell
    u -= use
    meeting = 12.0 * rates[record.field] * market_theta[mk.OFFER, cell] * mk.effort(kind, market_theta, cell)
    if record.flags & R_LISTED:
        meeting *= math.exp(market_theta[mk.LISTING_BOOST, cell])
    if u >= meeting:
        return cell
    value = math.exp(min(record.log_value, 20.0)) * 0.93 ** ((month - record.filed) / 12.0)
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
    official_value(record, cell)
    return cell


@inlined
def mark_event(month, record, cell, u, theta, tally):
    """A mark wakes: struck ex officio (bad faith, by chance), or renewed after ten years. True where it stays."""
    bad = record.flags & R_BAD
    if (month - record.granted) % MARK_TERM != 0:
        if u < theta[MARK_INVALIDATION, cell] / MARK_EVENTS_PER_YEAR:
            count(tally, INVALIDATED, TRADEMARK, cell, 1)
            return False
        return True
    count(tally, RENEWALS_DUE, TRADEMARK, cell, 1)
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
    if stays:
        count(tally, FEES_PAID, right, cell, int(fee))
        new_year(month, record, kind, cell, v, w, theta, tally)
        return True
    count(tally, LAPSED, right, cell, 1)
    if record.flags & R_IDLE:
        count(tally, LAPSED_IDLE, right, cell, 1)
    return False


@kernel
def wake(seed, month, register, owners, theta, renewal_theta, market_theta, waiting, rates, staff_free, firms, tally):
    """Wake the rights whose month has come; ``rates`` [field] meetings a month, ``firms`` rows that can buy."""
    row = register.wake[month]
    register.wake[month] = -1
    after = register.next[row] if row >= 0 else row
    while row >= 0:
        later = after
        if after >= 0:
            later = register.next[after]
            if later >= 0:
                fetch_ahead(register.rights, later)
                fetch_ahead(register.next, later)
        record = register.rights[row]
        cell = owners.cell[record.owner]
        right, old_flags, old_cell = record.right, record.flags, cell
        u, v, w, x = life_draws(seed, record, month)
        if right == TRADEMARK:
            stays = mark_event(month, record, cell, u, theta, tally)
        elif (month - record.filed) % 12 == 0:
            stays = patent_year(month, record, cell % N_KINDS, cell, u, v, w, theta, renewal_theta, waiting, tally)
        else:
            stays = True
            cell = chance_event(seed, month, record, cell % N_KINDS, cell, u, v, w, theta, market_theta, rates,
                                staff_free, firms, owners, tally)
        new_flags = record.flags
        if not stays or new_flags != old_flags or cell != old_cell:
            for side in range(1 + stays):
                if side == 0:
                    holdings(right, record.field, old_flags, old_cell, -1, tally)
                else:
                    holdings(right, record.field, new_flags, cell, 1, tally)
        if stays:
            schedule(month, record, row, x, register)
        else:
            free_row(register.book, register.next, row)
        row, after = after, later
