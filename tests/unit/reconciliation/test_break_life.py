"""What holds for the life of breaks, whatever balances find and persons decide."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.break_life import break_history, break_life
from ketenbalans.reconciliation.breaks import observations, resolving_events, with_break_ids
from schemas.break_frames import BREAK_DECISION, FOUND, KEPT
from schemas.breaks import BreakState
from tests.reference.breaks import Acceptance, Acknowledgement, Decided, Found, Observation, lives_of

pytestmark = pytest.mark.laws

LAWS = settings(derandomize=True, database=None, deadline=None, max_examples=12)
FIRST = date(2015, 1, 1)
CAUSES = {"missing": "open", "suggested": "open", "in_transit": "waiting", "lapsed": "explained"}
seeds = st.integers(0, 2**32 - 1)


def found_on(random: Random) -> pl.DataFrame:
    """What a balance finds of a few suspects: some are breaks, with some cause."""
    rows = [
        ("police", f"PL0900-20140000{place:02}", 1, None, "PL0900", None, cause, CAUSES[cause], None)
        for place in range(4)
        if (cause := random.choice([*CAUSES, None])) is not None
    ]
    return with_break_ids(pl.DataFrame(rows, schema=FOUND, orient="row"), year=2014)


def lived(random: Random, days: int = 8) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Some balances, one or none a day, and some decisions in between."""
    kept = pl.DataFrame(schema=KEPT)
    said: list[tuple[Any, ...]] = []
    for place in range(days):
        day = FIRST + timedelta(days=place)
        if random.random() < 0.7:
            kept = written(kept, found_on(random), day)
        for break_id in kept["break_id"].unique().sort().to_list():
            if random.random() < 0.3:
                verdict = random.choice(["acknowledged", "assigned", "released", "accepted"])
                who = random.choice(["desk-1", "desk-2"])
                owner = who if verdict in ("acknowledged", "assigned") else None
                cause = random.choice([*CAUSES]) if verdict == "accepted" else None
                until = random.choice([None, day + timedelta(days=random.randint(0, 3))]) if cause else None
                number = len(said) + 1
                known = random.choice(["signed_in", "declared"])
                about = (f"d{number}", number, break_id)
                said.append((*about, verdict, owner, "note", who, day, cause, until, known))
    return kept, pl.DataFrame(said, schema=BREAK_DECISION, orient="row")


def written(kept: pl.DataFrame, found: pl.DataFrame, day: date) -> pl.DataFrame:
    newest = kept.sort("as_of", "observation_number").unique("break_id", keep="last", maintain_order=True)
    new = observations(newest, found, as_of=day).with_row_index("observation_number", offset=kept.height)
    return pl.concat([kept, new.select(pl.col(name).cast(kind) for name, kind in KEPT.items())])


@LAWS
@given(seeds)
def test_the_past_never_changes(seed: int) -> None:
    kept, decisions = lived(Random(seed))
    for place in range(8):
        day = FIRST + timedelta(days=place)
        by_then = kept.filter(pl.col("as_of") <= day), decisions.filter(pl.col("decided_on") <= day)
        assert break_life(kept, decisions, as_of=day).equals(break_life(*by_then, as_of=day))


@LAWS
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    kept, decisions = lived(Random(seed))
    shuffled = (frame.sample(fraction=1, shuffle=True, seed=seed % 1000) for frame in (kept, decisions))
    as_of = FIRST + timedelta(days=9)
    assert break_life(kept, decisions, as_of=as_of).equals(break_life(*shuffled, as_of=as_of))


@LAWS
@given(seeds)
def test_the_same_balance_again_writes_nothing(seed: int) -> None:
    random = Random(seed)
    kept, _ = lived(random)
    found, day = found_on(random), FIRST + timedelta(days=9)
    once = written(kept, found, day)
    assert written(once, found, day).height == once.height


