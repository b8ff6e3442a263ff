"""Step 11 as a whole: forums plan, cases go on, infringers learn, and what the month looked like is noted.

Infringers' belief to be made to stop or pay is learned like the belief to be caught filing in bad faith
(``learning``): a prior and peers' experience, which enters as the rate at which infringements of their province were
sanctioned over the past two years, held towards the nation's, and is forgotten. The rate is P(detected) P(owner acts)
P(it gets its way).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan import ledger as led
from ipplan.phases import claims, learning, proceedings, satisfaction
from ipplan.phases.claims import Climate
from ipplan.world import FOREIGN, N_KINDS, N_PROVINCES, TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

Floats = NDArray[np.float64]
MEMORY_MONTHS = 24
"""Months over which sanctions, and what the survey asks about, are remembered (assumed)."""
SEEN_INFRINGEMENTS = 20_000.0
"""Weight, in infringements of the nation, of the national rate in what a province's infringers see (assumed)."""
WATCHED = np.array([
    led.INFRINGEMENT_MET, led.INFRINGEMENT_ANSWERED, led.DAMAGES_AWARDED, led.COURT_WON, led.COURT_JUDGED,
    *(led.CLOSED_MEDIATION + forum for forum in range(led.COURT + 1)),
])  # fmt: skip
"""Flows that the survey's items are read off."""
_DAMAGES, _WON, _MECHANISM, _ANSWERED = satisfaction.REFERENCE[:4]
_MET, _JUDGED, _COURT, _OFFICES = 25_000.0, 800.0, 3_000.0, 4_500.0
AT_START = (
    _MET, _ANSWERED * _MET, _DAMAGES * _WON * _JUDGED, _WON * _JUDGED, _JUDGED,
    _MECHANISM / (1.0 - _MECHANISM) * (_COURT + _OFFICES), _OFFICES, 0.0, 0.0, _COURT,
)  # fmt: skip
"""The same before the start, a month of the nation: of the reference state (assumed)."""


@dataclass
class Experience:
    """What one month of protection leaves to the next."""

    pseudo: Floats  # [sanctioned | infringements, patents | marks, province] of peers
    tried: Floats  # [patents | marks, province] infringements, remembered; units of the nation
    sanctioned: Floats  # the same of sanctions
    watched: Floats  # [flow] remembered counts
    rights: Floats  # [] rights in use, remembered
    expected: Floats  # [item] what the survey's public expects
    seen: Floats = field(default_factory=lambda: np.zeros((2, N_PROVINCES)))  # what ``rate`` was when last learned from

    @classmethod
    def fresh(cls, theta: Floats, scale: float) -> Experience:
        """Return the experience of the end of 2016: beliefs at the prior, the survey's items at their reference."""
        cases = (theta[claims.PEER_WEIGHT] + theta[claims.PUBLIC_WEIGHT]) / theta[claims.FORGETTING]
        cases = np.tile(cases[: N_PROVINCES * N_KINDS : N_KINDS], (2, 1))
        pseudo = np.stack([cases * float(theta[claims.PRIOR_SANCTION, 0]), cases])
        none = np.zeros((2, N_PROVINCES))
        items = len(satisfaction.ITEMS)
        watched = MEMORY_MONTHS * scale * np.array(AT_START)
        rights = np.full(1, watched[0] / satisfaction.REFERENCE[4])
        return cls(pseudo, none, none.copy(), watched, rights, np.zeros(items))

    def rate(self, theta: Floats) -> Floats:
        """Return the rate of sanctions that infringers see: [patents | marks, province]."""
        prior = float(theta[claims.PRIOR_SANCTION, 0])
        tried, sanctioned = self.tried.sum(axis=1), self.sanctioned.sum(axis=1)
        nation = (sanctioned + SEEN_INFRINGEMENTS * prior) / (tried + SEEN_INFRINGEMENTS)
        seen: Floats = self.sanctioned + SEEN_INFRINGEMENTS * nation[:, None]
        return seen / (self.tried + SEEN_INFRINGEMENTS)


def belief(theta: Floats, pseudo: Floats) -> Floats:
    """Return the belief of infringers of average taste: [patents | marks, province]."""
    here = theta[:, : N_PROVINCES * N_KINDS : N_KINDS]
    weight, prior = here[claims.PRIOR_WEIGHT], here[claims.PRIOR_SANCTION]
    mean: Floats = (weight * prior + pseudo[0]) / (weight + pseudo[1])
    return mean


