"""How kernels are compiled, and where the compiled code is kept.

Numba's disk cache keys a function by its own file only: it does not see edits in an imported helper, nor
changed options. So the cache folder itself is named by a hash of every source file of the package that holds
a kernel; an edit anywhere starts a new folder. Kernels release the GIL, so threads run them side by side
(over owner blocks in one large run, over runs in an ensemble); nothing is compiled with ``parallel=True``,
which would double the compile time and forbid forking.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils
from numba.core import config as _numba_config
from numba.extending import intrinsic

from ipplan import quick_numba  # noqa: F401 - before anything is compiled

_PACKAGE = Path(__file__).parent


def sources_hash() -> str:
    """Return a hash over all sources that hold compiled code (16 hexadecimal digits)."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        text = path.read_bytes()
        if b"@kernel" in text or b"# compiled-constants" in text:
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(text)
    return digest.hexdigest()


def _cache_folder() -> Path:
    root = os.environ.get("IPPLAN_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "ipplan" / sources_hash()


if not os.environ.get("NUMBA_CACHE_DIR"):
    _numba_config.CACHE_DIR = str(_cache_folder())


KERNELS: list[Any] = []
"""All that Python calls, in the order in which it was defined."""

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
"""Options of all kernels, which work in place. ``_nrt=False`` says that a function never allocates, so no reference to
an array is counted: with tables of arrays as arguments that counting, which is atomic, took a third of all time."""


def _by_width(dispatcher: Any) -> Any:
    """Compile a part of a kernel once for all its integer arguments, not once for each constant and width it meets.

    Numba makes a specialisation for every literal (``count(tally, GRANTED, ...)``) and integer type; all of them are
    inlined and optimised again in the kernel, so one for 64-bit integers serves as well and halves the compile time.
    """
    resolve = dispatcher.get_call_template

    def widen(kind: Any) -> Any:
        plain = numba.types.unliteral(kind)
        return numba.int64 if isinstance(plain, numba.types.Integer) and plain.bitwidth < 64 else plain

    def get_call_template(args: Any, kws: Any) -> Any:
        return resolve(tuple(widen(kind) for kind in args), {name: widen(kind) for name, kind in kws.items()})

    dispatcher.get_call_template = get_call_template
    return dispatcher


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile ``function`` (lazily, cached on disk, without the GIL)."""
    compiled: Callable[..., Any] = numba.njit(cache=True, **_OPTIONS)(function)
    KERNELS.append(compiled)
    return compiled


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function of scalars; kernels call it, the compiler may inline it."""
    compiled: Callable[..., Any] = _by_width(numba.njit(**_OPTIONS)(function))
    return compiled


def inlined_helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function of scalars that is always inlined, so that constants fold (the random numbers)."""
    compiled: Callable[..., Any] = _by_width(numba.njit(forceinline=True, **_OPTIONS)(function))
    return compiled


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of a kernel that takes tables, always inlined.

    Passing tables of arrays costs more than most of these functions do. It has no entry from Python (unpacking the
    tables would be most of its code, and a third of all compile time): Python calls ``plain(function)``.
    """
    compiled: Callable[..., Any] = _by_width(
        numba.njit(forceinline=True, no_cpython_wrapper=True, **_OPTIONS)(function)
    )
    return compiled


def called(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of a kernel that does much in one call, so that inlining it would only cost compile time."""
    compiled: Callable[..., Any] = _by_width(numba.njit(no_cpython_wrapper=True, **_OPTIONS)(function))
    return compiled


def plain(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Python function behind a compiled one: for a few calls from Python, compiling would cost more."""
    function: Callable[..., Any] = compiled.py_func
    return function


def _fetch_ahead(typingctx, column, row):  # type: ignore[no-untyped-def]
    """Ask the processor for ``column[row]`` (a C-contiguous column) before it is needed; no effect on results."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        array = context.make_array(signature.args[0])(context, builder, args[0])
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        prefetch = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [byte, word, word, word]), "llvm.prefetch.p0i8"
        )
        place = builder.bitcast(builder.gep(array.data, [args[1]]), byte)
        builder.call(prefetch, [place, word(1), word(3), word(1)])  # to be written, keep in all caches, data
        return context.get_dummy_value()

    return numba.types.void(column, numba.types.intp), generate


fetch_ahead: Any = intrinsic(_fetch_ahead)


def _same_bits(to):  # type: ignore[no-untyped-def]
    """Return an intrinsic that reads the 64 bits of a number as the type ``to``."""

    def convert(typingctx, x):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
            return builder.bitcast(args[0], context.get_value_type(to))

        return to(numba.types.int64 if to is numba.types.float64 else numba.types.float64), generate

    return intrinsic(convert)


bits_of: Any = _same_bits(numba.types.int64)
float_of: Any = _same_bits(numba.types.float64)
