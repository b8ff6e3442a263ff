"""Step 0: public services, talents and culture prepare the month.

Five slow states - burden, awareness, adoption of AI, talent, norms - are looked at twice a year and act through
primitives that later phases read: what the schedule has for a month, times what the state has made of it. Each state is
told against January 2017 (AI against before its launch). So without a measure burden, awareness and talent change no
bit; AI spreads and norms follow what is seen to be done in any run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import kernel
from ipplan.ledger import FILED, FILED_BAD, gauge
from ipplan.phases import (
    adoption,
    agency_market,
    awareness,
    burden,
    claims,
    examination,
    intake,
    learning,
    lending,
    norms,
    talent,
)
from ipplan.phases import market as mk
from ipplan.phases import stakes as st
from ipplan.phases.new_field import NEW_FIELD
from ipplan.tables import SERVICES, Layer
from ipplan.world import FOREIGN, INDIVIDUAL, N_CELLS, N_KINDS, N_PROVINCES, N_RIGHTS, SERVED_LANES, SME

if TYPE_CHECKING:
    from ipplan.system import IPSystem

# compiled-constants
ADMIN_BURDEN, HONEST_FILINGS, NEW_FIELD_WAIT = map(gauge, ("admin_burden", "honest_filings", "new_field_wait"))

PARTS = (burden, awareness, adoption, talent, norms)
READS = tuple(read for part in PARTS for read in part.READS)
_EDGES = np.cumsum([0, *(len(part.READS) for part in PARTS)])
BURDEN, AWARENESS, ADOPTION, TALENT, NORMS = (slice(*_EDGES[i : i + 2]) for i in range(len(PARTS)))

TOUCHED: Mapping[str, NDArray[np.int64]] = MappingProxyType({
    "filing": np.array([
        st.MORAL_COST, st.CONTAGION, st.SCREEN_NOISE, st.COST_INVENTION, st.COST_UM, st.COST_DESIGN,
        st.FEE_INVENTION, st.FEE_UM, st.FEE_DESIGN, st.FEE_TM, st.RELIEF,
    ]),
    "intake": np.array([intake.FORM_ERROR]),
    "examination": np.array([examination.PRODUCTIVITY]),
    "learning": np.array([learning.DISCRIMINATION]),
    "market": np.array([mk.EFFICIENCY, mk.BUYERS, mk.STAFF]),
    "finance": np.array([lending.SEEK_RATE]),
    "protection": np.array([claims.ENTRY_COST, claims.DETECTION, *range(claims.CAPACITY, claims.MONTHS)]),
    "agencies": np.array([
        agency_market.FEE, agency_market.CAP_HONEST, agency_market.CAP_MIXED, agency_market.CAP_VOLUME,
    ]),
})  # fmt: skip
"""Table -> the rows that the states act on; factors stand in this order."""
MORAL_COST, CONTAGION, NOISE, FAKE_COSTS, FEES, RELIEF = 0, 1, 2, slice(3, 6), slice(6, 10), 10
EFFICIENCY, BUYERS, STAFF = range(3)
ENTRY_COST, DETECTION, FORUMS = 0, 1, slice(2, 8)
AGENCY_FEE, AGENCY_CAPACITY = 0, slice(1, 4)

HALF_YEAR = 6
"""Months from one look at the states to the next: they are slow, and it is a matter of cost."""
SMES, INDIVIDUALS = (slice(kind, N_PROVINCES * N_KINDS, N_KINDS) for kind in (SME, INDIVIDUAL))

Floats = NDArray[np.float64]


@dataclass
class Services:
    """The slow states, and the factors by which they act on primitives until the next look."""

    start: Floats  # [read, cell] the table of January 2017
    shares: Floats  # [province, kind] of activity, abroad as well
    firms: float  # SMEs of the nation
    burden_start: Floats  # [right, cell] yuan
    by_kind: Floats  # [right, kind] burden of the month, mean of the provinces
    aware: Floats  # [cell] share
    burdens: Floats  # [half of the year, right, cell] yuan
    layers: Mapping[str, Layer]
    """Over the tables that are ``TOUCHED``."""
    assisted: Floats = field(default_factory=lambda: np.zeros((2, N_PROVINCES)))
    """[half of the year, province] firms assisted a month."""
    norm: Floats = field(default_factory=lambda: np.zeros(N_CELLS))
    """Log of moral cost against 2017."""
    reference: Floats = field(default_factory=lambda: np.zeros(N_CELLS))
    """Share of bad faith that was seen in 2017."""
    adoption: Floats = field(default_factory=lambda: np.zeros(len(adoption.USES)))
    ai: Floats = field(default_factory=lambda: np.ones(adoption.N_EFFECTS))
    stock: float = 1.0
    places: Floats = field(default_factory=lambda: np.ones(talent.N_BODIES))
    people: Floats = field(default_factory=lambda: np.ones(talent.N_BODIES))
    """Factor of each body's capacity."""
    glut: float = 1.0
    """Factor of agency fees."""
    arrivals: Floats = field(default_factory=lambda: np.ones((N_RIGHTS, N_CELLS)))
    """Factor of [ideas, designs, brand needs, occasions], as in ``invention``."""
    moved: set[str] = field(default_factory=set)
    """States that have left where they were in 2017."""

    @classmethod
    def fresh(cls, system: IPSystem) -> Services:
        """Return the states of the end of 2016."""
        theta = system.tables["services"].at(0)
        shares = np.zeros((N_PROVINCES + 1, N_KINDS))
        shares[:N_PROVINCES] = [province.kind_shares for province in system.provinces]
        shares[:N_PROVINCES, FOREIGN], shares[N_PROVINCES, FOREIGN] = 0.0, 1.0
        yuan, _ = burden.burden(theta[BURDEN])
        return cls(theta.copy(), shares, float(system.numbers[SME]) / system.scale, yuan, _by_kind(yuan, shares),
                   theta[AWARENESS][awareness.SHARE].copy(), np.stack([yuan, yuan]),
                   {name: system.tables[name].lay(SERVICES, rows) for name, rows in TOUCHED.items()})  # fmt: skip

    def rests(self, state: str, now: Floats, then: Floats) -> bool:
        """Tell whether a state has never moved and nothing moves it now; from the first move on it is looked at."""
        if state not in self.moved and np.array_equal(now, then):
            return True
        self.moved.add(state)
        return False


