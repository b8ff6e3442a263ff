"""V20: what a bank lends on - break-even of the guarantee, the stop line, default and roll-over, amounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from harness import LARGE_CELL, SME_CELL, Floats, call, owners, paths, records, run, system, theta
from ipplan import ledger as L
from ipplan.agents.borrowers import Borrowers
from ipplan.compiled import plain
from ipplan.ledger import Tally
from ipplan.levers import Entry
from ipplan.phases import finance, lending, renewal
from ipplan.rights.loans import OFFER, no_loans
from ipplan.rights.register import R_PLEDGED, R_PLEDGED_HIGH, R_USED
from ipplan.world import N_FIELDS, N_KINDS, N_PROVINCES

N = 4000
PD, MARGIN, COST, RESALE = 0.05, 0.03, 0.01, 0.5
profit = plain(lending.profit)
shares = st.floats(0.01, 0.99)


def break_even(default: float, margin: float, recovered: float, cost: float) -> float:
    """The least guarantee g* at which a bank lends, in closed form."""
    return 1 - ((1 - default) * margin - cost) / (default * (1 - recovered))


@given(shares, shares, shares, shares)
def test_v20_a_bank_breaks_even_at_g_star(default: float, margin: float, recovered: float, cost: float) -> None:
    g = break_even(default, margin, recovered, cost)
    assert profit(default, margin, recovered, g, cost) == pytest.approx(0.0, abs=1e-12)
    assert profit(default, margin, recovered, g + 0.01, cost) > 0 > profit(default, margin, recovered, g - 0.01, cost)


def alike(**values: float | Floats) -> Floats:
    """A table in which all borrowers are alike, all seek a loan on patents, and appraisals do not err."""
    return theta("finance", **{
        "finance__seek_rate": 2.0, "finance__trademark_share": 0.0, "finance__default_rate": PD,
        "finance__default_spread": 0.0, "finance__margin": MARGIN, "finance__cost": COST,
        "finance__resale_price": RESALE, "finance__appraisal_sd": 0.0, "finance__demand_log_sd": 0.0,
        "finance__smallest_loan": 1.0, "finance__term": 12.0, **values,
    })  # fmt: skip


@dataclass
class Bank:
    """Owners of one cell, each with rights of one value that come up in a month, before one bank."""

    table: Floats
    n: int = N
    cell: int = SME_CELL
    log_value: float = 9.0
    rights: int = 1
    guaranteed: Floats = field(default_factory=lambda: np.ones(N_PROVINCES))
    cycle: Floats = field(default_factory=lambda: np.zeros(N_PROVINCES))
    sold: Floats = field(default_factory=lambda: np.ones(N_FIELDS))

    def __post_init__(self) -> None:
        self.people = owners(self.n, self.cell, size=1.0)
        self.borrowers, self.tally = Borrowers.without_loans(self.n), Tally.empty()
        self.loans = no_loans().with_room(4 * self.n)
        self.waiting, _ = renewal.keeping_tables(theta("renewal"))

    def offers(self, who: NDArray[np.int64], flags: int = R_USED) -> NDArray[np.void]:
        found = np.zeros(len(who), OFFER)
        found["owner"], found["flags"], found["log_value"] = who, flags, self.log_value
        found["filed"] = -36
        found["serial"] = np.arange(len(who))
        return np.sort(found, order=("owner", "filed", "serial", "right"))

    def month(self, month: int, offers: NDArray[np.void], **change: Any) -> None:
        known = {"marks": 1e6, **change}
        call(
            lending.lend, seed=1, month=month, low=0, high=self.n, offers=offers, mine=np.arange(len(offers)),
            weights=np.ones(N_KINDS), owners=self.people, borrowers=self.borrowers, loans=self.loans, theta=self.table,
            sold=self.sold, guaranteed=self.guaranteed, cycle=self.cycle, waiting=self.waiting, tally=self.tally,
            **known,
        )  # fmt: skip

    def year(self, first: int = 0) -> None:
        """Live a year and a month; each owner's rights come up in the month after it decided to seek a loan."""
        for month in range(first, first + 13):
            who = np.arange((month - 1) % 12, self.n, 12) if month > first else np.zeros(0, np.int64)
            self.month(month, self.offers(np.repeat(who, self.rights)))

    def flow(self, flow: int) -> int:
        return int(self.tally.flows[:, :, flow].sum())

    def stock(self, stock: int) -> int:
        return int(self.tally.stocks[:, :, stock].sum())


@pytest.mark.parametrize("step", [-0.01, 0.01])
def test_v20_loans_vanish_below_break_even_and_appear_above(step: float) -> None:
    g = break_even(PD, MARGIN, RESALE, COST)
    assert 0.1 < g < 0.9
    bank = Bank(alike(finance__guarantee=g + step))
    bank.year()
    assert bank.flow(L.LOANS_SOUGHT) == N
    assert bank.flow(L.CONTRACTS_NEW) == (N if step > 0 else 0)
    assert bank.flow(L.LOANS_REFUSED) == (0 if step > 0 else N)


