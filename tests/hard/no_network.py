"""Becomes sitecustomize.py where no network namespace can be made: blocks far connections."""

import socket

NEAR = {"localhost", "127.0.0.1", "::1", ""}


def _near(host: object) -> bool:
    return host is None or (host.decode() if isinstance(host, bytes) else str(host)) in NEAR


class _Socket(socket.socket):
    def connect(self, address):  # type: ignore[no-untyped-def]
        self._refuse(address)
        return super().connect(address)

    def connect_ex(self, address):  # type: ignore[no-untyped-def]
        self._refuse(address)
        return super().connect_ex(address)

    def _refuse(self, address: object) -> None:
        if isinstance(address, tuple) and not _near(address[0]):
            raise OSError(101, "Network is unreachable (cut off for this run)")


def _look_up(host, *arguments, **keywords):  # type: ignore[no-untyped-def]
    if not _near(host):
        raise socket.gaierror(-3, "Name resolution is cut off for this run")
    return _found(host, *arguments, **keywords)


_found, socket.getaddrinfo = socket.getaddrinfo, _look_up
socket.socket = _Socket  # type: ignore[misc]