def _by_kind(yuan: Floats, shares: Floats) -> Floats:
    found: Floats = (yuan.reshape(N_RIGHTS, -1, N_KINDS) * shares).sum(axis=1)
    return found


def serve(system: IPSystem, month: int) -> None:
    """Step 0: services, talents and norms move on, and primitives of the month answer to them."""
    state = system.services
    if 0 < month <= norms.YARDSTICK_MONTHS:  # what was seen last month
        state.reference += system.memory.pull / norms.YARDSTICK_MONTHS
    if month % HALF_YEAR == 0:
        look(system, state, month)
    if "awareness" in state.moved:
        system.rates[month] *= state.arrivals


def look(system: IPSystem, state: Services, month: int) -> None:
    """Advance the states by half a year and reckon what they make of primitives."""
    theta, gauges = system.tables["services"].at(month), system.ledger.gauges
    until_next = slice(month, month + HALF_YEAR)
    half = month % 12 // HALF_YEAR
    look_at_burden(state, theta[BURDEN], system.tables["filing"].scheduled(month), month)
    assisted, aware = look_at_awareness(state, theta[AWARENESS], half)
    look_at_adoption(state, theta[ADOPTION][:, 0], month)
    began = max(0, month - int(theta[TALENT][talent.LAG, 0] + 0.5))
    training = look_at_talent(state, theta[TALENT][:, 0], system.tables["services"].at(began)[TALENT][:, 0])
    look_at_norms(state, theta[NORMS], system.memory.pull, month)
    answer(state)
    for layer in state.layers.values():
        layer.settle()
    for name, value in (
        ("assisted_firms", assisted), ("assisted_aware_before", aware), ("talent_stock", state.stock),
        ("service_spending", assisted * float(theta[AWARENESS][awareness.COST, 0]) + training),
        ("sme_aware", state.aware[SMES] @ state.shares[:N_PROVINCES, SME]),
        ("individuals_aware", state.aware[INDIVIDUALS] @ state.shares[:N_PROVINCES, INDIVIDUAL]),
        ("norm_level", np.exp(state.norm @ system.cell_weights)),
        *zip((f"ai_{use}" for use in adoption.USES), state.adoption, strict=True),
        *zip((f"talent_{body}" for body in talent.BODIES), state.stock * state.places, strict=True),
    ):  # fmt: skip
        gauges[name][until_next] = value


def look_at_burden(state: Services, theta: Floats, filing: Floats, month: int) -> None:
    """Reckon the burden of a filing, and fees with its change in them, where something about it has changed."""
    if state.rests("burden", theta, state.start[BURDEN]) and month > 0:
        return
    half = month % 12 // HALF_YEAR
    yuan, spread = burden.burden(theta)
    state.by_kind = _by_kind(yuan, state.shares)
    state.burdens[half:] = yuan
    state.layers["intake"].factor[0] = spread
    change = yuan - state.burden_start
    fees, relief = burden.with_burden(filing[TOUCHED["filing"][FEES]], filing[st.RELIEF], change)
    state.layers["filing"].factor[FEES], state.layers["filing"].factor[RELIEF] = fees, relief


