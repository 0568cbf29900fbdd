"""Who may use the embedded Airflow, as `ketenbalans up --people` names them."""

from collections.abc import Mapping

from ketenbalans.stack.airflow_sign_in import USER
from schemas.people import InvalidHandle, checked_handle

ROLES = ("viewer", "op", "admin")
"""Those of Airflow's simple auth manager that say something here: a viewer looks, the others act too."""

HOW = "write NAME:ROLE, several with a comma between, such as anna:op,ben:op,vera:viewer"


class InvalidPeople(ValueError):
    """What `--people` names cannot be; the message says who or what, and how to write it."""


def read_people(text: str) -> Mapping[str, str]:
    """The role of each person that a text names, in its order.

    Raises:
        InvalidPeople: it names nobody, somebody twice or by what is no handle, another role or several, or the user
            that the stack has for itself.
    """
    roles: dict[str, str] = {}
    for one in text.split(","):
        name, *named = (part.strip() for part in one.split(":"))
        if len(named) != 1:
            what = f"{name} has {len(named)} roles, and each has one" if named else f"{name or 'somebody'} has no role"
            message = f"{what}; {HOW}"
            raise InvalidPeople(message)
        try:
            checked_handle(name, "whoever signs in")
        except InvalidHandle as error:
            message = f"{error}; {HOW}"
            raise InvalidPeople(message) from None
        (role,) = named
        if role not in ROLES:
            message = f"{name} has a role that is none of {', '.join(ROLES)}; {HOW}"
            raise InvalidPeople(message)
        if name == USER:
            message = f"{USER} is there already, with a password of its own; {HOW}"
            raise InvalidPeople(message)
        if name in roles:
            message = f"{name} is named twice, and each person has one role; {HOW}"
            raise InvalidPeople(message)
        roles[name] = role
    return roles
