"""docs/breaks.md, plainly: what is a break on one day, and its life over many days.

`breaks_of` reads one outcome of the rules. `lives_of` goes through the balances of one calendar year in the order in
which they were made, and through what persons acknowledged and accepted. Nothing is shared with the product. What is
left short in the rules are read so:

- a break keeps one id, (year, side, record); a changed cause keeps `opened_on`, a reopening starts it again;
- on one day balances come before acknowledgements, so a person acts on what that day's balance found;
- an acknowledgement takes effect only on a break that is open on its day: not on one that waits, is explained, resolved
  or acknowledged already, so that two persons do not overwrite each other. It ends for good once a balance finds that
  the break's own state is another than open, or that it is gone; nothing but a person makes it acknowledged again;
- an acceptance likewise takes effect only on a break that is open, with the cause that was accepted. It ends for good
  once a balance finds another cause or another state than open, or the day after its last one begins: a balance or a
  person of that day finds the break open;
- between two balances a state stands still: a waiting break whose due day passes opens with the next balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.reference.records import Delivery, Registration, World
from tests.reference.section4 import Linked, Outcome, Suspect, equal, is_withdrawn

# "the last five": open at once, with no day to wait for
OPEN_WITHOUT_A_DUE_DAY = [
    "suggested",
    "duplicate_delivery",
    "duplicate_registration",
    "delivery_withdrawn",
    "suspect_not_delivered",
]

Record = tuple[str, int] | str  # of the police: dossier number and suspect number; of the OM: the case number


@dataclass(frozen=True)
class Found:
    """A break as one balance finds it."""

    side: str
    record: Record
    dossier_number: str | None
    suspect_number: int | None
    case_number: str | None
    cause: str
    state: str  # waiting, open or explained
    due_on: date | None


# --- One day -------------------------------------------------------------------------------------------------------


def breaks_of(outcome: Outcome) -> list[Found]:
    """'Every delivered suspect that is not recognised and every OM-only registration is a break with its cause'."""
    return [police_break(suspect, outcome.linked) for suspect in outcome.suspects if suspect.cause is not None] + [
        om_break(registration, cause, outcome.linked) for registration, cause in outcome.om_only
    ]


def police_break(suspect: Suspect, linked: Linked) -> Found:
    """'on the police side the linked case, else the suggested one' (the JSON of `ketenbalans reconcile`)."""
    d = suspect.delivery
    assert suspect.cause is not None, "a recognised suspect is no break"
    pair = suspect.link or linked.suggestion_of(d)
    due_on = police_due_on(suspect, linked)
    return Found(
        side=d.party,
        record=(d.dossier_number, d.suspect_number),
        dossier_number=d.dossier_number,
        suspect_number=d.suspect_number,
        case_number=pair.registration.case_number if pair else None,
        cause=suspect.cause,
        state=state_of(suspect.cause, due_on, linked.world.question.as_of),
        due_on=due_on,
    )


def om_break(r: Registration, cause: str, linked: Linked) -> Found:
    """Of the linked delivery, else of the suggested one, else the dossier and the suspect that the OM has itself."""
    pair = linked.of_registration(r) or linked.suggestion_of(r)
    due_on = None
    if cause == "no_police_delivery":  # "`registered_on` [...] plus the transit allowance"
        due_on = after_the_allowance(r.registered_on, linked.world)
    return Found(
        side="om",
        record=r.case_number,
        dossier_number=pair.delivery.dossier_number if pair else r.dossier_number,
        suspect_number=pair.delivery.suspect_number if pair else r.suspect_number,
        case_number=r.case_number,
        cause=cause,
        state=state_of(cause, due_on, linked.world.question.as_of),
        due_on=due_on,
    )


def police_due_on(suspect: Suspect, linked: Linked) -> date | None:
    """'`due_on`, the last day of waiting: `delivered_on`, the day of the transfer, [...] each plus the transit
    allowance'; '`missing`: as `in_transit`'; null for what is explained.
    """
    d, world = suspect.delivery, linked.world
    if suspect.cause in ("in_transit", "missing"):
        return after_the_allowance(d.delivered_on, world)
    is_waiting_for_another = suspect.link is None and not is_delivered_again(d, world)
    if suspect.cause == "transferred" and is_waiting_for_another:
        assert d.transferred_on is not None, "every transfer has a day (docs/counting-rules.md)"
        return after_the_allowance(d.transferred_on, world)
    return None


def after_the_allowance(day: date, world: World) -> date:
    """'each plus the transit allowance'."""
    return day + timedelta(days=world.question.transit_allowance_days)


def is_delivered_again(d: Delivery, world: World) -> bool:
    """'the same person token was delivered again (another record, not withdrawn) by the unit or team that
    `transferred_to` names (equal to its `unit` or `team`), on or after its own `delivered_on`'.
    """
    return any(
        other is not d
        and not is_withdrawn(other)
        and equal(other.person_token, d.person_token)
        and d.transferred_to in (other.unit, other.team)
        and other.delivered_on >= d.delivered_on
        for other in world.deliveries
    )


def state_of(cause: str, due_on: date | None, as_of: date) -> str:
    """'waiting: `in_transit`; `transferred` without a link; `no_police_delivery`; while A is not past the due day';
    'open: `missing`; the other two of those past their due day; [the last five]'; 'explained: the others; also, before
    the two above, `transferred` without a link when [it] was delivered again', which has no due day.
    """
    if cause == "missing" or cause in OPEN_WITHOUT_A_DUE_DAY:
        return "open"
    if due_on is None:
        return "explained"
    return "waiting" if as_of <= due_on else "open"


# --- Many days -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Observation:
    """A balance that was made: its period, its as-of day and the breaks that it found."""

    start: date
    end: date
    as_of: date
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Acknowledgement:
    """A person took a break, or took that back (then owner and note say nothing)."""

    year: int
    side: str
    record: Record
    owner: str
    note: str
    decided_on: date
    decision_number: int
    is_taken_back: bool = False


@dataclass(frozen=True)
class Acceptance:
    """A person let a break stand, knowing its cause, and until which day if one was named."""

    year: int
    side: str
    record: Record
    cause: str
    note: str
    decided_on: date
    decision_number: int
    until: date | None = None


Decided = Acknowledgement | Acceptance


@dataclass(frozen=True)
class Life:
    """A kept break: what the last balance found of it, and what became of it."""

    found: Found
    state: str
    opened_on: date
    due_on: date | None
    resolved_on: date | None = None
    owner: str | None = None
    note: str | None = None
    accepted_until: date | None = None


Key = tuple[int, str, Record]  # "one per (year, `police` or `om`, record)"


def lives_of(observations: Sequence[Observation], decisions: Sequence[Decided], as_of: date) -> dict[Key, Life]:
    """Give every break that is kept, as known on a day.

    Observations stand in the order in which they were made, decisions in any.
    """
    kept = [one for one in kept_ones(observations) if one.as_of <= as_of]
    # "it has its own `decided_on`, and an as-of date before it does not see it"
    decided = sorted(
        (one for one in decisions if one.decided_on <= as_of),
        key=lambda one: (one.decided_on, one.decision_number),
    )
    lives: dict[Key, Life] = {}
    for day in sorted({one.as_of for one in kept} | {one.decided_on for one in decided} | {as_of}):
        expire(lives, day)
        for observation in kept:
            if observation.as_of == day:
                observe(lives, observation)
        for one in decided:
            if one.decided_on == day:
                accept(lives, one) if isinstance(one, Acceptance) else acknowledge(lives, one)
    return lives


def expire(lives: dict[Key, Life], day: date) -> None:
    """'The acceptance lapses, and the break is open again, [...] when the day has passed'."""
    for key, life in lives.items():
        if life.state == "accepted" and life.accepted_until is not None and life.accepted_until < day:
            lives[key] = as_it_was_found(life)


def kept_ones(observations: Sequence[Observation]) -> list[Observation]:
    """'Breaks are kept per calendar year [...]. Asking for another period shows its breaks and keeps none. They move
    forward only: a balance for a day before the last one kept is a look back and changes no break.'
    """
    kept: list[Observation] = []
    for one in observations:
        is_a_year = (one.start, one.end) == (date(one.end.year, 1, 1), date(one.end.year, 12, 31))
        is_a_look_back = any(one.as_of < earlier.as_of for earlier in kept if earlier.end == one.end)
        if is_a_year and not is_a_look_back:
            kept.append(one)
    return kept


def observe(lives: dict[Key, Life], observation: Observation) -> None:
    """Take one balance of a year into the lives of its breaks."""
    year, day = observation.end.year, observation.as_of
    found = {(year, one.side, one.record): one for one in observation.found}
    assert len(found) == len(observation.found), "a break is found twice"
    for key, one in found.items():
        lives[key] = observed_again(lives[key], one, day) if key in lives else opened(one, day)
    for key, life in lives.items():
        if key[0] == year and key not in found and life.state != "resolved":
            lives[key] = resolved(life, day)


def opened(found: Found, day: date) -> Life:
    """A break that is new, or 'a resolved one that is a break again is opened under its id'."""
    return Life(found, state=found.state, opened_on=day, due_on=found.due_on)


def observed_again(life: Life, found: Found, day: date) -> Life:
    """'A break that only changes its cause takes the new cause's state (acknowledged stays so while the new one is
    open)', and its due day is 'kept'.
    """
    if life.state == "resolved":
        return opened(found, day)
    if life.state == "acknowledged" and found.state == "open":
        return replace(life, found=found)
    if life.state == "accepted" and (found.state, found.cause) == ("open", life.found.cause):
        return replace(life, found=found)  # "The acceptance lapses [...] when its cause changes"
    return as_it_was_found(replace(life, found=found))


def as_it_was_found(life: Life) -> Life:
    """What the last balance found, and nobody holds it."""
    found = life.found
    return replace(life, state=found.state, due_on=found.due_on, owner=None, note=None, accepted_until=None)


def resolved(life: Life, day: date) -> Life:
    """'no longer a break of its period: by itself'; the due day is 'kept'."""
    return replace(life, state="resolved", resolved_on=day, owner=None, note=None, accepted_until=None)


def acknowledge(lives: dict[Key, Life], decided: Acknowledgement) -> None:
    """'a person took an open one, with an owner and a note'; taken back, it is as the last balance found it."""
    key = (decided.year, decided.side, decided.record)
    life = lives.get(key)
    if life is None:
        return
    if decided.is_taken_back and life.state in ("acknowledged", "accepted"):
        lives[key] = as_it_was_found(life)
    if not decided.is_taken_back and life.state == "open":
        lives[key] = replace(life, state="acknowledged", owner=decided.owner, note=decided.note)


def accept(lives: dict[Key, Life], decided: Acceptance) -> None:
    """'an open one that a person knows and lets stand, with a note and, if wished, `--until DAY`'."""
    key = (decided.year, decided.side, decided.record)
    life = lives.get(key)
    if life is not None and (life.state, life.found.cause) == ("open", decided.cause):
        lives[key] = replace(life, state="accepted", note=decided.note, accepted_until=decided.until)
