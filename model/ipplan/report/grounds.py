"""What a plan rests on: evidence by measure, and the plan with evidenced measures only beside all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.table import Table

from ipplan.analysis.compare import EffectRow, effects_table
from ipplan.analysis.study.findings import Effect
from ipplan.indicators import ALL, definitions
from ipplan.report import numbers
from ipplan.report.rundata import Basis, RunData
from ipplan.schema import Measure

BREAK_EVEN = 0.01
"""The change of an indicator's level at which an effect is worth talking of; a convention."""
NOTE = (
    "Evidenced: at least one effect of a measure stands on more than an assumption. Measures without evidence stand in "
    "the order of their names, not of their worth. Times: by how much their assumed effects would have to be larger, "
    "in a straight line, to move the first indicator they declare by 1 % of its level (from the study of measures)."
)


def in_words(basis: Iterable[Basis]) -> str:
    """Return what the plan rests on in two sentences; empty for a plan without measures."""
    rows = list(basis)
    if not rows:
        return ""
    counted = {status: sum(row.grounds.moves[status] for row in rows) for status in rows[0].grounds.moves}
    kinds = ", ".join(f"{number} {status}" for status, number in counted.items() if number)
    without = sorted(row.measure.id for row in rows if not row.grounds.evidenced)
    total = sum(counted.values())
    effects, measures = "effect" + "s" * (total != 1), "measure" + "s" * (len(rows) != 1)
    said = f"What the plan rests on: {total} {effects} of {len(rows)} {measures}: {kinds}."
    return said + (f" Without any evidence: {', '.join(without)}." if without else "")


def world_in_words(changed: Sequence[str]) -> str:
    """Return the sentence on what the plan changes besides measures; empty if it changes nothing else."""
    if not changed:
        return ""
    return (f"Besides its measures the plan sets other values than the baseline for {', '.join(changed)}; the effect "
            "holds what follows from those too. A value of the world belongs in both files.")


def beside_table(run: RunData, indicators: Iterable[str]) -> Table | None:
    """Return effects of the whole plan beside those of its evidenced measures; None if the latter were not run."""
    if run.baseline is None or run.evidenced is None or not run.plan.years:
        return None
    year = run.plan.years[-1]
    title = f"The plan with evidenced measures only, beside all: effects in {year}, if these assumptions hold"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("indicator", "unit", "all measures", "90 % interval", "evidenced only", "90 % interval"):
        table.add_column(name, justify="left" if name in ("indicator", "unit") else "right", no_wrap=True)
    whole = _last(run.effects, year)
    part = _last(effects_table(run.baseline, run.evidenced), year)
    for indicator in indicators:
        if indicator in whole and indicator in part:
            item = definitions()[indicator]
            rows = (whole[indicator], part[indicator])
            divide, unit = numbers.scaled(numbers.short_unit(item.unit), max(abs(row.effect) for row in rows))
            table.add_row(item.name, unit, *(cell for row in rows for cell in _cells(row, divide)))
    return table


def _last(effects: Iterable[EffectRow], year: int) -> dict[str, EffectRow]:
    return {row.indicator: row for row in effects if row.group == ALL and row.year == year}


def _cells(row: EffectRow, divide: float) -> tuple[str, str]:
    effect, low, high = (numbers.text(value / divide, signed=True) for value in (row.effect, row.low, row.high))
    return effect or "-", f"{low} to {high}" if math.isfinite(row.low) else ""


def grounds_table(run: RunData) -> Table | None:
    """Return every measure of the plan with its ground; None if the plan has no measures."""
    if run.evidenced is None or not run.basis:
        return None
    table = Table(title="What each measure rests on", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
                  caption=NOTE, caption_justify="left")  # fmt: skip
    table.add_column("measure")
    for status in ("observed", "estimated", "calibrated", "assumed"):
        table.add_column(status, justify="right")
    table.add_column("push assumed", justify="right")
    table.add_column("one would have to believe")
    for row in sorted(run.basis, key=lambda row: (not row.grounds.evidenced, row.measure.id)):
        believed = "" if row.grounds.evidenced else belief(row.measure, row.effects)
        table.add_row(row.measure.id, *(str(number or "") for number in row.grounds.moves.values()),
                      f"{100 * row.grounds.assumed:.0f} %", believed)  # fmt: skip
    return table


def belief(measure: Measure, effects: Mapping[str, Effect]) -> str:
    """Return how much larger a measure's assumed effects would have to be to move what it declares by 1 %."""
    for expected in measure.expects:
        one = effects.get(expected.indicator)
        if expected.sign in "+-" and one is not None and one.level > 0 and math.isfinite(one.effect):
            name = definitions()[one.indicator].name
            if not (one.low > 0 or one.high < 0):
                return f"not to be told: its effect on {name} is not clear of zero"
            if one.verdict == "contrary":
                return f"the opposite: it moves {name} against its sign"
            return f"{BREAK_EVEN * one.level / abs(one.effect):.2g} times, for 1 % of {name}"
    return "not studied yet"
