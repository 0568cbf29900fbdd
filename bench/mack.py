"""What Mack's method says of a month of delivery that is not over, as chainladder works it out: the nowcast's peer.

Run as a script in the environment of this peer (``chainladder.lock``), with a file of triangles: one JSON object a
line, ``{"cumulated": [[...], ...]}``, months of delivery down, months until counted across, null where that lies ahead.
Prints per line the expected end of the last row and its standard error, or null where the method has none.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np


def mack(cumulated: list[list[float | None]]) -> tuple[float, float] | None:
    """The expected end of the newest month and its standard error; None: the method has none."""
    import chainladder as cl  # noqa: PLC0415 (of the peer)
    import pandas as pd  # noqa: PLC0415 (likewise)

    origins = pd.period_range("2001-01", periods=len(cumulated), freq="M")
    rows = [
        {"origin": origin.to_timestamp(), "seen": (origin + column).to_timestamp(), "counted": value}
        for origin, values in zip(origins, cumulated, strict=True)
        for column, value in enumerate(values)
        if value is not None
    ]
    frame = pd.DataFrame(rows)
    whole = cl.Triangle(frame, origin="origin", development="seen", columns="counted", cumulative=True)
    try:
        found = cl.MackChainladder().fit(whole[whole.development <= len(cumulated[0])])
        end, errors = float(found.ultimate_.values[0, 0, -1, -1]), found.mack_std_err_.values[0, 0, -1]
    except (ValueError, IndexError, FloatingPointError, ZeroDivisionError):
        return None
    error = float(errors[np.isfinite(errors)][-1]) if np.isfinite(errors).any() else float("nan")
    return (end, error) if np.isfinite(end) and np.isfinite(error) else None


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for line in Path(sys.argv[1]).read_text("utf-8").splitlines():
        sys.stdout.write(json.dumps(mack(json.loads(line)["cumulated"])) + "\n")
