"""Where compiled code is kept: apart for each state of the engine.

Numba looks only at the file of a function for changes, not at those of the functions it calls; so what was compiled
stands under a mark of all files together.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import config

_HERE = Path(__file__).parent
_Function = TypeVar("_Function", bound=Callable[..., Any])


def keep_apart() -> None:
    """Give this state of the engine its own place; without one that can be written, Numba chooses."""
    mark = sha256()
    for file in sorted(_HERE.glob("*.py")):
        mark.update(file.read_bytes())
    chosen = getattr(config, "CACHE_DIR", "") or str(_HERE / "__pycache__")
    place = Path(str(chosen)) / mark.hexdigest()[:16]
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    setattr(config, "CACHE_DIR", str(place))  # noqa: B010 (Numba makes its settings at run time)


keep_apart()

_INNER: dict[str, Any] = {"cache": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inner(function: _Function) -> _Function:
    """For compiled functions that only compiled functions call: without the ways in from elsewhere they compile
    sooner."""
    compiled = cast("Callable[[_Function], _Function]", njit(**_INNER))
    return compiled(function)
