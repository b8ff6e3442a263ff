"""The core rules of ipplan written with mesa agents: what the compiled kernels are measured against.

Same primitives (read through ipplan's tables), same population, same rules, same event months; one ``random.Random``,
objects with attributes, ``step`` methods. It is given the model's algorithms too - first-in-first-out queues by month,
tables of keeping values, rights that sleep until they wake - so the ratio shows what columns and compilation bring.
Both start with an empty docket and register, and agencies that neither grow nor change. Left out of the peer, though
our side does it in the same time: the agencies' market, tags of high value, counts by province, waiting times.

    uv run python experiments/benchmarks/mesa_peer.py [--scale 1/1000] [--months 60]

prints the main totals of both and fails where they differ by more than the tolerance.
"""

from __future__ import annotations

import argparse
import math
import time
from bisect import bisect
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from fractions import Fraction

import mesa
import numpy as np

from ipplan.agents.agencies import HONEST, VOLUME
from ipplan.agents.applicants import FIELD_SHARES
from ipplan.agents.examiners import HOURS_PER_MONTH
from ipplan.ledger import CONCLUDED, FILED, FILED_BAD, FLAGGED, GRANTED, IN_FORCE, LAPSED, LICENSED, USED, Tally
from ipplan.levers import PrimitivePaths
from ipplan.phases import agency_market as am
from ipplan.phases import conclusion as c
from ipplan.phases import examination as e
from ipplan.phases import filing as f
from ipplan.phases import in_force as life
from ipplan.phases import intake as i
from ipplan.phases import invention, learning, renewal
from ipplan.phases import market as mk
from ipplan.phases import month as steps
from ipplan.phases import representation as rep
from ipplan.rights.docket import Docket
from ipplan.rights.register import Register
from ipplan.streams import normal_quantile, poisson
from ipplan.system import IPSystem, Settings
from ipplan.world import (
    DEFERRED,
    DESIGN,
    FAST,
    FOREIGN,
    INSTITUTE,
    INVENTION,
    LARGE,
    N_FIELDS,
    N_GROUPS,
    N_QUEUES,
    NORMAL,
    PRIORITY,
    RIGHTS,
    SERVED_LANES,
    SME,
    TRADEMARK,
    UNIVERSITY,
    UTILITY_MODEL,
)  # fmt: skip

# Rules of a few scalars are the model's own functions, not compiled.
choose_right, expected_gain, drawn_field = f.choose_right.py_func, f.expected_gain.py_func, f.drawn_field.py_func
logistic, payoff_weight, draw_poisson = f.logistic.py_func, f.payoff_weight.py_func, poisson.py_func
keeping_value, request_delay = f.keeping_value.py_func, i.request_delay.py_func
term_years, surplus, quantile = renewal.term_years.py_func, mk.surplus.py_func, normal_quantile.py_func
ANNUITIES = renewal.ANNUITIES.tolist()
PHASES = ("filing", "representation", "intake", "examination", "conclusion", "in_force", "renewal", "market", "plan")


@dataclass(slots=True)
class Filing:
    """A filing on its way, later a right in force."""

    owner: Applicant
    right: int
    field: int
    quality: float
    value: float  # log of the first year's return
    bad: bool
    labelled: bool = False
    worth: float = 0.0
    filed: int = 0
    due: int = 0
    lane: int = NORMAL
    outcome: str = ""
    reexamined: bool = False
    granted: int = 0
    used: bool = False
    licensed: bool = False
    listed: bool = False
    touched: bool = False
    idle: bool = False


class Agency(mesa.Agent):
    """Drafts and files; remembers its filings and flags; at the limit of its capacity it turns clients away."""

    def __init__(self, model: Peer, row: int, columns, theta: dict[str, float]):
        super().__init__(model)
        self.conduct, self.fee, self.quality, agents = (
            getattr(columns, name)[row].item() for name in ("model", "fee", "quality", "agents")
        )
        self.keep, self.targeting = 1.0 - theta["belief.forgetting"], theta["screening.targeting"]
        conduct = ("honest", "mixed", "volume")[self.conduct]
        self.capacity = agents * theta[f"agencies.capacity_per_agent.{conduct}"] / model.unit  # cases a month
        self.lenience = 1.0 if self.conduct == VOLUME else (0.0 if self.conduct == HONEST else 0.4)
        self.filed = self.flagged = self.load = 0.0
        self.month_filed = self.month_flagged = self.cases = 0
        self.risk, self.log_accepts = 1.0, 0.0

    def step(self) -> None:
        self.filed = self.filed * self.keep + self.month_filed
        self.flagged = self.flagged * self.keep + self.month_flagged
        self.load = am.KEPT_LOAD * self.load + (1.0 - am.KEPT_LOAD) * self.month_filed
        self.cases = self.month_filed
        self.month_filed = self.month_flagged = 0
        share = self.flagged / (self.filed + 5.0)
        risk = self.targeting * am.RISK_SLOPE * (share - am.TYPICAL_FLAGGED)
        self.risk = math.exp(min(1.5, max(-1.5, risk)))
        self.log_accepts = math.log(min(1.0, self.capacity / max(self.load, 1e-6)))