@LAWS
@given(seeds)
def test_a_break_is_there_once_for_good_and_resolved_when_it_was_not_found(seed: int) -> None:
    random = Random(seed)
    kept, decisions = lived(random)
    found, day = found_on(random), FIRST + timedelta(days=9)
    kept = written(kept, found, day)
    life = break_life(kept, decisions, as_of=day)
    assert life["break_id"].to_list() == sorted(set(kept["break_id"]))
    is_resolved = pl.col("state") == BreakState.RESOLVED.value
    assert set(life.filter(~is_resolved)["break_id"]) == set(found["break_id"])
    assert life.filter(is_resolved != pl.col("resolved_on").is_not_null()).is_empty()
    assert life.filter(pl.col("age_days") < 0).is_empty()
    state_found = dict(found.select("break_id", "state").iter_rows())
    for row in life.filter(~is_resolved).iter_rows(named=True):
        natural = state_found[row["break_id"]]
        taken, accepted = row["acknowledged_by"] is not None, row["accepted_by"] is not None
        assert not (taken and accepted)
        assert natural == "open" or not (taken or accepted)
        assert row["state"] == ("acknowledged" if taken else "accepted" if accepted else natural)
        assert row["accepted_until"] is None or row["accepted_until"] >= day


@LAWS
@given(seeds)
def test_the_last_step_of_a_history_is_how_it_stands(seed: int) -> None:
    kept, decisions = lived(Random(seed))
    last = break_history(kept, decisions, balanced_on=FIRST + timedelta(days=9)).unique(
        "break_id", keep="last", maintain_order=True
    )
    life = break_life(kept, decisions, as_of=FIRST + timedelta(days=9))
    assert dict(last.select("break_id", "state").iter_rows()) == dict(life.select("break_id", "state").iter_rows())


@LAWS
@given(seeds)
def test_a_step_says_how_it_is_known_who_took_it(seed: int) -> None:
    """That of its decision; a balance and a day that passes are nobody's."""
    kept, decisions = lived(Random(seed))
    history = break_history(kept, decisions, balanced_on=FIRST + timedelta(days=9))
    taken = history.filter(pl.col("by").is_not_null())
    known = dict(decisions.select("decision_id", "identity").iter_rows())
    assert taken["identity"].to_list() == [known[one] for one in taken["event_id"]]
    assert history.filter(pl.col("by").is_null())["identity"].is_null().all()


@LAWS
@given(seeds, st.integers(0, 4000))
def test_a_decision_makes_no_other_break_older(seed: int, later: int) -> None:
    """Ages are counted on the clock of the data, apart from that of a break on which somebody acted since."""
    random = Random(seed)
    kept, decisions = lived(random)
    found, balanced_on = found_on(random), FIRST + timedelta(days=9)
    kept = written(kept, found, balanced_on)
    break_id = random.choice(kept["break_id"].unique().sort().to_list())
    acted_on = balanced_on + timedelta(days=later)
    said = ("d0", 999, break_id, "assigned", "desk-3", "note", "desk-3", acted_on, None, None, "declared")
    more = pl.concat([decisions, pl.DataFrame([said], schema=BREAK_DECISION, orient="row")])
    plainly = break_life(kept, decisions, as_of=balanced_on)
    after = break_life(kept, more, as_of=acted_on, balanced_on=balanced_on)
    is_other = pl.col("break_id") != break_id
    assert after.filter(is_other).equals(plainly.filter(is_other))
    (one,) = after.filter(~is_other).iter_rows(named=True)
    ends = one["resolved_on"] or acted_on
    assert one["age_days"] == (ends - one["opened_on"]).days
    assert break_life(kept, decisions, as_of=acted_on, balanced_on=balanced_on).equals(plainly)


