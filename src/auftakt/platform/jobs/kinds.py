"""The register of kinds of jobs. Capabilities and edges enter theirs when they are imported; platform knows none."""

from auftakt.platform.jobs.types import Kind

KINDS: dict[str, Kind] = {}


class UnknownKindError(LookupError):
    """No kind of job is registered under this name in this process."""


def register(kind: Kind) -> Kind:
    """Enter a kind of job. Raises ValueError for a name that another one has."""
    if kind.name in KINDS and KINDS[kind.name] != kind:
        raise ValueError(f"two kinds of jobs are called {kind.name!r}")
    KINDS[kind.name] = kind
    return kind


def kind_of(name: str) -> Kind:
    """The kind by name. Raises UnknownKindError."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKindError(f"no kind of job is called {name!r}; known: {', '.join(sorted(KINDS))}") from None
