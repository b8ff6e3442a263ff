"""Step 3: what to do with an idea - file it as an invention or a utility model, keep it secret, or nothing.

Nested logit (McFadden 1978): the patent nest {invention, utility model}, secrecy, nothing. Utilities are in yuan:
believed grant chance times (value of keeping the right, discounted for pendency, plus the non-market payoff),
minus fees. Honest decisions are reckoned in batches (see ``drafts``) and settled in the order of applicants.

Bad faith is one more choice (Becker 1968): an occasion leads to a made-up invention, utility model, design, a
squatted mark, or nothing, by expected utility with the learned belief of being caught - one logit, so that what is
stopped in one channel can move to another.
"""

from __future__ import annotations

import math

from ipplan.agents.agencies import VOLUME
from ipplan.compiled import called, helper, inlined, inlined_helper, kernel
from ipplan.elementary import exp, log
from ipplan.ledger import IDEAS, KEPT_SECRET, NOT_FILED, OPPORTUNITIES, SCREENED_OUT, count
from ipplan.phases.drafts import BATCH, draw, lay_out, whole_vectors
from ipplan.phases.invention import BRAND_NEED, DESIGN_NEED, IDEA
from ipplan.phases.representation import choose_agency
from ipplan.rights.docket import BAD, LABELLED
from ipplan.streams import Stream, normal_quantile, poisson, uniforms, unit
from ipplan.world import DESIGN, FOREIGN, INVENTION, N_FIELDS, N_KINDS, TRADEMARK, UTILITY_MODEL

# compiled-constants
_TRAITS, _CHOICE = int(Stream.IDEA_TRAITS), int(Stream.FILING_CHOICE)
_FAKES, _FAKE_TRAITS = int(Stream.FABRICATION_CHOICE), int(Stream.FABRICATION)

DESIGN_SERIAL, BRAND_SERIAL, FAKE_SERIAL = 8192, 16384, 32768
"""Ordinals of an owner's filings in a month start here, so that kinds of filings never share a draw."""
MOST_BATCH = 16

READS = (
    "invention.quality_mean.*", "invention.capability_sd", "invention.value_log_median",
    "invention.value_quality_loading", "invention.value_log_sd", "design.value_log_median",
    "brand.value_log_median", "brand.value_log_sd", "filing.logit_scale", "filing.nest_scale",
    "filing.fee.invention", "filing.fee.utility_model", "filing.fee.design", "filing.fee.trademark",
    "filing.fee_relief", "filing.payoff.*", "filing.payoff_ratio.utility_model", "filing.payoff_ratio.design",
    "filing.utility_model_validity", "filing.secrecy_share", "filing.disclosure_leak", "filing.screen_threshold",
    "filing.screen_noise", "agencies.trademark_fee", "examination.standard.invention",
    "examination.standard.utility_model", "examination.label_forging", "tagging.sei_share",
    "fabrication.cost.invention", "fabrication.cost.utility_model", "fabrication.cost.design",
    "fabrication.cost.trademark", "fabrication.moral_cost.*", "fabrication.moral_cost_log_sd",
    "fabrication.logit_scale", "fabrication.contagion", "fabrication.resale_value",
    "fabrication.success.invention", "fabrication.success.utility_model", "fabrication.success.design",
    "fabrication.success.trademark", "fabrication.batch_size", "fabrication.batch_ratio.trademark",
    "fabrication.quality_mean", "fabrication.value_discount", "agencies.volume_cost_cut", "sanction.patent",
    "sanction.trademark", "belief.prior_detection", "belief.prior_weight", "belief.ambiguity_sd",
    "belief.forgetting", "university.weight_counts",
)  # fmt: skip
(
    QUALITY_MEAN, CAPABILITY_SD, VALUE_MEDIAN, VALUE_LOADING, VALUE_SD, DESIGN_VALUE, BRAND_VALUE, BRAND_SD,
    SCALE, NEST, FEE_INVENTION, FEE_UM, FEE_DESIGN, FEE_TM, RELIEF, PAYOFF, RATIO_UM, RATIO_DESIGN,
    VALIDITY, SECRECY, LEAK, SCREEN, SCREEN_NOISE, TM_AGENCY_FEE, STANDARD, STANDARD_UM, FORGING, SEI_SHARE,
    COST_INVENTION, COST_UM, COST_DESIGN, COST_TM, MORAL_COST, MORAL_SD, FAKE_SCALE, CONTAGION, RESALE,
    SUCCESS_INVENTION, SUCCESS_UM, SUCCESS_DESIGN, SUCCESS_TM, BULK, BULK_TM, FAKE_QUALITY, FAKE_DISCOUNT,
    VOLUME_CUT, SANCTION, SANCTION_TM, PRIOR, PRIOR_WEIGHT, AMBIGUITY, FORGETTING, WEIGHT_COUNTS,
) = range(53)  # fmt: skip

