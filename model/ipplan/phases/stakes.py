"""What a filing is worth and costs to its applicant: what honest choices (``filing``) and bad faith share.

The table of what applicants reckon with, the payoff of a title beyond the market, relief from fees, the field of what
is filed, and the applicant's budget.
"""

from __future__ import annotations

from ipplan.compiled import helper, inlined, inlined_helper
from ipplan.phases.market import CONVERSIONS_2017
from ipplan.world import FIELDS, FOREIGN, INSTITUTE, LARGE, N_FIELDS, UNIVERSITY

# compiled-constants
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
    "invention.own_field", "design.loading_ratio", "brand.choice_sharpness", "filing.grant_sharpness",
    "filing.grant_chance.invention", "filing.grant_chance.utility_model", "filing.grant_chance.design",
    "filing.grant_chance.trademark", "filing.grant_floor.invention", "filing.grant_floor.utility_model",
    "filing.wait_years.utility_model", "filing.secrecy_years", "agencies.right_fee_ratio.utility_model",
    "agencies.right_fee_ratio.design", "fabrication.fee_ratio.invention", "fabrication.fee_ratio.utility_model",
    "fabrication.fee_ratio.design", "fabrication.fee_ratio.trademark", "fabrication.official_share",
    "fabrication.moral_ratio.trademark", "fabrication.quality_sd", "fabrication.value_log_sd", "belief.most",
    *(f"tagging.sei_factor.{field}" for field in FIELDS),
    "examination.portfolio_severity", "examination.mark_need", "squatting.defensive_response", "brand.filing_subsidy",
    "new_field.share", "new_field.held_back", "squatting.abroad_reach", "squatting.abroad_subsidy",
    "squatting.abroad_cost", "squatting.abroad_success", "squatting.abroad_moral", "fabrication.driver_elasticity",
)  # fmt: skip
(
    QUALITY_MEAN, CAPABILITY_SD, VALUE_MEDIAN, VALUE_LOADING, VALUE_SD, DESIGN_VALUE, BRAND_VALUE, BRAND_SD,
    SCALE, NEST, FEE_INVENTION, FEE_UM, FEE_DESIGN, FEE_TM, RELIEF, PAYOFF, RATIO_UM, RATIO_DESIGN,
    VALIDITY, SECRECY, LEAK, SCREEN, SCREEN_NOISE, TM_AGENCY_FEE, STANDARD, STANDARD_UM, FORGING, SEI_SHARE,
    COST_INVENTION, COST_UM, COST_DESIGN, COST_TM, MORAL_COST, MORAL_SD, FAKE_SCALE, CONTAGION, RESALE,
    SUCCESS_INVENTION, SUCCESS_UM, SUCCESS_DESIGN, SUCCESS_TM, BULK, BULK_TM, FAKE_QUALITY, FAKE_DISCOUNT,
    VOLUME_CUT, SANCTION, SANCTION_TM, PRIOR, PRIOR_WEIGHT, AMBIGUITY, FORGETTING, WEIGHT_COUNTS,
    OWN_FIELD, DESIGN_LOADING, BRAND_SHARPNESS, GRANT_SHARPNESS, GRANT, GRANT_UM, GRANT_DESIGN, GRANT_MARK,
    GRANT_FLOOR, GRANT_FLOOR_UM, WAIT_UM, SECRECY_YEARS, AGENCY_UM, AGENCY_DESIGN, FAKE_FEE, FAKE_FEE_UM,
    FAKE_FEE_DESIGN, FAKE_FEE_TM, FAKE_OFFICIAL, MORAL_TM, FAKE_QUALITY_SD, FAKE_VALUE_SD, MOST_BELIEF, SEI_FACTOR,
) = range(77)  # fmt: skip
"""The last of eight, by field."""
(
    SEVERITY, MARK_NEED, DEFENSIVE, MARK_SUBSIDY, NEW_SHARE, HELD_BACK, ABROAD_REACH, ABROAD_SUBSIDY, ABROAD_COST,
    ABROAD_SUCCESS, ABROAD_MORAL, FOR_STATUS,
) = range(SEI_FACTOR + N_FIELDS, SEI_FACTOR + N_FIELDS + 12)  # fmt: skip
"""The last is replaced by what follows from it: the share of occasions for bad faith that exist for a status, for which
marks do not count (``invention.for_status``)."""

DESIGN_SERIAL, BRAND_SERIAL, FAKE_SERIAL = 8192, 16384, 32768
"""Ordinals of an owner's filings in a month start here, so that kinds of filings never share a draw."""
COUNTS_2017 = 1.0 - CONVERSIONS_2017
"""Weight of counts in evaluation in 2017: payoffs (``filing.payoff``) are those at this weight, a matter of units."""
HIGHEST_LABEL_CHANCE = 0.95
"""Chance that an invention belongs to a strategic emerging industry at most: keeps it a chance."""


@inlined
def standing(owners, owner, month):
    """Return 1, or 0 for an applicant under a sanction: no payoff beyond the market, no relief from fees."""
    return 0.0 if owners.sanctioned_until[owner] > month else 1.0


@helper
def payoff_weight(kind, weight_counts):
    """Universities and institutes value titles by the weight their evaluation gives to counts (1 as in 2017)."""
    return weight_counts / COUNTS_2017 if kind == UNIVERSITY or kind == INSTITUTE else 1.0


@inlined
def fee_relief(kind, theta, cell):
    """Return the share of official fees that is waived: none for large firms and foreign applicants."""
    return 0.0 if kind == LARGE or kind == FOREIGN else theta[RELIEF, cell]


@helper
def drawn_field(own, u, own_share):
    """Return the field of an idea for one uniform: the applicant's own with ``own_share``, else any."""
    return own if u < own_share else min(N_FIELDS - 1, int((u - own_share) / (1.0 - own_share) * N_FIELDS))


@inlined_helper
def emerging_chance(average, factor):
    """Return the chance that an invention belongs to a strategic emerging industry, by its field's ``factor``."""
    return min(HIGHEST_LABEL_CHANCE, average * factor)


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