def test_v20_the_stop_line_is_a_cliff() -> None:
    """With the guarantee withdrawn a bank that needs it lends nothing, and calls what falls due."""
    bank = Bank(alike(finance__guarantee=0.9, finance__rollover=1.0))
    bank.year()
    assert bank.stock(L.CONTRACTS_OPEN) == N
    bank.guaranteed[:] = 0.0
    bank.year(13)
    assert bank.flow(L.CONTRACTS_NEW) == N
    assert bank.flow(L.CONTRACTS_ROLLED) == bank.stock(L.CONTRACTS_OPEN) == bank.stock(L.LOANS_OUTSTANDING) == 0
    bank.guaranteed[:] = 1.0
    bank.year(26)
    assert bank.flow(L.CONTRACTS_NEW) == 2 * N - bank.flow(L.CONTRACTS_DEFAULTED)  # who defaulted is barred


def review(bad: float, contracts: int) -> tuple[float, bool]:
    """Let the first province's bank look back on a year in which a share of the loans due went bad."""
    model = system(paths(), scale=1e-4, end=24)
    flows = model.ledger.flows_yearly[0]
    defaults = round(bad * contracts)
    for flow, number in ((L.CONTRACTS_SETTLED, contracts - defaults), (L.CONTRACTS_DEFAULTED, defaults),
                         (L.LOANS_SETTLED, contracts - defaults), (L.LOANS_DEFAULTED, defaults)):  # fmt: skip
        flows[flow, 0, SME_CELL] = number
    finance.review(model, 12)
    return model.banks[0].bad_share, model.banks[0].guaranteed


def test_the_guarantee_is_withdrawn_above_the_stop_line() -> None:
    line = float(theta("finance")[lending.STOP_LINE, SME_CELL])
    many = 10_000_000
    assert review(line * 1.02, many)[1] is False
    assert review(line * 0.98, many)[1] is True
    assert review(0.0, 0) == (0.0, True)
    share, stands = review(0.5, 10)  # five defaults in ten contracts are chance where the nation expects none
    assert stands and share == pytest.approx(0.5 * 10 / 1010)


def test_a_loan_is_the_lesser_of_demand_and_security() -> None:
    table = alike(finance__guarantee=0.9, finance__demand=1e6)
    multiple, ltv = table[lending.MULTIPLE, SME_CELL], table[lending.LTV, SME_CELL]
    for rights in (1, 2, 3, 40):
        bank = Bank(table, n=12, rights=rights)
        bank.month(0, bank.offers(np.zeros(rights, np.int64)))
        (contract,) = records(bank.loans)
        place = (1 * 3 + 0) * renewal.MOST_YEARS + 3
        premium = table[lending.USE_PREMIUM, SME_CELL]
        each = plain(lending.keeping_value)(bank.waiting, place, np.float32(9.0) + premium)
        assert contract["loan"] == pytest.approx(min(1e6, rights * ltv * multiple * each), abs=2 * rights)
        claim = contract["loan"] * table[lending.REGISTERED, SME_CELL]
        assert contract["registered"] == pytest.approx(claim, abs=rights)
        assert bank.flow(L.CONTRACTS_NEW) == 1 and bank.flow(L.PLEDGED_FLOW) == rights
        assert bank.flow(L.LOANS_NEW) == bank.stock(L.LOANS_OUTSTANDING) == contract["loan"]
        assert bank.flow(L.REGISTERED_NEW) == contract["registered"]


@pytest.mark.parametrize("term", [12, 24])
def test_defaults_recovery_and_guarantees_are_what_they_should_be(term: int) -> None:
    g, cycle = 0.9, 0.7
    bank = Bank(alike(finance__guarantee=g, finance__rollover=0.0, finance__term=float(term)), n=20_000)
    bank.year()
    bank.cycle[:] = cycle
    for month in range(13, 13 + term):
        bank.month(month, bank.offers(np.zeros(0, np.int64)))
    odds = PD / (1 - PD) * np.exp(cycle)
    chance = 1 - (1 - odds / (1 + odds)) ** (term / 12)
    assert bank.flow(L.CONTRACTS_DEFAULTED) / bank.n == pytest.approx(chance, rel=0.08)
    expected = 1 - (1 - PD) ** (term / 12)
    assert bank.flow(L.LOANS_EXPECTED_BAD) / bank.flow(L.LOANS_NEW) == pytest.approx(expected, rel=1e-3)
    lost = bank.flow(L.LOANS_DEFAULTED)
    assert bank.flow(L.LOANS_RECOVERED) / lost == pytest.approx(RESALE, rel=1e-3)
    assert bank.flow(L.GUARANTEE_PAID) / lost == pytest.approx(g * (1 - RESALE), rel=1e-3)
    assert bank.flow(L.CONTRACTS_ROLLED) == bank.stock(L.CONTRACTS_OPEN) == 0


