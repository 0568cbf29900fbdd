"""Every source that is declared: each module of this package that holds a ``SOURCE``.

Found by looking, not listed, so that a source is added by adding its module.
"""

import pkgutil
from functools import cache
from importlib import import_module

import schemas
from schemas.declaration import Source


@cache
def sources() -> dict[str, Source]:
    """Every declared source by name, in alphabetical order."""
    modules = (import_module(f"schemas.{found.name}") for found in pkgutil.iter_modules(schemas.__path__))
    declared = (getattr(module, "SOURCE", None) for module in modules)
    return {source.name: source for source in declared if isinstance(source, Source)}


def source_named(name: str) -> Source:
    """The source of that name or of that command word.

    Raises:
        UnknownSource: there is none; the message lists those that there are.
    """
    for source in sources().values():
        if name in (source.name, source.command):
            return source
    known = ", ".join(sources())
    message = f"there is no source {name!r}; the sources are {known}"
    raise UnknownSource(message)


class UnknownSource(LookupError):
    """A source was asked for that no module declares."""
