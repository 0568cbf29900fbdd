"""The answer that a signed question has now, and what moved it: as it is stored, or worked out where it is not."""

import json
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Connection

from ketenbalans.code_version import code_version, digest_of_all_texts
from ketenbalans.columns.kept_frame import kept_frame
from ketenbalans.signoff.figure_set import FigureSet, count_breaks, figures_of
from ketenbalans.signoff.standing import (
    FEW,
    Breaks,
    LateLoad,
    MovedBreak,
    MovedFigure,
    SignedMovement,
    figures_superseded,
    moved_breaks,
    moved_figures,
)
from schemas.answer import BalanceAnswer
from schemas.breaks import BreakState
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import BalanceBasis, StoredBalance, balance_on, input_fingerprint, stored_balance
from warehouse.breaks import DECISIONS, last_look
from warehouse.decisions import last_decision_number
from warehouse.extracts import default_as_of
from warehouse.signoffs import (
    KeptFigureSet,
    days_balanced,
    decisions_since,
    is_decided_since,
    rows_loaded_since,
    signed_breaks,
)


def standing_of(rows: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """The breaks of a frame (``break_life.LIFE``) that stand, by id: state and cause."""
    stand = rows.filter(pl.col("state") != BreakState.RESOLVED.value).sort("break_id")
    return {
        break_id: (state, cause) for break_id, state, cause in stand.select("break_id", "state", "cause").iter_rows()
    }


class AskedAgain:
    """Asks signed questions again, as one moment of the warehouse answers them."""

    def __init__(self, connection: Connection) -> None:
        """Ask over a connection inside one snapshot."""
        self._connection = connection
        self._fingerprints: dict[date, str] = {}

    def moved(self, kept: KeptFigureSet, signed: FigureSet) -> SignedMovement | None:
        """What moved the answer to the question that was signed; None: nothing did.

        Raises:
            ChainKeyDiffers: registers cannot be linked now, so nobody knows.
        """
        fingerprint = self._fingerprint(signed.as_of)
        decided = kept.loads.get(DECISIONS, 0)
        is_touched = fingerprint != signed.input_fingerprint or is_decided_since(
            self._connection, decided, as_of=signed.as_of
        )
        if not is_touched:
            return None
        key = {"fingerprint": fingerprint, "decided": last_decision_number(self._connection)}
        return self._kept_movement(f"signed-{kept.set_id[:16]}", kept, key, partial(self._asked, kept, signed))

    def superseded(self, kept: KeptFigureSet, signed: FigureSet) -> SignedMovement | None:
        """What a later day moved by more than was agreed, as the newest balance has it; None: nothing so far."""
        later = self._newest_after(signed)
        figures = () if later is None else figures_superseded(signed, figures_of(later.answer, {}))
        if later is None or not figures:
            return None
        key = {"balance": later.balance_id, "decided": last_decision_number(self._connection)}
        return self._kept_movement(f"later-{kept.set_id[:16]}", kept, key, partial(self._later, kept, later, figures))

    def _fingerprint(self, as_of: date) -> str:
        if as_of not in self._fingerprints:
            self._fingerprints[as_of] = input_fingerprint(self._connection, as_of=as_of)
        return self._fingerprints[as_of]

    def _asked(self, kept: KeptFigureSet, signed: FigureSet) -> SignedMovement | None:
        from ketenbalans.jobs.breaks.of_balance import breaks_of_stored  # noqa: PLC0415 (few questions were touched)

        policy = Policy.model_validate(dict(signed.policy))
        basis = BalanceBasis(
            as_of=signed.as_of,
            policy=policy.to_dict(),
            code_version=code_version(),
            input_fingerprint=self._fingerprint(signed.as_of),
        )
        stored = balance_on(self._connection, signed.period, basis)
        if stored is not None:
            answer, rows = stored.answer, breaks_of_stored(self._connection, stored, policy=policy).rows
        else:
            answer, rows = self._worked_out(signed.period, signed.as_of, policy)
        figures = moved_figures(signed, figures_of(answer, count_breaks(rows)))
        if not figures:
            return None
        breaks = moved_breaks(signed_breaks(self._connection, kept.set_id), standing_of(rows))
        return _movement(signed.as_of, figures, breaks, loads=tuple(self._late_loads(kept)))

    def _worked_out(self, period: Period, as_of: date, policy: Policy) -> tuple[BalanceAnswer, pl.DataFrame]:
        from ketenbalans.jobs.balancing.chains import chain_on  # noqa: PLC0415 (what a stored answer saves)
        from ketenbalans.jobs.breaks.of_balance import breaks_of  # noqa: PLC0415
        from ketenbalans.jobs.figures.cases import whole_answers  # noqa: PLC0415
        from ketenbalans.reconciliation.balance import balance  # noqa: PLC0415
        from ketenbalans.reconciliation.breaks import found_breaks  # noqa: PLC0415

        made = balance(chain_on(self._connection, as_of, policy=policy), period)
        (answer,) = whole_answers(self._connection, [made])
        found = found_breaks(made, policy=policy)
        return answer, breaks_of(self._connection, found, period=period, as_of=as_of).rows

    def _newest_after(self, signed: FigureSet) -> StoredBalance | None:
        """The balance of the period as known on the last day after that of the set of which one is stored."""
        covered = default_as_of(self._connection)
        if covered is None:
            return None
        for day in days_balanced(self._connection, signed.period, after=signed.as_of, until=covered):
            found = stored_balance(self._connection, period=signed.period, as_of=day, policy=dict(signed.policy))
            if found is not None:
                return found
        return None

    def _later(self, kept: KeptFigureSet, later: StoredBalance, figures: tuple[MovedFigure, ...]) -> SignedMovement:
        return _movement(later.as_of, figures, self._breaks_moved_by(kept, later))

    def _breaks_moved_by(self, kept: KeptFigureSet, later: StoredBalance) -> list[MovedBreak]:
        """Those of a year whose breaks are kept of that balance: the others would have to be worked out."""
        from ketenbalans.jobs.breaks.of_balance import read_breaks  # noqa: PLC0415 (few signatures are superseded)

        period = later.period
        look = last_look(self._connection, year=period.start.year, as_of=later.as_of)
        if not period.is_calendar_year or look is None or look.balance_id != later.balance_id:
            return []
        policy = Policy.model_validate(dict(later.policy))
        listed = read_breaks(self._connection, period=period, as_of=later.as_of, policy=policy)
        assert listed is not None, "a balance that was looked at has breaks"
        return moved_breaks(_causes(signed_breaks(self._connection, kept.set_id)), _causes(standing_of(listed.rows)))

    def _late_loads(self, kept: KeptFigureSet) -> list[LateLoad]:
        late = rows_loaded_since(self._connection, kept.loads, as_of=kept.as_of)
        found = [LateLoad(source=one.source, load_number=one.load_number, rows=one.rows) for one in late]
        decided = decisions_since(self._connection, kept.loads.get(DECISIONS, 0), as_of=kept.as_of)
        if decided:
            number = last_decision_number(self._connection)
            found.append(LateLoad(source=DECISIONS, load_number=number, rows=decided))
        return found

    def _kept_movement(
        self, name: str, kept: KeptFigureSet, key: Mapping[str, Any], work_out: Any
    ) -> SignedMovement | None:
        """A movement as it was found before of just the same, or worked out now and kept beside the columns."""

        def frame() -> pl.DataFrame:
            found = work_out()
            return pl.DataFrame({"movement": [None if found is None else json.dumps(found.to_json())]}, MOVEMENT)

        whole_key = {"code": digest_of_all_texts(), "set": kept.set_id, **key}
        text = kept_frame(self._connection, name, whole_key, frame)["movement"][0]
        return None if text is None else SignedMovement.from_json(json.loads(text))


MOVEMENT = {"movement": pl.String()}


def _movement(
    as_of: date, figures: tuple[MovedFigure, ...], breaks: list[MovedBreak], *, loads: tuple[LateLoad, ...] = ()
) -> SignedMovement:
    first = tuple(breaks[:FEW])
    return SignedMovement(as_of=as_of, figures=figures, breaks=first, breaks_in_all=len(breaks), loads=loads)


def _causes(breaks: Breaks) -> dict[str, tuple[str, str]]:
    """Breaks without what persons did with them: between days only another cause moves a figure."""
    return {break_id: ("", cause) for break_id, (_, cause) in breaks.items()}
