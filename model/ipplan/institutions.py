"""Institutions: the national office, the 31 provinces, their banks, the forums that hear disputes: to be inspected."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan import data
from ipplan.ledger import FORUMS, N_FORUMS
from ipplan.phases import claims, cross_border, lines, planning
from ipplan.phases.effort import TARGETS
from ipplan.quick_mesa import mesa
from ipplan.rights.docket import SLOTS
from ipplan.world import N_FIELDS, N_GROUPS, N_KINDS, N_PROVINCES, N_QUEUES, N_RIGHTS

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem


class Province(mesa.Agent):
    """A mainland province: its share of each kind's activity, its own counts and targets (see ``phases.provinces``)."""

    model: IPSystem

    def __init__(self, model: IPSystem, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.record = data.provinces()[index]
        self.kind_shares = _shares()[index]

    @property
    def name(self) -> str:
        """Its English name."""
        return self.record.name_en

    @property
    def targets(self) -> Mapping[str, float]:
        """Its targets of this year as the statistics count them, at the scale of the run; 0 where none are set."""
        return dict(zip(TARGETS, map(float, self.model.government.targets[self.index]), strict=True))

    @property
    def gaps(self) -> Mapping[str, float]:
        """What it lacks of its targets at the start of the year, as shares; how it closes them is told of none."""
        return dict(zip(TARGETS, map(float, self.model.government.gap[self.index]), strict=True))

    @property
    def chosen(self) -> bool:
        """Whether the run drew it for the demonstration."""
        return bool(self.model.government.chosen[self.index])

    def stock(self, stock: int, right: int) -> int:
        """Return a stock of the province as it stands, at the scale of the run."""
        cells = slice(self.index * 6, self.index * 6 + 6)
        return int(sum(block.tally.stocks[cells, right, stock].sum() for block in self.model.blocks))


class Bank(mesa.Agent):
    """The banks of a province, taken together: once a year they look back on their pledge loans.

    Where the share of loans due that went bad is above the stop line, the public guarantee is withdrawn for a year
    (``lending.review``, of all provinces at once).
    """

    model: IPSystem

    def __init__(self, model: IPSystem, index: int) -> None:
        super().__init__(model)
        self.index = index

    @property
    def bad_share(self) -> float:
        """The share of the loans due last year that were not repaid, as reviewed."""
        return float(self.model.banking.bad_share[self.index])

    @property
    def guaranteed(self) -> bool:
        """Whether the public guarantee stands."""
        return bool(self.model.banking.guaranteed[self.index] > 0.0)


class NationalOffice(mesa.Agent):
    """The national office: plans the examiners' month by staff, backlog and its aim for pendency.

    ``expected_wait`` is what it announces: months from request to conclusion of an invention at this month's pace.
    """

    model: IPSystem

    def __init__(self, model: IPSystem) -> None:
        super().__init__(model)
        self.eligible = np.zeros(N_QUEUES, np.int64)
        self.served = np.zeros(N_QUEUES, np.int64)
        self.reference = np.zeros(N_RIGHTS)
        self.expected_wait = 0.0

    def plan(self, month: int) -> NDArray[np.int64]:
        """Set hours per case and share out the month's cases: [block, queue]."""
        model = self.model
        theta = model.tables["plan"].at(month)
        planning.work_month(model.seed, month, model.examiners, model.staff[month], theta, 0)
        saved = cross_border.save_hours(model, month)
        model.examiners.hours[:N_FIELDS] /= 1.0 - saved
        model.ledger.gauges["examiner_hours_saved"][month] = saved
        self.eligible[:] = 0
        for block in model.blocks:
            planning.waiting(block.docket.length, block.docket.oldest, month, self.eligible)
        self.expected_wait = planning.plan_month(
            model.examiners, theta, 0, model.aims[month], self.eligible, self.served
        )
        self.reference[:] = theta[planning.HOURS_INVENTION : planning.HOURS_TM + 1, 0]
        return self.share_out(month)

    def share_out(self, month: int) -> NDArray[np.int64]:
        """Share the cases to be served over the owner blocks, first in, first out: [block, queue]."""
        blocks = self.model.blocks
        if len(blocks) == 1:
            return self.served[None]
        takes = np.zeros((len(blocks), N_QUEUES), np.int64)
        margins = np.zeros((N_QUEUES, 2), np.int64)
        planning.share_out(
            np.stack([block.docket.length for block in blocks]), month, self.served, takes, margins
        )  # fmt: skip
        months = np.zeros((len(blocks), N_QUEUES, SLOTS), np.int32)

        def work(block: Block) -> None:
            planning.filed_when(block.docket, margins, months[blocks.index(block)])

        self.model.each_block(work)
        planning.share_margins(months, margins, takes)
        return takes


class Venues(mesa.Agent):
    """Where a province's disputes are heard: its mediation bodies, offices, protection centre, arbitration, courts.

    Their lines stand in the columns of ``Forums``, which works through all of them at once.
    """

    model: IPSystem

    def __init__(self, model: IPSystem, index: int) -> None:
        super().__init__(model)
        self.index = index

    @property
    def lines(self) -> Mapping[str, float]:
        """Months of work that wait at each forum, first in, first out."""
        return dict(zip(FORUMS, map(float, self.model.forums.ahead[:, self.index]), strict=True))

    @property
    def delays(self) -> Mapping[str, float]:
        """Months from filing to the end that parties reckon with at each forum."""
        return dict(zip(FORUMS, map(float, self.model.forums.delay[:, self.index]), strict=True))


class Forums(mesa.Agent):
    """Where disputes are heard, by province; columns [forum, province].

    Forums are mediation bodies, administrative offices, enforcement desks of protection centres, arbitration bodies,
    courts of first and of second instance. Each works through its line first in, first out; ``ahead`` is the line in
    months of work, ``delay`` the months to an end that parties reckon with (``phases.lines``).
    """

    model: IPSystem

    def __init__(self, model: IPSystem, shares: NDArray[np.float64]) -> None:
        super().__init__(model)
        self.shares = shares
        self.reach = np.cumsum(shares)
        theta = model.tables["protection"].at(0)
        self.ahead = np.full((N_FORUMS, N_PROVINCES), float(theta[claims.LINE, 0]))
        self.seen = np.zeros((N_FORUMS, N_PROVINCES))
        self.mean_load = (self.here(theta, claims.CAPACITY) * shares * model.scale).sum(axis=1)
        self.delay = self.ahead + self.here(theta, claims.MONTHS)
        self.venues = [Venues(model, place) for place in range(N_PROVINCES)]

    def here(self, theta: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        """Return a primitive of the forums, [forum, province]."""
        return np.ascontiguousarray(theta[first : first + N_FORUMS, 1 : N_PROVINCES * N_KINDS : N_KINDS])

    def plan(self, month: int) -> NDArray[np.float64]:
        """Take up what was filed; returns the line in months of work: [ahead | this month's, forum, province]."""
        asked = reduce(add, (block.disputes.asked for block in self.model.blocks))
        return self.queue(asked, self.model.tables["protection"].at(month))

    def queue(self, asked: NDArray[np.int64], theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put a month's cases [forum, province] in line, serve a month, and return the line they found."""
        line, self.delay = np.empty((2, N_FORUMS, N_PROVINCES)), np.empty((N_FORUMS, N_PROVINCES))
        lines.queue(
            asked, theta, self.model.scale, self.shares, self.ahead, self.seen, self.mean_load, line, self.delay
        )  # fmt: skip
        return line


@cache
def _shares() -> NDArray[np.float64]:
    """Return each province's share of each kind's activity: [31, 6], columns add to 1.

    Enterprises and individuals follow utility models in force in 2017, universities and institutes their designs
    of 2023 blended with population (both observed, used as shapes); foreigners have none here.
    """
    rows = data.provinces()
    models = np.array([row.figure("valid_utility_models_2017") or 0.0 for row in rows])
    people = np.array([row.population_10k_2022 for row in rows])
    universities = np.array([row.figure("valid_designs_universities_2023") or 0.0 for row in rows])
    institutes = np.array([row.figure("valid_designs_institutes_2023") or 0.0 for row in rows])

    def share(column: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = column / column.sum()
        return result

    academic = 0.5 * share(universities) + 0.5 * share(people)
    research = 0.5 * share(institutes) + 0.5 * share(models)
    firms = share(models)
    persons = 0.5 * share(models) + 0.5 * share(people)
    return np.stack([firms, firms, persons, academic, research, firms], axis=1)


assert N_GROUPS > 0