# What applicants reckon with (assumed; constants that no measure moves).
SHARPNESS = 2.5
"""How sharply the believed grant chance rises with quality around the standard, per sd."""
GRANT_FLOOR, GRANT_RANGE = 0.15, 0.6
"""Believed grant chance of an invention far below the standard, and what soundness adds."""
GRANT_UM, UM_FLOOR, UM_RANGE, GRANT_DESIGN, GRANT_MARK = 0.92, 0.4, 0.6, 0.92, 0.75
UM_WAIT_YEARS = 0.7
SECRECY_YEARS = 6.0
"""Years a secret pays, discounted."""
FEE_SHARE_UM, FEE_SHARE_DESIGN = 0.5, 0.35
"""Agency fee of other rights, against an invention's."""
FAKE_FEE_INVENTION, FAKE_FEE_UM, FAKE_FEE_DESIGN, FAKE_FEE_MARK = 0.5, 0.2, 0.15, 0.3
"""Agency fee of made-up filings, against an honest invention's (marks: a mark's): drafted from templates."""
FAKE_OFFICIAL = 0.3
"""Share of an invention's official fees that a made-up one ever pays: most are gone before examination and grant."""
MORAL_SHARE_MARK = 0.5
"""Moral cost of squatting a mark, against a made-up patent."""
FAKE_QUALITY_SD, FAKE_VALUE_SD = 0.5, 0.8

VALUE_LOW, VALUE_STEP, VALUE_CELLS = 0.0, 0.125, 128
"""Grid of log first-year returns of the tables of keeping values."""
SEI_FACTORS = (1.6, 1.5, 0.7, 0.9, 1.4, 1.4, 0.7, 0.15)
"""Share of strategic emerging industries by field against the average (assumed)."""


@inlined
def keeping_value(tables, table, log_value):
    """Return the value in yuan of keeping a right with this log first-year return (linear between grid points).

    ``tables`` holds grids of ``VALUE_CELLS`` behind each other, ``table`` is the number of the one to read.
    """
    place = min(max((log_value - VALUE_LOW) / VALUE_STEP, 0.0), VALUE_CELLS - 1.001)
    cell = int(place)
    first = table * VALUE_CELLS + cell
    return tables[first] + (place - cell) * (tables[first + 1] - tables[first])


@inlined_helper
def logistic(x):
    """Return 1 / (1 + exp(-x)), safe at both ends."""
    return 1.0 / (1.0 + exp(-min(max(x, -40.0), 40.0)))


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


@inlined
def believed_detection(owners, owner, month, channel, pseudo, theta, cell):
    """Return an applicant's belief of being caught: prior, own memory and peers' cases (Beta mean) times taste."""
    keep = (1.0 - theta[FORGETTING, cell]) ** (month - owners.remembered[owner])
    weight = theta[PRIOR_WEIGHT, cell]
    caught = weight * theta[PRIOR, cell] + keep * owners.caught[owner, channel] + pseudo[0, channel, cell]
    cases = weight + keep * owners.tried[owner, channel] + pseudo[1, channel, cell]
    sd = theta[AMBIGUITY, cell]
    return min(0.98, caught / cases * math.exp(sd * owners.taste[owner] - 0.5 * sd * sd))