class Applicant(mesa.Agent):
    """Has ideas, designs, brands and temptations; files what pays; learns about being caught."""

    def __init__(self, model: Peer, row: int, columns):
        super().__init__(model)
        self.row = row
        for name in ("kind", "cell", "field", "capability", "integrity", "taste", "budget"):
            setattr(self, name, getattr(columns, name)[row].item())
        self.weights = [getattr(columns, name)[row].item() for name in ("ideas", "designs", "brands", "occasions")]
        self.agency: Agency | None = None
        self.caught, self.tried = [0.0, 0.0], [0.0, 0.0]
        self.sanctioned_until = -1000

    def step(self) -> None:
        u, rates = self.random.random, self.model.rates[self.cell]
        self.purse, self.chosen = self.budget, None
        for stream, weight in enumerate(self.weights):
            x, rate = u(), weight * rates[stream]
            if 1.0 - x < rate:
                for _ in range(draw_poisson(x, rate)):
                    (self.idea, self.design, self.brand, self.occasion)[stream]()
        keep = self.model.keep[self.cell]
        for channel in range(2):
            self.caught[channel] *= keep
            self.tried[channel] *= keep

    def incentives(self, p: list[float]) -> tuple[float, float]:
        """Return (payoff of a title, fee relief): nothing for the sanctioned."""
        if self.sanctioned_until > self.model.month:
            return 0.0, 0.0
        return p[f.PAYOFF], 0.0 if self.kind in (LARGE, FOREIGN) else p[f.RELIEF]

    def represent(self) -> float:
        """Choose an agency once a month; return its fee."""
        if self.chosen is None:
            self.chosen = self.agency = self.choose_agency()
        return self.chosen.fee

    def choose_agency(self) -> Agency:
        model, u, p = self.model, self.random.random, self.model.representation[self.cell]
        if self.agency is not None and u() >= p[rep.RECONSIDER]:
            return self.agency
        near = model.owners[min(max(self.row + int(u() * 41.0) - 20, 0), len(model.owners) - 1)].agency
        options = [self.agency, near, *(model.agency_by_size() for _ in range(3))]

        def appeal(agency: Agency) -> float:
            flagged = agency.flagged / (agency.filed + 20.0)
            loyalty = p[rep.LOYALTY] if agency is self.agency else agency.log_accepts
            return (-p[rep.PRICE] * agency.fee / 1000.0 + p[rep.QUALITY] * agency.quality * 5.0
                    + p[rep.LENIENCE] * agency.lenience * max(0.0, -self.integrity) - p[rep.STIGMA] * flagged
                    + loyalty - math.log(-math.log(u())))  # fmt: skip

        return max((option for option in options if option is not None), key=appeal)

    def idea(self) -> None:
        model, p, gauss, u = self.model, self.model.filing[self.cell], self.random.gauss, self.random.random
        fee = self.represent()
        quality = p[f.QUALITY_MEAN] + p[f.CAPABILITY_SD] * self.capability + gauss(0, 1)
        value = p[f.VALUE_MEDIAN] + p[f.VALUE_LOADING] * quality + p[f.VALUE_SD] * gauss(0, 1)
        payoff, relief = self.incentives(p)
        payoff *= payoff_weight(self.kind, p[f.WEIGHT_COUNTS])
        grant = f.GRANT_FLOOR + f.GRANT_RANGE * logistic(f.SHARPNESS * (quality - p[f.STANDARD]))
        sound_um = logistic(f.SHARPNESS * (quality - p[f.STANDARD_UM]))
        grant_um = f.GRANT_UM * (f.UM_FLOOR + f.UM_RANGE * sound_um)
        value_um = value + math.log(p[f.VALIDITY])
        kept = (1.0 - p[f.LEAK]) * keeping_value(model.values, self.kind * 3, value)
        kept_um = keeping_value(model.values, self.kind * 3 + 1, value_um)
        fee_inv, fee_um = p[f.FEE_INVENTION] * (1.0 - relief) + fee, p[f.FEE_UM] * (1.0 - relief) + f.FEE_SHARE_UM * fee
        invention_gain = grant * (model.discount**model.wait_years * kept + payoff) - fee_inv
        um_gain = grant_um * (model.discount**f.UM_WAIT_YEARS * kept_um + payoff * p[f.RATIO_UM]) - fee_um
        if self.kind == FOREIGN:
            um_gain = -1e6
        secret = p[f.SECRECY] * f.SECRECY_YEARS * math.exp(min(value, 25.0))
        choice = choose_right(invention_gain, um_gain, secret, p[f.SCALE], p[f.NEST], u())
        if choice >= 2 or quality + p[f.SCREEN_NOISE] * gauss(0, 1) < p[f.SCREEN]:
            return
        field = drawn_field(self.field, u())
        if choice == UTILITY_MODEL:
            self.file(UTILITY_MODEL, field, quality, value_um, kept_um + payoff * p[f.RATIO_UM], fee_um)
            return
        labelled = u() < min(0.95, p[f.SEI_SHARE] * f.SEI_FACTORS[field]) or u() < p[f.FORGING]
        self.file(INVENTION, field, quality, value, kept + payoff, fee_inv, labelled=labelled)

    def design(self) -> None:
        p, gauss, u = self.model.filing[self.cell], self.random.gauss, self.random.random
        fee, quality = self.represent(), gauss(0, 1)
        value = p[f.DESIGN_VALUE] + 0.5 * p[f.VALUE_LOADING] * quality + p[f.VALUE_SD] * gauss(0, 1)
        payoff, relief = self.incentives(p)
        worth = keeping_value(self.model.values, self.kind * 3 + 2, value) + payoff * p[f.RATIO_DESIGN]
        cost = p[f.FEE_DESIGN] * (1.0 - relief) + f.FEE_SHARE_DESIGN * fee
        if u() < logistic((f.GRANT_DESIGN * worth - cost) / p[f.SCALE]):
            self.file(DESIGN, drawn_field(self.field, u()), quality, value, worth, cost)

    def brand(self) -> None:
        p, z = self.model.filing[self.cell], self.random.gauss(0, 1)
        value, cost = p[f.BRAND_VALUE] + p[f.BRAND_SD] * z, p[f.FEE_TM] + p[f.TM_AGENCY_FEE]
        if self.random.random() < logistic(2.0 * (f.GRANT_MARK * math.exp(value) - cost) / p[f.SCALE]):
            self.file(TRADEMARK, 0, z, value, 0.0, cost)

    def belief(self, channel: int, p: list[float]) -> float:
        """Return the belief of being caught: prior, own cases, peers' cases."""
        caught, cases = self.model.evidence[channel][self.cell]
        caught += p[f.PRIOR_WEIGHT] * p[f.PRIOR] + self.caught[channel]
        cases += p[f.PRIOR_WEIGHT] + self.tried[channel]
        sd = p[f.AMBIGUITY]
        return min(0.98, caught / cases * math.exp(sd * self.taste - 0.5 * sd * sd))

    def occasion(self) -> None:
        model, p, gauss, u = self.model, self.model.filing[self.cell], self.random.gauss, self.random.random
        fee = self.represent()
        patent, mark = self.belief(0, p), self.belief(1, p)
        moral = p[f.MORAL_COST] * math.exp(p[f.MORAL_SD] * self.integrity)
        payoff, relief = self.incentives(p)
        payoff *= payoff_weight(self.kind, p[f.WEIGHT_COUNTS])
        cut = 1.0 - p[f.VOLUME_CUT] * (self.chosen.conduct == VOLUME)
        scale, pull = p[f.FAKE_SCALE], p[f.CONTAGION] * p[f.FAKE_SCALE] * (model.pull[self.cell] - 0.5)
        options = (  # payoff, chance of success, cost, fees, belief, sanction, moral cost
            (payoff, p[f.SUCCESS_INVENTION], p[f.COST_INVENTION] * cut,
             p[f.FEE_INVENTION] * f.FAKE_OFFICIAL * (1 - relief) + fee * f.FAKE_FEE_INVENTION, patent, p[f.SANCTION],
             moral),
            (payoff * p[f.RATIO_UM], p[f.SUCCESS_UM], p[f.COST_UM] * cut,
             p[f.FEE_UM] * (1 - relief) + fee * f.FAKE_FEE_UM, patent, p[f.SANCTION], moral),
            (payoff * p[f.RATIO_DESIGN], p[f.SUCCESS_DESIGN], p[f.COST_DESIGN] * cut,
             p[f.FEE_DESIGN] * (1 - relief) + fee * f.FAKE_FEE_DESIGN, patent, p[f.SANCTION], moral),
            (p[f.RESALE], p[f.SUCCESS_TM], p[f.COST_TM],
             p[f.FEE_TM] + f.FAKE_FEE_MARK * p[f.TM_AGENCY_FEE], mark, p[f.SANCTION_TM], f.MORAL_SHARE_MARK * moral),
        )  # fmt: skip
        odds = [math.exp(min(600.0, expected_gain(*option, pull) / scale)) for option in options]
        right = self.random.choices(range(5), [*odds, 1.0])[0]
        if right == 4:
            return
        mean = p[f.BATCH] * (p[f.BATCH_TM] if right == TRADEMARK else 1.0)
        cost = options[right][2] + options[right][3]
        for _ in range(min(f.MOST_BATCH, 1 + draw_poisson(u(), mean - 1.0))):
            quality = p[f.FAKE_QUALITY] + f.FAKE_QUALITY_SD * gauss(0, 1)
            value = p[f.VALUE_MEDIAN] - p[f.FAKE_DISCOUNT] + f.FAKE_VALUE_SD * gauss(0, 1)
            worth = payoff * (1.0 if right == INVENTION else p[f.RATIO_UM])
            labelled = right == INVENTION and u() < p[f.SEI_SHARE]
            if not self.file(right, drawn_field(self.field, u()), quality, value, worth, cost, True, labelled):
                return

    def file(self, right, field, quality, value, worth, cost, bad=False, labelled=False) -> bool:
        """Hand in a filing if the month's budget allows; True where it does."""
        if cost > self.purse:
            return False
        self.purse -= cost
        filing = Filing(self, right, field, quality, value, bad, labelled, worth, filed=self.model.month)
        self.model.office.receive(filing, self.chosen)
        return True


