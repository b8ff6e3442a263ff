"""What a primitive, a measure, an indicator and a target are; the tables hold nothing else.

All models are frozen. Checks that need one row only live here; checks across tables live in ``load``.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ipplan import clock, world

Status = Literal["observed", "estimated", "calibrated", "assumed"]
Scale = Literal["log", "linear", "switch"]
"""A switch is one of two readings of a definition, 0 or 1: a scenario sets it, no measure moves it."""

_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(months?|years?)?\s*$")


def months_text(value: Any) -> Any:
    """Read a duration: a number of months, or text like ``"6 months"`` or ``"2 years"``."""
    if isinstance(value, str):
        match = _DURATION.match(value)
        if not match:
            raise ValueError(f"'{value}' is not a duration; write it like \"6 months\"")
        return float(match.group(1)) * (12 if (match.group(2) or "").startswith("year") else 1)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("should be a finite number")
    return float(value)


Number = Annotated[float, BeforeValidator(_number)]
Months = Annotated[float, BeforeValidator(months_text), Field(ge=0, le=240)]


def room(value: float, bound: float, scale: Scale) -> float:
    """Return the way from a value to a bound: log points on a log scale, units on a linear one."""
    return abs(math.log(bound / value)) if scale == "log" else abs(bound - value)


class Frozen(BaseModel):
    """A row of a table: no further keys, no changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Title(Frozen):
    """A name in English and in Chinese."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Titled(Frozen):
    """A row with an id and a title."""

    id: str
    title: Title

    @property
    def title_en(self) -> str:
        """Return the English title."""
        return self.title.en

    @property
    def title_zh(self) -> str:
        """Return the Chinese title."""
        return self.title.zh


class Primitive(Titled):
    """A rate, cost, capacity, probability or belief parameter that mechanisms read.

    ``bounds`` are what is feasible (levers and overrides stay strictly inside), ``range`` what is plausible (fit and
    sensitivity move inside it). ``scope`` says whether the mechanism reads it by province and kind of applicant
    (``cell``) or once for the nation (``national``: a measure in some provinces counts by their share of residents).
    """

    value: Number
    unit: str = Field(min_length=1)
    bounds: tuple[Number, Number]
    range: tuple[Number, Number]
    scale: Scale
    status: Status
    source: str = Field(min_length=1)
    fit: bool = False
    scope: Literal["cell", "national"] = "cell"

    @property
    def low(self) -> float:
        """Return the lower feasible bound."""
        return self.bounds[0]

    @property
    def high(self) -> float:
        """Return the upper feasible bound."""
        return self.bounds[1]

    @property
    def range_low(self) -> float:
        """Return the lower end of the plausible range."""
        return self.range[0]

    @property
    def range_high(self) -> float:
        """Return the upper end of the plausible range."""
        return self.range[1]

    def admits(self, value: float) -> bool:
        """Tell whether a value is feasible: strictly inside the bounds, or one of a switch's two."""
        return value in self.bounds if self.scale == "switch" else self.low < value < self.high

    @property
    def feasible(self) -> str:
        """Say what is feasible, with the unit."""
        if self.scale == "switch":
            return "0 or 1"
        return f"a value strictly between {self.low:g} and {self.high:g} {self.unit}"

    @model_validator(mode="after")
    def _ordered(self) -> Primitive:
        low, high = self.bounds
        if not low < high:
            raise ValueError(f"bounds [{low:g}, {high:g}] are not in order")
        if self.scale == "switch":
            if self.bounds != (0.0, 1.0) or self.range != (0.0, 1.0) or self.value not in (0.0, 1.0) or self.fit:
                raise ValueError("a switch is 0 or 1, both are plausible, and nothing is fitted to it")
            return self
        if self.scale == "log" and low <= 0:
            raise ValueError(f"a log scale needs bounds above zero, not {low:g}")
        if not low < self.value < high:
            raise ValueError(f"value {self.value:g} {self.unit} is not strictly inside its bounds [{low:g}, {high:g}]")
        if not low <= self.range[0] <= self.range[1] <= high:
            raise ValueError(f"range [{self.range[0]:g}, {self.range[1]:g}] is not inside its bounds "
                             f"[{low:g}, {high:g}]")
        if not self.range[0] <= self.value <= self.range[1]:
            raise ValueError(f"value {self.value:g} {self.unit} is not inside its range "
                             f"[{self.range[0]:g}, {self.range[1]:g}]")
        return self