def climate(system: IPSystem, month: int) -> Climate:
    """Return what owners and infringers reckon with this month."""
    theta = system.tables["protection"].at(month)
    return Climate(theta, system.forums.delay, belief(theta, system.memory.protection.pseudo), system.forums.reach)


def protect(system: IPSystem, month: int) -> None:
    """Step 11: forums plan their month, disputes go on or end, infringers learn from what became of others."""
    now = system.memory.climate
    line = system.forums.plan(month)

    def work(block: Block) -> None:
        block.disputes.asked[:] = 0
        block.disputes = block.disputes.with_room(0)
        proceedings.proceed(system.seed, month, line, now, block.disputes, system.applicants, block.tally)

    system.each_block(work)
    _learn(system, now.theta)


def _learn(system: IPSystem, theta: Floats) -> None:
    """Add the month to infringers' experience."""
    seen = system.memory.protection
    keep, gross = 1.0 - 1.0 / MEMORY_MONTHS, 1.0 / system.scale
    seen.tried = keep * seen.tried + gross * _total(block.disputes.tried for block in system.blocks)
    seen.sanctioned = keep * seen.sanctioned + gross * _total(block.disputes.sanctioned for block in system.blocks)
    for block in system.blocks:
        block.disputes.tried[:] = 0
        block.disputes.sanctioned[:] = 0
    rows = np.ascontiguousarray(theta[claims.PEER_WEIGHT : claims.FORGETTING + 1, : N_PROVINCES * N_KINDS : N_KINDS])
    seen.seen = seen.rate(theta)
    learning.learn(rows, seen.pseudo, seen.seen, system.forums.shares)


def _total(counts: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    return reduce(add, counts)


def note_protection(system: IPSystem, month: int) -> None:
    """Note the gauges of protection, from the books of the month."""
    theta, ledger = system.tables["protection"].at(month), system.ledger
    seen, gauges, forums = system.memory.protection, ledger.gauges, system.forums
    gauges["belief_infringement"][month] = belief(theta, seen.pseudo)[0] @ forums.shares
    gauges["sanction_rate"][month] = seen.seen[0] @ forums.shares
    gauges["court_line"][month] = forums.ahead[led.COURT] @ forums.shares
    counts = ledger.flows_monthly[month, WATCHED].reshape(len(WATCHED), -1).sum(axis=1)
    seen.watched = (1.0 - 1.0 / MEMORY_MONTHS) * seen.watched + counts
    stocks = ledger.stocks_monthly[month]
    used, marks = int(stocks[led.USED, :TRADEMARK].sum()), int(stocks[led.IN_FORCE, TRADEMARK].sum())
    marks -= int(stocks[led.IN_FORCE_BAD, TRADEMARK].sum())
    seen.rights = (1.0 - 1.0 / MEMORY_MONTHS) * seen.rights + (used + marks) / 12.0
    x = satisfaction.standardised(_items(seen))
    rows = [float(theta[row, 0]) for row in (claims.LEVEL, claims.LASTING, claims.SURPRISE, claims.ADAPTATION)]
    gauges["protection_satisfaction"][month] = satisfaction.score(x, seen.expected, *rows[:3])
    seen.expected = satisfaction.adapted(x, seen.expected, rows[3])
    if month % 12 == 11:
        _count_patentees(system, month)


def _items(seen: Experience) -> Floats:
    """Return the five items of the survey from the remembered counts; NaN where nothing was counted."""
    met, answered, paid, won, judged, *closed = seen.watched.tolist()
    ended, rights = float(seen.watched[5:].sum()), float(seen.rights[0])
    parts = ((paid, won), (won, judged), (closed[led.MEDIATION] + closed[led.CENTRE], ended), (answered, met),
             (met, rights))  # fmt: skip
    return np.array([part / whole if whole > 0.0 else math.nan for part, whole in parts])


def _count_patentees(system: IPSystem, month: int) -> None:
    """Count domestic owners that kept a patent this year, and those of them that met infringement of one."""
    kinds = system.applicants.kind
    stands_for = system.row_weights / system.scale
    stands_for[FOREIGN] = 0.0
    disputes = system.blocks[0].disputes  # its columns of owners are those of all blocks
    for seen, gauge in ((disputes.patentee, "patentees"), (disputes.met, "patentees_met")):
        system.ledger.gauges[gauge][month] = np.bincount(kinds[seen == 1], minlength=N_KINDS) @ stands_for
        seen[:] = 0
