"""How much of a measure rests on evidence: the grade of each effect, and the share that is assumption.

The weight of a move is the share of the room from its primitive's value to the bound ahead that it takes at strength 1
(log points or units, as the primitive is moved). So shares of one measure compare like with like; they say nothing of
whether a push matters for any indicator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipplan.schema import load
from ipplan.schema.models import Expectation, Measure, Move, Primitive, room

GRADES = ("observed", "estimated", "calibrated", "assumed")
"""From the firmest ground to none."""


@dataclass(frozen=True)
class Grounds:
    """What a measure stands on: moves by status, and the share of its push that is assumed (0 to 1)."""

    moves: Mapping[str, int]
    assumed: float

    @property
    def evidenced(self) -> bool:
        """Tell whether any of its effects stands on more than an assumption."""
        return any(number for status, number in self.moves.items() if status != "assumed")

    def __str__(self) -> str:
        """Return it in words."""
        kinds = ", ".join(f"{number} {status}" for status, number in self.moves.items() if number)
        return f"effects: {kinds}; {100 * self.assumed:.0f} % of the push is assumed"


def push(move: Move, primitives: Mapping[str, Primitive]) -> float:
    """Return how much of the room ahead a move takes at strength 1, 0 to 1; the mean over what it moves."""
    return sum(_taken(move, primitives[name]) for name in move.primitives) / len(move.primitives)


def _taken(move: Move, one: Primitive) -> float:
    to = move.switch_to
    size = abs(move.effect) if to is None else room(one.value, to, one.scale)
    upward = move.effect > 0 if to is None else to > one.value
    return min(1.0, size / room(one.value, one.high if upward else one.low, one.scale))


def parts(measure: Measure, known: Mapping[str, Measure]) -> list[Measure]:
    """Return a measure's parts, and itself if it moves anything."""
    return [*(known[name] for name in measure.parts), *([measure] if measure.moves else [])]


def expectations(measure: Measure, known: Mapping[str, Measure]) -> list[Expectation]:
    """Return what is declared, of the whole first; parts add indicators that the whole does not name."""
    found: dict[str, Expectation] = {}
    for one in (measure, *parts(measure, known)):
        for expectation in one.expects:
            found.setdefault(expectation.indicator, expectation)
    return list(found.values())


def grounds(measure: Measure, known: Mapping[str, Measure] | None = None) -> Grounds:
    """Return what a measure (with its parts) stands on; ``known`` are the measures that parts may name."""
    table = load.measures() if known is None else known
    primitives = load.primitives()
    count = dict.fromkeys(GRADES, 0)
    weight = dict.fromkeys(GRADES, 0.0)
    for part in parts(measure, table):
        for move in part.moves:
            count[move.status] += 1
            weight[move.status] += push(move, primitives)
    total = sum(weight.values())
    return Grounds(count, weight["assumed"] / total if total else 1.0)
