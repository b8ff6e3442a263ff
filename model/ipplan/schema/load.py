"""The tables that ship with ipplan: each is read once, fitted values in place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ipplan import data
from ipplan.errors import InputError
from ipplan.schema.models import Indicator, Measure, Primitive, Target
from ipplan.schema.parsing import (
    Fitted,
    build,
    parse_fitted,
    parse_measures,
    parse_primitives,
    parse_toml,
    with_effects,
    with_values,
)


def _texts(folder: str) -> list[tuple[str, str]]:
    place = files("ipplan.schema").joinpath(folder)
    entries = sorted((entry for entry in place.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return [(f"schema/{folder}/{entry.name}", entry.read_text(encoding="utf-8")) for entry in entries]


@cache
def fitted() -> Fitted:
    """Return what ships as fitted (data/fitted.toml); empty before the first fit."""
    place = files("ipplan.data").joinpath("fitted.toml")
    if not place.is_file():
        return Fitted({}, {}, {})
    return parse_fitted(place.read_text(encoding="utf-8"), "data/fitted.toml")


@cache
def primitives() -> Mapping[str, Primitive]:
    """Return id -> primitive, fitted values in place (their status is then ``calibrated``)."""
    return MappingProxyType(with_values(dict(unfitted_primitives()), fitted().values, "data/fitted.toml"))


@cache
def unfitted_primitives() -> Mapping[str, Primitive]:
    """Return id -> primitive as the tables have it: where a fit starts."""
    found: dict[str, Primitive] = {}
    for where, text in _texts("primitives"):
        for name, primitive in parse_primitives(parse_toml(text, where), where).items():
            if name in found:
                raise InputError(f"{where}: primitive '{name}' stands in another file already.")
            found[name] = primitive
    return MappingProxyType(found)


@cache
def measures() -> Mapping[str, Measure]:
    """Return id -> measure, fitted effects in place."""
    return MappingProxyType(with_effects(unfitted_measures(), fitted().effects, "data/fitted.toml"))


@cache
def unfitted_measures() -> Mapping[str, Measure]:
    """Return id -> measure as the tables have it, in the order of ids."""
    found: dict[str, Measure] = {}
    wholes: dict[str, dict[str, Any]] = {}  # by file: measures of several parts, which come after all parts
    for where, text in _texts("measures"):
        table = parse_toml(text, where)
        if set(table) != {"measure"}:
            raise InputError(f"{where}: should hold tables like [measure.my_measure] and nothing else.")
        for name, row in table["measure"].items():
            if name in found:
                raise InputError(f"{where}: measure '{name}' stands in another file already.")
            if isinstance(row, dict) and row.get("parts"):
                wholes.setdefault(where, {})[name] = row
            else:
                found |= parse_measures({name: row}, where, primitives())
    for where, rows in wholes.items():
        found |= parse_measures(rows, where, primitives(), found)
    return MappingProxyType(dict(sorted(found.items())))


INDICATOR_THEMES = (
    "applications",
    "grants",
    "examination",
    "governance",
    "trademarks",
    "agencies",
    "stock",
    "finance",
    "utilization",
    "market",
    "licences_and_tiers",
    "protection",
    "services",
    "international_and_economy",
    "other_rights",
    "provinces",
)
"""The files of schema/indicators, in the order in which listings and tables show them; others follow by name."""


@cache
def _indicator_files() -> Mapping[str, Mapping[str, Any]]:
    """Return theme -> its tables, in the order of ``INDICATOR_THEMES``."""
    found = {}
    for where, text in _texts("indicators"):
        found[where.rsplit("/", 1)[1].removesuffix(".toml")] = parse_toml(text, where)
    ordered = [theme for theme in INDICATOR_THEMES if theme in found] + [x for x in found if x not in INDICATOR_THEMES]
    return MappingProxyType({theme: found[theme] for theme in ordered})


def indicator_themes() -> tuple[str, ...]:
    """Return the themes of indicators, a file each."""
    return tuple(_indicator_files())


def indicators_of(theme: str) -> tuple[str, ...]:
    """Return the ids of a theme's indicators."""
    return tuple(_indicator_files()[theme])


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return id -> indicator of schema/indicators (its README says what the keys mean)."""
    found: dict[str, Indicator] = {}
    for theme, rows in _indicator_files().items():
        for name, row in rows.items():
            where = f"schema/indicators/{theme}.toml: indicator '{name}'"
            if name in found:
                raise InputError(f"{where} is defined twice.")
            found[name] = build(Indicator, {"id": name, **row}, where)
    return MappingProxyType(found)


@cache
def targets() -> tuple[Target, ...]:
    """Return the planned values; a target of a series without a data series here carries the series id as title."""
    known = data.series()
    rows = []
    for row in data.targets():
        named = known.get(row.series)
        rows.append(Target(
            id=f"{row.plan}/{row.series}", plan=row.plan, series=row.series, unit=row.unit,
            title_en=named.title_en if named else row.series.replace("_", " "),
            title_zh=named.title_zh if named else row.series,
            baseline_year=row.baseline_year, baseline=row.baseline, target_year=row.target_year, target=row.target,
            direction=row.direction, binding=row.binding, source=row.source, source_url=row.source_url,
        ))
    return tuple(rows)
