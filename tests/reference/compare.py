"""The product beside the reference on many random worlds: `python -m tests.reference.compare --worlds 2000`.

Not part of the default run of the tests. Ends with exit code 1 and the smallest world found where the two differ.
"""

import argparse
import sys
from dataclasses import replace

from tests.reference.product import differences
from tests.reference.records import World
from tests.reference.strategies import random_world

SIZES = (6, 12, 30, 80)


def smaller(world: World, *, with_suggestions: bool) -> World:
    """Leave out records and decisions one by one for as long as the two still differ."""
    for record in (*world.decisions, *world.deliveries, *world.registrations):
        rest = replace(
            world,
            deliveries=tuple(other for other in world.deliveries if other is not record),
            registrations=tuple(other for other in world.registrations if other is not record),
            decisions=tuple(other for other in world.decisions if other is not record),
        )
        if differences(rest, with_suggestions=with_suggestions):
            world = rest
    return world


def main() -> int:
    """Compare, and print the first difference in a world as small as it gets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--with-suggestions", action="store_true")
    parser.add_argument("--with-decisions", action="store_true")
    arguments = parser.parse_args()
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.worlds):
        world = random_world(seed, SIZES[seed % len(SIZES)], with_decisions=arguments.with_decisions)
        if differences(world, with_suggestions=arguments.with_suggestions):
            world = smaller(world, with_suggestions=arguments.with_suggestions)
            sys.stdout.write(f"seed {seed}: the product and the reference differ\n{world.question}\n")
            everything = (*world.deliveries, *world.registrations, *world.decisions)
            sys.stdout.writelines(f"{record}\n" for record in everything)
            sys.stdout.writelines(
                f"{line}\n" for line in differences(world, with_suggestions=arguments.with_suggestions)
            )
            return 1
    sys.stdout.write(f"{arguments.worlds} worlds: the product and the reference agree\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