@helper
def expected_gain(payoff, success, cost, fee, detection, sanction, moral, pull):
    """Return the expected utility in yuan of one filing in bad faith (Becker 1968, with contagion ``pull``)."""
    return (1.0 - detection) * success * payoff - cost - fee - detection * sanction - moral + pull


@helper
def drawn_field(own, u):
    """Return the field of an idea: the applicant's own seven times in ten."""
    return own if u < 0.7 else min(N_FIELDS - 1, int((u - 0.7) / 0.3 * N_FIELDS))


@called
def reckon_ideas(n, seed, month, theta, cell, values, wait_years, discount, drafts):
    """Reckon what would come of ``n`` technical ideas of applicants of one cell."""
    draft, kind = drafts.kinds[IDEA], cell % N_KINDS
    draw(draft, n, 0, seed, _TRAITS, 0, month)
    draw(draft, n, 4, seed, _CHOICE, 0, month)
    mean, capability_sd, noise = theta[QUALITY_MEAN, cell], theta[CAPABILITY_SD, cell], theta[SCREEN_NOISE, cell]
    median, loading, value_sd = theta[VALUE_MEDIAN, cell], theta[VALUE_LOADING, cell], theta[VALUE_SD, cell]
    validity = log(theta[VALIDITY, cell])
    for i in range(n):
        quality = mean + capability_sd * draft.capability[i] + normal_quantile(unit(draft.words[0, i]))
        log_value = median + loading * quality + value_sd * normal_quantile(unit(draft.words[1, i]))
        draft.quality[i] = quality
        draft.judged[i] = quality + noise * normal_quantile(unit(draft.words[4, i]))
        draft.log_value[i] = log_value
        draft.log_value_um[i] = log_value + validity
    unleaked = 1.0 - theta[LEAK, cell]
    for i in range(n):
        draft.kept[i] = unleaked * keeping_value(values, kind * 3, draft.log_value[i])
        draft.kept_um[i] = keeping_value(values, kind * 3 + 1, draft.log_value_um[i])
    waited, waited_um, secrecy = discount**wait_years, discount**UM_WAIT_YEARS, theta[SECRECY, cell] * SECRECY_YEARS
    standard, standard_um, ratio_um = theta[STANDARD, cell], theta[STANDARD_UM, cell], theta[RATIO_UM, cell]
    dues, dues_um, relief = theta[FEE_INVENTION, cell], theta[FEE_UM, cell], fee_relief(kind, theta, cell)
    full_payoff = theta[PAYOFF, cell] * payoff_weight(kind, theta[WEIGHT_COUNTS, cell])
    scale, nest = theta[SCALE, cell], theta[NEST, cell]
    foreign = 1e6 if kind == FOREIGN else 0.0  # families from abroad come as inventions (0.3 % of utility models)
    for i in range(n):
        payoff, paid = full_payoff * draft.standing[i], 1.0 - relief * draft.standing[i]
        grant = GRANT_FLOOR + GRANT_RANGE * logistic(SHARPNESS * (draft.quality[i] - standard))
        grant_um = GRANT_UM * (UM_FLOOR + UM_RANGE * logistic(SHARPNESS * (draft.quality[i] - standard_um)))
        cost, cost_um = draft.fee[i] + dues * paid, FEE_SHARE_UM * draft.fee[i] + dues_um * paid
        invention = grant * (waited * draft.kept[i] + payoff) - cost
        utility_model = grant_um * (waited_um * draft.kept_um[i] + payoff * ratio_um) - cost_um - foreign
        secret = secrecy * exp(min(draft.log_value[i], 25.0))
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
    if draft.judged[i] < theta[SCREEN, cell]:
        count(tally, SCREENED_OUT, choice, cell, 1)
        return
    field = drawn_field(draft.field[i], unit(draft.words[6, i]))
    flags, log_value, worth, cost = 0, draft.log_value_um[i], draft.worth_um[i], draft.cost_um[i]
    if choice == INVENTION:
        emerging = unit(draft.words[5, i]) < min(0.95, theta[SEI_SHARE, cell] * SEI_FACTORS[field])
        flags = LABELLED if emerging | (unit(draft.words[7, i]) < theta[FORGING, cell]) else 0
        log_value, worth, cost = draft.log_value[i], draft.worth[i], draft.cost[i]
    if not hand_in(filed, owner, draft.ordinal[i], choice, field, flags, draft.quality[i], log_value, draft.agency[i],
                   worth, cost):
        count(tally, NOT_FILED, INVENTION, cell, 1)


