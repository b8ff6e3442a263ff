"""One profile of hypothesis for all tests: the same examples each time, no deadline (compiling is slow, once)."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("ipplan", deadline=None, derandomize=True)
settings.load_profile("ipplan")
