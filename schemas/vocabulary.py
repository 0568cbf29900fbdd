"""The closed vocabularies of the events, each member with the source's own word and what it means.

Members are ordered: of two mutations recorded at the same moment, the one listed later is the newer
(docs/counting-rules.md, State on a day). A word that is not listed here cannot be mapped; it is rejected at the
producer, which is not the same as "not
known" (an empty cell, null in the event).
"""

from enum import StrEnum
from typing import Self


class UnknownWord(ValueError):
    """A closed list was asked for a word that it does not hold; the message names those that it does."""


class Vocabulary(StrEnum):
    """A closed list of words: ``value`` is the event's English, ``word`` the source's Dutch, ``meaning`` the prose."""

    word: str
    meaning: str

    def __new__(cls, value: str, word: str, meaning: str) -> Self:
        """Make a member of its three texts; it compares and serialises as ``value``."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.word = word
        member.meaning = meaning
        return member

    @classmethod
    def of(cls, value: str) -> Self:
        """The member of that value.

        Raises:
            UnknownWord: there is none.
        """
        for member in cls:
            if member.value == value:
                return member
        message = f"{value!r} is no word of {cls.__name__}; it has {', '.join(cls)}"
        raise UnknownWord(message)


class PoliceMutation(Vocabulary):
    """What happened to a delivered suspect in the police register."""

    DELIVERED = "delivered", "aangeleverd", "The file with this suspect was handed to the OM."
    TRANSFERRED = "transferred", "overgedragen", "Another unit or team took the file over, so it comes in later."
    CORRECTED = "corrected", "gecorrigeerd", "The police mended their own registration; the row is the new full state."
    WITHDRAWN = "withdrawn", "ingetrokken", "The delivery no longer stands: it counts as not delivered."


class OmMutation(Vocabulary):
    """What happened to a registration in the OM register."""

    REGISTERED = "registered", "ingeschreven", "The case was entered; from here on the OM has an inflow."
    RECLASSIFIED = "reclassified", "geherclassificeerd", "The classification was changed, for better or worse."
    DISPOSED = "disposed", "afgedaan", "The OM decided the case; it stays a registration."
    LAPSED = "lapsed", "vervallen", "The registration was struck; it no longer stands."
    JOINED = "joined", "samengevoegd", "The registration went into another case; it no longer stands by itself."


class HotlineMutation(Vocabulary):
    """What happened to a report at a hotline."""

    RECEIVED = "received", "received", "The report came in; nothing is known of its outcome."
    ASSESSED = "assessed", "assessed", "Somebody looked at the report and gave it an outcome."


class InterventionMutation(Vocabulary):
    """What happened to an intervention in the administration of the police."""

    REALISED = "realised", "gerealiseerd", "The intervention was done."
    CORRECTED = "corrected", "gecorrigeerd", "The police mended their own registration; the row is the new full state."
    WITHDRAWN = "withdrawn", "ingetrokken", "It was no intervention after all: it counts nowhere."


class InvestigationMutation(Vocabulary):
    """What happened to an investigation in the administration of the police."""

    STARTED = "started", "gestart", "The investigation began; from here on it counts."
    CORRECTED = "corrected", "gecorrigeerd", "The police mended their own registration; the row is the new full state."
    ENDED = "ended", "beeindigd", "It ended, with an identification or without; its start keeps counting."
    WITHDRAWN = "withdrawn", "ingetrokken", "It was no investigation after all: it counts nowhere."


class AggregateMutation(Vocabulary):
    """What happened to a count that another service delivers."""

    DELIVERED = "delivered", "opgeleverd", "The service that counts handed the count over."
    CORRECTED = "corrected", "gecorrigeerd", "The service mended the count that rests on this day."
    WITHDRAWN = "withdrawn", "ingetrokken", "The service took the count back; an older one may stand again."


class Team(Vocabulary):
    """The kind of police team that delivers."""

    TBKK = "TBKK", "TBKK", "One of the eleven specialised teams (ten regional units and the national unit)."
    ZEDEN = "ZEDEN", "ZEDEN", "A sex-crime team, which may take a file over."


class Qualification(Vocabulary):
    """A quality of a case as the police judge it. A case may have several: shares never add up."""

    POSSESSION = "possession", "bezit", "Possession."
    DISTRIBUTION = "distribution", "verspreiding", "Distribution."
    PRODUCTION = "production", "productie", "Production."
    ABUSE = "abuse", "misbruik", "Abuse."


class Classification(Vocabulary):
    """The OM's classification of a registration."""

    KP = "KP", "KP", "Child sexual abuse material: recognisable as such."
    KST = "KST", "KST", "Transnational offending; not an offence code of its own. Recognisable as such."
    ZEDEN = "ZEDEN", "ZEDEN", "Another sex crime: registered, but not recognisable as such."
    OVERIG = "OVERIG", "OVERIG", "Anything else: registered, but not recognisable as such."


RECOGNISED_CLASSIFICATIONS = (Classification.KP, Classification.KST)
"""The classifications by which the OM can find a delivered suspect again (docs/counting-rules.md, Recognised)."""


class Disposal(Vocabulary):
    """How the OM decided a case. Every disposal presupposes a registration."""

    SUMMONS = "summons", "dagvaarding", "The suspect is summoned."
    PENAL_ORDER = "penal_order", "strafbeschikking", "The OM imposed a penalty itself."
    DISMISSAL = "dismissal", "sepot", "The case is dropped."
    CONDITIONAL_DISMISSAL = "conditional_dismissal", "voorwaardelijk_sepot", "The case is dropped on conditions."
    INDIGO = "indigo", "indigo", "The INDIGO settlement; the OM decides it, so the case is registered."


