"""Small but dense worlds: few dossier numbers, tokens and days, so that ties, collisions and every cause are frequent.

The same drawing serves Hypothesis (`worlds`, which shrinks) and a seeded generator (`random_world`, which is fast).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from tests.reference.records import Delivery, Question, Registration, World
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
WINDOWS = ((3, 2, 5), (3, 2, 5), (0, 0, 2), (6, 1, 8), (60, 31, 400))  # transit, before and after, in days


class Choose(Protocol):
    """A way to take one of several options: Hypothesis or a seeded random number."""

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
    suspect_numbers: tuple[int, ...]
    case_numbers: tuple[str, ...]


def pool_for(size: int, question: Question) -> Pool:
    """Give a pool in which about that many records a side still collide."""
    dossiers = max(2, size // 4)
    numbers = [f"PL0900-2014{index:06d}" for index in range(1, dossiers + 1)]
    numbers[1::3] = [number.replace("PL0900", "PL06B3") for number in numbers[1::3]]
    tokens = [f"{index:064x}" for index in range(1, max(2, size // 3) + 1)]
    people = max(3, size * 2 // 3)
    return Pool(
        people=tuple((numbers[i % dossiers], 1 + i // dossiers, tokens[i * 5 % len(tokens)]) for i in range(people)),
        dossier_numbers=tuple(numbers),
        tokens=(None, *tokens),
        delivery_days=days_around(question),
        registration_days=(*days_around(question), next_month(next_month(question.end)), question.end),
        suspect_numbers=(1, 1, 2, 3),
        case_numbers=tuple(f"09{index:06d}14" for index in range(1, 3 * size + 8)),
    )


def days_around(question: Question) -> tuple[date, ...]:
    """Give the days on which a rule of this question turns, and few others."""
    near = [question.end + timedelta(days=days) for days in (-5, -4, -2, -1, -1, 0, 0, 1, 2, 3, 6)]
    edges = [
        question.start,
        question.start,
        question.start + timedelta(days=1),
        question.start - timedelta(days=1),
        question.end - timedelta(days=question.registered_after_delivery_days),
        question.end - timedelta(days=question.registered_after_delivery_days + 1),
        question.as_of - timedelta(days=question.transit_allowance_days),
        question.as_of - timedelta(days=question.transit_allowance_days + 1),
        question.end.replace(day=1),
        next_month(question.end),
        next_month(next_month(question.end)) - timedelta(days=1),
        next_month(next_month(question.end)),
    ]
    return (*near, *edges)


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
    """Draw a delivered suspect. A transfer always has its day, as section 4.3 gives one to every transfer."""
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
        transferred_on=choose(pool.registration_days) if is_transferred else None,
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


@st.composite
def worlds(draw: st.DrawFn, max_records: int = 7) -> World:
    """Draw a world with up to so many records a side."""

    def choose(options: Sequence[T]) -> T:
        return draw(st.sampled_from(options))

    question = draw_question(choose)
    pool = pool_for(max_records, question)
    deliveries = draw(st.lists(_drawn(draw_delivery, pool), max_size=max_records))
    registrations = draw(st.lists(_drawn(draw_registration, pool), max_size=max_records))
    return distinct(deliveries, registrations, question)


@st.composite
def _drawn(draw: st.DrawFn, draw_record: Callable[[Choose, Pool], T], pool: Pool) -> T:
    return draw_record(lambda options: draw(st.sampled_from(options)), pool)


def random_world(seed: int, size: int) -> World:
    """Give the world of a seed, with up to `size` records a side. The same seed gives the same world."""
    random = Random(seed)
    question = draw_question(random.choice)
    pool = pool_for(size, question)
    deliveries = [draw_delivery(random.choice, pool) for _ in range(size)]
    registrations = [draw_registration(random.choice, pool) for _ in range(size)]
    return distinct(deliveries, registrations, question)


def shuffled(world: World, seed: int) -> World:
    """Give the same world with its rows in another order."""
    random = Random(seed)
    return replace(
        world,
        deliveries=tuple(random.sample(world.deliveries, len(world.deliveries))),
        registrations=tuple(random.sample(world.registrations, len(world.registrations))),
    )
