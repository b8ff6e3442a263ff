"""Step 13a: agencies earn, grow, imitate, are inspected, close, and come back under a new name.

An agency lives on cases: n (f - c) minus fixed cost. Where capacity is short it hires; without capital it closes.
From time to time it looks at what the models earned per agent and may change its own (imitation logit), weighing
the sanction it expects. Inspectors look where the record is bad: intensity follows the flagged share times volume
per agent, P(inspected) = 1 - exp(-intensity). A sanction is a fine, a suspension, or the loss of the licence; the
owner of a lost licence may return under a new name after some months, unless recognised.
"""

from __future__ import annotations

import math

import numpy as np

from ipplan.agents.agencies import HONEST, MIXED, MOST, NEVER, VOLUME
from ipplan.compiled import inlined, kernel
from ipplan.phases.examination import around_mean
from ipplan.streams import Stream, uniforms
from ipplan.world import N_KINDS, SME

# compiled-constants
_CAREER, _ENTRY, _SANCTION = int(Stream.AGENCY_CAREER), int(Stream.AGENCY_ENTRY), int(Stream.AGENCY_SANCTION)
_PLACE = int(Stream.AGENCY_PLACE)

READS = (
    "agencies.fee", "agencies.fee_ratio.honest", "agencies.fee_ratio.volume", "agencies.capacity_per_agent.honest",
    "agencies.capacity_per_agent.mixed", "agencies.capacity_per_agent.volume", "agencies.cost_per_case",
    "agencies.fixed_cost", "agencies.entry_rate", "agencies.exit_rate", "agencies.growth_rate",
    "agencies.imitation_rate", "agencies.imitation_scale", "agencies.volume_share_entry",
    "agencies.inspections_per_month", "agencies.inspection_power", "agencies.fine", "agencies.suspension_months",
    "agencies.revocation_share", "agencies.reentry_probability", "agencies.reentry_months", "agencies.owner_link",
    "screening.targeting", "belief.forgetting", "agencies.load_memory", "agencies.profit_memory",
    "agencies.case_revenue", "agencies.patent_cost_share", "agencies.most_capital", "agencies.most_debt",
    "agencies.failing_exit", "agencies.entrant_capital", "agencies.comfortable_use", "agencies.growth_pressure",
    "agencies.most_pressure", "agencies.record_prior", "agencies.inspection_background",
    "agencies.inspection_ratio.honest", "agencies.inspection_ratio.mixed", "agencies.suspension_ratio",
    "agencies.reentry_spread", "agencies.returning_staff", "agencies.entry_least", "agencies.entry_most",
    "agencies.honest_share_entry", "agencies.entrant_staff", "agencies.entrant_staff_range",
    "agencies.drafting.honest", "agencies.drafting.mixed", "agencies.drafting.volume", "screening.record_slope",
    "screening.typical_record", "screening.most_record_effect", "provinces.attraction",
)  # fmt: skip
(
    FEE, RATIO_HONEST, RATIO_VOLUME, CAP_HONEST, CAP_MIXED, CAP_VOLUME, COST, FIXED, ENTRY, EXIT, GROWTH, IMITATION,
    IMITATION_SCALE, VOLUME_ENTRY, INSPECTIONS, POWER, FINE, SUSPENSION, REVOCATION, RETURN_CHANCE, RETURN_MONTHS,
    OWNER_LINK, TARGETING, FORGETTING, KEPT_LOAD, KEPT_PROFIT, CASE_REVENUE, COST_SHARE_FIXED, MOST_CAPITAL, MOST_DEBT,
    FAILING, ENTRANT_CAPITAL, COMFORTABLE, PRESSURE, MOST_PRESSURE, RECORD_PRIOR, BACKGROUND, HONEST_POWER, MIXED_POWER,
    SUSPENSIONS, RETURN_SPREAD, RETURN_STAFF, ENTRY_LEAST, ENTRY_MOST, HONEST_ENTRY, ENTRANT_STAFF, ENTRANT_RANGE,
    DRAFTING, DRAFTING_MIXED, DRAFTING_VOLUME, RISK_SLOPE, TYPICAL_FLAGGED, MOST_RISK, PULL,
) = range(54)  # fmt: skip

