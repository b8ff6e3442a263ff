"""The structure of a scenario file: its tables, their keys, and the kind of value under each key.

Names that point elsewhere (measures, primitives, provinces, indicators) are only known to be text here; `check`
holds them against the schema. scenarios/README.md teaches this format to people.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from ipplan.scenario import values
from ipplan.scenario.reading import plain
from ipplan.scenario.values import Wrong
from ipplan.world import KINDS

STATUSES = ("observed", "estimated", "calibrated", "assumed")
DIRECTIONS = ("at_least", "at_most")
ADOPTIONS = ("national", "provincial", "abroad")
SIGNS = ("+", "-", "+/-", "0")
COSTS = ("staff", "money", "burden")


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        example = plain(value, 40) if isinstance(value, str) and value.strip() else "..."
        raise Wrong(f"{values.shown(value)} is not a list; write one in brackets, like [\"{example}\"]")
    if not value:
        raise Wrong("the list is empty; name at least one, or leave the key out")
    names = tuple(values.line(item) for item in value)
    if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
        raise Wrong(f"'{plain(twice, 60)}' stands twice; name it once")
    return names


def _places(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):  # a code may stand without quotes
        value = [str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in value]
    return _names(value)


def _kinds(value: Any) -> tuple[str, ...]:
    names = _names(value)
    for name in names:
        values.choice(name, KINDS, "a kind of applicant")
    return names


def _interval(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        given = f"a list of {len(value)}" if isinstance(value, list) else values.shown(value)
        raise Wrong(f"{given} is not a range; write two numbers, like [0.2, 1.2]")
    low, high = values.number(value[0]), values.number(value[1])
    if low > high:
        raise Wrong(f"the range runs from {low:g} down to {high:g}; write the smaller number first")
    return low, high


def _lag(value: Any) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong(f"{values.shown(value)} is not a lag; write two numbers of months, like [3, 24]")
    low, high = (values.whole(one, 0, values.MAX_DURATION, "a lag in months") for one in value)
    if low > high:
        raise Wrong(f"the lag runs from {low} down to {high} months; write the smaller number first")
    return low, high


def _yearly(value: Any) -> dict[int, float]:
    if not isinstance(value, dict) or not value:
        given = "an empty table" if value == {} else values.shown(value)
        raise Wrong(f"{given} holds no years; write them with their values, like {{ 2027 = 150.0, 2030 = 170.0 }}")
    found = {}
    for key, given in value.items():
        year = values.whole(int(key) if key.isascii() and key.isdigit() and len(key) < 9 else key, 2017, 2036, "a year")
        try:
            found[year] = values.number(given)
        except Wrong as error:
            raise Wrong(f"in {year}, {error}") from None
        if found[year] <= 0:
            raise Wrong(f"{given} in {year} is not above zero; write a positive number")
    return found


Flag = Annotated[bool, PlainValidator(values.flag)]
Line = Annotated[str, PlainValidator(values.line)]
Prose = Annotated[str, PlainValidator(values.prose)]
Number = Annotated[float, PlainValidator(values.number)]
Month = Annotated[int, PlainValidator(values.month)]
Duration = Annotated[int, PlainValidator(values.duration)]
Scale = Annotated[Fraction, PlainValidator(values.scale)]
Strength = Annotated[float, PlainValidator(values.strength)]
Replicates = Annotated[
    int, PlainValidator(lambda v: values.whole(v, 1, values.MAX_REPLICATES, "the number of replicates"))
]
Seed = Annotated[int, PlainValidator(lambda v: values.whole(v, 0, values.MAX_SEED, "a seed"))]
Year = Annotated[int, PlainValidator(lambda v: values.whole(v, 2017, 2035, "a year"))]
History = Annotated[str, PlainValidator(lambda v: values.choice(v, ("history", "none"), "a history"))]
Status = Annotated[str, PlainValidator(lambda v: values.choice(v, STATUSES, "a status"))]
Direction = Annotated[str, PlainValidator(lambda v: values.choice(v, DIRECTIONS, "a direction"))]
Adoption = Annotated[str, PlainValidator(lambda v: values.choice(v, ADOPTIONS, "a way of adoption"))]
Sign = Annotated[str, PlainValidator(lambda v: values.choice(v, SIGNS, "a sign"))]
CostKind = Annotated[str, PlainValidator(lambda v: values.choice(v, COSTS, "a kind of cost"))]
Names = Annotated[tuple[str, ...], PlainValidator(_names)]
Places = Annotated[tuple[str, ...], PlainValidator(_places)]
Kinds = Annotated[tuple[str, ...], PlainValidator(_kinds)]
YearlyValues = Annotated[dict[int, float], PlainValidator(_yearly)]
Interval = Annotated[tuple[float, float], PlainValidator(_interval)]
Lag = Annotated[tuple[int, int], PlainValidator(_lag)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Base(_Table):
    """A ``[[base]]`` table: another scenario file, and which of its entries are taken over, when and how strongly."""

    file: Line
    plans: Names | None = None
    without: Names | None = None
    start: Month | None = Field(default=None, alias="from")
    to: Month | None = None
    strength: Strength = 1.0
    provinces: Places | None = None


class Bases(BaseModel):
    """The ``[[base]]`` tables of a file, read before everything else."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    base: tuple[Base, ...] = ()


