"""Reach PostgreSQL by its address alone, whatever PostgreSQL's own variables say in the environment.

libpq fills in what an address leaves open from PGPORT, PGSERVICE, PGOPTIONS, PGPASSFILE and some twenty more. They
were set for another server, and some (PGSERVICE, PGHOSTADDR) cannot be overruled by an address.
"""

import os

PREFIX = "PG"


def forget_environment() -> None:
    """Remove PostgreSQL's variables from the environment of this process, for all its clients."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
