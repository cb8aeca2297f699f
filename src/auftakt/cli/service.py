"""Running Auftakt: the web server, the worker, the demo."""

import ctypes
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Annotated

import structlog
import typer
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.channels import files, mail_sandbox, printing
from auftakt.channels import sandbox as payments
from auftakt.channels.mail.actions import MAIL_REMINDERS
from auftakt.channels.webhooks import actions as webhooks
from auftakt.cli.messages import Messenger, send_due
from auftakt.cli.session import actor, err, now, out, print_json, ready_database
from auftakt.cli.verify import checks
from auftakt.demo import company, flow
from auftakt.demo.starter import install_starter
from auftakt.insight import actions as insight
from auftakt.orchestration import actions as orchestration
from auftakt.orders import actions as orders
from auftakt.platform import jobs
from auftakt.platform.embedded import DatabaseError, EmbeddedServer, is_embedded
from auftakt.promising import actions as reserved
from auftakt.promising import queries as promising
from auftakt.supply import actions as supply
from auftakt.supply import queries as purchasing
from auftakt.supply.types import RunDraft

log = structlog.get_logger()
# The kinds of jobs that a worker can do; each is registered where it is defined.
KINDS = (
    orders.HOLD, orders.RELEASE, orders.CANCEL, orders.REPROMISE, files.CHECK, files.IMPORT, printing.PRINT,
    MAIL_REMINDERS, supply.REPLENISH,
)  # fmt: skip
_PR_SET_PDEATHSIG = 1

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port of the console and the API.")]


class Stopping:
    """Turns SIGTERM and SIGINT into a flag that loops look at."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


class Supervisor:
    """Keeps a few processes (and the embedded database) alive until told to stop; restarts what dies.

    Each process leads a group of its own. When it dies, what is left of its group is killed before it is started again,
    so that no orphan keeps the port. When the supervisor itself is killed, the processes are told to end.
    """

    def __init__(self, commands: dict[str, list[str]], environment: dict[str, str]) -> None:
        self.commands = commands
        self.environment = {**os.environ, **environment}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.not_before: dict[str, float] = {}

    def keep_alive(self, stopping: Stopping, every: Callable[[], None]) -> None:
        """Look after the processes twice a second; `every` is called each time."""
        while not stopping.asked:
            every()
            for name in self.commands:
                self._look_after(name)
            time.sleep(0.5)
        self.stop()

    def start(self) -> None:
        """Start the processes and return."""
        for name in self.commands:
            self._look_after(name)

    def stop(self) -> None:
        """End the processes; those that do not within 15 seconds are killed."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                _end_group(process)
                process.wait()

    def _look_after(self, name: str) -> None:
        process = self.running.get(name)
        if process is not None:
            if not _has_ended(process):
                return
            _end_group(process)
            process.wait()
            if time.monotonic() < self.not_before[name]:
                return
            log.warning("restarting", process=name, ended_with=process.returncode)
        self.running[name] = subprocess.Popen(
            self.commands[name],
            env=self.environment,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 (the supervisor has one thread)
        )
        self.not_before[name] = time.monotonic() + 2


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process has ended, leaving it to be waited for: until then nobody else can get its number."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Runs in a new process: on Linux it is told to end when the supervisor dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_PYTHON = [sys.executable, "-m"]
_LOOPBACK = "127.0.0.0/8,::1/128"
_POOL = {"AUFTAKT_DB_POOL": os.environ.get("AUFTAKT_DB_POOL", "10")}


