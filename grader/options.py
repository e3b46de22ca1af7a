"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from grader.sizes import parse_size

Command = TypeVar("Command", bound=Callable[..., Any])


class Size(click.ParamType):
    """A number of bytes: ``512M``, ``4G``, ``100000``."""

    name = "size"

    def __init__(self, least: int = 16 * 2**20) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return parse_size(str(value), self.least)
        except ValueError as error:
            self.fail(str(error), param, ctx)


_SECONDS = click.FloatRange(min=1)
_LIMITS = (
    click.option(
        "--time",
        "--cell-time",
        "cell_time",
        type=_SECONDS,
        show_default="120",
        metavar="SECONDS",
        help="Limit for one cell.",
    ),
    click.option(
        "--total-time",
        type=_SECONDS,
        show_default="900",
        metavar="SECONDS",
        help="Limit for all cells together.",
    ),
    click.option(
        "--memory",
        type=Size(),
        show_default="4G",
        metavar="SIZE",
        help="Limit for all processes of the submission together.",
    ),
    click.option(
        "--processes",
        type=click.IntRange(min=8),
        show_default="128",
        help="How many processes it may have at a time.",
    ),
    click.option(
        "--disk",
        type=Size(),
        show_default="512M",
        metavar="SIZE",
        help="Room in its work directory.",
    ),
    click.option(
        "--output",
        type=Size(least=10_000),
        show_default="20M",
        metavar="SIZE",
        help="What one cell may print before it is stopped; the report keeps the first 200,000 characters.",
    ),
)
_NAMES = ("cell_time", "total_time", "memory", "processes", "disk", "output")


def limit_options(command: Command) -> Command:
    """The limits of one submission, as one argument ``given``: those of ``grader.assignment.Limits`` that were
    given on the command line, by name. They go before what an assignment file says."""

    @functools.wraps(command)
    def with_limits(**options: Any) -> Any:
        given = {name: options.pop(name) for name in _NAMES}
        return command(given={name: value for name, value in given.items() if value is not None}, **options)

    wrapped: Any = with_limits
    for option in reversed(_LIMITS):
        wrapped = option(wrapped)
    return wrapped


kernel_option = click.option(
    "--kernel",
    type=click.Choice(["warm", "cold"]),
    default=None,
    help="Fork the kernel from a warm process (the default on Linux), or start a fresh one.",
)
data_option = click.option(
    "--data",
    "size",
    type=click.Choice(["small", "full"]),
    default=None,
    show_default="small",
    help="What torchvision.datasets loads: the embedded sets, or the real ones (`grade data install`).",
)
