"""Picture of the study of measures: the clearest interaction of each pair, under each combiner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ipplan.analysis.study.interactions import Interaction
from ipplan.indicators import definitions
from ipplan.levers import COMBINERS
from ipplan.report.figures import style

FULL = 0.5
"""Share of the effects alone at which the colour is full."""
DARK = 0.6
"""Share of the full colour beyond which letters are white."""
NOTE = ("Colour: interaction over the sizes of both effects alone, on the outcome (letter) where it is clearest; full "
        "at one half. Blue: together they do less than alone, red: more. Dot: nothing clear of zero at 99 %.")


def draw(pairs: Sequence[Interaction], names: Sequence[str], subtitle: str) -> style.Page:
    """Return one panel a combiner: colour is the interaction as a share of what both do alone."""
    outcomes = sorted({one.outcome for one in pairs})
    letters = {outcome: chr(ord("a") + place) for place, outcome in enumerate(outcomes)}
    legend = "; ".join(f"{letter}: {definitions()[outcome].name}" for outcome, letter in letters.items())
    sheet = style.page(
        "Two measures together: more or less than the sum of each alone", subtitle,
        [NOTE, legend, style.ASSUMPTION],
        1, len(COMBINERS), panel_height=4.4, width=17.5, left=3.0, gap_x=0.35,
    )  # fmt: skip
    for combiner in COMBINERS:
        axes = sheet.panel()
        values = np.full((len(names), len(names)), np.nan)
        for one in _clearest([pair for pair in pairs if pair.combiner == combiner]):
            row, column = names.index(one.second), names.index(one.first)
            towards = np.sign(one.first_alone + one.second_alone) or 1.0
            values[row, column] = one.relative * towards
            ink = style.PAPER if abs(one.relative) > DARK * FULL else style.INK
            axes.text(column, row, letters[one.outcome], ha="center", va="center", fontsize=8.5, color=ink)
        rows, columns = np.nonzero(np.tril(np.isnan(values), -1))
        axes.scatter(columns, rows, s=4, color=style.GREY)
        axes.imshow(values, cmap="RdBu_r", vmin=-FULL, vmax=FULL, aspect="auto")
        style.dress(axes, f"Combiner: {combiner}", "")
        axes.grid(visible=False)
        numbers = [str(place + 1) for place in range(len(names))]
        titles = [f"{name.replace('_', ' ')}  {number}" for name, number in zip(names, numbers, strict=True)]
        axes.set_xticks(range(len(names)), numbers)
        axes.set_yticks(range(len(names)), titles if combiner == COMBINERS[0] else numbers)
    return sheet


def _clearest(pairs: Sequence[Interaction]) -> list[Interaction]:
    """Return for each pair the interaction that is farthest from zero in widths of its interval, if any is clear."""
    best: dict[tuple[str, str], tuple[float, Interaction]] = {}
    for one in pairs:
        width = one.high - one.low
        if one.clear and width > 0:
            far = abs(one.interaction) / width
            key = (one.first, one.second)
            if key not in best or far > best[key][0]:
                best[key] = (far, one)
    return [one for _, one in best.values()]
