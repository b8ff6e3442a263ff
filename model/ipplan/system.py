"""The system: state, institutions and the ordered phases of a month. Short enough to read in one look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import thread_time

import numpy as np
from numpy.typing import NDArray

from ipplan import clock, columns, start
from ipplan.agents import agencies as agency_table
from ipplan.agents import applicants as applicant_table
from ipplan.agents import examiners as examiner_table
from ipplan.agents import holders, producers
from ipplan.agents.banks import Banks
from ipplan.agents.borrowers import Borrowers
from ipplan.compiled import plain
from ipplan.drivers import Overrides
from ipplan.drivers import path as driver_path
from ipplan.institutions import Bank, Forums, NationalOffice, Province
from ipplan.ledger import Ledger, Tally
from ipplan.levers import PrimitivePaths, Rewrite
from ipplan.phases import (
    agency_market,
    claims,
    conclusion,
    conduct,
    economy,
    examination,
    families,
    finance,
    in_force,
    indications,
    inflow,
    intake,
    invention,
    learning,
    lending,
    market,
    memory,
    nominal,
    open_licences,
    other_rights,
    planning,
    pools,
    prospects,
    registrations,
    renewal,
    representation,
    royalties,
    services,
    stakes,
    tiers,
)
from ipplan.phases import month as steps
from ipplan.phases.drafts import Drafts
from ipplan.phases.provinces import Government
from ipplan.quick_mesa import mesa
from ipplan.rights.abroad import no_contracts, no_families
from ipplan.rights.bins import Bins
from ipplan.rights.disputes import Disputes
from ipplan.rights.docket import Docket, Filed
from ipplan.rights.loans import Offers, no_loans
from ipplan.rights.register import Register
from ipplan.start import families as families_at_start
from ipplan.start import reads as start_reads
from ipplan.tables import STATUS_SEEKERS, Table
from ipplan.world import INDIVIDUAL, N_CELLS, N_KINDS, N_PROVINCES

READS: Mapping[str, tuple[str, ...]] = {
    "invention": invention.READS,
    "filing": stakes.READS,
    "representation": representation.READS,
    "intake": intake.READS,
    "plan": planning.READS,
    "examination": examination.READS,
    "conclusion": conclusion.READS,
    "in_force": in_force.READS,
    "renewal": renewal.TABLE_READS,
    "market": market.READS,
    "agencies": agency_market.READS,
    "learning": learning.READS,
    "finance": lending.READS,
    "protection": claims.READS,
    "families": families.READS,
    "royalties": royalties.READS,
    "inflow": inflow.READS,
    "pools": pools.READS,
    "economy": economy.READS,
    "gi": indications.READS,
    "registration": registrations.READS,
    "provinces": conduct.ON_READS,
    "conduct": conduct.READS,
    "prospects": prospects.READS,
    "services": services.READS,
    "start": start_reads.READS,
    "families_at_start": families_at_start.READS,
    "applicants": applicant_table.READS,
    "agencies_at_start": agency_table.READS,
    "examiners": examiner_table.READS,
    "memory": memory.READS,
    "docket": start_reads.DOCKET_READS,
    "gi_at_start": producers.READS,
    "holders_at_start": holders.READS,
}
"""The primitives each phase reads; the last nine are read once, when the state at the start is laid."""



def _hold_for_counts(values: NDArray[np.float64]) -> None:
    nominal.hold_for_counts(values, renewal.HOLDING, renewal.WEIGHT_COUNTS)


def _reckon_market(values: NDArray[np.float64]) -> None:
    nominal.reckon(values)
    market.reckon(values)
    tiers.reckon(values, market.TIER_USE)


REWRITES: Mapping[str, Rewrite] = {"market": _reckon_market, "renewal": _hold_for_counts}
"""What is made of a table once, before any run reads it: runs share tables."""

RELATIVE_DRIVERS = (
    "rd_expenditure", "high_tech_enterprises", "gdp", "online_retail", "enterprise_population", "foreign_families_due",
    "inclusive_credit",
)  # fmt: skip
STAFF_DRIVERS = ("examiners_invention", "examiners_utility_model", "examiners_design", "examiners_trademark")


@dataclass
class Settings:
    """What a run needs: primitive paths, scale, seed, end (first month not run), threads."""

    paths: PrimitivePaths
    scale: float = 0.001
    seed: int = 1
    end: int = 168
    threads: int = 1
    blocks: int = 0
    """Owner blocks; 0 chooses by size. Results do not depend on it."""
    drivers: Overrides = field(default_factory=dict)
    """What a scenario puts in place of dated paths: driver -> year -> value."""


@dataclass
class Block:
    """A block of applicants, its docket, register, loans, disputes and counters: what one thread works on."""

    low: int
    high: int
    weight: float
    disputes: Disputes
    docket: Docket = field(default_factory=Docket.empty)
    register: Register = field(default_factory=Register.empty)
    loans: Bins = field(default_factory=no_loans)
    offers: Offers = field(default_factory=Offers.empty)
    families: Bins = field(default_factory=no_families)
    contracts: Bins = field(default_factory=no_contracts)
    tally: Tally = field(default_factory=Tally.empty)
    lots: NDArray[np.void] = field(default_factory=lambda: np.zeros(1, invention.LOTS))
    hit_owner: NDArray[np.int32] = field(default_factory=lambda: np.empty(1024, np.int32))
    hit_stream: NDArray[np.uint8] = field(default_factory=lambda: np.empty(1024, np.uint8))
    hit_number: NDArray[np.int32] = field(default_factory=lambda: np.empty(1024, np.int32))
    load: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, 1), np.int64))
    drafts: Drafts = field(default_factory=Drafts.empty)
    filed: Filed | None = None
    hits: int = 0

    def arrive(
        self, system: IPSystem, month: int, rates: NDArray[np.float64], per_occasion: int = 1
    ) -> tuple[int, int]:
        """List this month's arrivals in the hit columns; returns (hits, filings at most, ``per_occasion`` to one)."""
        while True:
            hits, filings = invention.arrivals(
                system.seed, month, self.low, self.high, system.applicants, rates, per_occasion, self.lots,
                self.hit_owner, self.hit_stream, self.hit_number,
            )
            if hits <= len(self.hit_owner):
                self.hits = hits
                return hits, filings
            room = hits + hits // 4
            self.hit_owner = np.empty(room, np.int32)
            self.hit_stream = np.empty(room, np.uint8)
            self.hit_number = np.empty(room, np.int32)