def look_at_awareness(state: Services, theta: Floats, half: int) -> tuple[float, float]:
    """Let awareness spread; return the firms assisted in a month, and those of them that were aware before."""
    start, shares = state.start[AWARENESS], state.shares[:N_PROVINCES, SME] * state.firms / 12.0
    asked = theta[awareness.RATE, SMES] * shares
    state.assisted[half] = asked
    known = asked @ awareness.dead_weight(state.aware[SMES], theta[awareness.SELECTION, SMES])
    if not state.rests("awareness", theta, start):
        state.aware = awareness.advanced(state.aware, start, theta, HALF_YEAR / 12.0)
        brings = awareness.participation(
            state.aware, start[awareness.SHARE], theta[awareness.FILING : awareness.DETECTION + 1]
        )
        ideas, loans, searching, noticed = brings
        state.arrivals[:-1] = ideas
        state.arrivals[-1] = 1.0 + theta[awareness.DRESSING] * (theta[awareness.RATE] - start[awareness.RATE])
        state.layers["finance"].factor[0], state.layers["protection"].factor[DETECTION] = loans, noticed
        state.layers["market"].factor[BUYERS] = (searching[SMES] * shares).sum() / shares.sum()
    return float(asked.sum()), float(known)


def look_at_adoption(state: Services, theta: Floats, month: int) -> None:
    """Let AI spread, from the launch of tools good enough."""
    if month >= theta[adoption.LAUNCH]:
        state.moved.add("adoption")
        state.adoption = adoption.adopted(state.adoption, theta, HALF_YEAR)
        state.ai = adoption.effects(state.adoption, theta)


def look_at_talent(state: Services, theta: Floats, trained: Floats) -> float:
    """Let those ``trained`` years ago arrive, some leave and some move; return what more training costs a month, yuan.

    Both are tables [read], of now and of the month when those began who come now.
    """
    start = state.start[TALENT][:, 0]
    more = max(0.0, float(theta[talent.TRAINING] - start[talent.TRAINING]))
    if not state.rests("talent", theta, start):
        years = HALF_YEAR / 12.0
        arriving = talent.inflow(trained, start)
        state.stock = talent.stock_after(state.stock, arriving, float(theta[talent.ATTRITION]), years)
        state.places = talent.places_after(state.places, theta, start, years)
        state.people = talent.capacities(state.stock, state.places, theta)
        agents = state.stock * float(state.places[talent.AGENCIES])
        state.glut = agents ** -float(theta[talent.FEE_ELASTICITY])
    return float(theta[talent.COST]) * more / 12.0


def look_at_norms(state: Services, theta: Floats, seen: Floats, month: int) -> None:
    """Let norms drift towards what is taught and seen to be done."""
    if month <= norms.YARDSTICK_MONTHS:
        return
    state.moved.add("norms")
    aim = norms.equilibrium(theta, state.start[NORMS], seen, state.reference)
    state.norm = norms.drifted(state.norm, aim, theta[norms.HALF_LIFE], HALF_YEAR)
    filing = state.layers["filing"].factor
    np.exp(state.norm, out=filing[MORAL_COST])
    np.exp(-theta[norms.CONTAGION] * state.norm, out=filing[CONTAGION])
    np.exp(theta[norms.INFRINGEMENT] * state.norm, out=state.layers["protection"].factor[ENTRY_COST])


def answer(state: Services) -> None:
    """Reckon the factors of what AI and people act on together."""
    if not state.moved & {"adoption", "talent"}:
        return
    fees, capacity, noise, fakes, search, screening, meetings = state.ai
    layers, people = state.layers, state.people
    layers["filing"].factor[NOISE], layers["filing"].factor[FAKE_COSTS] = noise, fakes
    layers["learning"].factor[0] = screening
    layers["examination"].factor[0] = search * people[talent.OFFICE]
    layers["agencies"].factor[AGENCY_FEE] = fees * state.glut
    layers["agencies"].factor[AGENCY_CAPACITY] = capacity * people[talent.AGENCIES]
    layers["market"].factor[EFFICIENCY] = meetings * people[talent.FIRMS]
    layers["market"].factor[STAFF] = people[talent.TRANSFER]
    layers["protection"].factor[FORUMS] = people[talent.FORUMS]


def note(system: IPSystem, month: int) -> None:
    """Note this month's gauges of services, where they are not those of the half-year."""
    ledger, examiners = system.ledger, system.examiners
    filed, bad = ledger.flows_monthly[month, FILED : FILED_BAD + 1]  # [right, kind]
    note_filings(filed, bad, system.services.by_kind, system.scale, ledger.levels[month])
    note_new_field(system.office.eligible, examiners.case_hours, examiners.hours, ledger.levels[month])


@kernel
def note_filings(filed, bad, burdens, scale, levels):
    """Note what a filing costs on average, and how many are honest; all [right, kind]."""
    number, honest, yuan = 0, 0, 0.0
    for right in range(N_RIGHTS):
        for kind in range(N_KINDS):
            number += filed[right, kind]
            honest += filed[right, kind] - bad[right, kind]
            yuan += filed[right, kind] * burdens[right, kind]
    levels[ADMIN_BURDEN] = yuan / max(number, 1)
    levels[HONEST_FILINGS] = honest / scale


@kernel
def note_new_field(eligible, case_hours, hours, levels):
    """Note the months of work that wait in the new field."""
    waiting = 0
    for queue in range(NEW_FIELD * SERVED_LANES, (NEW_FIELD + 1) * SERVED_LANES):
        waiting += eligible[queue]
    levels[NEW_FIELD_WAIT] = waiting * case_hours[NEW_FIELD] / hours[NEW_FIELD]
