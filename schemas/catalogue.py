"""Every source that is declared: each module of ``schemas.sources`` that holds a ``SOURCE``.

Found by looking, not listed, so that a source is added by adding its module.
"""

import pkgutil
from functools import cache
from importlib import import_module

import schemas.sources
from schemas.declaration import Source

POLICE = "police"
"""The party whose balance is published; every other one is reported apart from it."""


@cache
def sources() -> dict[str, Source]:
    """Every declared source by name, in alphabetical order."""
    found = pkgutil.iter_modules(schemas.sources.__path__)
    modules = (import_module(f"{schemas.sources.__name__}.{one.name}") for one in found)
    declared = (getattr(module, "SOURCE", None) for module in modules)
    return {source.name: source for source in declared if isinstance(source, Source)}


def delivering_sources() -> dict[str, Source]:
    """The sources whose records are suspects handed to the OM, by delivering party; the police first."""
    parties = {source.party: source for source in sources().values() if source.party is not None}
    return {party: parties[party] for party in sorted(parties, key=lambda party: (party != POLICE, party))}


def linked_sources() -> tuple[Source, ...]:
    """The registers that are linked: of every delivering party, and the OM's."""
    return (*delivering_sources().values(), source_named("om_registrations"))


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


def source_to_produce(command: str) -> Source:
    """The source whose extracts a ``produce`` command publishes, by its command word or its name.

    Raises:
        UnknownSource: nobody hands over an extract of it; the message lists those of which somebody does.
    """
    commands = [source.command for source in sources().values() if source.command is not None]
    for source in sources().values():
        if source.command is not None and command in (source.name, source.command):
            return source
    message = f"there are no extracts of {command!r}; there are of {', '.join(commands)}"
    raise UnknownSource(message)


class UnknownSource(LookupError):
    """A source was asked for that no module declares."""
