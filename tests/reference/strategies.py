"""Small but dense worlds: few dossier numbers, tokens and days, so that ties, collisions and every cause are frequent.

A seed gives a world (`random_world`, fast); Hypothesis chooses the seed and what to leave out (`worlds`, shrinks).
Decisions of persons are drawn when asked for, as the last of a world: the rest is the same with and without them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from ketenbalans.project_policy import project_policy
from tests.reference.records import Decision, Delivery, Question, Registration, World
from tests.reference.section2 import normalised

T = TypeVar("T")

UNITS = ("PL0100", "PL0600", "PL0900")
TEAMS = ("TBKK", "TBKK", "TBKK", "ZEDEN")
POLICE_MUTATIONS = ("delivered", "delivered", "delivered", "corrected", "corrected", "transferred", "withdrawn")
OM_MUTATIONS = ("registered", "registered", "registered", "reclassified", "disposed", "lapsed", "joined")
CLASSIFICATIONS = ("KP", "KP", "KP", "KST", "ZEDEN", "OVERIG")
FOREIGN = (
    "PL2701-2014000001",
    "pl27 KM/2014-5",
    "PL27",
    "PL28AA-2014000001",
    "PL0900-2014777777",
    "onbekend",
    "BVH 12",
)

PERIODS = (
    (date(2014, 12, 1), date(2014, 12, 31)),
    (date(2014, 12, 24), date(2014, 12, 31)),
    (date(2014, 1, 1), date(2014, 12, 31)),
    (date(2014, 12, 10), date(2014, 12, 15)),
    (date(2015, 1, 20), date(2015, 1, 31)),
)
VERDICTS = ("confirmed", "confirmed", "rejected", "rejected", "taken_back")
DAYS_AFTER_AS_OF = (-30, -2, -1, -1, 0, 0, 0, 1, 20)
CROWDED = (False, False, True)
STANDING = project_policy()
WINDOWS = (
    (3, 2, 5),
    (3, 2, 5),
    (0, 0, 2),
    (6, 1, 8),
    (
        STANDING.transit_allowance_days,
        STANDING.registered_before_delivery_days,
        STANDING.registered_after_delivery_days,
    ),
)  # transit, before and after, in days


class Choose(Protocol):
    """A way to take one of several options."""

    def __call__(self, options: Sequence[T], /) -> T:
        """Take one."""
        ...


@dataclass(frozen=True)
class Pool:
    """What a world draws from. A small pool makes records meet; few people make them meet as the same suspect."""

    people: tuple[tuple[str, int, str | None], ...]
    dossier_numbers: tuple[str, ...]
    tokens: tuple[str | None, ...]
    delivery_days: tuple[date, ...]
    registration_days: tuple[date, ...]
    transfer_days: tuple[date, ...]
    suspect_numbers: tuple[int, ...]
    case_numbers: tuple[str, ...]


def pool_for(size: int, question: Question, *, is_crowded: bool) -> Pool:
    """Give a pool in which about that many records a side still collide; in a crowded one they tie."""
    dossiers = max(2, size // (8 if is_crowded else 4))
    numbers = [f"PL0900-2014{index:06d}" for index in range(1, dossiers + 1)]
    numbers[1::3] = [number.replace("PL0900", "PL06B3") for number in numbers[1::3]]
    tokens = [f"{index:064x}" for index in range(1, max(2, size // (9 if is_crowded else 3)) + 1)]
    people = max(3, size * 2 // 3)
    around = tuple(question.end + timedelta(days=days) for days in (-5, -4, -2, -1, -1, 0, 0, 1, 2, 2, 3))
    return Pool(
        people=tuple((numbers[i % dossiers], 1 + i // dossiers, tokens[i * 5 % len(tokens)]) for i in range(people)),
        dossier_numbers=tuple(numbers),
        tokens=(None, *tokens),
        delivery_days=around if is_crowded else (*around, *days_of_the_rules(question)),
        registration_days=(*around, around[-1], *(() if is_crowded else days_of_the_rules(question))),
        transfer_days=around[-6:],
        suspect_numbers=(1, 1, 2, 3),
        case_numbers=tuple(f"09{index:06d}14" for index in range(1, 3 * size + 8)),
    )


def days_of_the_rules(question: Question) -> tuple[date, ...]:
    """Give the days on which a rule of this question turns."""
    after_next_month = next_month(next_month(question.end))
    return (
        question.start,
        question.start,
        question.start + timedelta(days=1),
        question.start - timedelta(days=1),
        question.end.replace(day=1),
        question.end - timedelta(days=question.registered_after_delivery_days),
        question.end - timedelta(days=question.registered_after_delivery_days + 1),
        question.as_of - timedelta(days=question.transit_allowance_days),
        question.as_of - timedelta(days=question.transit_allowance_days + 1),
        next_month(question.end),
        after_next_month - timedelta(days=1),
        after_next_month,
        after_next_month,
    )


def next_month(day: date) -> date:
    """Give the first day of the next month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def draw_question(choose: Choose) -> Question:
    """Draw a period, an as-of date after it and a policy."""
    start, end = choose(PERIODS)
    transit, before, after = choose(WINDOWS)
    return Question(
        start=start,
        end=end,
        as_of=end + timedelta(days=choose((6, 0, 3, 31, 90))),
        transit_allowance_days=transit,
        registered_before_delivery_days=before,
        registered_after_delivery_days=after,
        other_deliverers=choose((("PL27",), ("PL27",), ("PL27", "PL28"), ())),
    )


