"""The number that decides which counts may be published: ``[disclosure]`` in ``policy.toml`` (ADR 0061)."""

import tomllib
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.policy import InvalidPolicy


class DisclosurePolicy(BaseModel):
    """How small a count has to be for it to be hidden when it is published.

    Attributes:
        threshold: a true count from 1 up to one less than this is not published, and whatever is published leaves at
            least so many values open for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: int = Field(ge=2, le=100, strict=True)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ``[disclosure]`` table of a policy file.

        Raises:
            InvalidPolicy: the text is no TOML, or the number is missing, unknown or out of range; the message says so.
        """
        try:
            return cls.model_validate(tomllib.loads(text).get("disclosure", {}))
        except tomllib.TOMLDecodeError as error:
            message = f"the policy is not valid TOML: {error}"
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors())
            message = f"[disclosure] {'; '.join(wrong)}"
        raise InvalidPolicy(message) from None
