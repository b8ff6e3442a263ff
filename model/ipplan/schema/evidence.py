"""How much of a measure rests on evidence: the grade of each effect, and the share that is assumption.

The weight of a move is how far it pushes its primitive on the scale of `levers`: the change of the logit of the
primitive's place between its bounds. So shares of one measure compare like with like; they say nothing of whether a
push matters for any indicator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ipplan.schema import load
from ipplan.schema.models import Measure, Move, Primitive

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


def place(value: float, primitive: Primitive) -> float:
    """Return the logit of a value's place between the primitive's bounds."""
    low, high = primitive.bounds
    log = primitive.scale == "log"
    z = math.log(value / low) / math.log(high / low) if log else (value - low) / (high - low)
    z = min(max(z, 1e-9), 1 - 1e-9)
    return math.log(z / (1 - z))


def push(move: Move, primitives: Mapping[str, Primitive]) -> float:
    """Return how far a move pushes at strength 1, in logits; the mean over what it moves."""
    found = []
    for name in move.primitives:
        primitive = primitives[name]
        if move.switch_to is not None:
            found.append(abs(place(move.switch_to, primitive) - place(primitive.value, primitive)))
        else:
            z = 1 / (1 + math.exp(-place(primitive.value, primitive)))
            width = math.log(primitive.high / primitive.low) if primitive.scale == "log" else (
                primitive.high - primitive.low)
            found.append(abs(move.effect) / (width * z * (1 - z)))
    return sum(found) / len(found)


def parts(measure: Measure, known: Mapping[str, Measure]) -> list[Measure]:
    """Return a measure's parts, and itself if it moves anything."""
    return [*(known[name] for name in measure.parts), *([measure] if measure.moves else [])]


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
