"""Step 9b: owners and users of patents meet, and some agree (Agrawal, Cockburn & Zhang 2015: three gates).

In a field, meetings are M = alpha S^(1-e) D^e a month of patents on offer S and searching buyers D (thickness). A
buyer's value is the patent's return times a fit that decays with technical distance, times absorptive capacity.
Universities and institutes need transfer staff for a negotiation (congestion), and fear of liability stops some
deals; a deal worth making is signed with a probability (safety). The price splits the surplus (Nash): no surplus,
no trade. A deal is a licence or a transfer; whether the patent is then really used is another matter.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import helper, inlined, kernel
from ipplan.ledger import LICENSED, MEETINGS, NO_STAFF, NO_SURPLUS, PRICE_PAID, TRANSFERRED, count, flow
from ipplan.phases import joint, tiers
from ipplan.rights.keys import filing_key
from ipplan.rights.register import R_LISTED
from ipplan.streams import Stream, again, normal_quantile, uniforms
from ipplan.world import INSTITUTE, N_CELLS, N_FIELDS, N_KINDS, N_PROVINCES, UNIVERSITY

# compiled-constants
_MARKET = int(Stream.MARKET)
CONSENT_REFUSED, DEALS_USED = flow("consent_refused"), flow("deals_used")

READS = (
    "market.efficiency", "market.buyers_per_firm", "market.offer_share.*", "market.fit_length",
    "market.absorptive_log_sd", "market.adoption_cost", "market.seller_share", "market.safety", "market.staff",
    "market.licence_share", "market.related_rate.*", "market.listing_boost", "market.use_after_deal",
    "market.owner_fallback", "market.related_licence_share", "market.licence_end", "university.weight_counts",
    "university.inventor_share", "university.liability", "market.buyer_elasticity", "market.effort_elasticity",
    "market.staff_weight", "market.value_kept", "use.bad_ratio.hazard", "use.young_months", "use.most_promise",
    "joint.share", "joint.use_ratio", "joint.consent", "nominal.occasions", "nominal.points", "nominal.cost",
    "nominal.spread", "open_licence.attention", "open_licence.cost", "open_licence.exclusivity",
    "open_licence.exclusivity_log_sd", "open_licence.visibility", "open_licence.relief", *tiers.READS,
)  # fmt: skip
(
    EFFICIENCY, BUYERS, OFFER, FIT_LENGTH, ABSORPTIVE_SD, ADOPTION_COST, SELLER_SHARE, SAFETY, STAFF, LICENCE_SHARE,
    RELATED, LISTED, USE_AFTER, FALLBACK, RELATED_LICENCE, LICENCE_END, WEIGHT_COUNTS, INVENTOR_SHARE,
    LIABILITY, BUYER_ELASTICITY, EFFORT, STAFF_WEIGHT, VALUE_KEPT, BAD_USE, YOUNG_MONTHS, MOST_PROMISE,
    JOINT_SHARE, JOINT_RATIO, CONSENT, NOMINAL, POINTS, NOMINAL_COST, NOMINAL_SPREAD, ATTENTION, OPEN_COST, EXCLUSIVITY,
    EXCLUSIVITY_SD, VISIBILITY, OPEN_RELIEF, TIER_USE,
) = range(40)  # fmt: skip
"""``VALUE_KEPT`` to ``MOST_PROMISE`` are for ``chances``, by which patents come to a meeting; then for ``joint``,
``nominal`` (its row holds deals a year, see ``nominal.reckon``), ``open_offer`` and ``tiers`` (several). ``EFFORT`` and
``LISTED`` are read as an elasticity and a logarithm, and hold factors (``reckon``)."""

MOST_LOG_VALUE = 20.0
"""Log returns beyond change no deal; keeps exp finite."""
PER_FIRMS = 1000.0
"""Searching buyers are counted per 1,000 firms."""
CONVERSIONS_2017, INVENTORS_2017 = 0.15, 0.5
"""Weight of conversions in evaluation and inventors' share in 2017: efforts are relative to these, a matter of units
(the level of offers is ``market.offer_share``)."""

NO_DEAL, LICENCE, TRANSFER = 0, 1, 2

Floats = NDArray[np.float64]


@helper
def surplus(buyer_value, fallback, adoption_cost):
    """Return the surplus in yuan a year of a deal over the owner's own use of the patent."""
    return buyer_value - fallback - adoption_cost


@helper
def power(x, exponent):
    """Return ``x`` to a power; to one half by the square root, which is exact and quick."""
    return math.sqrt(x) if exponent == 0.5 else x**exponent


def effort(weight_counts: Floats, inventor_share: Floats, elasticity: Floats) -> Floats:
    """Return the relative effort for conversions of universities and institutes (1 at the values of 2017)."""
    gain = (1.0 - weight_counts) / CONVERSIONS_2017 * inventor_share / INVENTORS_2017
    found: Floats = gain**elasticity
    return found


def reckon(values: Floats) -> None:
    """Turn the rows ``EFFORT`` and ``LISTED`` of the market's table [month, read, cell] into factors on meetings."""
    for kind in range(N_KINDS):
        cells = slice(kind, None, N_KINDS)
        if kind in (UNIVERSITY, INSTITUTE):
            values[:, EFFORT, cells] = effort(values[:, WEIGHT_COUNTS, cells], values[:, INVENTOR_SHARE, cells],
                                              values[:, EFFORT, cells])  # fmt: skip
        else:
            values[:, EFFORT, cells] = 1.0
    values[:, LISTED] = np.exp(values[:, LISTED])


