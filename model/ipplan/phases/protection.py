"""Step 11 as a whole: forums plan, cases go on, infringers learn, and what the month looked like is noted.

Infringers' belief to be made to stop or pay is learned like the belief to be caught filing in bad faith
(``learning``): a prior and peers' experience, which enters as the rate at which infringements of their province were
sanctioned over the past two years, held towards the nation's, and is forgotten. The rate is P(detected) P(owner acts)
P(it gets its way).
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan import ledger as led
from ipplan.compiled import inlined, kernel
from ipplan.phases import claims, learning, proceedings, satisfaction
from ipplan.phases.claims import Climate
from ipplan.world import FOREIGN, N_KINDS, N_PROVINCES, TRADEMARK

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
BELIEF, RATE, COURT_LINE, SATISFACTION = map(
    led.gauge, ("belief_infringement", "sanction_rate", "court_line", "protection_satisfaction"))
Floats = NDArray[np.float64]
MEMORY_MONTHS = 24
"""Months over which sanctions, and what the survey asks about, are remembered (assumed)."""
KEPT = 1.0 - 1.0 / MEMORY_MONTHS
SEEN_INFRINGEMENTS = 20_000.0
"""Weight, in infringements of the nation, of the national rate in what a province's infringers see (assumed)."""
WATCHED = (
    led.INFRINGEMENT_MET, led.INFRINGEMENT_ANSWERED, led.DAMAGES_AWARDED, led.COURT_WON, led.COURT_JUDGED,
    *(led.CLOSED_MEDIATION + forum for forum in range(led.COURT + 1)),
)  # fmt: skip
"""Flows that the survey's items are read off."""
MET, ANSWERED, DAMAGES, WON, JUDGED, CLOSED = range(6)
"""Their places; what is closed stands by forum."""
_DAMAGES, _WON, _MECHANISM, _ANSWERED = satisfaction.REFERENCE[:4]
_MET, _JUDGED, _COURT, _OFFICES = 25_000.0, 800.0, 3_000.0, 4_500.0
AT_START = (
    _MET, _ANSWERED * _MET, _DAMAGES * _WON * _JUDGED, _WON * _JUDGED, _JUDGED,
    _MECHANISM / (1.0 - _MECHANISM) * (_COURT + _OFFICES), _OFFICES, 0.0, 0.0, _COURT,
)  # fmt: skip
"""The same before the start, a month of the nation: of the reference state (assumed)."""


class Experience(NamedTuple):
    """What one month of protection leaves to the next."""

    pseudo: Floats  # [sanctioned | infringements, patents | marks, province] of peers
    tried: Floats  # [patents | marks, province] infringements, remembered; units of the nation
    sanctioned: Floats  # the same of sanctions
    watched: Floats  # [flow] remembered counts
    rights: Floats  # [1] rights in use, remembered
    expected: Floats  # [item] what the survey's public expects
    seen: Floats  # [patents | marks, province] the rate of sanctions that infringers saw last

    @classmethod
    def fresh(cls, theta: Floats, scale: float) -> Experience:
        """Return the experience of the end of 2016: beliefs at the prior, the survey's items at their reference."""
        cases = (theta[claims.PEER_WEIGHT] + theta[claims.PUBLIC_WEIGHT]) / theta[claims.FORGETTING]
        cases = np.tile(cases[: N_PROVINCES * N_KINDS : N_KINDS], (2, 1))
        pseudo = np.stack([cases * float(theta[claims.PRIOR_SANCTION, 0]), cases])
        none = np.zeros((2, N_PROVINCES))
        items = len(satisfaction.ITEMS)
        watched = MEMORY_MONTHS * scale * np.array(AT_START)
        rights = np.full(1, watched[MET] / satisfaction.REFERENCE[4])
        return cls(pseudo, none, none.copy(), watched, rights, np.zeros(items), none.copy())


@kernel
def set_beliefs(theta, pseudo, beliefs):
    """Set the beliefs of infringers of average taste, [patents | marks, province]."""
    for channel in range(2):
        for province in range(N_PROVINCES):
            cell = province * N_KINDS
            beliefs[channel, province] = learning.mean_belief(
                theta[claims.PRIOR_SANCTION, cell], theta[claims.PRIOR_WEIGHT, cell], pseudo, channel, province)


def climate(system: IPSystem, month: int) -> Climate:
    """Return what owners and infringers reckon with this month."""
    theta, beliefs = system.tables["protection"].at(month), np.empty((2, N_PROVINCES))
    set_beliefs(theta, system.memory.protection.pseudo, beliefs)
    return Climate(theta, system.forums.delay, beliefs, system.forums.reach)


def protect(system: IPSystem, month: int) -> None:
    """Step 11: forums plan their month, disputes go on or end, infringers learn from what became of others."""
    now = system.memory.climate
    line = system.forums.plan(month)

    def work(block: Block) -> None:
        block.disputes.asked[:] = 0
        block.disputes = block.disputes.with_room(0)
        proceedings.proceed(system.seed, month, line, now, block.disputes, system.applicants.cell, block.tally)

    system.each_block(work)
    tried, sanctioned = (reduce(add, (getattr(block.disputes, name) for block in system.blocks))
                         for name in ("tried", "sanctioned"))  # fmt: skip
    learn(tried, sanctioned, now.theta, 1.0 / system.scale, system.forums.shares, system.memory.protection)
    for block in system.blocks:
        block.disputes.tried[:] = 0
        block.disputes.sanctioned[:] = 0


