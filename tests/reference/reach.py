"""How often the drawn worlds reach every rule, round and cause: `python -m tests.reference.reach --worlds 500`."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable

from tests.reference.records import World
from tests.reference.section4 import OM_CAUSES, POLICE_CAUSES, reconcile
from tests.reference.strategies import random_world

EVERYTHING = (
    [f"police {cause}" for cause in ["recognised", *POLICE_CAUSES]]
    + [f"om {cause}" for cause in OM_CAUSES]
    + [f"rule {rule} in round {number}" for number in (1, 2, 3) for rule in (1, 2, 3, 4)]
)


def reached(worlds: Iterable[World], *, with_suggestions: bool) -> Counter[str]:
    """Count the suspects, the OM-only registrations and the links by what decided them."""
    counts: Counter[str] = Counter()
    for world in worlds:
        outcome = reconcile(world, with_suggestions=with_suggestions)
        counts.update(f"police {suspect.cause or 'recognised'}" for suspect in outcome.suspects)
        counts.update(f"om {cause}" for _, cause in outcome.om_only)
        counts.update(f"rule {link.rule} in round {link.round}" for link in outcome.linked.links)
    return counts


def main() -> None:
    """Print the counts for random worlds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--size", type=int, default=8)
    arguments = parser.parse_args()
    for with_suggestions in (False, True):
        drawn = (random_world(seed, arguments.size) for seed in range(arguments.worlds))
        counts = reached(drawn, with_suggestions=with_suggestions)
        sys.stdout.write(f"{'with' if with_suggestions else 'without'} suggestions\n")
        sys.stdout.writelines(f"{counts[what]:8d}  {what}\n" for what in EVERYTHING)


if __name__ == "__main__":
    main()
