"""What may change in a contract that was released, and what needs a version of its own (ADR 0020).

Two sorts of promise. The *shape* (which fields there are, their types and forms, which are never empty, topic, key,
record) changes in neither direction: a reader's columns and what lies on the topic both rest on it. The *range* (words,
numbers, days, rules between fields) may widen and never narrow: what was sent once stays valid for ever, since topics
keep their records for good. A field may be added as optional. Whatever this module does not know counts as shape.
Pure: contracts in, changes out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Contract = Mapping[str, Any]
Contracts = Mapping[str, Contract]
"""Contracts (``schemas.contracts.json_schema.contract_of``) by event type."""

REMEDY = "Take the change back, or declare it as the next version of the type (docs/contracts/README.md)."

_PROSE = frozenset({"$schema", "$id", "title", "description", "x-words"})
_ALSO_COMPARED = frozenset({"properties", "required", "allOf", "x-rules"})

_DAYS = frozenset({"x-earliest", "x-latest"})

_WIDER: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda before, after: after <= before,
    "maximum": lambda before, after: after >= before,
    "x-earliest": lambda before, after: after <= before,
    "x-latest": lambda before, after: after >= before,
}
"""Of a range keyword, whether what it was changed to still allows what it did."""


@dataclass(frozen=True)
class ContractChange:
    """One difference between a contract that was released and what is declared now.

    Attributes:
        event_type: whose contract.
        place: the field, or the keyword that is about all fields.
        what: what changed, in words.
        breaks: whether it takes back a promise.
    """

    event_type: str
    place: str
    what: str
    breaks: bool

    def __str__(self) -> str:
        return f"`{self.event_type}`, `{self.place}`: {self.what}"


class IncompatibleContract(ValueError):
    """A released contract was changed so that a reader, a producer or what lies on a topic would break."""


def check_compatible(released: Contracts, declared: Contracts) -> None:
    """Return when every promise still holds.

    Raises:
        IncompatibleContract: some do not; the message lists them and says what to do.
    """
    broken = [change for change in changes_between(released, declared) if change.breaks]
    if broken:
        what = "\n".join(f"  {change}" for change in broken)
        message = f"{len(broken)} changes break a contract that was released:\n{what}\n{REMEDY}"
        raise IncompatibleContract(message)


def changes_between(released: Contracts, declared: Contracts) -> list[ContractChange]:
    """Every change of the released contracts, in their order; a contract that was never released is none."""
    found: list[ContractChange] = []
    for event_type, before in released.items():
        after = declared.get(event_type)
        if after is None:
            what = "is no longer declared, while its events lie on the topic for good"
            found.append(ContractChange(event_type, "x-event-type", what, breaks=True))
        else:
            found += [ContractChange(event_type, *change) for change in _changes(before, after)]
    return found


_Found = tuple[str, str, bool]
"""A place, what changed there, and whether it breaks."""


def _changes(before: Contract, after: Contract) -> Iterator[_Found]:
    for keyword in _differing(before, after, _PROSE | _ALSO_COMPARED):
        yield keyword, _from_to(before.get(keyword), after.get(keyword)), True
    yield from _fields(before, after)
    yield from _together(before, after)
    yield from _rules(before, after)


def _fields(before: Contract, after: Contract) -> Iterator[_Found]:
    """Fields that went, changed or came."""
    old, new = before["properties"], after["properties"]
    for name, declared in old.items():
        if name not in new:
            yield name, "was removed or renamed", True
            continue
        if name in before["required"] and name not in after["required"]:
            yield name, "may be absent, and never was", True
        if name not in before["required"] and name in after["required"]:
            yield name, "became required", True
        yield from ((name, what, breaks) for what, breaks in _values(declared, new[name]))
    for name in new.keys() - old.keys():
        if name in after["required"]:
            yield name, "was added as required: what lies on the topic lacks it", True
        elif not new[name].get("x-added-later"):
            what = "was added without `added_later=True`: rows that were published would get another id and count twice"
            yield name, what, True
        else:
            yield name, "was added, and may be absent", False


def _values(before: Contract, after: Contract) -> Iterator[tuple[str, bool]]:
    """What changed of the values of one field, or of the elements of its lists."""
    # the years in the pattern of a day follow from its range: where that changed, it is compared by itself
    is_day = before.get("format") == after.get("format") == "date"
    derived = {"pattern"} if is_day and _differing(before, after, {*before, *after} - _DAYS) else set()
    for keyword in _differing(before, after, _PROSE | derived):
        old, new = before.get(keyword), after.get(keyword)
        if old is None or new is None:
            yield f"{keyword} changed, {_from_to(old, new)}", True
        elif keyword == "items":
            yield from _values(old, new)
        elif keyword == "enum":
            yield from _words(old, new, is_ordered=before.get("x-ordered", False))
        elif keyword in _WIDER:
            wider = _WIDER[keyword](old, new)
            yield f"{keyword} was {'widened' if wider else 'narrowed'}, {_from_to(old, new)}", not wider
        else:
            yield f"{keyword} changed, {_from_to(old, new)}", True


def _words(before: list[Any], after: list[Any], *, is_ordered: bool) -> Iterator[tuple[str, bool]]:
    if gone := [str(word) for word in before if word not in after]:
        yield f"lost the words {', '.join(gone)}", True
    if came := [str(word) for word in after if word not in before]:
        yield f"got the words {', '.join(came)}: set aside what you do not know", False
    kept = [word for word in after if word in before]
    if is_ordered and kept != [word for word in before if word in after]:
        yield "its words changed places, and the order tells which of two mutations is the newer", True


def _together(before: Contract, after: Contract) -> Iterator[_Found]:
    """Mutations that may not come without a field."""
    old, new = before.get("allOf", []), after.get("allOf", [])
    for rule in new:
        if rule not in old:
            yield _rule_place(rule), f"became required with a mutation: {_mutation(rule)}", True
    for rule in old:
        if rule not in new:
            yield _rule_place(rule), f"is no longer required with a mutation: {_mutation(rule)}", False


def _rule_place(rule: Contract) -> str:
    return ", ".join(rule.get("then", {}).get("required", ["allOf"]))


def _mutation(rule: Contract) -> Any:
    return rule.get("if", {}).get("properties", {}).get("mutation", {}).get("const")


def _rules(before: Contract, after: Contract) -> Iterator[_Found]:
    """Rules between two fields: field, rule and other, without their prose. A field that came brings its own."""
    old, new = (
        {
            (one["field"], one["rule"], one["other"])
            for one in contract.get("x-rules", [])
            if one["field"] in before["properties"]
        }
        for contract in (before, after)
    )
    for field, rule, other in sorted(new - old):
        yield field, f"got the rule {rule} {other}", True
    for field, rule, other in sorted(old - new):
        yield field, f"lost the rule {rule} {other}", False


def _differing(before: Contract, after: Contract, apart_from: frozenset[str] | set[str]) -> list[str]:
    keywords = dict.fromkeys([*before, *after])
    return [word for word in keywords if word not in apart_from and before.get(word) != after.get(word)]


def _from_to(before: Any, after: Any) -> str:
    return f"from {before!r} to {after!r}"
