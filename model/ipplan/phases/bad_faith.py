"""Step 3, in bad faith: one more choice, of those who have an occasion (Becker 1968).

An occasion leads to a made-up invention, utility model, design, a squatted mark, marks abroad, or nothing, by expected
utility with the learned belief of being caught - one logit, so that what is stopped in one channel can move to another.
"""

from __future__ import annotations

from ipplan.compiled import called, fetch_ahead, inlined, inlined_helper
from ipplan.elementary import exp, log
from ipplan.ledger import OPPORTUNITIES, count
from ipplan.phases import marks_abroad, portfolio
from ipplan.phases import stakes as st
from ipplan.phases.drafts import draw
from ipplan.phases.intake import fetch_memory
from ipplan.phases.invention import OCCASION
from ipplan.rights.docket import BAD, LABELLED
from ipplan.streams import Stream, normal_quantile, poisson, uniforms, unit
from ipplan.world import DESIGN, INVENTION, N_KINDS, TRADEMARK, UTILITY_MODEL

# compiled-constants
_FAKES, _FAKE_TRAITS = int(Stream.FABRICATION_CHOICE), int(Stream.FABRICATION)

MOST_BATCH = 16
"""Filings of one occasion at most: a bound on work and room."""
FARTHEST = 600.0
"""Gains beyond this many scales are certainty; keeps exp finite."""


@inlined
def fetch_conduct(owners, owner):
    """Fetch what ``lay_out_conduct`` will read: few have an occasion, so each column is a trip to memory."""
    fetch_memory(owners, owner)
    fetch_ahead(owners.taste, owner)
    fetch_ahead(owners.integrity, owner)
    fetch_ahead(owners.marks, owner)
    fetch_ahead(owners.marks_month, owner)
    fetch_ahead(owners.size, owner)


@inlined
def lay_out_conduct(drafts, number, owner, fee, volume, owners, theta, cell, month):
    """Lay out what an owner reckons with on its ``number`` occasions, the latest that were laid out."""
    conduct, behind = drafts.conduct[0], drafts.ready[OCCASION]
    hoard = portfolio.recent(owners, owner, month) + theta[st.BULK, cell] * theta[st.BULK_TM, cell]
    need = portfolio.normal_need(owners, owner, theta[st.MARK_NEED, cell])
    standing = st.standing(owners, owner, month)
    for i in range(behind - number, behind):
        conduct.fee[i] = fee
        conduct.standing[i] = standing
        conduct.volume[i] = volume
        conduct.months[i] = month - owners.remembered[owner]
        for channel in range(2):
            conduct.caught[channel, i] = owners.caught[owner, channel]
            conduct.tried[channel, i] = owners.tried[owner, channel]
        conduct.taste[i] = owners.taste[owner]
        conduct.integrity[i] = owners.integrity[owner]
        conduct.hoard[i] = hoard
        conduct.need[i] = need


@inlined_helper
def expected_gain(payoff, success, cost, fee, detection, sanction, moral, pull):
    """Return the expected utility in yuan of one filing in bad faith (Becker 1968, with contagion ``pull``)."""
    return (1.0 - detection) * success * payoff - cost - fee - detection * sanction - moral + pull


@inlined
def costs(right, kind, theta, cell):
    """Return what a made-up filing costs.

    These are: yuan to make it up, the cut of agencies that live by volume, official fees, relief from them, and the
    share of the agency's fee.
    """
    made = theta[st.COST_INVENTION + right, cell]
    if right == TRADEMARK:
        return made, 0.0, mark_dues(theta, cell), 0.0, 0.0
    official = theta[st.FEE_INVENTION + right, cell]
    if right == INVENTION:
        official *= theta[st.FAKE_OFFICIAL, cell]
    relief, share = st.fee_relief(kind, theta, cell), theta[st.FAKE_FEE + right, cell]
    return made, theta[st.VOLUME_CUT, cell], official, relief, share


@inlined_helper
def making(made, cut, volume):
    """Return the yuan it takes to make a filing up, at an agency that lives by ``volume`` (1) or does not (0)."""
    return made * (1.0 - cut * volume)


@inlined_helper
def dues(official, relief, standing, fee, share):
    """Return official fees, less relief in good ``standing`` (1, else 0), and a share of the agency's fee."""
    return official * (1.0 - relief * standing) + fee * share


@inlined
def mark_dues(theta, cell):
    """Return the fees of a squatted mark in yuan, less what local governments pay for it."""
    return (theta[st.FEE_TM, cell] + theta[st.FAKE_FEE_TM, cell] * theta[st.TM_AGENCY_FEE, cell]
            - theta[st.MARK_SUBSIDY, cell])


@inlined
def reckon_beliefs(n, theta, cell, pseudo, conduct):
    """Reckon beliefs of being caught - prior, peers' cases and own memory (Beta mean) times taste - and moral costs."""
    forget, weight = log(1.0 - theta[st.FORGETTING, cell]), theta[st.PRIOR_WEIGHT, cell]
    sd, most = theta[st.AMBIGUITY, cell], theta[st.MOST_BELIEF, cell]
    moral, moral_sd = theta[st.MORAL_COST, cell], theta[st.MORAL_SD, cell]
    for channel in range(2):
        prior = weight * theta[st.PRIOR, cell] + pseudo[0, channel, cell]
        cases = weight + pseudo[1, channel, cell]
        for i in range(n):
            keep = exp(forget * conduct.months[i])
            seen = (prior + keep * conduct.caught[channel, i]) / (cases + keep * conduct.tried[channel, i])
            conduct.believed[channel, i] = min(most, seen * exp(sd * conduct.taste[i] - 0.5 * sd * sd))
    for i in range(n):
        conduct.moral[i] = moral * exp(moral_sd * conduct.integrity[i])


