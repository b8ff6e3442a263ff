"""The month of the provinces: once a year they look back and set targets, twice a year they act, monthly it holds.

What a province decides (``effort``, ``places``, ``linkage``) moves primitives of its own cells in the tables that later
phases read, and shares of arrivals between places and months. Counts are never moved. Without a measure
of provinces at work nothing is done and no bit changes.

Provincial output is illustrative: leanings and who is chosen are drawn. No latent figure is given by named province.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan import ledger as led
from ipplan.phases import (
    agency_market,
    claims,
    conduct,
    effort,
    families,
    lending,
    linkage,
    market,
    places,
    reckoning,
    stakes,
)
from ipplan.phases.effort import N_TARGETS
from ipplan.streams import Stream, quantile_column, uniform_column
from ipplan.tables import PROVINCES, Layer
from ipplan.world import INVENTION, N_KINDS, N_PROVINCES, SME, TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import IPSystem
    from ipplan.tables import Table

Floats = NDArray[np.float64]

ACT_MONTHS = 6
"""Provinces act anew this often on the year's decisions, where measures have moved by more than ``NOTICED``."""
NOTICED = 0.01
"""Both are a matter of cost."""
WINDOW_MONTHS = 2
"""November and December."""
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
    pulled: Floats = field(default_factory=lambda: np.zeros(N_PROVINCES))  # share of a month's ideas held back
    months_left: int = _DECEMBER  # before December, when provinces began to hold back
    window: Floats = field(default_factory=lambda: np.ones(1))  # [cell] factor on payoffs at the end of the year
    seasons: tuple[Floats, Floats] | None = None  # [stream, cell] factors on arrivals, ordinary months and December
    mass: Floats | None = None  # [stream, cell] owners' weights of arrivals
    moved: Floats = field(default_factory=lambda: np.zeros(N_KINDS))  # [kind] share of arrivals that changed place
    layers: dict[str, Layer] = field(default_factory=dict)
    acted_on: Floats = field(default_factory=lambda: np.zeros(1))  # measures as they stood when they last acted
    noted: int = 0  # first month whose gauges are still to be noted
    findings: int = 0
    reached: float = 0.0
    reached_here: Floats = field(default_factory=lambda: np.zeros(N_PROVINCES))  # percent of a province's targets

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
            note(system, month)
            for name in state.layers:
                system.tables[name].lift(PROVINCES)
            system.government = Government.fresh(system.tables["provinces"], system.tables["conduct"].at(month))
            system.government.noted = month
        return
    begins = not state.layers
    if begins:
        begin(system, month)
    if begins or month % 12 == 0:
        look_back(system, month)
    on = system.tables["provinces"].at(month)
    if begins or month % 12 == 0 or (month % ACT_MONTHS == 0 and np.abs(on - state.acted_on).max() > NOTICED):
        act(system, month)
        state.acted_on = on.copy()
    filing, late = state.layers["filing"], month % 12 > _DECEMBER - WINDOW_MONTHS
    if late or month % 12 == 0:
        filing.factor[PAYOFF] = state.window if late else 1.0
        filing.settle()


def arrivals(system: IPSystem, month: int, rates: Floats) -> Floats:
    """Return this month's arrivals [stream, cell] where provinces draw them and when they hold them back."""
    seasons = system.government.seasons
    return rates if seasons is None else rates * seasons[1 if month % 12 == _DECEMBER else 0]


