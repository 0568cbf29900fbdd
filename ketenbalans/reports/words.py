"""The two languages of a report: its sentences, and numbers and days as they are written in each."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, get_decimal_symbol

from ketenbalans.reports.document import Cell, CellKind
from schemas.causes import BreakCause
from schemas.period import Period, last_day_of_month
from schemas.police_units import unit_name
from schemas.rounding import half_up
from schemas.vocabulary import Vocabulary

LANGUAGES = ("en", "nl")

LETTER = re.compile(r"kst-(?P<dossier>\d{5})-(?P<number>\d+)(?P<annex>-annex)?")
"""A document of parliament as the register of published figures names it."""

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
        """The sentence at ``section.key``; whole numbers are written as the language does.

        Of a sentence in several forms the one that agrees with ``count``.
        """
        section, _, key = place.partition(".")
        written = {name: self.count(value) if isinstance(value, int) else value for name, value in numbers.items()}
        text = self.texts[section][key]
        if not isinstance(text, str):
            text = text[{0: "none", 1: "one"}.get(int(numbers["count"]), "other")]
        return str(text).format(**written)

    def has(self, place: str) -> bool:
        """Whether there is a sentence there: what comes from outside may have no name here."""
        section, _, key = place.partition(".")
        return key in self.texts[section]

    def count(self, number: int) -> str:
        """A whole number."""
        return str(format_decimal(number, locale=self._locale)).replace("-", MINUS)

    def cell(self, value: Cell, kind: CellKind) -> str:
        """A cell of a table as people read it; nothing where there is nothing to be said."""
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        sign = "+" if kind in {CellKind.SIGNED, CellKind.POINTS} and value > 0 else ""
        form = "0.0" if kind in {CellKind.SHARE, CellKind.POINTS} else None
        return sign + str(format_decimal(value, format=form, locale=self._locale)).replace("-", MINUS)

    def plain(self, value: Cell) -> str:
        """A cell as a spreadsheet of the language reads it: no thousands separator, an ordinary minus."""
        if value is None:
            return ""
        return value if isinstance(value, str) else str(value).replace(".", self.decimal_sign)

    @property
    def decimal_sign(self) -> str:
        """What stands before the decimals."""
        return str(get_decimal_symbol(self._locale))

    @property
    def list_sign(self) -> str:
        """What a spreadsheet of the language expects between the cells of a CSV: never its decimal sign."""
        return ";" if self.decimal_sign == "," else ","

    def share(self, part: int, whole: int) -> str:
        """A part of a whole in percent, rounded half up to one decimal."""
        return self.cell(percent(part, whole), CellKind.SHARE)

    def count_or_none(self, number: int) -> str:
        """A whole number, or the word for none."""
        return self.count(number) if number else self.say("document.none")

    def day(self, day: date) -> str:
        """A day in full."""
        return str(format_date(day, format="d MMMM y", locale=self._locale))

    def month(self, day: date) -> str:
        """The month of a day, short; the day itself where it does not end its month."""
        form = "MMM y" if day == last_day_of_month(day) else "d MMM y"
        return str(format_date(day, format=form, locale=self._locale)).replace(".", "")

    def whole_month(self, day: date) -> str:
        """The month of a day, in full."""
        return str(format_date(day, format="MMMM y", locale=self._locale))

    def period(self, period: Period) -> str:
        """A period: the year, or its first and last day."""
        if period.is_calendar_year:
            return str(period.start.year)
        return f"{self.day(period.start)} {EN_DASH} {self.day(period.end)}"

    def unit(self, code: str, *, on: date) -> str:
        """A unit by its name and code as on a day; the code alone when it has no name."""
        name = unit_name(code, on=on)
        return code if name is None else self.say("units.named", name=name, code=code)

    def source(self, name: str) -> str:
        """A source, in words where the language has some."""
        return self.say(f"source.{name}") if self.has(f"source.{name}") else name.replace("_", " ")

    def party(self, name: str) -> str:
        """Who delivers beside the police; by its own word where the language has none."""
        return self.say(f"party.{name}") if self.has(f"party.{name}") else name

    def document(self, name: str) -> str:
        """A document of parliament as it is cited; another one by its own name."""
        found = LETTER.fullmatch(name)
        if found is None:
            return name
        dossier = f"{found['dossier'][:-3]} {found['dossier'][-3:]}"
        return self.say(
            "published.annex" if found["annex"] else "published.letter", dossier=dossier, number=found["number"]
        )

    def label(self, member: Vocabulary) -> str:
        """The name of a word of a vocabulary."""
        return member.word if self.language == "nl" else member.value.replace("_", " ")

    def meaning(self, cause: BreakCause) -> str:
        """What a cause means, as its declaration says it in this language."""
        return cause.record.meaning_nl if self.language == "nl" else cause.record.meaning

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
    text = (resources.files("ketenbalans.reports") / "wordlists" / f"{language}.toml").read_text(encoding="utf-8")
    return Words(language, tomllib.loads(text))


def percent(part: int, whole: int) -> Decimal | None:
    """A part of a whole in percent, rounded half up on decimals to one place; None where there is no whole."""
    if not whole:
        return None
    return half_up(Decimal(100) * part / whole, 1)