@helper
def payoff_weight(kind, weight_counts):
    """Universities and institutes value titles by the weight their evaluation gives to counts (1 at weight 0.85)."""
    return weight_counts / 0.85 if kind == 3 or kind == 4 else 1.0


@inlined
def fee_relief(kind, theta, cell):
    """Return the share of official fees that is waived: none for large firms and foreign applicants."""
    return 0.0 if kind == 0 or kind == FOREIGN else theta[RELIEF, cell]


@called
def reckon_designs(n, seed, month, theta, cell, values, drafts):
    """Reckon what would come of ``n`` designs of applicants of one cell."""
    draft, kind = drafts.kinds[DESIGN_NEED], cell % N_KINDS
    draw(draft, n, 0, seed, _TRAITS, DESIGN_SERIAL, month)
    median, loading, value_sd = theta[DESIGN_VALUE, cell], 0.5 * theta[VALUE_LOADING, cell], theta[VALUE_SD, cell]
    for i in range(n):
        z = normal_quantile(unit(draft.words[0, i]))
        draft.quality[i] = z
        draft.log_value[i] = median + loading * z + value_sd * normal_quantile(unit(draft.words[1, i]))
    for i in range(n):
        draft.kept[i] = keeping_value(values, kind * 3 + 2, draft.log_value[i])
    full_payoff = theta[PAYOFF, cell] * theta[RATIO_DESIGN, cell]
    dues, relief, scale = theta[FEE_DESIGN, cell], fee_relief(kind, theta, cell), theta[SCALE, cell]
    for i in range(n):
        worth = draft.kept[i] + full_payoff * draft.standing[i]
        cost = dues * (1.0 - relief * draft.standing[i]) + FEE_SHARE_DESIGN * draft.fee[i]
        gain = GRANT_DESIGN * worth - cost
        draft.outcome[i] = 1 if unit(draft.words[2, i]) < logistic(gain / scale) else 0
        draft.worth[i] = worth
        draft.cost[i] = cost


@inlined
def settle_design(i, owner, cell, draft, filed, tally):
    """Do what was reckoned for a design."""
    count(tally, IDEAS, DESIGN, cell, 1)
    field = drawn_field(draft.field[i], unit(draft.words[3, i]))
    if not (draft.outcome[i] and hand_in(
            filed, owner, DESIGN_SERIAL + draft.ordinal[i], DESIGN, field, 0, draft.quality[i], draft.log_value[i],
            draft.agency[i], draft.worth[i], draft.cost[i])):
        count(tally, NOT_FILED, DESIGN, cell, 1)


