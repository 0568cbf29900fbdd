"""The policy that is written down in the project: what a made-up truth is made under, whatever the environment says."""

from functools import cache

from ketenbalans.project import PROJECT_FOLDER
from schemas.policy import Policy

POLICY_FILE = PROJECT_FOLDER / "policy.toml"


@cache
def project_policy() -> Policy:
    """The reconciliation policy of ``policy.toml``.

    Raises:
        InvalidPolicy: the file is no policy; the message names the number.
    """
    return Policy.parse(POLICY_FILE.read_text(encoding="utf-8"))
