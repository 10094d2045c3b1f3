"""Both servers once per session, and a fresh database with its source for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.servers import Mariadb, Postgres, Server
from tests.servers.source import Source, new_source

SERVERS = {"postgresql": Postgres, "mariadb": Mariadb}


def running(kind: str) -> Iterator[Server]:
    one = SERVERS[kind]()
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    yield from running("postgresql")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    yield from running("mariadb")


@pytest.fixture(params=SERVERS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """A source on each of the servers in turn."""
    one = new_source(request.getfixturevalue(request.param), tmp_path)
    yield one
    one.close()


@pytest.fixture
def on_postgres(postgresql: Server, tmp_path: Path) -> Iterator[Source]:
    one = new_source(postgresql, tmp_path)
    yield one
    one.close()


@pytest.fixture
def on_mariadb(mariadb: Server, tmp_path: Path) -> Iterator[Source]:
    one = new_source(mariadb, tmp_path)
    yield one
    one.close()