def draw_delivery(choose: Choose, pool: Pool) -> Delivery:
    """Draw a delivered suspect. A transfer always has its day, as docs/counting-rules.md says."""
    mutation = choose(POLICE_MUTATIONS)
    is_transferred = mutation == "transferred" or choose((False,) * 7 + (True,))
    dossier_number, suspect_number, person_token = choose(pool.people)
    return Delivery(
        dossier_number=choose((dossier_number,) * 5 + pool.dossier_numbers[:2]),
        suspect_number=choose((suspect_number,) * 5 + pool.suspect_numbers),
        person_token=choose((person_token,) * 5 + (None, choose(pool.tokens))),
        unit=choose(UNITS),
        team=choose(TEAMS),
        delivered_on=choose(pool.delivery_days),
        transferred_to=choose(("PL0100", "ZEDEN", "zedenteam Oost")) if is_transferred else None,
        transferred_on=choose(pool.transfer_days) if is_transferred else None,
        mutation=mutation,
    )


def draw_registration(choose: Choose, pool: Pool) -> Registration:
    """Draw a registration, its dossier number typed with care, with little, or not at all."""
    dossier_number, suspect_number, person_token = choose(pool.people)
    as_reported = typed(choose((dossier_number,) * 5 + pool.dossier_numbers[:2]), choose)
    return Registration(
        case_number=choose(pool.case_numbers),
        person_token=choose((person_token,) * 5 + (None, choose(pool.tokens))),
        dossier_number=normalised(as_reported),
        dossier_number_as_reported=as_reported,
        suspect_number=choose((None,) * 4 + (suspect_number,) * 3 + pool.suspect_numbers),
        classification=choose(CLASSIFICATIONS),
        registered_on=choose(pool.registration_days),
        mutation=choose(OM_MUTATIONS),
    )


def typed(number: str, choose: Choose) -> str | None:
    """Type a dossier number as the OM does: well, in another style, with a slip, another one, or none."""
    match choose(("well",) * 6 + ("style", "slip", "none", "none", "foreign")):
        case "well":
            return number
        case "style":
            return choose(
                (
                    number.lower(),
                    number.replace("-", " "),
                    f"{number}-1",
                    f"{number}-012",
                    number[:2] + "." + number[2:],
                )
            )
        case "slip":
            slips = (
                number[:-1],
                number + "0",
                number[:-1] + "9",
                number[:-2] + number[-1] + number[-2],
                "PI" + number[2:],
                number[:5] + number[6] + number[5] + number[7:],
                number[:-2] + "99",
            )
            return choose(slips)
        case "foreign":
            return choose(FOREIGN)
        case _:
            return None


def distinct(deliveries: Iterable[Delivery], registrations: Iterable[Registration], question: Question) -> World:
    """Keep one record per key, as state does."""
    return World(
        tuple({(d.dossier_number, d.suspect_number): d for d in deliveries}.values()),
        tuple({r.case_number: r for r in registrations}.values()),
        question,
    )


