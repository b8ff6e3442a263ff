"""Small worlds in which one mechanism runs alone, through the engine's own kernels: what the oracle tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Floats, call, one_agency, owners, theta
from ipplan.agents.agencies import Agencies
from ipplan.agents.applicants import Applicants
from ipplan.agents.borrowers import Borrowers
from ipplan.agents.examiners import Examiners
from ipplan.clock import LAST_END
from ipplan.compiled import kernel
from ipplan.ledger import N_FORUMS, Tally
from ipplan.phases import (
    bad_faith,
    conclusion,
    examination,
    filing,
    in_force,
    infringement,
    intake,
    invalidation,
    open_licences,
    planning,
    proceedings,
    renewal,
)
from ipplan.phases import market as mk
from ipplan.phases.claims import Climate
from ipplan.phases.drafts import Drafts
from ipplan.rights.disputes import Disputes
from ipplan.rights.docket import BEFORE, FILING, Docket, Filed
from ipplan.rights.loans import Offers
from ipplan.rights.register import PATENT, WAKE_SLOTS, Register
from ipplan.world import N_CELLS, N_FIELDS, N_GROUPS, N_KINDS, N_PROVINCES, N_QUEUES, N_RIGHTS, RIGHTS


# --- filing and intake -----------------------------------------------------------------------------------------------
def filings(n: int, **columns: Any) -> Filed:
    """Return ``n`` filings, one by each of the first ``n`` owners unless said otherwise."""
    filed = Filed.with_room(None, n)
    filed.filings[:n] = np.zeros((), FILING)
    filed.filings["owner"][:n] = np.arange(n)
    for name, value in columns.items():
        filed.filings[name][:n] = value
    filed.book[0] = n
    return filed


def decide(
    people: Applicants, table: Floats, stream: int, month: int = 0, seed: int = 1, number: int = 1,
    pseudo: Floats | None = None, pull: Floats | None = None, agencies: Agencies | None = None,
    choice: Floats | None = None,
) -> tuple[Filed, Tally]:  # fmt: skip
    """Let every owner decide on ``number`` arrivals of one stream; owners stay with their agency unless ``choice``."""
    n = len(people)
    filed, tally = Filed.with_room(None, n * number * bad_faith.MOST_BATCH), Tally.empty()
    _, values = renewal.keeping_tables(theta("renewal"))
    call(
        filing.decide, seed=seed, month=month, hits=n, hit_owner=np.arange(n, dtype=np.int32),
        hit_stream=np.full(n, stream, np.uint8), hit_number=np.full(n, number, np.int32), owners=people,
        neighbours=people.agency.copy(), agencies=one_agency() if agencies is None else agencies, theta=table,
        choice_theta=theta("representation", agencies__reconsider=0.0) if choice is None else choice, values=values,
        wait_years=1.8, discount=0.9, pseudo=np.zeros((2, 2, N_CELLS)) if pseudo is None else pseudo,
        pull=np.full(N_CELLS, 0.5) if pull is None else pull, drafts=Drafts.empty(), filed=filed, tally=tally,
    )  # fmt: skip
    return filed, tally


def receive(
    people: Applicants, filed: Filed, docket: Docket, tally: Tally, month: int = 0, seed: int = 1,
    chances: Floats | None = None, table: Floats | None = None, agencies: Agencies | None = None,
) -> Docket:  # fmt: skip
    """Hand filings in at the office; without ``chances`` nothing is screened. Returns the docket with room for them."""
    docket = docket.with_room(int(filed.book[0]))
    desk = one_agency() if agencies is None else agencies
    call(
        intake.receive, seed=seed, month=month, filed=filed, owners=people, agencies=desk,
        chances=np.zeros((N_CELLS, 2, 2)) if chances is None else chances, gain_fast=0.1,
        theta=plain_intake() if table is None else table, load=np.zeros((2, len(desk.model)), np.int64), docket=docket,
        tally=tally,
    )  # fmt: skip
    return docket


@cache
def plain_intake() -> Floats:
    """Everything is requested at once and goes to the normal lane."""
    return theta(
        "intake", examination__never_requested=0.0, examination__request_immediate=1.0,
        examination__fast_coverage_all=0.0, examination__deferred_share=0.0,
    )  # fmt: skip


# --- the office ------------------------------------------------------------------------------------------------------
def examiners(hours: Mapping[int, float] | float = 1e12, search: float = 1.0) -> Examiners:
    """Return one examiner a group, with effective hours by group (or the same for all) and one hour a case."""
    n = N_GROUPS
    given = np.full(n, hours) if isinstance(hours, float) else np.array([hours.get(g, 0.0) for g in range(n)])
    return Examiners(
        experience=np.full(n, 84.0, np.float32), skill=np.full(n, search, np.float32),
        search=np.full(n, search, np.float32), first=np.arange(n, dtype=np.int64), present=np.ones(n, np.int64),
        hours=given, case_hours=np.ones(n), carry=np.zeros(n), fast_carry=np.zeros(n),
        planned_wait=np.full(n, -1.0),
    )  # fmt: skip


def examine(
    docket: Docket, people: Applicants, staff: Examiners, table: Floats, tally: Tally, month: int = 0, seed: int = 1,
    takes: NDArray[np.int64] | None = None, reference: float = 24.0, strike: Floats | None = None,
) -> Docket:  # fmt: skip
    """Examine ``takes`` cases of each queue, or all that wait; one hour is an hour where ``reference`` is 24.

    Returns the docket with room for what moves.
    """
    if takes is None:
        takes = docket.length[:, : month + BEFORE + 1].sum(axis=1).astype(np.int64)
    docket = docket.with_room(int(takes.sum()))
    call(
        examination.examine, seed=seed, month=month, takes=takes, docket=docket, owners=people, examiners=staff,
        theta=table, reference=np.full(N_RIGHTS, reference),
        strike=np.zeros((N_CELLS, 5)) if strike is None else strike, tally=tally,
    )  # fmt: skip
    return docket


@dataclass
class Office:
    """A national office with one owner, fixed hours, a case an hour, and a lag of one month: a queue by the month."""

    hours: Mapping[int, float]
    plan: Floats = field(default_factory=lambda: theta(
        "plan", examination__hours_per_case__invention=1.0, examination__hours_per_case__utility_model=1.0,
        examination__hours_per_case__design=1.0, examination__hours_per_case__trademark=1.0,
        examination__quota_response=0.0, examination__fast_quota=1.0, examination__fast_time=1.0,
    ))  # fmt: skip
    exam: Floats = field(default_factory=lambda: theta("examination", **{
        f"examination__prosecution_months__{kind}": 0.0
        for kind in ("normal", "fast", "utility_model", "design", "trademark")
    }))  # fmt: skip
    aims: tuple[float, float] = (0.0, 0.0)
    """Months announced for inventions and marks: with none at all the office works as fast as it can."""
    lose_idle_hours: bool = True
    """Set the carry-over to nothing each month, as theory has it where capacity is a whole number of cases."""

    def __post_init__(self) -> None:
        self.people = owners(1)
        self.docket, self.tally = Docket.empty(), Tally.empty()
        self.register = Register.empty()
        self.staff = examiners(self.hours)
        self.month, self.serial = 0, 0
        self.conclude_theta, self.force, self.market = theta("conclusion"), theta("in_force"), theta("market")

    def step(self, arriving: list[tuple[int, int, int]]) -> None:
        """One month: ``arriving`` lists (number, right, lane); then the office plans and examines, cases conclude."""
        assert self.month < LAST_END + 24, "an office that never empties its queues"
        for number, right, lane in arriving:
            serials = (self.serial + np.arange(number)) % 65536
            self.serial += number
            filed = filings(number, owner=0, serial=serials, right=right, flags=2 if lane < 2 else 0, worth=1e9)
            before = int(self.docket.length.sum())
            quick = plain_intake().copy()
            if lane < 2:
                quick[intake.FAST_COVERAGE] = 1.0
            self.docket = receive(self.people, filed, self.docket, self.tally, self.month, table=quick)
            assert self.docket.length.sum() == before + number
        examination.open_requests(self.docket, self.month, self.tally)
        eligible, served = np.zeros(N_QUEUES, np.int64), np.zeros(N_QUEUES, np.int64)
        planning.waiting(self.docket.length, self.docket.oldest, self.month, eligible)
        if self.lose_idle_hours:
            self.staff.carry[:] = 0.0
        call(planning.plan_month, examiners=self.staff, theta=self.plan, cell=0, aims=np.array(self.aims),
             eligible=eligible, served=served)  # fmt: skip
        self.docket = examine(self.docket, self.people, self.staff, self.exam, self.tally, self.month, takes=served)
        self.register = self.register.with_room(*conclusion.due(self.docket, self.month))
        call(conclusion.conclude, seed=1, month=self.month, docket=self.docket, owners=self.people,
             register=self.register, theta=self.conclude_theta, force_theta=self.force,
             market_theta=self.market, rates=np.zeros(N_FIELDS), tally=self.tally)  # fmt: skip
        self.month += 1


# --- infringement and disputes ---------------------------------------------------------------------------------------
def no_infringement() -> Floats:
    """Return the table of protection in a world in which nobody thinks of infringing."""
    return theta("protection", **{f"infringement__occasions__{right}": 0.0 for right in RIGHTS})


def climate(table: Floats, belief: float = 0.2, delay: float = 0.0) -> Climate:
    """Return what owners and infringers reckon with: the same everywhere."""
    return Climate(table, np.full((N_FORUMS, N_PROVINCES), delay), np.full((2, N_PROVINCES), belief),
                   (np.arange(N_PROVINCES) + 1.0) / N_PROVINCES)  # fmt: skip


@kernel
def _tempt(seed, month, records, owners, climate, disputes, tally):
    for i in range(len(records)):
        record = records[i]
        ruling = infringement.occasion(seed, month, record, record.right, record.quality, owners.cell[record.owner],
                                       climate, disputes, tally)  # fmt: skip
        if ruling > 0:
            invalidation.begin(record, ruling)


def tempt(
    n: int, log_value: float, right: int, reckoned: Climate, cell: int = 0, quality: float = 0.0, seed: int = 1
) -> tuple[NDArray[np.void], Disputes, Tally, Applicants]:
    """Put ``n`` rights of one value, one each of ``n`` owners, before would-be infringers in month 0."""
    rights = np.zeros(n, PATENT)
    rights["owner"], rights["right"], rights["log_value"], rights["quality"] = np.arange(n), right, log_value, quality
    people, tally, disputes = owners(n, cell), Tally.empty(), Disputes.empty(n).with_room(n)
    _tempt(seed, 0, rights, people, reckoned, disputes, tally)
    return rights, disputes, tally, people


def proceed(
    disputes: Disputes, people: Applicants, reckoned: Climate, tally: Tally, months: range, line: Floats | None = None
) -> Disputes:
    """Let disputes go on for some months, before forums without lines unless one is given."""
    line = np.zeros((2, N_FORUMS, N_PROVINCES)) if line is None else line
    for month in months:
        disputes = disputes.with_room(0)
        proceedings.proceed(1, month, line, reckoned, disputes, people.cell, tally)
    return disputes


# --- rights in force -------------------------------------------------------------------------------------------------
@kernel
def _enter(filed, granted, right, bad, owner_of, log_values, theta, market_theta, rates, owners, register, tally):
    for i in range(len(log_values)):
        sleep = (i + 0.5) * 0.6180339887498949 % 1.0  # of each a different quantile, the golden ratio apart
        in_force.enter_register(granted, owner_of[i], filed, granted, i % 65536, right, 0, bad, 0, 0.0, log_values[i],
                                0.5, 0.5, sleep, owners.cell[owner_of[i]], theta, market_theta, rates, owners,
                                register, tally)  # fmt: skip


@dataclass
class Estate:
    """Rights filed and granted in the same months, whose lives are lived through the waking kernel."""

    people: Applicants
    log_values: Floats
    right: int
    force: Floats
    fees: Floats
    market: Floats
    granted: int = 0
    filed: int = 0
    bad: int = 0
    rates: Floats = field(default_factory=lambda: np.zeros(N_FIELDS))

    def __post_init__(self) -> None:
        n = len(self.log_values)
        self.climate, self.disputes = climate(no_infringement()), Disputes.empty(len(self.people))
        self.tally = Tally.empty()
        self.register = Register.empty().with_room(n, n)
        self.borrowers = Borrowers.without_loans(len(self.people))
        self.offers = Offers.empty().with_room(n)
        self.waiting, _ = renewal.keeping_tables(self.fees)
        who = np.arange(n) % len(self.people)
        _enter(self.filed, self.granted, self.right, self.bad, who, self.log_values.astype(np.float32), self.force,
               self.market, self.rates, self.people, self.register, self.tally)  # fmt: skip
        self.month = self.granted

    def live(self, until: int, firms: int = 1) -> None:
        """Live month by month up to and with month ``until``."""
        assert until < WAKE_SLOTS
        for month in range(self.month + 1, until + 1):
            self.register, self.offers = self.register.with_room(), self.offers.with_room(len(self.log_values))
            call(
                in_force.wake, seed=1, month=month, register=self.register, owners=self.people, theta=self.force,
                renewal_theta=self.fees, market_theta=self.market, waiting=self.waiting, rates=self.rates,
                staff_free=np.ones(N_CELLS), firms=firms, borrowers=self.borrowers, offers=self.offers,
                climate=self.climate, disputes=self.disputes, tally=self.tally,
            )  # fmt: skip
            self.prices = open_licences.Prices(self.market[None])
            if month >= self.prices.opens:
                self.prices.at(self.market)
                call(
                    open_licences.wake_open, seed=1, month=month, register=self.register.with_room(),
                    owners=self.people, theta=self.force, renewal_theta=self.fees, market_theta=self.market,
                    waiting=self.waiting, rates=self.rates, staff_free=np.ones(N_CELLS), posted=self.prices.posted,
                    fees=np.empty_like(self.fees), patentee=self.disputes.patentee, tally=self.tally,
                )  # fmt: skip
        self.month = until


def quiet_market(**values: float | Floats) -> Floats:
    """Return the market's table without related-party or nominal deals, co-owners and ends of licences, unless set."""
    return theta("market", **{
        "market__related_rate_all": 0.0, "market__licence_end": 0.0, "nominal__occasions": 0.0, "joint__share": 0.0,
        "joint__use_ratio": 1.0, **values,
    })  # fmt: skip