class Examiner(mesa.Agent):
    """Searches for flaws; learns by doing; leaves and is replaced."""

    def __init__(self, model: Peer, group: int, skill: float, experience: float):
        super().__init__(model)
        self.group, self.skill, self.experience, self.power = group, skill, experience, skill

    def step(self) -> None:
        p = self.model.plan[0]
        self.experience = 0.0 if self.random.random() < p[e.ATTRITION] / 12.0 else self.experience
        self.experience += 1.0
        self.power = self.skill * (1.0 + p[e.EXPERIENCE_GAIN] * math.log((self.experience + 12.0) / 84.0))

    def judge(self, case: Filing, hours: float, reference: float) -> tuple[str, bool]:
        """Return (outcome, whether the case was sound)."""
        u, p, right, bad = self.random.random, self.model.examination[case.owner.cell], case.right, case.bad
        if right == TRADEMARK:
            if u() < self.model.strike[case.owner.cell][bad]:
                return "struck", False
            return ("allowed" if u() < p[e.PASS_TM] else "refused"), not bad
        standard = p[(e.STANDARD, e.STANDARD_UM, e.STANDARD_DESIGN)[right]]
        passes = (1.0, p[e.PASS_UM], p[e.PASS_DESIGN])[right]
        sound = not bad and case.quality >= standard
        given_up = p[e.ABANDONMENT] * (1.0 - p[e.PERSISTENCE] * (case.owner.kind == FOREIGN))
        if right == INVENTION and u() < given_up:
            return "withdrawn", sound
        if case.quality < standard or (bad and right == INVENTION):
            if u() >= 1.0 - math.exp(-p[e.PRODUCTIVITY] * self.power * hours * 24.0 / reference):
                return ("allowed" if u() < passes else "refused"), sound
            if not bad and u() < p[e.REPAIR]:
                return "repaired", sound
        elif u() >= (p[e.FALSE_REFUSAL] if right == INVENTION else 0.0) and u() < passes:
            return "allowed", sound
        if u() >= p[e.REFUSAL_SHARE]:
            return "withdrawn", sound
        appeals = right == INVENTION and u() < p[e.REEXAM_REQUEST]
        return ("appealed" if appeals else "refused"), sound


