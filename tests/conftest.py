"""What every test may rely on."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

# No test reads the settings of whoever runs it.
for name in [name for name in os.environ if name.startswith("KETENBALANS_") and name != "KETENBALANS_CACHE"]:
    del os.environ[name]
os.environ.setdefault("KETENBALANS_CACHE", str(Path(__file__).resolve().parent.parent / ".ketenbalans" / "cache"))

# The same examples on every machine and every day: what fails here fails everywhere. HYPOTHESIS_PROFILE=search looks
# further, as a person does before a release.
settings.register_profile("the same every day", derandomize=True, database=None, deadline=None)
settings.register_profile("search", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "the same every day"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What the imports left in memory stays there: it need not be looked through at every collection of garbage."""
    gc.collect()
    gc.freeze()
