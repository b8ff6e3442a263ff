"""Step 3: what to do with an idea - file it as an invention or a utility model, keep it secret, or nothing.

Nested logit (McFadden 1978): the patent nest {invention, utility model}, secrecy, nothing. Utilities are in yuan:
believed grant chance times (value of keeping the right, discounted for pendency, plus the non-market payoff),
minus fees. Honest decisions are reckoned in batches (see ``drafts``) and settled in the order of applicants, those on
occasions for bad faith (``bad_faith``) in their turn.
"""

from __future__ import annotations

from ipplan.agents.agencies import VOLUME
from ipplan.compiled import called, inlined, inlined_helper, kernel
from ipplan.elementary import exp, log
from ipplan.ledger import IDEAS, KEPT_SECRET, NOT_FILED, SCREENED_OUT, count
from ipplan.phases import stakes as st
from ipplan.phases.bad_faith import fetch_conduct, lay_out_conduct, reckon_occasions, settle_occasion
from ipplan.phases.drafts import BATCH, draw, lay_out, whole_vectors
from ipplan.phases.invention import BRAND_NEED, DESIGN_NEED, IDEA, OCCASION
from ipplan.phases.new_field import FILED as NEW_FILED
from ipplan.phases.new_field import HELD_BACK as NEW_HELD_BACK
from ipplan.phases.new_field import NEW_FIELD
from ipplan.phases.representation import choose_agency
from ipplan.rights.docket import LABELLED
from ipplan.streams import Stream, normal_quantile, unit
from ipplan.world import DESIGN, FOREIGN, INVENTION, N_KINDS, TRADEMARK

# compiled-constants
_TRAITS, _CHOICE = int(Stream.IDEA_TRAITS), int(Stream.FILING_CHOICE)

VALUE_LOW, VALUE_STEP, VALUE_CELLS = 0.0, 0.125, 128
"""Grid of log first-year returns of the tables of keeping values."""
LAST_CELL = VALUE_CELLS - 1.001
"""Just inside the last cell of the grid."""
MOST_LOG_VALUE, FARTHEST = 25.0, 40.0
"""Log returns and logits beyond change no choice; keeps exp finite."""
AHEAD = 8
"""Arrivals between the fetching and the laying out of what a decision rests on."""
NEVER_YUAN = 1e6
"""What no applicant would pay: families from abroad come as inventions (0.3 % of utility models)."""


@inlined
def keeping_value(tables, table, log_value):
    """Return the value in yuan of keeping a right with this log first-year return (linear between grid points).

    ``tables`` holds grids of ``VALUE_CELLS`` behind each other, ``table`` is the number of the one to read.
    """
    place = min(max((log_value - VALUE_LOW) / VALUE_STEP, 0.0), LAST_CELL)
    cell = int(place)
    first = table * VALUE_CELLS + cell
    return tables[first] + (place - cell) * (tables[first + 1] - tables[first])


@inlined_helper
def logistic(x):
    """Return 1 / (1 + exp(-x)), safe at both ends."""
    return 1.0 / (1.0 + exp(-min(max(x, -FARTHEST), FARTHEST)))


@inlined_helper
def choose_right(invention, utility_model, secret, scale, nest, u):
    """Return 0 invention, 1 utility model, 2 secret, 3 nothing for one uniform; utilities in yuan, nothing is 0."""
    ahead = (invention - utility_model) / (scale * nest)
    other = exp(-abs(ahead))
    inclusive = max(invention, utility_model) / scale + nest * log(1.0 + other)
    s = secret / scale
    high = max(inclusive, s, 0.0)
    patent, keep, nothing = exp(inclusive - high), exp(s - high), exp(-high)
    u *= patent + keep + nothing
    within = 0 if u * (1.0 + other) < patent * (1.0 if ahead >= 0.0 else other) else 1
    return within if u < patent else (2 if u < patent + keep else 3)


