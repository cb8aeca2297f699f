"""The thread in which a worker process works jobs off, beside whatever else it does."""

import asyncio
import threading
from uuid import UUID

import structlog
from django.db import connection
from procrastinate.contrib.django import app

from auftakt.platform.jobs import queue, working

log = structlog.get_logger()


@app.task(name=queue.TASK, queue=queue.QUEUE)
def _work(job_id: str) -> None:
    """A message of the queue: work at the job for a while; if there is more to do, it queues up behind the others."""
    try:
        if working.work_off(UUID(job_id)):
            queue.send([UUID(job_id)])
    finally:
        connection.close()


async def _serve(*, wait: bool) -> None:
    working_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with working_app.open_async():
        await working_app.run_worker_async(
            queues=[queue.QUEUE], wait=wait, install_signal_handlers=False, delete_jobs="always"
        )


def work_once() -> None:
    """Work off what is in the queue, here and now, and return when it is empty."""
    working.stopping.clear()
    asyncio.run(_serve(wait=False))


class JobWorker:
    """Takes jobs from the queue in a thread of its own; one at a time, so that a machine stays good for other work.

    When the database goes away, it comes back with it. `stop` lets the present chunk end: the rest of the job is left
    to another worker.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        working.stopping.clear()
        self._thread.start()

    def stop(self, timeout: float = 12) -> None:
        """Take no more jobs; wait for the present chunk."""
        self._stop.set()
        working.stopping.set()
        if self._loop is not None and self._serving is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                asyncio.run(self._serve_until_told())
            except Exception as error:  # noqa: BLE001 (told in the log; the database may be away, and comes back)
                log.warning("the job queue does not answer; trying again", reason=str(error) or repr(error))
            if not self._stop.is_set():
                self._stop.wait(1)

    async def _serve_until_told(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._serving = asyncio.create_task(_serve(wait=True))
        if self._stop.is_set():
            self._serving.cancel()
        try:
            await self._serving
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