class Office(mesa.Agent):
    """Screens, queues, plans the examiners' month, concludes and registers."""

    def __init__(self, model: Peer):
        super().__init__(model)
        self.later = [defaultdict(list) for _ in range(N_QUEUES)]  # queue -> month -> cases
        self.ready = [deque() for _ in range(N_QUEUES)]
        self.decided: dict[int, list[Filing]] = defaultdict(list)
        self.carry, self.fast_carry = [0.0] * N_GROUPS, [0.0] * N_GROUPS

    def receive(self, case: Filing, agency: Agency | None) -> None:
        model, owner, right = self.model, case.owner, case.right
        model.count["filed", right] += 1
        model.count["bad", right] += case.bad
        model.filed[owner.kind] += 1
        model.filed_bad[owner.kind] += case.bad
        if right != TRADEMARK:
            agency.month_filed += 1
            owner.tried[0] += case.bad * model.intake[owner.cell][i.OWN_WEIGHT]
            if not self.screen(case, agency, model.intake[owner.cell]):
                return
        self.place(case, model.intake[owner.cell])

    def screen(self, case: Filing, agency: Agency, p: list[float]) -> bool:
        """Screen a patent filing for bad faith; True where it goes on."""
        u, owner = self.random.random, case.owner
        (share, flag) = (row[case.bad] for row in self.model.chances[owner.cell])
        if u() >= min(1.0, share * agency.risk) * flag:
            return True
        self.model.count["flagged", case.right] += 1
        agency.month_flagged += 1
        win = p[i.WIN_BAD] if case.bad else p[i.WIN_HONEST]
        gain = (win * case.worth - p[i.CONTEST_COST]) / p[i.CONTEST_SCALE]
        if u() < logistic(gain) and u() < win:
            return True
        owner.caught[0] += case.bad * p[i.OWN_WEIGHT]
        owner.sanctioned_until = self.model.month + int(p[i.BLACKLIST] + 0.5)
        return False

    def place(self, case: Filing, p: list[float]) -> None:
        """Queue a case: an invention waits for its request, in the lane it asks for."""
        u, month, queue = self.random.random, self.model.month, N_FIELDS * SERVED_LANES + case.right - 1
        case.due = month
        if case.right == INVENTION:
            if u() < p[i.NEVER_REQUESTED]:
                return
            case.due += request_delay(u(), p[i.REQUEST_NOW], p[i.REQUEST_MONTHS])
            w = u()
            if case.labelled and w < p[i.FAST_COVERAGE] and case.worth * self.model.gain_fast > p[i.FAST_FEE]:
                case.lane, case.due = FAST if u() < i.FAST_SHARE else PRIORITY, month
            elif w > 1.0 - p[i.DEFERRED_SHARE]:
                case.lane = DEFERRED
                case.due += 12 + int(u() * 24)
            queue = case.field * SERVED_LANES + min(case.lane, NORMAL)
        self.later[queue][case.due].append(case)

    def step(self) -> None:
        """Plan and hold the month's examination, then conclude what is due."""
        model, p, queued, staffed = self.model, self.model.plan[0], 0.0, 0.0
        for queue in range(N_QUEUES):
            self.ready[queue].extend(self.later[queue].pop(model.month, ()))
        for group, examiners in enumerate(model.examiners):
            trained = sum(min(1.0, 0.3 + 0.7 * x.experience / 12.0) for x in examiners) / len(examiners)
            hours = trained * model.staff[model.month][group] * HOURS_PER_MONTH
            right = max(0, group - N_FIELDS + 1)
            reference = p[e.HOURS_INVENTION + right]
            aim = model.aims[model.month][right == TRADEMARK]
            if right in (UTILITY_MODEL, DESIGN):
                aim = p[e.AIM_UM + right - 1]
            base = group * SERVED_LANES if right == INVENTION else N_FIELDS * SERVED_LANES + right - 1
            lanes = range(base, base + (SERVED_LANES if right == INVENTION else 1))
            wait = sum(len(self.ready[lane]) for lane in lanes) * reference / hours
            wait += p[e.LAG_NORMAL_PLAN] if right == INVENTION else 0.0
            factor = (aim / max(wait, 0.05)) ** p[e.RESPONSE]
            per_case = reference * min(p[e.MOST_HOURS], max(p[e.FEWEST_HOURS], factor))
            left = hours + self.carry[group] * per_case
            if right == INVENTION:  # the fast lanes first, up to their quota; a case begun is owed next month
                queued, staffed = queued + sum(len(self.ready[lane]) for lane in lanes) * per_case, staffed + hours
                quick, kept = per_case * p[e.FAST_TIME], p[e.FAST_QUOTA] * hours + self.fast_carry[group]
                for lane in lanes[:2]:
                    n = min(len(self.ready[lane]), max(0, math.ceil(kept / quick)), int(left / quick))
                    kept, left = kept - n * quick, left - n * quick
                    self.examine(lane, n, group, per_case, reference)
                self.fast_carry[group] = min(kept, quick if any(self.ready[lane] for lane in lanes[:2]) else 0.0)
            n = min(len(self.ready[lanes[-1]]), int(left / per_case))
            self.examine(lanes[-1], n, group, per_case, reference)
            waiting = any(self.ready[lane] for lane in lanes)
            self.carry[group] = min(1.0, max(0.0, left / per_case - n)) if waiting else 0.0
        model.wait_years = (queued / staffed + p[e.LAG_NORMAL_PLAN]) / 12.0  # announced: reckoned with from now on
        for case in self.decided.pop(model.month, ()):
            self.conclude(case, model.conclusion[case.owner.cell])

    def examine(self, queue: int, n: int, group: int, hours: float, reference: float) -> None:
        model, u, choice = self.model, self.random.random, self.random.choice
        for _ in range(n):
            case = self.ready[queue].popleft()
            p = model.examination[case.owner.cell]
            case.outcome, sound = choice(model.examiners[group]).judge(case, hours, reference)
            model.count["sound", case.right] += sound
            lag = (p[e.LAG_NORMAL] if case.lane >= NORMAL else p[e.LAG_FAST], p[e.LAG_UM], p[e.LAG_DESIGN], p[e.LAG_TM])
            self.decided[model.month + max(1, int(lag[case.right] * (0.5 + u()) + 0.5))].append(case)

    def conclude(self, case: Filing, p: list[float]) -> None:
        model, u, owner = self.model, self.random.random, case.owner
        if case.outcome == "appealed":
            if not case.reexamined:
                case.reexamined = True
                model.count["concluded", case.right] += 1
                self.decided[model.month + max(1, int(p[c.REEXAM_MONTHS] * (0.5 + u()) + 0.5))].append(case)
                return
            case.outcome = "allowed" if u() < p[c.REVERSAL] else "refused"
        else:
            model.count["concluded", case.right] += 1
        if case.right == TRADEMARK and case.bad:
            owner.tried[1] += p[c.OWN_WEIGHT]
            owner.caught[1] += p[c.OWN_WEIGHT] * (case.outcome == "struck")
        if case.outcome == "struck":
            owner.sanctioned_until = model.month + int(p[c.BLACKLIST] + 0.5)
        if case.outcome not in ("allowed", "repaired") or u() < p[c.UNREGISTERED_SHARE]:
            return
        case.value += p[c.REPAIR_VALUE] - 1.0 if case.outcome == "repaired" else 0.0
        model.count["granted", case.right] += 1
        model.register(case)


