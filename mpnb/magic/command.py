"""What a sub-command of ``%mp`` is: a name, a help line, arguments and a function."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpnb.magic.notebook import Notebook

Argument = tuple[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Command:
    """A sub-command: what a person types after ``%mp``."""

    name: str
    help: str
    run: Callable[[Notebook, Namespace], Any]
    arguments: tuple[Argument, ...] = ()
    example: str = ""


def argument(*names: str, **settings: Any) -> Argument:
    """One argument, as `argparse` takes it."""
    return names, settings