@called
def reckon_brands(n, seed, month, theta, cell, drafts):
    """Reckon what would come of ``n`` brand needs (a class each) of applicants of one cell."""
    draft = drafts.kinds[BRAND_NEED]
    draw(draft, n, 0, seed, _TRAITS, BRAND_SERIAL, month)
    median, value_sd, scale = theta[BRAND_VALUE, cell], theta[BRAND_SD, cell], theta[SCALE, cell]
    cost = mark_cost(theta, cell)
    for i in range(n):
        z = normal_quantile(unit(draft.words[0, i]))
        log_value = median + value_sd * z
        gain = GRANT_MARK * exp(log_value) - cost
        draft.outcome[i] = 1 if unit(draft.words[1, i]) < logistic(2.0 * gain / scale) else 0
        draft.quality[i] = z
        draft.log_value[i] = log_value


@inlined
def settle_brand(i, owner, theta, cell, draft, filed, tally):
    """Do what was reckoned for a brand need."""
    count(tally, IDEAS, TRADEMARK, cell, 1)
    if not (draft.outcome[i] and hand_in(
            filed, owner, BRAND_SERIAL + draft.ordinal[i], TRADEMARK, 0, 0, draft.quality[i], draft.log_value[i],
            0, 0.0, mark_cost(theta, cell))):
        count(tally, NOT_FILED, TRADEMARK, cell, 1)


@inlined
def mark_cost(theta, cell):
    """Return the official and agency fee of a mark in yuan."""
    return theta[FEE_TM, cell] + theta[TM_AGENCY_FEE, cell]


@inlined
def file_fakes(seed, month, owner, j, serial, owners, agency, fee, volume, theta, cell, pseudo, pull, filed, tally):
    """Decide on one occasion for bad faith; return the next free ordinal."""
    kind = owners.kind[owner]
    count(tally, OPPORTUNITIES, INVENTION, cell, 1)
    patent = believed_detection(owners, owner, month, 0, pseudo, theta, cell)
    mark = believed_detection(owners, owner, month, 1, pseudo, theta, cell)
    moral = theta[MORAL_COST, cell] * math.exp(theta[MORAL_SD, cell] * owners.integrity[owner])
    sanctioned = owners.sanctioned_until[owner] > month
    payoff = 0.0 if sanctioned else theta[PAYOFF, cell] * payoff_weight(kind, theta[WEIGHT_COUNTS, cell])
    relief = 0.0 if sanctioned or kind == 0 or kind == 5 else theta[RELIEF, cell]
    cut = 1.0 - theta[VOLUME_CUT, cell] * volume
    scale = theta[FAKE_SCALE, cell]
    pull_yuan = theta[CONTAGION, cell] * scale * (pull[cell] - 0.5)
    sanction = theta[SANCTION, cell]
    dues_a = theta[FEE_INVENTION, cell] * FAKE_OFFICIAL * (1.0 - relief) + fee * FAKE_FEE_INVENTION
    dues_b = theta[FEE_UM, cell] * (1.0 - relief) + fee * FAKE_FEE_UM
    dues_c = theta[FEE_DESIGN, cell] * (1.0 - relief) + fee * FAKE_FEE_DESIGN
    dues_d = theta[FEE_TM, cell] + FAKE_FEE_MARK * theta[TM_AGENCY_FEE, cell]
    cost_a, cost_b = theta[COST_INVENTION, cell] * cut, theta[COST_UM, cell] * cut
    cost_c, cost_d = theta[COST_DESIGN, cell] * cut, theta[COST_TM, cell]
    a = math.exp(min(600.0, expected_gain(
        payoff, theta[SUCCESS_INVENTION, cell], cost_a, dues_a, patent, sanction, moral, pull_yuan) / scale))
    b = math.exp(min(600.0, expected_gain(
        payoff * theta[RATIO_UM, cell], theta[SUCCESS_UM, cell], cost_b, dues_b, patent, sanction, moral,
        pull_yuan) / scale))
    c = math.exp(min(600.0, expected_gain(
        payoff * theta[RATIO_DESIGN, cell], theta[SUCCESS_DESIGN, cell], cost_c, dues_c, patent, sanction, moral,
        pull_yuan) / scale))
    d = math.exp(min(600.0, expected_gain(
        theta[RESALE, cell], theta[SUCCESS_TM, cell], cost_d, dues_d, mark, theta[SANCTION_TM, cell],
        MORAL_SHARE_MARK * moral, pull_yuan) / scale))
    u, v, _, _ = uniforms(seed, _FAKES, owner, j, month, 0)
    u *= a + b + c + d + 1.0
    if u >= a + b + c + d:
        return serial
    right, cost = INVENTION, dues_a + cost_a
    if u >= a + b + c:
        right, cost = TRADEMARK, dues_d + cost_d
    elif u >= a + b:
        right, cost = DESIGN, dues_c + cost_c
    elif u >= a:
        right, cost = UTILITY_MODEL, dues_b + cost_b
    mean = theta[BULK, cell] * (theta[BULK_TM, cell] if right == TRADEMARK else 1.0)
    for _ in range(min(MOST_BATCH, 1 + poisson(v, mean - 1.0))):
        e, f, g, h = uniforms(seed, _FAKE_TRAITS, owner, FAKE_SERIAL + serial, month, 0)
        quality = theta[FAKE_QUALITY, cell] + FAKE_QUALITY_SD * normal_quantile(e)
        log_value = theta[VALUE_MEDIAN, cell] - theta[FAKE_DISCOUNT, cell] + FAKE_VALUE_SD * normal_quantile(f)
        worth = payoff * (1.0 if right == INVENTION else theta[RATIO_UM, cell])
        labelled = LABELLED if right == INVENTION and h < theta[SEI_SHARE, cell] else 0
        if not hand_in(filed, owner, FAKE_SERIAL + serial, right, drawn_field(owners.field[owner], g), BAD | labelled,
                       quality, log_value, agency, worth, cost):
            return serial
        serial += 1
    return serial


