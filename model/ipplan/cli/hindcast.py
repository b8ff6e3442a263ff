"""``ipplan hindcast``: simulated against observed, with the score of simple benchmarks and every miss."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from ipplan import clock
from ipplan.analysis import hindcast
from ipplan.cli.numbers import scale_given, seeds_given, whole_number
from ipplan.schedule import history

PIPE_WIDTH = 150
EXACT = 10_000
"""Levels from which on digits behind the point say nothing."""


def execute(given: argparse.Namespace) -> int:
    """Run the history on some seeds and print the score and the misses."""
    scale = scale_given(given.scale, "--scale")
    seeds = seeds_given(given.seeds, "--seeds")
    from ipplan.analysis.fit import Fit

    end = max(hindcast.WINDOW)
    last = whole_number(given.to, "--to", end, clock.year_of(clock.LAST_END) - 1) if given.to else end
    scored = hindcast.points()
    later = hindcast.points(range(end + 1, last + 1))
    job = Fit(history(), scale, seeds, wanted=(*scored, *later))
    values = np.mean([job.simulate({}, {}, seed) for seed in seeds], axis=0)
    show(values[: len(scored)], scored, len(job.unknowns), given.all, given.seeds, given.scale)
    if later:
        show_later(values[len(scored) :], later)
    return 0


def _level(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= EXACT else f"{value:.4g}"


def show(values: np.ndarray, wanted: Sequence[hindcast.Point], parameters: int, everything: bool, seeds: str,
         scale: str) -> None:
    """Print the score, then the misses (or all points) with the suspected cause."""
    console = Console()
    if not console.is_terminal:  # a file or pipe gets lines long enough
        console = Console(width=max(console.width, PIPE_WIDTH))
    scaled = hindcast.errors(values, wanted)
    flat = hindcast.hit_share(hindcast.errors(hindcast.constant(wanted), wanted))
    line = hindcast.hit_share(hindcast.errors(hindcast.trend(wanted), wanted))
    causes = hindcast.suspected_causes()
    table = Table(box=box.SIMPLE_HEAD, title=f"History 2017-2021: simulated (mean of seeds {seeds}, scale {scale}) "
                  "against observed", title_justify="left")  # fmt: skip
    for name in ("series", "year", "observed", "simulated", "scaled error"):
        table.add_column(name, justify="left" if name == "series" else "right", no_wrap=name != "series")
    table.add_column("suspected cause of a miss")
    rows = list(zip(wanted, values, scaled, strict=True))
    for name, group in groupby(rows, key=lambda row: row[0].series):
        shown = [row for row in group if everything or not abs(row[2]) < hindcast.WHOLE]
        for place, (point, value, error) in enumerate(shown):
            missed = not abs(error) < hindcast.WHOLE
            table.add_row(name if place == 0 else "", str(point.year), _level(point.observed), _level(value),
                          f"{error:+.2f}", causes.get(name, "not looked into") if missed else "")
    console.print(table)
    missed_points = int(sum(not abs(error) < hindcast.WHOLE for error in scaled))
    console.print(f"{hindcast.hit_share(scaled):.1%} of {len(wanted)} points within one scaled error ({missed_points} "
                  f"missed); {parameters} fitted parameters. A constant (first value held) scores {flat:.1%}; a "
                  f"straight line drawn through the very points it is scored on, {line:.1%}.")


def show_later(values: np.ndarray, wanted: Sequence[hindcast.Point]) -> None:
    """Print the years after the window, a row a series: simulated over observed; nothing is scored."""
    console = Console()
    years = sorted({point.year for point in wanted})
    table = Table(box=box.SIMPLE_HEAD, title="Years that no fit has seen, not scored: simulated / observed",
                  title_justify="left")  # fmt: skip
    table.add_column("series")
    for year in years:
        table.add_column(str(year), justify="right", no_wrap=True)
    for name, group in groupby(zip(wanted, values, strict=True), key=lambda row: row[0].series):
        cells = {point.year: f"{value:,.4g} / {point.observed:,.4g}" for point, value in group}
        table.add_row(name, *(cells.get(year, "") for year in years))
    console.print(table)
