"""What agents share: rules of a few numbers as ipplan has them, in plain Python, and the primitives by kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from ipplan.compiled import plain
from ipplan.levers import PrimitivePaths
from ipplan.phases import bad_faith, filing, intake, planning, renewal, stakes
from ipplan.streams import poisson
from ipplan.world import KINDS

choose_right, drawn_field = plain(filing.choose_right), plain(stakes.drawn_field)
expected_gain, draw_poisson = plain(bad_faith.expected_gain), plain(poisson)
keeping_value, logistic = plain(filing.keeping_value), plain(filing.logistic)
annuity, term_years = plain(renewal.annuity), plain(renewal.term_years)
request_delay = plain(intake.request_delay)
hours_for, in_time = plain(planning.hours_for), plain(planning.in_time)

Primitives = dict[str, float]


def primitives(paths: PrimitivePaths) -> list[Primitives]:
    """Return what each kind of applicant lives with: primitives by name, its own (``x.y.<kind>``) as ``x.y``."""
    values = {name: float(paths.path(name, 1)[0, 0]) for name in paths.primitives}
    return [values | {name.rpartition(".")[0]: values[name] for name in values if name.endswith(f".{kind}")}
            for kind in KINDS]  # fmt: skip


def logit(random: Random, utilities: Sequence[float]) -> int:
    """Return the place of the option that is chosen."""
    top = max(utilities)
    return random.choices(range(len(utilities)), [math.exp(utility - top) for utility in utilities])[0]
