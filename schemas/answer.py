"""The balance as it is answered: what the warehouse keeps, and what ``reconcile --json`` prints of it.

Frozen, with fields; JSON only where it is read and written. A document that is kept is read as it was written, of
whatever year: ``from_json`` gives an answer whose ``to_json`` has the same bytes, or refuses (ADR 0040).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from schemas.answer_parts import Bridge, MonthBridge, PartyBridge, PublishedBeside
from schemas.catalogue import POLICE
from schemas.json_object import JsonObject
from schemas.period import Period
from schemas.verdicts import BalanceVerdict, Judgement

UNIT = "suspects"
"""What is counted, where nothing else is said."""

COUNTS = ("delivered", "recognised", "gap", "cases_delivered", "registered_earlier", "om_count")
BY_CAUSE = ("causes", "om_only")
"""The keys of an answer's JSON that hold a count, and those that hold one per cause."""


class InvalidAnswer(ValueError):
    """A document is no balance, or one that this version cannot give back as it is; the message names the keys."""


@dataclass(frozen=True, kw_only=True)
class BalanceAnswer:
    """What one period looks like on one day, in counts: the answer that is stored.

    Attributes:
        period: the deliveries that are counted, by ``delivered_on``.
        as_of: the day whose knowledge is used.
        police: what the police delivered: the published balance.
        registered_earlier: recognised suspects of the police registered before the period.
        om_count: the OM's own figure: registrations of the period, whoever delivered.
        om_only: registrations of that figure without a recognised police delivery of the period, by cause; every
            cause that was counted, also at 0.
        links: suspects that the police delivered in the period, by the number of the rule that linked them.
        closes: whether every bridge adds up.
        other_parties: what each party but the police delivered, apart; None: kept before others were counted.
        qualifications: cases of the police by qualification, of which one may have several; None: kept before these
            were counted.
        by_month: what the police delivered in each calendar month of the period, also where that is nothing; None: kept
            before months were counted.
    """

    period: Period
    as_of: date
    police: PartyBridge
    registered_earlier: int
    om_count: int
    om_only: Mapping[str, int]
    links: Mapping[str, int]
    closes: bool
    other_parties: tuple[PartyBridge, ...] | None = ()
    qualifications: Mapping[str, int] | None = None
    by_month: tuple[MonthBridge, ...] | None = None

    @property
    def delivered(self) -> int:
        """Suspects that the police delivered."""
        return self.police.total.delivered

    @property
    def recognised(self) -> int:
        """Suspects of the police that the OM recognises."""
        return self.police.total.recognised

    @property
    def registered(self) -> int | None:
        """Suspects of the police with a standing registration classified KP or KST, whatever its day."""
        return self.police.total.registered

    @property
    def gap(self) -> int:
        """Suspects of the police that the OM cannot recognise."""
        return self.police.total.gap

    @property
    def cases_delivered(self) -> int:
        """Cases with a suspect that the police delivered."""
        return self.police.total.cases_delivered

    @property
    def causes(self) -> Mapping[str, int]:
        """The gap of the police by cause; every cause that was counted, also at 0."""
        return self.police.total.causes

    @property
    def by_unit(self) -> tuple[Bridge, ...]:
        """A bridge per police unit with a delivered suspect in the period, sorted."""
        return self.police.by_unit

    @property
    def parties(self) -> tuple[PartyBridge, ...]:
        """Everybody who delivered, the police first; only they where others were not counted yet."""
        return self.police, *(self.other_parties or ())

    @property
    def counts_anything(self) -> bool:
        """Whether it counts a delivery or a registration of its period, whoever delivered."""
        return any((*(party.total.delivered for party in self.parties), self.om_count))

    def figure(self, key: str) -> int:
        """The count behind a key of its JSON: ``delivered``, ``om_count``, ``causes.missing`` and so on.

        Raises:
            KeyError: it has no such count.
        """
        name, _, cause = key.partition(".")
        if name not in (BY_CAUSE if cause else COUNTS):
            raise KeyError(key)
        value = getattr(self, name)
        return int(value[cause] if cause else value)

    def to_json(self) -> JsonObject:
        """The answer as it is stored: every cause is present, also at 0.

        The units stand behind the causes; in a document from before other parties were counted they stand last.
        """
        bridge = self.police.to_json()
        del bridge["party"]
        by_unit = {"by_unit": bridge.pop("by_unit")}
        is_of_several = self.other_parties is not None
        return {
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "as_of": self.as_of.isoformat(),
            "unit": UNIT,
            **bridge,
            **(by_unit if is_of_several else {}),
            "registered_earlier": self.registered_earlier,
            "om_count": self.om_count,
            "om_only": dict(self.om_only),
            "links": dict(self.links),
            "closes": self.closes,
            **({"other_parties": [one.to_json() for one in self.other_parties or ()]} if is_of_several else by_unit),
            **({} if self.qualifications is None else {"qualifications": dict(self.qualifications)}),
            **({} if self.by_month is None else {"by_month": [one.to_json() for one in self.by_month]}),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read a stored answer; what this gives back is what was written, key by key.

        Raises:
            InvalidAnswer: a key is missing, unknown, or of another kind than an answer has.
        """
        try:
            found = cls(**cls._fields_of(document))
            differing = sorted(_differing(found.to_json(), document))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            name = f" ({error})" if isinstance(error, KeyError) else ""
            message = f"this is no balance that can be read{name}; it has {', '.join(map(str, document))}"
            raise InvalidAnswer(message) from None
        if differing:
            message = (
                f"a balance has what this version cannot give back: {', '.join(differing)}; read it with a newer one"
            )
            raise InvalidAnswer(message)
        return found

    @classmethod
    def _fields_of(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        others, qualifications = document.get("other_parties"), document.get("qualifications")
        months = document.get("by_month")
        return {
            "period": Period(*map(date.fromisoformat, document["period"])),
            "as_of": date.fromisoformat(document["as_of"]),
            "police": PartyBridge.from_json({**document, "party": POLICE}),
            "registered_earlier": document["registered_earlier"],
            "om_count": document["om_count"],
            "om_only": dict(document["om_only"]),
            "links": dict(document["links"]),
            "closes": document["closes"],
            "other_parties": None if others is None else tuple(map(PartyBridge.from_json, others)),
            "qualifications": None if qualifications is None else dict(qualifications),
            "by_month": None if months is None else tuple(map(MonthBridge.from_json, months)),
        }


@dataclass(frozen=True, kw_only=True)
class ShownBalance(BalanceAnswer):
    """An answer with what it rests on and what it comes to: what ``reconcile --json`` prints.

    Attributes:
        synthetic: whether a loaded extract was made by a scenario.
        quality: what the checks of the data behind it said: ``passed``, ``failed`` or ``not_checked``.
        published: what documents gave, by the key of our figure.
        policy: the numbers that it was made with, as they were kept with it.
        code_version: the code that made it.
        input_fingerprint: the events that it was made from.
        made_at: when it was first made; None where the same answer has to have the same bytes: in a report.
        judgement: what it comes to; None: nobody asked.
    """

    synthetic: bool
    quality: str
    published: Mapping[str, PublishedBeside]
    policy: Mapping[str, Any]
    code_version: str
    input_fingerprint: str
    made_at: datetime | None = None
    judgement: Judgement | None = None

    def to_json(self) -> JsonObject:
        """What ``reconcile --json`` prints."""
        return {
            **super().to_json(),
            "synthetic": self.synthetic,
            "quality": self.quality,
            "published": {key: figure.to_json() for key, figure in self.published.items()},
            "policy": dict(self.policy),
            "code_version": self.code_version,
            "input_fingerprint": self.input_fingerprint,
            **({} if self.made_at is None else {"made_at": self.made_at.isoformat()}),
            **({} if self.judgement is None else self.judgement.to_dict()),
        }

    @classmethod
    def _fields_of(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        made_at = document.get("made_at")
        is_judged = "verdict" in document
        return {
            **super()._fields_of(document),
            "synthetic": document["synthetic"],
            "quality": document["quality"],
            "published": {key: PublishedBeside.from_json(one) for key, one in document["published"].items()},
            "policy": dict(document["policy"]),
            "code_version": document["code_version"],
            "input_fingerprint": document["input_fingerprint"],
            "made_at": None if made_at is None else datetime.fromisoformat(made_at),
            "judgement": Judgement(BalanceVerdict.of(document["verdict"]), document["because"]) if is_judged else None,
        }


def _differing(ours: JsonObject, document: Mapping[str, Any]) -> set[str]:
    """The keys of which two documents do not say the same."""
    missing = object()
    return {key for key in {*ours, *document} if ours.get(key, missing) != document.get(key, missing)}
