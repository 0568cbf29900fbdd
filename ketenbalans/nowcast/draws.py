"""Draws of shares that a few counts of the past say something about."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Draws: TypeAlias = NDArray[np.int64]
"""Whole numbers: a row per draw."""

DRAWS = 2000


def share_draws(rng: np.random.Generator, yes: float, no: float) -> Floats:
    """Draws of a share of which so many were and so many were not: beta, with half a case of each kind added."""
    return rng.beta(max(yes, 0.0) + 0.5, max(no, 0.0) + 0.5, size=DRAWS)


def rate_draws(rng: np.random.Generator, yes: float, exposed: float) -> Floats:
    """Draws of a share that is mostly small; a fifth of a case is added, so that never seen is nearly never."""
    return rng.beta(max(yes, 0.0) + 0.2, max(exposed - yes, 0.0) + 1.0, size=DRAWS)


def log_odds(share: Floats) -> Floats:
    """The log-odds of shares, which are kept away from 0 and 1."""
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def from_log_odds(value: Floats) -> Floats:
    """Shares from their log-odds."""
    return 1 / (1 + np.exp(-value))
