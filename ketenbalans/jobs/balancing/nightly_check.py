"""Make the newest balances again, in full and step by step, and hold both against what is stored."""

from datetime import date

from sqlalchemy import Engine

from ketenbalans.columns.registers import registers_of
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.balancing.chains import chains_on, whole_chain_on
from ketenbalans.jobs.balancing.linked import forget_kept, linked_as_of
from ketenbalans.jobs.balancing.making import balance_and_store
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.reconciliation.balance import balances
from ketenbalans.settings import Settings
from schemas.alerts import NO_BALANCE
from schemas.incidents import Incident, IncidentKind
from schemas.period import Period
from schemas.policy import Policy
from warehouse.breaks import last_look
from warehouse.database import snapshot
from warehouse.extracts import default_as_of


class StepsDiffer(Incident, ArithmeticError):
    """Linking step by step gave another balance than linking in full: a defect of ours, never of the data."""

    incident_kind = IncidentKind.STEPS_DIFFER


def recheck_newest(settings: Settings) -> list[str]:
    """Check the balances of the default as-of date; gives one text per balance that came out again.

    Raises:
        AnswerDiffers: a balance made in full is not the one that is stored for the same question.
        StepsDiffer: linking only what a late batch can reach gave another balance.
    """
    policy = settings.read_policy()
    with warehouse_from(settings) as engine:
        with snapshot(engine) as connection:
            as_of = default_as_of(connection)
            years = [] if as_of is None else registers_of(connection).years(as_of=as_of)
        if as_of is None or not years:
            return []
        periods = [Period.of_year(year) for year in years]
        with incident_kept(engine, NO_BALANCE, StepsDiffer):
            steps_equal_the_whole(engine, periods=periods, as_of=as_of, policy=policy)
        balance_and_store(
            engine, settings, periods=periods, as_of=as_of, policy=policy, keeps_breaks=False, afresh=True
        )
        return [f"{period} as of {as_of}" for period in periods]


def steps_equal_the_whole(engine: Engine, *, periods: list[Period], as_of: date, policy: Policy) -> None:
    """Link from the last day of the year before, over the last day whose breaks were kept, to a day; then in full.

    The chain that is kept for the day, or that goes on from the one that is kept, is held against the whole too. When
    it is another one it is kept no longer.

    Raises:
        StepsDiffer: the two give different balances.
    """
    with snapshot(engine) as connection:
        looks = [last_look(connection, year=period.start.year) for period in periods]
        days = {date(as_of.year - 1, 12, 31), *(look.as_of for look in looks if look is not None), as_of}
        *_, stepwise = chains_on(connection, sorted(day for day in days if day <= as_of), policy=policy)
        whole = balances(whole_chain_on(connection, as_of, policy=policy), periods)
        kept = linked_as_of(connection, as_of, policy=policy, keeps=False).chain
        for chain, how in ((stepwise, "step by step"), (kept, "from the linked state that is kept")):
            for found, expected in zip(balances(chain, periods), whole, strict=True):
                if found.answer() != expected.answer():
                    forget_kept(connection)
                    message = f"the balance of {found.period} as of {as_of} came out otherwise {how} than in full"
                    raise StepsDiffer(f"{message}; keep the log")