N_HAPPENED = 12
(
    ALIVE, N_HONEST, N_MIXED, N_VOLUME, AGENTS, REVOKED, SUSPENDED, ENTERED, CLOSED, RETURNED, SANCTIONED, FEES,
) = range(N_HAPPENED)  # fmt: skip
"""What happened to agencies in a month, in rows of their table; agents and fees x agents are of those alive."""


@inlined
def home(agencies, row):
    """Return the cell whose primitives an agency reads: SMEs of its province."""
    return agencies.province[row] * N_KINDS + SME


@inlined
def fee_of(model, theta, cell):
    """Return the fee in yuan of an invention filing by model."""
    if model == HONEST:
        return theta[FEE, cell] * theta[RATIO_HONEST, cell]
    return theta[FEE, cell] * theta[RATIO_VOLUME, cell] if model == VOLUME else theta[FEE, cell]


@inlined
def record(agencies, row, theta, cell):
    """Return the flagged share by which inspectors and screeners know an agency."""
    return agencies.flagged[row] / (agencies.filed[row] + theta[RECORD_PRIOR, cell])


@inlined
def open_agency(agencies, row, month, model, province, agents, owner, theta):
    """Write a new row."""
    cell = province * N_KINDS + SME
    agencies.model[row] = model
    agencies.alive[row] = 1
    agencies.province[row] = province
    agencies.owner[row] = owner
    agencies.agents[row] = agents
    agencies.quality[row] = theta[DRAFTING + model, cell]
    agencies.suspended_until[row] = NEVER
    agencies.returns[row] = NEVER
    agencies.capital[row] = theta[ENTRANT_CAPITAL, cell]
    agencies.fee[row] = fee_of(model, theta, cell)
    agencies.accepts[row] = 1.0
    agencies.risk[row] = 1.0


@inlined
def run_business(seed, month, agencies, row, filed, flagged, unit, theta, happened):
    """One agency's month: memory, load, profit, staff, capital.

    ``unit`` is national cases per case of the run and agency.
    """
    cell = home(agencies, row)
    keep = 1.0 - theta[FORGETTING, cell]
    agencies.filed[row] = agencies.filed[row] * keep + filed
    agencies.flagged[row] = agencies.flagged[row] * keep + flagged
    model = agencies.model[row]
    kept = theta[KEPT_LOAD, cell]
    agencies.load[row] = kept * agencies.load[row] + (1.0 - kept) * filed * unit
    load = agencies.load[row]
    agents = agencies.agents[row]
    capacity = agents * theta[CAP_HONEST + model, cell]
    fee = fee_of(model, theta, cell)
    agencies.fee[row] = fee
    unit_cost = theta[COST, cell] * fee
    income = load * theta[CASE_REVENUE, cell] * (fee - unit_cost)
    profit = income - theta[FIXED, cell] * agents * theta[COST_SHARE_FIXED, cell]
    kept = theta[KEPT_PROFIT, cell]
    agencies.profit[row] = kept * agencies.profit[row] + (1.0 - kept) * profit / max(agents, 0.5)
    agencies.capital[row] = min(agencies.capital[row] + profit, theta[MOST_CAPITAL, cell] * theta[FIXED, cell] * agents)
    use = load / max(capacity, 1e-6)
    agencies.accepts[row] = min(1.0, 1.0 / max(use, 1e-6))
    pressure = min(theta[MOST_PRESSURE, cell], max(-1.0, theta[PRESSURE, cell] * (use - theta[COMFORTABLE, cell])))
    agencies.agents[row] = max(1.0, agents * (1.0 + theta[GROWTH, cell] / 12.0 * (1.0 + pressure)))
    share = record(agencies, row, theta, cell)
    most = theta[MOST_RISK, cell]
    risk = theta[TARGETING, cell] * theta[RISK_SLOPE, cell] * (share - theta[TYPICAL_FLAGGED, cell])
    agencies.risk[row] = math.exp(min(most, max(-most, risk)))
    u, v, _, _ = uniforms(seed, _CAREER, row, 0, month, 0)
    failing = agencies.capital[row] < -theta[MOST_DEBT, cell] * theta[FIXED, cell] * agents
    if v < theta[EXIT, cell] / 12.0 or (failing and u < theta[FAILING, cell]):
        agencies.alive[row] = 0
        happened[CLOSED] += 1
    return share


