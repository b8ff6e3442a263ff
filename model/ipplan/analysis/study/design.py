"""What is run: arms, each a world with some measures, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from ipplan import clock, data, schema
from ipplan.indicators import definitions
from ipplan.levers import COMBINERS, Combiner, Entry
from ipplan.schema import Measure
from ipplan.schema.evidence import expectations

START = clock.month("2021-01")
"""When the measures under study begin; ten years before the end of the usual horizon, room for the longest lag."""
STRENGTHS = (0.25, 0.5, 0.75, 1.0, 1.5)
CENTRAL = 1.0
STRONGEST = 10

OUTCOMES = (
    "hv_inventions_per_10k", "overseas_invention_grants", "ip_pledge_financing", "ip_royalties_trade",
    "patent_intensive_va_share", "protection_satisfaction", "first_instance_acceptance", "bad_faith_share",
    "false_grant_rate", "invention_pendency_months", "infringements", "patent_transfer_license_recordals",
    "industrialization_rate_university", "trademark_applications",
)  # fmt: skip
"""What interactions are looked for in: the plan's indicators that measures can move, and one or two of each task."""

PLACEBO_CELL, PLACEBO_LATE = "placebo_cell", "placebo_late"
PROVINCIAL = "applications_invention"


@dataclass(frozen=True)
class Arm:
    """A world: history without some measures, others from ``START`` on; ``keep`` are the series that are stored.

    An arm that is not ``central`` only shows whether more does more: it runs on half the seeds.
    """

    id: str
    without: frozenset[str]
    plan: tuple[tuple[str, float], ...] = ()
    combiner: Combiner = "overlap"
    keep: frozenset[str] = frozenset()
    central: bool = True

    def entries(self, end: int, past: Iterable[Entry]) -> tuple[Entry, ...]:
        """Return the schedule of a run to ``end``; the late placebo starts where the run has ended."""
        plan = tuple(
            Entry("utility_model_check", end, None, strength) if name == PLACEBO_LATE
            else Entry(name, START, None, strength)
            for name, strength in self.plan
        )
        return tuple(entry for entry in past if entry.measure not in self.without) + plan


@cache
def placebos() -> Mapping[str, Measure]:
    """Return a measure that moves what universities weigh, for everybody but universities: it reaches nobody."""
    moves = [
        {"primitive": name, "channel": "placebo", "effect": effect, "range": [effect, effect], "evidence": "a placebo",
         "known_from": "2021-01", "status": "assumed"}
        for name, effect in (("university.weight_counts", -0.1), ("university.inventor_share", 0.05))
    ]  # fmt: skip
    row = {"title": {"en": "Placebo", "zh": "安慰剂"}, "source": "placebo", "applicants": ["foreign"], "moves": moves}
    return schema.parse_measures({PLACEBO_CELL: row}, "placebo", schema.primitives())


def atoms(name: str, known: Mapping[str, Measure]) -> frozenset[str]:
    """Return a measure with its parts."""
    return frozenset((name, *(known[name].parts if name in known else ())))


def kin(names: Iterable[str], known: Mapping[str, Measure] | None = None) -> frozenset[str]:
    """Return the measures of history that share an atom with any of ``names``."""
    table = schema.measures() if known is None else known
    wanted = frozenset().union(*(atoms(name, table) for name in names))
    return frozenset(one.measure for one in data.history_schedule() if atoms(one.measure, table) & wanted)


def series(indicator: str) -> tuple[str, ...]:
    """Return what has to be stored for an indicator: itself, or the two that a displacement compares."""
    item = definitions()[indicator]
    return (item.target, item.other) if item.kind == "displacement" else (indicator,)


def declared(name: str, known: Mapping[str, Measure]) -> frozenset[str]:
    """Return the series that a measure's declared indicators need."""
    return frozenset(one for expected in expectations(known[name], known) for one in series(expected.indicator))


def base_id(without: frozenset[str], combiner: Combiner = "overlap") -> str:
    """Return the name of a world without a plan."""
    text = f"history without {', '.join(sorted(without))}" if without else "history"
    return text if combiner == "overlap" else f"{combiner}: {text}"


def singles(
    names: Iterable[str], strengths: Iterable[float] = STRENGTHS, known: Mapping[str, Measure] | None = None
) -> list[Arm]:
    """Return each measure alone at every strength, after the worlds they are compared with."""
    table, wanted_strengths = schema.measures() if known is None else known, tuple(strengths)
    plans: list[Arm] = []
    wanted: dict[frozenset[str], frozenset[str]] = {}
    for name in names:
        without, keep = kin([name], table), declared(name, table) | frozenset(OUTCOMES)
        wanted[without] = wanted.get(without, frozenset()) | keep
        plans += [Arm(f"{name}@{strength:g}", without, ((name, strength),), keep=keep,
                      central=strength == CENTRAL or len(wanted_strengths) == 1) for strength in wanted_strengths]
    return [Arm(base_id(without), without, keep=keep) for without, keep in wanted.items()] + plans


def placebo_arms() -> list[Arm]:
    """Return the placebos and the history they must equal."""
    keep = frozenset(name for name, item in definitions().items() if item.kind != "displacement")
    return [Arm("placebo: history", frozenset(), keep=keep)] + [
        Arm(name, frozenset(), ((name, CENTRAL),), keep=keep) for name in (PLACEBO_CELL, PLACEBO_LATE)
    ]


def pair_id(names: tuple[str, ...], combiner: Combiner) -> str:
    """Return the name of an arm of the study of pairs."""
    return f"{combiner}: {' + '.join(names)}"


def pairs(names: tuple[str, ...], known: Mapping[str, Measure] | None = None) -> list[Arm]:
    """Return one world without all of ``names``, with each of them, and with each pair; under every combiner."""
    without = kin(names, known)
    found = []
    for combiner in COMBINERS:
        found.append(Arm(base_id(without, combiner), without, combiner=combiner, keep=frozenset(OUTCOMES)))
        for members in (*((name,) for name in names), *combinations(names, 2)):
            plan = tuple((name, CENTRAL) for name in members)
            found.append(Arm(pair_id(members, combiner), without, plan, combiner, frozenset(OUTCOMES)))
    return found
