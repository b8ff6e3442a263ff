"""Geographical indications: collective reputation, cheating and monitoring (Shapiro 1983, Tirole 1996).

An indication sells at P = 1 + pi R over its price without a name; R, the reputation its users share, follows what
buyers meet,

    R' = R + h (qbar - R),     qbar = q (1 - gap x) / (1 + k)

q the quality of honest users, x the share of users who cheat (they leave out ``gap`` of it), k counterfeit sales over
genuine ones. A user cheats where the premium on what it leaves out exceeds the sanction it expects, an outsider
counterfeits where the whole premium does; tastes differ, so of both there are shares (Becker 1968):

    x = Phi(ln(pi R gap / (p F)) / s),     k = k0 Phi(ln(pi R / (p F)) / s) + what was driven here from elsewhere

p is learned from inspections. Producers differ in size (lognormal): those large enough to gain enter until the smallest
user gains nothing, and the largest came first, so sales follow the upper part of the sizes, not the count of users.
Demonstration areas inspect more, lift quality, cost their users more, and drive counterfeiters elsewhere.
"""

from __future__ import annotations

import math

from ipplan.agents.producers import N_PRODUCER_GROUPS, PER_PROVINCE
from ipplan.compiled import helper, kernel
from ipplan.streams import Stream, counted, normal_cdf, normal_quantile, uniforms
from ipplan.world import N_KINDS, SME

# compiled-constants
_MONTH = int(Stream.INDICATION)

READS = (
    "gi.premium", "gi.quality_gap", "gi.sanction", "gi.taste_sd", "gi.inspection", "gi.inspection_response",
    "gi.test_power", "gi.learning", "gi.reputation_speed", "gi.counterfeit", "gi.quality_cost", "gi.compliance_cost",
    "gi.size_log_sd", "gi.entry_rate", "gi.exit_rate", "gi.recognition", "gi.dilution", "gi.producers_per_product",
    "gi.absorption", "gi.absorbed_users", "gi.demonstration_share", "gi.vigilance", "gi.standard_lift",
    "gi.compliance_ratio", "gi.displaced_share", "gi.conflict_rate", "gi.conflict_months", "gi.conflict_loss",
    "gi.growth",
)  # fmt: skip
(
    PREMIUM, GAP, SANCTION, TASTE, INSPECTION, RESPONSE, POWER, LEARNING, SPEED, COUNTERFEIT, QUALITY_COST, COMPLIANCE,
    SIZE_SD, ENTRY, EXIT, RECOGNITION, DILUTION, PER_PRODUCT, ABSORPTION, ABSORBED_USERS, DEMONSTRATION, VIGILANCE,
    LIFT, COMPLIANCE_RATIO, DISPLACED, CONFLICT_RATE, CONFLICT_MONTHS, CONFLICT_LOSS, GROWTH,
) = range(29)  # fmt: skip

(
    PRODUCTS, RECOGNISED, ABSORBED, USERS, ENTERED, LEFT, INSPECTED, FOUND, CHEATING, REPUTATION, OUTPUT,
    OUTPUT_TREATED, COUNTERFEITS, DISPLACED_SALES, CONFLICTS, CONFLICTS_OPEN, PRICED_OUT, PRODUCERS,
) = range(18)  # fmt: skip
N_GAUGES = 18
"""What the month looked like, in the order of the ledger's gauges ``gi_*``."""


@helper
def share_willing(gain, loss, spread):
    """Return the share whose gain exceeds the loss they expect, tastes lognormal."""
    if gain <= 0.0:
        return 0.0
    if loss <= 0.0:
        return 1.0
    return normal_cdf(math.log(gain / loss) / spread)


@helper
def share_viable(net, per_producer, cost, sd):
    """Return the share of producers large enough to gain; sizes are lognormal with mean one.

    ``net`` is the premium less the cost of quality, over sales; ``per_producer`` mean sales and ``cost``, yuan a year.
    """
    if net <= 0.0:
        return 0.0
    return normal_cdf((math.log(net * per_producer / cost) - 0.5 * sd * sd) / sd)


@helper
def share_of_sales(share, sd):
    """Return what the largest ``share`` of producers sell, of the sales of all (a Lorenz curve)."""
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    return normal_cdf(sd + normal_quantile(share))


@helper
def delivered(quality, gap, cheating, counterfeit):
    """Return the quality that buyers meet on average: what users sell, and counterfeits of no quality."""
    return quality * (1.0 - gap * cheating) / (1.0 + counterfeit)


