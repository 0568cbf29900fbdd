"""Balance every calendar year whose input changed, and renew the pages of the years."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from ketenbalans.incidents.checks import ChainKeyDiffers
from ketenbalans.jobs.balancing.basis import basis_of
from ketenbalans.jobs.balancing.making import balance_and_store, balance_with_breaks
from ketenbalans.jobs.balancing.years import years_known
from ketenbalans.jobs.pages.balance_pages import write_balance_pages
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.gap_facts import windows_of_gaps
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.reconciliation.bridge import BalanceDoesNotClose
from ketenbalans.settings import Settings
from schemas.answer import ShownBalance
from schemas.causes import Cause
from schemas.period import Period
from schemas.policy import Policy
from schemas.verdicts import Judgement
from warehouse.balances import AnswerDiffers, StoredBalance, stored_balance
from warehouse.database import snapshot
from warehouse.extracts import default_as_of
from warehouse.signoffs import signed_periods


@dataclass(frozen=True, kw_only=True)
class BalancedYear:
    """A year that was balanced anew, and what its balance comes to; None where a newer one leads by now."""

    stored: StoredBalance
    judgement: Judgement | None

    def in_short(self) -> str:
        """``2014 as of 2015-01-31: 560 delivered, 516 recognised, 44 in between, 3 unexplained; verdict ...``."""
        answer = self.stored.answer
        verdict = f"; verdict {self.judgement.verdict}: {self.judgement.because}" if self.judgement else ""
        return (
            f"{self.stored.period} as of {self.stored.as_of}: {answer.delivered} delivered, "
            f"{answer.recognised} recognised, {answer.gap} in between, {answer.causes[Cause.MISSING.value]} unexplained"
            f"{verdict}"
        )


def reconcile_what_changed(settings: Settings) -> list[BalancedYear]:
    """Balance each calendar year whose input changed, as known on the default as-of date, and renew the pages.

    With the years, from the same linking, the periods that somebody signed and the windows that an alert rule looks at:
    a look then has but to read them.

    Returns:
        The balances that were made anew, the newest year first; empty when none was due.
    """
    policy = settings.read_policy()
    with warehouse_from(settings) as engine:
        with snapshot(engine) as connection:
            as_of = default_as_of(connection)
            if as_of is None:
                return []
            years = years_known(connection, as_of=as_of)
            windows = windows_of_gaps(connection, as_of, settings.read_alert_policy())
            asked = list(dict.fromkeys([*years, *signed_periods(connection), *windows]))
            due = _not_answered_yet(connection, asked, as_of=as_of, policy=policy)
            stored = _made_and_stored(engine, settings, due, inside=connection, as_of=as_of, policy=policy)
        shown = write_balance_pages(engine, settings=settings, periods=years)  # also of a year that a person asked for
        made = [one for one in stored if one.period in years][::-1]
        return [BalancedYear(stored=one, judgement=_judgement_of(one, shown.get(one.period))) for one in made]


def _judgement_of(stored: StoredBalance, shown: ShownBalance | None) -> Judgement | None:
    return shown.judgement if shown is not None and shown.as_of == stored.as_of else None


def _made_and_stored(  # noqa: PLR0913 (what is due, and where and how it is made)
    engine: Engine, settings: Settings, due: list[Period], *, inside: Connection, as_of: date, policy: Policy
) -> list[StoredBalance]:
    """Store what is due, made of what a snapshot sees; when that cannot be, somebody is notified at once."""
    if not due:
        return []
    try:
        made = balance_and_store(
            engine, settings, periods=due, as_of=as_of, policy=policy, keeps_breaks=True, inside=inside
        )
    except (AnswerDiffers, BalanceDoesNotClose, ChainKeyDiffers):
        watch_now(settings)
        raise
    return [one.stored for one in made]


def _not_answered_yet(connection: Connection, periods: list[Period], *, as_of: date, policy: Policy) -> list[Period]:
    """The periods whose balance on that day does not lead, rest on all that is known by now, and have its breaks kept.

    Any record may link with any other, so a change anywhere is a change of the input of every period (ADR 0006).
    """
    basis = basis_of(connection, as_of=as_of, policy=policy)

    def is_answered(period: Period) -> bool:
        stored = balance_with_breaks(connection, period, basis)
        newest = stored_balance(connection, period=period, as_of=as_of, policy=basis.policy)
        return stored is not None and newest is not None and newest.balance_id == stored.balance_id

    return [period for period in periods if not is_answered(period)]