class IPSystem(mesa.Model):
    """China's IP system, month by month. ``step`` runs one month, ``run`` the whole horizon."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(rng=settings.seed)
        self.settings = settings
        self.seed, self.scale, self.end = settings.seed, settings.scale, settings.end
        self.month = 0
        self.paths = settings.paths
        self.tables: dict[str, Table] = {
            name: self.paths.table(reads, self.end, REWRITES.get(name)) for name, reads in READS.items()
        }
        horizon = range(self.end)
        given = settings.drivers
        self.paths_of = {name: driver_path(name, horizon, given) for name in RELATIVE_DRIVERS}
        self.drivers = {name: path / driver_path(name, range(12), given).mean() for name, path in self.paths_of.items()}
        self.announced = self.paths.announced_table(prospects.READS, self.end)
        self.rates = invention.rates_by_month(self.tables["invention"].values, self.drivers, self.scale)
        self.for_status = invention.for_status(self.tables["invention"].values, self.drivers)
        self.status_seekers = self.tables["filing"].lay(STATUS_SEEKERS, [stakes.FOR_STATUS])
        self.status_seekers.factor[:] = 0.0  # replaced by the share of the month
        self.status_seekers.settle()
        self.aims = np.stack(
            [driver_path(name, horizon, given) for name in ("pendency_target", "trademark_pendency_target")], axis=1
        )
        # The whole horizon of the model decides who has which row, so that a longer run begins like a shorter one.
        staff = np.stack([driver_path(name, range(clock.LAST_END), given) for name in STAFF_DRIVERS], axis=1)
        people, houses = self.tables["applicants"].at(0), self.tables["agencies_at_start"].at(0)
        self.field_shares = applicant_table.field_shares(people)
        all_staff = examiner_table.group_staff(staff, self.field_shares)
        self.staff = all_staff[: self.end] * self.scale
        self.office = NationalOffice(self)
        self.provinces = [Province(self, index) for index in range(N_PROVINCES)]
        self.banks = [Bank(self, index) for index in range(N_PROVINCES)]
        shares = np.array([province.kind_shares for province in self.provinces])
        self.forums = Forums(self, shares[:, 1])
        # Mesa up to 3.4.1 keeps every model for ever in a class-level table of counters; all agents are made.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.applicants = applicant_table.populate(self.seed, self.scale, shares, people)
        self.borrowers, self.banking = Borrowers.without_loans(len(self.applicants)), Banks.fresh()
        self.numbers = people[applicant_table.NUMBER, :N_KINDS] * self.scale
        self.row_weights = self.numbers / np.maximum(np.bincount(self.applicants.kind, minlength=N_KINDS), 1)
        fees = self.tables["agencies"].at(0)
        self.agencies = agency_table.establish(
            self.seed, self.scale, shares[:, 1],
            np.array([plain(agency_market.fee_of)(model, fees, 1) for model in range(3)]), houses,
        )  # fmt: skip
        self.stands_for = float(houses[agency_table.NUMBER, 0]) / agency_table.rows_at_start(self.scale, houses)
        self.examiners = examiner_table.appoint(self.seed, self.scale, all_staff, self.tables["examiners"].at(0))
        n_blocks = settings.blocks or self._blocks_for(self.scale, settings.threads)
        cuts = applicant_table.blocks(self.applicants, n_blocks)
        disputes = Disputes.empty(len(self.applicants))
        self.blocks = [Block(low, high, 1.0 / n_blocks, disputes.beside()) for low, high in cuts]
        self._pool = ThreadPoolExecutor(settings.threads) if settings.threads > 1 and n_blocks > 1 else None
        self._took: dict[str, list[float]] = {}  # seconds that each block took the last time, by what was done
        self.ledger = Ledger(self.end, self.scale)
        occasions = self.tables["invention"].at(0)[6]
        weights = np.bincount(
            self.applicants.cell, weights=self.applicants.occasions * occasions[self.applicants.cell], minlength=N_CELLS
        )
        self.cell_weights = weights / weights.sum()
        self.buyer_rows = int((self.applicants.kind <= 1).sum())
        self.firms = float(self.numbers[:INDIVIDUAL].sum())
        self.memory = memory.Memory.fresh(self)
        self.government = Government.fresh(self.tables["provinces"], self.tables["conduct"].at(0))
        self.services = services.Services.fresh(self)
        self.posted_prices = open_licences.Prices(self.tables["market"].values)
        self.pools = pools.Pools.start(self.seed, self.tables["pools"].at(0)[:, 0])
        self.waiting, self.values = self.tables["renewal"].drawn_up(0, renewal.keeping_tables)
        start.lay(self)
        finance.lay(self)
        self.industries = economy.Industries.start(np.sum([block.tally.in_use for block in self.blocks], axis=0))
        self.other_rights = other_rights.OtherRights(self)
        for block in self.blocks:
            self.ledger.stocks_start += block.tally.stocks.T

    @staticmethod
    def _blocks_for(scale: float, threads: int) -> int:
        """Return one block for small runs, one a thread where a block costs more than waiting, many for large runs."""
        if scale < 1 / 300:
            return 1
        return threads if scale < 1 / 20 else 16

    def each_block(self, work: Callable[[Block], None]) -> None:
        """Do ``work`` for every owner block, on threads where the run has some; order does not matter to results.

        The blocks that took longest the last time come first, so that threads end at about the same time.
        """
        if self._pool is None:
            for block in self.blocks:
                work(block)
            return
        took = self._took.setdefault(work.__qualname__, [0.0] * len(self.blocks))

        def timed(number: int) -> None:
            began = thread_time()
            work(self.blocks[number])
            took[number] = thread_time() - began

        list(self._pool.map(timed, sorted(range(len(took)), key=took.__getitem__, reverse=True)))

    def inspect(self, table: str, index: int) -> Mapping[str, object]:
        """Return a read-only view of a row of ``applicants``, ``agencies`` or ``examiners``, with its field names."""
        return columns.row(getattr(self, table), index)

    def step(self) -> None:
        """Run one month: the phases in their order."""
        month = self.month
        for phase in steps.PHASES:
            phase(self, month)
        self.month += 1

    def run(self) -> Ledger:
        """Run to the end of the horizon and return the ledger."""
        while self.month < self.end:
            self.step()
        if self._pool is not None:
            self._pool.shutdown()
        return self.ledger

    def close(self) -> None:
        """Let go of state and ledger at once (take the ledger before); model and agents refer to each other."""
        if self._pool is not None:
            self._pool.shutdown()
        for name in ("blocks", "applicants", "borrowers", "agencies", "examiners", "tables", "memory", "government",
                     "services", "waiting", "values", "staff", "ledger"):  # fmt: skip
            self.__dict__.pop(name, None)


assert N_CELLS == (N_PROVINCES + 1) * N_KINDS