@inlined
def imitate(seed, month, agencies, row, earned, theta, expected_loss):
    """Perhaps change the business model to one that earned more, by logit over the three."""
    cell = home(agencies, row)
    u, v, _, _ = uniforms(seed, _CAREER, row, 0, month, 1)
    if u >= theta[IMITATION, cell]:
        return
    scale = theta[IMITATION_SCALE, cell]
    best = max(earned[0], earned[1], earned[2] - expected_loss)
    a = math.exp((earned[0] - best) / scale)
    b = math.exp((earned[1] - best) / scale)
    c = math.exp((earned[2] - expected_loss - best) / scale)
    v *= a + b + c
    agencies.model[row] = HONEST if v < a else (MIXED if v < a + b else VOLUME)


@inlined
def inspect(seed, month, agencies, row, share, intensity, theta, happened):
    """Inspect by record; sanction what is found. Volume agencies are found out more readily than honest ones."""
    cell = home(agencies, row)
    u, v, w, x = uniforms(seed, _SANCTION, row, 0, month, 0)
    if u >= intensity or u >= 1.0 - math.exp(-intensity):  # 1 - exp(-x) <= x: mostly no exponential is taken
        return
    model = agencies.model[row]
    power = theta[POWER, cell] * (1.0 if model == VOLUME else theta[HONEST_POWER + model, cell])
    if v >= power:
        return
    happened[SANCTIONED] += 1
    agencies.capital[row] -= theta[FINE, cell]
    if w < theta[REVOCATION, cell]:
        agencies.alive[row] = 0
        happened[REVOKED] += 1
        if x < theta[RETURN_CHANCE, cell] * (1.0 - theta[OWNER_LINK, cell]):
            delay = max(1, int(theta[RETURN_MONTHS, cell] * around_mean(theta[RETURN_SPREAD, cell], x) + 0.5))
            agencies.returns[row] = month + delay
    elif w < (1.0 + theta[SUSPENSIONS, cell]) * theta[REVOCATION, cell]:
        agencies.suspended_until[row] = month + int(theta[SUSPENSION, cell] + 0.5)
        happened[SUSPENDED] += 1


@kernel
def agency_month(seed, month, agencies, filed, flagged, unit, stands_for, theta, earned, number, happened):
    """Advance all agencies by a month; ``filed`` and ``flagged`` [row] are this month's cases.

    ``happened`` [12] is set. Returns rows that would need room beyond the table (0 where all fitted).
    """
    rows = agencies.book[0]
    happened[:] = 0.0
    earned[:] = 0.0
    number[:] = 1e-9
    risk_total = 0.0
    alive = 0
    for row in range(rows):
        if agencies.alive[row] == 0:
            continue
        alive += 1
        share = run_business(seed, month, agencies, row, filed[row], flagged[row], unit, theta, happened)
        earned[agencies.model[row]] += agencies.profit[row] * agencies.agents[row]
        number[agencies.model[row]] += agencies.agents[row]
        per_agent = agencies.load[row] / max(agencies.agents[row], 1.0)
        risk_total += (theta[BACKGROUND, home(agencies, row)] + share) * per_agent
    for model in range(3):
        earned[model] /= number[model]
    for row in range(rows):
        if agencies.alive[row] == 0:
            continue
        cell = home(agencies, row)
        share = record(agencies, row, theta, cell)
        per_agent = agencies.load[row] / max(agencies.agents[row], 1.0)
        suspicion = theta[BACKGROUND, cell] + share
        intensity = (theta[INSPECTIONS, cell] / stands_for) * suspicion * per_agent / max(risk_total, 1e-9)
        expected = 12.0 * intensity * theta[POWER, cell] * theta[FINE, cell] / max(agencies.agents[row], 1.0)
        imitate(seed, month, agencies, row, earned, theta, expected)
        inspect(seed, month, agencies, row, share, intensity, theta, happened)
    even_out(agencies, filed, rows)
    return renew_population(seed, month, agencies, alive, earned, theta, happened)