@inlined
def meetings(field, flags, cell, theta, rates):
    """Return the meetings a year of a patent on offer that is not in use."""
    met = 12.0 * rates[field] * theta[OFFER, cell] * theta[EFFORT, cell]
    return met * theta[LISTED, cell] if flags & R_LISTED else met


@kernel
def meeting_rates(efficiency, searching, elasticity, offers, unused, firms, field_shares, rates):
    """Set ``rates`` [field]: meetings a month per patent on offer, from ``unused`` [field, kind] and buyers.

    ``offers`` [kind] is the share of unused patents on offer, ``searching`` buyers a month per 1,000 firms, ``firms``
    the number of enterprises at the scale of the run. Meetings double when both sides double; ``elasticity`` is theirs
    with respect to buyers.
    """
    for field in range(N_FIELDS):
        offered = 0.0
        for kind in range(N_KINDS):
            offered += offers[kind] * unused[field, kind]
        buyers = searching * firms / PER_FIRMS * field_shares[field]
        rates[field] = efficiency * power(buyers / max(offered, 1e-9), elasticity) if offered > 0.0 else 0.0


def set_rates(
    theta: np.ndarray, unused: np.ndarray, firms: float, field_shares: np.ndarray, rates: np.ndarray
) -> None:
    """Set ``rates`` [field] from the market's table [read, cell]; supply is the nation's, so offers are averaged."""
    offers = np.empty(N_KINDS)
    national_offers(theta, offers)
    elasticity = theta[BUYER_ELASTICITY, 0]
    meeting_rates(theta[EFFICIENCY, 0], theta[BUYERS, 0], elasticity, offers, unused, firms, field_shares, rates)


@kernel
def national_offers(theta, offers):
    """Set the share of unused patents on offer, [kind], a mean over provinces."""
    for kind in range(N_KINDS):
        offers[kind] = 0.0
        for province in range(N_PROVINCES):
            offers[kind] += theta[OFFER, province * N_KINDS + kind] / N_PROVINCES


@inlined
def meet(seed, month, owner, serial, filed, value, kind, right, cell, theta, staff_free, tally):
    """Hold one meeting over a patent worth ``value`` yuan a year in use; return how it ends."""
    count(tally, MEETINGS, right, cell, 1)
    u, v, w, x = uniforms(seed, _MARKET, owner, filing_key(serial, filed), month, 0)
    y, z, _, _ = uniforms(seed, _MARKET, owner, filing_key(serial, filed), month, 1)
    fit = math.exp(-0.5 * u / theta[FIT_LENGTH, cell])
    absorptive = math.exp(theta[ABSORPTIVE_SD, cell] * normal_quantile(v))
    fallback = theta[FALLBACK, cell] * value
    gain = surplus(value * fit * absorptive, fallback, theta[ADOPTION_COST, cell])
    if gain <= 0.0:
        count(tally, NO_SURPLUS, right, cell, 1)
        return NO_DEAL
    if kind == UNIVERSITY or kind == INSTITUTE:
        tally.asked[cell] += 1
        if w >= staff_free[cell]:
            count(tally, NO_STAFF, right, cell, 1)
            return NO_DEAL
        if y < theta[LIABILITY, cell]:
            return NO_DEAL
    if x >= theta[SAFETY, cell]:
        return NO_DEAL
    licence = z < theta[LICENCE_SHARE, cell]
    co_owned = kind == UNIVERSITY and joint.owned_jointly(owner, serial, filed, theta[JOINT_SHARE, cell])
    if co_owned and not licence and again(y) >= theta[CONSENT, cell]:  # all must consent to a sale
        count(tally, CONSENT_REFUSED, right, cell, 1)
        return NO_DEAL
    price = fallback + theta[SELLER_SHARE, cell] * gain
    count(tally, PRICE_PAID, right, cell, int(price))
    if licence:
        count(tally, LICENSED, right, cell, 1)
        return LICENCE
    count(tally, TRANSFERRED, right, cell, 1)
    return TRANSFER


def staff_free(theta: np.ndarray, asked: np.ndarray, scale: float, before: np.ndarray) -> np.ndarray:
    """Return the chance [cell] that transfer staff are free: capacity over last month's demand, smoothed.

    The nation's capacity is shared by provinces as demand is; ``asked`` [cell] are deals that asked last month.
    """
    free = np.empty(N_CELLS)
    set_staff_free(theta, asked, scale, before, free)
    return free


@kernel
def set_staff_free(theta, asked, scale, demand, free):
    """Smooth the ``demand`` [] for transfer staff, and set the chance that they are ``free``."""
    deals = 0
    for cell in range(N_CELLS):
        deals += asked[cell]
    weight = theta[STAFF_WEIGHT, 0]
    demand[()] = (1.0 - weight) * demand[()] + weight * deals / scale
    for cell in range(N_CELLS):
        free[cell] = min(1.0, theta[STAFF, cell] / max(demand[()], 1.0))
