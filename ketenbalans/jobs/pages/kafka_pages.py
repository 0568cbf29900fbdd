"""Who may do what in Kafka, as a page and as a script for a cluster of one's own: ``docs/kafka``."""

from collections.abc import Iterator
from itertools import groupby

from ketenbalans.broker.rights import KafkaRight, KafkaRole, Resource, roles
from ketenbalans.project import PROJECT_FOLDER

FOLDER = PROJECT_FOLDER / "docs" / "kafka"
PAGE, SCRIPT = "README.md", "grant.sh"

HEAD = """\
# Who may do what in Kafka

Made by `make docs` from `ketenbalans/broker/rights.py`; [secure.md](../secure.md) says how a Kafka is locked.
`ketenbalans up` and `ketenbalans prepare` give these rights and take away what else a user of ours may do; `grant.sh`
beside this page gives them by Kafka's own tool. Reading or writing a topic implies asking about it; nobody here uses a
consumer group.
"""

SCRIPT_HEAD = """\
#!/bin/sh
# Gives every role of Ketenbalans its rights on a Kafka of your own; made by `make docs`, see docs/secure.md.
# Usage: grant.sh kafka:9093 admin.properties    (of a user who may give rights; kafka-acls.sh in the PATH)
set -eu
server=$1 config=$2
grant() { kafka-acls.sh --bootstrap-server "$server" --command-config "$config" --add --force "$@"; }
"""


def kafka_pages() -> dict[str, str]:
    """The name and the text of each file."""
    return {PAGE: _page(), SCRIPT: _script()}


def _page() -> str:
    lines = [HEAD, "| role | user | who acts in it |", "|---|---|---|"]
    lines += [f"| {role.name} | `{role.user}` | {role.meaning} |" for role in roles().values()]
    for role in roles().values():
        lines += ["", f"## {role.name}", ""]
        lines += list(_rights(role))
    return "\n".join(lines) + "\n"


def _rights(role: KafkaRole) -> Iterator[str]:
    if role.is_admin:
        yield "Everything: Kafka asks it for no right (`super.users`)."
    elif not role.rights:
        yield "Nothing: that it is let in is all that it asks."
    else:
        yield from ("| on | which | may |", "|---|---|---|")
        for (resource, name, is_prefix), rights in groupby(sorted(role.rights, key=_place), key=_place):
            which = f"every one from `{name}`" if is_prefix else f"`{name}`"
            yield f"| {resource} | {which} | {', '.join(right.operation.value for right in rights)} |"


def _place(right: KafkaRight) -> tuple[str, str, bool]:
    return right.resource.value, right.name, right.is_prefix


def _script() -> str:
    lines = [SCRIPT_HEAD]
    for role in roles().values():
        lines += [
            f"grant --allow-principal User:{role.user} --operation {right.operation.value} {_option(right)}"
            for right in role.rights
        ]
    return "\n".join(lines) + "\n"


def _option(right: KafkaRight) -> str:
    if right.resource is Resource.CLUSTER:
        return "--cluster"
    pattern = " --resource-pattern-type prefixed" if right.is_prefix else ""
    return f"--{right.resource.value} {right.name}{pattern}"
