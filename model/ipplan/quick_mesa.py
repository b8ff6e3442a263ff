"""Mesa without what it needs only for spaces and data frames: ``from ipplan.quick_mesa import mesa``.

``import mesa`` pulls in pandas, networkx, scipy.spatial and a progress bar, two seconds of a fresh start; a Model and a
few Agents use none of them. While mesa is imported, stand-ins take their places; a stand-in loads the library when mesa
first uses one of its names, so everything of mesa works. Whoever imports pandas later gets pandas.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from types import ModuleType
from typing import Any

LATER = ("pandas", "networkx", "scipy.spatial", "scipy.spatial.distance", "tqdm.auto")


class _Promise:
    """A name taken from a library that is not loaded yet (``from scipy.spatial import KDTree``)."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def _kept(self) -> Any:
        return getattr(importlib.import_module(self._module), self._name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._kept()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept(), name)

    def __or__(self, other: Any) -> Any:  # in annotations: pd.DataFrame | None
        return Any

    __ror__ = __or__


class _StandIn(ModuleType):
    """Takes the place of a library until one of its names is used after mesa has been imported."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            return _Promise(self.__name__, name)
        return getattr(importlib.import_module(self.__name__), name)


def _module_of(thing: Any, *file: Any) -> Any:
    """Return the module of a frame, which it knows: mesa asks for its own, ``inspect`` compares the files of all."""
    return sys.modules.get(thing.f_globals["__name__"]) if inspect.isframe(thing) else _getmodule(thing, *file)


_absent = [name for name in LATER if name not in sys.modules]
sys.modules.update({name: _StandIn(name) for name in _absent})
_getmodule, inspect.getmodule = inspect.getmodule, _module_of  # type: ignore[assignment]
try:
    import mesa
finally:
    inspect.getmodule = _getmodule
    for _name in _absent:
        if isinstance(sys.modules.get(_name), _StandIn):
            del sys.modules[_name]

__all__ = ["mesa"]
