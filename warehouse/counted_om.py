"""Settlements of the OM, counted as known on a day over its standing registrations."""

from typing import Any

from sqlalchemy import ColumnElement

from schemas.vocabulary import Disposal, OmMutation


def is_standing(registration: Any) -> ColumnElement[bool]:
    """Whether the newest row of a registration neither lapsed nor joined it."""
    stands: ColumnElement[bool] = registration.mutation.not_in([OmMutation.LAPSED.value, OmMutation.JOINED.value])
    return stands


def ended_with(registration: Any, disposal: Disposal) -> ColumnElement[bool]:
    """Whether a row of a registration carries that disposal."""
    carries: ColumnElement[bool] = registration.disposal == disposal.value
    return carries