def quiet_life(**values: float | Floats) -> Floats:
    """Return the table of lives in force without use, pledges and awards, unless set."""
    return theta("in_force", **{
        "use__at_grant_all": 0.0, "use__hazard_all": 0.0, "use__stop_hazard": 0.0, "use__young_boost": 0.0,
        "finance__offered_share": 0.0, "tagging__award_rate": 0.0, **values,
    })  # fmt: skip


def plain_fees(**values: float | Floats) -> Floats:
    """Return the renewal table without shocks, status benefits and relief, unless set."""
    return theta("renewal", **{
        "renewal__shock_sd": 0.0, "renewal__holding_benefit": 0.0, "filing__fee_relief": 0.0, **values,
    })  # fmt: skip


@kernel
def _meet_all(seed, months, value, kind, right, cell, theta, staff_free, tally, ends):
    for i in range(len(ends)):
        ends[i] = mk.meet(seed, i % months, i // months, 0, 0, value, kind, right, cell, theta, staff_free, tally)


def meet(value: float, n: int, cell: int, table: Floats, tally: Tally, free: float = 1.0) -> NDArray[np.int64]:
    """Hold ``n`` meetings over patents of one value; returns how each ends."""
    ends = np.zeros(n, np.int64)
    _meet_all(1, 12, value, cell % N_KINDS, 0, cell, table, np.full(N_CELLS, free), tally, ends)
    return ends
