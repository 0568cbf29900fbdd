"""The product's answer to a world, in the shape in which the reference gives its own."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ketenbalans.project_policy import project_policy
from ketenbalans.reconciliation.balance import balance_of
from ketenbalans.reconciliation.bridge import Balance
from schemas.period import Period
from schemas.policy import Policy
from tests.reference.records import Question, World, decisions_frame, frames
from tests.reference.section4 import reconcile

Suspects = dict[tuple[str, int], tuple[str | None, int | None, str | None]]


@dataclass(frozen=True)
class Answer:
    """The JSON of `ketenbalans reconcile`; case number, rule and cause of each suspect; each OM-only cause."""

    balance: dict[str, Any]
    suspects: Suspects
    om_only: dict[str, str]


def balance_by_the_product(world: World) -> Balance:
    """Give the product's balance of a world, with its decisions, if it has any."""
    deliveries, registrations = frames(world)
    question = world.question
    return balance_of(
        deliveries,
        registrations,
        period=Period(start=question.start, end=question.end),
        as_of=question.as_of,
        policy=policy_of(question),
        decisions=decisions_frame(world) if world.decisions else None,
    )


def by_the_product(world: World) -> Answer:
    """Give the product's answer; a record that is answered twice is an error."""
    balance = balance_by_the_product(world)
    columns = ["dossier_number", "suspect_number", "case_number", "link_rule", "cause"]
    suspects: Suspects = {}
    for delivered in balance.delivered:
        for number, suspect_number, case_number, link_rule, cause in delivered.suspects.select(columns).iter_rows():
            record = (delivered_under(delivered.party, number), suspect_number)
            assert record not in suspects, f"{record} is there twice"
            suspects[record] = (case_number, link_rule, cause)
    om_only = dict(balance.om_only.select("case_number", "cause").iter_rows())
    assert len(om_only) == balance.om_only.height, "a registration is there twice"
    return Answer(balance.answer().to_json(), suspects, om_only)


def delivered_under(party: str, dossier_number: str) -> str:
    """Name a dossier so that those of two parties stay apart: the police's by its number alone."""
    return dossier_number if party == "police" else f"{party} {dossier_number}"


def policy_of(question: Question) -> Policy:
    """Give the policy that a question is asked under."""
    return Policy(
        transit_allowance_days=question.transit_allowance_days,
        registered_before_delivery_days=question.registered_before_delivery_days,
        registered_after_delivery_days=question.registered_after_delivery_days,
        other_deliverers=question.other_deliverers,
    )


def question_about(period: Period, as_of: date) -> Question:
    """Ask about a period as known on a day, under the policy of the project."""
    policy = project_policy()
    return Question(
        start=period.start,
        end=period.end,
        as_of=as_of,
        transit_allowance_days=policy.transit_allowance_days,
        registered_before_delivery_days=policy.registered_before_delivery_days,
        registered_after_delivery_days=policy.registered_after_delivery_days,
        other_deliverers=policy.other_deliverers,
    )


def by_the_reference(world: World, *, with_suggestions: bool) -> Answer:
    """Give the answer of the reference."""
    outcome = reconcile(world, with_suggestions=with_suggestions)
    suspects: Suspects = {
        (delivered_under(suspect.delivery.party, suspect.delivery.dossier_number), suspect.delivery.suspect_number): (
            suspect.link.registration.case_number if suspect.link else None,
            suspect.link.rule if suspect.link else None,
            suspect.cause,
        )
        for suspect in outcome.suspects
    }
    om_only = {registration.case_number: cause for registration, cause in outcome.om_only}
    return Answer(outcome.answer, suspects, om_only)


def differences(world: World, *, with_suggestions: bool = False) -> list[str]:
    """Say in lines where the product and the reference differ; none when they agree. Added keys are no difference."""
    ours, theirs = by_the_product(world), by_the_reference(world, with_suggestions=with_suggestions)
    pairs: list[tuple[str, Any, Any]] = [
        *((str(record), ours.suspects.get(record), theirs.suspects.get(record)) for record in every(ours, theirs)[0]),
        *((number, ours.om_only.get(number), theirs.om_only.get(number)) for number in every(ours, theirs)[1]),
        *(
            (key, only_the_keys_of(expected, ours.balance.get(key)), expected)
            for key, expected in theirs.balance.items()
        ),
    ]
    return [f"{what}: product {one}, reference {other}" for what, one, other in pairs if one != other]


def every(ours: Answer, theirs: Answer) -> tuple[list[tuple[str, int]], list[str]]:
    """Give every suspect and every OM-only registration that one of the two answers for, sorted."""
    return sorted(ours.suspects.keys() | theirs.suspects.keys()), sorted(ours.om_only.keys() | theirs.om_only.keys())


def only_the_keys_of(expected: Any, answered: Any) -> Any:
    """Drop the keys that the contract does not name: 'keys may be added, none removed'."""
    if isinstance(expected, dict) and isinstance(answered, dict):
        return {key: only_the_keys_of(expected.get(key), answered[key]) for key in answered if key in expected}
    if isinstance(expected, list) and isinstance(answered, list) and len(expected) == len(answered):
        return [only_the_keys_of(one, other) for one, other in zip(expected, answered, strict=True)]
    return answered
