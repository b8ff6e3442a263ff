"""Bad faith and agencies: what is filed, what is seen, who is hit, and who carries it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from ipplan.indicators import ALL, definitions
from ipplan.report import numbers
from ipplan.report.figures import panels, style
from ipplan.report.rundata import RunData

NAME = "bad_faith_and_agencies"
Line = tuple[str, str, str, str]
"""Indicator, group, label, colour."""

PANELS: tuple[tuple[str, tuple[Line, ...]], ...] = (
    ("Bad faith among patent filings: truth and what is seen", (
        ("bad_faith_share", ALL, "filed in bad faith (latent)", style.PURPLE),
        ("abnormal_share_of_filings", ALL, "flagged as irregular", style.BLUE),
    )),
    ("Does a flag hit the right ones?", (
        ("governance_precision", ALL, "precision: flagged and bad", style.GREEN),
        ("governance_recall", ALL, "recall: bad and flagged", style.ORANGE),
    )),
    ("Honest patent filings flagged, by applicant", (
        ("honest_flag_rate", "applicant:large", "large", style.BLUE),
        ("honest_flag_rate", "applicant:sme", "medium, small, micro", style.ORANGE),
        ("honest_flag_rate", "applicant:individual", "individuals", style.GREEN),
        ("honest_flag_rate", "applicant:university", "universities", style.PURPLE),
    )),
    ("Where bad-faith filings go", (
        ("bad_faith_invention_filings", ALL, "inventions", style.BLUE),
        ("bad_faith_utility_model_filings", ALL, "utility models", style.ORANGE),
        ("bad_faith_patent_filings", "right:design", "designs", style.GREEN),
        ("bad_faith_trademark_filings", ALL, "trademarks", style.PURPLE),
    )),
    ("Chance of being caught: believed and true", (
        ("belief_detection_patent", ALL, "patents, believed", style.BLUE),
        ("detection_patent", ALL, "patents, true", style.SKY),
        ("belief_detection_trademark", ALL, "trademarks, believed", style.PURPLE),
        ("detection_trademark", ALL, "trademarks, true", style.ORANGE),
    )),
    ("Patent agencies by business model (latent)", (
        ("agencies_honest", ALL, "honest", style.GREEN),
        ("agencies_mixed", ALL, "mixed", style.ORANGE),
        ("agencies_volume", ALL, "volume", style.PURPLE),
    )),
    ("Agencies struck off and back under a new name", (
        ("agency_licences_revoked", ALL, "licences revoked", style.BLUE),
        ("agencies_reentered", ALL, "re-registered under a new name", style.PURPLE),
        ("agencies_suspended", ALL, "suspended", style.ORANGE),
    )),
    ("What examination lets through and turns away", (
        ("false_grant_rate", ALL, "flawed and granted (type II)", style.PURPLE),
        ("false_refusal_rate", ALL, "sound and refused (type I)", style.BLUE),
    )),
    ("Bad-faith trademarks: filed and acted against", (
        ("bad_faith_trademark_filings", ALL, "filed in bad faith (latent)", style.PURPLE),
        ("bad_faith_trademarks_struck", ALL, "acted against", style.BLUE),
    )),
)  # fmt: skip


def draw(run: RunData) -> style.Page | None:
    """Return the page; None if the run holds none of its series."""
    shown = [(title, [line for line in lines if panels.has(run, line[0], line[1])]) for title, lines in PANELS]
    shown = [(title, lines) for title, lines in shown if lines]
    if not shown:
        return None
    notes = [
        *panels.date_notes(run),
        ("Latent: known only inside the model; no office sees it. Medians over replicates; bands: 5-95 %. "
        "Dots: published values."),
        panels.sources(),
    ]
    sheet = style.page("Bad faith and the agencies that carry it", panels.subtitle(run), notes, -(-len(shown) // 3), 3)
    for title, lines in shown:
        lines_panel(sheet.panel(), run, title, lines)
    sheet.legend(style_legend(run))
    return sheet


def style_legend(run: RunData) -> list[Artist]:
    """Return the legend of line styles."""
    entries: list[Artist] = []
    if run.baseline is not None:
        entries = [style.line("plan, median", style.INK), style.line("baseline, median", style.INK, (0, (3, 1.6)), 1.4)]
    entries.append(style.dots("observed"))
    if run.plan_dates:
        entries.append(style.line(panels.DATES, style.PLAN, ":", 1.2))
    return entries


def lines_panel(axes: Axes, run: RunData, title: str, lines: Sequence[Line]) -> None:
    """Draw several yearly series in one panel, each named where its line ends."""
    unit = definitions()[lines[0][0]].unit
    divide, unit = numbers.scaled(unit, panels.largest(run, [(line[0], line[1]) for line in lines]))
    for indicator, group, _, color in lines:
        if run.baseline is not None:
            panels.fan(axes, run.baseline, indicator, group, color, divide, (0, (3, 1.6)), band=False)
        panels.fan(axes, run.plan, indicator, group, color, divide)
        if group == ALL:
            points = {year: value for year, value in run.observed.get(indicator, {}).items() if year in run.plan.years}
            axes.plot([year + panels.CENTRE for year in points], [value / divide for value in points.values()], "o",
                      ms=4.4, color=style.INK, mec="white", mew=0.6, zorder=6)  # fmt: skip
    panels.dates(axes, run)
    style.dress(axes, title, unit)
    panels.year_axis(axes, run.plan.years)
    panels.value_axis(axes, from_zero=True)
    name_lines(axes, [(label, color) for _, _, label, color in lines])


def name_lines(axes: Axes, names: Sequence[tuple[str, str]]) -> None:
    """Name the lines of a panel in their colours, above them."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + (high - low) * (0.12 + 0.105 * int(np.ceil(len(names) / 2))))
    handles = [style.line(label, color) for label, color in names]
    axes.legend(handles=handles, loc="upper left", ncols=2, frameon=True, facecolor="white",
                edgecolor="none", framealpha=0.92, fancybox=False, borderpad=0.2, fontsize=8, handlelength=1.2,
                columnspacing=1.0, labelspacing=0.3, borderaxespad=0.1, handletextpad=0.5,
                labelcolor=style.INK)  # fmt: skip
