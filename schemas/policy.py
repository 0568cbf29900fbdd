"""The numbers that a person chooses. They have no default: each is written down in ``policy.toml``, with an ADR."""

import tomllib
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Days = Annotated[int, Field(ge=0, strict=True, description="a whole number of days, 0 or more")]
Prefix = Annotated[str, Field(min_length=1)]


class InvalidPolicy(ValueError):
    """A policy lacks a number, has one too many, or has a value of the wrong kind; the message names it."""


class Policy(BaseModel):
    """The reconciliation policy (ADR 0004).

    Attributes:
        transit_allowance_days: how long after its delivery a suspect may be on the way without being missed.
        registered_before_delivery_days: rule 3's window, how many days before the delivery a registration may lie.
        registered_after_delivery_days: rule 3's window, how many days after it.
        other_deliverers: prefixes of dossier numbers of services that are not in a police extract.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    transit_allowance_days: Days
    registered_before_delivery_days: Days
    registered_after_delivery_days: Days
    other_deliverers: tuple[Prefix, ...] = Field(description="a list of dossier number prefixes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ``[reconciliation]`` table of a policy file.

        Raises:
            InvalidPolicy: the text is no TOML, or a number is missing, unknown, negative or not a whole number.
        """
        try:
            return cls.model_validate(tomllib.loads(text).get("reconciliation", {}))
        except tomllib.TOMLDecodeError as error:
            message = f"the policy is not valid TOML: {error}"
        except ValidationError as error:
            message = f"[reconciliation] {cls._refusal(error)}"
        raise InvalidPolicy(message) from None

    @classmethod
    def _refusal(cls, error: ValidationError) -> str:
        """What is wrong, by name: first what is missing or unknown, then the first value of another kind."""
        wrong = error.errors(include_url=False)
        if differing := sorted(str(one["loc"][0]) for one in wrong if one["type"] in ("missing", "extra_forbidden")):
            return f"must hold exactly {', '.join(sorted(cls.model_fields))}; look at {', '.join(differing)}"
        if not wrong[0]["loc"]:
            return "must be a table of numbers"
        name = str(wrong[0]["loc"][0])
        return f"{name} must be {cls.model_fields[name].description}"

    def to_dict(self) -> dict[str, Any]:
        """The policy as JSON can hold it, to be kept with each balance made under it."""
        return self.model_dump(mode="json")
