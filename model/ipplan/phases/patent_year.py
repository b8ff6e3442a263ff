"""Step 8: a patent's anniversary: the term ends, or the annuity of the coming year is paid or not.

What is kept for another year is looked at anew: its age, whether it is idle, what it counts as, whether a university
lists it.
"""

from __future__ import annotations

import math

from ipplan.compiled import inlined
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
from ipplan.phases import chances
from ipplan.phases.filing import keeping_value
from ipplan.phases.holdings import counts_abroad, official_value, over_ten_years
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
from ipplan.rights.register import (
    R_AWARD,
    R_CHALLENGED,
    R_IDLE,
    R_LATENT,
    R_LICENSED,
    R_LISTED,
    R_OVER_10Y,
    R_OVERSEAS,
    R_TOUCHED,
    R_TRADED,
    R_USED,
)
from ipplan.streams import normal_quantile
from ipplan.world import INSTITUTE, INVENTION, UNIVERSITY

# compiled-constants
READS = (
    "renewal.use_premium", "tagging.award_rate", "market.listing_share", "market.screening_noise",
    "market.unlisted_release", "invention.value_log_median", "invention.value_log_sd",
    "definition.ten_years_from_grant", "definition.family_when_filed",
)  # fmt: skip
(
    USE_PREMIUM, AWARD_RATE, LISTING_SHARE, LISTING_NOISE, UNLISTED_RELEASE, VALUE_MEDIAN, VALUE_SD, FROM_GRANT,
    WHEN_FILED,
) = range(len(chances.READS), len(chances.READS) + len(READS))  # fmt: skip
"""Rows of the table ``in_force``, behind those of ``chances``."""


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
def live_year(month, record, kind, cell, u, v, w, theta, renewal_theta, waiting, tally):
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
