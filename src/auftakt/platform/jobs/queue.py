"""The queue: which job is to be worked next, by whom. It is Procrastinate's, in our own database.

A message says only "work at this job"; what is to be done and how far it is, the job itself knows. So a message too
many does no harm, and a lost one is sent again (`working.recover`).
"""

from collections.abc import Sequence
from uuid import UUID

from procrastinate.contrib.django import app

TASK = "auftakt.job"
QUEUE = "jobs"


def send(job_ids: Sequence[UUID]) -> None:
    """Leave a message for each job, in the caller's transaction: it is seen when that commits, or never."""
    if job_ids:
        app.configure_task(TASK, queue=QUEUE).batch_defer(*({"job_id": str(key)} for key in job_ids))
