"""The data dictionary, ``model/INDICATORS.md``: what each indicator is, how it is counted, what produces it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from ipplan import data, schema
from ipplan.analysis import origins
from ipplan.indicators import Definition, definitions
from ipplan.indicators.definition import Expression


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |\n"
                   for row in lines)  # fmt: skip


def code(text: str) -> str:
    """Return text as Markdown code."""
    return f"`{text}`"


def number(value: float) -> str:
    """Return a number short enough for a table."""
    return f"{value:,.6g}" if abs(value) >= 10_000 else f"{value:.4g}"


def expression(terms: Expression) -> str:
    """Return an expression as the schema writes it."""
    said = ""
    for term in terms:
        inside = [w for w in (term.rights, term.owners) if not w.startswith("all ")]
        sign = " - " if term.sign < 0 else (" + " if said else "")
        said += f"{sign}{term.name}{'(' + ', '.join(inside) + ')' if inside else ''}"
    return said


def formula(indicator: Definition) -> str:
    """Return how an indicator is counted, in one cell."""
    if indicator.kind in ("mean", "quantile"):
        what = "mean wait" if indicator.kind == "mean" else f"{indicator.quantile:.0%} quantile of waits"
        return f"{what}: {', '.join(indicator.lanes)}"
    if indicator.kind == "gauge":
        declared = ", declared exogenous" if indicator.exogenous else ""
        return f"gauge {code(indicator.gauge)}" + (f" / {code(indicator.per)}" if indicator.per else "") + declared
    if indicator.kind == "displacement":
        return f"-change of {code(indicator.other)} / change of {code(indicator.target)}"
    over = "population" if indicator.per_population else expression(indicator.denominator)
    text = code(expression(indicator.numerator))
    if over:
        text += f" / {code(over)}"
    return text if indicator.factor == 1.0 else f"{number(indicator.factor)} x {text}"


@cache
def recorded_by() -> Mapping[origins.Record, tuple[str, ...]]:
    """Return the phases that record each count, from one small run with everything on."""
    return origins.trace(origins.everything_on())


def phases_of(one: Definition) -> str:
    """Return the phases whose events an indicator is counted from; 'none seen' where a small run shows none."""
    if one.kind == "displacement":
        return "two other indicators"
    if one.exogenous:
        return "given to the model"
    found = dict.fromkeys(phase for record in origins.records(one) for phase in recorded_by().get(record, ()))
    return ", ".join(code(phase) for phase in found) or "none seen"


def _official(one: Definition) -> str:
    seen = data.observed(one.id) if one.id in data.series() else {}
    years = f"; observed {min(seen)}-{max(seen)}" if seen else ""
    return (one.source or "counted in the model") + years


def theme(name: str) -> str:
    """Return the table of one theme's indicators."""
    rows = []
    for key in schema.load.indicators_of(name):
        one = definitions()[key]
        beside = f", beside {code(one.beside)}" if one.beside else ""
        rows.append((
            code(key), f"{one.title_en}<br>{one.title_zh}", one.unit, one.view + beside, one.definition, formula(one),
            phases_of(one), _official(one), ", ".join(one.groups) or "-",
        ))  # fmt: skip
    return table(("id", "name", "unit", "view", "definition", "how it is counted", "recorded by", "source",
                  "broken down by"), rows)  # fmt: skip