@kernel
def month_of_groups(seed, month, gdp, groups, displaced, theta, seen):
    """Let every group live a month; ``gdp`` against 2017, ``seen`` [month, gauge] gets what happened in the nation."""
    for k in range(N_GAUGES):
        seen[month, k] = 0.0
    arriving = displaced[0] / max(displaced[1], 1.0)
    driven, elsewhere, weight, growth = 0.0, 0.0, 0.0, 1.0
    for i in range(N_PRODUCER_GROUPS):
        g = groups[i]
        if month % 12 == 0:
            g.output = 0.0
        c = g.province * N_KINDS + SME
        u = uniforms(seed, _MONTH, i, 0, month, 0)
        v = uniforms(seed, _MONTH, i, 0, month, 1)
        treated = min(1.0, max(0.0, PER_PROVINCE * theta[DEMONSTRATION, c] - g.rank))

        # The register: newcomers fall short in quality and share the name; agricultural indications come over.
        new = counted(u[0], g.products * theta[RECOGNITION, c] / 12.0)
        over = min(g.outside, counted(u[1], g.outside * theta[ABSORPTION, c]))
        g.quality *= (g.products + new * (1.0 - theta[DILUTION, c])) / (g.products + new)
        more = new * theta[PER_PRODUCT, c] + over * theta[ABSORBED_USERS, c]
        g.sales *= (g.producers + more) / g.producers
        g.producers += more
        g.products += new + over
        g.outside -= over
        come = int(over * theta[ABSORBED_USERS, c])

        # Monitoring and what is believed of it.
        extra = 1.0 + treated * (theta[VIGILANCE, c] - 1.0)
        stretch = (max(g.users, 1) / max(g.users_at_start, 1)) ** (theta[RESPONSE, c] - 1.0)
        inspected = min(1.0, theta[INSPECTION, c] * stretch)
        g.belief += theta[LEARNING, c] * (inspected * theta[POWER, c] - g.belief)
        g.vigilance += theta[LEARNING, c] * (extra - g.vigilance)
        inspected = min(1.0, inspected * extra)
        premium = theta[PREMIUM, c] * g.reputation
        loss = min(1.0, g.belief * g.vigilance) * theta[SANCTION, c]
        cheating = share_willing(premium * theta[GAP, c], loss, theta[TASTE, c])
        local = theta[COUNTERFEIT, c] * share_willing(premium, loss, theta[TASTE, c])
        without = local
        if g.vigilance > 1.0:
            without = theta[COUNTERFEIT, c] * share_willing(premium, g.belief * theta[SANCTION, c], theta[TASTE, c])
        fakes = local + (1.0 - treated) * arriving
        found = min(g.users, counted(u[2], g.users * cheating * inspected * theta[POWER, c] / 12.0))

        # Place names squatted as marks, until settled.
        conflicts = counted(u[3], theta[CONFLICT_RATE, c] * g.reputation * g.products / 12.0)
        settled = min(g.conflicts, counted(v[0], g.conflicts / theta[CONFLICT_MONTHS, c]))
        g.conflicts += conflicts - settled
        hurt = theta[CONFLICT_LOSS, c] * min(1.0, g.conflicts / g.products)
        premium *= 1.0 - hurt

        # Entry of users until the smallest gains nothing; a cheat found out loses the mark.
        if g.rank == 0:
            growth = gdp ** theta[GROWTH, c]
        cost = theta[COMPLIANCE, c] * (1.0 + treated * (theta[COMPLIANCE_RATIO, c] - 1.0))
        viable = share_viable(premium - theta[QUALITY_COST, c], g.sales * growth / g.producers, cost, theta[SIZE_SD, c])
        wanted = viable * g.producers
        entered = counted(v[1], theta[ENTRY, c] * max(0.0, wanted - g.users))
        left = min(g.users - found, counted(v[2], theta[EXIT, c] * max(0.0, g.users - wanted)))
        g.users += come + entered - left - found

        sold = g.sales * growth * share_of_sales(g.users / g.producers, theta[SIZE_SD, c])
        quality = g.quality + treated * theta[LIFT, c] * (1.0 - g.quality)
        g.reputation += theta[SPEED, c] * (delivered(quality, theta[GAP, c], cheating, fakes) - g.reputation)

        driven += theta[DISPLACED, c] * sold * (without - local)
        elsewhere += sold * (1.0 - treated)
        weight += g.sales
        seen[month, PRODUCTS] += g.products
        seen[month, RECOGNISED] += new
        seen[month, ABSORBED] += over
        seen[month, USERS] += g.users
        seen[month, ENTERED] += come + entered
        seen[month, LEFT] += left + found
        seen[month, INSPECTED] += g.users * inspected / 12.0
        seen[month, FOUND] += found
        seen[month, CHEATING] += cheating * g.users
        seen[month, REPUTATION] += g.sales * g.reputation
        seen[month, OUTPUT] += sold * (1.0 + premium) / 12.0
        g.output += sold * (1.0 + premium) / 12.0
        seen[month, OUTPUT_TREATED] += treated * sold * (1.0 + premium) / 12.0
        seen[month, COUNTERFEITS] += sold * fakes / 12.0
        seen[month, CONFLICTS] += conflicts
        seen[month, CONFLICTS_OPEN] += g.conflicts
        seen[month, PRICED_OUT] += g.producers - wanted
        seen[month, PRODUCERS] += g.producers
    displaced[0], displaced[1] = driven, elsewhere
    seen[month, DISPLACED_SALES] = driven / 12.0
    seen[month, REPUTATION] /= weight
