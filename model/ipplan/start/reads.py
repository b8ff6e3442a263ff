"""The primitives of the start state, and what filings of before 2017 are like."""

from __future__ import annotations

from ipplan.compiled import inlined
from ipplan.world import FIELDS, RIGHTS

# compiled-constants
READS = (
    *(f"start.in_force.{right}.*" for right in RIGHTS), "start.youth.invention", "start.youth.utility_model",
    "start.youth.design", "start.youth.trademark", "start.youth.foreign", "start.bad_share", "start.ever_traded",
    "start.licensed", "start.used.*", "start.docket.invention", "start.docket.utility_model", "start.docket.design",
    "start.docket.trademark", "start.docket_months.invention", "start.filings_per_month.invention",
    "examination.request_immediate", "examination.request_months", "examination.never_requested",
    "examination.prosecution_months.normal", "start.docket.reexamination", "examination.reexam_months",
    *(f"start.grant_months.{right}" for right in RIGHTS), *(f"start.most_years.{right}" for right in RIGHTS),
    *(f"start.allowed.{right}" for right in RIGHTS), "start.allowed_foreign", "start.grant_spread",
    "start.bad_ratio.in_force", "start.bad_ratio.docket", "applicants.brand_share.*", "applicants.design_share.*",
)  # fmt: skip
(
    HELD_INVENTION, HELD_UM, HELD_DESIGN, HELD_TM, YOUTH_INVENTION, YOUTH_UM, YOUTH_DESIGN, YOUTH_TM, YOUTH_FOREIGN,
    BAD_SHARE, EVER_TRADED, EVER_LICENSED, USED, DOCKET_INVENTION, DOCKET_UM, DOCKET_DESIGN, DOCKET_TM, DOCKET_MONTHS,
    FILINGS_INVENTION, REQUEST_NOW, REQUEST_MONTHS, NEVER, LAG, DOCKET_REEXAM, REEXAM_MONTHS,
) = range(25)  # fmt: skip
GRANT_MONTHS, MOST_YEARS_HELD, ALLOWED_SHARE, ALLOWED_FOREIGN = 25, 29, 33, 37
"""The first three by right."""
GRANT_SPREAD, BAD_IN_FORCE, BAD_ON_DOCKET, BRAND_SHARE, DESIGN_SHARE = range(38, 43)

DOCKET_READS = (
    *(f"start.filer_share.{right}.*" for right in RIGHTS[:2]),
    *(f"start.docket_months.{right}" for right in RIGHTS[1:]),
    *(f"start.decision_months.{right}" for right in RIGHTS[1:]),
)  # fmt: skip
FILER_SHARE, BACK, DECIDING = 0, 2, 5
"""By right; the months without inventions, which have their own."""

TRAITS = (
    "invention.quality_mean.*", "fabrication.quality_mean", "invention.value_log_median",
    "fabrication.value_discount", "design.value_log_median", "invention.value_quality_loading",
    "invention.value_log_sd", "filing.utility_model_validity", "invention.capability_sd", "tagging.sei_share",
    "brand.value_log_median", "start.quality_gain", "start.kept_leeway", "brand.value_log_sd", "fabrication.quality_sd",
    "fabrication.value_log_sd", "invention.own_field", *(f"tagging.sei_factor.{field}" for field in FIELDS),
    "squatting.defensive_response",
)  # fmt: skip
(
    QUALITY, FAKE_QUALITY, VALUE, FAKE_DISCOUNT, DESIGN_VALUE, LOADING, VALUE_SD, VALIDITY, CAPABILITY, SEI_SHARE,
    BRAND_VALUE, GAIN, LEEWAY, BRAND_SD, FAKE_QUALITY_SD, FAKE_VALUE_SD, OWN_FIELD, SEI_FACTOR,
) = range(18)  # fmt: skip
DEFENSIVE = SEI_FACTOR + len(FIELDS)
"""What filings of the start are like; the factor by field."""


@inlined
def mean_quality(owners, owner, cell, traits):
    """Return the mean quality of what an owner filed in good faith."""
    return traits[QUALITY, cell] + traits[GAIN, cell] + traits[CAPABILITY, cell] * owners.capability[owner]
