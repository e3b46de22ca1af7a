"""What a submission is told that reaches for the network: at once, and with what to do instead.

The walls refuse the sockets; by themselves they would answer "address family not supported".
"""

from __future__ import annotations

import os
import re
import socket
from typing import Any, NoReturn

ADVICE = (
    "There is no network while a notebook is graded. Use the packages that are installed and the data sets "
    "that come with the course; hand in any other file together with the notebook."
)
DOWNLOADS = re.compile(r"\b(pip3?|conda|mamba|uv|curl|wget|git|apt(-get)?|huggingface-cli)\b")


def explain() -> None:
    """Give every look-up of a host name that answer, and keep pip from trying five times."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise socket.gaierror(socket.EAI_FAIL, ADVICE)

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, refuse)
    os.environ["PIP_NO_INDEX"] = os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"


def advice_on_error(error: BaseException | None) -> str:
    """The same, where a library has put an error of ours into words of its own that do not help; else ""."""
    told, seen = str(error), set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if any(ADVICE in str(part) for part in (error, *error.args)):
            return "" if ADVICE in told else ADVICE
        error = error.__cause__ or error.__context__
    return ""


def advice_on(command: str) -> str:
    """What to tell about a shell command that failed; "" if it wanted nothing of the network."""
    return ADVICE if DOWNLOADS.search(command) else ""
