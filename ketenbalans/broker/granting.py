"""Make a Kafka know the users of the roles, and grant each what its role may do: no more, and no less.

Doing it again changes nothing. What a user of ours may do beyond its role, because an earlier version granted it or
somebody did by hand, is taken away; users of others are left alone.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.errors import SecurityDisabledError

from ketenbalans.broker.access import MECHANISM, Kafka, KafkaAccess, access_of
from ketenbalans.broker.errors import NotAllowed, UserNotLetIn
from ketenbalans.broker.handshake import check_let_in
from ketenbalans.broker.rights import OURS, KafkaRight, KafkaRole, Operation, Resource
from ketenbalans.broker.topics import administration

TYPES = {
    Resource.TOPIC: ResourceType.TOPIC,
    Resource.TRANSACTIONAL_ID: ResourceType.TRANSACTIONAL_ID,
    Resource.GROUP: ResourceType.GROUP,
    Resource.CLUSTER: ResourceType.CLUSTER,
}
OPERATIONS = {
    Operation.READ: ACLOperation.READ,
    Operation.WRITE: ACLOperation.WRITE,
    Operation.DESCRIBE_CONFIGS: ACLOperation.DESCRIBE_CONFIGS,
}
COUNTS_WITHIN_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.05

ANYWHERE = "*"
"""A user may sign in from any machine: which ones reach the broker is for its network to say."""


@dataclass(frozen=True)
class Granted:
    """What was changed: how many rights were granted, and how many taken away.

    ``checks_rights`` is False where this Kafka grants everybody everything; nothing was changed then.
    """

    added: int = 0
    removed: int = 0
    checks_rights: bool = True


def grant(kafka: Kafka, roles: Iterable[KafkaRole]) -> Granted:
    """Grant the users of these roles their rights, and take away what else users of ours may do.

    Args:
        kafka: as somebody who may give rights.
        roles: all of them: a role that is left out loses what it has.

    Raises:
        NotAllowed: this user may not give rights.
        BrokerRefuses, BrokerUnreachable: see ``broker.errors``.
    """
    wanted = {_key(acl): acl for role in roles for acl in (_acl(role.user, right) for right in role.rights)}
    with administration(kafka) as admin:
        try:
            there = _ours(admin)
        except SecurityDisabledError:
            return Granted(checks_rights=False)
        missing = [wanted[key] for key in wanted.keys() - there.keys()]
        superfluous = [there[key] for key in there.keys() - wanted.keys()]
        failed: list[type[Exception]] = []
        if missing:
            failed += admin.create_acls(missing)["failed"]
        if superfluous:
            filters = [_filter_of(acl) for acl in superfluous]
            failed += [error for _, _, error in admin.delete_acls(filters) if getattr(error, "errno", 0)]
        deadline = time.monotonic() + COUNTS_WITHIN_SECONDS
        while not failed and _ours(admin).keys() != wanted.keys() and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_SECONDS)  # a broker learns of what its controller keeps a moment later
    if failed:
        raise NotAllowed(str(kafka), access_of(kafka).user, f"give rights ({failed[0].__name__})")
    return Granted(len(missing), len(superfluous))


def set_passwords(kafka: Kafka, passwords: Mapping[str, str]) -> None:
    """Let Kafka know each user by this password, and return when it does; connections that are open stay.

    Args:
        kafka: as somebody who may change users.
        passwords: by user.

    Raises:
        NotAllowed: this user may not change users.
        BrokerRefuses, BrokerUnreachable: see ``broker.errors``.
    """
    if not passwords:
        return
    changes = [UserScramCredentialUpsertion(user, MECHANISM, password) for user, password in passwords.items()]
    with administration(kafka) as admin:
        answers = admin.alter_user_scram_credentials(changes)
    refused = sorted(user for user, error in answers.items() if error is not None)
    if refused:
        raise NotAllowed(str(kafka), access_of(kafka).user, f"set the password of {', '.join(refused)}")
    deadline = time.monotonic() + COUNTS_WITHIN_SECONDS
    for user, password in passwords.items():
        _wait_until_let_in(replace(access_of(kafka), user=user, password=password), deadline)


def _wait_until_let_in(access: KafkaAccess, deadline: float) -> None:
    """Return when the broker has learned a password that its controller keeps."""
    while True:
        try:
            check_let_in(access)
        except UserNotLetIn:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def _ours(admin: KafkaAdminClient) -> dict[tuple[object, ...], ACL]:
    """Every right of a user of ours that the broker knows now."""
    described, _ = admin.describe_acls(_everything())
    return {_key(acl): acl for acl in described if acl.principal.startswith(f"User:{OURS}")}


def _acl(user: str, right: KafkaRight) -> ACL:
    pattern = ACLResourcePatternType.PREFIXED if right.is_prefix else ACLResourcePatternType.LITERAL
    return ACL(
        principal=f"User:{user}",
        host=ANYWHERE,
        operation=OPERATIONS[right.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(TYPES[right.resource], right.name, pattern),
    )


def _key(acl: ACL) -> tuple[object, ...]:
    of = acl.resource_pattern
    return (
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
        of.resource_type,
        of.resource_name,
        of.pattern_type,
    )


def _everything() -> ACLFilter:
    anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    return ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, anything)


def _filter_of(acl: ACL) -> ACLFilter:
    of = acl.resource_pattern
    pattern = ResourcePatternFilter(of.resource_type, of.resource_name, of.pattern_type)
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, pattern)
