"""Made-up ensembles with plausible levels, to test tables and pictures without running the model."""

from __future__ import annotations

import numpy as np

from ipplan.analysis.compare import Ensemble, observed_values
from ipplan.indicators.plan import Series, packaged_plan
from ipplan.world import N_PROVINCES

LEVELS = {
    "applications per year": 9e5, "patents per year": 6e5, "patents": 2e6, "percent": 40.0, "months": 15.0,
    "percent of valid inventions": 30.0, "agencies": 900.0, "agencies per year": 20.0, "applications": 8e5,
    "percent of applications": 12.0, "ratio": 2.0, "recordals per year": 4e5, "marks per year": 4e5,
    "standard deviations": 0.2, "percent of flagged": 80.0, "percent of bad faith": 55.0,
}  # fmt: skip


def level(line: Series, years: np.ndarray) -> np.ndarray:
    """A smooth path over the years, through what was observed where something was."""
    item = line.definition
    known = observed_values(item.id)
    if known:
        base = np.interp(years, sorted(known), [known[year] for year in sorted(known)])
        base = base * (1.0 + 0.01 * np.maximum(0.0, years - max(known)))
    else:
        base = LEVELS.get(item.unit, 10.0) * (1.0 + 0.03 * np.sin(years - 2017 + len(item.id)))
    share = 1.0 if line.group == "all" else 0.1 + 0.11 * (sum(map(ord, line.group)) % 5)
    return base * share


def ensemble(run: str, replicates: int = 5, end: int = 168, shift: float = 0.0, start: int = 108) -> Ensemble:
    """An ensemble of all packaged indicators; ``shift`` moves them (by indicator, both ways) after month ``start``."""
    rng = np.random.default_rng(5)
    plan = packaged_plan()
    months, years = np.arange(end), np.arange(2017, 2017 + end // 12)
    monthly = np.empty((replicates, len(plan.series), end))
    annual = np.empty((replicates, len(plan.series), len(years)))
    for place, line in enumerate(plan.series):
        direction = np.sin(3.0 * place)
        noise = 1.0 + 0.02 * rng.standard_normal((replicates, 1))
        response = 1.0 + shift * direction * (1.0 + 0.2 * rng.standard_normal((replicates, 1)))

        def path(times: np.ndarray, ramp: np.ndarray, line: Series = line, noise: np.ndarray = noise,
                 response: np.ndarray = response) -> np.ndarray:  # fmt: skip
            return level(line, times) * noise * (1.0 + (response - 1.0) * ramp)

        each = 12.0 if line.definition.kind == "flow" else 1.0
        monthly[:, place] = path(2017 + (months - 5.5) / 12, np.clip((months - start) / 24, 0, 1)) / each
        annual[:, place] = path(years, np.clip((years - 2017 - start / 12 + 1) / 3, 0, 1))
    names = tuple(plan.series[place].definition.id for place in plan.counted[plan.provincial])
    spread = np.exp(0.6 * rng.standard_normal((len(names), 1, N_PROVINCES)))
    provincial = np.stack([annual[:, plan.series.index(next(line for line in plan.series if line.key == (name, "all")))]
                           for name in names], axis=1)[..., None] * spread  # fmt: skip
    if shift:
        provincial *= 1.0 + 0.05 * rng.standard_normal(provincial.shape[1:])
    keys = tuple(line.key for line in plan.series)
    return Ensemble(run, keys, range(end), monthly, tuple(int(year) for year in years), annual, names, provincial)
