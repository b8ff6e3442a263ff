"""One look for all pictures: colours that colour-blind readers tell apart, one page frame, provenance in the file.

Pages are built with matplotlib's object interface on the Agg canvas: no global state, safe in threads.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

# Okabe and Ito (2008).
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, YELLOW = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442",
)  # fmt: skip
INK, GREY, FAINT, PAPER = "#1a1a1a", "#5f6368", "#d9dce0", "#ffffff"
BASELINE, PLAN, OBSERVED = BLUE, VERMILION, INK

ASSUMPTION = "A model of incentives: what is shown holds if its assumptions hold. It is no forecast."
DPI = 120
_HAN = (
    "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Microsoft YaHei", "SimHei",
    "PingFang SC", "Heiti SC", "Hiragino Sans GB", "Arial Unicode MS",
)  # fmt: skip
"""Fonts with Chinese letters, of which a machine may have one."""
_LEFT, _RIGHT = 0.75, 0.35
_GAP_X, _GAP_Y = 0.62, 0.78


@dataclass
class Page:
    """A figure with a headline that says what is seen, a grid of panels, and a footnote; sizes in inches."""

    figure: Figure
    axes: list[Axes]
    legend_at: tuple[float, float]
    title: str
    description: str
    used: int = field(default=0)

    def panel(self) -> Axes:
        """Return the next panel."""
        self.used += 1
        return self.axes[self.used - 1]

    def legend(self, handles: Sequence[Artist], columns: int = 6) -> None:
        """Put one legend for all panels under the headline."""
        self.figure.legend(
            handles=list(handles), loc="upper left", bbox_to_anchor=self.legend_at, ncols=columns, frameon=False,
            fontsize=9.5, handlelength=1.8, columnspacing=1.6, borderaxespad=0.0, labelcolor=INK,
        )  # fmt: skip


@cache
def fonts() -> tuple[str, ...]:
    """Return the families to write with: matplotlib's own, and one with Chinese letters if there is any here."""
    here = {font.name for font in fontManager.ttflist}
    return ("DejaVu Sans", *[name for name in _HAN if name in here][:1])


def drawable(text: str) -> str:
    """Return ``text`` without letters that no font here has, so that no picture shows boxes in their place."""
    faces = [get_font(fontManager.findfont(name)) for name in fonts()]
    kept = "".join(c for c in text if any(face.get_char_index(ord(c)) for face in faces))
    return " ".join(kept.split()) if kept != text else text


def page(
    title: str, subtitle: str, notes: Sequence[str], rows: int, columns: int,
    panel_height: float = 2.05, width: float = 13.5, gap_x: float = _GAP_X, left: float = _LEFT,
    right: float = _RIGHT,
) -> Page:  # fmt: skip
    """Return an empty page with ``rows`` x ``columns`` panels; long notes are wrapped."""
    letters = int((width - 0.6) * 15.6)
    wrap = textwrap.TextWrapper(letters, subsequent_indent=" " * 6, break_on_hyphens=False)
    lines = [line for note in notes for line in wrap.wrap(drawable(note)) or [""]]
    head, foot = 1.78, 0.45 + 0.185 * len(lines)
    height = head + rows * panel_height + (rows - 1) * _GAP_Y + foot + 0.3
    figure = Figure(figsize=(width, height), facecolor=PAPER)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        rows, columns, left=left / width, right=1 - right / width, top=1 - head / height, bottom=(foot + 0.3) / height,
        hspace=_GAP_Y / panel_height,
        wspace=gap_x / max((width - left - right - (columns - 1) * gap_x) / columns, 0.1),
    )  # fmt: skip
    axes = [figure.add_subplot(grid[row, column]) for row in range(rows) for column in range(columns)]
    x = 0.3 / width
    figure.text(x, 1 - 0.26 / height, title, fontsize=17, fontweight="bold", color=INK, va="top")
    figure.text(x, 1 - 0.66 / height, subtitle, fontsize=10.5, color=GREY, va="top", fontfamily=fonts())
    for place, line in enumerate(reversed(lines)):
        figure.text(x, (0.16 + 0.185 * place) / height, line, fontsize=8.3, color=GREY, va="bottom",
                    fontfamily=fonts())  # fmt: skip
    return Page(figure, axes, (x, 1 - 0.95 / height), title, subtitle)


def dress(axes: Axes, title: str, unit: str, right: str = "") -> None:
    """Give a panel its title and unit, and take away what carries no information.

    A title too long for the panel gets smaller letters, then is cut. ``right`` stands at the end of the unit's line.
    """
    figure = axes.figure
    room = axes.get_position().width * figure.get_figwidth() / 0.0078 if isinstance(figure, Figure) else 500.0
    size = min(10.2, max(8.4, 0.6 * (room / len(title) // 0.6)))  # whole pixels: others are drawn unevenly
    title = textwrap.shorten(title, max(12, int(room / size)), placeholder=" ...")
    for text, points, letters, weight, color in ((title, 16.5, size, "bold", INK), (unit, 4.0, 8.4, "normal", GREY)):
        axes.annotate(text, (0.0, 1.0), xycoords="axes fraction", xytext=(0, points), textcoords="offset points",
                      fontsize=letters, fontweight=weight, color=color, va="bottom", ha="left")  # fmt: skip
    axes.annotate(right, (1.0, 1.0), xycoords="axes fraction", xytext=(0, 4.0), textcoords="offset points",
                  fontsize=8.4, color=GREEN, va="bottom", ha="right")  # fmt: skip
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
        axes.spines[side].set_linewidth(0.7)
    axes.tick_params(colors=GREY, labelsize=8.4, length=3, width=0.7)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


Dashes = Literal["-", "--", ":"] | tuple[float, Sequence[float]]


def line(label: str, color: str, style: Dashes = "-", width: float = 2.0) -> Line2D:
    """Return a legend entry for a line."""
    return Line2D([], [], color=color, linestyle=style, linewidth=width, label=label)


def dots(label: str, edge: str = OBSERVED, fill: str = OBSERVED, size: float = 4.5) -> Line2D:
    """Return a legend entry for points."""
    return Line2D([], [], color=edge, marker="o", markersize=size, markerfacecolor=fill, linestyle="none", label=label)


def mark(label: str, color: str) -> Line2D:
    """Return a legend entry for a dashed line that ends in a diamond."""
    return Line2D([], [], color=color, linestyle="--", linewidth=1.2, marker="D", markersize=4.5, markevery=(1, 2),
                  label=label)  # fmt: skip


def tick(label: str, color: str) -> Line2D:
    """Return a legend entry for a tick."""
    return Line2D([], [], color=color, marker="|", markersize=8, linestyle="none", label=label)


def band(label: str, color: str) -> Patch:
    """Return a legend entry for a band."""
    return Patch(facecolor=color, alpha=0.22, label=label)


def save(sheet: Page, path: Path, key: str, command: str) -> None:
    """Write a page as PNG; title, description, key and command stand in its metadata."""
    for axes in sheet.axes[sheet.used :]:
        axes.set_visible(False)
    sheet.figure.savefig(
        path, dpi=DPI, facecolor=PAPER,
        metadata={
            "Title": sheet.title, "Description": f"{sheet.description} {ASSUMPTION}", "key": key, "command": command,
            "Software": "ipplan",
        },
    )  # fmt: skip
