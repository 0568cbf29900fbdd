"""A desk of its own for each test, as its module filled it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.integration.conftest import CopyOf


@pytest.fixture
def desk(filled: Engine, copy_of: CopyOf) -> Iterator[Engine]:
    """A copy of the warehouse that the module filled."""
    engine = copy_of(filled)
    yield engine
    engine.dispose()
