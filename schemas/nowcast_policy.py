"""The numbers of the nowcast that a person chose: ``[nowcast]`` in ``policy.toml`` (ADR 0059). None has a default."""

import tomllib
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.policy import InvalidPolicy


class NowcastPolicy(BaseModel):
    """How long what comes is waited for.

    Attributes:
        nowcast_horizon_days: so many days after a period all that comes has come.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    nowcast_horizon_days: int = Field(ge=31, le=1500, strict=True)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ``[nowcast]`` table of a policy file.

        Raises:
            InvalidPolicy: the text is no TOML, or a number is missing, unknown or out of range; the message names it.
        """
        try:
            return cls.model_validate(tomllib.loads(text).get("nowcast", {}))
        except tomllib.TOMLDecodeError as error:
            message = f"the policy is not valid TOML: {error}"
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors())
            message = f"[nowcast] {'; '.join(wrong)}"
        raise InvalidPolicy(message) from None
