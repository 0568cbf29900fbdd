"""The numbers that a person chooses. They have no default: each is written down in ``policy.toml``, with an ADR."""

import tomllib
from dataclasses import asdict, dataclass
from typing import Any, Self


class InvalidPolicy(ValueError):
    """A policy lacks a number, has one too many, or has a value of the wrong kind; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The reconciliation policy (design, section 4.5; ADR 0004).

    Attributes:
        transit_allowance_days: how long after its delivery a suspect may be on the way without being missed.
        registered_before_delivery_days: rule 3's window, how many days before the delivery a registration may lie.
        registered_after_delivery_days: rule 3's window, how many days after it.
        other_deliverers: prefixes of dossier numbers of services that are not in a police extract.
    """

    transit_allowance_days: int
    registered_before_delivery_days: int
    registered_after_delivery_days: int
    other_deliverers: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ``[reconciliation]`` table of a policy file.

        Raises:
            InvalidPolicy: the text is no TOML, or a number is missing, unknown, negative or not a whole number.
        """
        try:
            table = tomllib.loads(text).get("reconciliation", {})
        except tomllib.TOMLDecodeError as error:
            message = f"the policy is not valid TOML: {error}"
            raise InvalidPolicy(message) from None
        if not isinstance(table, dict):
            message = "[reconciliation] must be a table of numbers"
            raise InvalidPolicy(message)
        days = ("transit_allowance_days", "registered_before_delivery_days", "registered_after_delivery_days")
        known = {*days, "other_deliverers"}
        if differing := sorted(known ^ set(table)):
            message = f"[reconciliation] must hold exactly {', '.join(sorted(known))}; look at {', '.join(differing)}"
            raise InvalidPolicy(message)
        for name in days:
            if type(table[name]) is not int or table[name] < 0:
                message = f"[reconciliation] {name} must be a whole number of days, 0 or more"
                raise InvalidPolicy(message)
        deliverers = table["other_deliverers"]
        if not isinstance(deliverers, list) or not all(isinstance(prefix, str) and prefix for prefix in deliverers):
            message = "[reconciliation] other_deliverers must be a list of dossier number prefixes"
            raise InvalidPolicy(message)
        return cls(**{name: table[name] for name in days}, other_deliverers=tuple(deliverers))

    def to_dict(self) -> dict[str, Any]:
        """The policy as JSON can hold it, to be kept with each balance made under it."""
        return {**asdict(self), "other_deliverers": list(self.other_deliverers)}
