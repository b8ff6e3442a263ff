"""What to add up for every indicator and group: built once from the definitions, used by every run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from ipplan.indicators.definition import OWNER_SETS, RIGHT_SETS, Definition, Expression, Term, definitions
from ipplan.ledger import FLOWS, GAUGES_BY_PROVINCE, STOCKS
from ipplan.world import KINDS, RIGHTS

ALL = "all"

Integers = NDArray[np.int64]
Cell = tuple[int, bool, slice, slice]
"""What a term adds up, whatever its sign: place of the flow or stock, whether a flow, rights, kinds of owners."""


@dataclass(frozen=True)
class Series:
    """One line of results: an indicator, its group, and what to add up for it."""

    definition: Definition
    group: str
    numerator: Expression = ()
    denominator: Expression = ()
    lanes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Return (indicator, group)."""
        return self.definition.id, self.group


@dataclass(frozen=True)
class Sums:
    """Which rows of the counts make each expression: signed rows, cut at offsets."""

    rows: NDArray[np.intp]
    signs: Integers
    offsets: NDArray[np.intp]

    def of(self, counts: Integers) -> Integers:
        """Return [expression, time] from counts [row, time]."""
        if not len(self.offsets):
            return np.zeros((0, counts.shape[1]), np.int64)
        picked = counts[self.rows] * self.signs[:, None]
        sums: Integers = np.add.reduceat(picked, self.offsets, axis=0)
        return sums


@dataclass(frozen=True)
class Plan:
    """What to compute, in the order of the results."""

    series: tuple[Series, ...]
    cells: tuple[Cell, ...]  # the rows of counts, each once
    counted: NDArray[np.intp]  # places of series with a numerator
    numerators: Sums
    divided: NDArray[np.intp]  # places of series with a denominator
    denominators: Sums
    provincial: NDArray[np.intp]  # places, among `counted`, of what provinces report
    provincial_gauges: NDArray[np.intp]  # places of gauges that are noted by province

    @cached_property
    def provincial_keys(self) -> tuple[str, ...]:
        """Return the ids of what provinces report: what is counted, then gauges. Nothing latent is among it."""
        places = [*self.counted[self.provincial], *self.provincial_gauges]
        return tuple(self.series[place].definition.id for place in places)

    @cached_property
    def provincial_rows(self) -> tuple[int, ...]:
        """Return the rows of counts that provinces need."""
        wanted = {int(place) for place in self.counted[self.provincial]}
        rows: set[int] = set()
        for sums, places in ((self.numerators, self.counted), (self.denominators, self.divided)):
            ends = [*sums.offsets[1:], len(sums.rows)]
            for place, start, end in zip(places, sums.offsets, ends, strict=True):
                if int(place) in wanted:
                    rows.update(int(row) for row in sums.rows[start:end])
        return tuple(sorted(rows))


def _set_name(wanted: tuple[int, ...], sets: Mapping[str, tuple[int, ...]]) -> str:
    return next(name for name, members in sets.items() if members == wanted)


def _only(expression: Expression, right: int | None, kind: int | None) -> Expression:
    """Return the expression restricted to one right or one kind; terms that cannot hold it fall out."""
    kept = []
    for term in expression:
        rights, owners = RIGHT_SETS[term.rights], OWNER_SETS[term.owners]
        if right is not None:
            rights = (right,) if right in rights else ()
        if kind is not None:
            owners = (kind,) if kind in owners else ()
        if rights and owners:
            kept.append(Term(term.name, _set_name(rights, RIGHT_SETS), _set_name(owners, OWNER_SETS), term.sign))
    return tuple(kept)


def _breakdown(item: Definition) -> Iterable[Series]:
    yield Series(item, ALL, item.numerator, item.denominator, item.lanes)
    for group in item.groups:
        if group == "lane":
            yield from (Series(item, f"lane:{lane}", lanes=(lane,)) for lane in item.lanes)
            continue
        names = RIGHTS if group == "right" else KINDS
        for code, name in enumerate(names):
            right, kind = (code, None) if group == "right" else (None, code)
            numerator = _only(item.numerator, right, kind)
            denominator = _only(item.denominator, right, kind)
            if numerator and bool(denominator) == bool(item.denominator):
                yield Series(item, f"{group}:{name}", numerator, denominator)


def _span(members: tuple[int, ...]) -> slice:
    """Return a set as a slice: sets are runs of neighbouring codes, which keeps their sums to one cheap call."""
    if members != tuple(range(members[0], members[-1] + 1)):
        raise ValueError(f"{members} is not a run of neighbouring codes")
    return slice(members[0], members[-1] + 1)


def _cell(term: Term) -> Cell:
    names = FLOWS if term.is_flow else STOCKS
    return names.index(term.name), term.is_flow, _span(RIGHT_SETS[term.rights]), _span(OWNER_SETS[term.owners])


def _sums(expressions: list[Expression], rows: dict[Term, int]) -> Sums:
    """Return the sums of expressions; terms not yet in ``rows`` (signs aside) are added to it."""
    terms = [term for expression in expressions for term in expression]
    places = [rows.setdefault(replace(term, sign=1), len(rows)) for term in terms]
    offsets = np.cumsum([0, *map(len, expressions)], dtype=np.intp)[:-1]
    return Sums(np.array(places, np.intp), np.array([term.sign for term in terms], np.int64), offsets)


def _is_told_by_province(line: Series) -> bool:
    """Tell whether a series may stand beside a named province: no latent one does, so none can be ranked by it."""
    return line.group == ALL and line.definition.view == "official"


def make_plan(items: Iterable[Definition]) -> Plan:
    """Return what to compute for these indicators (displacement is a matter of comparisons and has no series)."""
    series = tuple(line for item in items if item.kind != "displacement" for line in _breakdown(item))
    counted = [place for place, line in enumerate(series) if line.numerator]
    divided = [place for place, line in enumerate(series) if line.denominator]
    provincial = [
        position
        for position, place in enumerate(counted)
        if _is_told_by_province(series[place])
        and any(term.owners != "foreign" for term in series[place].numerator)
    ]
    gauges = [
        place
        for place, line in enumerate(series)
        if line.definition.gauge in GAUGES_BY_PROVINCE and _is_told_by_province(line) and not line.definition.per
    ]
    rows: dict[Term, int] = {}
    numerators = _sums([series[place].numerator for place in counted], rows)
    denominators = _sums([series[place].denominator for place in divided], rows)
    return Plan(
        series,
        tuple(_cell(term) for term in rows),
        np.array(counted, np.intp),
        numerators,
        np.array(divided, np.intp),
        denominators,
        np.array(provincial, np.intp),
        np.array(gauges, np.intp),
    )


@cache
def packaged_plan() -> Plan:
    """Return the plan of schema/indicators."""
    return make_plan(definitions().values())