def begin(system: IPSystem, month: int) -> None:
    """Measures of provinces begin to work: lay the layers, draw the leanings."""
    note(system, month)
    state, known = system.government, system.paths.primitives
    state.layers = {name: system.tables[name].lay(PROVINCES, rows, known) for name, rows in MOVED.items()}
    state.mass = places.weights(system.applicants)
    spread = system.tables["conduct"].at(month)[conduct.LEAN_SD, 0]
    u = uniform_column(system.seed, Stream.PROVINCE_LEANING, np.arange(N_PROVINCES), 0, 0, 0)
    state.lean = spread * quantile_column(u)[:, None]


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
    value, cases = reckoning.counted(system.ledger, year)
    if state.targets.any():
        held = effort.standing(value, state.targets, cases, how[conduct.CREDIBLE])
        state.reached = 100.0 * float(np.mean(held[stake != 0.0] >= 1.0))
        state.reached_here = np.where(stake != 0.0, 100.0 * (held >= 1.0).mean(axis=1), 0.0)
        everyone = np.arange(N_PROVINCES)
        u = uniform_column(seed, Stream.PROVINCE_AUDIT, np.arange(state.gap.size), 0, month, 0)
        found = (u.reshape(state.gap.shape) < how[conduct.AUDIT] * state.cosmetic) & (state.spent > 0.0)
        state.findings = int(found.sum())
        state.lesson = np.maximum(found, how[conduct.AUDIT_MEMORY] * state.lesson)
        peer = effort.peers(reckoning.regions(), uniform_column(seed, Stream.PROVINCE_PEER, everyone, 0, month, 0))
        looks = uniform_column(seed, Stream.PROVINCE_PEER, everyone, 0, month, 1) < how[conduct.LEARNING]
        score = np.minimum(1.0, held) @ weights
        state.lean = effort.learned(state.lean[:, 0], score, peer, looks, how[conduct.COPYING])[:, None]
        state.targets = effort.ratcheted(value, state.targets, how[conduct.GROWTH], how[conduct.RATCHET])
    else:
        state.targets = (1.0 + how[conduct.GROWTH]) * value
    state.gap = effort.gaps(effort.standing(value, state.targets, cases, how[conduct.CREDIBLE]))
    pulled = how[conduct.DECEMBER_PULL] * effort.shortfall(stake, weights, state.gap)
    state.pulled = np.minimum(how[conduct.MOST_PULLED], pulled)
    state.months_left = _DECEMBER - month % 12


def choose(system: IPSystem, month: int, year: int, how: Floats) -> NDArray[np.bool_]:
    """Choose the demonstration provinces by how they stood at the end of ``year``."""
    u = uniform_column(system.seed, Stream.DEMONSTRATION, np.arange(N_PROVINCES), 0, 0, 0)
    candidates = seats(system.tables["provinces"].at(month)[conduct.GAIN]) != 0.0
    performance = reckoning.per_resident(system.ledger, year, how[conduct.CREDIBLE])
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
    outsiders = 1.0 - seats(system.tables["protection"].scheduled(month)[claims.LOCAL_SHARE])
    bias = (1.0 + how[conduct.PROTECTIONISM] * short) * (1.0 - how[conduct.BIAS_CUT] * passing)
    here = seats(system.tables["agencies"].scheduled(month)[agency_market.OWNER_LINK])
    known = linkage.recognised(here, passing, how[conduct.MOVING], how[conduct.HOME_RECOGNITION])
    benefit = gain + how[conduct.WINDOW] * short * WINDOW_MONTHS / 12.0

    layers["families"].factor[0], layers["families"].factor[1], staff, related, built = np.exp(
        cells(np.stack([real[1], cosmetic[1], real[3] + gain, cosmetic[3], gain]))
    )
    layers["market"].factor[0], layers["market"].factor[1] = staff, related
    layers["finance"].factor[0], layers["protection"].factor[CAPACITY] = built, built
    added = cells(np.stack([how[conduct.WINDOW] * short, -how[conduct.DISPUTE_CUT] * passing * outsiders, bias - 1.0,
                            how[conduct.ERROR_PASSING] * passing]))  # fmt: skip
    state.window, layers["protection"].factor[MONTHS] = 1.0 + added[0], 1.0 + added[1]
    layers["protection"].factor[BIAS], layers["agencies"].factor[1] = 1.0 + added[2], 1.0 + added[3]
    quality, forged, *finance, link, pull = cells(
        np.stack([real[0] + better, cosmetic[0], real[2], cosmetic[2], known, how[conduct.RELOCATION] * benefit])
    )
    layers["filing"].shift[0], layers["filing"].shift[1] = quality + navigate(system, month), forged
    layers["finance"].shift[:] = finance
    layers["agencies"].shift[0], layers["agencies"].shift[2] = link, pull
    for layer in layers.values():
        layer.settle()
    draw_firms(system, month, benefit, how)


