"""The office: examiners with their desks, and how many hours a case gets."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import mesa

from ipplan.agents.examiners import FEWEST
from ipplan.world import DESIGN, INVENTION, N_FIELDS, RIGHTS, TRADEMARK, UTILITY_MODEL
from mesa_model.rules import hours_for, in_time

if TYPE_CHECKING:
    from mesa_model.model import Peer
    from mesa_model.rights import Right


class Examiner(mesa.Agent):
    """Takes cases from its desk while there are hours; learns by doing; leaves some day and is replaced."""

    def __init__(self, model: Peer, desk: int, skill: float, experience: float):
        super().__init__(model)
        self.desk, self.skill, self.experience, self.left = desk, skill, experience, 0.0
        model.office.examiners[desk].append(self)

    def hours(self) -> float:
        """Return hours a month; a newcomer is trained for a year."""
        p, ready = self.model.p, self.model.p["examination.newcomer_readiness"]
        trained = min(1.0, ready + (1.0 - ready) * self.experience / p["examination.training_months"])
        return trained * p["examination.hours_per_month"] * self.model.office.heads[self.desk]

    def seniority(self) -> float:
        """Return the log of experience against an average examiner's."""
        p = self.model.p
        return math.log((self.experience + p["examination.experience_offset"]) / p["examination.experience_reference"])

    def step(self) -> None:
        p, office = self.model.p, self.model.office
        self.left += self.hours() * office.on_line[self.desk]
        self.experience = 1.0 + (0.0 if self.random.random() < p["examination.attrition"] / 12.0 else self.experience)
        power = self.skill * (1.0 + p["examination.experience_gain"] * self.seniority())
        effort = 24.0 * office.case_hours[self.desk] / office.reference[self.desk]
        found = 1.0 - math.exp(-p["examination.search_productivity"] * power * effort)
        queue = office.queues[self.desk]
        while queue and self.left > 0.0:  # a case that is begun is finished on next month's hours
            self.left -= office.case_hours[self.desk]
            queue.popleft().be_examined(found)
        self.left = min(self.left, 0.0)  # hours without a case are lost


class Office(mesa.Agent):
    """Hires, sets the hours of a case by the wait against its aim, and goes no faster than it has announced."""

    def __init__(self, model: Peer):
        super().__init__(model)
        self.rights = [INVENTION] * N_FIELDS + [UTILITY_MODEL, DESIGN, TRADEMARK]  # by desk
        self.reference = [model.p[f"examination.hours_per_case.{RIGHTS[right]}"] for right in self.rights]
        self.case_hours, self.heads = self.reference.copy(), [1.0] * len(self.rights)
        self.on_line = [1.0] * len(self.rights)  # share of the hours
        self.examiners: list[list[Examiner]] = [[] for _ in self.rights]
        self.queues: list[deque[Right]] = [deque() for _ in self.rights]

    def step(self) -> None:
        model, p, queued, working = self.model, self.model.p, 0.0, 0.0
        for desk, (right, staff) in enumerate(zip(self.rights, model.staff[model.month], strict=True)):
            examiners, cases = self.examiners[desk], len(self.queues[desk])
            while len(examiners) < max(FEWEST, round(staff)):
                sd = p["examination.skill_log_sd"]
                Examiner(model, desk, math.exp(self.random.gauss(-0.5 * sd**2, sd)), 0.0)
            self.heads[desk] = staff / len(examiners)  # that one examiner of a small run stands for
            hours = sum(examiner.hours() for examiner in examiners)
            wait, aim = cases * self.reference[desk] / hours, model.aims[model.month][right == TRADEMARK]
            if right == INVENTION:
                wait += p["examination.prosecution_months.normal"]
            elif right != TRADEMARK:
                aim = p[f"examination.target_months.{RIGHTS[right]}"]
            self.case_hours[desk] = hours_for(
                self.reference[desk], wait, aim, p["examination.quota_response"], p["examination.fewest_hours"],
                p["examination.most_hours"])  # fmt: skip
            spent = hours
            if right in (INVENTION, TRADEMARK):  # whose months are announced
                later = p["examination.prosecution_months.normal"] if right == INVENTION else 0.0
                spent = min(hours, self.case_hours[desk] * in_time(cases, aim - later))
            self.on_line[desk] = spent / hours
            if right == INVENTION:
                queued, working = queued + cases * self.case_hours[desk], working + spent
        in_line = queued / working - 1.0 if queued > 0.0 else 0.0
        years = (max(0.0, in_line) + p["examination.prosecution_months.normal"]) / 12.0
        model.discount_of_wait = p["renewal.discount"] ** years  # applicants reckon with what the office announces
