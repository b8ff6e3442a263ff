"""The month of the provinces: once a year they look back and set targets, twice a year they act, monthly it holds.

What a province decides (``effort``, ``places``, ``linkage``) moves primitives of its own cells in the tables that later
phases read (``overlay``), and shares of arrivals between places and months. Counts are never moved. Without a measure
of provinces at work nothing is done and no bit changes.

Provincial output is illustrative: leanings and who is chosen are drawn. No latent figure is given by named province.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan import data
from ipplan import ledger as led
from ipplan.phases import agency_market, claims, conduct, effort, families, lending, linkage, market, places, stakes
from ipplan.phases.effort import N_TARGETS
from ipplan.phases.overlay import Layer
from ipplan.streams import Stream, quantile_column, uniform_column
from ipplan.world import INVENTION, N_DESTINATIONS, N_KINDS, N_PROVINCES, SME, TRADEMARK

if TYPE_CHECKING:
    from ipplan.levers import Table
    from ipplan.system import IPSystem

Floats = NDArray[np.float64]

ACT_MONTHS = 6
"""Provinces act this often on the year's decisions; a matter of cost."""
WINDOW_MONTHS = 2
"""November and December (dossier 1.1 1a)."""
_DECEMBER = 11

MOVED: dict[str, tuple[int, ...]] = {
    "filing": (stakes.QUALITY_MEAN, stakes.FORGING, stakes.PAYOFF),
    "families": (families.GUIDANCE, families.LABEL),
    "finance": (lending.GUARANTEE, lending.ROLLOVER),
    "market": (market.STAFF, market.RELATED),
    "protection": (
        *range(claims.CAPACITY, claims.CAPACITY + led.N_FORUMS), claims.MONTHS + led.ADMINISTRATIVE,
        claims.MONTHS + led.COURT, claims.BIAS_COURT, claims.BIAS_ADMINISTRATIVE,
    ),
    "agencies": (agency_market.OWNER_LINK, agency_market.HONEST_POWER, agency_market.PULL),
}  # fmt: skip
"""Tables that provinces move, and which of their rows: in ``act`` a row goes by its place here."""
PAYOFF = MOVED["filing"].index(stakes.PAYOFF)
CAPACITY, MONTHS, BIAS = slice(0, led.N_FORUMS), slice(led.N_FORUMS, led.N_FORUMS + 2), slice(-2, None)


def _zeros() -> Floats:
    return np.zeros((N_PROVINCES, N_TARGETS))


@dataclass
class Government:
    """The state of the 31 provinces; rows by province, columns by target."""

    active: NDArray[np.bool_]  # [month or 1] whether a measure of provinces works
    duplicates: Floats  # [kind] duplicated projects per idea
    targets: Floats = field(default_factory=_zeros)
    gap: Floats = field(default_factory=_zeros)
    lesson: Floats = field(default_factory=_zeros)  # of audits, 0 to 1
    lean: Floats = field(default_factory=_zeros)  # [province, 1] logits towards cosmetic work
    spent: Floats = field(default_factory=_zeros)  # effort, real and cosmetic
    cosmetic: Floats = field(default_factory=_zeros)  # its cosmetic share
    chosen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(N_PROVINCES, np.bool_))
    pulled: Floats = field(default_factory=lambda: np.zeros(N_PROVINCES))
    window: Floats = field(default_factory=lambda: np.ones(1))  # [cell] factor on payoffs at the end of the year
    seasons: tuple[Floats, Floats] | None = None  # [stream, cell] factors on arrivals, ordinary months and December
    mass: Floats | None = None  # [stream, cell] owners' weights of arrivals
    moved: Floats = field(default_factory=lambda: np.zeros(N_KINDS))  # [kind] share of arrivals that changed place
    layers: dict[str, Layer] = field(default_factory=dict)
    findings: int = 0
    reached: float = 0.0
    bias: float = 0.0

    @classmethod
    def fresh(cls, on: Table, how: Floats) -> Government:
        """Return provinces without targets; ``on`` and ``how`` are the tables ``provinces`` and ``conduct``."""
        active = np.any(on.values != 0.0, axis=(1, 2))
        return cls(active, how[conduct.STATE_FUNDED, :N_KINDS] * how[conduct.DUPLICATION, 0])

    def works(self, month: int) -> bool:
        """Whether a measure of provinces works in a month."""
        return bool(self.active[min(month, len(self.active) - 1)])


