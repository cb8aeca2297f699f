"""The tables of all rooms of channels, for Django's register of models."""

from auftakt.channels.mail.models import Mail, MailAttachment, MailAttempt
from auftakt.channels.webhooks.models import Webhook, WebhookCall, WebhookDelivery

__all__ = ["Mail", "MailAttachment", "MailAttempt", "Webhook", "WebhookCall", "WebhookDelivery"]
