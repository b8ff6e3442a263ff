"""Layout designs of integrated circuits, and data: two rights that come into being by registration.

One small module with two sets of parameters. Awareness spreads as in Bass (1969): of the holders an office serves,
those who do not register yet begin with hazard (p_B + q_B adopted share) w a month, w the share of objects worth
registering. An object worth V to its holder meets a would-be copier with chance chi over the term. A copier enters
where its gain exceeds what it expects to pay (Becker 1968), so of V the holder loses

    chi lambda(p),     lambda(p) = e(p) (1 - p),     e(p) = Phi((ln g - ln p) / s)

with p the chance of relief: p1 with a certificate, p0 for a secret, none for what lies open (lambda = 1). A holder
registers where V [chi (lambda(p0) - lambda(p1)) + u] exceeds the fee less the cost of secrecy (and
V [chi (1 - lambda(p1)) + u] the fee), u what licences and loans on a certificate add; else it keeps the object secret
where that pays. Without deterrence, e = 1, this is the plain rule: p_copy Loss (p1 - p0) > cost.

Certificates are also sought for the record alone (points for a status, grants): *paper*. Banks lend on certificates by
the rule of pledge loans (``lending``); unless the registry is unique, some are pledged on a second platform.
"""

from __future__ import annotations

import math

from ipplan.agents.holders import GENUINE, PAPER, REGISTERED_RIGHTS, SLOTS
from ipplan.compiled import helper, inlined, kernel
from ipplan.phases import lending
from ipplan.streams import Stream, counted, normal_cdf, uniforms
from ipplan.world import N_KINDS, N_PROVINCES, SME

# compiled-constants
_MONTH = int(Stream.CERTIFICATE)

_OF_A_RIGHT = (
    "holders", "availability", "innovation", "imitation", "objects", "value_log_median", "value_log_sd", "copying",
    "copier_gain", "copier_log_sd", "relief", "relief_secret", "fee", "secrecy_cost", "licence", "use_value",
    "paper_objects", "bonus", "bonus_log_sd", "paper_cost", "check", "term", "pledge_rate", "loan", "resale",
    "unique", "second_pledge",
)  # fmt: skip
READS = tuple(f"registration.{what}.{right}" for right in REGISTERED_RIGHTS for what in _OF_A_RIGHT)
(
    HOLDERS, AVAILABILITY, INNOVATION, IMITATION, OBJECTS, VALUE, VALUE_SD, COPYING, GAIN, GAIN_SD, RELIEF,
    RELIEF_SECRET, FEE, SECRECY_COST, LICENCE, USE, PAPER_OBJECTS, BONUS, BONUS_SD, PAPER_COST, CHECK, TERM,
    PLEDGE_RATE, LOAN, RESALE, UNIQUE, SECOND,
) = range(27)  # fmt: skip
"""Rows of a right; those of the next follow."""
N_READS = 27

(
    REGISTERED, PAPER_REGISTERED, REFUSED, EXPIRED, IN_FORCE, IN_FORCE_PAPER, ISSUED, ADOPTERS, SECRETS, INFRINGED,
    STOPPED, PLEDGED, DOUBLY_PLEDGED, FINANCED, LICENSED,
) = range(15)  # fmt: skip
N_GAUGES = 15
"""What the month looked like, in the order of the ledger's gauges ``layout_*`` and ``data_*``."""

NEVER = 1e18
"""Yuan that no object is worth."""
LEAST_ODDS = 1e-9
"""Keeps a logarithm finite."""


@helper
def entering(relief, gain, sd):
    """Return the share of would-be copiers whose gain exceeds what they expect to pay (deterrence)."""
    if relief <= 0.0:
        return 1.0
    return normal_cdf(math.log(gain / relief) / sd)


@helper
def lost(relief, gain, sd):
    """Return lambda: the part of a value at risk that is lost where relief comes with this chance."""
    return entering(relief, gain, sd) * (1.0 - relief)


@helper
def worth_registering(chi, lost_secret, lost_registered, use, fee, secrecy):
    """Return the value in yuan from which an object is registered rather than kept secret or left open."""
    over_secret, over_open = chi * (lost_secret - lost_registered) + use, chi * (1.0 - lost_registered) + use
    if over_open <= 0.0 or (over_secret <= 0.0 and fee > secrecy):
        return NEVER
    if fee <= secrecy:
        return fee / over_open
    return max(fee / over_open, (fee - secrecy) / over_secret)


@helper
def share_above(log_median, sd, least):
    """Return the share of lognormal values above ``least``."""
    return normal_cdf((log_median - math.log(least)) / sd)


@helper
def mean_above(log_median, sd, least):
    """Return the mean of the lognormal values above ``least``."""
    z = (log_median - math.log(least)) / sd
    return math.exp(log_median + 0.5 * sd * sd) * normal_cdf(z + sd) / max(normal_cdf(z), LEAST_ODDS)


@helper
def lent_share(default, spread, margin, recovered, guaranteed, cost):
    """Return the share of borrowers a bank lends to: those below the default at which ``lending.profit`` is nought."""
    most = (margin - cost) / (margin + (1.0 - recovered) * (1.0 - guaranteed))
    if most <= 0.0:
        return 0.0
    return normal_cdf((math.log(most / (1.0 - most)) - math.log(default / (1.0 - default))) / spread)


@helper
def differs(like, finance, guaranteed, one, other):
    """True where a measure, banks or guarantees tell two provinces apart.

    No layer lies over the table of registrations.
    """
    a, b = one * N_KINDS + SME, other * N_KINDS + SME
    if guaranteed[one] != guaranteed[other] or like[a] != like[b]:
        return True
    for k in (lending.DEFAULT, lending.DEFAULT_SD, lending.MARGIN, lending.GUARANTEE, lending.COST):
        if finance[k, a] != finance[k, b]:
            return True
    return False