def seats(row: Floats) -> Floats:
    """Return a row of a table by province: of the cell whose primitives offices of a province follow."""
    return row[SME : N_PROVINCES * N_KINDS : N_KINDS]


def govern(system: IPSystem, month: int) -> None:
    """Provinces look back (in January), act (twice a year), and what they do holds for the month."""
    state = system.government
    if not state.works(month):
        if state.layers:
            system.tables.update({name: layer.base for name, layer in state.layers.items()})
            system.government = Government.fresh(system.tables["provinces"], system.tables["conduct"].at(month))
        return
    begins = not state.layers
    if begins:
        begin(system, month)
    if begins or month % 12 == 0:
        look_back(system, month)
    if begins or month % ACT_MONTHS == 0:
        act(system, month)
    state.layers["filing"].factor[PAYOFF] = state.window if month % 12 > _DECEMBER - WINDOW_MONTHS else 1.0
    for name, layer in state.layers.items():
        system.tables[name] = layer.table(month) if layer.moves else layer.base


def arrivals(system: IPSystem, month: int, rates: Floats) -> Floats:
    """Return this month's arrivals [stream, cell] where provinces draw them and when they hold them back."""
    seasons = system.government.seasons
    return rates if seasons is None else rates * seasons[1 if month % 12 == _DECEMBER else 0]


def begin(system: IPSystem, month: int) -> None:
    """Measures of provinces begin to work: lay the layers, draw the leanings."""
    state = system.government
    known = system.paths.primitives
    state.layers = {name: Layer.on(system.tables[name], rows, known) for name, rows in MOVED.items()}
    state.mass = places.weights(system.applicants)
    spread = system.tables["conduct"].at(month)[conduct.LEAN_SD, 0]
    u = uniform_column(system.seed, Stream.PROVINCE_LEANING, np.arange(N_PROVINCES), 0, 0, 0)
    state.lean = spread * quantile_column(u)[:, None]


def counted(system: IPSystem, year: int) -> tuple[Floats, Floats]:
    """Return what the statistics of a year count for each target, and the cases behind it: [province, target]."""
    ledger = system.ledger

    def by_province(cells: NDArray[np.int64]) -> Floats:
        found: Floats = cells[: N_PROVINCES * N_KINDS].reshape(N_PROVINCES, N_KINDS).sum(axis=1).astype(np.float64)
        return found

    flows = ledger.flows_yearly[year]
    abroad = flows[led.GRANTED_ABROAD : led.GRANTED_ABROAD + N_DESTINATIONS, INVENTION].sum(axis=0)
    pledged = (flows[led.REGISTERED_NEW] + flows[led.REGISTERED_ROLLED]).sum(axis=0)
    contracts = (flows[led.CONTRACTS_NEW] + flows[led.CONTRACTS_ROLLED]).sum(axis=0)
    deals = (flows[led.LICENSED] + flows[led.TRANSFERRED] + flows[led.RELATED_TRANSFER]).sum(axis=0)
    high_value = ledger.stocks_yearly[year, led.HIGH_VALUE, INVENTION]
    value = np.stack([by_province(cells) for cells in (high_value, abroad, pledged, deals)], axis=1)
    cases = value.copy()
    cases[:, 2] = by_province(contracts)
    return value, cases