class Peer(mesa.Model):
    """The month in order, over agents; ``system`` (built, not run) lends population, tables and drivers."""

    def __init__(self, system: IPSystem):
        super().__init__(rng=system.seed)
        self.system, self.month, self.count = system, 0, Counter()
        self.staff, self.aims = system.staff.tolist(), system.aims.tolist()
        self.load_tables(first=True)
        agencies = system.agencies
        table = system.tables["agencies"]
        theta = dict(zip(table.reads, table.at(0)[:, SME].tolist(), strict=True))
        self.unit = 1.0 / (system.scale * system.stands_for)  # national cases per case of the run and agency
        self.agencies = [Agency(self, row, agencies, theta) for row in range(int(agencies.book[0]))]
        self.reach = agencies.reach[: len(self.agencies)].tolist()
        self.owners = [Applicant(self, row, system.applicants) for row in range(len(system.applicants.kind))]
        x = system.examiners
        ends = [*x.first[1:].tolist(), len(x.skill)]
        self.examiners = [
            [Examiner(self, g, x.skill[k].item(), x.experience[k].item()) for k in range(first, min(end, first + n))]
            for g, (first, end, n) in enumerate(zip(x.first.tolist(), ends, x.present.tolist(), strict=True))
        ]
        self.office = Office(self)
        self.wakes: dict[int, list[Filing]] = defaultdict(list)
        self.unused = np.zeros((N_FIELDS, 6), np.int64)
        self.pseudo = system.memory.pseudo.copy()
        self.filed, self.filed_bad = [0.0] * 6, [0.0] * 6  # by kind, smoothed over a year
        self.smoothed = [280_000.0, 350_000.0]
        self.pull, self.meetings, self.demand = [0.12] * 192, np.zeros(N_FIELDS), np.zeros(())
        self.asked = np.zeros(192, np.int64)
        self.firms = sum(owner.kind <= 1 for owner in self.owners)
        self.groups = [self.agents_by_type[kind] for kind in (Applicant, Agency, Examiner)]

    def load_tables(self, first: bool = False) -> None:
        """Read this month's primitives as lists, [cell][read]; keeping values are those of the model."""
        for name in PHASES:
            table = self.system.tables[name]
            if first or not table.constant:
                setattr(self, name, table.at(self.month).T.tolist())
        if first:
            self.waiting, self.values = (table.tolist() for table in (self.system.waiting, self.system.values))
            self.discount = self.renewal[0][renewal.DISCOUNT]
            self.wait_years = self.system.memory.wait_years
            self.keep = [1.0 - p[f.FORGETTING] for p in self.filing]

    def agency_by_size(self) -> Agency:
        return self.agencies[min(bisect(self.reach, self.random.random() * self.reach[-1]), len(self.agencies) - 1)]

    def step(self) -> None:
        """Run one month."""
        system, month = self.system, self.month
        self.load_tables()
        self.gain_fast = 1.0 - self.discount ** max(0.0, self.wait_years - steps.QUICK_MONTHS / 12.0)
        theta = system.tables["learning"].at(month)
        patents, marks = learning.detection_chances(theta, *self.smoothed)
        self.chances = patents.tolist()
        self.strike = (marks[:, 0] * marks[:, 1]).tolist()
        self.evidence = np.moveaxis(self.pseudo, 0, 2).tolist()  # [channel][cell] -> (caught, cases)
        drivers = {name: float(path[month]) for name, path in system.drivers.items()}
        rates = invention.rates_of_month(system.tables["invention"].at(month), drivers, month, system.scale)
        self.rates = rates.T.tolist()
        before = self.count.copy()
        for group in self.groups:  # applicants act, agencies remember, examiners learn
            group.do("step")
        self.share_screening()
        self.office.step()
        self.live(drivers["enterprise_population"])
        self.learn(theta, patents, marks, self.count - before)
        self.month += 1

    def share_screening(self) -> None:
        """Screening follows agencies' records without screening more in all."""
        cases = sum(agency.cases for agency in self.agencies)
        if cases:
            mean = max(1e-6, sum(agency.cases * agency.risk for agency in self.agencies) / cases)
            for agency in self.agencies:
                agency.risk /= mean

    def learn(self, theta, patents, marks, new: Counter) -> None:
        """Update peers' evidence and what is seen of bad faith."""
        gross = 1.0 / self.system.scale
        filed = [new["filed", right] for right in range(4)]
        self.smoothed = [0.7 * self.smoothed[0] + 0.3 * sum(filed[:TRADEMARK]) * gross,
                         0.7 * self.smoothed[1] + 0.3 * filed[TRADEMARK] * gross]  # fmt: skip
        detection = np.stack([patents[:, 0, 1] * patents[:, 1, 1], marks[:, 0, 1] * marks[:, 1, 1]])
        learning.learn(theta, self.pseudo, detection, self.system.cell_weights)
        self.pull = learning.seen_bad_share(np.array(self.filed_bad), np.array(self.filed)).tolist()
        self.filed, self.filed_bad = [x * 11 / 12 for x in self.filed], [x * 11 / 12 for x in self.filed_bad]

    # --- rights in force ---
    def register(self, right: Filing) -> None:
        """A granted right starts its life."""
        p, right.granted = self.in_force[right.owner.cell], self.month
        if right.right != TRADEMARK:
            use = p[life.USE_AT_GRANT] * math.exp(0.5 * p[life.USE_QUALITY] * right.quality)
            right.used = right.touched = self.random.random() < min(0.98, use * (0.2 if right.bad else 1.0))
        self.hold(right, 1)
        self.sleep(right)

    def hold(self, right: Filing, n: int) -> None:
        """Count a right in (1) or out (-1) of what is in force, in use, or free for the market."""
        self.count["in_force", right.right] += n
        if right.right != TRADEMARK:
            self.count["used", right.right] += n * right.used
            self.unused[right.field, right.owner.kind] += n * (not right.used)

    def sleep(self, right: Filing) -> None:
        """Sleep until the next anniversary or candidate month."""
        month, draw = self.month, self.random.expovariate
        if right.right == TRADEMARK:
            wake = right.granted + ((month - right.granted) // life.MARK_TERM + 1) * life.MARK_TERM
            if right.bad:
                wake = min(wake, month + 1 + int(draw(life.MARK_CANDIDATES_PER_YEAR / 12.0)))
        else:
            wake = right.filed + ((month - right.filed) // 12 + 1) * 12
            wake = min(wake, month + 1 + int(draw(life.CANDIDATES_PER_YEAR / 12.0)))
        self.wakes[wake].append(right)

    def live(self, enterprises: float) -> None:
        """Wake what is due: renewals, use, deals."""
        theta = self.system.tables["market"].at(self.month)
        offers = theta[mk.OFFER].reshape(-1, 6)[:-1].mean(axis=0)
        mk.meeting_rates(theta[mk.EFFICIENCY, 0], theta[mk.BUYERS, 0], offers, self.unused, self.firms * enterprises,
                         FIELD_SHARES, self.meetings)  # fmt: skip
        self.field_meetings = self.meetings.tolist()
        self.staff_free = mk.staff_free(theta, self.asked, self.system.scale, self.demand).tolist()
        self.asked[:] = 0
        for right in self.wakes.pop(self.month, ()):
            if right.right != TRADEMARK:
                anniversary = (self.month - right.filed) % 12 == 0
            else:
                anniversary = (self.month - right.granted) % life.MARK_TERM == 0
            self.hold(right, -1)
            if self.anniversary(right) if anniversary else self.chance(right):
                self.hold(right, 1)
                self.sleep(right)

    def anniversary(self, right: Filing) -> bool:
        """Renew or let lapse; True where the right stays."""
        stays = self.renews(right, self.in_force[right.owner.cell], self.renewal[right.owner.cell])
        self.count["lapsed", right.right] += not stays
        return stays

    def renews(self, right: Filing, p: list[float], q: list[float]) -> bool:
        kind, name, random = right.owner.kind, right.right, self.random
        if name == TRADEMARK:
            return random.random() < p[life.KEEP_BAD_MARK if right.bad else life.KEEP_MARK]
        age = (self.month - right.filed) // 12
        if age >= term_years(name, right.filed):
            return False
        fee = q[renewal.FEE_LEVEL] * ANNUITIES[name][min(age + 1, renewal.MOST_YEARS - 1)]
        if kind not in (LARGE, FOREIGN) and (self.month - right.granted) / 12.0 < q[renewal.RELIEF_YEARS]:
            fee *= 1.0 - q[renewal.RELIEF]
        hold = q[renewal.HOLDING] * q[renewal.PAYOFF] * (1.0, q[renewal.RATIO_UM], q[renewal.RATIO_DESIGN])[name]
        academic = kind in (UNIVERSITY, INSTITUTE)
        if academic and not right.listed:
            hold *= 1.0 - p[life.UNLISTED_RELEASE] * min(1.0, p[life.LISTING_SHARE] / 0.4)
        value = right.value + (p[life.USE_PREMIUM] if right.used or right.licensed else 0.0)
        table = (kind * 3 + name) * renewal.MOST_YEARS + min(age, renewal.MOST_YEARS - 1)
        need = fee - hold - keeping_value(self.waiting, table, value)
        if need > 0.0:
            gain = value + age * math.log(1.0 - q[renewal.DECAY_INVENTION + name]) + random.gauss(0, q[renewal.SHOCK])
            if gain < math.log(need):
                return False
        if academic:  # the inventory of universities and institutes
            noise = p[life.LISTING_NOISE]
            signal = right.value - p[life.VALUE_MEDIAN] + random.gauss(0, noise)
            right.listed = signal > math.hypot(p[life.VALUE_SD], noise) * quantile(1.0 - p[life.LISTING_SHARE])
        right.idle = age >= 3 and not right.touched
        return True

    def chance(self, right: Filing) -> bool:
        """A candidate month: own use starts or stops, a deal, or nothing. True where the right stays."""
        owner, u = right.owner, self.random.random()
        p, m = self.in_force[owner.cell], self.market[owner.cell]
        if right.right == TRADEMARK:
            return u >= p[life.MARK_INVALIDATION] / life.MARK_CANDIDATES_PER_YEAR
        use = p[life.USE_HAZARD] * math.exp(
            min(1.5, p[life.USE_QUALITY] * right.quality + p[life.USE_YOUNG] * (self.month - right.granted < 36))
        )
        meeting = 12.0 * self.field_meetings[right.field] * m[mk.OFFER]
        if owner.kind in (UNIVERSITY, INSTITUTE):
            meeting *= math.sqrt((1.0 - m[mk.WEIGHT_COUNTS]) / 0.15 * m[mk.INVENTOR_SHARE] / 0.5)
        if right.listed:
            meeting *= math.exp(m[mk.LISTING_BOOST])
        idle = not right.used
        hazards = (
            ("related", m[mk.RELATED]), ("ends", m[mk.LICENCE_END] * right.licensed),
            ("stops", p[life.STOP_HAZARD] * right.used), ("used", use * (0.1 if right.bad else 1.0) * idle),
            ("meeting", meeting * idle),
        )  # fmt: skip
        u *= life.CANDIDATES_PER_YEAR
        for event, hazard in hazards:
            if u < hazard:
                self.happen(event, right, m)
                break
            u -= hazard
        return True

    def happen(self, event: str, right: Filing, m: list[float]) -> None:
        u, owner = self.random.random, right.owner
        if event in ("ends", "stops"):
            right.licensed &= event != "ends"
            right.used &= event != "stops"
            return
        if event == "meeting":
            if not self.deal(right, owner, m):
                return
        elif event == "related":
            right.licensed |= u() < m[mk.RELATED_LICENCE]
        else:
            right.used = True
        right.touched, right.idle = True, False

    def deal(self, right: Filing, owner: Applicant, m: list[float]) -> bool:
        """Hold a meeting; True where licence or transfer is agreed."""
        u = self.random.random
        value = math.exp(min(right.value, 20.0)) * 0.93 ** ((self.month - right.filed) / 12.0)
        fit = math.exp(-0.5 * u() / m[mk.FIT_LENGTH]) * math.exp(m[mk.ABSORPTIVE_SD] * self.random.gauss(0, 1))
        if surplus(value * fit, m[mk.FALLBACK] * value, m[mk.ADOPTION_COST]) <= 0.0:
            return False
        if owner.kind in (UNIVERSITY, INSTITUTE):
            self.asked[owner.cell] += 1
            if u() >= self.staff_free[owner.cell] or u() < m[mk.LIABILITY]:
                return False
        if u() >= m[mk.SAFETY]:
            return False
        if u() < m[mk.LICENCE_SHARE]:
            right.licensed = True
            self.count["licensed", right.right] += 1
        else:
            right.listed, right.owner = False, self.owners[int(u() * self.firms)]
        right.used |= u() < m[mk.USE_AFTER]
        return True


# --- the same world, both ways ---------------------------------------------------------------------------------------
QUIET = {
    "agencies.entry_rate": 0.00501, "agencies.exit_rate": 0.000501, "agencies.growth_rate": 0.000501,
    "agencies.imitation_rate": 0.000501, "agencies.inspections_per_month": 0.501, "agencies.fixed_cost": 1001.0,
}  # fmt: skip
"""Agencies as good as never open, close, grow, change or are inspected (our kernels go through it all the same)."""


def emptied(scale: float, months: int, seed: int = 1, threads: int = 1) -> IPSystem:
    """Return our system with nobody's rights or filings yet and agencies that stay as they are: where both start."""
    system = IPSystem(Settings(PrimitivePaths(values=QUIET), scale=scale, seed=seed, end=months, threads=threads))
    for block in system.blocks:
        block.docket, block.register, block.tally = Docket.empty(), Register.empty(), Tally.empty()
    return system


BY_RIGHT = {"filed": FILED, "concluded": CONCLUDED, "granted": GRANTED, "lapsed": LAPSED}
ALL_RIGHTS = {"bad": FILED_BAD, "flagged": FLAGGED, "licensed": LICENSED}
STOCKS = {"in_force": IN_FORCE, "used": USED}
TOLERANCE = 0.06
"""Relative difference allowed, besides four standard errors of two Poisson counts. Filings in bad faith come in clubs
(a few tempted owners with many occasions), so they are compared over all rights."""


def compare(peer: Peer, system: IPSystem) -> list[tuple[str, str, int, int, bool]]:
    """Return (total, right, ours, peer's, agree) for the main totals."""
    flows, stocks = system.ledger.flows_monthly.sum(axis=(0, 3)), system.ledger.stocks_monthly[-1].sum(axis=2)
    pairs = []
    for name, place in {**BY_RIGHT, **STOCKS}.items():
        column = (stocks if name in STOCKS else flows)[place]
        pairs += [(name, label, int(column[k]), peer.count[name, k]) for k, label in enumerate(RIGHTS) if column[k] > 0]
    for name, place in ALL_RIGHTS.items():
        pairs.append((name, "all", int(flows[place].sum()), sum(peer.count[name, k] for k in range(4))))
    return [
        (name, label, ours, theirs, abs(ours - theirs) <= TOLERANCE * ours + 4.0 * math.sqrt(ours + theirs))
        for name, label, ours, theirs in pairs
    ]


def run_peer(scale: float, months: int, seed: int = 1) -> tuple[Peer, float]:
    """Return the peer after its run, and the seconds its months took."""
    peer = Peer(emptied(scale, months, seed))
    start = time.perf_counter()
    for _ in range(months):
        peer.step()
    return peer, time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=Fraction, default=Fraction(1, 1000))
    parser.add_argument("--months", type=int, default=60)
    arguments = parser.parse_args()
    peer, seconds = run_peer(float(arguments.scale), arguments.months)
    system = emptied(float(arguments.scale), arguments.months)
    system.run()
    rows = compare(peer, system)
    for name, right, ours, theirs, agree in rows:
        mark = "" if agree else "  DIFFERS"
        print(f"{name:10s} {right:14s} {ours:9d} {theirs:9d} {theirs / max(ours, 1) - 1:+7.1%}{mark}")
    print(f"(total, right, ours, mesa {mesa.__version__}, difference)")
    print(f"mesa took {seconds:.1f} s for {arguments.months} months")
    return 0 if all(row[-1] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
