"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket in it, gone afterwards.

No service of the system is needed or touched. ``from tests.postgres import postgres_server`` in a ``conftest.py`` makes
the fixture known there; ``new_schema(server)`` gives a URL.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

USER = "grader"
_numbers = itertools.count()


@dataclass(frozen=True)
class Server:
    """A running server, and how to reach it."""

    folder: Path  # of its socket

    def url(self, schema: str = "public") -> str:
        return f"postgresql://{USER}@/postgres?host={self.folder}&port=5432&options=-csearch_path%3D{schema}"


def new_schema(server: Server) -> str:
    """The URL of an empty schema, which is to whoever opens it as a database of its own, and made in no time."""
    import psycopg

    name = f"test_{next(_numbers)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
    return server.url(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    programs = _programs()
    if programs is None:
        reason = "PostgreSQL is not installed: no initdb in PATH or in /usr/lib/postgresql/*/bin"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
    # Not pytest's own folder: the server's user could not get into it, and a socket's path has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="grade-pg-", dir="/tmp"))
    account = _unprivileged()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        yield from _serve(programs, folder, account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> Iterator[Server]:
    import psycopg

    who = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(folder)}
    data = folder / "data"
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, **who,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    log = folder / "log"
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "fsync": "off",
        "max_connections": 50,
    }
    options = itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in settings.items())
    with log.open("wb") as output:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *options],
            cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True, **who,
        )  # fmt: skip
    try:
        running = Server(folder)
        for _ in range(1200):
            try:
                psycopg.connect(running.url()).close()
                break
            except psycopg.OperationalError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.05)
        else:
            raise AssertionError(log.read_text())
        yield running
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing in it will be needed again
        server.wait(60)


def _programs() -> Path | None:
    """The folder of the newest server's programs."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(
            versions, key=lambda path: [int(part) for part in path.parent.name.split(".") if part.isdigit()]
        )
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as where we are root, whom PostgreSQL refuses; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {account.pw_name: account for account in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
