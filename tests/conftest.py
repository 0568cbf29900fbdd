"""What every test may rely on."""

import os
from pathlib import Path

# No test reads the settings of whoever runs it.
for name in [name for name in os.environ if name.startswith("KETENBALANS_") and name != "KETENBALANS_CACHE"]:
    del os.environ[name]
os.environ.setdefault("KETENBALANS_CACHE", str(Path(__file__).resolve().parent.parent / ".ketenbalans" / "cache"))