def test_a_higher_guarantee_lets_weaker_borrowers_in() -> None:
    """Adverse selection: lends up to the chance of default at which it breaks even, of odds that are log-normal."""
    means, spread = [], 0.8
    for g in (0.1, 0.5):
        bank = Bank(alike(finance__guarantee=g, finance__default_spread=spread))
        bank.year()
        edge = (MARGIN - COST) / (MARGIN + (1 - RESALE) * (1 - g))
        chances = records(bank.loans)["default"]
        assert 0.99 * edge < chances.max() <= edge
        wanted = norm.cdf((np.log(edge / (1 - edge)) - np.log(PD / (1 - PD))) / spread)
        assert len(chances) / N == pytest.approx(wanted, abs=0.03)
        means.append(chances.mean())
    assert means[1] > 1.1 * means[0]


def test_a_rollover_is_registered_again() -> None:
    bank = Bank(alike(finance__guarantee=0.9, finance__rollover=1.0, finance__default_rate=1e-9))
    bank.year()
    for month in range(13, 25):
        bank.month(month, bank.offers(np.zeros(0, np.int64)))
    assert bank.flow(L.CONTRACTS_ROLLED) == bank.flow(L.CONTRACTS_SETTLED) == bank.stock(L.CONTRACTS_OPEN) == N
    assert bank.flow(L.REGISTERED_ROLLED) == bank.flow(L.REGISTERED_NEW)
    assert bank.flow(L.LOANS_ROLLED) == bank.stock(L.LOANS_OUTSTANDING) == bank.flow(L.LOANS_NEW)


def test_a_pledge_marks_the_right_until_the_contract_has_ended() -> None:
    bank = Bank(alike(finance__guarantee=0.9, finance__rollover=0.0, finance__default_rate=1e-9), n=12)
    bank.table[lending.HIGHER] = 1.0
    here = bank.offers(np.array([0]))
    bank.month(0, here)
    assert here["flags"][0] & R_PLEDGED and here["flags"][0] & R_PLEDGED_HIGH
    bank.table[lending.SEEK_RATE] = 0.0
    bank.table[lending.HIGHER] = 1e18
    bank.borrowers.seeks_until[:] = 0
    bank.month(6, here)
    assert here["flags"][0] & R_PLEDGED and not here["flags"][0] & R_PLEDGED_HIGH
    for month in range(7, 13):
        bank.month(month, here if month == 12 else here[:0])
    assert not here["flags"][0] & R_PLEDGED


def test_marks_are_pledged_as_a_portfolio() -> None:
    table = alike(finance__guarantee=0.9, finance__trademark_share=1.0)
    bank = Bank(table)
    bank.people.brands[:] = 1.0 / N
    for month in range(12):
        bank.month(month, bank.offers(np.zeros(0, np.int64)), marks=4.0 * N)
    mean = 4.0 * table[lending.OFFERED, SME_CELL]
    assert bank.flow(L.CONTRACTS_NEW) / N == pytest.approx(1 - np.exp(-mean), rel=0.03)
    assert bank.tally.flows[SME_CELL, 3, L.PLEDGED_FLOW] / N == pytest.approx(mean, rel=0.03)


def test_a_large_firm_wants_more() -> None:
    wants = []
    for cell in (SME_CELL, LARGE_CELL):
        bank = Bank(alike(finance__guarantee=0.9), n=12, cell=cell, log_value=16.0)
        bank.month(0, bank.offers(np.array([0])))
        wants.append(int(records(bank.loans)["loan"][0]))
    assert wants[1] / wants[0] == pytest.approx(theta("finance")[lending.DEMAND_RATIO, 0], rel=1e-6)


def test_a_thicker_market_sells_more_security() -> None:
    rates = np.array([0.0, 0.01, 0.1, 1.0])
    np.testing.assert_allclose(finance.chance_of_sale(rates), 1 - np.exp(-24 * rates), atol=1e-12)


# --- ip_finance_pilots -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def pilots() -> tuple[Floats, Floats]:
    """Flows of the last two years of four, with the pilots and without; many firms seek, so that contracts are many."""
    many = {"finance.seek_rate": 0.3}
    plan = [Entry("ip_finance_pilots", 0, None, 1.0)]
    ledgers = [run(paths(schedule, many), 1 / 1000, 3, 48) for schedule in (plan, ())]
    one, two = (ledger.flows_yearly[2:].sum(axis=(0, 2, 3)).astype(float) for ledger in ledgers)
    return one, two


def test_pilots_raise_pledges_and_banks_refuse_less(pilots: tuple[Floats, Floats]) -> None:
    with_plan, without = pilots
    for flow in (L.REGISTERED_NEW, L.LOANS_NEW, L.CONTRACTS_NEW, L.PLEDGED_FLOW, L.LOANS_SOUGHT):
        assert with_plan[flow] > 1.2 * without[flow] > 0, L.FLOWS[flow]

    refused = [flows[L.LOANS_REFUSED] / flows[L.LOANS_SOUGHT] for flows in pilots]
    assert refused[0] < 0.8 * refused[1]


def test_of_the_pilots_nothing_reaches_filings_and_dockets(pilots: tuple[Floats, Floats]) -> None:
    np.testing.assert_array_equal(pilots[0][: L.LAPSED], pilots[1][: L.LAPSED])
