"""One profile of hypothesis for all tests (the same examples each time, no deadline), and runs that files share."""

from __future__ import annotations

import pytest
from hypothesis import settings

from books import RAN_MONTHS
from harness import history, paths, system
from ipplan.system import IPSystem

settings.register_profile("ipplan", deadline=None, derandomize=True)  # no deadline: compiling is slow, once
settings.load_profile("ipplan")

OPEN_EARLY = {"open_licence.attention": 0.05}
"""Open licences from the first month and common, so that a short small run has them."""
CASES = {"history": (1 / 2000, 1), "small": (1 / 10_000, 1), "in blocks": (1 / 3000, 3)}


@pytest.fixture(scope="session", params=CASES)
def ran(request: pytest.FixtureRequest) -> IPSystem:
    """Return a system that has run for four years, by scale and blocks: tests of the engine read its state."""
    scale, blocks = CASES[request.param]
    found = system(paths(history(), OPEN_EARLY), scale=scale, seed=11, end=RAN_MONTHS, blocks=blocks)
    found.run()
    return found