def _web(host: str, port: int, workers: int) -> list[str]:
    web = ["granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)]
    web += ["--blocking-threads", "8", "--backlog", "1024", "--no-ws", "--log-level", "error"]
    web += ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10"]
    return [*_PYTHON, *web, "auftakt.project.wsgi:application"]


def serve(host: str, port: int, *, workers: int, sandbox: bool) -> None:
    """Run web server, orchestration worker and, if asked, the sandboxes for payments and mail, until stopped."""
    environment = dict(_POOL)
    commands = {"web": _web(host, port, workers), "worker": [*_PYTHON, "auftakt.cli.main", "work"]}
    if sandbox:
        commands["payment sandbox"] = [*_PYTHON, "auftakt.channels.sandbox"]
        environment["AUFTAKT_PAYMENT_SANDBOX"] = os.environ.get("AUFTAKT_PAYMENT_SANDBOX") or payments.free_url()
        environment["AUFTAKT_WEBHOOK_NETWORKS"] = os.environ.get("AUFTAKT_WEBHOOK_NETWORKS", _LOOPBACK)
        if not os.environ.get("AUFTAKT_MAIL_URL"):
            commands["mail sandbox"] = [*_PYTHON, "auftakt.channels.mail_sandbox"]
            environment["AUFTAKT_MAIL_URL"] = mail_sandbox.free_url()
    server = EmbeddedServer() if is_embedded() else None

    def look_after_database() -> None:
        if server is None:
            return
        try:
            server.start()
        except DatabaseError as error:
            log.warning("database is not back yet", reason=str(error))

    Supervisor(commands, environment).keep_alive(Stopping(), look_after_database)
    if server:
        server.stop()


def _get_ready() -> None:
    """Compile what the web server and the worker would each compile before they answer; later starts find it made."""
    with out.status("Getting the promising engine ready; the first time takes half a minute."):
        promising.warm_up()


def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Web processes; each keeps its own picture of supply.")] = 1,
    sandbox: Annotated[bool, typer.Option(help="Also run the sandboxes for payments and mail on loopback.")] = False,
) -> None:
    """Start everything: the database (unless DATABASE_URL names one), web server and worker. Ctrl-C stops it."""
    with ready_database():
        install_starter(actor=actor(), at=now())
        connection.close()
        _get_ready()
        out.print(f"Auftakt is at [bold]http://{host}:{port}/[/bold]  (Ctrl-C stops it)")
        serve(host, port, workers=workers, sandbox=sandbox)


def work(
    once: Annotated[bool, typer.Option(help="Work until nothing moves any more, then end.")] = False,
    batch: Annotated[int, typer.Option(help="Steps of a kind per transaction.")] = 500,
) -> None:
    """Move lines along their policies (release, invoice, collect, close), work off jobs, send mails.

    Run as many workers as you like.
    """
    with ready_database():
        if once:
            moved = orchestration.drain(actor="worker", at=now(), limit=batch)
            while billing.file_invoices(invoices.unfiled_invoices(200), actor="worker", at=now()).done:
                pass
            jobs.work_once()
            while send_due():
                pass
            _expire_reservations()
            _set_aside_expired()
            insight.refresh()
            out.print(f"{moved.tried:,} steps tried, {moved.closed:,} orders closed, {moved.failed:,} failed.")
            return
        promising.warm_up()
        gc.collect()
        gc.freeze()
        stopping = Stopping()
        hands, messenger = jobs.JobWorker(), Messenger()
        hands.start()
        messenger.start()
        errands = [
            Errand(10, _recover_jobs),
            Errand(10, _expire_reservations),
            Errand(30, _settle_doubts),
            Errand(60, _count_days),
            Errand(900, _set_aside_expired),
            Errand(3600, _once_an_hour),
        ]
        while not stopping.asked:
            try:
                for errand in errands:
                    errand.run_when_due()
                if not _work_a_little(batch):
                    time.sleep(0.3)
            except (OperationalError, InterfaceError) as error:
                log.warning("database does not answer; trying again", reason=str(error).splitlines()[0])
                connection.close()
                time.sleep(1)
        messenger.stop()
        hands.stop()


class Errand:
    """Something that a worker does every now and then."""

    def __init__(self, seconds: float, run: Callable[[], None]) -> None:
        self.seconds = seconds
        self.run = run
        self.due = 0.0

    def run_when_due(self) -> None:
        """Do it if it is time; when it fails, it is due again at once."""
        if time.monotonic() >= self.due:
            self.run()
            self.due = time.monotonic() + self.seconds


def _recover_jobs() -> None:
    jobs.recover(at=now())


def _expire_reservations() -> None:
    """Give back what reservations hold whose time is over."""
    while len(reserved.expire_reservations(limit=500, actor="worker", at=now()).done) == 500:
        pass


def _set_aside_expired() -> None:
    """Lots whose last day has passed can be promised no more."""
    orders.set_aside_expired(actor="worker", at=now())


def _count_days() -> None:
    insight.refresh()