@inlined
def hand_in(filed, owner, serial, right, field, flags, quality, log_value, agency, worth, cost):
    """Add a filing to this month's, if the applicant's budget allows its ``cost``; True where it is filed.

    ``worth`` is what the right would be worth to the filer; both in yuan.
    """
    if cost > filed.purse[0]:
        return False
    filed.purse[0] -= cost
    n = filed.book[0]
    filed.book[0] = n + 1
    filing = filed.filings[n]
    filing.owner = owner
    filing.serial = serial
    filing.right = right
    filing.field = field
    filing.flags = flags
    filing.quality = quality
    filing.log_value = log_value
    filing.agency = agency
    filing.worth = worth
    return True


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
            if owner != last:
                last, agency = owner, -1
            if agency < 0 and stream != BRAND_NEED:
                agency = choose_agency(seed, month, owner, owners, neighbours, agencies, choice_theta, cell)
                fee = agencies.fee[agency]
            behind = min(int(hit_number[hit]), done + BATCH - n)
            n = lay_out(drafts, n, stream, owner, done, behind, agency, fee, owners, month)
            done = behind
            if done == hit_number[hit]:
                hit, done = hit + 1, 0
        # Reckon what each would come to.
        ideas, designs, brands = drafts.ready[IDEA], drafts.ready[DESIGN_NEED], drafts.ready[BRAND_NEED]
        reckon_ideas(whole_vectors(ideas), seed, month, theta, cell, values, wait_years, discount, drafts)
        reckon_designs(whole_vectors(designs), seed, month, theta, cell, values, drafts)
        reckon_brands(whole_vectors(brands), seed, month, theta, cell, drafts)
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
                settle_design(i, owner, cell, draft, filed, tally)
            elif stream == BRAND_NEED:
                settle_brand(i, owner, theta, cell, draft, filed, tally)
            else:
                at = int(draft.agency[i])
                volume = 1.0 if agencies.model[at] == VOLUME else 0.0
                serial = file_fakes(seed, month, owner, int(draft.ordinal[i]), serial, owners, at, draft.fee[i],
                                    volume, theta, cell, pseudo, pull, filed, tally)