@LAWS
@given(seeds)
def test_the_product_equals_the_reference(seed: int) -> None:
    """Whatever balances find, and whatever a person may do with the break as it stands on that day."""
    random = Random(seed)
    kept, observed, decided = pl.DataFrame(schema=KEPT), list[Observation](), list[Decided]()
    for place in range(10):
        day = FIRST + timedelta(days=place)
        if random.random() < 0.6:
            frame = found_on(random)
            kept = written(kept, frame, day)
            found = tuple(reference_of(row) for row in frame.iter_rows(named=True))
            observed.append(Observation(date(2014, 1, 1), date(2014, 12, 31), day, found))
        for (year, side, record), life in lives_of(observed, decided, day).items():
            about: dict[str, Any] = {"year": year, "side": side, "record": record, "note": "note", "decided_on": day}
            about["decision_number"] = len(decided) + 1
            said: list[Decided] = []
            if life.state == "open":
                until = random.choice([None, day + timedelta(days=random.randint(0, 3))])
                cause = random.choice([life.found.cause, "suggested"])
                said = [Acknowledgement(owner="desk-1", **about), Acceptance(cause=cause, until=until, **about)]
            if life.state in ("acknowledged", "accepted"):
                said = [Acknowledgement(owner="", is_taken_back=True, **about)]
            if said and random.random() < 0.5:
                decided.append(random.choice(said))
    decisions = pl.DataFrame(list(map(row_of, decided)), schema=BREAK_DECISION, orient="row")
    for place in range(14):
        as_of = FIRST + timedelta(days=place)
        ours = break_life(kept, decisions, as_of=as_of)
        theirs = lives_of(observed, decided, as_of)
        assert dict(ours.select("break_id", "state").iter_rows()) == {
            id_of(key): life.state for key, life in theirs.items()
        }


def reference_of(row: dict[str, Any]) -> Found:
    record = (row["dossier_number"], row["suspect_number"])
    return Found(row["side"], record, *record, row["case_number"], row["cause"], row["state"], row["due_on"])


def id_of(key: tuple[int, str, Any]) -> str:
    year, side, (dossier_number, suspect_number) = key
    return f"{year}-{side}-{dossier_number}-{suspect_number}"


def row_of(said: Decided) -> tuple[Any, ...]:
    of_it: tuple[Any, ...] = ("accepted", None, said.note, "desk-1", said.decided_on)
    if isinstance(said, Acceptance):
        of_it = (*of_it, said.cause, said.until, "declared")
    else:
        verdict, owner = ("released", None) if said.is_taken_back else ("acknowledged", said.owner)
        of_it = (verdict, owner, *of_it[2:], None, None, "declared")
    return (f"d{said.decision_number}", said.decision_number, id_of((said.year, said.side, said.record)), *of_it)


@pytest.mark.parametrize(
    ("events", "by"),
    [
        ([("own", "PL0900-2014000001", 1, None, 5), ("file", "PL0900-2014000001", 2, None, 6)], "own"),
        ([("own", "PL0900-2014000001", 1, None, 5), ("case", None, None, "0900000114", 6)], "case"),
        ([("new", None, None, "0900000214", 5), ("other", "PL0900-2014000009", 1, None, 6)], "new"),
        ([("file", "PL0900-2014000001", 2, None, 6)], "file"),
        ([("other", "PL0900-2014000009", 1, None, 6)], None),
        ([("own", "PL0900-2014000001", 1, None, 5), ("kmar", "PL0900-2014000001", 1, None, 6)], "own"),
        ([], None),
    ],
)
def test_the_newest_event_about_its_own_records_resolved_it(events: list[tuple[object, ...]], by: str | None) -> None:
    resolved = pl.DataFrame(
        [("b", "police", "PL0900-2014000001", 1, "0900000114", "0900000214")],
        schema={
            "break_id": pl.String,
            "side": pl.String,
            "dossier_number": pl.String,
            "suspect_number": pl.Int32,
            "case_number": pl.String,
            "new_case_number": pl.String,
        },
        orient="row",
    )
    schema = {name: resolved.schema[name] for name in ("dossier_number", "suspect_number", "case_number")}
    rows = pl.DataFrame(
        [(event[0], *event[1:4], datetime(2015, 1, int(str(event[4])), 12, tzinfo=UTC)) for event in events],
        schema={"event_id": pl.String, **schema, "recorded_at": pl.Datetime("us", "UTC")},
        orient="row",
    )
    of = {"kmar": "kmar_deliveries", "case": "om_registrations", "new": "om_registrations"}
    source = pl.col("event_id").replace_strict(of, default="police_deliveries")
    rows = rows.with_columns(source=source)
    answer = dict(resolving_events(resolved, rows).iter_rows())
    assert answer.get("b") == by
