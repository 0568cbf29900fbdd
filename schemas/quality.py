"""What a quality suite is about, and the number that a person chose: ``[quality]`` in ``policy.toml`` (ADR 0024)."""

import tomllib
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.policy import InvalidPolicy
from schemas.vocabulary import Vocabulary


class Concern(Vocabulary):
    """What an expectation is about. What is wrong fails a suite; what is unusual is kept, and reported by an alert."""

    DECLARATION = "declaration", "declaratie", "A row is not as its source is declared."
    REFERENCE = "reference", "verwijzing", "A record refers to one that does not exist and is no longer awaited."
    FRESHNESS = "freshness", "actualiteit", "A source covers many days less than another."
    VOLUME = "volume", "omvang", "A source, or a unit of it, reported much more or less than in the year before."
    DRIFT = "drift", "verschuiving", "A value became much more common or rarer than in the year before."


class QualityPolicy(BaseModel):
    """What a suite lets pass.

    Attributes:
        awaited_days: what a record refers to may come so many days later.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    awaited_days: int = Field(ge=1, le=10_000)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ``[quality]`` table of a policy file.

        Raises:
            InvalidPolicy: the text is no TOML, or a number is missing, unknown or out of range; the message names it.
        """
        try:
            return cls.model_validate(tomllib.loads(text).get("quality", {}))
        except tomllib.TOMLDecodeError as error:
            message = f"the policy is not valid TOML: {error}"
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors())
            message = f"[quality] {'; '.join(wrong)}"
        raise InvalidPolicy(message) from None
