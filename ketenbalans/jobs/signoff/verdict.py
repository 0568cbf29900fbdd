"""What the balance of a figure set comes to: nobody signs figures without reading that."""

from pydantic import ValidationError
from sqlalchemy import Engine

from ketenbalans.jobs.balancing.balances import read_balance
from ketenbalans.settings import Settings
from ketenbalans.signoff.standing import Signoff
from schemas.policy import Policy
from schemas.verdicts import Judgement


def verdict_of(engine: Engine, settings: Settings, one: Signoff) -> Judgement | None:
    """The verdict on the balance that is stored of the question of a figure set, as of now.

    Args:
        engine: the warehouse.
        settings: how many suspects may be missing.
        one: the set; the numbers that it was signed under are taken, not the standing ones.

    Returns:
        None when no balance of it is stored, or this version of the code cannot read what was signed.
    """
    if one.figures is None:
        return None
    try:
        policy = Policy.model_validate(dict(one.figures.policy))
    except ValidationError:
        return None
    found = read_balance(
        engine, period=one.period, as_of=one.as_of, policy=policy, alert_policy=settings.read_alert_policy()
    )
    return None if found is None else found.judgement
