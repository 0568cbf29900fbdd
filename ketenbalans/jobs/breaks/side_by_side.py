"""Both records of a break beside each other, as the newest event of each says, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.answer_breaks import ShownBreak
from schemas.sources import om_registrations

COMPARED = ("dossier_number", "suspect_number", "person")
"""What both registers say of one suspect; where both say it and not the same, it differs."""

OF_ONE_SIDE = ("unit", "team", "transferred_to", "case_number", "classification", "disposal", "joined_into")


@dataclass(frozen=True, kw_only=True)
class ComparedField:
    """A field of both records.

    Attributes:
        name: of the field.
        delivered: what the delivery says; None: nothing, or there is none.
        registered: what the registration says, likewise.
        differs: whether both say something and not the same, of what both should say alike.
        remark: how far the two days are apart; None: there are not two.
    """

    name: str
    delivered: Any
    registered: Any
    differs: bool = False
    remark: str | None = None


def side_by_side(shown: ShownBreak) -> list[ComparedField]:
    """The fields that either record has, those first that both should say alike."""
    delivery, registration = newest_of_both(shown)
    fields = [
        ComparedField(
            name=name, delivered=ours, registered=theirs, differs=None not in (ours, theirs) and ours != theirs
        )
        for name in COMPARED
        for ours, theirs in [(delivery.get(name), registration.get(name))]
    ]
    as_reported = registration.get("dossier_number_as_reported")
    if as_reported != registration.get("dossier_number"):
        fields.append(ComparedField(name="dossier_number_as_reported", delivered=None, registered=as_reported))
    days = delivery.get("delivered_on"), registration.get("registered_on")
    fields.append(ComparedField(name="day", delivered=days[0], registered=days[1], remark=_apart(*days)))
    fields += [
        ComparedField(name=name, delivered=delivery.get(name), registered=registration.get(name))
        for name in OF_ONE_SIDE
    ]
    fields.append(
        ComparedField(name="newest event", delivered=delivery.get("mutation"), registered=registration.get("mutation"))
    )
    return [one for one in fields if (one.delivered, one.registered) != (None, None)]


def newest_of_both(shown: ShownBreak) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The newest event of the delivery and of the registration; empty where there is none."""
    newest: dict[bool, Mapping[str, Any]] = {
        event["source"] == om_registrations.SOURCE.name: event for event in shown.events
    }
    return newest.get(False, {}), newest.get(True, {})


def _apart(delivered_on: date | None, registered_on: date | None) -> str | None:
    if delivered_on is None or registered_on is None:
        return None
    days = (registered_on - delivered_on).days
    if days == 0:
        return "on the same day"
    in_words = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"registered {in_words} {'later' if days > 0 else 'before'}"