@kernel
def learn(tried, sanctioned, theta, gross, shares, experience):
    """Add a month's infringements and sanctions [patents | marks, province] to infringers' experience.

    They see the rate of their province, held towards the nation's; ``shares`` [province] weigh what is published.
    """
    for channel in range(2):
        tries, sanctions = 0.0, 0.0
        for province in range(N_PROVINCES):
            experience.tried[channel, province] *= KEPT
            experience.tried[channel, province] += gross * tried[channel, province]
            experience.sanctioned[channel, province] *= KEPT
            experience.sanctioned[channel, province] += gross * sanctioned[channel, province]
            tries += experience.tried[channel, province]
            sanctions += experience.sanctioned[channel, province]
        held = SEEN_INFRINGEMENTS * (sanctions + SEEN_INFRINGEMENTS * theta[claims.PRIOR_SANCTION, 0]) / (
            tries + SEEN_INFRINGEMENTS)
        national = 0.0
        for province in range(N_PROVINCES):
            rate = (experience.sanctioned[channel, province] + held) / (
                experience.tried[channel, province] + SEEN_INFRINGEMENTS)
            experience.seen[channel, province] = rate
            national += rate * shares[province]
        for province in range(N_PROVINCES):
            cell = province * N_KINDS
            learning.add_evidence(
                experience.pseudo, channel, province, theta[claims.PEER_WEIGHT, cell],
                theta[claims.PUBLIC_WEIGHT, cell], theta[claims.FORGETTING, cell],
                experience.seen[channel, province], national)


def note_protection(system: IPSystem, month: int) -> None:
    """Note the gauges of protection, from the books of the month."""
    ledger, forums = system.ledger, system.forums
    note(ledger.flows_monthly[month], ledger.stocks_monthly[month], system.tables["protection"].at(month),
         forums.ahead, forums.shares, system.memory.protection, ledger.levels[month])  # fmt: skip
    if month % 12 == 11:
        _count_patentees(system, month)


@kernel
def note(flows, stocks, theta, ahead, shares, experience, levels):
    """Note a month's gauges of protection; ``flows`` and ``stocks`` [code, right, kind] are of its end."""
    believed, seen, line = 0.0, 0.0, 0.0
    for province in range(N_PROVINCES):
        cell, share = province * N_KINDS, shares[province]
        believed += share * learning.mean_belief(
            theta[claims.PRIOR_SANCTION, cell], theta[claims.PRIOR_WEIGHT, cell], experience.pseudo, 0, province)
        seen += share * experience.seen[0, province]
        line += share * ahead[led.COURT, province]
    levels[BELIEF], levels[RATE], levels[COURT_LINE] = believed, seen, line
    levels[SATISFACTION] = survey(flows, stocks, theta, experience)


@inlined
def survey(flows, stocks, theta, experience):
    """Remember what the survey asks about and return its score; next month's expectations follow."""
    watched = experience.watched
    for place in range(len(WATCHED)):
        counted = 0
        for right in range(flows.shape[1]):
            for kind in range(N_KINDS):
                counted += flows[WATCHED[place], right, kind]
        watched[place] = KEPT * watched[place] + counted
    held = 0
    for kind in range(N_KINDS):
        for right in range(TRADEMARK):
            held += stocks[led.USED, right, kind]
        held += stocks[led.IN_FORCE, TRADEMARK, kind] - stocks[led.IN_FORCE_BAD, TRADEMARK, kind]
    experience.rights[0] = KEPT * experience.rights[0] + held / 12.0
    ended = 0.0
    for place in range(CLOSED, len(WATCHED)):
        ended += watched[place]
    parts = (watched[DAMAGES], watched[WON], watched[CLOSED + led.MEDIATION] + watched[CLOSED + led.CENTRE],
             watched[ANSWERED], watched[MET])  # fmt: skip
    wholes = (watched[WON], watched[JUDGED], ended, watched[MET], experience.rights[0])
    total = 0.0
    for item in range(len(parts)):
        x, expected = satisfaction.standardised(parts[item], wholes[item], item), experience.expected[item]
        total += satisfaction.score(x, expected, theta[claims.LEVEL, 0], theta[claims.LASTING, 0],
                                    theta[claims.SURPRISE, 0])
        experience.expected[item] = satisfaction.adapted(x, expected, theta[claims.ADAPTATION, 0])
    return total / len(parts)


def _count_patentees(system: IPSystem, month: int) -> None:
    """Count domestic owners that kept a patent this year, and those of them that met infringement of one."""
    kinds = system.applicants.kind
    stands_for = system.row_weights / system.scale
    stands_for[FOREIGN] = 0.0
    disputes = system.blocks[0].disputes  # its columns of owners are those of all blocks
    for seen, gauge in ((disputes.patentee, "patentees"), (disputes.met, "patentees_met")):
        system.ledger.gauges[gauge][month] = np.bincount(kinds[seen == 1], minlength=N_KINDS) @ stands_for
        seen[:] = 0
