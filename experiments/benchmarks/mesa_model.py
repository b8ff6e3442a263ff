"""The core rules of ipplan as somebody who knows mesa would write them: everybody and everything filed is an agent.

mesa calls the ``step`` of each agent every month: in random order where agents compete (applicants, examiners), else
in its own. What is the same for all is worked out once, or once a month, by the functions that ipplan has for it; so
are rules of a few numbers, as plain Python. Draws come from ``self.random``, monthly counts go to a DataCollector.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Sequence
from random import Random

import mesa
import numpy as np

from ipplan.agents.agencies import HONEST, VOLUME
from ipplan.agents.examiners import FEWEST
from ipplan.compiled import plain
from ipplan.levers import PrimitivePaths
from ipplan.phases import bad_faith, examination, filing, intake, learning, renewal, stakes
from ipplan.phases.in_force import MARK_TERM
from ipplan.streams import poisson
from ipplan.system import IPSystem
from ipplan.world import DESIGN, FOREIGN, INVENTION, KINDS, LARGE, N_FIELDS, RIGHTS, SME, TRADEMARK, UTILITY_MODEL

choose_right, drawn_field = plain(filing.choose_right), plain(stakes.drawn_field)
expected_gain, draw_poisson = plain(bad_faith.expected_gain), plain(poisson)
keeping_value, logistic = plain(filing.keeping_value), plain(filing.logistic)
annuity, term_years = plain(renewal.annuity), plain(renewal.term_years)
request_delay, hours_for = plain(intake.request_delay), plain(examination.hours_for)

Primitives = dict[str, float]
FLOWS = ("filed", "bad", "flagged", "concluded", "waited", "granted", "lapsed", "use_started", "related_deals")
STOCKS = ("in_force", "used", "licensed_out")


def primitives(paths: PrimitivePaths) -> list[Primitives]:
    """Return what each kind of applicant lives with: primitives by name, its own (``x.y.<kind>``) as ``x.y``."""
    values = {name: float(paths.path(name, 1)[0, 0]) for name in paths.primitives}
    return [values | {name.rpartition(".")[0]: values[name] for name in values if name.endswith(f".{kind}")}
            for kind in KINDS]  # fmt: skip


def logit(random: Random, utilities: Sequence[float]) -> int:
    """Return the place of the option that is chosen."""
    top = max(utilities)
    return random.choices(range(len(utilities)), [math.exp(utility - top) for utility in utilities])[0]


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
        self.left += self.hours()
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
    """Hires, and sets the hours of a case by the wait against its aim."""

    def __init__(self, model: Peer):
        super().__init__(model)
        self.rights = [INVENTION] * N_FIELDS + [UTILITY_MODEL, DESIGN, TRADEMARK]  # by desk
        self.reference = [model.p[f"examination.hours_per_case.{RIGHTS[right]}"] for right in self.rights]
        self.case_hours, self.heads = self.reference.copy(), [1.0] * len(self.rights)
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
            if right == INVENTION:
                queued, working = queued + cases * self.case_hours[desk], working + hours
        years = (queued / working + p["examination.prosecution_months.normal"]) / 12.0
        model.discount_of_wait = p["renewal.discount"] ** years  # applicants reckon with what the office announces


class Peer(mesa.Model):
    """The month in order; ``system``, built and not run, says who there is and what happens around them."""

    def __init__(self, system: IPSystem):
        super().__init__(rng=system.seed)
        self.system, self.month, self.primitives = system, 0, primitives(system.paths)
        self.p = p = self.primitives[SME]  # what the nation shares
        self.staff, self.aims = system.staff.tolist(), system.aims.tolist()
        self.values, self.waiting = system.values.tolist(), system.waiting.tolist()  # of keeping a right, in yuan
        self.discount_of_wait = p["renewal.discount"] ** system.memory.wait_years
        self.remembered = 1.0 - p["belief.forgetting"]
        self.evidence = [tuple(system.memory.pseudo[:, channel, SME]) for channel in (0, 1)]  # (caught, cases)
        self.national = [system.memory.patents_last_month, system.memory.marks_last_month]
        self.filed, self.bad = system.memory.filed, system.memory.filed_bad  # by kind, remembered for about a year
        self.seen_bad_share = system.memory.pull.tolist()
        a, g, x = system.applicants, system.agencies, system.examiners
        n = int(g.book[0])
        self.sizes = g.reach[:n].tolist()
        self.agencies = list(Agency.create_agents(self, n, *(c[:n].tolist() for c in (g.model, g.fee, g.quality))))
        columns = (np.arange(len(a)), a.kind, a.field, a.budget, a.capability, a.integrity, a.taste,
                   np.stack([a.ideas, a.designs, a.brands, a.occasions], axis=1))  # fmt: skip
        self.applicants = list(Applicant.create_agents(self, len(a), *(column.tolist() for column in columns)))
        self.office = Office(self)
        for desk, (first, present) in enumerate(zip(x.first.tolist(), x.present.tolist(), strict=True)):
            rows = slice(first, first + present)
            Examiner.create_agents(self, present, desk, x.skill[rows].tolist(), x.experience[rows].tolist())
        self.datacollector = mesa.DataCollector({
            name: lambda model, name=name: model.counted(name).sum(axis=1) for name in (*FLOWS, *STOCKS)
        })  # fmt: skip

    def step(self) -> None:
        self.count: Counter[tuple[str, int, int]] = Counter()
        self.look_around()
        self.agents_by_type[Applicant].shuffle_do("step")
        self.agents_by_type[Right].do("step")
        self.office.step()
        self.agents_by_type[Examiner].shuffle_do("step")
        self.agents_by_type[Agency].do("step")
        self.learn()
        self.take_stock()
        self.datacollector.collect(self)
        self.month += 1

    def look_around(self) -> None:
        """Set what all reckon with this month: arrivals, and chances that what was filed is flagged [channel][bad]."""
        system, month = self.system, self.month
        self.rates = system.rates[month].T[: len(KINDS)].tolist()
        chances = learning.detection_chances(system.tables["learning"].at(month), *self.national)
        self.flagged = [(share * flag).tolist() for share, flag in (chance[SME] for chance in chances)]

    def learn(self) -> None:
        """Peers' cases are heard of, and how common bad faith seems to be."""
        p, filed, bad = self.p, self.counted("filed") / self.system.scale, self.counted("bad") / self.system.scale
        weight = p["belief.peer_weight"] + p["belief.public_weight"]
        for channel, rights in enumerate((filed[:TRADEMARK], filed[TRADEMARK])):
            caught, cases = (self.remembered * evidence for evidence in self.evidence[channel])
            self.evidence[channel] = (caught + weight * self.flagged[channel][True], cases + weight)
            self.national[channel] += p["screening.planning_weight"] * (float(rights.sum()) - self.national[channel])
        self.filed = self.filed * 11.0 / 12.0 + filed.sum(axis=0)
        self.bad = self.bad * 11.0 / 12.0 + bad.sum(axis=0)
        self.seen_bad_share = learning.seen_bad_share(self.bad, self.filed, p["belief.national_weight"]).tolist()

    def take_stock(self) -> None:
        """Count rights in force, and patents used and licensed out, in one round."""
        held = Counter((right.right, right.owner.kind, right.used, right.licensed)
                       for right in self.agents_by_type[Right] if right.granted)  # fmt: skip
        for (right, kind, *flags), number in held.items():
            for stock, counts in zip(STOCKS, (True, *flags), strict=True):
                self.count[stock, right, kind] += number * counts

    def counted(self, name: str) -> np.ndarray:
        """Return this month's count of a flow or stock: [right, kind]."""
        return np.array([[self.count[name, right, kind] for kind in range(len(KINDS))] for right in range(len(RIGHTS))])