@inlined
def even_out(agencies, filed, rows):
    """Let screening follow the record without screening more in all: its mean over the month's filings is one."""
    cases, screened = 0, 0.0
    for row in range(rows):
        cases += filed[row]
        screened += filed[row] * agencies.risk[row]
    if cases == 0:
        return
    mean = np.float32(max(1e-6, screened / cases))
    for row in range(rows):
        if agencies.alive[row] == 1:  # what closed has no month of its own
            agencies.risk[row] /= mean


@inlined
def drawn_place(seed, month, entrant, agencies, parent, rows, theta):
    """Return the province where a newcomer opens: that of its parent or of another agency, by a logit of their pulls.

    Of the two, the parent's is left for a place of more pull with chance (b - a) / (a + b), a and b the exp of pulls.
    """
    u, v, _, _ = uniforms(seed, _PLACE, entrant, 0, month, 0)
    other = min(rows - 1, int(u * rows))
    a, b = math.exp(theta[PULL, home(agencies, parent)]), math.exp(theta[PULL, home(agencies, other)])
    return agencies.province[other] if v * (a + b) < b - a else agencies.province[parent]


@inlined
def renew_population(seed, month, agencies, alive, earned, theta, happened):
    """Let revoked owners return and newcomers enter; refresh the table of sizes. Returns rows that did not fit."""
    rows = agencies.book[0]
    short = 0
    added = 0
    for row in range(rows):
        if agencies.returns[row] != month:
            continue
        new = rows + added
        if new >= len(agencies.model):
            short += 1
            continue
        staff = max(1.0, theta[RETURN_STAFF, home(agencies, row)] * agencies.agents[row])
        open_agency(agencies, new, month, VOLUME, agencies.province[row], staff, agencies.owner[row], theta)
        added += 1
        happened[RETURNED] += 1
    wanted = 0.0
    for row in range(rows):
        if agencies.alive[row] == 1:
            cell = home(agencies, row)
            mood = 1.0 + agencies.profit[row] / theta[FIXED, cell]
            mood = min(theta[ENTRY_MOST, cell], max(theta[ENTRY_LEAST, cell], mood))
            wanted += theta[ENTRY, cell] / 12.0 * mood
    u = uniforms(seed, _ENTRY, 0, 0, month, 0)[0]
    entrants = int(wanted + u)  # the fraction by chance: totals hold at every scale
    for e in range(entrants):
        new = rows + added
        if new >= min(len(agencies.model), MOST):
            short += 1
            break
        v, w, x, y = uniforms(seed, _ENTRY, e + 1, 0, month, 0)
        parent = min(rows - 1, int(v * rows))
        place = drawn_place(seed, month, e, agencies, parent, rows, theta)
        cell = home(agencies, parent)
        model = HONEST if x < theta[HONEST_ENTRY, cell] else MIXED
        if w < theta[VOLUME_ENTRY, cell]:
            model = VOLUME
        staff = theta[ENTRANT_STAFF, cell] + theta[ENTRANT_RANGE, cell] * y
        open_agency(agencies, new, month, model, place, staff, agencies.book[1], theta)
        agencies.book[1] += 1
        added += 1
        happened[ENTERED] += 1
    rows += added
    agencies.book[0] = rows
    total = 0.0
    for row in range(rows):
        if agencies.alive[row] == 1:
            happened[ALIVE] += 1
            happened[N_HONEST + agencies.model[row]] += 1
            happened[AGENTS] += agencies.agents[row]
            happened[FEES] += agencies.fee[row] * agencies.agents[row]
            if agencies.suspended_until[row] <= month:
                total += agencies.agents[row]
        agencies.reach[row] = total
    return short
