"""The life of what was filed: screened, examined, granted, used, renewed until it lapses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from ipplan.phases import renewal
from ipplan.phases.in_force import MARK_TERM
from ipplan.world import FOREIGN, INVENTION, N_FIELDS, RIGHTS, TRADEMARK
from mesa_model.rules import annuity, keeping_value, request_delay, term_years

if TYPE_CHECKING:
    from mesa_model.filing import Applicant
    from mesa_model.model import Peer


class Right(mesa.Agent):
    """What was filed: screened, requested, examined, concluded; once granted used, licensed, renewed until it lapses.

    ``value`` is the log of the first year's return, ``due`` the month in which the next thing happens to it.
    """

    def __init__(self, model: Peer, owner: Applicant, right: int, field: int, quality: float, value: float, bad: bool):
        super().__init__(model)
        self.owner, self.right, self.field, self.quality, self.value = owner, right, field, quality, value
        self.bad, self.filed, self.due, self.outcome, p = bad, model.month, float(model.month), "", owner.p
        self.used, self.licensed, self.requested, self.granted = False, False, 0, 0  # months; 0: not yet
        self.count("filed")
        self.count("bad", bad)
        if right == INVENTION:
            self.due += request_delay(
                self.random.random(), p["examination.request_immediate"], p["examination.request_months"])  # fmt: skip
        if right != TRADEMARK:
            agency = owner.represent()
            agency.filed += 1.0
            owner.tried[0] += bad * p["belief.own_weight"]
            if self.random.random() < model.flagged[0][bad]:
                self.count("flagged")
                agency.flagged += 1.0
                self.be_caught(channel=0)
                self.remove()
                return
        if right == INVENTION and self.random.random() < p["examination.never_requested"]:
            self.remove()

    def count(self, flow: str, number: int = 1) -> None:
        self.model.count[flow, self.right, self.owner.kind] += number

    def be_caught(self, channel: int) -> None:
        """The owner loses payoff and relief for a while and, unless wrongly accused, learns that one is caught."""
        self.owner.caught[channel] += self.bad * self.owner.p["belief.own_weight"]
        self.owner.sanctioned_until = self.model.month + round(self.owner.p["sanction.blacklist_months"])

    def step(self) -> None:
        if self.granted:
            self.live()
        elif self.model.month >= self.due and self.outcome:
            self.conclude()
        elif self.model.month >= self.due:
            self.requested, self.due = self.model.month, math.inf  # until an examiner takes it
            self.model.office.queues[self.field if self.right == INVENTION else N_FIELDS + self.right - 1].append(self)

    def be_examined(self, found: float) -> None:
        """Set the outcome, a flaw being ``found`` with that chance, and the month of the conclusion."""
        self.outcome = self.outcome_of_search(found)
        if self.right == TRADEMARK:  # the office states the time to examination proper
            self.count("waited", self.model.month - self.requested)
        name = "normal" if self.right == INVENTION else RIGHTS[self.right]
        lag = self.owner.p[f"examination.prosecution_months.{name}"] * (0.5 + self.random.random())
        self.due = self.model.month + max(1, round(lag))

    def outcome_of_search(self, found: float) -> str:
        p, right, bad, u = self.owner.p, self.right, self.bad, self.random.random
        if right == TRADEMARK:
            if u() < self.model.flagged[1][bad]:
                return "struck"
            return "allowed" if u() < p["examination.trademark_pass"] else "refused"
        stays = p["examination.foreign_persistence"] if self.owner.kind == FOREIGN else 0.0
        if right == INVENTION and u() < p["examination.abandonment"] * (1.0 - stays):
            return "withdrawn"
        passes = 1.0 if right == INVENTION else p[f"examination.{RIGHTS[right]}_pass"]
        if self.quality < p[f"examination.standard.{RIGHTS[right]}"] or (bad and right == INVENTION):
            if u() >= found:
                return "allowed" if u() < passes else "refused"
            return "repaired" if not bad and u() < p["examination.repair"] else "refused"
        lost = p["examination.false_refusal"] if right == INVENTION else 0.0
        return "allowed" if u() >= lost and u() < passes else "refused"

    def conclude(self) -> None:
        """Be granted, or end."""
        p, right, month = self.owner.p, self.right, self.model.month
        self.count("concluded")
        if right != TRADEMARK:
            self.count("waited", month - self.requested)
        elif self.bad:
            self.owner.tried[1] += p["belief.own_weight"]
        if self.outcome == "struck":
            self.be_caught(channel=1)
        if self.outcome not in ("allowed", "repaired") or self.random.random() < p["examination.unregistered"]:
            self.remove()
            return
        self.count("granted")
        self.granted = month
        self.value += p["examination.repair_value"] - 1.0 if self.outcome == "repaired" else 0.0
        use = p["use.at_grant"] * math.exp(0.5 * p["use.quality_loading"] * self.quality) * (0.2 if self.bad else 1.0)
        self.used = right != TRADEMARK and self.random.random() < min(0.98, use)

    def live(self) -> None:
        """Patents are renewed each year, marks after ten; in other months something may happen."""
        p, month, u = self.owner.p, self.model.month, self.random.random
        if self.right == TRADEMARK and (month - self.granted) % MARK_TERM:
            if self.bad and u() < p["screening.mark_invalidation"] / 12.0:
                self.remove()
        elif self.right == TRADEMARK:
            self.stay_if(u() < p["renewal.trademark_keep_bad" if self.bad else "renewal.trademark_keep"])
        elif (month - self.filed) % 12:
            self.meet_chance()
        elif month - self.filed >= 12 * term_years(self.right, self.filed):
            self.remove()
        else:
            self.stay_if(self.is_worth_its_fee((month - self.filed) // 12))

    def stay_if(self, renewed: bool) -> None:
        if not renewed:
            self.count("lapsed")
            self.remove()

    def is_worth_its_fee(self, age: int) -> bool:
        """Weigh this year's return, and what comes after it, against the fee."""
        owner, right, p = self.owner, self.right, self.owner.p
        fee = annuity(right, age + 1, (self.model.month - self.granted) / 12.0, owner.kind, p["renewal.fee_level"],
                      p["filing.fee_relief"], p["renewal.relief_years"])  # fmt: skip
        ratio = 1.0 if right == INVENTION else p[f"filing.payoff_ratio.{RIGHTS[right]}"]
        hold = p["renewal.holding_benefit"] * p["filing.payoff"] * ratio
        value = self.value + (p["renewal.use_premium"] if self.used or self.licensed else 0.0)
        table = (owner.kind * 3 + right) * renewal.MOST_YEARS + age
        need = fee - hold - keeping_value(self.model.waiting, table, value)
        value += age * math.log(1.0 - p[f"renewal.decay.{RIGHTS[right]}"])
        return need <= 0.0 or self.random.gauss(value, p["renewal.shock_sd"]) >= math.log(need)

    def meet_chance(self) -> None:
        """At most one thing happens in a month: hazards a year are spread over the eleven that are no anniversary."""
        p, u = self.owner.p, 11.0 * self.random.random()
        ends = p["market.licence_end"] if self.licensed else 0.0
        if u < p["market.related_rate"]:
            self.count("related_deals")
            self.licensed |= self.random.random() < p["market.related_licence_share"]
        elif u < p["market.related_rate"] + ends:
            self.licensed = False
        elif self.used:
            self.used = u >= p["market.related_rate"] + ends + p["use.stop_hazard"]
        else:
            young = p["use.young_boost"] if self.model.month - self.granted < p["use.young_months"] else 0.0
            promise = math.exp(min(p["use.most_promise"], p["use.quality_loading"] * self.quality + young))
            hazard = p["use.hazard"] * promise * (p["use.bad_ratio.hazard"] if self.bad else 1.0)
            if u < p["market.related_rate"] + ends + hazard:
                self.count("use_started")
                self.used = True
