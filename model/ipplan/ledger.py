"""What agents did, counted. Every indicator is computed from this ledger, and nothing else writes it.

Kernels count each event once, by cell (province x kind) and right, over the year: the yearly record by cell. A month is
the difference between two month-ends, by kind of applicant. Stocks move by the same events, so conservation can be
checked from the ledger alone. All counts are integers at the scale of the run; ``grossing`` brings them to the nation.
Sums of continuous quantities (quality, value) are kept as integers in units of 1/1024, so they do not depend on the
order of summation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan import clock
from ipplan.compiled import inlined, kernel
from ipplan.world import DESTINATIONS, FIRM_TIERS, N_CELLS, N_DESTINATIONS, N_FIELDS, N_KINDS, N_PROVINCES, N_RIGHTS

# compiled-constants
# Events of single themes; a code is a place in ``FLOWS``, ``STOCKS`` (see ``flow`` and ``stock``).
TRADEMARK_FLOWS: tuple[str, ...] = (
    "filed_defensive", "refused_portfolio", "refused_portfolio_honest",
    "opposed", "opposed_bad", "opposed_maliciously", "oppositions_decided", "oppositions_upheld",
    "lost_to_malicious_opposition", "opposition_months",
    "squatters_met", "squatted_sold", "squatted_price", "mark_invalidation_requested", "mark_invalidation_granted",
    "nonuse_requested", "nonuse_granted", "nonuse_malicious", "nonuse_malice_found", "nonuse_granted_used",
    "nonuse_ex_officio", "brands_met", "brands_licensed", "brand_royalties",
    "marks_filed_abroad",
)  # fmt: skip

OTHER_RIGHT_FLOWS: tuple[str, ...] = ()

MARKET_FLOWS: tuple[str, ...] = (
    "open_declared", "open_nominal", "open_withdrawn", "open_lapsed", "open_taken", "open_revenue", "open_relief",
    "nominal_licensed", "consent_refused", "deals_used", "joint_kept", "joint_used",
    *(f"{what}_{tier}" for what in ("kept", "used_kept") for tier in FIRM_TIERS),
    "loans_sought_micro", "loans_refused_micro", "contracts_micro",
    "disputes_abroad", "disputes_abroad_guided", "disputes_abroad_loss", "disputes_abroad_averted",
)  # fmt: skip

SERVICE_FLOWS: tuple[str, ...] = (
    "formality_errors", "formality_abandoned", "formality_abandoned_honest", "new_field_filed",
    "new_field_held_back", "new_field_examined", "new_field_sound_refused", "new_field_flawed_granted",
)  # fmt: skip

PROVINCE_FLOWS: tuple[str, ...] = ()

TRADEMARK_STOCKS: tuple[str, ...] = ("pending_opposition",)

OTHER_RIGHT_STOCKS: tuple[str, ...] = ()

MARKET_STOCKS: tuple[str, ...] = ("open_licences",)

FLOWS = (
    "ideas", "kept_secret", "not_filed", "screened_out", "opportunities", "filed", "filed_bad",
    "flagged", "flagged_bad", "flag_withdrawn", "flag_withdrawn_honest", "contested", "contested_honest",
    "contest_won", "contest_won_honest", "requested", "never_requested", "entered_fast", "entered_priority",
    "entered_deferred", "concluded", "allowed", "granted", "granted_bad", "refused", "withdrawn", "unregistered",
    "struck_examination", "struck_honest", "reexam_requested", "reexam_concluded", "reexam_reversed",
    "sound_concluded", "sound_refused", "flawed_concluded", "flawed_granted", "quality_granted", "value_granted",
    "latent_granted", "lapsed", "lapsed_idle", "expired", "invalidated", "used_started", "used_stopped",
    "meetings", "no_staff", "no_surplus", "licensed", "transferred", "related_transfer", "price_paid",
    "overseas_family", "pledged", "awarded", "fees_paid", "renewals_due",
    "loans_sought", "loans_refused", "contracts_new", "contracts_rolled", "contracts_settled", "contracts_defaulted",
    "registered_new", "registered_rolled", "loans_new", "loans_rolled", "loans_settled", "loans_defaulted",
    "loans_expected_bad", "loans_recovered", "guarantee_paid",
    "infringement_occasions", "infringed", "infringement_met", "infringement_answered",
    "letters", "letters_heeded",
    "cases_mediation", "cases_administrative", "cases_centre", "cases_arbitration", "cases_court", "cases_appeal",
    "closed_mediation", "closed_administrative", "closed_centre", "closed_arbitration", "closed_court",
    "closed_appeal", "mediated", "stop_orders", "arbitral_awards", "court_settled", "court_dismissed", "court_judged",
    "court_won", "damages_awarded", "punitive_awards", "appeals_reversed", "infringers_sanctioned",
    "invalidation_requested", "invalidation_decided", "invalidated_wholly", "invalidated_partly", "invalidation_moot",
    "families_filed", "families_granted", *(f"filed_abroad_{place}" for place in DESTINATIONS),
    *(f"granted_abroad_{place}" for place in DESTINATIONS), *(f"refused_abroad_{place}" for place in DESTINATIONS),
    "royalties_imported", "royalties_exported", "royalties_sep", "royalties_disputed", "royalties_withheld",
    *TRADEMARK_FLOWS, *OTHER_RIGHT_FLOWS, *MARKET_FLOWS, *SERVICE_FLOWS, *PROVINCE_FLOWS,
)  # fmt: skip
(
    IDEAS, KEPT_SECRET, NOT_FILED, SCREENED_OUT, OPPORTUNITIES, FILED, FILED_BAD,
    FLAGGED, FLAGGED_BAD, FLAG_WITHDRAWN, FLAG_WITHDRAWN_HONEST, CONTESTED, CONTESTED_HONEST,
    CONTEST_WON, CONTEST_WON_HONEST, REQUESTED, NEVER_REQUESTED, ENTERED_FAST, ENTERED_PRIORITY,
    ENTERED_DEFERRED, CONCLUDED, ALLOWED, GRANTED, GRANTED_BAD, REFUSED, WITHDRAWN, UNREGISTERED,
    STRUCK_EXAMINATION, STRUCK_HONEST, REEXAM_REQUESTED, REEXAM_CONCLUDED, REEXAM_REVERSED,
    SOUND_CONCLUDED, SOUND_REFUSED, FLAWED_CONCLUDED, FLAWED_GRANTED, QUALITY_GRANTED, VALUE_GRANTED,
    LATENT_GRANTED, LAPSED, LAPSED_IDLE, EXPIRED, INVALIDATED, USED_STARTED, USED_STOPPED,
    MEETINGS, NO_STAFF, NO_SURPLUS, LICENSED, TRANSFERRED, RELATED_TRANSFER, PRICE_PAID,
    OVERSEAS_FAMILY, PLEDGED_FLOW, AWARDED, FEES_PAID, RENEWALS_DUE,
    LOANS_SOUGHT, LOANS_REFUSED, CONTRACTS_NEW, CONTRACTS_ROLLED, CONTRACTS_SETTLED, CONTRACTS_DEFAULTED,
    REGISTERED_NEW, REGISTERED_ROLLED, LOANS_NEW, LOANS_ROLLED, LOANS_SETTLED, LOANS_DEFAULTED,
    LOANS_EXPECTED_BAD, LOANS_RECOVERED, GUARANTEE_PAID,
    INFRINGEMENT_OCCASIONS, INFRINGED, INFRINGEMENT_MET, INFRINGEMENT_ANSWERED,
    LETTERS, LETTERS_HEEDED,
    CASES_MEDIATION, CASES_ADMINISTRATIVE, CASES_CENTRE, CASES_ARBITRATION, CASES_COURT, CASES_APPEAL,
    CLOSED_MEDIATION, CLOSED_ADMINISTRATIVE, CLOSED_CENTRE, CLOSED_ARBITRATION, CLOSED_COURT,
    CLOSED_APPEAL, MEDIATED, STOP_ORDERS, ARBITRAL_AWARDS, COURT_SETTLED, COURT_DISMISSED, COURT_JUDGED,
    COURT_WON, DAMAGES_AWARDED, PUNITIVE_AWARDS, APPEALS_REVERSED, INFRINGERS_SANCTIONED,
    INVALIDATION_REQUESTED, INVALIDATION_DECIDED, INVALIDATED_WHOLLY, INVALIDATED_PARTLY, INVALIDATION_MOOT,
) = range(106)  # fmt: skip
FAMILIES_FILED, FAMILIES_GRANTED, FILED_ABROAD = range(106, 109)
"""Families, and filings abroad by destination: flow ``FILED_ABROAD`` plus the code of the destination."""
GRANTED_ABROAD, REFUSED_ABROAD = FILED_ABROAD + N_DESTINATIONS, FILED_ABROAD + 2 * N_DESTINATIONS
ROYALTIES_IMPORTED = FILED_ABROAD + 3 * N_DESTINATIONS
(
    ROYALTIES_EXPORTED, ROYALTIES_SEP, ROYALTIES_DISPUTED, ROYALTIES_WITHHELD,
) = range(ROYALTIES_IMPORTED + 1, ROYALTIES_IMPORTED + 5)  # fmt: skip

STOCKS = (
    "pending_request", "pending_exam", "pending_decision", "pending_reexam",
    "disputes_mediation", "disputes_administrative", "disputes_centre", "disputes_arbitration", "disputes_court",
    "disputes_appeal", "pending_invalidation", *(f"pending_abroad_{place}" for place in DESTINATIONS),
    "in_force", "in_force_bad", "used",
    "licensed_out", "traded", "idle", "over_10y", "high_value", "high_value_latent", "sei", "listed", "overseas",
    "pledged_stock", "contracts_open", "contracts_small", "loans_outstanding",
    *TRADEMARK_STOCKS, *OTHER_RIGHT_STOCKS, *MARKET_STOCKS,
)  # fmt: skip
(
    PENDING_REQUEST, PENDING_EXAM, PENDING_DECISION, PENDING_REEXAM,
    DISPUTES_MEDIATION, DISPUTES_ADMINISTRATIVE, DISPUTES_CENTRE, DISPUTES_ARBITRATION, DISPUTES_COURT,
    DISPUTES_APPEAL, PENDING_INVALIDATION, PENDING_ABROAD,
) = range(12)  # fmt: skip
"""Cases pending abroad by destination: stock ``PENDING_ABROAD`` plus the code of the destination."""
(
    IN_FORCE, IN_FORCE_BAD, USED, LICENSED_OUT, TRADED, IDLE, OVER_10Y, HIGH_VALUE, HIGH_VALUE_LATENT, SEI, LISTED,
    OVERSEAS, PLEDGED_STOCK, CONTRACTS_OPEN, CONTRACTS_SMALL, LOANS_OUTSTANDING,
) = range(PENDING_ABROAD + N_DESTINATIONS, PENDING_ABROAD + N_DESTINATIONS + 16)  # fmt: skip

N_FLOWS, N_STOCKS = len(FLOWS), len(STOCKS)


def flow(name: str) -> int:
    """Return the code of a flow."""
    return FLOWS.index(name)


def stock(name: str) -> int:
    """Return the code of a stock."""
    return STOCKS.index(name)


def gauge(name: str) -> int:
    """Return the code of a gauge."""
    return GAUGES.index(name)


PENDING_OPPOSITION = stock("pending_opposition")

STOCKS_OF_RIGHTS = range(IN_FORCE, PLEDGED_STOCK + 1)
"""Stocks that count rights in force: all of them, then those with each flag of the register, in its order."""

FORUMS = ("mediation", "administrative", "centre", "arbitration", "court", "appeal")
MEDIATION, ADMINISTRATIVE, CENTRE, ARBITRATION, COURT, APPEAL = range(6)
"""Where disputes are heard; their flows and stocks stand in this order from ``CASES_MEDIATION``,
``CLOSED_MEDIATION`` and ``DISPUTES_MEDIATION`` on."""
N_FORUMS = len(FORUMS)

WAIT_LANES = ("fast", "priority", "normal", "deferred", "utility_model", "design", "trademark", *FORUMS)
FORUM_LANES = 7
"""The first lane of disputes: months from filing with a forum to its end there."""
N_WAIT_LANES = len(WAIT_LANES)
MAX_WAIT = 160
"""Months from request to conclusion are counted up to here; longer waits fall in the last class."""

FIXED_POINT = 1024

TRADEMARK_GAUGES: tuple[str, ...] = ("squatting_seen",)

OTHER_RIGHT_GAUGES: tuple[str, ...] = (
    "gi_products", "gi_recognised", "gi_absorbed", "gi_users", "gi_entered", "gi_left", "gi_inspected", "gi_found",
    "gi_cheating", "gi_reputation", "gi_output", "gi_output_treated", "gi_counterfeits", "gi_displaced",
    "gi_conflicts", "gi_conflicts_open", "gi_priced_out", "gi_producers",
    *(f"{right}_{what}" for right in ("layout", "data") for what in (
        "registered", "paper_registered", "refused", "expired", "in_force", "in_force_paper", "issued", "adopters",
        "secrets", "infringed", "stopped", "pledged", "doubly_pledged", "financed", "licensed",
    )),
)  # fmt: skip

MARKET_GAUGES: tuple[str, ...] = (
    "pool_members", "pool_coverage", "pool_stuffed", "royalty_stack_alone", "royalty_stack", "pool_licensing",
    "pool_takers", "pool_royalties", "stack_royalties_outside",
)  # fmt: skip

SERVICE_GAUGES: tuple[str, ...] = (
    "admin_burden", "sme_aware", "individuals_aware", "assisted_firms", "assisted_aware_before",
    "service_spending", "honest_filings", "ai_drafting", "ai_faking", "ai_office", "ai_matching", "talent_stock",
    "talent_office", "talent_agencies", "talent_transfer", "talent_forums", "talent_firms", "norm_level",
    "new_field_wait",
)  # fmt: skip

GAUGES_BY_PROVINCE: tuple[str, ...] = (
    "agencies", "agents", "sme_borrowers", "banks_at_stop_line", "assisted_firms", "admin_burden", "gi_products",
    "gi_users", "gi_output", "layout_registered", "layout_issued", "layout_in_force", "data_issued", "data_in_force",
    "data_financed", "december_share", "province_effort", "province_targets_reached",
)  # fmt: skip
"""Gauges that are also noted by province, a value a year (``phases.provincial``); none of them is latent."""

PROVINCE_GAUGES: tuple[str, ...] = (
    "province_effort", "province_effort_cosmetic", "province_targets_reached", "province_audit_findings",
    "relocated_filings", "duplicated_projects", "local_bias", "december_share",
)  # fmt: skip

GAUGES = (
    "agencies", "agencies_honest", "agencies_mixed", "agencies_volume", "agents", "agencies_revoked",
    "agencies_suspended", "agencies_entered", "agencies_closed", "agencies_returned", "agencies_sanctioned",
    "agency_fee_mean", "screened_share_patent", "screened_share_trademark", "belief_patent", "belief_trademark",
    "detection_patent", "detection_trademark", "hours_per_invention", "examiners_invention", "search_recall",
    "transfer_staff_load", "perceived_bad_share", "sme_borrowers", "banks_at_stop_line", "bank_bad_loans",
    "belief_infringement", "sanction_rate", "court_line", "patentees",
    "patentees_met", "protection_satisfaction",
    "gdp", "rd_expenditure", "patent_intensive_va", "copyright_va_share", "examiner_hours_saved",
    *TRADEMARK_GAUGES, *OTHER_RIGHT_GAUGES, *MARKET_GAUGES, *SERVICE_GAUGES, *PROVINCE_GAUGES,
)  # fmt: skip


class Tally(NamedTuple):
    """Counters of one owner block: flows of the year so far, and the stocks as they stand."""

    flows: NDArray[np.int64]  # [cell, right, flow] of this year so far
    stocks: NDArray[np.int64]  # [cell, right, stock]
    waits: NDArray[np.int32]  # [lane, months waited]
    unused: NDArray[np.int64]  # [field, kind] patents in force and not in use: what the market can offer
    asked: NDArray[np.int64]  # [cell] deals of this month that asked for transfer staff
    in_use: NDArray[np.int64]  # [field, kind] patents in force and in use: what industries grow with

    @classmethod
    def empty(cls) -> Tally:
        """Return counters at zero."""
        return cls(
            np.zeros((N_CELLS, N_RIGHTS, N_FLOWS), np.int64),
            np.zeros((N_CELLS, N_RIGHTS, N_STOCKS), np.int64),
            np.zeros((N_WAIT_LANES, MAX_WAIT), np.int32),
            np.zeros((N_FIELDS, N_KINDS), np.int64),
            np.zeros(N_CELLS, np.int64),
            np.zeros((N_FIELDS, N_KINDS), np.int64),
        )


@inlined
def count(tally, flow, right, cell, n):
    """Count ``n`` events of one flow."""
    tally.flows[cell, right, flow] += n


@inlined
def move(tally, stock, right, cell, n):
    """Change a stock by ``n``."""
    tally.stocks[cell, right, stock] += n


@dataclass
class Ledger:
    """The record of one run.

    ``flows_monthly[month, flow, right, kind]``, ``flows_yearly[year, flow, right, cell]``,
    ``stocks_monthly[month, stock, right, kind]`` (month-end), ``stocks_yearly[year, stock, right, cell]``
    (year-end), ``stocks_start[stock, right, cell]`` (end of 2016), ``waits[month, lane, months]``,
    ``gauges[name][month]`` (columns of ``levels``: write into them), ``gauges_yearly[name][year, province]``. Multiply
    counts by ``grossing`` to reach the nation.
    """

    end: int
    scale: float
    flows_monthly: NDArray[np.int64] = field(init=False)
    flows_yearly: NDArray[np.int64] = field(init=False)
    stocks_monthly: NDArray[np.int64] = field(init=False)
    stocks_yearly: NDArray[np.int64] = field(init=False)
    stocks_start: NDArray[np.int64] = field(init=False)
    waits: NDArray[np.int32] = field(init=False)
    gauges: dict[str, NDArray[np.float64]] = field(init=False)
    levels: NDArray[np.float64] = field(init=False)
    """[month, gauge] the same by code, for kernels."""
    gauges_yearly: dict[str, NDArray[np.float64]] = field(init=False)
    counted: NDArray[np.int64] = field(init=False)
    """[kind, right, flow] of this year's closed months, in the order of the tallies (the other order costs more)."""

    def __post_init__(self) -> None:
        years = clock.year_of(self.end - 1) - clock.EPOCH_YEAR + 1
        self.flows_monthly = _pages(self.end, N_FLOWS, N_KINDS)
        self.flows_yearly = _pages(years, N_FLOWS, N_CELLS)
        self.stocks_monthly = _pages(self.end, N_STOCKS, N_KINDS)
        self.stocks_yearly = _pages(years, N_STOCKS, N_CELLS)
        self.stocks_start = np.zeros((N_STOCKS, N_RIGHTS, N_CELLS), np.int64)
        self.waits = np.zeros((self.end, N_WAIT_LANES, MAX_WAIT), np.int32)
        self.counted = np.zeros((N_KINDS, N_RIGHTS, N_FLOWS), np.int64)
        self.levels = np.zeros((self.end, len(GAUGES)))
        self.gauges = dict(zip(GAUGES, self.levels.T, strict=True))
        self.gauges_yearly = {name: np.zeros((years, N_PROVINCES)) for name in GAUGES_BY_PROVINCE}

    @property
    def grossing(self) -> float:
        """How many units of the nation one counted unit stands for."""
        return 1.0 / self.scale

    def close_month(self, month: int, tallies: list[Tally]) -> None:
        """Take this month's counts from the blocks (integer sums: the order does not matter) and reset them."""
        counted = reduce(add, (by_kind(tally.flows) for tally in tallies))
        np.subtract(counted, self.counted, out=self.flows_monthly[month].T)
        self.counted = counted
        self.stocks_monthly[month].T[:] = reduce(add, (by_kind(tally.stocks) for tally in tallies))
        self.waits[month] = reduce(add, (tally.waits for tally in tallies))
        for tally in tallies:
            tally.waits[:] = 0
        if month % 12 == 11 or month == self.end - 1:
            self.flows_yearly[month // 12].T[:] = reduce(add, (tally.flows for tally in tallies))
            self.stocks_yearly[month // 12].T[:] = reduce(add, (tally.stocks for tally in tallies))
            for tally in tallies:
                tally.flows[:] = 0
            self.counted = np.zeros_like(counted)


def _pages(n: int, codes: int, places: int) -> NDArray[np.int64]:
    """Return ``n`` empty pages [page, code, right, kind or cell], laid out as tallies are: to write one is to copy."""
    return np.zeros((n, places, N_RIGHTS, codes), np.int64).transpose(0, 3, 2, 1)


@kernel
def standing(stocks, right, stock):
    """Return a stock of a right as it stands; ``stocks`` [cell, right, stock]."""
    total = 0
    for cell in range(N_CELLS):
        total += stocks[cell, right, stock]
    return total


def by_kind(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum counts over provinces: [cell, right, n] -> [kind, right, n]."""
    total: NDArray[np.int64] = np.add.reduce(counts.reshape(-1, N_KINDS, *counts.shape[1:]), axis=0)
    return total
