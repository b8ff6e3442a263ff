"""Institutions: the national office and the 31 provinces, few enough to be objects one can inspect and replace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ipplan import data
from ipplan.phases import cross_border, examination
from ipplan.quick_mesa import mesa
from ipplan.rights.docket import SLOTS
from ipplan.world import N_FIELDS, N_GROUPS, N_QUEUES, N_RIGHTS, SERVED_LANES

if TYPE_CHECKING:
    from ipplan.system import IPSystem


class Province(mesa.Agent):
    """A mainland province: what share of each kind's activity it holds, and its own counts at year end."""

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

    def stock(self, stock: int, right: int) -> int:
        """Return a stock of the province as it stands, at the scale of the run."""
        cells = slice(self.index * 6, self.index * 6 + 6)
        return int(sum(block.tally.stocks[cells, right, stock].sum() for block in self.model.blocks))


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
        examination.work_month(
            model.seed, month, model.examiners, model.staff[month], theta[examination.ATTRITION, 0],
            theta[examination.EXPERIENCE_GAIN, 0],
        )  # fmt: skip
        saved = cross_border.save_hours(model, month)
        model.examiners.hours[:N_FIELDS] /= 1.0 - saved
        model.ledger.gauges["examiner_hours_saved"][month] = saved
        self.eligible[:] = 0
        for block in model.blocks:
            examination.waiting(block.docket.length, block.docket.oldest, month, self.eligible)
        examination.plan_month(model.examiners, theta, 0, model.aims[month], self.eligible, self.served)
        hours = model.examiners.hours[:N_FIELDS]
        queued = self.eligible[: N_FIELDS * SERVED_LANES].reshape(N_FIELDS, SERVED_LANES).sum(axis=1)
        lag = float(theta[examination.LAG_NORMAL_PLAN, 0])
        self.expected_wait = float(queued @ model.examiners.case_hours[:N_FIELDS]) / float(hours.sum()) + lag
        self.reference[:] = theta[examination.HOURS_INVENTION : examination.HOURS_TM + 1, 0]
        return self.share_out(month)

    def share_out(self, month: int) -> NDArray[np.int64]:
        """Share the cases to be served over the owner blocks, first in, first out: [block, queue]."""
        blocks = self.model.blocks
        takes = np.zeros((len(blocks), N_QUEUES), np.int64)
        if len(blocks) == 1:
            takes[0] = self.served
            return takes
        margins = np.zeros((N_QUEUES, 2), np.int64)
        examination.share_out(
            np.stack([block.docket.length for block in blocks]), month, self.served, takes, margins
        )  # fmt: skip
        for queue in np.flatnonzero(margins[:, 0] >= 0):
            months = np.zeros((len(blocks), SLOTS), np.int64)
            for row, block in zip(months, blocks, strict=True):
                examination.filed_when(block.docket, queue, margins[queue, 0], row)
            examination.share_margin(months, margins[queue, 1], queue, takes)
        return takes


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
