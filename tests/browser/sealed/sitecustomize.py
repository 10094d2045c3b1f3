"""Put on PYTHONPATH: a process that may reach this machine only; every other attempt is told.

Each attempt is a line in the file that HALLSCORE_SEALED names, and fails as without a network.
"""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

HERE = {None, "", "localhost", b"", b"localhost"}


def is_here(host: Any) -> bool:
    """Whether a host is this machine: by name, loopback, or any address to listen on."""
    if host in HERE:
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(what: str, host: Any) -> None:
    """Tell an attempt to reach another machine, and fail it."""
    if is_here(host):
        return
    with Path(os.environ["HALLSCORE_SEALED"]).open("a", encoding="utf-8") as told:
        told.write(f"{what} {host!r}\n")
    raise OSError(f"sealed: {what} {host!r}")


class Sealed(socket.socket):
    """A socket that connects and sends to this machine only."""

    def connect(self, address: Any) -> None:
        if isinstance(address, tuple):
            refuse("connect", address[0])
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        if isinstance(address, tuple):
            refuse("connect", address[0])
        return super().connect_ex(address)

    def sendto(self, *given: Any) -> int:
        if isinstance(given[-1], tuple):
            refuse("sendto", given[-1][0])
        return super().sendto(*given)


look_up = socket.getaddrinfo


def getaddrinfo(host: Any, *more: Any, **named: Any) -> Any:
    """Look up this machine only."""
    refuse("look up", host)
    return look_up(host, *more, **named)


if "HALLSCORE_SEALED" in os.environ:
    socket.socket = Sealed  # type: ignore[misc]
    socket.getaddrinfo = getaddrinfo
