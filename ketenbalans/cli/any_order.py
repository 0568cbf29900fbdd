"""Options in any order: what stands before a verb means what it means after it, and is never passed over in silence.

``ketenbalans --json breaks`` and ``ketenbalans breaks --period 2014 list`` are read as ``breaks --json`` and
``breaks list --period 2014``. A group that is named alone answers itself: ``NOUN`` is the work list.
"""

from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup, TyperOption


class AnyOrder(TyperGroup):
    """A group of verbs of which no option is lost, wherever it stands.

    Attributes:
        otherwise: the verb that a word is for when it is no verb itself; None: there is none.
    """

    otherwise: str | None = None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments with every option behind the verb that it is for."""
        return super().parse_args(ctx, self._in_order(args))

    def _in_order(self, args: list[str]) -> list[str]:
        values_follow = {name for name, a_value_follows in _options([self]) if a_value_follows}
        answered_here = {name for one in self.params if one.is_eager for name in one.opts}  # such as --version
        here: list[str] = []
        moved: list[str] = []
        words = list(args)
        while words and words[0].startswith("-") and words[0] not in ("-", "--"):
            name = words[0].partition("=")[0]
            length = 2 if words[0] in values_follow else 1
            (here if name in answered_here else moved).extend(words[:length])
            words = words[length:]
        if words and words[0] in self.commands:
            return [*here, words[0], *moved, *words[1:]]
        if words and self.otherwise is not None:
            return [*here, self.otherwise, *moved, *words]
        return args


class ListOtherwise(AnyOrder):
    """A group whose list takes a word: ``NOUN WORD`` is ``NOUN list WORD``."""

    otherwise = "list"


def _options(commands: Any) -> Iterator[tuple[str, bool]]:
    """Every option of these commands and of those below them, and whether a value follows it."""
    for command in commands:
        for one in command.params:
            if isinstance(one, TyperOption):
                for name in (*one.opts, *one.secondary_opts):
                    yield name, not one.is_flag
        if isinstance(command, TyperGroup):
            yield from _options(command.commands.values())
