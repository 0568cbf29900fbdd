"""The process that answers for the pages, one for all tests of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.web.pages import Pages, pages_opened


@pytest.fixture(scope="session")
def pages_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def all_pages(pages_home: Path) -> Iterator[Pages]:
    with pages_opened(pages_home) as opened:
        yield opened


@pytest.fixture
def pages(all_pages: Pages, engine: Engine) -> Pages:
    """The pages of the test's own warehouse, with anna signed in, who is op."""
    return all_pages.of(engine)