def look_back(system: IPSystem, month: int) -> None:
    """Hold the last year against its targets, audit it, learn from peers, set new targets, choose the demonstration."""
    state, seed = system.government, system.seed
    on, how = system.tables["provinces"].at(month), system.tables["conduct"].at(month)[:, 0]
    year, stake = month // 12 - 1, seats(on[conduct.STAKE])
    if np.any(on[conduct.GAIN] != 0.0) and not state.chosen.any():
        state.chosen = choose(system, month, year, how)
    if year < 0 or not np.any(stake != 0.0):
        return
    weights = how[conduct.WEIGHT] / how[conduct.WEIGHT].sum()
    value, cases = counted(system, year)
    if state.targets.any():
        held = effort.standing(value, state.targets, cases, how[conduct.CREDIBLE])
        state.reached = 100.0 * float(np.mean(held[stake != 0.0] >= 1.0))
        everyone = np.arange(N_PROVINCES)
        u = uniform_column(seed, Stream.PROVINCE_AUDIT, np.arange(state.gap.size), 0, month, 0)
        found = (u.reshape(state.gap.shape) < how[conduct.AUDIT] * state.cosmetic) & (state.spent > 0.0)
        state.findings = int(found.sum())
        state.lesson = np.maximum(found, how[conduct.AUDIT_MEMORY] * state.lesson)
        peer = effort.peers(regions(), uniform_column(seed, Stream.PROVINCE_PEER, everyone, 0, month, 0))
        looks = uniform_column(seed, Stream.PROVINCE_PEER, everyone, 0, month, 1) < how[conduct.LEARNING]
        score = np.minimum(1.0, held) @ weights
        state.lean = effort.learned(state.lean[:, 0], score, peer, looks, how[conduct.COPYING])[:, None]
        state.targets = effort.ratcheted(value, state.targets, how[conduct.GROWTH], how[conduct.RATCHET])
    else:
        state.targets = (1.0 + how[conduct.GROWTH]) * value
    state.gap = effort.gaps(effort.standing(value, state.targets, cases, how[conduct.CREDIBLE]))
    pulled = how[conduct.DECEMBER_PULL] * effort.shortfall(stake, weights, state.gap)
    state.pulled = np.minimum(how[conduct.MOST_PULLED], pulled) if month % 12 == 0 else 0.0 * pulled


def regions() -> NDArray[np.int64]:
    """Return the region of each province as a number."""
    return np.unique([place.region for place in data.provinces()], return_inverse=True)[1]


def choose(system: IPSystem, month: int, year: int, how: Floats) -> NDArray[np.bool_]:
    """Choose the demonstration provinces by inventions of high value per resident, as they stood."""
    ledger = system.ledger
    stocks = ledger.stocks_start if year < 0 else ledger.stocks_yearly[year]
    held = stocks[led.HIGH_VALUE, INVENTION, : N_PROVINCES * N_KINDS].reshape(N_PROVINCES, N_KINDS).sum(axis=1)
    residents = np.array([place.population_10k_2022 for place in data.provinces()])
    few = how[conduct.CREDIBLE] * residents / residents.sum()
    u = uniform_column(system.seed, Stream.DEMONSTRATION, np.arange(N_PROVINCES), 0, 0, 0)
    candidates = seats(system.tables["provinces"].at(month)[conduct.GAIN]) != 0.0
    performance = np.log((held + few) / residents)
    return places.chosen(performance, candidates, round(how[conduct.PLACES]), how[conduct.SELECTION], u)


def act(system: IPSystem, month: int) -> None:
    """Spend the half-year's effort, real and cosmetic; build, pass on, navigate: set what the layers move."""
    state = system.government
    on, table = system.tables["provinces"].at(month), system.tables["conduct"].at(month)
    how, cells, layers = table[:, 0], places.to_cells, state.layers
    stake, passing = seats(on[conduct.STAKE]), np.maximum(0.0, seats(on[conduct.PASSING]))
    weights = how[conduct.WEIGHT] / how[conduct.WEIGHT].sum()
    short = effort.shortfall(stake, weights, state.gap)
    felt = effort.felt_audit(how[conduct.AUDIT], state.lesson)
    state.spent = effort.effort(stake, weights, state.gap, how[conduct.RESPONSE], how[conduct.BUDGET])
    state.cosmetic = effort.cosmetic_share(
        how[conduct.COST_RATIO], felt, how[conduct.AUDIT_WEIGHT], how[conduct.SPLIT_SCALE], state.lean
    )
    real = (state.spent * (1.0 - state.cosmetic) * how[conduct.REAL]).T
    cosmetic = (state.spent * state.cosmetic * how[conduct.COSMETIC]).T
    gain, better = (seats(on[row]) * state.chosen for row in (conduct.GAIN, conduct.QUALITY))

    navigated = np.maximum(0.0, on[conduct.NAVIGATED])
    d0, loss, funded = how[conduct.DUPLICATION], how[conduct.DUPLICATE_LOSS], table[conduct.STATE_FUNDED]
    now = linkage.duplication(d0, how[conduct.NAVIGATION_POWER], how[conduct.HERDING], navigated)
    state.duplicates = kind_means(funded * now, state.mass)
    opened = linkage.quality_gain(funded, d0, now, loss, how[conduct.NAVIGATION_QUALITY], navigated)

    filing, abroad, finance = layers["filing"], layers["families"], layers["finance"]
    filing.shift[0], filing.shift[1] = cells(real[0] + better) + opened, cells(cosmetic[0])
    state.window = 1.0 + how[conduct.WINDOW] * cells(short)
    abroad.factor[:] = np.exp(cells(np.stack([real[1], cosmetic[1]])))
    finance.factor[0], finance.shift[:] = np.exp(cells(gain)), cells(np.stack([real[2], cosmetic[2]]))
    layers["market"].factor[:] = np.exp(cells(np.stack([real[3] + gain, cosmetic[3]])))

    protection, agencies = layers["protection"], layers["agencies"]
    outsiders = 1.0 - seats(protection.base.at(month)[claims.LOCAL_SHARE])
    protection.factor[CAPACITY] = np.exp(cells(gain))
    protection.factor[MONTHS] = 1.0 - cells(how[conduct.DISPUTE_CUT] * passing * outsiders)
    bias = (1.0 + how[conduct.PROTECTIONISM] * short) * (1.0 - how[conduct.BIAS_CUT] * passing)
    protection.factor[BIAS] = 1.0 + cells(bias - 1.0)
    here = seats(agencies.base.at(month)[agency_market.OWNER_LINK])
    known = linkage.recognised(here, passing, how[conduct.MOVING], how[conduct.HOME_RECOGNITION])
    benefit = gain + how[conduct.WINDOW] * short * WINDOW_MONTHS / 12.0
    agencies.shift[0], agencies.shift[2] = cells(known), cells(how[conduct.RELOCATION] * benefit)
    agencies.factor[1] = 1.0 + cells(how[conduct.ERROR_PASSING] * passing)
    draw_firms(system, month, benefit, how)


