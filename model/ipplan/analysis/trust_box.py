"""Robust least squares in a box with few evaluations: Gauss-Newton steps in a trust region, Broyden's secant updates.

A Jacobian by finite differences costs as many runs as there are parameters, a step one. So a Jacobian serves until its
steps fail, and each step, good or bad, mends it by what was seen (Broyden 1965, rank one):

    d = argmin |W (r + J d)|^2 + (damping |d|)^2,  |d_i| <= radius,  x + d in the box
    J <- J + (r(x + d) - r(x) - J d) d' / (d' d)

W are the weights of a robust loss at r (iteratively reweighted, Holland & Welsch 1977), the loss a function of squared
residuals. A step is taken if it lowers the loss; then the radius grows, else it shrinks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

Floats = NDArray[np.float64]
Loss = Callable[[Floats], tuple[Floats, Floats]]

DAMPING = 1.0
"""What a whole range's step costs, in residuals: keeps directions that the residuals do not see at rest."""
RADIUS, GREATEST, SMALLEST = 0.12, 0.4, 0.01
"""The trust region at first, at most, and where the search ends: shares of a parameter's range."""
GROWTH, SHRINKAGE = 1.4, 0.45
PATIENCE = 2
"""Steps in a row that may fail before the Jacobian is reckoned anew."""


def soft(z: Floats) -> tuple[Floats, Floats]:
    """Return soft L1, 2 (sqrt(1 + z) - 1), and its derivative in z."""
    root = np.sqrt(1.0 + z)
    return 2.0 * (root - 1.0), 1.0 / root


def misses(z: Floats) -> tuple[Floats, Floats]:
    """Return the smooth count of misses z / (1 + z) (Geman & McClure 1985), and its derivative in z."""
    rest = 1.0 / (1.0 + z)
    return 1.0 - rest, rest**2


@dataclass
class Search:
    """A search in progress: ``residuals`` [data | priors] of a place in the unit box; priors are plain squares."""

    residuals: Callable[[Floats], Floats]
    jacobian: Callable[[Floats], Floats]
    data: int
    """How many residuals are data."""
    place: Floats
    edge: float = 0.0
    slope: Floats | None = None

    def __post_init__(self) -> None:
        self.place = np.clip(self.place, self.edge, 1.0 - self.edge)
        self.here = self.residuals(self.place)

    def total(self, residuals: Floats, loss: Loss) -> float:
        """Return the loss of the data and the squares of the priors, halved."""
        priors = residuals[self.data :]
        return 0.5 * float(loss(residuals[: self.data] ** 2)[0].sum() + priors @ priors)

    def run(self, loss: Loss, steps: int, report: Callable[[float], None]) -> Floats:
        """Take at most ``steps`` steps (one evaluation each); returns the place. ``report`` is told each loss."""
        radius, failed, fresh = RADIUS, 0, False
        for _ in range(steps):
            if self.slope is None or failed == PATIENCE:
                if fresh and failed:
                    break
                self.slope, failed, fresh, radius = self.jacobian(self.place), 0, True, RADIUS
            step = self._step(loss, radius)
            there = self.residuals(self.place + step)
            before, after = self.total(self.here, loss), self.total(there, loss)
            missing = there - self.here - self.slope @ step
            self.slope = self.slope + np.outer(missing, step) / max(float(step @ step), SMALLEST**4)
            if after < before:
                self.place, self.here, failed, fresh = self.place + step, there, 0, False
                radius = min(GREATEST, radius * GROWTH)
            else:
                failed += 1
                radius *= SHRINKAGE
            report(min(before, after))
            if radius < SMALLEST:
                break
        return self.place

    def _step(self, loss: Loss, radius: float) -> Floats:
        weights = np.ones(len(self.here))
        weights[: self.data] = np.sqrt(loss(self.here[: self.data] ** 2)[1])
        assert self.slope is not None
        left = np.vstack([weights[:, None] * self.slope, DAMPING * np.eye(len(self.place))])
        right = np.concatenate([-weights * self.here, np.zeros(len(self.place))])
        low = np.maximum(self.edge - self.place, -radius)
        high = np.minimum(1.0 - self.edge - self.place, radius)
        found: Floats = lsq_linear(left, right, (np.minimum(low, -1e-12), np.maximum(high, 1e-12))).x
        return np.clip(self.place + found, self.edge, 1.0 - self.edge) - self.place
