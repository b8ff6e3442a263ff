"""Compile all kernels the first time, on all processors.

A kernel is compiled for the types it is called with. Which these are is noted in a *dry* run of a small world, in
which kernels do nothing and return zeros: so nothing is compiled, nothing lives, and still every phase calls its
kernels, with the types of any run. Forked processes then compile what was noted and keep it on disk. What a dry run
cannot meet is compiled when it is first called, as everything was before; nothing but time depends on this.
"""

from __future__ import annotations

import gc
import multiprocessing
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dis import get_instructions
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ipplan.levers import PrimitivePaths
from ipplan.quick_numba import prepare_to_compile
from ipplan.runs import forked

SMALLEST = 1e-4
YEAR_AND_MONTH = 13

Noted = dict[Any, set[tuple[Any, ...]]]
"""Kernel -> the types of arguments it was called with."""
Tell = Callable[[int, int], None]
"""Called with how many kernels are compiled, and of how many."""


def run_small_world() -> None:
    """Run a small world for a year and a month, which calls every kernel that any run calls before its measures."""
    from ipplan.system import IPSystem, Settings

    system = IPSystem(Settings(PrimitivePaths(), SMALLEST, end=YEAR_AND_MONTH))
    system.run()
    system.close()


def compile_all(workers: int, tell: Tell | None = None) -> None:
    """Compile all kernels for the types that runs call them with, unless this was done before."""
    if is_compiled():
        return
    if "fork" in multiprocessing.get_all_start_methods():
        jobs = sorted(signatures().items(), key=_arguments, reverse=True)
        prepare_to_compile()
        for done, _ in enumerate(forked.as_they_end(len(jobs), workers, partial(_compile, jobs)), 1):
            if tell is not None:
                tell(done, len(jobs))
    else:
        run_small_world()
    _stamp().parent.mkdir(parents=True, exist_ok=True)
    _stamp().touch()


def is_compiled() -> bool:
    """Return whether compiled code is kept from an earlier run."""
    return _stamp().exists()


def signatures() -> Noted:
    """Return the types of arguments that a small world calls each kernel with; what is compiled is not called here."""
    with _noting() as noted, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # of a world without rights
        run_small_world()
    return noted


def _stamp() -> Path:
    from numba.core import config

    import ipplan.compiled  # noqa: F401 - sets the folder

    return Path(vars(config)["CACHE_DIR"]) / "compiled"


def _arguments(job: tuple[Any, set[tuple[Any, ...]]]) -> int:
    """Return how many arguments a kernel takes: those with most do most, and are compiled first."""
    return max(len(types) for types in job[1])


def _compile(jobs: list[tuple[Any, set[tuple[Any, ...]]]], number: int) -> None:
    gc.disable()  # an eighth of the time; the process ends soon
    kernel, noted = jobs[number]
    for types in noted:
        kernel.compile(types)


@contextmanager
def _noting() -> Iterator[Noted]:
    """Let kernels that are not compiled note the types of their arguments instead of being compiled."""
    import ipplan.system  # noqa: F401 - defines all kernels
    from ipplan.compiled import KERNELS

    noted: Noted = {}

    def note(kernel: Any, nothing: object, *arguments: object) -> Callable[..., object]:
        noted.setdefault(kernel, set()).add(tuple(kernel.typeof_pyval(argument) for argument in arguments))
        return lambda *_: nothing

    for kernel in KERNELS:
        kernel._compile_for_args = partial(note, kernel, _nothing(kernel.py_func))
    try:
        yield noted
    finally:
        for kernel in KERNELS:
            del kernel._compile_for_args


def _nothing(function: Callable[..., Any]) -> object:
    """Return zeros in the number that a function returns."""
    for before, last in pairwise(get_instructions(function)):
        if last.opname == "RETURN_VALUE" and before.opname == "BUILD_TUPLE":
            return (0,) * int(before.arg or 0)
    return 0
