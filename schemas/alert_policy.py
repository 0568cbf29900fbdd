"""The numbers of the alerts that a person chose: ``[alerts]`` in ``policy.toml``, with ADR 0015. None has a default."""

import tomllib
from datetime import time
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from schemas.catalogue import sources
from schemas.policy import InvalidPolicy

Days = Field(ge=1)
Share = Field(gt=0, lt=1)


class QuietHours(BaseModel):
    """When only what is critical is sent; the rest comes in the digest at their end.

    Attributes:
        begin: of an evening, in Amsterdam.
        end: of a morning: the moment of the digest.
        weekend: whether Saturday and Sunday are quiet all day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    begin: time
    end: time
    weekend: bool


class AlertPolicy(BaseModel):
    """When something is worth an alert.

    Attributes:
        unexplained_suspects: so many may be missing in a period, however few were delivered.
        unexplained_share: this share of the delivered suspects may be missing.
        false_alarm_chance: ordinary chance may trip one look at one subject this often.
        volume_factor: a volume is out of band only when it is this many times more, or less, than it used to be.
        drift_shift: the share of a value has shifted only when by at least this much.
        drift_records: fewer new records than this say nothing about shares.
        gap_window_days: a unit's gap is looked at over its deliveries of so many days.
        gap_suspects: fewer unrecognised suspects than this are no gap worth reporting.
        window_days: what is new is what the newest extracts covered, of at least so many days.
        history_days: the ordinary is what happened in so many days before.
        enough_history_days: with less history than this nothing is called unusual.
        long_after_days: what is recorded longer after its day than this is recorded late.
        silent_after_days: how long a source may hand over nothing.
        silent_after_days_of: the same, of sources that have to report sooner or later than others.
        final_after_days: a figure reported so many days after its period is final.
        restated_suspects: a final figure may move by so many suspects.
        flood_breaks: more breaks of one year and cause than this that one balance finds are one alert.
        take_within_days: nobody may leave an open break without an owner for longer than this.
        part_may_be_away_seconds: Kafka or the warehouse may be silent for so long: a restart takes seconds.
        airflow_may_be_away_seconds: Airflow may: busy, it answers late, and its components beat every few seconds.
        quiet: the quiet hours.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    unexplained_suspects: int = Field(ge=0)
    unexplained_share: float = Share
    false_alarm_chance: float = Share
    volume_factor: float = Field(gt=1)
    drift_shift: float = Share
    drift_records: int = Field(ge=1)
    gap_window_days: int = Days
    gap_suspects: int = Field(ge=1)
    window_days: int = Days
    history_days: int = Days
    enough_history_days: int = Days
    long_after_days: int = Days
    silent_after_days: int = Days
    silent_after_days_of: dict[str, Annotated[int, Days]]
    final_after_days: int = Field(ge=0)
    restated_suspects: int = Field(ge=0)
    flood_breaks: int = Field(ge=1)
    take_within_days: int = Field(ge=0)
    part_may_be_away_seconds: int = Field(ge=0, le=120)
    airflow_may_be_away_seconds: int = Field(ge=0)
    quiet: QuietHours

    @model_validator(mode="after")
    def _can_have_enough_history(self) -> Self:
        if self.enough_history_days > self.history_days:
            message = (
                f"enough_history_days ({self.enough_history_days}) is more than history_days ({self.history_days})"
            )
            raise ValueError(message)
        return self

    @field_validator("silent_after_days_of")
    @classmethod
    def _names_sources(cls, days: dict[str, int]) -> dict[str, int]:
        known = sorted(name for name, source in sources().items() if source.command is not None)
        if unknown := sorted(set(days) - set(known)):
            message = f"{', '.join(unknown)} is no source that hands over extracts; those are {', '.join(known)}"
            raise ValueError(message)
        return days

    def missing_allowed(self, delivered: int) -> int:
        """How many of so many delivered suspects may be missing: the number, or the share where that is more."""
        share = Decimal(str(self.unexplained_share)) * delivered  # as it is written, so that 7 % of 100 is seven
        return max(self.unexplained_suspects, int(share))

    def may_be_silent_days(self, source: str) -> int:
        """How long a source may hand over nothing."""
        return self.silent_after_days_of.get(source, self.silent_after_days)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ``[alerts]`` table of a policy file.

        Raises:
            InvalidPolicy: the text is no TOML, or a number is missing, unknown or out of range; the message names it.
        """
        try:
            return cls.model_validate(tomllib.loads(text).get("alerts", {}))
        except tomllib.TOMLDecodeError as error:
            message = f"the policy is not valid TOML: {error}"
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors())
            message = f"[alerts] {'; '.join(wrong)}"
        raise InvalidPolicy(message) from None