@inlined
def renewed(expiring, month, term, new):
    """Enter ``new`` certificates that run for ``term`` months; returns those that end. ``expiring`` [slot]."""
    now, end = month % SLOTS, (month + term) % SLOTS
    gone = expiring[now]
    expiring[now] = 0
    expiring[end] += new
    return gone


@kernel
def month_of_cohorts(seed, month, firms, cohorts, expiring, theta, finance, guaranteed, like, seen, first):
    """Let every cohort live a month.

    ``firms`` against 2017, ``finance`` [read, cell] and ``guaranteed`` [province] as in ``lending``, ``like`` [cell] as
    in ``prospects``; ``seen`` [month, gauge] gets what happened in the nation, the gauges of the first right from
    column ``first`` on.
    """
    for right in range(len(REGISTERED_RIGHTS)):
        place, top = first + right * N_GAUGES, right * N_READS
        for k in range(N_GAUGES):
            seen[month, place + k] = 0.0
        before = -1
        for province in range(N_PROVINCES):
            h, c = cohorts[right, province], province * N_KINDS + SME
            genuine, paper = expiring[right, province, GENUINE], expiring[right, province, PAPER]
            potential = theta[top + HOLDERS, c] * h.share * firms * theta[top + AVAILABILITY, c]
            if month % 12 == 0:
                h.financed = 0.0
            if h.issued == 0 and potential < 1.0:
                continue  # no office here yet

            # What is worth a certificate, for its own sake and for the record, and whom banks lend to; mostly as in the
            # province before.
            if before < 0 or differs(like, finance, guaranteed, before, province):
                before = province
                relief, gain, sd = theta[top + RELIEF, c], theta[top + GAIN, c], theta[top + GAIN_SD, c]
                term = int(theta[top + TERM, c] + 0.5)
                chi = 1.0 - math.exp(-theta[top + COPYING, c] * term / 12.0)
                fee, secrecy = theta[top + FEE, c], theta[top + SECRECY_COST, c]
                open_to_copies, in_secret = lost(relief, gain, sd), lost(theta[top + RELIEF_SECRET, c], gain, sd)
                least = worth_registering(chi, in_secret, open_to_copies, theta[top + USE, c], fee, secrecy)
                value, value_sd = theta[top + VALUE, c], theta[top + VALUE_SD, c]
                worth = share_above(value, value_sd, least)
                mean = mean_above(value, value_sd, least)
                kept = max(0.0, share_above(value, value_sd, secrecy / (chi * (1.0 - in_secret))) - worth)
                check = theta[top + CHECK, c]
                bonus = math.log((1.0 - check) * theta[top + BONUS, c])
                record = share_above(bonus, theta[top + BONUS_SD, c], fee + theta[top + PAPER_COST, c])
                copied = theta[top + COPYING, c] / 12.0 * entering(relief, gain, sd)
                second = theta[top + SECOND, c] * (1.0 - theta[top + UNIQUE, c])
                lent = lent_share(
                    finance[lending.DEFAULT, c], finance[lending.DEFAULT_SD, c], finance[lending.MARGIN, c],
                    theta[top + RESALE, c] * (1.0 - 0.5 * second),
                    finance[lending.GUARANTEE, c] * guaranteed[province], finance[lending.COST, c],
                )  # fmt: skip

            # Awareness spreads.
            u = uniforms(seed, _MONTH, province, right, month, 0)
            v = uniforms(seed, _MONTH, province, right, month, 1)
            w = uniforms(seed, _MONTH, province, right, month, 2)
            aware = min(1.0, h.adopters / max(potential, 1.0))
            hazard = (theta[top + INNOVATION, c] + theta[top + IMITATION, c] * aware) * worth
            h.adopters += counted(u[0], hazard * max(0.0, potential - h.adopters))

            # Registration and expiry.
            objects = h.adopters * theta[top + OBJECTS, c] / 12.0
            idle = h.adopters * theta[top + PAPER_OBJECTS, c] / 12.0 * record
            new, new_paper = counted(u[1], objects * worth), counted(u[2], idle * (1.0 - check))
            gone, gone_paper = renewed(genuine, month, term, new), renewed(paper, month, term, new_paper)
            h.genuine += new - gone
            h.paper += new_paper - gone_paper
            h.issued += new + new_paper
            in_force = h.genuine + h.paper
            seen[month, place + REGISTERED] += new + new_paper
            seen[month, place + PAPER_REGISTERED] += new_paper
            seen[month, place + REFUSED] += counted(u[3], idle * check)
            seen[month, place + EXPIRED] += gone + gone_paper
            seen[month, place + IN_FORCE] += in_force
            seen[month, place + IN_FORCE_PAPER] += h.paper
            seen[month, place + ISSUED] += h.issued
            seen[month, place + ADOPTERS] += h.adopters
            seen[month, place + SECRETS] += counted(w[0], objects * kept)

            # Copies of what is registered; loans and licences on certificates; some pledge what is pledged already.
            infringed = counted(v[0], h.genuine * copied)
            pledged = counted(v[1], in_force * theta[top + PLEDGE_RATE, c] / 12.0 * lent)
            doubly = min(pledged, counted(v[2], pledged * second))
            financed = (pledged + doubly) * theta[top + LOAN, c]
            h.financed += financed
            seen[month, place + INFRINGED] += infringed
            seen[month, place + STOPPED] += min(infringed, counted(v[3], infringed * relief))
            seen[month, place + PLEDGED] += pledged
            seen[month, place + DOUBLY_PLEDGED] += doubly
            seen[month, place + FINANCED] += financed
            seen[month, place + LICENSED] += h.genuine * theta[top + LICENCE, c] * mean / 12.0
