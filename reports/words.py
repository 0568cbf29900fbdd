"""The two languages of a report: its sentences, and numbers and days as they are written in each."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from reports.document import Cell, Kind
from schemas.period import Period, last_day_of_month
from schemas.rounding import half_up
from schemas.vocabulary import OmOnlyCause, Vocabulary

LANGUAGES = ("en", "nl")

MINUS = "\u2212"
EN_DASH = "\u2013"


@dataclass(frozen=True)
class Words:
    """One language.

    Attributes:
        language: ``en`` or ``nl``.
        texts: per section and key a sentence with places for numbers.
    """

    language: str
    texts: dict[str, Any]

    def say(self, place: str, **numbers: str | int) -> str:
        """The sentence at ``section.key``; whole numbers are written as the language does."""
        section, _, key = place.partition(".")
        written = {name: self.count(value) if isinstance(value, int) else value for name, value in numbers.items()}
        return str(self.texts[section][key]).format(**written)

    def count(self, number: int) -> str:
        """A whole number."""
        return str(format_decimal(number, locale=self._locale)).replace("-", MINUS)

    def cell(self, value: Cell, kind: Kind) -> str:
        """A cell of a table as people read it; nothing where there is nothing to be said."""
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if kind is Kind.SHARE:
            return f"{format_decimal(value, format='0.0', locale=self._locale)} %".replace("-", MINUS)
        sign = "+" if kind is Kind.SIGNED and value > 0 else ""
        return sign + str(format_decimal(value, locale=self._locale)).replace("-", MINUS)

    def share(self, part: int, whole: int) -> str:
        """A part of a whole in percent, rounded half up to one decimal."""
        return self.cell(percent(part, whole), Kind.SHARE)

    def day(self, day: date) -> str:
        """A day in full."""
        return str(format_date(day, format="d MMMM y", locale=self._locale))

    def month(self, day: date) -> str:
        """The month of a day, short; the day itself where it does not end its month."""
        form = "MMM y" if day == last_day_of_month(day) else "d MMM y"
        return str(format_date(day, format=form, locale=self._locale)).replace(".", "")

    def period(self, period: Period) -> str:
        """A period: the year, or its first and last day."""
        if period.is_calendar_year:
            return str(period.start.year)
        return f"{self.day(period.start)} {EN_DASH} {self.day(period.end)}"

    def label(self, member: Vocabulary) -> str:
        """The name of a word of a vocabulary."""
        return member.word if self.language == "nl" else member.value.replace("_", " ")

    def meaning(self, member: Vocabulary) -> str:
        """What a cause means."""
        if self.language == "en":
            return member.meaning
        kind = "om_cause" if isinstance(member, OmOnlyCause) else "cause"
        return str(self.texts["meaning"][kind][member.value])

    @property
    def _locale(self) -> str:
        return {"en": "en_GB", "nl": "nl_NL"}[self.language]


@cache
def words_of(language: str) -> Words:
    """The words of a language.

    Raises:
        ValueError: there is no such language here.
    """
    if language not in LANGUAGES:
        message = f"a report is written in {' or '.join(LANGUAGES)}, not in {language!r}"
        raise ValueError(message)
    text = (resources.files("reports") / "wordlists" / f"{language}.toml").read_text(encoding="utf-8")
    return Words(language, tomllib.loads(text))


def percent(part: int, whole: int) -> Decimal | None:
    """A part of a whole in percent, rounded half up on decimals to one place; None where there is no whole."""
    if not whole:
        return None
    return half_up(Decimal(100) * part / whole, 1)
