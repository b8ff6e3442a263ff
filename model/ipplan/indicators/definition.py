"""What each indicator counts: the table schema/indicators, its expressions parsed and every name checked.

The grammar is small on purpose: terms joined by ``+`` and ``-``, each ``name(rights, owners)`` with a flow or stock
of the ledger, or the word ``population`` alone. Nothing is evaluated as code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from ipplan import schema
from ipplan.errors import InputError, nearest
from ipplan.ledger import FLOWS, GAUGES, STOCKS, WAIT_LANES
from ipplan.world import FOREIGN, INSTITUTE, KINDS, LARGE, N_KINDS, RIGHTS, SME, UNIVERSITY

WHERE = "schema/indicators"

RIGHT_SETS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {**{name: (code,) for code, name in enumerate(RIGHTS)}, "patents": (0, 1, 2), "all rights": (0, 1, 2, 3)}
)
OWNER_SETS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        **{name: (code,) for code, name in enumerate(KINDS)},
        "domestic": tuple(code for code in range(N_KINDS) if code != FOREIGN),
        "enterprise": (LARGE, SME),
        "academic": (UNIVERSITY, INSTITUTE),
        "all owners": tuple(range(N_KINDS)),
    }
)
COUNTED = FLOWS + STOCKS
"""All names an expression may use; a name stands for one thing only."""
POPULATION = "population"

KINDS_OF_INDICATOR = ("flow", "stock", "ratio", "mean", "quantile", "gauge", "displacement")
VIEWS = ("official", "latent")
OVER_YEAR = ("december", "sum", "mean")
GROUPS = ("right", "applicant", "lane")

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "flow": ("count",),
    "stock": ("count",),
    "ratio": ("numerator", "denominator"),
    "mean": ("lanes",),
    "quantile": ("lanes", "quantile"),
    "gauge": ("gauge", "over_year"),
    "displacement": ("target", "other"),
}
_ALSO: Mapping[str, tuple[str, ...]] = {"gauge": ("per",)}
_ANY = ("short", "theme", "view", "factor", "groups", "beside", "exogenous")
_TERM = re.compile(r"\s*([+-]?)\s*([a-z_0-9]+)\s*(?:\(([^()]*)\))?\s*")


@dataclass(frozen=True)
class Term:
    """A signed count: a ledger name, a set of rights, a set of owners (names of the sets above)."""

    name: str
    rights: str = "all rights"
    owners: str = "all owners"
    sign: int = 1

    @property
    def is_flow(self) -> bool:
        """Tell whether the name is a flow; else it is a stock."""
        return self.name in FLOWS


Expression = tuple[Term, ...]


@dataclass(frozen=True)
class Definition:
    """An indicator, ready to evaluate. Fields that its kind does not use are empty.

    ``denominator`` is empty with ``per_population`` set where the ratio is per resident.
    """

    id: str
    title_en: str
    title_zh: str
    theme: str
    unit: str
    kind: str
    view: str
    definition: str
    source: str
    factor: float = 1.0
    numerator: Expression = ()
    denominator: Expression = ()
    per_population: bool = False
    lanes: tuple[str, ...] = ()
    quantile: float = 0.5
    gauge: str = ""
    per: str = ""
    over_year: str = "december"
    target: str = ""
    other: str = ""
    groups: tuple[str, ...] = ()
    beside: str = ""
    short: str = ""
    exogenous: bool = False
    """Declared: a path that the model is given, not an outcome of what agents do."""

    @property
    def name(self) -> str:
        """Return the short English name, for tables and pictures."""
        return self.short or self.title_en

    @property
    def mixed(self) -> bool:
        """Tell whether a flow is set against a stock, so that months take the flow of the last 12 months."""
        if not self.denominator:
            return self.per_population and self.numerator[0].is_flow
        return self.numerator[0].is_flow != self.denominator[0].is_flow


def parse_expression(text: str, where: str) -> Expression:
    """Return the terms of an expression; InputError with one sentence where it cannot be read.

    All terms are flows, or all are stocks: the sum of both has no meaning.
    """
    terms: list[Term] = []
    place = 0
    while place < len(text):
        match = _TERM.match(text, place)
        if not match or (terms and not match.group(1)):
            raise InputError(f"{where}: '{text}' is not terms like name(rights, owners) joined by + or -.")
        sign, name, selectors = match.groups()
        if name not in COUNTED:
            raise InputError(f"{where}: '{name}' is no flow or stock of the ledger.{nearest(name, COUNTED)}")
        terms.append(Term(name, *_sets(selectors, where), sign=-1 if sign == "-" else 1))
        place = match.end()
    if not terms:
        raise InputError(f"{where}: the expression is empty.")
    if len({term.is_flow for term in terms}) > 1:
        raise InputError(f"{where}: '{text}' adds flows and stocks.")
    return tuple(terms)


def _sets(selectors: str | None, where: str) -> tuple[str, str]:
    rights, owners = "all rights", "all owners"
    for word in (selectors or "").split(","):
        word = word.strip()
        if word in RIGHT_SETS and rights == "all rights":
            rights = word
        elif word in OWNER_SETS and owners == "all owners":
            owners = word
        elif word or selectors:
            known = [*RIGHT_SETS, *OWNER_SETS]
            raise InputError(f"{where}: '{word}' is no set of rights or owners, or one too many.{nearest(word, known)}")
    return rights, owners


def _choice(value: Any, known: Iterable[str], what: str, where: str) -> str:
    options = tuple(known)
    if value not in options:
        raise InputError(f"{where}: '{value}' is no {what}.{nearest(value, options)}")
    return str(value)


def _number(value: Any, key: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise InputError(f"{where}: '{key}' should be a number above zero.")
    return float(value)


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{where}: 'exogenous' should be true or false.")
    return value


def _names(value: Any, known: tuple[str, ...], what: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InputError(f"{where}: the list of {what}s should be a list of names.")
    return tuple(_choice(item, known, what, where) for item in value)


def define(row: schema.Indicator) -> Definition:
    """Return the definition of one row of the table; InputError names the indicator, the key and what is wrong."""
    where = f"{WHERE}: indicator '{row.id}'"
    keys: dict[str, Any] = dict(row.model_extra or {})
    kind = _choice(row.kind, KINDS_OF_INDICATOR, "kind of indicator", where)
    allowed = (*_NEEDS[kind], *_ALSO.get(kind, ()), *_ANY)
    for key in keys:
        if key not in allowed:
            raise InputError(f"{where}: a {kind} has no key '{key}'.{nearest(key, allowed)}")
    for key in _NEEDS[kind]:
        if key not in keys:
            raise InputError(f"{where}: the key '{key}' is missing.")
    per_population = keys.get("denominator") == POPULATION
    numerator, denominator = (
        parse_expression(str(keys[key]), where) if key in keys and keys[key] != POPULATION else ()
        for key in ("numerator" if kind == "ratio" else "count", "denominator")
    )
    if kind in ("flow", "stock") and numerator[0].is_flow != (kind == "flow"):
        raise InputError(f"{where}: the kind is {kind}, but '{numerator[0].name}' is not a {kind}.")
    lanes = _names(keys.get("lanes", []), WAIT_LANES, "lane", where)
    if kind in ("mean", "quantile") and not lanes:
        raise InputError(f"{where}: 'lanes' is empty.")
    quantile = _number(keys.get("quantile", 0.5), "quantile", where)
    if quantile >= 1:
        raise InputError(f"{where}: 'quantile' should lie between 0 and 1.")
    return Definition(
        id=row.id, title_en=row.title_en, title_zh=row.title_zh, theme=str(keys.get("theme", "")), unit=row.unit,
        kind=kind, view=_choice(keys.get("view", "official"), VIEWS, "view", where), definition=row.definition,
        source=row.source, factor=_number(keys.get("factor", 1.0), "factor", where), numerator=numerator,
        denominator=denominator, per_population=per_population, lanes=lanes, quantile=quantile,
        gauge=_choice(keys["gauge"], GAUGES, "gauge of the ledger", where) if "gauge" in keys else "",
        per=_choice(keys["per"], GAUGES, "gauge of the ledger", where) if "per" in keys else "",
        over_year=_choice(keys.get("over_year", "december"), OVER_YEAR, "rule over the year", where),
        target=str(keys.get("target", "")), other=str(keys.get("other", "")),
        groups=_names(keys.get("groups", []), GROUPS, "group", where), beside=str(keys.get("beside", "")),
        short=str(keys.get("short", "")), exogenous=_flag(keys.get("exogenous", False), where),
    )  # fmt: skip


def define_all(rows: Iterable[schema.Indicator]) -> Mapping[str, Definition]:
    """Return id -> definition, in the order of the table; references between indicators are checked."""
    found = {row.id: define(row) for row in rows}
    for item in found.values():
        for key in ("beside", "target", "other"):
            name = getattr(item, key)
            if name and name not in found:
                raise InputError(f"{WHERE}: indicator '{item.id}': '{key}' names no indicator: '{name}'."
                                 f"{nearest(name, found)}")
    return MappingProxyType(found)


@cache
def definitions() -> Mapping[str, Definition]:
    """Return id -> definition of the packaged table."""
    return define_all(schema.indicators().values())
