"""Observed against simulated, for every published series the model covers."""

from __future__ import annotations

from ipplan.report.figures import panels, style
from ipplan.report.rundata import RunData

NAME = "history"
LAST = 2025
COLUMNS = 5


def draw(run: RunData) -> style.Page | None:
    """Return the page; None if no year of the run was observed."""
    years = [year for year in run.plan.years if year <= LAST]
    shown = [name for name, values in run.observed.items()
             if panels.has(run, name) and any(year in values for year in years)]  # fmt: skip
    if not shown or not years:
        return None
    title = f"Does the model's history look like history? Observed and simulated, {years[0]}-{years[-1]}"
    if len(years) == 1:
        title = f"Observed and simulated, {years[0]}"
    notes = [
        "All published series that the model covers, in the fit or not. A point off the line is a miss.",
        panels.YEARS,
        panels.sources(),
    ]
    sheet = style.page(title, panels.subtitle(run, one_side=True), notes, -(-len(shown) // COLUMNS), COLUMNS,
                       panel_height=1.45, width=18.5)  # fmt: skip
    for name in shown:
        panels.history_panel(sheet.panel(), run, name, LAST)
    bands = [style.band("5-95 % of replicates", style.BASELINE)] if run.plan.replicates > 1 else []
    sheet.legend([style.line("simulated, median", style.BASELINE), *bands, style.dots("observed")])
    return sheet