@called
def reckon_ideas(n, seed, month, theta, cell, values, wait_years, discount, drafts):
    """Reckon what would come of ``n`` technical ideas of applicants of one cell."""
    draft, kind = drafts.kinds[IDEA], cell % N_KINDS
    draw(draft, n, 0, seed, _TRAITS, 0, month)
    draw(draft, n, 4, seed, _CHOICE, 0, month)
    mean, capability_sd = theta[st.QUALITY_MEAN, cell], theta[st.CAPABILITY_SD, cell]
    median, loading, value_sd = theta[st.VALUE_MEDIAN, cell], theta[st.VALUE_LOADING, cell], theta[st.VALUE_SD, cell]
    noise, validity = theta[st.SCREEN_NOISE, cell], log(theta[st.VALIDITY, cell])
    for i in range(n):
        quality = mean + capability_sd * draft.capability[i] + normal_quantile(unit(draft.words[0, i]))
        log_value = median + loading * quality + value_sd * normal_quantile(unit(draft.words[1, i]))
        draft.quality[i] = quality
        draft.judged[i] = quality + noise * normal_quantile(unit(draft.words[4, i]))
        draft.log_value[i] = log_value
        draft.log_value_um[i] = log_value + validity
    unleaked = 1.0 - theta[st.LEAK, cell]
    for i in range(n):
        draft.kept[i] = unleaked * keeping_value(values, kind * 3, draft.log_value[i])
        draft.kept_um[i] = keeping_value(values, kind * 3 + 1, draft.log_value_um[i])
    waited, waited_um = discount**wait_years, discount ** theta[st.WAIT_UM, cell]
    secrecy = theta[st.SECRECY, cell] * theta[st.SECRECY_YEARS, cell]
    standard, standard_um, ratio_um = theta[st.STANDARD, cell], theta[st.STANDARD_UM, cell], theta[st.RATIO_UM, cell]
    sharpness = theta[st.GRANT_SHARPNESS, cell]
    floor, floor_um = theta[st.GRANT_FLOOR, cell], theta[st.GRANT_FLOOR_UM, cell]
    rise, sound_um, rise_um = theta[st.GRANT, cell] - floor, theta[st.GRANT_UM, cell], 1.0 - floor_um
    dues, dues_um, relief = theta[st.FEE_INVENTION, cell], theta[st.FEE_UM, cell], st.fee_relief(kind, theta, cell)
    agency_um = theta[st.AGENCY_UM, cell]
    full_payoff = theta[st.PAYOFF, cell] * st.payoff_weight(kind, theta[st.WEIGHT_COUNTS, cell])
    scale, nest = theta[st.SCALE, cell], theta[st.NEST, cell]
    foreign = NEVER_YUAN if kind == FOREIGN else 0.0
    for i in range(n):
        payoff, paid = full_payoff * draft.standing[i], 1.0 - relief * draft.standing[i]
        grant = floor + rise * logistic(sharpness * (draft.quality[i] - standard))
        grant_um = sound_um * (floor_um + rise_um * logistic(sharpness * (draft.quality[i] - standard_um)))
        cost, cost_um = draft.fee[i] + dues * paid, agency_um * draft.fee[i] + dues_um * paid
        invention = grant * (waited * draft.kept[i] + payoff) - cost
        utility_model = grant_um * (waited_um * draft.kept_um[i] + payoff * ratio_um) - cost_um - foreign
        secret = secrecy * exp(min(draft.log_value[i], MOST_LOG_VALUE))
        draft.outcome[i] = choose_right(invention, utility_model, secret, scale, nest, unit(draft.words[2, i]))
        draft.worth[i], draft.worth_um[i] = draft.kept[i] + payoff, draft.kept_um[i] + payoff * ratio_um
        draft.cost[i], draft.cost_um[i] = cost, cost_um


@inlined
def settle_idea(i, owner, theta, cell, draft, filed, tally):
    """Do what was reckoned for a technical idea: file it, if it stands up to a second look and to the budget."""
    choice = draft.outcome[i]
    count(tally, IDEAS, INVENTION, cell, 1)
    if choice >= 2:
        count(tally, KEPT_SECRET if choice == 2 else NOT_FILED, INVENTION, cell, 1)
        return
    if draft.judged[i] < theta[st.SCREEN, cell]:
        count(tally, SCREENED_OUT, choice, cell, 1)
        return
    field = st.drawn_field(draft.field[i], unit(draft.words[6, i]), theta[st.OWN_FIELD, cell])
    u = unit(draft.words[3, i])
    new = choice == INVENTION and field == NEW_FIELD and u < theta[st.NEW_SHARE, cell]
    if new and u < theta[st.NEW_SHARE, cell] * theta[st.HELD_BACK, cell]:
        count(tally, NEW_HELD_BACK, INVENTION, cell, 1)
        count(tally, NOT_FILED, INVENTION, cell, 1)
        return
    flags, log_value, worth, cost = 0, draft.log_value_um[i], draft.worth_um[i], draft.cost_um[i]
    if choice == INVENTION:
        chance = st.emerging_chance(theta[st.SEI_SHARE, cell], theta[st.SEI_FACTOR + field, cell])
        emerging = unit(draft.words[5, i]) < chance
        flags = LABELLED if emerging | (unit(draft.words[7, i]) < theta[st.FORGING, cell]) else 0
        log_value, worth, cost = draft.log_value[i], draft.worth[i], draft.cost[i]
    if not st.hand_in(filed, owner, draft.ordinal[i], choice, field, flags, draft.quality[i], log_value,
                      draft.agency[i], worth, cost):
        count(tally, NOT_FILED, INVENTION, cell, 1)
    elif new:
        count(tally, NEW_FILED, INVENTION, cell, 1)


