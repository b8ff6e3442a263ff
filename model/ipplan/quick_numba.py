"""Numba without work that a run does not need: ``compiled`` imports this before it compiles anything.

Each part changes one thing inside the version of numba that pyproject.toml names. What compiled code does is the same;
to load kept kernels takes half the time, to compile them three quarters, to run them a twentieth less.
"""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import binding
from numba.core import caching, codegen, types
from numba.core.cpu import CPUContext
from numba.core.registry import cpu_target
from numba.core.runtime import rtsys
from numba.core.targetconfig import TargetConfig

# compiled-constants

_ENTRY = "_ZN7cpython"
"""How names of wrappers begin by which Python calls a compiled function."""


class _Library(codegen.JITCodeLibrary):
    """The machine code of a kernel: what Python cannot call, or nobody asks for, is not made."""

    _bitcode: bytes | None = None
    """What other kernels would be linked with, as it was kept; until it is wanted."""

    @classmethod
    def _unserialize(cls, codegen: Any, state: Any) -> Any:
        """Load a kept kernel without parsing its bitcode (most of the time), which only compiling others needs."""
        name, kind, data = state
        if kind != "object":
            return super()._unserialize(codegen, state)
        library = codegen.create_library(name)
        machine_code, library._bitcode = data
        library.enable_object_caching()
        library._set_compiled_object(machine_code)
        library._finalize_final_module()
        return library

    def get_pointer_to_function(self, name: str) -> int:
        if self._bitcode is None:
            return int(super().get_pointer_to_function(name))
        return int(self._codegen._engine.get_function_address(name))

    def _get_module_for_linking(self) -> Any:
        if self._bitcode is not None:
            self._shared_module, self._bitcode = binding.parse_bitcode(self._bitcode), None
            self._codegen._engine._load_defined_symbols(self._shared_module)
        return super()._get_module_for_linking()

    def _finalize_final_module(self) -> None:
        """Translate to machine code only what Python can call: a fifteenth of all compile time.

        Every part of a kernel is in the kernel, which it was linked into before; numba would translate it alone as
        well.
        """
        defined = [function.name for function in self.get_defined_functions()]
        if not defined or any(name.startswith(_ENTRY) for name in defined):  # none: kept on disk
            super()._finalize_final_module()
        else:
            self._finalize_dynamic_globals()
            self._finalized = True


def _set_env_of_entries(self: Any, name: str, environment: Any) -> None:
    """Set the environment of a function; what was not translated has none."""
    if self._engine.get_global_value_address(name):
        _set_env(self, name, environment)


_set_env = codegen.JITCPUCodegen.set_env
codegen.JITCPUCodegen.set_env = _set_env_of_entries  # type: ignore[method-assign]
codegen.JITCPUCodegen._library_class = _Library


def _load_overload(self: Any, signature: Any, context: Any) -> Any:
    """Load a kept kernel without all that numba knows of Python and numpy: a tenth of a fresh start.

    Numba imports and lists it before each load; the compiler, which alone reads it, does so again by itself.
    """
    rtsys.initialize(context)  # what kept code calls
    with self._guard_against_spurious_io_errors():
        return self._load_overload(signature, context)


caching.Cache.load_overload = _load_overload  # type: ignore[method-assign]


def prepare_to_compile() -> None:
    """Import all that compiling needs: for processes that are then forked, and without scipy.linalg.

    Numba loads scipy.linalg only to learn whether there is a BLAS; the answer (scipy is installed) is set by hand, and
    whoever compiles ``np.dot`` later loads it then. No kernel here does.
    """
    if "numba.np.arraymath" not in sys.modules and "scipy.linalg" not in sys.modules:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]  # "import scipy.linalg" now fails
        try:
            from numba.np import arraymath
        finally:
            del sys.modules["scipy.linalg"]
        arraymath._HAVE_BLAS = True
    cpu_target.target_context.refresh()


_thoroughly_equal = TargetConfig.__eq__


def _equal(one: TargetConfig, other: object) -> bool:
    """Compare sets of options by what is set in them: a twentieth of all compile time.

    Numba looks its own implementations up by these sets, 200,000 times, and lists all options each time. What is said
    to be equal stays the same.
    """
    if one is other or (type(one) is type(other) and one._values == other._values):
        return True
    return bool(_thoroughly_equal(one, other))


TargetConfig.__eq__ = _equal  # type: ignore[method-assign]
TargetConfig.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]


def _index_as_it_is(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
    """Take an index as it is: a twentieth of all run time.

    Numba reads an index below zero from the end, as Python does, so each access first asks for the sign. No kernel
    means that (``tests/test_house_rules.py``); with ``NUMBA_BOUNDSCHECK=1`` one that did would be an error.
    """
    return context.cast(builder, index, kind, types.intp if kind.signed else types.uintp)


def _load_additional_registries(self: Any) -> None:
    """Load what the compiler knows of arrays, and let it take indices as they are."""
    _load_registries(self)
    from numba.np import arrayobj

    arrayobj.fix_integer_index = _index_as_it_is


_load_registries = CPUContext.load_additional_registries
CPUContext.load_additional_registries = _load_additional_registries  # type: ignore[method-assign]
