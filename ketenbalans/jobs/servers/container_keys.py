"""Make the keys of a locked Kafka in containers, once, in volumes that only those mount who need them.

``python -m ketenbalans.jobs.servers.container_keys FOLDER HOST...`` makes ``FOLDER/broker`` for the broker alone, with
what its image reads at its start; ``FOLDER/admin`` for who makes topics and rights; ``FOLDER/users`` for all clients.
Run again it makes what is missing, and a new certificate where that ends soon.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from ketenbalans.broker.access import MECHANISM
from ketenbalans.broker.rights import roles
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.kafka_keys import AUTHORITY_FILE, KafkaKeys, jaas_of, signing_in
from ketenbalans.stack.private_files import private_files
from ketenbalans.whole_files import NotWritten, WholeFiles

LISTENERS = ("BROKER", "HOST")
MOUNTED_AT = "/mnt/shared/config"
"""Where the broker's image looks for settings; what is in the environment is added to them."""

SETTINGS_FILE, HEALTH_FILE = "server.properties", "health.properties"
FOR_OUR_GROUP_TOO = 0o640


def make_container_keys(folder: Path, hosts: Sequence[str]) -> bool:
    """Make or complete the keys; gives whether the broker's certificate is a new one.

    Args:
        folder: has the three folders, each a volume.
        hosts: the names and addresses under which the broker is reached.

    Raises:
        SecretUnusable: what is there cannot be read.
        NotWritten: a folder cannot be written.
    """
    keys = KafkaKeys(folder / "broker", folder / "users", folder / "admin")
    is_new = keys.make([role.user for role in roles().values()], hosts=hosts)
    keys.write_format_arguments()
    with private_files(), WholeFiles(keys.broker, for_its_owner_only=True) as files:
        files.add(SETTINGS_FILE, _properties(signing_in(keys, LISTENERS)))
        files.add(HEALTH_FILE, _properties(_client_of_the_broker(keys)))
    for file in (*keys.users.iterdir(), *(folder / "admin").iterdir()):
        file.chmod(FOR_OUR_GROUP_TOO)  # the broker's user makes them, and ours reads them
    return is_new


def _client_of_the_broker(keys: KafkaKeys) -> dict[str, str]:
    """How Kafka's own tools ask the broker, from within its container."""
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": MECHANISM,
        "sasl.jaas.config": jaas_of(keys),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": f"{MOUNTED_AT}/{AUTHORITY_FILE}",
    }


def _properties(settings: dict[str, str]) -> bytes:
    return "".join(f"{name}={value}\n" for name, value in settings.items()).encode()


def main(arguments: Sequence[str]) -> None:
    """Make them, and say until when the certificate holds."""
    if len(arguments) < 2:
        sys.exit("usage: python -m ketenbalans.jobs.servers.container_keys FOLDER HOST...")
    folder, *hosts = arguments
    try:
        is_new = make_container_keys(Path(folder), hosts)
    except (SecretUnusable, NotWritten) as error:
        sys.exit(str(error))
    end = KafkaKeys(Path(folder, "broker"), Path(folder, "users")).certificate_ends_at()
    sys.stdout.write(f"the certificate of Kafka {'is new and ' if is_new else ''}holds until {end:%Y-%m-%d}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
