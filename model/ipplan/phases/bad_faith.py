"""Step 3, in bad faith: one more choice, of those who have an occasion (Becker 1968).

An occasion leads to a made-up invention, utility model, design, a squatted mark, marks abroad, or nothing, by expected
utility with the learned belief of being caught - one logit, so that what is stopped in one channel can move to another.
"""

from __future__ import annotations

import math

from ipplan.compiled import fetch_ahead, helper, inlined
from ipplan.ledger import OPPORTUNITIES, count
from ipplan.phases import marks_abroad, portfolio
from ipplan.phases import stakes as st
from ipplan.phases.intake import fetch_memory
from ipplan.rights.docket import BAD, LABELLED
from ipplan.streams import Stream, normal_quantile, poisson, uniforms
from ipplan.world import DESIGN, INVENTION, TRADEMARK, UTILITY_MODEL

# compiled-constants
_FAKES, _FAKE_TRAITS = int(Stream.FABRICATION_CHOICE), int(Stream.FABRICATION)

MOST_BATCH = 16
"""Filings of one occasion at most: a bound on work and room."""
FARTHEST = 600.0
"""Gains beyond this many scales are certainty; keeps exp finite."""


@inlined
def fetch_conduct(owners, owner):
    """Fetch what decides on an applicant's occasion soon: few have one, so each column is a trip to memory."""
    fetch_memory(owners, owner)
    fetch_ahead(owners.taste, owner)
    fetch_ahead(owners.integrity, owner)
    fetch_ahead(owners.marks, owner)
    fetch_ahead(owners.marks_month, owner)
    fetch_ahead(owners.size, owner)


@inlined
def believed_detection(owners, owner, month, channel, pseudo, theta, cell):
    """Return an applicant's belief of being caught: prior, own memory and peers' cases (Beta mean) times taste."""
    keep = (1.0 - theta[st.FORGETTING, cell]) ** (month - owners.remembered[owner])
    weight = theta[st.PRIOR_WEIGHT, cell]
    caught = weight * theta[st.PRIOR, cell] + keep * owners.caught[owner, channel] + pseudo[0, channel, cell]
    cases = weight + keep * owners.tried[owner, channel] + pseudo[1, channel, cell]
    sd = theta[st.AMBIGUITY, cell]
    return min(theta[st.MOST_BELIEF, cell], caught / cases * math.exp(sd * owners.taste[owner] - 0.5 * sd * sd))


@helper
def expected_gain(payoff, success, cost, fee, detection, sanction, moral, pull):
    """Return the expected utility in yuan of one filing in bad faith (Becker 1968, with contagion ``pull``)."""
    return (1.0 - detection) * success * payoff - cost - fee - detection * sanction - moral + pull


@inlined
def file_fakes(seed, month, owner, j, serial, owners, agency, fee, volume, theta, cell, pseudo, pull, filed, tally):
    """Decide on one occasion for bad faith; return the next free ordinal."""
    kind = owners.kind[owner]
    count(tally, OPPORTUNITIES, INVENTION, cell, 1)
    patent = believed_detection(owners, owner, month, 0, pseudo, theta, cell)
    mark = believed_detection(owners, owner, month, 1, pseudo, theta, cell)
    moral = theta[st.MORAL_COST, cell] * math.exp(theta[st.MORAL_SD, cell] * owners.integrity[owner])
    sanctioned = owners.sanctioned_until[owner] > month
    payoff = 0.0 if sanctioned else theta[st.PAYOFF, cell] * st.payoff_weight(kind, theta[st.WEIGHT_COUNTS, cell])
    relief = 0.0 if sanctioned else st.fee_relief(kind, theta, cell)
    cut = 1.0 - theta[st.VOLUME_CUT, cell] * volume
    scale = theta[st.FAKE_SCALE, cell]
    pull_yuan = theta[st.CONTAGION, cell] * scale * (pull[cell] - 0.5)
    sanction = theta[st.SANCTION, cell]
    official = theta[st.FEE_INVENTION, cell] * theta[st.FAKE_OFFICIAL, cell]
    dues_a = official * (1.0 - relief) + fee * theta[st.FAKE_FEE, cell]
    dues_b = theta[st.FEE_UM, cell] * (1.0 - relief) + fee * theta[st.FAKE_FEE_UM, cell]
    dues_c = theta[st.FEE_DESIGN, cell] * (1.0 - relief) + fee * theta[st.FAKE_FEE_DESIGN, cell]
    dues_d = (theta[st.FEE_TM, cell] + theta[st.FAKE_FEE_TM, cell] * theta[st.TM_AGENCY_FEE, cell]
              - theta[st.MARK_SUBSIDY, cell])
    hoard = portfolio.recent(owners, owner, month) + theta[st.BULK, cell] * theta[st.BULK_TM, cell]
    unrefused = 1.0 - portfolio.refusal(hoard, portfolio.normal_need(owners, owner, theta[st.MARK_NEED, cell]),
                                        theta[st.SEVERITY, cell])
    cost_a, cost_b = theta[st.COST_INVENTION, cell] * cut, theta[st.COST_UM, cell] * cut
    cost_c, cost_d = theta[st.COST_DESIGN, cell] * cut, theta[st.COST_TM, cell]
    a = math.exp(min(FARTHEST, expected_gain(
        payoff, theta[st.SUCCESS_INVENTION, cell], cost_a, dues_a, patent, sanction, moral, pull_yuan) / scale))
    b = math.exp(min(FARTHEST, expected_gain(
        payoff * theta[st.RATIO_UM, cell], theta[st.SUCCESS_UM, cell], cost_b, dues_b, patent, sanction, moral,
        pull_yuan) / scale))
    c = math.exp(min(FARTHEST, expected_gain(
        payoff * theta[st.RATIO_DESIGN, cell], theta[st.SUCCESS_DESIGN, cell], cost_c, dues_c, patent, sanction, moral,
        pull_yuan) / scale))
    d = math.exp(min(FARTHEST, expected_gain(
        theta[st.RESALE, cell], theta[st.SUCCESS_TM, cell] * unrefused, cost_d, dues_d, mark,
        theta[st.SANCTION_TM, cell], theta[st.MORAL_TM, cell] * moral, pull_yuan) / scale))
    u, v, w, x = uniforms(seed, _FAKES, owner, j, month, 0)
    if marks_abroad.goes_abroad(w, x, a + b + c + d + 1.0, moral, pull_yuan, theta, cell):
        marks_abroad.file(v, theta, cell, filed, tally)
        return serial
    u *= a + b + c + d + 1.0
    if u >= a + b + c + d:
        return serial
    if a + b + c <= u < a + b + c + d * theta[st.FOR_STATUS, cell]:  # no mark counts for a status
        return serial
    right, cost = INVENTION, dues_a + cost_a
    if u >= a + b + c:
        right, cost = TRADEMARK, dues_d + cost_d
    elif u >= a + b:
        right, cost = DESIGN, dues_c + cost_c
    elif u >= a:
        right, cost = UTILITY_MODEL, dues_b + cost_b
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
