"""Ask how many of a period's deliveries will be known, registered and recognised in the end."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.nowcast.suspects import known_suspects
from ketenbalans.nowcast.forecast import Nowcast, nowcast
from ketenbalans.nowcast.question import Question
from schemas.catalogue import linked_sources
from schemas.policy import Policy
from warehouse.database import snapshot
from warehouse.extracts import default_as_of, is_synthetic
from warehouse.incidents import running_incidents


@dataclass(frozen=True)
class AnsweredNowcast:
    """An answer, and whether what it rests on was made up."""

    answer: Nowcast
    is_synthetic: bool


def ask_nowcast(engine: Engine, question: Question, *, policy: Policy) -> AnsweredNowcast:
    """Answer a question from what the registers had recorded by its as-of date, or say why not.

    Args:
        engine: the warehouse.
        question: what is asked.
        policy: the numbers that the registers are linked with.

    Raises:
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    with snapshot(engine) as connection:
        return AnsweredNowcast(nowcast_on(connection, question, policy=policy), is_synthetic(connection))


def nowcast_on(connection: Connection, question: Question, *, policy: Policy) -> Nowcast:
    """What ``ask_nowcast`` answers, of a snapshot; a day that was linked in it is not linked again."""
    silent = what_is_silent(connection, question.as_of)
    if silent is not None:
        return Nowcast(question, None, {}, silent)
    known = known_suspects(connection, chain_on(connection, question.as_of, policy=policy))
    return nowcast(known, question, policy=policy.to_dict())


def what_is_silent(connection: Connection, as_of: date) -> str | None:
    """Why silence up to a day cannot be read as "did not come"; None: it can."""
    covered = default_as_of(connection)
    if covered is None or as_of > covered:
        until = "no day" if covered is None else str(covered)
        return f"both registers cover {until}, not {as_of}: what they have not handed over would count as not come"
    linked = {source.name for source in linked_sources()}
    still = sorted({incident.subject for incident in running_incidents(connection)} & linked)
    if still:
        return f"{' and '.join(still)} stands still: look at `ketenbalans incidents`"
    return None
