"""What goes where: answers to standard output, everything else (progress, warnings, errors) to standard error."""

import json
import sys
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.theme import Theme

THEME = Theme({"figure": "bold", "soft": "dim", "warning": "yellow", "error": "bold red"})

answers = Console(theme=THEME, highlight=False)
aside = Console(theme=THEME, highlight=False, stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, and nothing else.")]


def print_json(answer: Any) -> None:
    """Print an answer as JSON, and nothing else, to standard output."""
    sys.stdout.write(json.dumps(answer, indent=1, ensure_ascii=False, default=_told) + "\n")


def _told(value: object) -> str:
    if isinstance(value, date):  # a moment is one too
        return value.isoformat()
    message = f"{type(value).__name__} is no answer"
    raise TypeError(message)
