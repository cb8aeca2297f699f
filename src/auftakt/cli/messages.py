"""What the worker says to the outside world. A thread of its own, so that a slow listener keeps no order waiting."""

import threading

import structlog
from django.db import InterfaceError, OperationalError, connection

from auftakt.channels.mail import actions as mail
from auftakt.channels.webhooks import actions as webhooks
from auftakt.cli.session import now

log = structlog.get_logger()
_ACTOR = "worker"
_PAUSE, _PAUSE_AFTER_FAULT = 1.0, 5.0


def send_due() -> bool:
    """Send what is due, a little of each: mails, and webhooks. True when there was something to do."""
    lost = mail.doubt_lost(actor=_ACTOR, at=now())
    sent = mail.deliver(actor=_ACTOR, at=now())
    taken = webhooks.take_up(at=now())
    told = webhooks.deliver(actor=_ACTOR, at=now())
    return bool(lost.done or sent.done or taken or told.done)


class Messenger(threading.Thread):
    """Sends until told to stop. What fails is told and tried again; it never ends by itself."""

    def __init__(self) -> None:
        super().__init__(name="messenger", daemon=True)
        self._stopping = threading.Event()

    def run(self) -> None:
        """Send what is due, over and over."""
        while not self._stopping.is_set():
            pause = _PAUSE
            try:
                if send_due():
                    pause = 0.0
            except (OperationalError, InterfaceError) as error:
                log.warning("database does not answer; trying again", reason=str(error).splitlines()[0])
                connection.close()
            except Exception:
                log.exception("messages could not be sent; trying again")
                connection.close()
                pause = _PAUSE_AFTER_FAULT
            self._stopping.wait(pause)
        connection.close()

    def stop(self) -> None:
        """Let the call in progress end, for at most 40 seconds."""
        self._stopping.set()
        self.join(40)
