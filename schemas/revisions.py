"""Why a figure of the past is another one on a later day: how a suspect moved, and the reason, which is never two."""

from schemas.vocabulary import Vocabulary


class Movement(Vocabulary):
    """What became of a delivered suspect of a period between two days."""

    CAME = "came", "bijgekomen", "Delivered in the period on the later day, and not on the earlier one."
    LEFT = "left", "afgevallen", "Delivered in the period on the earlier day, and no longer on the later one."
    CHANGED = "changed", "gewijzigd", "Delivered on both days, with another case or another cause."


class RevisionReason(Vocabulary):
    """Why a suspect came, left or changed; the first that holds decides (docs/restatement.md)."""

    RECORDED_LATE = "recorded_late", "later vastgelegd", "The police recorded the suspect after the earlier day."
    REINSTATED = "reinstated", "intrekking ongedaan gemaakt", "It was withdrawn on the earlier day, and is back."
    SKN_MERGED = "skn_merged", "strafrechtsketennummers samengevoegd", "Two numbers turned out to be one person."
    WITHDRAWN = "withdrawn", "aanlevering ingetrokken", "The police withdrew it."
    CORRECTED_DATE = (
        "corrected_date",
        "aanleverdatum gecorrigeerd",
        "The day of delivery was corrected, into or out of the period.",
    )
    DECIDED = "decided", "koppeling beoordeeld", "A person confirmed or rejected a pair, or took that back."
    RE_LINKED = "re_linked", "anders gekoppeld", "It is linked to another registration than before."
    REGISTRATION_RECORDED_LATE = (
        "registration_recorded_late",
        "inschrijving later vastgelegd",
        "The OM recorded its registration after the earlier day.",
    )
    LAPSED = "lapsed", "inschrijving vervallen", "Its registration lapsed."
    JOINED = "joined", "inschrijving gevoegd", "Its registration went into another case."
    RECLASSIFIED = "reclassified", "anders geclassificeerd", "The OM classified its registration otherwise."
    REGISTRATION_CORRECTED = "registration_corrected", "inschrijving gecorrigeerd", "The OM changed its registration."
    DELIVERY_CORRECTED = "delivery_corrected", "aanlevering gecorrigeerd", "The police changed the delivery."
    PASSAGE_OF_TIME = "passage_of_time", "tijdsverloop", "Nothing is new about its records; only the day moved."
    OTHER_RECORDS = (
        "other_records",
        "gegevens van andere verdachten",
        "Only something new about other records explains it.",
    )
