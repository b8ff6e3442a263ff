"""Kernels are compiled the first time, for the types that runs call them with, on all processors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ipplan.runs import forked

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kernels are compiled side by side on forks")

NOTED = """
from collections import defaultdict
from numba.core.dispatcher import Dispatcher
from ipplan.runs.compiling import run_small_world, signatures

noted, called, compile = signatures(), defaultdict(set), Dispatcher._compile_for_args
def note(kernel, *arguments):
    called[kernel].add(tuple(kernel.typeof_pyval(argument) for argument in arguments))
    return compile(kernel, *arguments)
Dispatcher._compile_for_args = note
run_small_world()
assert len(noted) > 30
assert dict(called) == noted, {kernel.__name__ for kernel in noted.keys() ^ called.keys()}
"""
COLD = """
from ipplan.compiled import KERNELS
from ipplan.runs import compiling

small = ("waiting", "open_requests")
noted = {kernel: types for kernel, types in compiling.signatures().items() if kernel.__name__ in small}
compiling.signatures = lambda: noted
told = []
assert not compiling.is_compiled()
compiling.compile_all(2, lambda done, of: told.append((done, of)))
assert compiling.is_compiled()
assert told == [(1, 2), (2, 2)]
assert not any(kernel.signatures for kernel in KERNELS)  # not here
for kernel, found in noted.items():
    for types in found:
        kernel.compile(types)
    assert kernel.stats.cache_hits and not kernel.stats.cache_misses
"""

KEPT = """
import sys
import numba, numpy as np
from ipplan.compiled import KERNELS
from ipplan.phases import learning
from ipplan.runs.compiling import run_small_world

run_small_world()
compiles = {"numba.np.arrayobj", "numba.np.arraymath", "scipy.linalg"}
assert not any(kernel.stats.cache_misses for kernel in KERNELS)
assert not compiles & set(sys.modules), compiles & set(sys.modules)

kept, chances = learning.set_chances, np.zeros((2, 192, 2, 2))
theta = np.full((14, 192), 0.5)
kept(theta, 3, 2.0, chances[0])
numba.njit(lambda theta, out: kept(theta, 3, 2.0, out))(theta, chances[1])  # linked with what was loaded
assert chances.all() and (chances[0] == chances[1]).all()
"""


def assert_runs_in_new_process(script: str, **environment: str) -> None:
    tests = Path(__file__).parent
    found = subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=tests, capture_output=True, text=True,
                           env=os.environ | environment, check=False)  # fmt: skip
    assert found.returncode == 0, found.stderr


def test_a_dry_run_notes_what_a_run_compiles() -> None:
    """Every kernel that a small world calls, with the types it calls it with, and nothing else."""
    assert_runs_in_new_process(NOTED)


def test_what_other_processes_compiled_is_loaded(tmp_path: Path) -> None:
    assert_runs_in_new_process(COLD, NUMBA_CACHE_DIR=str(tmp_path))


def test_a_run_on_kept_kernels_does_not_load_what_compiles() -> None:
    """Nor do kernels that are compiled later miss anything of those that were loaded."""
    assert_runs_in_new_process("from ipplan.runs.compiling import run_small_world; run_small_world()")
    assert_runs_in_new_process(KEPT)


def test_jobs_are_taken_as_processes_are_free_and_a_dead_one_loses_only_its_own() -> None:
    def work(job: int) -> int:
        if job == 3:
            os._exit(1)
        return job * job

    found = list(forked.as_they_end(10, 3, work))
    assert sorted(found) == [job * job for job in range(10) if job != 3]
    assert list(forked.as_they_end(0, 3, work)) == []
    assert np.sum(list(forked.as_they_end(5, 1, lambda job: job))) == 10