class Move(Frozen):
    """How a measure shifts one primitive (or, written ``prefix.*``, all primitives with that prefix).

    ``effect`` is how far it moves the primitive from its value at strength 1: log points on a log scale, units on a
    linear one (exactly so as long as nine tenths of the room to the bound suffice, see ``levers``).
    ``primitives`` (filled when the tables are joined) are the ids that ``primitive`` stands for.
    """

    primitive: str
    channel: str = Field(min_length=1)
    effect: Number
    range: tuple[Number, Number]
    evidence: str = Field(min_length=1)
    known_from: str
    status: Status
    unit: str | None = None
    switch_to: Number | None = None
    fit: bool = False
    primitives: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Move:
        if not self.range[0] <= self.effect <= self.range[1]:
            raise ValueError(f"effect {self.effect:g} on '{self.primitive}' is not inside its range "
                             f"[{self.range[0]:g}, {self.range[1]:g}]")
        if self.switch_to is not None and self.effect != 0.0:
            raise ValueError(f"the move of '{self.primitive}' is either an effect or a switch_to (then effect = 0)")
        clock.month(self.known_from)
        return self


class Expectation(Frozen):
    """What a measure is expected to do to an indicator: sign and lag in months (a pair, from and to).

    ``note`` is the written reason where the study of measures (``ipplan measures study``) shows another sign;
    ``side_effect`` marks what nobody wants of it: where the measure's side effects can be seen.
    """

    indicator: str
    sign: Literal["+", "-", "+/-", "0"]
    lag: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
    note: str = ""
    side_effect: bool = False


class Cost(Frozen):
    """One line of what a measure costs at strength 1: staff, money, or the burden on honest applicants.

    ``range`` is what it may be (``unit``); ``indicator`` is where a run counts it, if a run does. A line has at least
    one of the two. No cost enters a mechanism: the model says what a plan costs, not whether it is worth it.
    """

    kind: Literal["staff", "money", "burden"]
    what: str = Field(min_length=1)
    range: tuple[Number, Number] | None = None
    unit: str = ""
    indicator: str = ""
    source: str = Field(min_length=1)
    status: Status

    @model_validator(mode="after")
    def _said(self) -> Cost:
        if self.range is None and not self.indicator:
            raise ValueError("a cost needs a range, or the indicator that counts it")
        if self.range is not None and (not self.unit or not self.range[0] <= self.range[1]):
            raise ValueError("the range of a cost goes up and has a unit")
        return self


class Measure(Titled):
    """What a plan does: when it works, for whom, and which primitives it moves.

    ``sentence`` is what the plan (or the event of history) says, ``adoption`` who carries it out: ``national`` rules
    hold everywhere at once, ``provincial`` ones need each province (an entry of a scenario may name some), ``abroad``
    depends on partners. ``target_group`` says in words who answers to it, ``applicants`` whose primitives it moves
    (None: all).
    """

    source: str = Field(min_length=1)
    sentence: str = ""
    adoption: Literal["national", "provincial", "abroad"] | None = None
    target_group: str = ""
    delay: Months = 0.0
    build_up: Months = 0.0
    applicants: tuple[str, ...] | None = None
    parts: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    expects: tuple[Expectation, ...] = ()
    side_effects: str = ""
    costs: tuple[Cost, ...] = ()

    @model_validator(mode="after")
    def _does_something(self) -> Measure:
        if not self.moves and not self.parts:
            raise ValueError("a measure needs moves or parts")
        if self.delay != int(self.delay):
            raise ValueError(f"delay {self.delay:g} should be whole months")
        for kind in self.applicants or ():
            if kind not in world.KINDS:
                raise ValueError(f"unknown kind of applicant '{kind}' (known: {', '.join(world.KINDS)})")
        seen = [(move.primitive, move.channel) for move in self.moves]
        if len(set(seen)) < len(seen):
            raise ValueError("moves the same primitive twice through one channel")
        return self


class Indicator(Titled):
    """What is counted: see schema/indicators. ``expression`` keys are read by the evaluator."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True)

    unit: str
    kind: str
    definition: str = ""
    source: str = ""


class Target(Frozen):
    """A planned value: by which plan, of which series, from which base."""

    id: str
    plan: str
    series: str
    title_en: str
    title_zh: str
    unit: str
    baseline_year: int | None
    baseline: float | None
    target_year: int
    target: float
    direction: str
    binding: bool
    source: str
    source_url: str
