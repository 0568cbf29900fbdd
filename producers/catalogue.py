"""Every producer there is: each module of ``producers.sources`` that holds a ``PRODUCER``.

Found by looking, not listed, so that a source is added by adding its modules.
"""

import pkgutil
from functools import cache
from importlib import import_module

import producers.sources
from producers.errors import NoProducer
from producers.mapping import Producer
from schemas.declaration import Source


@cache
def all_producers() -> dict[str, Producer]:
    """Every producer by the name of its source."""
    found = pkgutil.iter_modules(producers.sources.__path__)
    modules = (import_module(f"{producers.sources.__name__}.{one.name}") for one in found)
    declared = (getattr(module, "PRODUCER", None) for module in modules)
    return {producer.source.name: producer for producer in declared if isinstance(producer, Producer)}


def producer_of(source: Source) -> Producer:
    """The producer of a source's extracts.

    Raises:
        NoProducer: there is none.
    """
    found = all_producers()
    if source.name not in found:
        raise NoProducer(source.name, sorted(found))
    return found[source.name]