@called
def reckon_designs(n, seed, month, theta, cell, values, drafts):
    """Reckon what would come of ``n`` designs of applicants of one cell."""
    draft, kind = drafts.kinds[DESIGN_NEED], cell % N_KINDS
    draw(draft, n, 0, seed, _TRAITS, st.DESIGN_SERIAL, month)
    loading = theta[st.DESIGN_LOADING, cell] * theta[st.VALUE_LOADING, cell]
    median, value_sd = theta[st.DESIGN_VALUE, cell], theta[st.VALUE_SD, cell]
    for i in range(n):
        z = normal_quantile(unit(draft.words[0, i]))
        draft.quality[i] = z
        draft.log_value[i] = median + loading * z + value_sd * normal_quantile(unit(draft.words[1, i]))
    for i in range(n):
        draft.kept[i] = keeping_value(values, kind * 3 + 2, draft.log_value[i])
    full_payoff = theta[st.PAYOFF, cell] * theta[st.RATIO_DESIGN, cell]
    dues, relief, scale = theta[st.FEE_DESIGN, cell], st.fee_relief(kind, theta, cell), theta[st.SCALE, cell]
    grant, agency = theta[st.GRANT_DESIGN, cell], theta[st.AGENCY_DESIGN, cell]
    for i in range(n):
        worth = draft.kept[i] + full_payoff * draft.standing[i]
        cost = dues * (1.0 - relief * draft.standing[i]) + agency * draft.fee[i]
        gain = grant * worth - cost
        draft.outcome[i] = 1 if unit(draft.words[2, i]) < logistic(gain / scale) else 0
        draft.worth[i] = worth
        draft.cost[i] = cost


@inlined
def settle_design(i, owner, theta, cell, draft, filed, tally):
    """Do what was reckoned for a design."""
    count(tally, IDEAS, DESIGN, cell, 1)
    field = st.drawn_field(draft.field[i], unit(draft.words[3, i]), theta[st.OWN_FIELD, cell])
    if not (draft.outcome[i] and st.hand_in(
            filed, owner, st.DESIGN_SERIAL + draft.ordinal[i], DESIGN, field, 0, draft.quality[i], draft.log_value[i],
            draft.agency[i], draft.worth[i], draft.cost[i])):
        count(tally, NOT_FILED, DESIGN, cell, 1)


@called
def reckon_brands(n, seed, month, theta, cell, drafts):
    """Reckon what would come of ``n`` brand needs (a class each) of applicants of one cell."""
    draft = drafts.kinds[BRAND_NEED]
    draw(draft, n, 0, seed, _TRAITS, st.BRAND_SERIAL, month)
    median, value_sd, scale = theta[st.BRAND_VALUE, cell], theta[st.BRAND_SD, cell], theta[st.SCALE, cell]
    grant, sharpness, cost = theta[st.GRANT_MARK, cell], theta[st.BRAND_SHARPNESS, cell], mark_cost(theta, cell)
    for i in range(n):
        z = normal_quantile(unit(draft.words[0, i]))
        log_value = median + value_sd * z
        gain = grant * exp(log_value) - cost
        draft.outcome[i] = 1 if unit(draft.words[1, i]) < logistic(sharpness * gain / scale) else 0
        draft.quality[i] = z
        draft.log_value[i] = log_value


