"""A token against forged requests."""


def issue(handle: str, path: str) -> str:
    """The token of a form."""
    return f"{handle} {path}"
