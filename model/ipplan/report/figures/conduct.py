"""Bad faith and agencies: what is filed, what is seen, who is hit, and who carries it."""

from __future__ import annotations

from collections.abc import Sequence

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
    ("Bad-faith patent filings: true and seen", (
        ("bad_faith_share", ALL, "filed in bad faith (latent)", style.PURPLE),
        ("abnormal_share_of_filings", ALL, "flagged as irregular", style.BLUE),
    )),
    ("Does a flag hit the right ones?", (
        ("governance_precision", ALL, "flagged filings that are in bad faith (precision)", style.GREEN),
        ("governance_recall", ALL, "filings in bad faith that are flagged (recall)", style.ORANGE),
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
    ("Patent agencies by business model", (
        ("agencies_honest", ALL, "honest", style.GREEN),
        ("agencies_mixed", ALL, "mixed", style.ORANGE),
        ("agencies_volume", ALL, "volume", style.PURPLE),
    )),
    ("Agencies struck off and back under a new name", (
        ("agency_licences_revoked", ALL, "licences revoked", style.BLUE),
        ("agencies_reentered", ALL, "re-registered anew (latent)", style.PURPLE),
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
        "Latent: known only inside the model; no office sees it. Medians over replicates; bands: 5-95 %.",
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
    entries.append(style.dots("observed, in the colour of its line", fill=style.FAINT))
    if run.plan_dates:
        entries.append(panels.dates_entry(run))
    return entries


def lines_panel(axes: Axes, run: RunData, title: str, lines: Sequence[Line]) -> None:
    """Draw several yearly series in one panel, each named where its line ends."""
    unit = common_unit([line[0] for line in lines])
    divide, unit = numbers.scaled(unit, panels.largest(run, [(line[0], line[1]) for line in lines]))
    for indicator, group, _, color in lines:
        if run.baseline is not None:
            panels.fan(axes, run.baseline, indicator, group, color, divide, (0, (3, 1.6)), band=False)
        panels.fan(axes, run.plan, indicator, group, color, divide)
        if group == ALL:
            panels.observed_points(axes, run, indicator, divide, line=color)
    panels.dates(axes, run)
    latent = all(definitions()[line[0]].view == "latent" for line in lines)
    style.dress(axes, title, f"{unit} (latent)" if latent else unit)
    panels.year_axis(axes, run.plan.years)
    panels.value_axis(axes, from_zero=True)
    name_lines(axes, [(label, color) for _, _, label, color in lines])


def common_unit(indicators: Sequence[str]) -> str:
    """Return the unit that indicators in one panel share, or all of theirs."""
    units = list(dict.fromkeys(definitions()[name].unit for name in indicators))
    if len(units) > 1 and all(unit.startswith("percent") for unit in units):
        return "percent"
    if len(units) > 1 and all(unit.endswith(" per year") for unit in units):
        return " or ".join(unit.removesuffix(" per year") for unit in units) + " per year"
    return " or ".join(units)


def name_lines(axes: Axes, names: Sequence[tuple[str, str]]) -> None:
    """Name the lines of a panel in their colours, above them; long names stand one below the other."""
    low, high = axes.get_ylim()
    columns = 1 if len(names) == 1 or max(len(label) for label, _ in names) > 30 else 2
    axes.set_ylim(low, high + (high - low) * (0.12 + 0.105 * -(-len(names) // columns)))
    handles = [style.line(label, color) for label, color in names]
    axes.legend(handles=handles, loc="upper left", ncols=columns, frameon=True, facecolor="white",
                edgecolor="none", framealpha=0.92, fancybox=False, borderpad=0.2, fontsize=8, handlelength=1.2,
                columnspacing=1.0, labelspacing=0.3, borderaxespad=0.1, handletextpad=0.5,
                labelcolor=style.INK)  # fmt: skip