class MeasureEntry(_Table):
    """One ``[[measures]]`` entry: a measure, when, how strongly, for whom; ``to`` is the first month without it."""

    measure: Line
    start: Month = Field(alias="from")
    to: Month | None = None
    strength: Strength = 1.0
    build_up: Duration | None = None
    provinces: Places | None = None
    applicants: Kinds | None = None
    plan: Line | None = None
    """A label that says which plan brought the measure; for readers, and for ``plans`` of a ``[[base]]``."""
    additive: Flag = False
    """It may overlap with another entry of the same measure: their strengths add."""


class DriverPath(_Table):
    """Values put in place of a dated path's own: year -> value, growth before and after them kept."""

    unit: Line
    values: YearlyValues


class Override(_Table):
    """A value put in place of a primitive's own."""

    value: Number
    unit: Line


class Move(_Table):
    """What an own measure does to one primitive: ``effect`` in log points (or units) from the primitive's value."""

    primitive: Line
    channel: Line
    effect: Number | None = None
    unit: Line | None = None
    range: Interval | None = None
    evidence: Line | None = None
    known_from: Month | None = None
    status: Status = "assumed"
    switch_to: Number | None = None


class Expected(_Table):
    """An indicator that an own measure should move: which way, and within which months after it is announced."""

    indicator: Line
    sign: Sign
    lag: Lag
    note: Prose | None = None
    side_effect: Flag = False


class CostLine(_Table):
    """What an own measure costs at strength 1: a range with its unit, or the indicator that a run counts it in."""

    kind: CostKind
    what: Line
    range: Interval | None = None
    unit: Line | None = None
    indicator: Line | None = None
    source: Line | None = None
    status: Status = "assumed"


class Title(_Table):
    """A title in English and, if there is one, in Chinese."""

    en: Line
    zh: Line | None = None


class OwnMeasure(_Table):
    """A measure of the planner's own: what it moves, or which measures it is made of."""

    title: Title | None = None
    source: Line | None = None
    sentence: Prose | None = None
    adoption: Adoption | None = None
    target_group: Line | None = None
    delay: Duration = 0
    build_up: Duration = 0
    applicants: Kinds | None = None
    parts: Names | None = None
    side_effects: Prose | None = None
    moves: tuple[Move, ...] = ()
    expects: tuple[Expected, ...] = ()
    costs: tuple[CostLine, ...] = ()


class TargetEntry(_Table):
    """A target of the planner's own: an indicator should be at least, or at most, ``value`` in ``year``."""

    indicator: Line
    value: Number
    year: Year
    direction: Direction
    unit: Line | None = None
    source: Line | None = None


class ScenarioFile(_Table):
    """The whole file. ``to`` is half-open: the first month that is not run."""

    title: Line
    description: Prose | None = None
    base: tuple[Base, ...] = ()
    start: Month = Field(default=0, alias="from")
    to: Month
    scale: Scale = Fraction(1, 1000)
    replicates: Replicates = 16
    seed: Seed = 1
    baseline: Line | None = None
    evidenced: Flag = False
    """Also run the plan with only those of its measures that have evidence."""
    history: History = "history"
    history_without: Names | None = None
    measures: tuple[MeasureEntry, ...] = ()
    primitives: dict[str, Override] = {}
    drivers: dict[str, DriverPath] = {}
    measure: dict[str, OwnMeasure] = {}
    targets: tuple[TargetEntry, ...] = ()
    resolved: dict[str, Any] = {}
    """An echo that a run writes for its readers (sources, history); it is not read."""


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys a table may hold, as they are written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def table_at(location: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the table that holds the key at ``location`` (a pydantic error location, without the key itself)."""
    match location:
        case ("base", _):
            return Base
        case ("measures", _):
            return MeasureEntry
        case ("targets", _):
            return TargetEntry
        case ("primitives", _):
            return Override
        case ("drivers", _):
            return DriverPath
        case ("measure", _):
            return OwnMeasure
        case ("measure", _, "title"):
            return Title
        case ("measure", _, "moves", _):
            return Move
        case ("measure", _, "expects", _):
            return Expected
        case ("measure", _, "costs", _):
            return CostLine
    return ScenarioFile
