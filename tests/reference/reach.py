"""How often the drawn worlds reach every rule, round and cause: `python -m tests.reference.reach --worlds 500`."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tests.reference.breaks import breaks_of
from tests.reference.decisions import confirmed_pairs, decided_by_the_day, newest_of_each_pair, pair_of, rejected_pairs
from tests.reference.records import World
from tests.reference.section4 import OM_CAUSES, POLICE_CAUSES, is_withdrawn, key_of, reconcile
from tests.reference.strategies import random_world

EVERYTHING = (
    [f"police {cause}" for cause in ["recognised", *POLICE_CAUSES]]
    + [f"om {cause}" for cause in OM_CAUSES]
    + [f"rule {rule} in round {number}" for number in (1, 2, 3) for rule in (1, 2, 3, 4)]
)
ONLY_WITH_DECISIONS = (
    [f"rule 5 in round {number}" for number in (1, 2, 3)]
    + [f"rule {rule} refused by a person" for rule in (1, 2, 3, 4, 6)]
    + ["no decision", "confirmation replaced", "confirmation taken back", "rejection taken back", "decided after A"]
    + ["confirmed, then rejected", "rejected, then confirmed", "same day, one pair", "confirmed beside a withdrawn one"]
)

EVERY_BREAK = (
    [f"{side} {cause} waiting" for side, cause in (("police", "in_transit"), ("om", "no_police_delivery"))]
    + [f"police {cause} explained" for cause in POLICE_CAUSES[:6]]
    + [f"police {cause} open" for cause in ("missing", "suggested", "duplicate_delivery", "transferred")]
    + ["police transferred waiting", "police transferred explained without a link"]
    + [f"om {cause} open" for cause in OM_CAUSES[2:6]]
    + [f"om {cause} explained" for cause in ("delivered_earlier_period", "delivered_later", "other_deliverer")]
    + ["om no_police_delivery open"]
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


def reached_by_decisions(worlds: Iterable[World]) -> Counter[str]:
    """Count what the decisions of persons did, each against the same world without decisions."""
    counts: Counter[str] = Counter()
    for world in worlds:
        outcome, undecided = (
            reconcile(one, with_suggestions=True).linked for one in (world, replace(world, decisions=()))
        )
        counts["no decision"] += not world.decisions
        counts["decided after A"] += len(world.decisions) - len(decided_by_the_day(world))
        counts.update(f"rule 5 in round {link.round}" for link in outcome.links if link.rule == 5)
        counts["confirmed beside a withdrawn one"] += sum(
            link.rule == 5 and is_withdrawn(link.delivery) for link in outcome.links
        )
        counts.update(
            f"rule {link.rule} refused by a person"
            for link in (*undecided.links, *undecided.suggestions)
            if key_of(link.delivery, link.registration) in rejected_pairs(world)
        )
        counts.update(ends_of_the_decisions(world))
    return counts


def breaks_reached(worlds: Iterable[World]) -> Counter[str]:
    """Count the breaks by side, cause and state."""
    counts: Counter[str] = Counter()
    for world in worlds:
        outcome = reconcile(world, with_suggestions=True)
        links = [(link.delivery.dossier_number, link.delivery.suspect_number) for link in outcome.linked.links]
        for found in breaks_of(outcome):
            kind = f"{found.side} {found.cause} {found.state}"
            counts[kind] += 1
            counts[f"{kind} without a link"] += found.record not in links
    return counts


def ends_of_the_decisions(world: World) -> list[str]:
    """Say of each pair that was decided about how its decisions followed on each other."""
    ends = []
    hold = confirmed_pairs(world)
    for newest in newest_of_each_pair(world):
        about_the_pair = [other for other in decided_by_the_day(world) if pair_of(other) == pair_of(newest)]
        verdicts = [decision.verdict for decision in about_the_pair]
        match verdicts[-2:]:
            case ["confirmed", "rejected"] | ["rejected", "confirmed"]:
                ends.append(", then ".join(verdicts[-2:]))
            case ["confirmed", "taken_back"]:
                ends.append("confirmation taken back")
            case ["rejected", "taken_back"]:
                ends.append("rejection taken back")
        if len({decision.decided_on for decision in about_the_pair}) < len(about_the_pair):
            ends.append("same day, one pair")
        if newest.verdict == "confirmed" and pair_of(newest) not in hold:
            ends.append("confirmation replaced")
    return ends


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
    decided = (random_world(seed, arguments.size, with_decisions=True) for seed in range(arguments.worlds))
    counts = reached_by_decisions(decided)
    sys.stdout.write("with decisions\n")
    sys.stdout.writelines(f"{counts[what]:8d}  {what}\n" for what in ONLY_WITH_DECISIONS)


if __name__ == "__main__":
    main()
