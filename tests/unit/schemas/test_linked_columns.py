"""A field that a rule uses is in the lists of linking that the rule needs, and in no other."""

from dataclasses import replace

import pytest

from schemas.catalogue import source_named
from schemas.declaration import Field, Kind
from schemas.linked_columns import (
    DELIVERY_COLUMNS,
    OF_A_REGISTRATION,
    REGISTRATION_COLUMNS,
    Coding,
    LinkedColumn,
    Use,
    columns_of,
    names,
    one_of_each_name,
    read_of,
)

OM = source_named("om")
KINDS_OF_A_RULE = {Kind.TEXT: Coding.CATEGORY, Kind.INTEGER: Coding.AS_IT_IS, Kind.DATE: Coding.AS_IT_IS}
KINDS_OF_A_RULE[Kind.BOOLEAN] = Coding.AS_IT_IS


def registered_with(field: Field) -> tuple[LinkedColumn, ...]:
    return columns_of(replace(OM, fields=(*OM.fields, field)), of_their_own=OF_A_REGISTRATION)


@pytest.mark.parametrize("kind", KINDS_OF_A_RULE)
def test_a_field_of_a_rule_that_gives_a_cause_stands_where_such_rules_look(kind: Kind) -> None:
    added = registered_with(Field(name="desk", meaning="new", kind=kind, in_causes=True))
    assert added[:-1] == OF_A_REGISTRATION
    assert (added[-1].name, added[-1].read, added[-1].coding) == ("desk", ("desk",), KINDS_OF_A_RULE[kind])
    for use in (Use.WHEN_SETTLED, Use.IN_CAUSES, Use.BESIDE_A_PARTNER):
        assert names(added, use) == (*names(OF_A_REGISTRATION, use), "desk")
    assert names(added, Use.IN_PAIRS) == names(OF_A_REGISTRATION, Use.IN_PAIRS)


def test_a_field_of_a_rule_that_links_stands_in_pairs_too() -> None:
    added = registered_with(Field(name="desk", meaning="new", in_linking=True))
    assert names(added, Use.IN_PAIRS) == (*names(OF_A_REGISTRATION, Use.IN_PAIRS), "desk")


def test_a_field_that_no_rule_uses_is_not_read() -> None:
    assert registered_with(Field(name="desk", meaning="new")) == OF_A_REGISTRATION


@pytest.mark.parametrize("kind", [one for one in Kind if one not in KINDS_OF_A_RULE], ids=lambda kind: kind.name)
def test_a_kind_that_no_rule_can_use_is_refused_with_those_that_it_can(kind: Kind) -> None:
    with pytest.raises(ValueError, match=f"desk is a {kind.value}; a rule can use a text, a whole number, a day"):
        registered_with(Field(name="desk", meaning="new", kind=kind, in_causes=True))


def test_both_registers_cannot_have_one_name_in_a_pair() -> None:
    with pytest.raises(ValueError, match="both registers hand unit to linking"):
        one_of_each_name(registered_with(Field(name="unit", meaning="new", in_causes=True)), DELIVERY_COLUMNS)


def test_all_that_is_read_is_a_field_of_its_register_or_made_by_the_query() -> None:
    police = source_named("police")
    assert set(read_of(REGISTRATION_COLUMNS)) <= {field.stored_as for field in OM.fields}
    assert set(read_of(DELIVERY_COLUMNS)) - {field.stored_as for field in police.fields} == {"party", "transferred_on"}