def draw_decisions(choose: Choose, world: World) -> tuple[Decision, ...]:
    """Draw a few decisions; a third of the worlds has none. They collide: each is about one of a few pairs that meet.

    They are recorded in the order of the world; `decided_on` may differ from that order, and may be after A.
    """
    if not (world.deliveries and world.registrations and choose((False, True, True))):
        return ()
    decisions: list[Decision] = []
    for _ in range(1 + len(world.registrations) // 12):
        deliveries, registrations = draw_a_knot(choose, world)
        for _ in range(choose((1, 2, 2, 3, 4, 6))):
            d, r, number = choose(deliveries), choose(registrations), len(decisions) + 1
            decisions.append(
                Decision(
                    decision_id=f"00000000-0000-5000-8000-{number:012d}",
                    verdict=choose(VERDICTS),
                    dossier_number=d.dossier_number,
                    suspect_number=choose((d.suspect_number,) * 14 + (99,)),  # 99: of a delivery that nobody knows
                    case_number=choose((r.case_number,) * 14 + ("0999999914",)),  # and of such a registration
                    decided_on=world.question.as_of + timedelta(days=choose(DAYS_AFTER_AS_OF)),
                    decision_number=number,
                )
            )
    return tuple(decisions)


def draw_a_knot(choose: Choose, world: World) -> tuple[list[Delivery], list[Registration]]:
    """Draw at most three deliveries and two registrations; most are the likeliest partners of the first."""
    poorly_typed = [r for r in world.registrations if r.dossier_number is None or r.suspect_number is None]
    first = choose(choose((poorly_typed, world.registrations)) or world.registrations)
    deliveries = sorted(world.deliveries, key=lambda d: unlikeness(d, first))[:2]
    registrations = sorted(world.registrations, key=lambda r: unlikeness(deliveries[0], r))[:2]
    if choose((False, False, False, True)):
        return [choose(world.deliveries), *deliveries], [choose(world.registrations), first]
    return deliveries[: choose((1, 1, 2))], [first, *registrations][: choose((1, 1, 2))]


def unlikeness(d: Delivery, r: Registration) -> tuple[int, int]:
    """Order pairs by how little they have in common, then by the days between them. No rule: it only makes knots."""
    shared = (
        (d.dossier_number, r.dossier_number),
        (d.suspect_number, r.suspect_number),
        (d.person_token, r.person_token),
    )
    return (
        sum(one is None or other is None or one != other for one, other in shared),
        abs((r.registered_on - d.delivered_on).days),
    )


@st.composite
def worlds(draw: st.DrawFn, max_records: int = 9, *, with_decisions: bool = False, with_parties: bool = False) -> World:
    """Draw a random world and what of it is kept; it shrinks by leaving records and decisions out."""
    seed = draw(st.integers(0, 2**32 - 1))
    world = random_world(seed, max_records, with_decisions=with_decisions, with_parties=with_parties)
    records = len(world.deliveries) + len(world.registrations) + len(world.decisions)
    kept = draw(st.lists(st.sampled_from((False, True, True, True)), min_size=records, max_size=records))
    decided, kept = kept[: len(world.decisions)], kept[len(world.decisions) :]
    return replace(
        world,
        deliveries=tuple(d for d, is_kept in zip(world.deliveries, kept, strict=False) if is_kept),
        registrations=tuple(r for r, is_kept in zip(world.registrations[::-1], kept[::-1], strict=False) if is_kept),
        decisions=tuple(decision for decision, is_kept in zip(world.decisions, decided, strict=True) if is_kept),
    )


def has_both_sides(world: World) -> bool:
    """Say whether there is anything to link: Hypothesis begins with a world from which everything was left out."""
    return bool(world.deliveries and world.registrations)


def random_world(seed: int, size: int, *, with_decisions: bool = False, with_parties: bool = False) -> World:
    """Give the world of a seed, with up to `size` records a side. The same seed gives the same world.

    With parties a part of the deliveries, chosen by its number, is another party's than the police's, and some of the
    police's were delivered by both under one number.
    """
    random = Random(seed)
    question = draw_question(random.choice)
    pool = pool_for(size, question, is_crowded=random.choice(CROWDED))
    deliveries = [draw_delivery(random.choice, pool) for _ in range(size)]
    registrations = [draw_registration(random.choice, pool) for _ in range(size)]
    world = distinct(deliveries, registrations, question)
    if with_parties:
        by_party = [replace(d, party=party_of(d)) for d in world.deliveries]
        twice = [replace(d, party="kmar") for d in by_party if d.party == "police" and random.random() < 0.1]
        world = replace(world, deliveries=(*by_party, *twice))
    return replace(world, decisions=draw_decisions(random.choice, world)) if with_decisions else world


def party_of(d: Delivery) -> str:
    """Say who delivered: a record is one party's for life, a dossier number may be delivered by two."""
    return "kmar" if (int(d.dossier_number[-2:]) + d.suspect_number) % 4 == 0 else "police"


def shuffled(world: World, seed: int) -> World:
    """Give the same world with its rows in another order."""
    random = Random(seed)
    return replace(
        world,
        deliveries=tuple(random.sample(world.deliveries, len(world.deliveries))),
        registrations=tuple(random.sample(world.registrations, len(world.registrations))),
        decisions=tuple(random.sample(world.decisions, len(world.decisions))),
    )
