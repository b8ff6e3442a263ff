"""A tile map: one square a province, roughly where it lies."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, TwoSlopeNorm
from matplotlib.patches import FancyBboxPatch
from numpy.typing import NDArray

from ipplan import data
from ipplan.analysis.compare import mean_difference, summary
from ipplan.indicators import definitions
from ipplan.report import numbers
from ipplan.report.figures import panels, style
from ipplan.report.rundata import RunData

NAME = "provinces"
INDICATOR = "hv_inventions_per_10k"
SECOND = "applications_utility_model"
"""Not a latent one: the model says nothing about the integrity of a named province."""
TILES = {
    "Heilongjiang": (0, 8), "Inner Mongolia": (1, 5), "Jilin": (1, 8), "Xinjiang": (2, 2), "Gansu": (2, 3),
    "Ningxia": (2, 4), "Shanxi": (2, 5), "Hebei": (2, 6), "Beijing": (1, 6), "Liaoning": (2, 8), "Tianjin": (2, 7),
    "Tibet": (3, 2), "Qinghai": (3, 3), "Shaanxi": (3, 4), "Henan": (3, 5), "Shandong": (3, 6), "Jiangsu": (3, 7),
    "Sichuan": (4, 3), "Chongqing": (4, 4), "Hubei": (4, 5), "Anhui": (4, 6), "Shanghai": (4, 8), "Zhejiang": (4, 7),
    "Yunnan": (5, 3), "Guizhou": (5, 4), "Hunan": (5, 5), "Jiangxi": (5, 6), "Fujian": (5, 7), "Guangxi": (6, 4),
    "Guangdong": (6, 5), "Hainan": (7, 5),
}  # fmt: skip
"""Row and column of each tile."""
LEVELS = LinearSegmentedColormap.from_list("levels", ["#eef4fa", "#9cc4e4", "#2f7fbf", "#083d77"])
CHANGES = LinearSegmentedColormap.from_list("changes", ["#7a3b00", "#e08a3c", "#f7f7f7", "#5aa7a0", "#005a5a"])
SHADES = LinearSegmentedColormap.from_list("shades", ["#f7eff5", "#d9a8c6", "#a14d86", "#5b1148"])


def draw(run: RunData) -> style.Page | None:
    """Return the page; None if the run holds no complete year."""
    shown = [name for name in (INDICATOR, SECOND) if name in run.plan.provincial_keys]
    if not run.plan.years or not shown:
        return None
    year = run.plan.years[-1]
    columns = 2 if run.baseline is not None else 1
    notes = [
        ("Illustrative: the model spreads applicants over provinces by their shares and does not fit provincial "
         "series. Tiles stand roughly where the provinces lie; all have one size. Residents: shares of 2022."),
        *([] if run.baseline is None else ["Changes: teal is more under the plan, brown is less" + (
            "; grey is a change whose 90 % interval over replicates holds zero, so that it may be chance."
            if run.plan.replicates > 1 else ", by chance or by the plan: one replicate cannot tell.")]),
        panels.sources(observed=False),
    ]
    rows = len(shown) if columns == 2 else 1
    sheet = style.page(f"The provinces in {year} (illustrative)", panels.subtitle(run), notes, rows,
                       2 if columns == 2 else len(shown), panel_height=5.9, width=13.5)  # fmt: skip
    for name in shown:
        item = definitions()[name]
        level = summary(run.plan.by_province(name)[:, -1])[0]  # medians of few cases would be zero
        divide, unit = numbers.scaled(item.unit, float(np.nanmax(level, initial=0.0)))
        level = level / divide
        latent = " (latent)" if item.view == "latent" else ""
        whose = "plan" if columns == 2 else panels.scenario_title(run)
        colors = SHADES if latent else LEVELS
        tiles(sheet.panel(), level, f"{item.name}{latent}, {year}, {whose}",
              f"{unit}, mean of replicates", colors, _range(level), signed=False)
        if run.baseline is not None:
            paired = mean_difference((run.plan.by_province(name) - run.baseline.by_province(name))[:, -1] / divide)
            chance = (paired.low <= 0) & (paired.high >= 0)  # nowhere with one replicate: no interval
            reach = float(np.nanmax(np.abs(np.where(chance, 0.0, paired.effect)), initial=0.0)) or 1.0
            tiles(sheet.panel(), paired.effect, f"{item.name}: change by the plan, {year}",
                  f"{unit}, mean of plan minus baseline", CHANGES, TwoSlopeNorm(0.0, -reach, reach), signed=True,
                  chance=chance)  # fmt: skip
    return sheet


def _range(values: NDArray[np.float64]) -> Normalize:
    """Return a colour scale whose top is not spent on one outlier."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Normalize(0.0, 1.0)
    return Normalize(0.0, max(float(np.quantile(known, 0.95)), 1e-12), clip=True)


def _written(value: float, reach: float, signed: bool) -> str:
    """Write a value with the digits that the largest one deserves."""
    digits = 0 if reach >= 100 else 1 if reach >= 10 else 2 if reach >= 0.1 else 4
    text = f"{abs(value):,.{digits}f}"
    sign = "" if not float(text.replace(",", "")) else numbers.MINUS if value < 0 else "+" if signed else ""
    return sign + text


def tiles(
    axes: Axes, values: NDArray[np.float64], title: str, unit: str, colors: Colormap, norm: Normalize, signed: bool,
    chance: NDArray[np.bool_] | None = None,
) -> None:  # fmt: skip
    """Draw 31 tiles with name and value; those where ``chance`` may have brought the value are grey."""
    reach = float(np.nanmax(np.abs(values), initial=0.0))
    for place, province in enumerate(data.provinces()):
        row, column = TILES[province.name_en]
        value = float(values[place])
        known = bool(np.isfinite(value))
        clear = known and not (chance is not None and bool(chance[place]))
        color = colors(norm(value)) if clear else (0.945, 0.945, 0.945, 1.0)
        axes.add_patch(FancyBboxPatch(
            (column - 0.46, row - 0.46), 0.92, 0.92, boxstyle="round,pad=0,rounding_size=0.09", facecolor=color,
            edgecolor="#c3c8cf", linewidth=0.6,
        ))  # fmt: skip
        light = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
        ink = style.GREY if not clear else style.INK if light > 0.55 else "white"
        name = {"Inner Mongolia": "Inner\nMongolia", "Heilongjiang": "Heilong-\njiang"}.get(province.name_en,
                                                                                          province.name_en)  # fmt: skip
        axes.text(column, row - 0.16, name, ha="center", va="center", fontsize=7.0, color=ink, linespacing=1.0)
        axes.text(column, row + 0.23, _written(value, reach, signed) if known else "no data", ha="center", va="center",
                  fontsize=8.8, fontweight="bold" if clear else "normal", color=ink)  # fmt: skip
    axes.set_xlim(1.4, 8.6)
    axes.set_ylim(7.6, -0.6)
    axes.set_aspect("equal")
    style.dress(axes, title, unit)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
