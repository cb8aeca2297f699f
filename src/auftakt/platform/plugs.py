"""Outside systems by name. The settings say which adapter stands behind a port; nothing else is looked up by name."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


class UnknownPlugError(LookupError):
    """No adapter is configured under this name."""


@cache
def plug(port: str, name: str) -> Any:
    """The adapter configured for `name` at `port`, made once per process. Raises UnknownPlugError naming what is."""
    adapters: dict[str, dict[str, Any]] = settings.AUFTAKT_PLUGS.get(port, {})
    if name not in adapters:
        raise UnknownPlugError(
            f"no {port} is configured as {name!r}; configured: {', '.join(sorted(adapters)) or 'none'}"
        )
    options = dict(adapters[name])
    return import_string(options.pop("class"))(**options)
