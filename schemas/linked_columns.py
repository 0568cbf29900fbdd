"""The columns that the registers hand to linking: one record each, from which every list of them follows (ADR 0039).

What the warehouse reads, how it is coded, what stands in a pair, beside a partner or with a settled pair: each list
asks these records. A field that a rule comes to use says so in its own source (``Field.in_linking``,
``Field.in_causes``) and is in all of these lists from then on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, Flag, auto

from schemas.declaration import Field, Kind, Source
from schemas.sources import om_registrations, police_deliveries


class Coding(Enum):
    """How a column is made of what was read (``schemas.coded_state``)."""

    AS_IT_IS = auto()
    CATEGORY = auto()
    DOSSIER = auto()
    UNIT = auto()
    CASE = auto()
    TYPED_OTHERWISE = auto()
    ROUND = auto()
    IS_JOINED = auto()
    IS_WITHDRAWN = auto()


class Use(Flag):
    """Where a column is needed. Fewer columns are less to copy, so a column stands only where a rule reads it."""

    NOWHERE_ELSE = 0
    IN_PAIRS = auto()
    """The rules that link compare it, or order pairs by it."""
    WHEN_SETTLED = auto()
    """It stays with the pairs of the common case, which no rule looks at again."""
    IN_CAUSES = auto()
    """The rules that give a record of its own register a cause read it."""
    BESIDE_A_PARTNER = auto()
    """It is put beside the record of the other register that it is linked to."""


@dataclass(frozen=True, kw_only=True)
class LinkedColumn:
    """One column of a register as the rules see it.

    Attributes:
        name: over both registers no other column has it: a pair shows both sides side by side.
        read: what is read of the warehouse to make it: fields of the source, or what the query itself makes.
        coding: how it is made of them.
        uses: where it is needed beside the register's own frame.
    """

    name: str
    read: tuple[str, ...]
    coding: Coding = Coding.AS_IT_IS
    uses: Use = Use.NOWHERE_ELSE


ALL_OF_A_RULE = Use.WHEN_SETTLED | Use.IN_CAUSES | Use.BESIDE_A_PARTNER
KEY = Use.IN_PAIRS | ALL_OF_A_RULE

OF_A_DELIVERY = (
    LinkedColumn(
        name="party",
        read=("party",),
        coding=Coding.CATEGORY,
        uses=Use.IN_PAIRS | Use.WHEN_SETTLED | Use.BESIDE_A_PARTNER,
    ),
    LinkedColumn(name="dossier", read=("dossier_number",), coding=Coding.DOSSIER, uses=KEY),
    LinkedColumn(name="suspect_number", read=("suspect_number",), uses=KEY),
    LinkedColumn(
        name="person",
        read=("person_id",),
        uses=Use.IN_PAIRS | Use.WHEN_SETTLED | Use.IN_CAUSES,
    ),
    LinkedColumn(name="unit", read=("unit",), coding=Coding.UNIT, uses=Use.WHEN_SETTLED | Use.IN_CAUSES),
    LinkedColumn(name="team", read=("team",), coding=Coding.CATEGORY),
    LinkedColumn(name="delivered_on", read=("delivered_on",), uses=KEY),
    LinkedColumn(name="transferred_to", read=("transferred_to",), coding=Coding.CATEGORY, uses=Use.IN_CAUSES),
    LinkedColumn(name="transferred_on", read=("transferred_on",), uses=Use.IN_CAUSES),
    LinkedColumn(
        name="is_withdrawn",
        read=("mutation",),
        coding=Coding.IS_WITHDRAWN,
        uses=Use.IN_PAIRS | Use.BESIDE_A_PARTNER,
    ),
)
"""Of a delivery what is coded in a way of its own. ``party`` and ``transferred_on`` are made by the query."""

OF_A_REGISTRATION = (
    LinkedColumn(
        name="case",
        read=("case_number",),
        coding=Coding.CASE,
        uses=Use.IN_PAIRS | Use.WHEN_SETTLED | Use.BESIDE_A_PARTNER,
    ),
    LinkedColumn(name="registered_person", read=("person_id",), uses=Use.IN_PAIRS),
    LinkedColumn(name="reported_dossier", read=("dossier_number",), coding=Coding.DOSSIER, uses=Use.IN_PAIRS),
    LinkedColumn(
        name="typed_otherwise", read=("dossier_number_as_reported", "dossier_number"), coding=Coding.TYPED_OTHERWISE
    ),
    LinkedColumn(name="reported_suspect_number", read=("suspect_number",), uses=Use.IN_PAIRS),
    LinkedColumn(
        name="registered_on",
        read=("registered_on",),
        uses=Use.IN_PAIRS | Use.WHEN_SETTLED | Use.BESIDE_A_PARTNER,
    ),
    LinkedColumn(name="round", read=("mutation", "classification"), coding=Coding.ROUND, uses=Use.BESIDE_A_PARTNER),
    LinkedColumn(name="is_joined", read=("mutation",), coding=Coding.IS_JOINED, uses=Use.BESIDE_A_PARTNER),
)
"""The same of a registration."""


def _of_a_field(field: Field) -> LinkedColumn:
    """The column of a field that a rule uses: under its own name, a text as one of few values, the rest as it is."""
    if field.kind not in (Kind.TEXT, Kind.INTEGER, Kind.DATE, Kind.BOOLEAN):
        message = f"{field.name} is a {field.kind.value}; a rule can use a text, a whole number, a day, or J or N"
        raise ValueError(message)
    coding = Coding.CATEGORY if field.kind is Kind.TEXT else Coding.AS_IT_IS
    uses = ALL_OF_A_RULE | (Use.IN_PAIRS if field.in_linking else Use.NOWHERE_ELSE)
    return LinkedColumn(name=field.name, read=(field.name,), coding=coding, uses=uses)


def columns_of(source: Source, *, of_their_own: tuple[LinkedColumn, ...]) -> tuple[LinkedColumn, ...]:
    """The columns of a register: those that are coded in a way of their own, then the fields that rules use besides.

    Raises:
        ValueError: such a field is of a kind that no rule can use.
    """
    return (*of_their_own, *(_of_a_field(one) for one in source.fields if one.in_linking or one.in_causes))


def one_of_each_name(columns: tuple[LinkedColumn, ...], others: tuple[LinkedColumn, ...]) -> tuple[LinkedColumn, ...]:
    """The first columns, when none of the others has the name of one of them, for a pair has both.

    Raises:
        ValueError: a name stands twice.
    """
    if twice := sorted(set(names(columns)) & set(names(others))):
        message = f"both registers hand {', '.join(twice)} to linking; give the field of one of them another name"
        raise ValueError(message)
    return columns


def names(columns: Iterable[LinkedColumn], use: Use | None = None) -> tuple[str, ...]:
    """The names of some columns in their order; with a use those that are needed there."""
    return tuple(column.name for column in columns if use is None or use in column.uses)


def read_of(columns: Iterable[LinkedColumn]) -> tuple[str, ...]:
    """What is read of the warehouse to make some columns, each once, in their order."""
    return tuple(dict.fromkeys(name for column in columns for name in column.read))


DELIVERY_COLUMNS = columns_of(police_deliveries.SOURCE, of_their_own=OF_A_DELIVERY)
"""Every column of a delivery, whoever delivered; a party that does not declare a field of the police has null there."""

REGISTRATION_COLUMNS = one_of_each_name(
    columns_of(om_registrations.SOURCE, of_their_own=OF_A_REGISTRATION), DELIVERY_COLUMNS
)
"""Every column of a registration."""
