"""Find the records that changed records can affect: all that they reach, in their old state and in the new one.

Two records meet when they carry the same dossier number or the same person, when a registration's unknown number is one
edit from a delivery's, or when a person decided about the two. Reaching goes on from meeting to meeting until nothing
new is met.
"""

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from reconciliation.chain import Chain
from reconciliation.decisions import DecidedPairs
from reconciliation.one_edit import Numbers, Texts, one_edit_apart
from reconciliation.state import Frame, is_filled, rows_with, with_flag, without
from reconciliation.suggest import texts_as_typed
from schemas.coded_state import NO_LONGER_STANDING

Values = nw.Series[Any]

OF_A_DELIVERY = ("delivery_id", "dossier", "person")
OF_A_REGISTRATION = ("registration_id", "reported_dossier", "registered_person", "typed_otherwise")


@dataclass(frozen=True)
class Front:
    """What one step met: the keys that the next one goes on from."""

    dossiers: Values
    persons: Values


def reached(chain: Chain, police: Frame, om: Frame, decided: DecidedPairs) -> tuple[Frame, Frame]:
    """Give the old rows of every record that the changed ones can affect.

    Args:
        chain: the chain before.
        police: the changed deliveries in their new state, coded.
        om: the changed registrations, likewise.
        decided: what holds now. All of it is reached: decisions are few, and each makes two records meet.

    Returns:
        The rows of ``chain.deliveries`` and of ``chain.registrations``, each once.
    """
    near = NearNumbers(chain)
    pairs = nw.concat([decided.confirmed, decided.rejected, chain.decided.confirmed, chain.decided.rejected])
    cases = rows_with(chain.registrations, "case", nw.concat([om.select("case"), pairs.select("case")])["case"])
    nothing = police["dossier"].head(0)
    deliveries = [near.deliveries_near(om, known=police["dossier"]), near.deliveries_near(cases, known=nothing)]
    registrations = [cases.select(OF_A_REGISTRATION), near.registrations_near(police)]
    front = front_of(
        [police, pairs.with_columns(person=nw.lit(None, police.schema["person"])), *deliveries],
        [om, *registrations],
    )
    seen = front
    while len(front.dossiers) or len(front.persons):
        met = meeting(chain, front)
        deliveries.append(met[0])
        registrations.append(met[1])
        deliveries.append(near.deliveries_near(met[1], known=nothing))
        registrations.append(near.registrations_near(met[0]))
        found = front_of(deliveries[-2:], registrations[-2:])
        front = Front(
            *(beyond(new, old) for new, old in ((found.dossiers, seen.dossiers), (found.persons, seen.persons)))
        )
        seen = Front(
            *(
                nw.concat([a.to_frame(), b.to_frame()])[a.name]
                for a, b in ((seen.dossiers, front.dossiers), (seen.persons, front.persons))
            )
        )
    ids = [
        nw.concat([frame.select(key) for frame in frames])[key]
        for key, frames in (("delivery_id", deliveries), ("registration_id", registrations))
    ]
    return rows_with(chain.deliveries, "delivery_id", ids[0]), rows_with(chain.registrations, "registration_id", ids[1])


def meeting(chain: Chain, front: Front) -> tuple[Frame, Frame]:
    """The records that carry a dossier number or a person of the front."""
    police = [
        rows_with(chain.deliveries.select(OF_A_DELIVERY), key, values)
        for key, values in (("dossier", front.dossiers), ("person", front.persons))
    ]
    om = [
        rows_with(chain.registrations.select(OF_A_REGISTRATION), key, values)
        for key, values in (("reported_dossier", front.dossiers), ("registered_person", front.persons))
    ]
    return nw.concat(police).unique("delivery_id"), nw.concat(om).unique("registration_id")


def front_of(deliveries: list[Frame], registrations: list[Frame]) -> Front:
    """The keys that some records carry."""
    dossiers = [frame.select("dossier") for frame in deliveries]
    dossiers += [frame.select(dossier=nw.col("reported_dossier")) for frame in registrations]
    persons = [frame.select("person") for frame in deliveries]
    persons += [frame.select(person=nw.col("registered_person")) for frame in registrations]
    return Front(
        *(
            nw.concat(frames)[name].drop_nulls().unique()
            for name, frames in (("dossier", dossiers), ("person", persons))
        )
    )


def beyond(found: Values, seen: Values) -> Values:
    """The values that were not seen before."""
    return without(found.to_frame(), seen.to_frame(), found.name)[found.name]


class NearNumbers:
    """The numbers that rule 6 (c) may compare: open deliveries, and registrations whose number nobody delivered."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        is_open = ~is_filled("registration_id") | (nw.col("round") == NO_LONGER_STANDING)
        self.open = chain.left_deliveries.filter(~nw.col("is_withdrawn"), is_open)
        has_text = is_filled("reported_dossier") | is_filled("typed_otherwise")
        self.unknown = chain.left_registrations.filter(~nw.col("is_known_dossier"), has_text)
        self.numbers = Numbers(self.open["dossier"].to_polars())
        self.texts = Texts(texts_as_typed(self.unknown))

    def registrations_near(self, deliveries: Frame) -> Frame:
        """The registrations with an unknown number at most one edit from that of some deliveries."""
        near = one_edit_apart(Numbers(deliveries["dossier"].unique().to_polars()), self.texts)
        return self.unknown[near["typed"].unique().to_list()].select(OF_A_REGISTRATION)

    def deliveries_near(self, registrations: Frame, *, known: Values) -> Frame:
        """The open deliveries with a number at most one edit from what some registrations report, if it is unknown."""
        dossiers = rows_with(self.chain.deliveries.select("dossier"), "dossier", registrations["reported_dossier"])[
            "dossier"
        ]
        flagged = with_flag(
            registrations, "is_known", "reported_dossier", nw.concat([dossiers.to_frame(), known.to_frame()])["dossier"]
        )
        unknown = flagged.filter(~nw.col("is_known"), is_filled("reported_dossier") | is_filled("typed_otherwise"))
        near = one_edit_apart(self.numbers, Texts(texts_as_typed(unknown)))
        return self.open[near["number"].unique().to_list()].select(OF_A_DELIVERY)