def kind_means(values: Floats, mass: Floats | None) -> Floats:
    """Return the mean over places of ``values`` [cell] by kind of owner, weighted by the ideas they have."""
    assert mass is not None
    ideas = mass[0].reshape(-1, N_KINDS)
    found: Floats = (ideas * values.reshape(-1, N_KINDS)).sum(axis=0) / np.maximum(ideas.sum(axis=0), 1.0)
    return found


def draw_firms(system: IPSystem, month: int, benefit: Floats, how: Floats) -> None:
    """Set the factors on arrivals: firms go where benefits are, and ideas wait for December."""
    state = system.government
    assert state.mass is not None
    mass = state.mass * system.rates[month]
    where = places.relocated(benefit, how[conduct.RELOCATION], mass)
    state.moved = kind_means(np.maximum(where[0] - 1.0, 0.0), mass)
    ordinary, december = places.held_back(places.to_cells(state.pulled), how[conduct.SURGE])
    state.seasons = None if np.all(where == 1.0) and not state.pulled.any() else (where * ordinary, where * december)


def report(system: IPSystem, month: int) -> None:
    """Note the month's gauges of provinces; for the nation only."""
    state, ledger, gross = system.government, system.ledger, 1.0 / system.scale
    gauges, flows = ledger.gauges, ledger.flows_monthly[month]
    gauges["duplicated_projects"][month] = flows[led.IDEAS, INVENTION] @ state.duplicates * gross
    if month % ACT_MONTHS == 0:
        theta = system.tables["protection"].at(month)
        courts, offices = seats(theta[claims.BIAS_COURT]), seats(theta[claims.BIAS_ADMINISTRATIVE])
        state.bias = 100.0 * float((courts + offices) @ system.forums.shares) / 2.0
    gauges["local_bias"][month] = state.bias
    if month % 12 == _DECEMBER:
        filed = ledger.flows_monthly[month - _DECEMBER : month + 1, led.FILED, :TRADEMARK, :-1].sum(axis=(1, 2))
        gauges["december_share"][month] = 100.0 * filed[-1] / max(1, filed.sum())
    if not state.layers:
        return
    gauges["relocated_filings"][month] = flows[led.FILED].sum(axis=0) @ state.moved * gross
    gauges["province_effort"][month] = state.spent.sum() / N_PROVINCES
    gauges["province_effort_cosmetic"][month] = (state.spent * state.cosmetic).sum() / N_PROVINCES
    gauges["province_targets_reached"][month] = state.reached
    gauges["province_audit_findings"][month] = state.findings if month % 12 == 0 else 0
