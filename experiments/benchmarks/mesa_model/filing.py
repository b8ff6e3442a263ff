"""Applicants and their agencies: what is had, what is filed of it, and what is made up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import mesa

from ipplan.agents.agencies import HONEST, VOLUME
from ipplan.phases import bad_faith
from ipplan.world import DESIGN, FOREIGN, INVENTION, LARGE, RIGHTS, TRADEMARK, UTILITY_MODEL
from mesa_model.rights import Right
from mesa_model.rules import choose_right, draw_poisson, drawn_field, expected_gain, keeping_value, logistic, logit

if TYPE_CHECKING:
    from mesa_model.model import Peer


class Agency(mesa.Agent):
    """Drafts and files; remembers its filings and what of them was flagged."""

    def __init__(self, model: Peer, conduct: int, fee: float, quality: float):
        super().__init__(model)
        self.conduct, self.fee, self.quality = conduct, fee, quality
        self.lenience = 1.0 if conduct == VOLUME else (0.0 if conduct == HONEST else 0.4)
        self.filed = self.flagged = 0.0

    def step(self) -> None:
        self.filed *= self.model.remembered
        self.flagged *= self.model.remembered


class Applicant(mesa.Agent):
    """Has ideas, designs, brands and temptations; files what pays; learns about being caught."""

    def __init__(self, model: Peer, place: int, kind: int, field: int, budget: float, capability: float,
                 integrity: float, taste: float, shares: Sequence[float]):  # fmt: skip
        super().__init__(model)
        self.p = p = model.primitives[kind]
        self.place, self.kind, self.field, self.budget, self.shares = place, kind, field, budget, shares
        self.capability, self.integrity = capability, integrity
        self.moral_cost = p["fabrication.moral_cost"] * math.exp(p["fabrication.moral_cost_log_sd"] * integrity)
        self.caution = math.exp(p["belief.ambiguity_sd"] * taste - 0.5 * p["belief.ambiguity_sd"] ** 2)
        self.agency: Agency | None = None
        self.caught, self.tried, self.sanctioned_until = [0.0, 0.0], [0.0, 0.0], -1  # patents, marks

    def step(self) -> None:
        self.caught = [self.model.remembered * caught for caught in self.caught]
        self.tried = [self.model.remembered * tried for tried in self.tried]
        self.purse, self.chosen = self.budget, False
        acts = (self.have_idea, self.have_design, self.need_brand, self.be_tempted)
        for act, share, rate in zip(acts, self.shares, self.model.rates[self.kind], strict=True):
            for _ in range(draw_poisson(self.random.random(), share * rate)):
                act()

    def terms(self) -> tuple[float, float]:
        """Return (payoff of a title, share of official fees to pay): the sanctioned lose the one and pay all."""
        if self.sanctioned_until > self.model.month:
            return 0.0, 1.0
        return self.p["filing.payoff"], 1.0 if self.kind in (LARGE, FOREIGN) else 1.0 - self.p["filing.fee_relief"]

    def represent(self) -> Agency:
        """Return this month's agency; now and then it is chosen anew."""
        agency = self.agency
        if agency is None or (not self.chosen and self.random.random() < self.p["agencies.reconsider"]):
            agency = self.agency = self.choose_agency()
        self.chosen = True
        return agency

    def choose_agency(self) -> Agency:
        """Choose among the own agency, a neighbour's, and three met by size."""
        model, p = self.model, self.p
        near = min(max(self.place + int(self.random.random() * 41.0) - 20, 0), len(model.applicants) - 1)
        options: list[Agency] = self.random.choices(model.agencies, cum_weights=model.sizes, k=3)
        options += [agency for agency in (self.agency, model.applicants[near].agency) if agency is not None]
        return options[logit(self.random, [
            p["agencies.quality_weight"] * agency.quality * 5.0 - p["agencies.price_sensitivity"] * agency.fee / 1000.0
            + p["agencies.lenience_weight"] * agency.lenience * max(0.0, -self.integrity)
            - p["agencies.stigma"] * agency.flagged / (agency.filed + 20.0)
            + p["agencies.loyalty"] * (agency is self.agency)
            for agency in options
        ])]  # fmt: skip

    def have_idea(self) -> None:
        """File an idea as an invention or a utility model, keep it secret, or let it be."""
        model, p, random = self.model, self.p, self.random
        fee, (payoff, pays) = self.represent().fee, self.terms()
        quality = random.gauss(p["invention.quality_mean"] + p["invention.capability_sd"] * self.capability, 1.0)
        median = p["invention.value_log_median"] + p["invention.value_quality_loading"] * quality
        value = random.gauss(median, p["invention.value_log_sd"])
        sound = logistic(p["filing.grant_sharpness"] * (quality - p["examination.standard.invention"]))
        floor, floor_um = p["filing.grant_floor.invention"], p["filing.grant_floor.utility_model"]
        grant = floor + (p["filing.grant_chance.invention"] - floor) * sound
        kept = (1.0 - p["filing.disclosure_leak"]) * keeping_value(model.values, self.kind * 3, value)
        cost = fee + p["filing.fee.invention"] * pays
        gain = grant * (model.discount_of_wait * kept + payoff) - cost
        sound_um = logistic(p["filing.grant_sharpness"] * (quality - p["examination.standard.utility_model"]))
        grant_um = p["filing.grant_chance.utility_model"] * (floor_um + (1.0 - floor_um) * sound_um)
        value_um = value + math.log(p["filing.utility_model_validity"])
        kept_um = keeping_value(model.values, self.kind * 3 + UTILITY_MODEL, value_um)
        waited_um = p["renewal.discount"] ** p["filing.wait_years.utility_model"]
        worth_um = waited_um * kept_um + payoff * p["filing.payoff_ratio.utility_model"]
        cost_um = p["agencies.right_fee_ratio.utility_model"] * fee + p["filing.fee.utility_model"] * pays
        gain_um = grant_um * worth_um - cost_um
        if self.kind == FOREIGN:  # families that come to China come as inventions
            gain_um = -1e6
        secret = p["filing.secrecy_share"] * p["filing.secrecy_years"] * math.exp(min(value, 25.0))
        choice = choose_right(gain, gain_um, secret, p["filing.logit_scale"], p["filing.nest_scale"], random.random())
        if choice <= UTILITY_MODEL and random.gauss(quality, p["filing.screen_noise"]) >= p["filing.screen_threshold"]:
            self.file(choice, quality, *((value, cost) if choice == INVENTION else (value_um, cost_um)))

    def have_design(self) -> None:
        p, (payoff, pays), quality = self.p, self.terms(), self.random.gauss(0.0, 1.0)
        loading = p["design.loading_ratio"] * p["invention.value_quality_loading"]
        median = p["design.value_log_median"] + loading * quality
        value = self.random.gauss(median, p["invention.value_log_sd"])
        kept = keeping_value(self.model.values, self.kind * 3 + DESIGN, value)
        gain = p["filing.grant_chance.design"] * (kept + payoff * p["filing.payoff_ratio.design"])
        cost = p["filing.fee.design"] * pays + p["agencies.right_fee_ratio.design"] * self.represent().fee
        if self.random.random() < logistic((gain - cost) / p["filing.logit_scale"]):
            self.file(DESIGN, quality, value, cost)

    def need_brand(self) -> None:
        p, value = self.p, self.random.gauss(self.p["brand.value_log_median"], self.p["brand.value_log_sd"])
        cost = p["filing.fee.trademark"] + p["agencies.trademark_fee"]
        gain = p["filing.grant_chance.trademark"] * math.exp(value) - cost
        if self.random.random() < logistic(p["brand.choice_sharpness"] * gain / p["filing.logit_scale"]):
            self.file(TRADEMARK, 0.0, value, cost)

    def belief(self, channel: int) -> float:
        """Return the believed chance of being caught: prior, own cases, peers' cases."""
        caught, cases = self.model.evidence[channel]
        weight = self.p["belief.prior_weight"]
        caught += weight * self.p["belief.prior_detection"] + self.caught[channel]
        return min(self.p["belief.most"], caught / (weight + cases + self.tried[channel]) * self.caution)

    def be_tempted(self) -> None:
        """Make up filings of the right that promises most, or resist (logit over expected gains)."""
        p, agency, (payoff, pays) = self.p, self.represent(), self.terms()
        cut = 1.0 - p["agencies.volume_cost_cut"] * (agency.conduct == VOLUME)
        scale = p["fabrication.logit_scale"]
        pull = p["fabrication.contagion"] * scale * (self.model.seen_bad_share[self.kind] - 0.5)
        dangers = (self.belief(0), p["sanction.patent"], self.moral_cost)
        ways = [  # of a right: prize, cost, fees, belief, sanction, moral cost
            (payoff, p["fabrication.cost.invention"] * cut,
             p["filing.fee.invention"] * p["fabrication.official_share"] * pays
             + agency.fee * p["fabrication.fee_ratio.invention"], *dangers),
            (payoff * p["filing.payoff_ratio.utility_model"], p["fabrication.cost.utility_model"] * cut,
             p["filing.fee.utility_model"] * pays + agency.fee * p["fabrication.fee_ratio.utility_model"], *dangers),
            (payoff * p["filing.payoff_ratio.design"], p["fabrication.cost.design"] * cut,
             p["filing.fee.design"] * pays + agency.fee * p["fabrication.fee_ratio.design"], *dangers),
            (p["fabrication.resale_value"], p["fabrication.cost.trademark"],
             p["filing.fee.trademark"] + p["fabrication.fee_ratio.trademark"] * p["agencies.trademark_fee"],
             self.belief(1), p["sanction.trademark"], p["fabrication.moral_ratio.trademark"] * self.moral_cost),
        ]  # fmt: skip
        gains = [expected_gain(prize, p[f"fabrication.success.{name}"], *rest, pull) / scale
                 for name, (prize, *rest) in zip(RIGHTS, ways, strict=True)]  # fmt: skip
        right = logit(self.random, [*gains, 0.0])
        if right > TRADEMARK:
            return
        mean = p["fabrication.batch_size"] * (p["fabrication.batch_ratio.trademark"] if right == TRADEMARK else 1.0)
        median = p["invention.value_log_median"] - p["fabrication.value_discount"]
        for _ in range(min(bad_faith.MOST_BATCH, 1 + draw_poisson(self.random.random(), mean - 1.0))):
            quality = self.random.gauss(p["fabrication.quality_mean"], p["fabrication.quality_sd"])
            value = self.random.gauss(median, p["fabrication.value_log_sd"])
            self.file(right, quality, value, ways[right][1] + ways[right][2], bad=True)

    def file(self, right: int, quality: float, value: float, cost: float, bad: bool = False) -> None:
        """File if the month's budget allows."""
        if cost <= self.purse:
            self.purse -= cost
            field = drawn_field(self.field, self.random.random(), self.p["invention.own_field"])
            Right(self.model, self, right, field, quality, value, bad)
