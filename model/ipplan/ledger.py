"""What agents did, counted. Every indicator is computed from this ledger, and nothing else writes it.

Kernels count each event once, by cell (province x kind) and right, over the year: the yearly record by cell. A month is
the difference between two month-ends, by kind of applicant. Stocks move by the same events, so conservation can be
checked from the ledger alone. All counts are integers at the scale of the run; ``grossing`` brings them to the nation.
Sums of continuous quantities (quality, value) are kept as integers in units of 1/1024, so they do not depend on the
order of summation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan import clock
from ipplan.compiled import inlined
from ipplan.world import DESTINATIONS, N_CELLS, N_DESTINATIONS, N_FIELDS, N_KINDS, N_RIGHTS

# compiled-constants
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
    "families_filed", "families_granted", *(f"filed_abroad_{place}" for place in DESTINATIONS),
    *(f"granted_abroad_{place}" for place in DESTINATIONS), *(f"refused_abroad_{place}" for place in DESTINATIONS),
    "royalties_imported", "royalties_exported", "royalties_sep", "royalties_disputed", "royalties_withheld",
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
) = range(57)  # fmt: skip
FAMILIES_FILED, FAMILIES_GRANTED, FILED_ABROAD = range(57, 60)
"""Families, and filings abroad by destination: flow ``FILED_ABROAD`` plus the code of the destination."""
GRANTED_ABROAD, REFUSED_ABROAD = FILED_ABROAD + N_DESTINATIONS, FILED_ABROAD + 2 * N_DESTINATIONS
ROYALTIES_IMPORTED = FILED_ABROAD + 3 * N_DESTINATIONS
(
    ROYALTIES_EXPORTED, ROYALTIES_SEP, ROYALTIES_DISPUTED, ROYALTIES_WITHHELD,
) = range(ROYALTIES_IMPORTED + 1, ROYALTIES_IMPORTED + 5)  # fmt: skip

STOCKS = (
    "pending_request", "pending_exam", "pending_decision", "pending_reexam",
    *(f"pending_abroad_{place}" for place in DESTINATIONS), "in_force", "in_force_bad", "used",
    "licensed_out", "traded", "idle", "over_10y", "high_value", "high_value_latent", "sei", "listed", "overseas",
    "pledged_stock",
)  # fmt: skip
(
    PENDING_REQUEST, PENDING_EXAM, PENDING_DECISION, PENDING_REEXAM, PENDING_ABROAD,
) = range(5)  # fmt: skip
(
    IN_FORCE, IN_FORCE_BAD, USED, LICENSED_OUT, TRADED, IDLE, OVER_10Y, HIGH_VALUE, HIGH_VALUE_LATENT, SEI, LISTED,
    OVERSEAS, PLEDGED_STOCK,
) = range(PENDING_ABROAD + N_DESTINATIONS, PENDING_ABROAD + N_DESTINATIONS + 13)  # fmt: skip

N_FLOWS, N_STOCKS = len(FLOWS), len(STOCKS)

WAIT_LANES = ("fast", "priority", "normal", "deferred", "utility_model", "design", "trademark")
N_WAIT_LANES = len(WAIT_LANES)
MAX_WAIT = 160
"""Months from request to conclusion are counted up to here; longer waits fall in the last class."""

FIXED_POINT = 1024

GAUGES = (
    "agencies", "agencies_honest", "agencies_mixed", "agencies_volume", "agents", "agencies_revoked",
    "agencies_suspended", "agencies_entered", "agencies_closed", "agencies_returned", "agencies_sanctioned",
    "agency_fee_mean", "screened_share_patent", "screened_share_trademark", "belief_patent", "belief_trademark",
    "detection_patent", "detection_trademark", "hours_per_invention", "examiners_invention", "search_recall",
    "transfer_staff_load", "perceived_bad_share", "gdp", "rd_expenditure", "patent_intensive_va", "copyright_va_share",
    "examiner_hours_saved",
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
    ``gauges[name][month]``. Multiply counts by ``grossing`` to reach the nation.
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
    counted: NDArray[np.int64] = field(init=False)
    """[flow, right, kind] of this year's closed months."""

    def __post_init__(self) -> None:
        years = clock.year_of(self.end - 1) - clock.EPOCH_YEAR + 1
        self.flows_monthly = np.zeros((self.end, N_FLOWS, N_RIGHTS, N_KINDS), np.int64)
        self.flows_yearly = np.zeros((years, N_FLOWS, N_RIGHTS, N_CELLS), np.int64)
        self.stocks_monthly = np.zeros((self.end, N_STOCKS, N_RIGHTS, N_KINDS), np.int64)
        self.stocks_yearly = np.zeros((years, N_STOCKS, N_RIGHTS, N_CELLS), np.int64)
        self.stocks_start = np.zeros((N_STOCKS, N_RIGHTS, N_CELLS), np.int64)
        self.waits = np.zeros((self.end, N_WAIT_LANES, MAX_WAIT), np.int32)
        self.counted = np.zeros((N_FLOWS, N_RIGHTS, N_KINDS), np.int64)
        self.gauges = {name: np.zeros(self.end) for name in GAUGES}

    @property
    def grossing(self) -> float:
        """How many units of the nation one counted unit stands for."""
        return 1.0 / self.scale

    def close_month(self, month: int, tallies: list[Tally]) -> None:
        """Take this month's counts from the blocks (integer sums: the order does not matter) and reset them."""
        year = month // 12
        total = sum(by_kind(tally.flows) for tally in tallies)
        self.flows_monthly[month] = total - self.counted
        self.counted[:] = total
        for tally in tallies:
            self.stocks_monthly[month] += by_kind(tally.stocks)
            self.waits[month] += tally.waits
            tally.waits[:] = 0
            if month % 12 == 11 or month == self.end - 1:
                self.flows_yearly[year] += tally.flows.T
                self.stocks_yearly[year] += tally.stocks.T
                tally.flows[:] = 0
                self.counted[:] = 0

    def this_month(self, tallies: list[Tally], flow: int) -> NDArray[np.int64]:
        """Return what was counted of a flow since the last month was closed: [right, kind]."""
        total: NDArray[np.int64] = sum(by_kind(tally.flows[:, :, flow]) for tally in tallies) - self.counted[flow]
        return total


def by_kind(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum counts over provinces, [cell, right, n] -> [n, right, kind] or [cell, right] -> [right, kind]."""
    total: NDArray[np.int64] = np.add.reduce(counts.reshape(-1, N_KINDS, *counts.shape[1:]), axis=0).T
    return total
