"""A real installation for tests: its own home and embedded PostgreSQL, `auftakt up` as a process, loopback only."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Installation:
    """A home directory with everything that runs in it."""

    home: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of `auftakt`, to its end."""
        command = [sys.executable, "-m", "auftakt.cli.main", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr[-4000:] + done.stdout[-2000:]
        return done

    def script(self, module: str, *arguments: str) -> Any:
        """A module of the tests run inside the installation; what it prints last is JSON."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def verify(self) -> dict[str, Any]:
        done = self.run("verify", "--json", check=False)
        assert done.stdout, done.stderr[-4000:]
        return json.loads(done.stdout)

    def up(self, *arguments: str) -> None:
        """Start everything and wait until the web server answers."""
        command = [sys.executable, "-m", "auftakt.cli.main", "up", "--port", str(self.port), *arguments]
        log = (self.home / "up.log").open("ab")
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        self.wait()

    def wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.process is None or self.process.poll() is None, (self.home / "up.log").read_text()[-4000:]
            try:
                if httpx.get(f"{self.url}/api/v1/openapi.json", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError(f"no answer within {START_SECONDS} s: {(self.home / 'up.log').read_text()[-4000:]}")

    def processes(self, *words: str) -> list[psutil.Process]:
        """The running children whose command line holds all the words."""
        assert self.process is not None
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                line = " ".join(child.cmdline())
            except psutil.Error:
                continue
            if all(word in line for word in words):
                found.append(child)
        return found

    def kill(self, processes: Sequence[psutil.Process]) -> int:
        """kill -9."""
        for process in processes:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        return len(processes)

    def kill_database(self) -> None:
        """kill -9 for PostgreSQL itself."""
        pid = int((self.home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)

    def down(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill(psutil.Process(self.process.pid).children(recursive=True))
            self.process.kill()
        self.process = None


@contextmanager
def installation(**environment: str) -> Iterator[Installation]:
    """An installation in a fresh home, taken down and removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="auftakt-run-"))
    home.chmod(0o755)
    own = {**os.environ, "AUFTAKT_HOME": str(home), **environment}
    own.pop("DATABASE_URL", None)
    made = Installation(home, own)
    try:
        yield made
    finally:
        made.down()
        shutil.rmtree(home, ignore_errors=True)
