"""Find the records that changed records can affect: all that they reach, in their old state and in the new one.

Two records meet when they carry the same dossier number or the same person, when a registration's unknown number is one
edit from a delivery's, or when a person decided about the two. Reaching goes on from meeting to meeting until nothing
new is met.
"""

from typing import Any

import narwhals as nw
import polars as pl

from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.decisions import DecidedPairs
from ketenbalans.reconciliation.one_edit import Numbers, Texts, one_edit_apart
from ketenbalans.reconciliation.state import Frame, is_filled, rows_with
from ketenbalans.reconciliation.suggest import HAS_TEXT, texts_as_typed
from schemas.coded_state import NO_LONGER_STANDING

Values = nw.Series[Any]

KEYS_OF_A_DELIVERY = ("dossier", "person")
KEYS_OF_A_REGISTRATION = ("reported_dossier", "registered_person", "typed_otherwise")
OF_A_DELIVERY = ("delivery_id", *KEYS_OF_A_DELIVERY)
OF_A_REGISTRATION = ("registration_id", *KEYS_OF_A_REGISTRATION)


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
    near, visited = NearNumbers(chain), Visited()
    pairs = nw.concat([decided.confirmed, decided.rejected, chain.decided.confirmed, chain.decided.rejected])
    before = rows_with(chain.registrations, "case", nw.concat([om.select("case"), pairs.select("case")])["case"])
    registrations = visited.new(before.select(OF_A_REGISTRATION), "registration_id")
    deliveries = nw.concat(
        [police.select(KEYS_OF_A_DELIVERY), pairs.select("dossier", person=nw.lit(None, police.schema["person"]))]
    )
    changed = om.select(KEYS_OF_A_REGISTRATION)
    while len(deliveries) or len(registrations) or len(changed):
        changed_keys = nw.concat([registrations.select(KEYS_OF_A_REGISTRATION), changed])
        dossiers = visited.new(same_name("dossier", deliveries["dossier"], changed_keys["reported_dossier"]), "dossier")
        persons = visited.new(same_name("person", deliveries["person"], changed_keys["registered_person"]), "person")
        found = [near.deliveries_near(changed_keys), *meeting_deliveries(chain, dossiers["dossier"], persons["person"])]
        met = [
            near.registrations_near(deliveries),
            *meeting_registrations(chain, dossiers["dossier"], persons["person"]),
        ]
        deliveries = visited.new(nw.concat(found), "delivery_id")
        registrations = visited.new(nw.concat(met), "registration_id")
        changed = changed.head(0)
    return (
        rows_with(chain.deliveries, "delivery_id", visited.values("delivery_id", chain.deliveries)),
        rows_with(chain.registrations, "registration_id", visited.values("registration_id", chain.registrations)),
    )


class Visited:
    """The records and keys that were met so far."""

    def __init__(self) -> None:
        self.frames: dict[str, list[Frame]] = {}

    def new(self, found: Frame, key: str) -> Frame:
        """The rows whose key was not met before, each once; from now on it was."""
        rows = found.filter(is_filled(key)).unique(key)
        for before in self.frames.get(key, []):
            rows = rows.join(before, on=key, how="anti")
        self.frames.setdefault(key, []).append(rows.select(key))
        return rows

    def values(self, key: str, of: Frame) -> Values:
        """Every key that was met."""
        return nw.concat([of.select(key).head(0), *self.frames.get(key, [])])[key]


def same_name(name: str, *columns: Values) -> Frame:
    """Several columns as one."""
    return nw.concat([column.alias(name).to_frame() for column in columns])


def meeting_deliveries(chain: Chain, dossiers: Values, persons: Values) -> list[Frame]:
    """The deliveries that carry one of some dossier numbers, and those of some persons."""
    deliveries = chain.deliveries.select(OF_A_DELIVERY)
    found = [rows_with(deliveries, key, values) for key, values in (("dossier", dossiers), ("person", persons))]
    return [rows.select(OF_A_DELIVERY) for rows in found]


def meeting_registrations(chain: Chain, dossiers: Values, persons: Values) -> list[Frame]:
    """The registrations that report one of some dossier numbers, and those of some persons."""
    registrations = chain.registrations.select(OF_A_REGISTRATION)
    keys = (("reported_dossier", dossiers), ("registered_person", persons))
    found = [rows_with(registrations, key, values) for key, values in keys]
    return [rows.select(OF_A_REGISTRATION) for rows in found]


class NearNumbers:
    """The numbers that rule 6 (c) may compare: open deliveries, and registrations whose number nobody delivered."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        is_open = pl.col("registration_id").is_null() | (pl.col("round") == NO_LONGER_STANDING)
        self.open = chain.left_deliveries.filter(~pl.col("is_withdrawn") & is_open).select(OF_A_DELIVERY)
        unknown = chain.left_registrations.filter(~pl.col("is_known_dossier") & HAS_TEXT)
        self.texts, self.unknown = Texts(texts_as_typed(unknown)), unknown.select(OF_A_REGISTRATION)
        self.numbers = Numbers(self.open["dossier"])

    def registrations_near(self, deliveries: Frame) -> Frame:
        """The registrations with an unknown number at most one edit from that of some deliveries."""
        near = one_edit_apart(Numbers(deliveries["dossier"].unique().to_polars()), self.texts)
        return nw.from_native(self.unknown[near["typed"].unique()], eager_only=True)

    def deliveries_near(self, registrations: Frame) -> Frame:
        """The open deliveries with a number at most one edit from what some registrations report.

        A number that a delivery carried before and carries now was known and is known: it is near to nobody. One that
        only a changed delivery carries was not.
        """
        reported = registrations["reported_dossier"]
        known = rows_with(self.chain.deliveries.select("dossier"), "dossier", reported)["dossier"].to_polars()
        is_known = pl.col("reported_dossier").is_in(known.implode()).fill_null(value=False)
        unknown = registrations.to_polars().filter(~is_known & HAS_TEXT)
        near = one_edit_apart(self.numbers, Texts(texts_as_typed(unknown)))
        return nw.from_native(self.open[near["number"].unique()], eager_only=True)