def _once_an_hour() -> None:
    if settings.AUFTAKT_DUNNING == "automatic":
        billing.dun(now().date(), actor="worker", at=now())
    if settings.AUFTAKT_REPLENISHMENT == "daily":
        _replenish_once_a_day()
    jobs.forget_files(at=now())
    webhooks.forget(at=now())


def _replenish_once_a_day() -> None:
    """Begin a run over all policies, unless there was one today."""
    today = now().date()
    if not any(run.day == today and not run.site_code for run in purchasing.runs(limit=10)):
        supply.run_replenishment([RunDraft(today)], actor="worker", at=now())


def replenish(
    site: Annotated[str, typer.Option(help="Only for this site (its code).")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look at every replenishment policy now, and propose what is to be ordered."""
    with ready_database():
        outcome = supply.run_replenishment([RunDraft(now().date(), site)], actor=actor(), at=now())
        if outcome.refused:
            err.print(outcome.refused[0].message)
            sys.exit(1)
        (key,) = outcome.done
        jobs.run(purchasing.runs([key])[0].job_id)
        (run,) = purchasing.runs([key])
        told = {
            "number": run.number,
            "state": run.state,
            "looked": run.looked,
            "proposed": run.proposed,
            "without_source": run.sourceless,
            "released": run.released,
        }
        if as_json:
            print_json(told)
        else:
            out.print(
                f"{run.number}: {run.looked:,} policies looked at, {run.proposed:,} proposals, {run.released:,} of them"
                f" released, {run.sourceless:,} policies without a source."
            )
        if run.state != "done":
            sys.exit(1)


def _settle_doubts() -> None:
    """Ask payment providers what became of calls without an answer."""
    doubts = invoices.attempts_in_doubt(now(), 50)
    if doubts:
        billing.settle_in_doubt([each.id for each in doubts], actor="worker", at=now())


def _work_a_little(batch: int) -> bool:
    read = orchestration.take_up(actor="worker", at=now())
    moved = orchestration.advance(actor="worker", at=now(), limit=batch)
    unfiled = invoices.unfiled_invoices(20)
    if unfiled:
        billing.file_invoices(unfiled, actor="worker", at=now())
    letters = invoices.unfiled_reminders(20)
    if letters:
        billing.file_reminders(letters, actor="worker", at=now())
    return bool(read or moved.tried or unfiled or letters)


def migrate() -> None:
    """Bring the tables of the database up to date."""
    with ready_database(migrate=True) as version:
        out.print(f"The database (PostgreSQL {version}) is up to date.")


def demo(
    orders: Annotated[int, typer.Option(help="How many orders of the past year to generate.", min=1)] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same company and orders.")] = 1,
    headless: Annotated[bool, typer.Option(help="Generate, verify, and end without serving.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object (with --headless).")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Build the demo company, a distributor of bicycles and parts, and serve it.

    On a database that has the demo company already, it is kept as it is and served.
    """
    with ready_database():
        began = time.monotonic()
        if headless:
            if company.exists():
                raise DatabaseError("This database holds the demo company already: use an empty AUFTAKT_HOME.")
            told = flow.build(orders=orders, seed=seed, at=now(), progress=None if as_json else err)
            _report(told, time.monotonic() - began, as_json)
            return
        _get_ready()
        out.print(f"\nAuftakt is at [bold]http://{host}:{port}/[/bold]  (Ctrl-C stops it)")
        for email, role in company.LOGINS:
            out.print(f"  log in as [bold]{email}[/bold]  password [bold]{company.PASSWORD}[/bold]  ({role})")
        if not company.exists():
            out.print(
                "You can look around while a year of orders is being played; the warehouse opens when it is done."
            )
            page = Supervisor({"web": _web(host, port, 1)}, _POOL)
            page.start()
            try:
                flow.build(orders=orders, seed=seed, at=now(), progress=err)
            finally:
                page.stop()
        connection.close()
        serve(host, port, workers=1, sandbox=True)


def _report(told: flow.Told, elapsed: float, as_json: bool) -> None:
    found = checks()
    wrong = sum(check.violations for check in found)
    summary = {
        **told.as_dict(),
        "elapsed_s": round(elapsed, 1),
        "verify": {"checked": sum(check.checked for check in found), "violations": wrong},
    }
    if as_json:
        print_json(summary)
    else:
        out.print(summary)
    if wrong:
        sys.exit(1)