@called
def reckon_occasions(n, seed, month, theta, cell, pseudo, pull_yuan, drafts):
    """Reckon what would come of ``n`` occasions of applicants of one cell, under the contagion ``pull_yuan``."""
    conduct, kind, scale = drafts.conduct[0], cell % N_KINDS, theta[st.FAKE_SCALE, cell]
    draw(drafts.kinds[OCCASION], n, 0, seed, _FAKES, 0, month)
    reckon_beliefs(n, theta, cell, pseudo, conduct)
    full_payoff = theta[st.PAYOFF, cell] * st.payoff_weight(kind, theta[st.WEIGHT_COUNTS, cell])
    for right in range(TRADEMARK):
        made, cut, official, relief, share = costs(right, kind, theta, cell)
        success, sanction = theta[st.SUCCESS_INVENTION + right, cell], theta[st.SANCTION, cell]
        ratio = 1.0 if right == INVENTION else theta[st.RATIO_UM + right - UTILITY_MODEL, cell]
        for i in range(n):
            gain = expected_gain(full_payoff * conduct.standing[i] * ratio, success,
                                 making(made, cut, conduct.volume[i]),
                                 dues(official, relief, conduct.standing[i], conduct.fee[i], share),
                                 conduct.believed[0, i], sanction, conduct.moral[i], pull_yuan)
            conduct.weights[right, i] = exp(min(FARTHEST, gain / scale))
    made, _, official, _, _ = costs(TRADEMARK, kind, theta, cell)
    success, sanction, resale = theta[st.SUCCESS_TM, cell], theta[st.SANCTION_TM, cell], theta[st.RESALE, cell]
    severity, ratio = theta[st.SEVERITY, cell], theta[st.MORAL_TM, cell]
    for i in range(n):
        unrefused = portfolio.passes(conduct.hoard[i], conduct.need[i], severity)
        gain = expected_gain(resale, success * unrefused, made, official, conduct.believed[1, i], sanction,
                             ratio * conduct.moral[i], pull_yuan)
        conduct.weights[TRADEMARK, i] = exp(min(FARTHEST, gain / scale))


@inlined
def settle_occasion(seed, month, i, owner, serial, owners, theta, cell, pull_yuan, drafts, filed, tally):
    """Do what was reckoned for an occasion for bad faith; returns the next free ordinal of the owner's fakes."""
    draft, conduct, kind = drafts.kinds[OCCASION], drafts.conduct[0], cell % N_KINDS
    count(tally, OPPORTUNITIES, INVENTION, cell, 1)
    a, b, c, d = conduct.weights[0, i], conduct.weights[1, i], conduct.weights[2, i], conduct.weights[3, i]
    u, v = unit(draft.words[0, i]), unit(draft.words[1, i])
    w, x = unit(draft.words[2, i]), unit(draft.words[3, i])
    if marks_abroad.goes_abroad(w, x, a + b + c + d + 1.0, conduct.moral[i], pull_yuan, theta, cell):
        marks_abroad.file(v, theta, cell, filed, tally)
        return serial
    u *= a + b + c + d + 1.0
    if u >= a + b + c + d:
        return serial
    if a + b + c <= u < a + b + c + d * theta[st.FOR_STATUS, cell]:  # no mark counts for a status
        return serial
    right = INVENTION if u < a else (UTILITY_MODEL if u < a + b else (DESIGN if u < a + b + c else TRADEMARK))
    made, cut, official, relief, share = costs(right, kind, theta, cell)
    standing, agency = conduct.standing[i], int(draft.agency[i])
    cost = dues(official, relief, standing, conduct.fee[i], share) + making(made, cut, conduct.volume[i])
    payoff = theta[st.PAYOFF, cell] * st.payoff_weight(kind, theta[st.WEIGHT_COUNTS, cell]) * standing
    mean = theta[st.BULK, cell] * (theta[st.BULK_TM, cell] if right == TRADEMARK else 1.0)
    for _ in range(min(MOST_BATCH, 1 + poisson(v, mean - 1.0))):
        e, f, g, h = uniforms(seed, _FAKE_TRAITS, owner, st.FAKE_SERIAL + serial, month, 0)
        quality = theta[st.FAKE_QUALITY, cell] + theta[st.FAKE_QUALITY_SD, cell] * normal_quantile(e)
        median = theta[st.VALUE_MEDIAN, cell] - theta[st.FAKE_DISCOUNT, cell]
        log_value = median + theta[st.FAKE_VALUE_SD, cell] * normal_quantile(f)
        worth = payoff * (1.0 if right == INVENTION else theta[st.RATIO_UM, cell])
        labelled = LABELLED if right == INVENTION and h < theta[st.SEI_SHARE, cell] else 0
        field = st.drawn_field(owners.field[owner], g, theta[st.OWN_FIELD, cell])
        if not st.hand_in(filed, owner, st.FAKE_SERIAL + serial, right, field, BAD | labelled, quality, log_value,
                          agency, worth, cost):
            return serial
        serial += 1
    return serial
