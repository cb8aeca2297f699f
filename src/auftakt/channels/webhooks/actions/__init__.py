"""Verbs of webhooks: endpoints, what the worker does for them, and sending again."""

from auftakt.channels.webhooks.actions.deliver import deliver, forget, take_up
from auftakt.channels.webhooks.actions.endpoints import change, create, pause, resume, retire, rotate
from auftakt.channels.webhooks.actions.replay import ping, replay, replay_periods

__all__ = [
    "change",
    "create",
    "deliver",
    "forget",
    "pause",
    "ping",
    "replay",
    "replay_periods",
    "resume",
    "retire",
    "rotate",
    "take_up",
]