class Hotline(Vocabulary):
    """The owner of the hotline on the day of the report. A change of owner is a break in the series."""

    MELDPUNT = "meldpunt", "meldpunt", "Meldpunt Kinderporno, until 31 March 2016."
    EOKM = "eokm", "eokm", "Expertisebureau Online Kindermisbruik, from 1 April 2016."
    DFC_ECPAT = "dfc_ecpat", "dfc_ecpat", "Defence for Children-ECPAT: the transnational hotline from 1 June 2018."


class Channel(Vocabulary):
    """How a report reached the hotline."""

    WEBSITE = "website", "website", "The hotline's own website."
    ANONYMOUS_LINE = "anonymous_line", "anonymous_line", "The anonymous crime line."
    PHONE = "phone", "phone", "By telephone."
    EMAIL = "email", "email", "By e-mail."
    OTHER = "other", "other", "Any other way."


class Theme(Vocabulary):
    """What a report is about, as the hotline sorts it."""

    ONLINE_MATERIAL = "online_material", "online_material", "Material found online."
    TRANSNATIONAL = "transnational", "transnational", "Offending abroad by residents."
    OTHER = "other", "other", "Anything else."


class Outcome(Vocabulary):
    """What became of a report. Null while nobody has assessed it."""

    INVESTIGATION_STARTED = "investigation_started", "investigation_started", "It led to an investigation."
    ADDED_TO_INVESTIGATION = "added_to_investigation", "added_to_investigation", "It joined a running investigation."
    UNDER_EXAMINATION = "under_examination", "under_examination", "It is still being examined."
    FORWARDED_ABROAD = "forwarded_abroad", "forwarded_abroad", "It was passed to another country."
    INSUFFICIENT = "insufficient", "insufficient", "It gave too little to go on."
    SCREENED_OUT = "screened_out", "screened_out", "It fell outside the hotline's task."


class InterventionKind(Vocabulary):
    """The four kinds of intervention of 2015 to 2018. Some deliver nothing to the OM."""

    PROACTIVE = "proactive", "proactief", "The police took the first step themselves."
    REGULAR = "regular", "regulier", "The usual investigation, also called grootschalig."
    SIMPLE = "simple", "eenvoudig", "A light case; an INDIGO trajectory is one of these."
    ALTERNATIVE = "alternative", "alternatief", "Another way than a file for the OM."


class InvestigationKind(Vocabulary):
    """Whom an investigation from 2019 on is aimed at."""

    A = "A", "A", "Producers and abusers."
    B = "B", "B", "Key players and networks."
    C = "C", "C", "Possessors and distributors."


class InvestigationResult(Vocabulary):
    """What an investigation ended with. Null while it runs, or when it is not known."""

    IDENTIFICATION = "identification", "identificatie", "It ended with an identification: a result."
    NO_IDENTIFICATION = "no_identification", "geen_identificatie", "It ended without one."


class DeliveredMeasure(Vocabulary):
    """What is carried as a count only. A measure that is not here is counted from records, or not at all."""

    VICTIMS_IDENTIFIED = "victims_identified", "slachtoffers", "Victims who were identified in the period."
    VICTIMS_IDENTIFIED_CUMULATIVE = (
        "victims_identified_cumulative",
        "slachtoffers_cumulatief",
        "Victims who were identified over several years together.",
    )
    CASES_WITH_UNCONDITIONAL_PRISON_SENTENCE = (
        "cases_with_unconditional_prison_sentence",
        "zaken_met_onvoorwaardelijke_gevangenisstraf",
        "Cases that ended with an unconditional prison sentence, in part or whole.",
    )
    FOREIGN_KEYPLAYERS_IDENTIFIED = (
        "foreign_keyplayers_identified",
        "sleutelspelers_buitenland",
        "Key players abroad whose reports were handed to other countries.",
    )
    REPORTS_RECEIVED = (
        "reports_received",
        "meldingen_politie",
        "Reports that reach the police, mostly through NCMEC; not those of a hotline.",
    )
    HOTLINE_REPORTERS_CAMPAIGN = "hotline_reporters_campaign", "melders_campagne", "Persons who reported in a campaign."
    TRAVEL_BAN_MEASURES_APPLIED = "travel_ban_measures_applied", "uitreisverboden", "Cases with the measure applied."
    KST_CASES_HANDLED = "kst_cases_handled", "kst_zaken_behandeld", "Transnational cases that were handled."
    KST_CASES_UNDER_INVESTIGATION_AT_OM = (
        "kst_cases_under_investigation_at_om",
        "kst_zaken_in_onderzoek_om",
        "Transnational cases in hand at the OM on a day: a stock.",
    )


class Basis(Vocabulary):
    """Whose work a delivered count covers. Counts on two bases are two figures: neither added nor compared."""

    COMBINED = "combined", "gezamenlijk", "Sex-crime teams and image teams together."
    IMAGE_TEAMS = "image_teams", "beeldteams", "The child-abuse-image teams alone."
    TBKK = "tbkk", "tbkk", "The specialised teams (TBKK) alone, by image analysis."
    NOT_STATED = "not_stated", "niet_vermeld", "The service does not say; it may be any of the others."
    ONLY = "only", "enig", "The measure has one basis, which its page names."