def navigate(system: IPSystem, month: int) -> Floats:
    """Return what navigation of state-funded projects adds to the mean quality of ideas [cell]; note duplications."""
    state, table = system.government, system.tables["conduct"].at(month)
    how, funded = table[:, 0], table[conduct.STATE_FUNDED]
    navigated = np.maximum(0.0, system.tables["provinces"].at(month)[conduct.NAVIGATED])
    d0, loss = how[conduct.DUPLICATION], how[conduct.DUPLICATE_LOSS]
    now = linkage.duplication(d0, how[conduct.NAVIGATION_POWER], how[conduct.HERDING], navigated)
    state.duplicates = (funded * d0)[:N_KINDS] + kind_means(funded * (now - d0), state.mass)
    return linkage.quality_gain(funded, d0, now, loss, how[conduct.NAVIGATION_QUALITY], navigated)


def kind_means(values: Floats, mass: Floats | None) -> Floats:
    """Return the mean over places of ``values`` [cell] by kind of owner, weighted by the ideas they have."""
    assert mass is not None
    ideas = mass[0].reshape(-1, N_KINDS)
    total = ideas.sum(axis=0)
    found: Floats = (ideas * values.reshape(-1, N_KINDS)).sum(axis=0) / np.where(total > 0.0, total, 1.0)
    return found


def draw_firms(system: IPSystem, month: int, benefit: Floats, how: Floats) -> None:
    """Set the factors on arrivals: firms go where benefits are, and ideas wait for December."""
    state = system.government
    assert state.mass is not None
    mass = state.mass * system.rates[month]
    where = places.relocated(benefit, how[conduct.RELOCATION], mass)
    state.moved = kind_means(np.maximum(where[0] - 1.0, 0.0), mass)
    ordinary, december = places.held_back(places.to_cells(state.pulled), how[conduct.SURGE], state.months_left)
    state.seasons = None if np.all(where == 1.0) and not state.pulled.any() else (where * ordinary, where * december)


def report(system: IPSystem, month: int) -> None:
    """Note gauges of provinces, for the nation only: most of them twice a year and at the end of the run."""
    courts, offices = system.tables["protection"].at(month)[claims.BIAS_COURT : claims.BIAS_ADMINISTRATIVE + 1]
    system.ledger.gauges["local_bias"][month] = 100.0 * float(seats(courts + offices) @ system.forums.shares) / 2.0
    if month % ACT_MONTHS == ACT_MONTHS - 1 or month == system.end - 1:
        note(system, month + 1)


def note(system: IPSystem, until: int) -> None:
    """Note the gauges of the months that are not yet noted, before month ``until``: provinces acted alike in them."""
    state, ledger, gross = system.government, system.ledger, 1.0 / system.scale
    months = slice(state.noted, until)
    if until == state.noted:
        return
    gauges, flows = ledger.gauges, ledger.flows_monthly[months]
    gauges["duplicated_projects"][months] = (flows[:, led.IDEAS, INVENTION] * state.duplicates).sum(axis=1) * gross
    if until % 12 == 0:
        filed = ledger.flows_monthly[until - 12 : until, led.FILED, :TRADEMARK, :-1].sum(axis=(1, 2))
        gauges["december_share"][until - 1] = 100.0 * filed[-1] / max(1, filed.sum())
    if state.layers:
        gauges["relocated_filings"][months] = (flows[:, led.FILED].sum(axis=1) * state.moved).sum(axis=1) * gross
        gauges["province_effort"][months] = state.spent.sum() / N_PROVINCES
        gauges["province_effort_cosmetic"][months] = (state.spent * state.cosmetic).sum() / N_PROVINCES
        gauges["province_targets_reached"][months] = state.reached
        gauges["province_audit_findings"][months.start] = state.findings if months.start % 12 == 0 else 0
    state.noted = until