@inlined
def settle_brand(i, owner, theta, cell, draft, filed, tally):
    """Do what was reckoned for a brand need."""
    count(tally, IDEAS, TRADEMARK, cell, 1)
    defensive = unit(draft.words[2, i]) < theta[st.DEFENSIVE, cell]
    if not (draft.outcome[i] and st.hand_in(
            filed, owner, st.BRAND_SERIAL + draft.ordinal[i], TRADEMARK, 0, LABELLED if defensive else 0,
            draft.quality[i], draft.log_value[i], 0, 0.0, mark_cost(theta, cell))):
        count(tally, NOT_FILED, TRADEMARK, cell, 1)


@inlined
def mark_cost(theta, cell):
    """Return the official and agency fee of a mark in yuan, less what local governments pay for it."""
    return theta[st.FEE_TM, cell] + theta[st.TM_AGENCY_FEE, cell] - theta[st.MARK_SUBSIDY, cell]


@kernel
def decide(seed, month, hits, hit_owner, hit_stream, hit_number, owners, neighbours, agencies, theta, choice_theta,
           values, wait_years, discount, pseudo, pull, drafts, filed, tally):
    """Decide on this month's arrivals of one owner block; what is filed is handed in to ``filed`` in owner order.

    ``values`` [kind, right, grid], flat, are keeping values in yuan; ``pseudo`` [caught | cases, patents | marks, cell]
    the evidence from peers; ``pull`` [cell] the bad-faith share peers are seen to have.
    """
    filed.book[0] = 0
    last, payer = -1, -1
    agency, fee, serial = -1, 0.0, 0
    hit, done = 0, 0
    while hit < hits:
        # Lay out a batch: decisions of applicants of one cell (rows lie cell by cell), in their order.
        cell = int(owners.cell[hit_owner[hit]])
        n = 0
        drafts.ready[:] = 0
        while n < BATCH and hit < hits and owners.cell[hit_owner[hit]] == cell:
            owner, stream = int(hit_owner[hit]), int(hit_stream[hit])
            if hit + AHEAD < hits and hit_stream[hit + AHEAD] == OCCASION:
                fetch_conduct(owners, hit_owner[hit + AHEAD])
            if owner != last:
                last, agency = owner, -1
            if agency < 0 and stream != BRAND_NEED:
                agency = choose_agency(seed, month, owner, owners, neighbours, agencies, choice_theta, cell)
                fee = agencies.fee[agency]
            behind = min(int(hit_number[hit]), done + BATCH - n)
            n = lay_out(drafts, n, stream, owner, done, behind, agency, fee, owners, month)
            if stream == OCCASION:
                volume = 1.0 if agencies.model[agency] == VOLUME else 0.0
                lay_out_conduct(drafts, behind - done, owner, fee, volume, owners, theta, cell, month)
            done = behind
            if done == hit_number[hit]:
                hit, done = hit + 1, 0
        # Reckon what each would come to.
        ideas, designs, brands = drafts.ready[IDEA], drafts.ready[DESIGN_NEED], drafts.ready[BRAND_NEED]
        occasions = drafts.ready[OCCASION]
        if ideas > 0:
            reckon_ideas(whole_vectors(ideas), seed, month, theta, cell, values, wait_years, discount, drafts)
        if designs > 0:
            reckon_designs(whole_vectors(designs), seed, month, theta, cell, values, drafts)
        if brands > 0:
            reckon_brands(whole_vectors(brands), seed, month, theta, cell, drafts)
        pull_yuan = theta[st.CONTAGION, cell] * theta[st.FAKE_SCALE, cell] * (pull[cell] - 0.5)
        if occasions > 0:
            reckon_occasions(whole_vectors(occasions), seed, month, theta, cell, pseudo, pull_yuan, drafts)
        # Settle one after the other.
        drafts.ready[:] = 0
        for turn in range(n):
            stream = int(drafts.turns[turn])
            draft, i = drafts.kinds[stream], drafts.ready[stream]
            drafts.ready[stream] += 1
            owner = int(draft.owner[i])
            if owner != payer:
                payer, serial = owner, 0
                filed.purse[0] = owners.budget[owner]
            if stream == IDEA:
                settle_idea(i, owner, theta, cell, draft, filed, tally)
            elif stream == DESIGN_NEED:
                settle_design(i, owner, theta, cell, draft, filed, tally)
            elif stream == BRAND_NEED:
                settle_brand(i, owner, theta, cell, draft, filed, tally)
            else:
                serial = settle_occasion(seed, month, i, owner, serial, owners, theta, cell, pull_yuan, drafts, filed,
                                         tally)
